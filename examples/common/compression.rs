//! permessage-deflate as the command line has it, and the codec that comes of it.

use std::io;

use wscodec::compressors::negotiation::{Abilities, Agreement};
use wscodec::compressors::{Backend, CompressionPolicy, CompressorConfig};
use wscodec::{Decoder, Encoder, Role};

use super::arguments::Arguments;
use super::{BUFFER, limits};

pub(crate) const USAGE: &str = "\
--backend NAME              the DEFLATE backend; the first one compiled in by default
--level N                   its effort, 6 by default
--threshold BYTES           the shortest message that is compressed
--no-context-takeover       want no context takeover in either direction
--server-no-context-takeover, --client-no-context-takeover
                            the same for the messages of one
--server-max-window-bits N, --client-max-window-bits N
                            the largest window for the messages of one, 8 to 15
--short-messages            agree on windows that the backend can't keep to, and compress what fits into them
--no-compression            do without permessage-deflate";

#[derive(Debug)]
pub(crate) struct Compression {
    /// `None` to do without permessage-deflate.
    pub(crate) backend: Option<Backend>,
    level: u8,
    threshold: Option<usize>,
    pub(crate) server_no_context_takeover: bool,
    pub(crate) client_no_context_takeover: bool,
    pub(crate) server_max_window_bits: u8,
    pub(crate) client_max_window_bits: u8,
    short_messages: bool,
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            backend: Backend::available().next(),
            level: 6,
            threshold: None,
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: 15,
            short_messages: false,
        }
    }
}

impl Compression {
    /// Takes an argument if it is about compression.
    pub(crate) fn take<I: Iterator<Item = String>>(
        &mut self,
        argument: &str,
        arguments: &mut Arguments<I>,
    ) -> Result<bool, String> {
        match argument {
            "--backend" => self.backend = Some(backend(&arguments.value()?)?),
            "--level" => self.level = arguments.number()?,
            "--threshold" => self.threshold = Some(arguments.number()?),
            "--no-context-takeover" => {
                self.server_no_context_takeover = true;
                self.client_no_context_takeover = true;
            }
            "--server-no-context-takeover" => self.server_no_context_takeover = true,
            "--client-no-context-takeover" => self.client_no_context_takeover = true,
            "--server-max-window-bits" => self.server_max_window_bits = window(arguments.number()?)?,
            "--client-max-window-bits" => self.client_max_window_bits = window(arguments.number()?)?,
            "--short-messages" => self.short_messages = true,
            "--no-compression" => self.backend = None,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What the backend can do, for the negotiation.
    pub(crate) fn abilities(&self, backend: Backend) -> Abilities {
        Abilities {
            small_windows_for_short_messages: self.short_messages,
            ..Abilities::new(&backend.capabilities(), &backend.decompressor_capabilities())
        }
    }

    /// Both directions as they were agreed on.
    pub(crate) fn codec(&self, role: Role, agreement: Option<Agreement>) -> io::Result<(Decoder, Encoder)> {
        let policy = CompressionPolicy::default();
        let policy = self.threshold.map_or(policy, |threshold| policy.threshold(threshold));
        let decoder = Decoder::new(role, limits()).with_read_size(BUFFER);
        let encoder = Encoder::new(role).with_compression_policy(policy);
        let (Some(backend), Some(agreement)) = (self.backend, agreement) else {
            return Ok((decoder, encoder));
        };
        let (up, down) = (agreement.client_to_server(), agreement.server_to_client());
        let (incoming, outgoing) = match role {
            Role::Server => (up, down),
            Role::Client => (down, up),
        };
        let config = CompressorConfig::from(outgoing).level(self.level);
        Ok((
            decoder.with_decompressor(backend, incoming).map_err(io::Error::other)?,
            encoder.with_compressor(backend, config).map_err(io::Error::other)?,
        ))
    }
}

fn backend(name: &str) -> Result<Backend, String> {
    Backend::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Backend::available().map(Backend::name).collect();
        format!("no backend {name}; compiled in: {}", names.join(", "))
    })
}

fn window(bits: u8) -> Result<u8, String> {
    if (8..=15).contains(&bits) { Ok(bits) } else { Err(format!("a window has 8 to 15 bits, not {bits}")) }
}
