use crate::payload::{EMPTY_BLOCK_HEADER, TAIL, reason};
use crate::traits::fixed_codes_bound;
use crate::{CompressError, CompressorConfig, FragmentEnd};

use super::{DeflateEngine, Flush};

/// One direction of a connection on a streaming engine: the payload rules around its sync flush.
#[derive(Debug)]
pub(crate) struct StreamCompressor<E> {
    config: CompressorConfig,
    /// Made for the first message that is not empty.
    engine: Option<E>,
    /// Whether the engine has a history to forget. Forgetting costs microseconds, so it waits for the next message.
    used: bool,
    message: Message,
    out_of_step: bool,
}

/// How far the message is that comes fragment by fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    /// There is none.
    None,
    /// It has begun, and the engine knows nothing of it.
    Begun,
    /// The engine may hold some of it back.
    Held,
    /// All of it is out, up to a byte's boundary. A second flush would write nothing, and leave no tail to cut.
    Flushed,
}

impl<E: DeflateEngine> StreamCompressor<E> {
    /// For a configuration that was checked.
    pub(crate) fn new(config: CompressorConfig) -> Self {
        Self { config, engine: None, used: false, message: Message::None, out_of_step: false }
    }

    pub(crate) fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if self.is_under_way() {
            return Err(CompressError::Engine(reason::UNDER_WAY));
        }
        self.compress_fragment(message, FragmentEnd::Message, out)
    }

    pub(crate) fn compress_fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        if self.out_of_step {
            return Err(CompressError::OutOfStep);
        }
        let start = out.len();
        let compressed = self.fragment(fragment, end, out);
        match &compressed {
            Ok(next) => self.message = *next,
            Err(_) => {
                out.truncate(start);
                self.message = Message::None;
                self.out_of_step = self.config.takeover;
            }
        }
        compressed.map(|_| ())
    }

    /// Whether a message has begun and not ended.
    pub(crate) const fn is_under_way(&self) -> bool {
        !matches!(self.message, Message::None)
    }

    pub(crate) fn reset(&mut self) {
        self.forget();
        self.message = Message::None;
        self.out_of_step = false;
    }

    /// The bytes that this holds beside itself.
    pub(crate) fn memory(&self) -> usize {
        self.engine.as_ref().map_or(0, |engine| engine.memory(self.config))
    }

    /// The result is how far the message is then.
    fn fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        out: &mut Vec<u8>,
    ) -> Result<Message, CompressError> {
        let mut message = if self.is_under_way() { self.message } else { Message::Begun };
        if !fragment.is_empty() || message == Message::Held {
            if message == Message::Begun && !self.config.takeover {
                self.forget();
            }
            let flush = if end == FragmentEnd::Open { Flush::No } else { Flush::Sync };
            self.deflate(fragment, flush, out)?;
            message = if flush == Flush::No { Message::Held } else { Message::Flushed };
            if end == FragmentEnd::Message {
                out.truncate(out.len() - TAIL.len());
            }
        } else if end == FragmentEnd::Message {
            // An empty block of its own, for a message that is empty or whose last block's tail has been sent.
            out.push(EMPTY_BLOCK_HEADER);
        }
        Ok(if end == FragmentEnd::Message { Message::None } else { message })
    }

    fn forget(&mut self) {
        if let (Some(engine), true) = (&mut self.engine, self.used) {
            engine.reset();
        }
        self.used = false;
    }

    /// Hands all of `fragment` to the engine; flushed, what it appends ends in the tail.
    fn deflate(&mut self, fragment: &[u8], flush: Flush, out: &mut Vec<u8>) -> Result<(), CompressError> {
        let engine = self.engine.get_or_insert_with(|| E::new(self.config));
        self.used = true;

        let (start, mut input) = (out.len(), fragment);
        let mut room = fixed_codes_bound(fragment.len()) + TAIL.len();
        // After a call that fills its buffer, the next may do nothing but hand out what was ready, and leave the flush
        // undone. So a flush is over with a call that has room left and comes after one that had; then the tail is the
        // engine's, and no content that looks like it. Some engines write their marker twice for that.
        let mut drained = true;
        loop {
            let filled = out.len();
            out.resize(filled + room, 0);
            let step = engine.deflate(input, &mut out[filled..], flush).map_err(CompressError::Engine)?;
            out.truncate(filled + step.produced);
            input = &input[step.consumed..];

            let has_room = step.produced < room;
            if input.is_empty() && has_room && (drained || flush == Flush::No) {
                break;
            }
            if step.consumed == 0 && step.produced == 0 && drained {
                return Err(CompressError::Engine("takes no input and gives no output"));
            }
            drained = has_room;
            room = MORE;
        }
        if flush == Flush::Sync && !out[start..].ends_with(&TAIL) {
            return Err(CompressError::Engine("its flush does not end in the tail"));
        }
        Ok(())
    }
}

