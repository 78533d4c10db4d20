use flate2::{Compress, Compression, FlushCompress};

use super::engine::Engine;
use crate::CompressorConfig;
use crate::stream::{DeflateEngine, Flush, Progress};

#[derive(Debug)]
pub(super) struct DeflateState {
    inner: Compress,
}

impl DeflateEngine for DeflateState {
    fn new(config: CompressorConfig) -> Self {
        Self { inner: Compress::new(Compression::new(config.level.into()), false) }
    }

    fn memory(&self, _config: CompressorConfig) -> usize {
        Engine::running().compressor_memory()
    }

    #[expect(clippy::cast_possible_truncation, reason = "no call moves more than a slice holds")]
    fn deflate(&mut self, input: &[u8], output: &mut [u8], flush: Flush) -> Result<Progress, &'static str> {
        let flush = match flush {
            Flush::No => FlushCompress::None,
            Flush::Sync => FlushCompress::Sync,
        };
        let (total_in, total_out) = (self.inner.total_in(), self.inner.total_out());
        self.inner.compress(input, output, flush).map_err(|_| "flate2 refuses to compress")?;
        Ok(Progress {
            consumed: (self.inner.total_in() - total_in) as usize,
            produced: (self.inner.total_out() - total_out) as usize,
            ended: false,
        })
    }

    fn reset(&mut self) {
        self.inner.reset();
    }
}
