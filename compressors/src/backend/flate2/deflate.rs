use flate2::{Compress, Compression, FlushCompress};

use crate::stream::{DeflateEngine, Progress};

#[derive(Debug)]
pub(super) struct DeflateState {
    inner: Compress,
}

impl DeflateState {
    pub(super) fn new(level: u8) -> Self {
        Self { inner: Compress::new(Compression::new(u32::from(level)), false) }
    }
}

impl DeflateEngine for DeflateState {
    #[expect(clippy::cast_possible_truncation, reason = "no call moves more than a slice holds")]
    fn deflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        let (total_in, total_out) = (self.inner.total_in(), self.inner.total_out());
        self.inner.compress(input, output, FlushCompress::Sync).map_err(|_| "flate2 refuses to compress")?;
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
