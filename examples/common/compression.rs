//! permessage-deflate as the command line has it.

use wscodec::Limits;
use wscodec::blocking::Settings;
use wscodec::compressors::negotiation::Abilities;
use wscodec::compressors::{Backend, CompressionPolicy};

use super::BUFFER;
use super::arguments::Arguments;

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

    /// What the connection is set up with, for peers that nobody knows.
    pub(crate) fn settings(&self) -> Settings {
        let policy = CompressionPolicy::default();
        let policy = self.threshold.map_or(policy, |threshold| policy.threshold(threshold));
        Settings::new()
            .limits(Limits::new().with_message(16 << 20))
            .backend(self.backend)
            .level(self.level)
            .compression_policy(policy)
            .configure(|connection| connection.with_read_size(BUFFER))
    }

    /// What the backend can do, for the negotiation.
    pub(crate) fn abilities(&self, backend: Backend) -> Abilities {
        Abilities {
            small_windows_for_short_messages: self.short_messages,
            ..Abilities::new(&backend.capabilities(), &backend.decompressor_capabilities())
        }
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
