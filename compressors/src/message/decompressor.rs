use core::fmt;

use super::SHORTENED;
use super::contexts::Contexts;
use super::gathered::Gathered;
use super::limits::{InflateLimits, Meter};
use crate::{Backend, ConfigError, DecompressError, Decompressor, DecompressorConfig};

/// The receiving side of a connection: the messages with RSV1, whole or frame by frame, within [`InflateLimits`].
///
/// Messages without RSV1 are none of its business, and pass by it. A backend that doesn't
/// [stream](crate::Capabilities::streaming) gets the frames of a message gathered and gives all of it at the last.
///
/// ```
/// use wscodec_compressors::{
///     Backend, DecompressError, DecompressorConfig, InflateLimits, MessageDecompressor,
/// };
///
/// let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
/// for backend in Backend::available() {
///     let config = DecompressorConfig::default().takeover(false);
///     let limits = InflateLimits::default().message(5).wire(7);
///     let mut decompressor = MessageDecompressor::new(backend, config, limits)?;
///     let mut message = Vec::new();
///     decompressor.message(&hello, &mut message)?;
///     assert_eq!(message, b"Hello");
///
///     let limits = limits.message(4);
///     let mut decompressor = MessageDecompressor::new(backend, config, limits)?;
///     let error = decompressor.message(&hello, &mut message).unwrap_err();
///     assert_eq!((error, error.close_code()), (DecompressError::TooLong { limit: 4 }, 1009));
///     assert_eq!(message, b"Hello");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MessageDecompressor {
    contexts: Contexts<dyn Decompressor>,
    config: DecompressorConfig,
    streaming: bool,
    limits: InflateLimits,
    state: State,
    /// What has come of the message under way.
    meter: Meter,
    /// Its frames, for a backend that doesn't stream.
    gathered: Gathered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Between,
    /// Within a message, after a frame that was not the last.
    Within,
    /// With takeover: an earlier message failed, and what it would have left is wanted.
    OutOfStep,
}

impl MessageDecompressor {
    /// One of a backend's. Nothing is allocated before the first message.
    ///
    /// # Errors
    /// [`ConfigError`] for a takeover that the backend can't do, or window bits outside 8 to 15.
    pub fn new(
        backend: Backend,
        config: DecompressorConfig,
        limits: InflateLimits,
    ) -> Result<Self, ConfigError> {
        let can = backend.decompressor_capabilities();
        config.check(&can)?;
        // One that is shared does for any window, so there need not be one for each.
        let made_with = if config.takeover { config } else { config.window_bits(*can.window_bits.end()) };
        let contexts = Contexts::of(backend, made_with, !config.takeover);
        Ok(Self::on(contexts, config, can.streaming, limits))
    }

    /// One of a backend written elsewhere, made with `config`. It stays the connection's own.
    #[must_use]
    pub fn with_own(
        decompressor: Box<dyn Decompressor>,
        config: DecompressorConfig,
        limits: InflateLimits,
    ) -> Self {
        let streaming = decompressor.capabilities().streaming;
        Self::on(Contexts::own(decompressor), config, streaming, limits)
    }

    /// Decompresses a message that came in one frame, and appends it to `out`.
    ///
    /// # Errors
    /// [`DecompressError`], which knows its close code; `out` is then as it was. With context takeover every later call
    /// gives [`DecompressError::OutOfStep`]; without, the next call begins a message.
    /// [`DecompressError::WithinMessage`] between the frames of another message, which can go on.
    pub fn message(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), DecompressError> {
        if self.state == State::Within {
            return Err(DecompressError::WithinMessage);
        }
        self.fragment(payload, true, out)
    }

