//! The compression of one direction of a connection.

use arbitrary::Arbitrary;
use wscodec_compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig,
};

#[derive(Arbitrary, Clone, Debug)]
pub struct Way {
    backends: [u8; 2],
    takeover: bool,
    window_bits: u8,
    level: u8,
    threshold: u8,
    skip_random: bool,
}

/// What both ends of it can do.
pub struct Agreed {
    pub from: Backend,
    pub to: Backend,
    pub config: CompressorConfig,
    pub expects: DecompressorConfig,
    pub policy: CompressionPolicy,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Wish {
    Auto,
    Compress,
    Plain,
}

impl Way {
    pub fn agreed(&self) -> Agreed {
        let [from, to] = self.backends.map(backend);
        let can = from.capabilities();
        let takeover = self.takeover && can.takeover && to.decompressor_capabilities().takeover;
        let mut window_bits = 8 + self.window_bits % 8;
        if takeover {
            window_bits = window_bits.max(*can.window_bits.start());
        }
        let level = self.level % (can.levels.end() + 1);
        Agreed {
            from,
            to,
            config: CompressorConfig::default().takeover(takeover).window_bits(window_bits).level(level),
            expects: DecompressorConfig::default().takeover(takeover).window_bits(window_bits),
            policy: CompressionPolicy::default()
                .threshold(self.threshold.into())
                .skip_random(self.skip_random),
        }
    }
}

/// Any of those that there are.
pub fn backend(index: u8) -> Backend {
    let all: Vec<Backend> = Backend::available().collect();
    all[usize::from(index) % all.len()]
}

impl From<Wish> for CompressionWish {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Auto => Self::Auto,
            Wish::Compress => Self::Compress,
            Wish::Plain => Self::Plain,
        }
    }
}
