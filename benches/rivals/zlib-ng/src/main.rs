//! zlib-ng, below our flate2 backend: the least that makes a payload of an engine which flate2 can be put on.

use std::error::Error;

// Only for its feature, which changes the engine below the backend.
use flate2 as _;
use rival_protocol::{Codec, Setup, converse_nowhere, serve};
use wscodec_compressors::{Backend, Compressor, CompressorConfig, Decompressor, DecompressorConfig};

fn main() -> std::io::Result<()> {
    serve::<ZlibNg>(converse_nowhere)
}

struct ZlibNg {
    engine: Engine,
    /// The payload or message, written from its start by each call.
    out: Vec<u8>,
}

enum Engine {
    Deflate(Box<dyn Compressor>),
    Inflate(Box<dyn Decompressor>),
}

impl Codec for ZlibNg {
    fn new(setup: Setup) -> Result<Self, Box<dyn Error>> {
        let engine = if setup.compresses {
            let config = CompressorConfig::default().takeover(setup.takeover).level(setup.level);
            Engine::Deflate(Backend::Flate2.compressor(config)?)
        } else {
            let config = DecompressorConfig::default().takeover(setup.takeover);
            Engine::Inflate(Backend::Flate2.decompressor(config)?)
        };
        Ok(Self { engine, out: Vec::new() })
    }

    fn engine(&self) -> String {
        match &self.engine {
            Engine::Deflate(engine) => engine.engine(),
            Engine::Inflate(engine) => engine.engine(),
        }
        .to_owned()
    }

    fn reset(&mut self) -> Result<(), Box<dyn Error>> {
        match &mut self.engine {
            Engine::Deflate(engine) => engine.reset(),
            Engine::Inflate(engine) => engine.reset(),
        }
        Ok(())
    }

    fn run<T>(
        &mut self,
        input: &'static [u8],
        hand_out: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Box<dyn Error>> {
        self.out.clear();
        match &mut self.engine {
            Engine::Deflate(engine) => engine.compress(input, &mut self.out)?,
            Engine::Inflate(engine) => engine.decompress(input, LIMIT, &mut self.out)?,
        }
        Ok(hand_out(&self.out))
    }
}

/// Bytes of a message, more than any here has.
const LIMIT: usize = 64 << 20;
