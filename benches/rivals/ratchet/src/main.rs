//! ratchet_deflate: an extension of ratchet's, negotiated through its public interface and used without a connection.

use std::error::Error;

use bytes::BytesMut;
use ratchet_deflate::{Compression, Deflate, DeflateConfig, DeflateExtProvider};
use ratchet_ext::{
    ExtensionDecoder, ExtensionEncoder, ExtensionProvider, FrameHeader, HeaderMap, HeaderValue, OpCode,
};
use rival_protocol::{Codec, Setup, converse_nowhere, serve};
use wscodec_compressors::{Backend, CompressorConfig};

fn main() -> std::io::Result<()> {
    serve::<Ratchet>(converse_nowhere)
}

struct Ratchet {
    setup: Setup,
    extension: Deflate,
    /// The message before and the payload after, or the other way round.
    buffer: BytesMut,
}

impl Codec for Ratchet {
    fn new(setup: Setup) -> Result<Self, Box<dyn Error>> {
        Ok(Self { setup, extension: extension(setup)?, buffer: BytesMut::new() })
    }

    fn engine(&self) -> String {
        let below_flate2 = Backend::Flate2.compressor(CompressorConfig::default());
        below_flate2.map_or("unknown", |compressor| compressor.engine()).to_owned()
    }

    /// There is no call for it: with takeover, a new one.
    fn reset(&mut self) -> Result<(), Box<dyn Error>> {
        if self.setup.takeover {
            self.extension = extension(self.setup)?;
        }
        Ok(())
    }

    fn run<T>(
        &mut self,
        input: &'static [u8],
        hand_out: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Box<dyn Error>> {
        let rsv1 = !self.setup.compresses;
        let mut header = FrameHeader { fin: true, rsv1, rsv2: false, rsv3: false, opcode: OpCode::Text };
        self.buffer.clear();
        self.buffer.extend_from_slice(input);
        if self.setup.compresses {
            self.extension.encode(&mut self.buffer, &mut header)?;
        } else {
            self.extension.decode(&mut self.buffer, &mut header)?;
        }
        Ok(hand_out(&self.buffer))
    }
}

/// As a server agrees on it with a client that asks for takeover or for none.
fn extension(setup: Setup) -> Result<Deflate, Box<dyn Error>> {
    let config = DeflateConfig {
        request_server_no_context_takeover: !setup.takeover,
        request_client_no_context_takeover: !setup.takeover,
        // A server that would accept it resets its compressor in any case.
        accept_no_context_takeover: !setup.takeover,
        compression_level: Compression::new(setup.level.into()),
        ..DeflateConfig::default()
    };
    let offer = if setup.takeover {
        "permessage-deflate"
    } else {
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    };
    let mut headers = HeaderMap::new();
    headers.insert("sec-websocket-extensions", HeaderValue::from_static(offer));
    let agreed = DeflateExtProvider::with_config(config).negotiate_server(&headers)?;
    Ok(agreed.ok_or("the offer was declined")?.0)
}
