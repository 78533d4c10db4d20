//! sockudo-ws' DEFLATE codec, which is public by itself, and its compressed connections.

mod echo;

use std::error::Error;

use rival_protocol::{Codec, Setup, serve};
use sockudo_ws::deflate::{DEFAULT_WINDOW_BITS, DeflateDecoder, DeflateEncoder};
use wscodec_compressors::{Backend, CompressorConfig};

fn main() -> std::io::Result<()> {
    serve::<Sockudo>(echo::converse)
}

/// The engine that it compresses on.
fn below_flate2() -> String {
    let below_flate2 = Backend::Flate2.compressor(CompressorConfig::default());
    below_flate2.map_or("unknown", |compressor| compressor.engine()).to_owned()
}

enum Sockudo {
    Encoder(DeflateEncoder),
    Decoder(DeflateDecoder),
}

/// No message is longer.
const LIMIT: usize = 1 << 30;

impl Codec for Sockudo {
    fn new(setup: Setup) -> Result<Self, Box<dyn Error>> {
        Ok(if setup.compresses {
            let level = setup.level.into();
            Self::Encoder(DeflateEncoder::new(DEFAULT_WINDOW_BITS, !setup.takeover, level, 0))
        } else {
            Self::Decoder(DeflateDecoder::new(DEFAULT_WINDOW_BITS, !setup.takeover))
        })
    }

    fn engine(&self) -> String {
        match self {
            Self::Encoder(_) => below_flate2(),
            // By its C interface, libz-rs-sys.
            Self::Decoder(_) => "zlib-rs".to_owned(),
        }
    }

    fn reset(&mut self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Encoder(encoder) => encoder.reset(),
            Self::Decoder(decoder) => decoder.reset(),
        }
        Ok(())
    }

    fn run<T>(
        &mut self,
        input: &'static [u8],
        hand_out: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Box<dyn Error>> {
        match self {
            Self::Encoder(encoder) => {
                // It gives nothing where a payload came out longer than its message, which is then sent plain.
                let payload = encoder.compress(input)?;
                Ok(hand_out(payload.as_deref().unwrap_or(input)))
            }
            Self::Decoder(decoder) => Ok(hand_out(&decoder.decompress(input, LIMIT)?)),
        }
    }
}
