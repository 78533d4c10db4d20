//! One direction of a connection, whoever's engine does it.

use std::hint::black_box;

use wscodec_compressors::{
    Backend, CompressionWish, Compressor, CompressorConfig, Decompressor, DecompressorConfig, Encoding,
    InflateLimits, MessageCompressor, MessageDecompressor,
};

use super::{bare, zlib};
use crate::workload::Contender;

/// The levels that are compared: every engine's default, and the least effort.
pub const LEVELS: &[u8] = &[6, 1];
/// Those of our faster backends, where a bar asks for the best of ours: of small messages, and of large ones, where high levels
/// are what it may take to be no worse.
pub const SMALL_LEVELS: &[u8] = &[6, 1, 2, 3, 4];
pub const LARGE_LEVELS: &[u8] = &[6, 1, 2, 4, 8, 9];

/// No message is longer.
const LIMIT: usize = 1 << 30;

/// From messages to payloads, and whose.
pub enum Deflater {
    Ours(Box<dyn Compressor>),
    Layer(Box<MessageCompressor>),
    Bare(bare::Deflater),
    Zlib(zlib::Deflater),
}

/// From payloads to messages, and whose.
pub enum Inflater {
    Ours(Box<dyn Decompressor>),
    Layer(Box<MessageDecompressor>),
    Bare(bare::Inflater),
    Zlib(zlib::Inflater),
}

impl Deflater {
    /// All that can do it, of the backends named; of all if none is.
    pub fn all(takeover: bool, backends: &[String], levels: &[u8]) -> Vec<(Contender, Self)> {
        let mut all = Vec::new();
        for backend in ours(backends) {
            let levels = if backend == Backend::Flate2 { LEVELS } else { levels };
            // A backend that can't do it is left out: libdeflate has no takeover.
            all.extend(levels.iter().filter_map(|&level| {
                Self::ours(backend, CompressorConfig::default().level(level).takeover(takeover))
            }));
        }
        if wanted(zlib::NAME, backends) {
            all.extend(LEVELS.iter().filter_map(|&level| Self::zlib(level, takeover)));
        }
        all
    }

    /// A backend of ours, if it can do it.
    pub fn ours(backend: Backend, config: CompressorConfig) -> Option<(Contender, Self)> {
        let compressor = backend.compressor(config).ok()?;
        let name = format!("{backend} {}", config.level);
        Some((Contender::ours(name, compressor.engine(), BACKEND), Self::Ours(compressor)))
    }

    /// A backend of ours below our layer for messages, if it can do it.
    pub fn layer(backend: Backend, config: CompressorConfig) -> Option<(Contender, Self)> {
        let compressor = MessageCompressor::new(backend, config).ok()?;
        let name = format!("{backend} {} (message)", config.level);
        Some((Contender::ours(name, compressor.engine(), LAYER), Self::Layer(Box::new(compressor))))
    }

    /// C zlib.
    pub fn zlib(level: u8, takeover: bool) -> Option<(Contender, Self)> {
        let deflater = zlib::Deflater::new(level, takeover).ok()?;
        Some((zlib_contender(format!("{} {level}", zlib::NAME)), Self::Zlib(deflater)))
    }

    /// Appends the payload of a message.
    #[inline]
    pub fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<Encoding, String> {
        match self {
            Self::Ours(compressor) => compressor.compress(message, out).map_err(|error| error.to_string())?,
            Self::Layer(layer) => {
                return layer.message(message, CompressionWish::Auto, out).map_err(|error| error.to_string());
            }
            Self::Bare(deflater) => out.extend_from_slice(deflater.compress(message)?),
            Self::Zlib(deflater) => deflater.compress(message, out)?,
        }
        Ok(Encoding::Deflate)
    }

    /// Compresses a message, and does nothing else that takes time.
    #[inline]
    pub fn run(&mut self, message: &[u8], out: &mut Vec<u8>) {
        out.clear();
        match self {
            // It has room of its own.
            Self::Bare(deflater) => _ = black_box(deflater.compress(message)),
            _ => _ = black_box((self.compress(message, out), &*out)),
        }
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        match self {
            Self::Ours(compressor) => compressor.reset(),
            // As the others do: to release it would be to allocate it again.
            Self::Layer(layer) => layer.forget(),
            Self::Bare(deflater) => deflater.reset(),
            Self::Zlib(deflater) => deflater.reset(),
        }
    }

    /// The bytes that the context holds, if it can tell.
    pub fn memory(&self) -> Option<usize> {
        match self {
            Self::Ours(compressor) => Some(compressor.memory()),
            Self::Layer(layer) => Some(layer.memory()),
            Self::Bare(_) => None,
            Self::Zlib(deflater) => Some(deflater.memory()),
        }
    }

