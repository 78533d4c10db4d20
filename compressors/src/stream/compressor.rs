use crate::CompressError;
use crate::payload::{EMPTY_BLOCK_HEADER, TAIL};
use crate::traits::fixed_codes_bound;

use super::DeflateEngine;

/// One direction of a connection on a streaming engine: the payload rules around its sync flush.
#[derive(Debug)]
pub(crate) struct StreamCompressor<E> {
    engine: E,
    takeover: bool,
    /// Whether the engine has a history to forget. Forgetting costs microseconds, so it waits for the next message.
    used: bool,
    out_of_step: bool,
}

impl<E: DeflateEngine> StreamCompressor<E> {
    pub(crate) fn new(engine: E, takeover: bool) -> Self {
        Self { engine, takeover, used: false, out_of_step: false }
    }

    pub(crate) fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if self.out_of_step {
            return Err(CompressError::OutOfStep);
        }
        if message.is_empty() {
            // Not by the engine: a second flush with nothing between writes nothing, and there is no tail to cut.
            out.push(EMPTY_BLOCK_HEADER);
            return Ok(());
        }
        if !self.takeover {
            self.forget();
        }
        self.used = true;

        let start = out.len();
        let flushed = self.flush(message, out);
        if flushed.is_err() {
            out.truncate(start);
            self.out_of_step = self.takeover;
        }
        flushed
    }

    pub(crate) fn reset(&mut self) {
        self.forget();
        self.out_of_step = false;
    }

    fn forget(&mut self) {
        if self.used {
            self.engine.reset();
            self.used = false;
        }
    }

    /// Compresses all of `message` and cuts the tail off.
    fn flush(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let mut input = message;
        // A flush that fills its buffer to the byte would have to be asked for again, and might then write its marker twice.
        let mut room = fixed_codes_bound(message.len()) + TAIL.len();
        loop {
            let filled = out.len();
            out.resize(filled + room, 0);
            let step = self.engine.deflate(input, &mut out[filled..]).map_err(CompressError::Engine)?;
            out.truncate(filled + step.produced);
            input = &input[step.consumed..];

            if input.is_empty() && step.produced < room {
                break;
            }
            if step.consumed == 0 && step.produced == 0 {
                return Err(CompressError::Engine("takes no input and gives no output"));
            }
            room = MORE;
        }
        if !out.ends_with(&TAIL) {
            return Err(CompressError::Engine("its flush does not end in the tail"));
        }
        out.truncate(out.len() - TAIL.len());
        Ok(())
    }
}

/// Room for what the flush didn't fit in, which happens to no engine known.
const MORE: usize = 4096;
