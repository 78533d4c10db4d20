use crate::backend::History;
use crate::payload::{EMPTY_BLOCK_HEADER, FINAL_TAIL, MAX_WINDOW, MAX_WINDOW_BITS, TAIL, reason};
use crate::ratio::{MIN_ROOM, Ratio};
use crate::{DecompressError, DecompressorConfig};

use super::received::{Received, Rest};
use super::{InflateEngine, Progress};

/// One direction of a connection on a streaming engine: the payload rules around its inflate.
#[derive(Debug)]
pub(crate) struct StreamDecompressor<E> {
    takeover: bool,
    /// Made for the first payload, and again for the first after it was given back.
    engine: Option<E>,
    /// What the messages so far ended in, and what there is of one that is under way. Without takeover it is empty between
    /// messages.
    history: History,
    state: State,
    /// The message under way, if a fragment of it has come and not its last.
    message: Option<Received>,
    ratio: Ratio,
}

/// What the engine's history is, before a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// That of the messages so far.
    InStep,
    /// Nothing of use: the stream has ended, or what it holds isn't wanted.
    Stale,
    /// Lost with a message that failed, and wanted by the next.
    OutOfStep,
}

impl<E: InflateEngine> StreamDecompressor<E> {
    /// For a configuration that was checked.
    pub(crate) fn new(config: DecompressorConfig) -> Self {
        // To verify distances takes all of the history that the engine has.
        let window_bits = if E::checks_distances() { config.window_bits } else { MAX_WINDOW_BITS };
        Self {
            takeover: config.takeover,
            engine: None,
            history: History::new(window_bits),
            state: State::InStep,
            message: None,
            ratio: Ratio::new(),
        }
    }

    pub(crate) fn decompress(
        &mut self,
        payload: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        if self.message.is_some() {
            return Err(DecompressError::Engine(reason::UNDER_WAY));
        }
        self.decompress_fragment(payload, true, limit, out)
    }