    /// An inflater of another engine, for what this one wrote.
    pub fn judge(&self, takeover: bool) -> Result<Inflater, String> {
        match self {
            // Ours takes the final block that libdeflate writes, too.
            Self::Bare(deflater) if deflater.is_final() => Inflater::zlib_rs(takeover),
            Self::Zlib(_) => Inflater::zlib_rs(takeover),
            Self::Ours(_) | Self::Layer(_) | Self::Bare(_) => {
                Ok(Inflater::Zlib(zlib::Inflater::new(takeover)?))
            }
        }
    }
}

impl Inflater {
    /// All that can do it, of the backends named; of all if none is.
    pub fn all(takeover: bool, backends: &[String]) -> Vec<(Contender, Self)> {
        let config = DecompressorConfig::default().takeover(takeover);
        let mut all: Vec<_> = ours(backends).filter_map(|backend| Self::ours(backend, config)).collect();
        all.extend(Self::zlib(takeover).filter(|_| wanted(zlib::NAME, backends)));
        all
    }

    /// A backend of ours, if it can do it.
    pub fn ours(backend: Backend, config: DecompressorConfig) -> Option<(Contender, Self)> {
        let decompressor = backend.decompressor(config).ok()?;
        Some((Contender::ours(backend.name(), decompressor.engine(), BACKEND), Self::Ours(decompressor)))
    }

    /// A backend of ours below our layer for messages, if it can do it.
    pub fn layer(backend: Backend, config: DecompressorConfig) -> Option<(Contender, Self)> {
        let decompressor = MessageDecompressor::new(backend, config, InflateLimits::default()).ok()?;
        let contender = Contender::ours(format!("{backend} (message)"), decompressor.engine(), LAYER);
        Some((contender, Self::Layer(Box::new(decompressor))))
    }

    /// C zlib.
    pub fn zlib(takeover: bool) -> Option<(Contender, Self)> {
        let inflater = zlib::Inflater::new(takeover).ok()?;
        Some((zlib_contender(zlib::NAME.to_owned()), Self::Zlib(inflater)))
    }

    /// Ours on zlib-rs, as the judge of what another engine wrote.
    pub fn zlib_rs(takeover: bool) -> Result<Self, String> {
        let config = DecompressorConfig::default().takeover(takeover);
        Ok(Self::Ours(Backend::ZlibRs.decompressor(config).map_err(|error| error.to_string())?))
    }

    /// Appends the message of a payload.
    #[inline]
    pub fn inflate(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Self::Ours(decompressor) => {
                decompressor.decompress(payload, LIMIT, out).map_err(|error| error.to_string())
            }
            Self::Layer(layer) => layer.message(payload, out).map_err(|error| error.to_string()),
            Self::Bare(inflater) => {
                out.extend_from_slice(inflater.inflate(payload)?);
                Ok(())
            }
            Self::Zlib(inflater) => inflater.inflate(payload, out),
        }
    }

    /// Inflates a payload, and does nothing else that takes time.
    #[inline]
    pub fn run(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        out.clear();
        match self {
            Self::Bare(inflater) => _ = black_box(inflater.inflate(payload)),
            _ => _ = black_box((self.inflate(payload, out), &*out)),
        }
    }

    /// Forgets the messages so far; but for our layer, which can't and needn't: payloads that begin a stream refer to
    /// nothing before them.
    pub fn reset(&mut self) {
        match self {
            Self::Ours(decompressor) => decompressor.reset(),
            Self::Layer(_) => {}
            Self::Bare(inflater) => inflater.reset(),
            Self::Zlib(inflater) => inflater.reset(),
        }
    }

    /// The bytes that the context holds, if it can tell.
    pub fn memory(&self) -> Option<usize> {
        match self {
            Self::Ours(decompressor) => Some(decompressor.memory()),
            Self::Layer(layer) => Some(layer.memory()),
            Self::Bare(_) => None,
            Self::Zlib(inflater) => Some(inflater.memory()),
        }
    }
}

const BACKEND: &str = "our backend: payload rules, limits; appended to a Vec used again";
const LAYER: &str =
    "our layer for messages: also decides what is compressed, and shares contexts without takeover";

/// Our backends of these names, the default one first: it is what the others are compared with.
pub fn ours(backends: &[String]) -> impl Iterator<Item = Backend> {
    let others = Backend::available().filter(move |&backend| backend != Backend::ZlibRs);
    [Backend::ZlibRs].into_iter().chain(others).filter(|backend| wanted(backend.name(), backends))
}

pub fn wanted(name: &str, backends: &[String]) -> bool {
    backends.is_empty() || backends.iter().any(|backend| backend == name)
}

fn zlib_contender(name: String) -> Contender {
    let path =
        "plain C zlib, statically linked, called by itself; 15 window bits; appended to a Vec used again";
    let mut contender = Contender::plain(name, path);
    contender.engine = format!("zlib {}", zlib::version());
    contender.version = Some(zlib::version());
    contender
}
