//! zlib-rs and libdeflate called directly, as someone would who needs nothing else: what our layer costs is told against
//! these.
//!
//! They follow RFC 7692 section 7.2 as far as it takes to be understood, and do no more: no limits, no empty messages, no
//! final blocks. Room for the longest message is there before the first.

use zlib_rs::{DeflateFlush, InflateFlush};

use crate::workload::Contender;

/// What a sync flush ends with and the wire does not carry.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// The same, and an empty final block, without which libdeflate does not stop.
const FINAL_TAIL: [u8; 9] = [0, 0, 0xff, 0xff, 0x01, 0, 0, 0xff, 0xff];
/// Raw DEFLATE with the largest window.
const WINDOW_BITS: u8 = 15;

/// A compressing engine.
pub struct Deflater {
    engine: DeflateEngine,
    /// Written from its start by each call.
    room: Vec<u8>,
}

enum DeflateEngine {
    ZlibRs { engine: Box<zlib_rs::Deflate>, takeover: bool },
    Libdeflate(libdeflater::Compressor),
}

/// A decompressing engine.
pub struct Inflater {
    engine: InflateEngine,
    /// Written from its start by each call.
    room: Vec<u8>,
}

enum InflateEngine {
    ZlibRs { engine: Box<zlib_rs::Inflate>, takeover: bool },
    Libdeflate { engine: libdeflater::Decompressor, input: Vec<u8> },
}

impl Deflater {
    /// For messages of at most `longest` bytes.
    pub fn zlib_rs(level: u8, takeover: bool, longest: usize) -> (Contender, Self) {
        let engine = Box::new(zlib_rs::Deflate::new(i32::from(level), false, WINDOW_BITS));
        let path =
            "the engine's own interface: a sync flush, its tail cut off; a reset a message without takeover";
        let engine = DeflateEngine::ZlibRs { engine, takeover };
        (contender(&format!("zlib-rs {level}"), "zlib-rs", path), Self { engine, room: room(longest) })
    }

    /// For messages of at most `longest` bytes. What it writes ends in a final block, so nobody may send it; to make it
    /// right takes a look into the stream.
    pub fn libdeflate(level: u8, longest: usize) -> Option<(Contender, Self)> {
        let level_of_its_own = libdeflater::CompressionLvl::new(i32::from(level)).ok()?;
        let path =
            "libdeflater: not a valid payload, since it ends in a final block (RFC 7692 section 7.2.1)";
        let engine = DeflateEngine::Libdeflate(libdeflater::Compressor::new(level_of_its_own));
        Some((
            contender(&format!("libdeflate {level}"), "libdeflate", path),
            Self { engine, room: room(longest) },
        ))
    }

    /// The payload of a message.
    #[inline]
    pub fn compress(&mut self, message: &[u8]) -> Result<&[u8], String> {
        let written = match &mut self.engine {
            DeflateEngine::ZlibRs { engine, takeover } => {
                let before = engine.total_out();
                engine
                    .compress(message, &mut self.room, DeflateFlush::SyncFlush)
                    .map_err(zlib_rs::DeflateError::as_str)?;
                let written = (engine.total_out() - before) as usize - TAIL.len();
                if !*takeover {
                    engine.reset();
                }
                written
            }
            DeflateEngine::Libdeflate(engine) => {
                engine.deflate_compress(message, &mut self.room).map_err(|error| error.to_string())?
            }
        };
        Ok(&self.room[..written])
    }

    /// Whether its payloads end in a final block.
    pub fn is_final(&self) -> bool {
        matches!(self.engine, DeflateEngine::Libdeflate(_))
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        if let DeflateEngine::ZlibRs { engine, .. } = &mut self.engine {
            engine.reset();
        }
    }
}

impl Inflater {
    /// For messages of at most `longest` bytes.
    pub fn zlib_rs(takeover: bool, longest: usize) -> (Contender, Self) {
        let engine = Box::new(zlib_rs::Inflate::new(false, WINDOW_BITS));
        let path =
            "the engine's own interface: the payload, then the tail; a reset a message without takeover";
        let engine = InflateEngine::ZlibRs { engine, takeover };
        (contender("zlib-rs", "zlib-rs", path), Self { engine, room: room(longest) })
    }

    /// For messages of at most `longest` bytes.
    pub fn libdeflate(longest: usize) -> (Contender, Self) {
        let engine = libdeflater::Decompressor::new();
        let path = "libdeflater: the payload copied in front of the tail and a final block; without a look at where it ends";
        let engine = InflateEngine::Libdeflate { engine, input: Vec::new() };
        (contender("libdeflate", "libdeflate", path), Self { engine, room: room(longest) })
    }

    /// The message of a payload.
    #[inline]
    pub fn inflate(&mut self, payload: &[u8]) -> Result<&[u8], String> {
        let written = match &mut self.engine {
            InflateEngine::ZlibRs { engine, takeover } => {
                let before = engine.total_out();
                let mut written = 0;
                for input in [payload, &TAIL] {
                    engine
                        .decompress(input, &mut self.room[written..], InflateFlush::SyncFlush)
                        .map_err(zlib_rs::InflateError::as_str)?;
                    written = (engine.total_out() - before) as usize;
                }
                if !*takeover {
                    engine.reset(false);
                }
                written
            }
            InflateEngine::Libdeflate { engine, input } => {
                input.clear();
                input.extend_from_slice(payload);
                input.extend_from_slice(&FINAL_TAIL);
                engine.deflate_decompress(input, &mut self.room).map_err(|error| error.to_string())?
            }
        };
        Ok(&self.room[..written])
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        if let InflateEngine::ZlibRs { engine, .. } = &mut self.engine {
            engine.reset(false);
        }
    }
}

/// More than any payload or message of this length takes.
fn room(longest: usize) -> Vec<u8> {
    vec![0; longest + longest / 8 + 64]
}

fn contender(name: &str, engine: &str, path: &'static str) -> Contender {
    let mut contender = Contender::plain(format!("{name} (bare)"), path);
    contender.engine = engine.to_owned();
    contender
}