    /// Only whole messages, if the engine doesn't check distances: [`verify`](Self::verify) needs all of one.
    pub(crate) fn decompress_fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        let start = out.len();
        match self.fragment(payload, last, limit, out, start) {
            Ok(()) => {
                self.ratio.learn(payload.len(), out.len() - start);
                if self.takeover || !last {
                    self.history.push(&out[start..]);
                } else {
                    self.history.clear();
                }
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                self.message = None;
                self.fail();
                Err(error)
            }
        }
    }

    /// Takes note of a message that failed.
    fn fail(&mut self) {
        self.history.clear();
        self.state = if self.takeover { State::OutOfStep } else { State::Stale };
    }

    /// Whether a message has begun and not ended.
    const fn is_under_way(&self) -> bool {
        self.message.is_some()
    }

    pub(crate) fn reset(&mut self) {
        self.history.clear();
        self.message = None;
        self.state = State::Stale;
    }

    /// Gives everything back that is not the history.
    pub(crate) fn shrink(&mut self) {
        if !self.is_under_way() {
            self.engine = None;
            self.history.shrink();
        }
    }

    /// The bytes that this holds beside itself.
    pub(crate) fn memory(&self) -> usize {
        let engine = if self.engine.is_some() { E::memory() } else { 0 };
        engine + self.history.memory()
    }

    fn fragment(
        &mut self,
        payload: &[u8],
        last: bool,
        limit: usize,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), DecompressError> {
        if !E::checks_distances() && (self.is_under_way() || !last) {
            return Err(DecompressError::Engine(reason::WHOLE_ONLY));
        }
        let mut message = match self.message.take() {
            Some(message) => message,
            None => self.begin()?,
        };
        message.frame(payload.len());
        if !payload.is_empty() {
            self.inflate(&mut message, payload, limit, out, start)?;
        }
        if !last {
            self.message = Some(message);
            return Ok(());
        }
        self.state = if message.ends_final()? { State::Stale } else { self.finish()? };
        self.verify(payload, &out[start..])
    }

    /// Makes the engine ready for a message.
    fn begin(&mut self) -> Result<Received, DecompressError> {
        match (self.state, self.engine.is_some()) {
            (State::OutOfStep, _) => return Err(DecompressError::OutOfStep),
            (State::InStep, true) => {}
            (State::InStep | State::Stale, _) => self.restart(b"")?,
        }
        self.state = State::InStep;
        Ok(Received::default())
    }

    fn engine(&mut self) -> &mut E {
        let takeover = self.takeover;
        self.engine.get_or_insert_with(|| E::new(takeover))
    }

    /// Appends what `payload` holds, which is not empty, to `out`.
    fn inflate(
        &mut self,
        message: &mut Received,
        payload: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), DecompressError> {
        let mut input = payload;
        let mut room = self.ratio.room(payload.len());
        loop {
            match message.rest(input.len(), input.first().copied())? {
                Rest::Continues => {}
                Rest::Ends => return Ok(()),
                Rest::Restarts { begun } => {
                    self.restart(&out[start..])?;
                    if begun {
                        let header = self.engine().inflate(&[EMPTY_BLOCK_HEADER], &mut [0]);
                        header.map_err(DecompressError::Corrupt)?;
                    }
                }
            }
            room = room.min(limit - (out.len() - start));
            let step = self.step(input, room, limit, out)?;
            input = &input[step.consumed..];

            if step.ended {
                message.final_block(input.len());
            } else if input.is_empty() && (step.produced < room || room == 0) {
                return Ok(());
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
            let step = self.engine().inflate(input, &mut out[filled..]).map_err(DecompressError::Corrupt)?;
            out.truncate(filled + step.produced);
            return Ok(step);
        }
        // One byte more would be one too many, whatever is behind it; but blocks that hold none may follow.
        let engine = self.engine();
        let before = engine.produced();
        let step = engine.inflate(input, &mut [0]);
        if engine.produced() > before {
            return Err(DecompressError::TooLong { limit });
        }
        step.map_err(DecompressError::Corrupt)
    }

    /// Puts the tail back and makes sure that the payload was whole blocks.
    fn finish(&mut self) -> Result<State, DecompressError> {
        if self.takeover {
            return if self.engine().take_tail() { Ok(State::InStep) } else { Err(reason::TOO_SOON) };
        }
        // A last block with BFINAL=1 ends the stream before the final block has to.
        const ENDS: [usize; 2] = [TAIL.len(), FINAL_TAIL.len()];
        match self.engine().inflate(&FINAL_TAIL, &mut [0]) {
            Ok(Progress { ended: true, produced: 0, consumed }) if ENDS.contains(&consumed) => {
                Ok(State::Stale)
            }
            _ => Err(reason::TOO_SOON),
        }
    }

    /// Starts a new stream on the same window, which is the history and what is `done` of a message after it.
    fn restart(&mut self, done: &[u8]) -> Result<(), DecompressError> {
        let takeover = self.takeover;
        let engine = match &mut self.engine {
            Some(engine) => {
                engine.reset();
                engine
            }
            none => none.insert(E::new(takeover)),
        };
        for bytes in self.history.followed_by(done) {
            if !bytes.is_empty() {
                engine.append_history(bytes).map_err(DecompressError::Engine)?;
            }
        }
        Ok(())
    }

    /// Makes sure that no distance reached before the first byte, where the engine itself reads zeros there.
    ///
    /// Such a match begins with a zero within the first 32 KB of the context: without one there is nothing to check.
    fn verify(&self, payload: &[u8], message: &[u8]) -> Result<(), DecompressError> {
        if E::checks_distances() {
            return Ok(());
        }
        let reachable = message.len().min(MAX_WINDOW - self.history.len());
        if !message[..reachable].contains(&0)
            || E::verify(&self.history.followed_by(b"").concat(), payload, message)
        {
            return Ok(());
        }
        Err(DecompressError::Corrupt("a distance reaches before the first byte"))
    }
}
