use flate2::{Decompress, FlushDecompress, Status};

use super::engine::Engine;
use crate::payload::{EMPTY_BLOCK, FINAL_TAIL, MAX_WINDOW, TAIL, push_stored_block};
use crate::stream::{InflateEngine, Progress};

#[derive(Debug)]
pub(super) struct InflateState {
    inner: Decompress,
    engine: Engine,
}

impl InflateState {
    pub(super) fn new() -> Self {
        Self { inner: Decompress::new(false), engine: Engine::running() }
    }
}

impl InflateEngine for InflateState {
    fn checks_distances(&self) -> bool {
        self.engine != Engine::MinizOxide
    }

    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        let mut done = step(&mut self.inner, input, output, FlushDecompress::None)?;
        // miniz_oxide may stop with bits of its input unread where its ring of 32 KB wraps.
        while !done.ended && done.consumed == input.len() && (1..output.len()).contains(&done.produced) {
            let more = step(&mut self.inner, &[], &mut output[done.produced..], FlushDecompress::None)?;
            done.produced += more.produced;
            done.ended = more.ended;
            if more.produced == 0 {
                break;
            }
        }
        Ok(done)
    }

    /// flate2 has no way to stop at a block's end, so one more empty block has to go through without any output. An
    /// engine within a block would take some of these bytes for codes or for stored data and write what they stand
    /// for, unless it stands within the header of a dynamic block, which no bytes but very many can tell.
    fn take_tail(&mut self) -> bool {
        let mut probe = [0; TAIL.len() + EMPTY_BLOCK.len()];
        probe[..TAIL.len()].copy_from_slice(&TAIL);
        probe[TAIL.len()..].copy_from_slice(&EMPTY_BLOCK);
        self.inflate(&probe, &mut [0])
            .is_ok_and(|step| step.consumed == probe.len() && step.produced == 0 && !step.ended)
    }

    /// Inflates it all again in one call, where miniz_oxide does check the distances: told on a fresh state that this is
    /// the end, it writes straight into the output.
    fn verify(&self, history: &[u8], payload: &[u8], message: &[u8]) -> bool {
        let (mut used, mut done) = (0, 0);
        while used < payload.len() {
            let mut window = history.to_vec();
            window.extend_from_slice(&message[..done]);
            let window = &window[window.len().saturating_sub(MAX_WINDOW)..];

            let mut input = Vec::new();
            push_stored_block(window, &mut input);
            let prefix = input.len();
            input.extend_from_slice(&payload[used..]);
            input.extend_from_slice(&FINAL_TAIL);

            let mut output = vec![0; window.len() + message.len() - done];
            let mut fresh = Decompress::new(false);
            match step(&mut fresh, &input, &mut output, FlushDecompress::Finish) {
                Ok(step) if step.ended && step.consumed > prefix => {
                    used += step.consumed - prefix;
                    done += step.produced - window.len();
                }
                _ => return false,
            }
        }
        true
    }

    fn reset(&mut self) {
        self.inner.reset(false);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "no call moves more than a slice holds")]
fn step(
    inner: &mut Decompress,
    input: &[u8],
    output: &mut [u8],
    flush: FlushDecompress,
) -> Result<Progress, &'static str> {
    let (total_in, total_out) = (inner.total_in(), inner.total_out());
    let status = inner.decompress(input, output, flush).map_err(|_| "flate2 finds invalid DEFLATE data")?;
    Ok(Progress {
        consumed: (inner.total_in() - total_in) as usize,
        produced: (inner.total_out() - total_out) as usize,
        ended: status == Status::StreamEnd,
    })
}