    /// Decompresses the payload of the next frame of a message, and appends what can be had of the message now to `out`.
    /// The message ends with the frame that has `last`, which is FIN.
    ///
    /// The caller may take `out` away between two calls or leave it there. A sender may cut a payload anywhere, so a frame
    /// may give nothing, and a later one more than its own.
    ///
    /// # Errors
    /// As [`message`](Self::message). `out` is as it was before this call; the message is given up.
    pub fn fragment(&mut self, payload: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        if self.state == State::OutOfStep {
            return Err(DecompressError::OutOfStep);
        }
        let first = self.state == State::Between;
        if first {
            self.meter = Meter::default();
            // An engine that panicked left its message there.
            self.gathered.clear();
        }
        // Until it has gone well, also if the engine panics.
        self.state = self.after_a_failure();
        if let Err(error) = self.frame(payload, first && last, last, out) {
            self.give_up();
            return Err(error);
        }
        self.state = if last { State::Between } else { State::Within };
        Ok(())
    }

    /// Gives back what memory it can while the connection is idle, and stays in step: the next message costs the time to set
    /// up what was given back. Within a message in fragments this does nothing.
    pub fn release(&mut self) {
        match self.state {
            State::Between => {
                if let Some(held) = self.contexts.held_mut() {
                    held.shrink();
                }
            }
            State::OutOfStep => self.contexts.free(),
            State::Within => {}
        }
    }

    /// The bytes of memory that this connection holds now. What its thread shares is not the connection's.
    #[must_use]
    pub fn memory(&self) -> usize {
        let held = self.contexts.held().map_or(0, Decompressor::memory);
        size_of::<Self>() + held + self.gathered.memory()
    }

    /// What was agreed.
    #[must_use]
    pub const fn config(&self) -> DecompressorConfig {
        self.config
    }

    /// The DEFLATE engine that really runs. It is asked itself, so one is made if there is none yet.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.contexts.ask(Decompressor::engine).unwrap_or("none")
    }

    fn on(
        contexts: Contexts<dyn Decompressor>,
        config: DecompressorConfig,
        streaming: bool,
        limits: InflateLimits,
    ) -> Self {
        let (state, meter, gathered) = (State::Between, Meter::default(), Gathered::default());
        Self { contexts, config, streaming, limits, state, meter, gathered }
    }

    /// One frame, which is the `whole` message or one of several.
    fn frame(
        &mut self,
        payload: &[u8],
        whole: bool,
        last: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        self.meter.frame(payload.len(), &self.limits)?;
        if !whole && !self.streaming {
            self.gathered.push(payload);
            if !last {
                return Ok(());
            }
        }
        let (start, room) = (out.len(), self.meter.room(&self.limits));
        let mut context = self.contexts.take().map_err(DecompressError::Engine)?;
        let inflated = if whole {
            context.decompress(payload, room, out)
        } else if self.streaming {
            self.meter.reserve_last(&self.limits, out);
            context.decompress_fragment(payload, last, room, out)
        } else {
            let inflated = context.decompress(self.gathered.bytes(), room, out);
            self.gathered.clear();
            inflated
        };
        // A backend written elsewhere may not keep what it promises.
        let appended = match (inflated, out.len().checked_sub(start)) {
            (Ok(()), Some(appended)) if appended <= room => Ok(appended),
            (Ok(()), Some(_)) => Err(DecompressError::TooLong { limit: room }),
            (Ok(()), None) => Err(DecompressError::Engine(SHORTENED)),
            (Err(error), _) => Err(error),
        };
        if appended.is_ok() && last {
            self.contexts.put(context);
        } else {
            self.contexts.hold(context);
        }
        match appended {
            Ok(appended) => {
                self.meter.inflated(appended);
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                Err(match error {
                    DecompressError::TooLong { .. } => self.meter.over(&self.limits),
                    error => error,
                })
            }
        }
    }

    /// What a failure leaves: with takeover the peer goes on from a context that isn't here.
    const fn after_a_failure(&self) -> State {
        if self.config.takeover { State::OutOfStep } else { State::Between }
    }

    /// Forgets the message under way.
    #[cold]
    fn give_up(&mut self) {
        self.gathered.clear();
        if self.config.takeover {
            self.contexts.free();
        } else if let Some(mut context) = self.contexts.held_take() {
            context.reset();
            self.contexts.put(context);
        }
    }
}

impl fmt::Debug for MessageDecompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageDecompressor")
            .field("config", &self.config)
            .field("limits", &self.limits)
            .field("state", &self.state)
            .field("memory", &self.memory())
            .finish_non_exhaustive()
    }
}
