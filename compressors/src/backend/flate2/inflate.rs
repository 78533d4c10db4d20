use flate2::{Decompress, FlushDecompress, Status};

use super::engine::{Engine, checks_distances};
use crate::payload::{EMPTY_BLOCK, FINAL_TAIL, MAX_WINDOW, TAIL, push_stored_block};
use crate::stream::{InflateEngine, Progress};

#[derive(Debug)]
pub(super) struct InflateState {
    inner: Decompress,
    engine: Engine,
    /// Whether `take_tail` will be asked, and has to know about the silence before it.
    takeover: bool,
    /// Bytes of input, at most, since the one that gave the last output.
    silent: usize,
}

impl InflateState {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        let wraps = self.inner.total_out() / RING;
        let mut done = step(&mut self.inner, input, output, FlushDecompress::None)?;
        self.silent = if done.produced > 0 { done.consumed } else { self.silent + done.consumed };
        // miniz_oxide may stop with bits of its input unread where its ring wraps.
        while self.engine == Engine::MinizOxide
            && self.inner.total_out() / RING > wraps
            && !done.ended
            && done.consumed == input.len()
            && done.produced < output.len()
        {
            let more = step(&mut self.inner, &[], &mut output[done.produced..], FlushDecompress::None)?;
            done.produced += more.produced;
            done.ended = more.ended;
            if more.produced == 0 {
                break;
            }
        }
        Ok(done)
    }
}

impl InflateEngine for InflateState {
    fn new(takeover: bool) -> Self {
        Self { inner: Decompress::new(false), engine: Engine::running(), takeover, silent: 0 }
    }

    fn memory() -> usize {
        Engine::running().decompressor_memory()
    }

    fn checks_distances() -> bool {
        checks_distances()
    }

    /// With takeover, feeds the last bytes by themselves, to know afterwards whether they held any output.
    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, &'static str> {
        if !self.takeover || input.len() <= LAST {
            return self.step(input, output);
        }
        let (most, last) = input.split_at(input.len() - LAST);
        let first = self.step(most, output)?;
        if first.ended || first.consumed < most.len() || first.produced == output.len() {
            return Ok(first);
        }
        let second = self.step(last, &mut output[first.produced..])?;
        Ok(Progress {
            consumed: first.consumed + second.consumed,
            produced: first.produced + second.produced,
            ended: second.ended,
        })
    }

    fn produced(&self) -> u64 {
        self.inner.total_out()
    }

    /// flate2 has no way to stop at a block's end, so more empty blocks have to go through without any output. An engine
    /// within a block would take some of these bytes for codes or for stored data and write what they stand for.
    ///
    /// Only within the header of a dynamic block does it stay silent for longer. If it has been for a while, as many
    /// empty blocks as the longest header has bytes make it speak. If not, the header has only just begun, and the rest
    /// of it does not go on for more than a few blocks before it is seen to make no codes; that a payload made for it
    /// would, and pass for whole, is all that this leaves open.
    fn take_tail(&mut self) -> bool {
        let probe = if self.silent <= LAST { &PROBE[..SHORT_PROBE] } else { &PROBE };
        self.step(probe, &mut [0]).is_ok_and(|step| {
            let whole = if step.ended { TAIL.len() } else { probe.len() };
            step.consumed == whole && step.produced == 0
        })
    }

    /// Inflates it all again in one call, where miniz_oxide does check the distances: told on a fresh state that this is
    /// the end, it writes straight into the output.
    fn verify(history: &[u8], payload: &[u8], message: &[u8]) -> bool {
        let (mut used, mut done) = (0, 0);
        while used < payload.len() {
            let mut window = history.to_vec();
            window.extend_from_slice(&message[..done]);
            let window = &window[window.len().saturating_sub(MAX_WINDOW)..];

            let mut input = Vec::new();
            push_stored_block(&[window], &mut input);
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

/// The length of the ring that miniz_oxide inflates into, in bytes.
const RING: u64 = MAX_WINDOW as u64;

/// As many bytes as the last symbol, the end of its block and the header of the empty block behind it share.
const LAST: usize = 4;

/// The tail and eight empty blocks, which take miniz_oxide some 60 ns.
const SHORT_PROBE: usize = TAIL.len() + 8 * EMPTY_BLOCK.len();

/// The tail, and more empty blocks than the header of a dynamic block can take in: it has at most 3 + 14 + 57 bits, and
/// 14 for each of 320 codeword lengths.
const PROBE: [u8; TAIL.len() + 115 * EMPTY_BLOCK.len()] = {
    let mut probe = [0; TAIL.len() + 115 * EMPTY_BLOCK.len()];
    let mut i = 0;
    while i < probe.len() {
        // The tail is an empty block but for its first byte.
        probe[i] = EMPTY_BLOCK[(i + 1) % EMPTY_BLOCK.len()];
        i += 1;
    }
    probe
};

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
