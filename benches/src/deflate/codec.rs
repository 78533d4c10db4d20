//! One direction of a connection, whoever's engine does it.

use wscodec_compressors::{Backend, Compressor, CompressorConfig, Decompressor, DecompressorConfig};

use super::zlib;
use crate::workload::Contender;

/// The levels that are compared: every engine's default, and the least effort.
pub const LEVELS: [u8; 2] = [6, 1];

/// No message is longer.
const LIMIT: usize = 1 << 30;

/// From messages to payloads, and whose.
pub enum Deflater {
    Ours(Box<dyn Compressor>),
    Zlib(zlib::Deflater),
}

/// From payloads to messages, and whose.
pub enum Inflater {
    Ours(Box<dyn Decompressor>),
    Zlib(zlib::Inflater),
}

impl Deflater {
    /// All that can do it, at every level, of the backends named; of all if none is.
    pub fn all(takeover: bool, backends: &[String]) -> Vec<(Contender, Self)> {
        let mut all = Vec::new();
        for backend in ours(backends) {
            for level in LEVELS {
                let config = CompressorConfig::default().level(level).takeover(takeover);
                // A backend that can't do it is left out: libdeflate has no takeover.
                if let Ok(compressor) = backend.compressor(config) {
                    let name = format!("{backend} {level}");
                    all.push((Contender::ours(name, compressor.engine(), OURS), Self::Ours(compressor)));
                }
            }
        }
        for level in LEVELS.into_iter().filter(|_| wanted(zlib::NAME, backends)) {
            if let Ok(deflater) = zlib::Deflater::new(level, takeover) {
                all.push((zlib_contender(format!("{} {level}", zlib::NAME)), Self::Zlib(deflater)));
            }
        }
        all
    }

    /// Appends the payload of a message.
    #[inline]
    pub fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Self::Ours(compressor) => compressor.compress(message, out).map_err(|error| error.to_string()),
            Self::Zlib(deflater) => deflater.compress(message, out),
        }
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        match self {
            Self::Ours(compressor) => compressor.reset(),
            Self::Zlib(deflater) => deflater.reset(),
        }
    }

    /// The bytes that the context holds.
    pub fn memory(&self) -> usize {
        match self {
            Self::Ours(compressor) => compressor.memory(),
            Self::Zlib(deflater) => deflater.memory(),
        }
    }

    /// An inflater of another engine, for what this one wrote.
    pub fn judge(&self, takeover: bool) -> Result<Inflater, String> {
        match self {
            Self::Ours(_) => Ok(Inflater::Zlib(zlib::Inflater::new(takeover)?)),
            Self::Zlib(_) => {
                let backend = Backend::from_name("zlib-rs").ok_or("zlib-rs is not compiled in")?;
                let config = DecompressorConfig::default().takeover(takeover);
                Ok(Inflater::Ours(backend.decompressor(config).map_err(|error| error.to_string())?))
            }
        }
    }
}

impl Inflater {
    /// All that can do it, of the backends named; of all if none is.
    pub fn all(takeover: bool, backends: &[String]) -> Vec<(Contender, Self)> {
        let mut all = Vec::new();
        for backend in ours(backends) {
            let config = DecompressorConfig::default().takeover(takeover);
            if let Ok(decompressor) = backend.decompressor(config) {
                let contender = Contender::ours(backend.name(), decompressor.engine(), OURS);
                all.push((contender, Self::Ours(decompressor)));
            }
        }
        if wanted(zlib::NAME, backends)
            && let Ok(inflater) = zlib::Inflater::new(takeover)
        {
            all.push((zlib_contender(zlib::NAME.to_owned()), Self::Zlib(inflater)));
        }
        all
    }

    /// Appends the message of a payload.
    #[inline]
    pub fn inflate(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Self::Ours(decompressor) => {
                decompressor.decompress(payload, LIMIT, out).map_err(|error| error.to_string())
            }
            Self::Zlib(inflater) => inflater.inflate(payload, out),
        }
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        match self {
            Self::Ours(decompressor) => decompressor.reset(),
            Self::Zlib(inflater) => inflater.reset(),
        }
    }

    /// The bytes that the context holds.
    pub fn memory(&self) -> usize {
        match self {
            Self::Ours(decompressor) => decompressor.memory(),
            Self::Zlib(inflater) => inflater.memory(),
        }
    }
}

const OURS: &str = "through our layer: payload rules, limits; appended to a Vec used again";

/// Our backends of these names, the default one first: it is what the others are compared with.
fn ours(backends: &[String]) -> impl Iterator<Item = Backend> {
    let default = Backend::from_name("zlib-rs");
    let others = Backend::available().filter(move |backend| Some(*backend) != default);
    default.into_iter().chain(others).filter(|backend| wanted(backend.name(), backends))
}

fn wanted(name: &str, backends: &[String]) -> bool {
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