/// Room for what didn't fit in: of a whole message nothing, but what an engine had held back of earlier fragments.
const MORE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::super::Progress;
    use super::*;
    use crate::payload::push_stored_block;

    /// Stores, and holds back all that is no full block. Like miniz_oxide, it hands out what did not fit in a call that does
    /// nothing else.
    #[derive(Debug, Default)]
    struct Drains {
        held: Vec<u8>,
        ready: Vec<u8>,
    }

    const BLOCK: usize = 1000;

    impl Drains {
        fn block(&mut self, length: usize) {
            let content: Vec<u8> = self.held.drain(..length).collect();
            push_stored_block(&[&content], &mut self.ready);
        }
    }

    impl DeflateEngine for Drains {
        fn new(_config: CompressorConfig) -> Self {
            Self::default()
        }

        fn memory(&self, _config: CompressorConfig) -> usize {
            0
        }

        fn deflate(
            &mut self,
            input: &[u8],
            output: &mut [u8],
            flush: Flush,
        ) -> Result<Progress, &'static str> {
            let consumed = if self.ready.is_empty() { input.len() } else { 0 };
            if self.ready.is_empty() {
                self.held.extend_from_slice(input);
                while self.held.len() >= BLOCK && self.ready.len() <= output.len() {
                    self.block(BLOCK);
                }
                if flush == Flush::Sync && self.ready.len() <= output.len() {
                    self.block(self.held.len());
                    self.block(0);
                }
            }
            let produced = self.ready.len().min(output.len());
            output[..produced].copy_from_slice(&self.ready[..produced]);
            self.ready.drain(..produced);
            Ok(Progress { consumed, produced, ended: false })
        }

        fn reset(&mut self) {
            *self = Self::default();
        }
    }

    /// What stored blocks hold; `None` if they are none.
    fn stored(mut blocks: &[u8]) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        while let [header, a, b, c, d, rest @ ..] = blocks {
            let length = u16::from_le_bytes([*a, *b]);
            let (block, behind) = rest.split_at_checked(length.into())?;
            if *header != 0 || u16::from_le_bytes([*c, *d]) != !length {
                return None;
            }
            content.extend_from_slice(block);
            blocks = behind;
        }
        blocks.is_empty().then_some(content)
    }

    #[test]
    fn content_like_the_tail_is_not_taken_for_it() {
        for (end, takeover) in [FragmentEnd::Frame, FragmentEnd::Message]
            .into_iter()
            .flat_map(|end| [false, true].map(|takeover| (end, takeover)))
        {
            let config = CompressorConfig::default().takeover(takeover);
            let mut compressor = StreamCompressor::<Drains>::new(config);
            for held in (0..60 * BLOCK).step_by(508) {
                for last in [0, 1, 4, 200, 999, 5000] {
                    let message = TAIL.repeat(held + last);
                    let (open, ended) = message.split_at(held);
                    let ended = &ended[..last];
                    let mut payload = Vec::new();
                    for piece in open.chunks(700) {
                        compressor.compress_fragment(piece, FragmentEnd::Open, &mut payload).unwrap();
                    }
                    compressor.compress_fragment(ended, end, &mut payload).unwrap();
                    if end == FragmentEnd::Message {
                        payload.extend_from_slice(&TAIL);
                    } else {
                        compressor.compress_fragment(b"", FragmentEnd::Message, &mut Vec::new()).unwrap();
                    }
                    let content = stored(&payload);
                    assert!(
                        content.as_deref() == Some(&message[..held + last]),
                        "{held} and {last}, {end:?}"
                    );
                }
            }
        }
    }
}
