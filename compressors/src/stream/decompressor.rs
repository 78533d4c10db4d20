use crate::DecompressError;
use crate::payload::{
    EMPTY_BLOCK_HEADER, FINAL_TAIL, MAX_WINDOW, TAIL, most_final_blocks, push_stored_block, reason,
};
use crate::ratio::{MIN_ROOM, Ratio};

use super::history::History;
use super::{InflateEngine, Progress};

/// One direction of a connection on a streaming engine: the payload rules around its inflate.
#[derive(Debug)]
pub(crate) struct StreamDecompressor<E> {
    engine: E,
    takeover: bool,
    /// What the messages so far ended in; stays empty without takeover.
    history: History,
    state: State,
    ratio: Ratio,
}

/// What the engine's history is, before a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// None at all.
    Fresh,
    /// That of the messages so far.
    InStep,
    /// Nothing of use: the stream has ended, or what it holds isn't wanted.
    Stale,
    /// Lost with a message that failed, and wanted by the next.
    OutOfStep,
}

impl<E: InflateEngine> StreamDecompressor<E> {
    pub(crate) fn new(engine: E, takeover: bool) -> Self {
        Self { engine, takeover, history: History::default(), state: State::Fresh, ratio: Ratio::new() }
    }

    pub(crate) fn decompress(
        &mut self,
        payload: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let start = out.len();
        match self.message(payload, limit, out, start) {
            Ok(next) => {
                self.state = next;
                self.ratio.learn(payload.len(), out.len() - start);
                if self.takeover {
                    self.history.push(&out[start..]);
                }
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                self.state = if self.takeover { State::OutOfStep } else { State::Stale };
                Err(error)
            }
        }
    }

    pub(crate) fn reset(&mut self) {
        self.history.clear();
        if self.state != State::Fresh {
            self.state = State::Stale;
        }
    }

    /// The bytes that this holds beside the engine.
    pub(crate) fn memory(&self) -> usize {
        self.history.memory()
    }

    /// Inflates one message; the result is the state that it leaves the engine in.
    fn message(
        &mut self,
        payload: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<State, DecompressError> {
        match self.state {
            State::Fresh | State::InStep => {}
            State::Stale => self.restart(b"")?,
            State::OutOfStep => return Err(DecompressError::OutOfStep),
        }
        if payload.is_empty() {
            return Err(reason::EMPTY);
        }
        let next = if self.inflate(payload, limit, out, start)? { State::Stale } else { self.finish()? };
        self.verify(payload, &out[start..])?;
        Ok(next)
    }

    /// Appends what `payload` holds to `out`; true if it ended together with a block that has BFINAL=1.
    fn inflate(
        &mut self,
        payload: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<bool, DecompressError> {
        let mut input = payload;
        let mut room = self.ratio.room(payload.len());
        let mut final_blocks = 0;
        loop {
            room = room.min(limit - (out.len() - start));
            let step = self.step(input, room, limit, out)?;
            input = &input[step.consumed..];

            if step.ended {
                if input.is_empty() || input == [EMPTY_BLOCK_HEADER] {
                    return Ok(true);
                }
                final_blocks += 1;
                if final_blocks > most_final_blocks(payload.len()) {
                    return Err(reason::TOO_MANY_FINAL);
                }
                self.restart(&out[start..])?;
            } else if input.is_empty() && (step.produced < room || room == 0) {
                return Ok(false);
            } else if step.consumed == 0 && step.produced == 0 {
                return Err(DecompressError::Corrupt("the blocks lead nowhere"));
            }
            room = (out.len() - start).max(MIN_ROOM);
        }
    }

    /// One call of the engine, which appends at most `room` bytes to `out`.
    fn step(
        &mut self,
        input: &[u8],
        room: usize,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<Progress, DecompressError> {
        if room > 0 {
            let filled = out.len();
            out.resize(filled + room, 0);
            let step = self.engine.inflate(input, &mut out[filled..]).map_err(DecompressError::Corrupt)?;
            out.truncate(filled + step.produced);
            return Ok(step);
        }
        // One byte more would be one too many, but blocks that hold none may follow.
        let step = self.engine.inflate(input, &mut [0]).map_err(DecompressError::Corrupt)?;
        if step.produced > 0 { Err(DecompressError::TooLong { limit }) } else { Ok(step) }
    }

    /// Puts the tail back and makes sure that the payload was whole blocks.
    fn finish(&mut self) -> Result<State, DecompressError> {
        if self.takeover {
            return if self.engine.take_tail() { Ok(State::InStep) } else { Err(reason::TOO_SOON) };
        }
        // A last block with BFINAL=1 ends the stream before the final block has to.
        const ENDS: [usize; 2] = [TAIL.len(), FINAL_TAIL.len()];
        match self.engine.inflate(&FINAL_TAIL, &mut [0]) {
            Ok(Progress { ended: true, produced: 0, consumed }) if ENDS.contains(&consumed) => {
                Ok(State::Stale)
            }
            _ => Err(reason::TOO_SOON),
        }
    }

    /// Starts a new stream on the same window, which is the history and the part of a `message` after it.
    fn restart(&mut self, message: &[u8]) -> Result<(), DecompressError> {
        self.engine.reset();
        let window = self.history.followed_by(message);
        if window.is_empty() {
            return Ok(());
        }
        let mut block = Vec::with_capacity(window.len() + 5);
        push_stored_block(&window, &mut block);
        let mut echo = vec![0; window.len() + 1];
        let (mut input, mut produced) = (&block[..], 0);
        while !input.is_empty() {
            let step = self.engine.inflate(input, &mut echo[produced..]).map_err(DecompressError::Engine)?;
            if step.consumed == 0 && step.produced == 0 {
                return Err(DecompressError::Engine("does not take its history back"));
            }
            (input, produced) = (&input[step.consumed..], produced + step.produced);
        }
        Ok(())
    }

    /// Makes sure that no distance reached before the first byte, where the engine itself reads zeros there.
    ///
    /// Such a match begins with a zero within the first 32 KB of the context: without one there is nothing to check.
    fn verify(&self, payload: &[u8], message: &[u8]) -> Result<(), DecompressError> {
        if self.engine.checks_distances() {
            return Ok(());
        }
        let reachable = message.len().min(MAX_WINDOW - self.history.len());
        if !message[..reachable].contains(&0)
            || self.engine.verify(&self.history.followed_by(b""), payload, message)
        {
            return Ok(());
        }
        Err(DecompressError::Corrupt("a distance reaches before the first byte"))
    }
}
