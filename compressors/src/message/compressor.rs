use core::fmt;

use super::SHORTENED;
use super::contexts::Contexts;
use crate::payload::MAX_WINDOW_BITS;
use crate::{
    Backend, Capabilities, CompressError, CompressionPolicy, CompressionWish, Compressor, CompressorConfig,
    ConfigError, FragmentEnd,
};

/// The sending side of a connection: decides what is compressed, and owns the context or shares it with its thread.
///
/// What comes out has to be sent, in this order. A message never takes more bytes for being compressed than this:
///
/// | context takeover | wish | a payload is sent if it is |
/// |---|---|---|
/// | no | `Auto` | shorter than the message |
/// | no | `Compress` | at most 2 bytes longer than the message |
/// | yes | any | at most 2 bytes longer than the message |
///
/// A longer one is dropped and the message sent plain; with takeover, so is what the compressor has learnt so far, which a
/// sender may do at any time, and that is why it bears 2 bytes. The rule can't hold for a message in fragments, whose
/// beginning is on the wire before its end is known: those get longer by what the backend's
/// [`bound`](Compressor::bound) says of each fragment, 5 bytes for each 64 KB or fewer where the engine stores what it
/// can't compress.
///
/// ```
/// use wscodec_compressors::{Backend, CompressionWish, CompressorConfig, Encoding, MessageCompressor};
///
/// for backend in Backend::available() {
///     let mut compressor = MessageCompressor::new(backend, CompressorConfig::default().takeover(false))?;
///     let mut payload = Vec::new();
///     let encoding = compressor.message(&[b'a'; 1000], CompressionWish::Auto, &mut payload)?;
///     assert_eq!(encoding, Encoding::Deflate);
///     assert!(payload.len() < 100);
///
///     payload.clear();
///     let encoding = compressor.message(b"too short", CompressionWish::Auto, &mut payload)?;
///     assert_eq!((encoding, &payload[..]), (Encoding::Plain, &b"too short"[..]));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MessageCompressor {
    contexts: Contexts<dyn Compressor>,
    config: CompressorConfig,
    policy: CompressionPolicy,
    /// The longest message that keeps to the window agreed, in bytes.
    longest: usize,
    state: State,
    /// Whether the context is to be reset before its next message.
    forgets: bool,
}

/// How the payload of a message is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// It is the message: RSV1 stays clear.
    Plain,
    /// It is compressed: RSV1 is set on the first frame of the message, and on no other.
    Deflate,
}

impl Encoding {
    /// Whether RSV1 is to be set on the first frame (RFC 7692 section 6).
    ///
    /// ```
    /// use wscodec_compressors::Encoding;
    ///
    /// assert!(Encoding::Deflate.rsv1() && !Encoding::Plain.rsv1());
    /// ```
    #[must_use]
    pub const fn rsv1(self) -> bool {
        matches!(self, Self::Deflate)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Between,
    /// Within a message in fragments.
    Within(Encoding),
    /// A message broke off on the wire.
    Lost,
}

impl MessageCompressor {
    /// One of a backend's. Nothing is allocated before the first message that is compressed.
    ///
    /// A window smaller than the backend can keep to is taken without context takeover: messages longer than the window are then
    /// sent plain, and so are those in fragments, whose length isn't known when they begin.
    ///
    /// ```
    /// use wscodec_compressors::{Backend, CompressionWish, CompressorConfig, MessageCompressor};
    ///
    /// let config = CompressorConfig::default().window_bits(10).takeover(false);
    /// for backend in Backend::available() {
    ///     let compressor = MessageCompressor::new(backend, config)?;
    ///     assert!(compressor.compresses(&[b'a'; 1024], CompressionWish::Auto));
    ///     let any_length = backend.capabilities().window_bits.contains(&10);
    ///     assert_eq!(compressor.compresses(&[b'a'; 1025], CompressionWish::Auto), any_length);
    /// }
    /// # Ok::<(), wscodec_compressors::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] for a level or a takeover that the backend can't do; for window bits outside 8 to 15; with takeover
    /// also for those that the backend can't do.
    pub fn new(backend: Backend, config: CompressorConfig) -> Result<Self, ConfigError> {
        let can = backend.capabilities();
        let least = *can.window_bits.start();
        let narrow = !config.takeover && (LEAST_WINDOW_BITS..least).contains(&config.window_bits);
        let made_with = if narrow { config.window_bits(least) } else { config };
        made_with.check(&can)?;
        Ok(Self::on(Contexts::of(backend, made_with, !config.takeover), config, longest(config, &can)))
    }

    /// One of a backend written elsewhere, made with `config`; or with a larger window, if its capabilities have none as small:
    /// messages longer than the window of `config`, and those in fragments, are then sent plain, and with takeover all but
    /// empty ones. It stays the connection's own.
    #[must_use]
    pub fn with_own(compressor: Box<dyn Compressor>, config: CompressorConfig) -> Self {
        let longest = longest(config, &compressor.capabilities());
        Self::on(Contexts::own(compressor), config, longest)
    }

    /// The same with another policy.
    #[must_use]
    pub fn with_policy(self, policy: CompressionPolicy) -> Self {
        Self { policy, ..self }
    }

    /// Whether this message would be handed to the compressor. If not, its payload is the message, and the caller may send
    /// it without the copy that [`message`](Self::message) makes.
    #[must_use]
    pub fn compresses(&self, message: &[u8], wish: CompressionWish) -> bool {
        message.len() <= self.longest && self.policy.compresses(message, wish)
    }

    /// Appends the payload of a whole message to `out`.
    ///
    /// # Errors
    /// [`CompressError`]; `out` is then as it was. The next message refers to nothing before it, so the connection can go
    /// on, and send this one plain. [`CompressError::WithinMessage`] between the fragments of another message, which can go
    /// on too.
    pub fn message(
        &mut self,
        message: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<Encoding, CompressError> {
        self.may_begin()?;
        if !self.compresses(message, wish) {
            out.extend_from_slice(message);
            return Ok(Encoding::Plain);
        }
        self.deflate_whole(message, wish, out)
    }

    /// [`message`](Self::message) for one that [`compresses`](Self::compresses) has said yes to: the policy is not asked again.
    /// One that would break the window agreed is sent plain all the same.
    ///
    /// # Errors
    /// As [`message`](Self::message).
    pub fn compress(
        &mut self,
        message: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<Encoding, CompressError> {
        self.may_begin()?;
        if message.len() > self.longest {
            out.extend_from_slice(message);
            return Ok(Encoding::Plain);
        }
        self.deflate_whole(message, wish, out)
    }

    /// Appends the payload of the next fragment of a message to `out`; the message ends with the one that is given
    /// [`FragmentEnd::Message`].
    ///
    /// The first fragment decides for the message: the policy sees it alone, and its answer is that of all the others, where
    /// `wish` does not count. RSV1 goes on the first frame only.
    ///
    /// # Errors
    /// As [`message`](Self::message); after the first fragment, though, the message breaks off on the wire: close the
    /// connection. Every later call then gives [`CompressError::OutOfStep`].
    pub fn fragment(
        &mut self,
        fragment: &[u8],
        end: FragmentEnd,
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<Encoding, CompressError> {
        let encoding = match self.state {
            State::Between if end == FragmentEnd::Message => return self.message(fragment, wish, out),
            // A whole message keeps to a narrow window by its length, which this one has yet to show.
            State::Between if self.longest == usize::MAX && self.compresses(fragment, wish) => {
                Encoding::Deflate
            }
            State::Between => Encoding::Plain,
            State::Within(encoding) => encoding,
            State::Lost => return Err(CompressError::OutOfStep),
        };
        match encoding {
            Encoding::Plain => out.extend_from_slice(fragment),
            Encoding::Deflate => self.deflate(fragment, end, out)?,
        }
        self.state = if end == FragmentEnd::Message { State::Between } else { State::Within(encoding) };
        Ok(encoding)
    }

    /// Gives the context back while the connection is idle. The next message refers to nothing before it, which a sender may
    /// do at any time; it costs making the context again, and what the messages before would have saved.
    ///
    /// Within a message in fragments this does nothing. A compressor [of one's own](Self::with_own) is reset.
    pub fn release(&mut self) {
        if self.state == State::Between {
            self.contexts.free();
            if let Some(own) = self.contexts.held_mut() {
                own.reset();
            }
        }
    }

    /// Lets the next message refer to nothing before it, which a sender may do at any time: what was sent is not what this
    /// compressor has seen. A message that another compressor compressed, which met no history, may go out between two of this one's
    /// if this is called after it.
    ///
    /// It costs nothing but the reset of the context, which waits for that next message. Within a message in fragments it is the
    /// one after it; without context takeover there is nothing to be forgotten.
    ///
    /// ```
    /// use wscodec_compressors::{Backend, CompressionWish, CompressorConfig, MessageCompressor};
    ///
    /// for backend in Backend::available().filter(|backend| backend.capabilities().takeover) {
    ///     let mut compressor = MessageCompressor::new(backend, CompressorConfig::default())?;
    ///     let mut payloads = [Vec::new(), Vec::new(), Vec::new()];
    ///     for (number, payload) in payloads.iter_mut().enumerate() {
    ///         if number == 2 {
    ///             compressor.forget();
    ///         }
    ///         compressor.message(b"the same words", CompressionWish::Compress, payload)?;
    ///     }
    ///     assert!(payloads[1].len() < payloads[0].len() && payloads[2] == payloads[0]);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn forget(&mut self) {
        self.forgets = self.config.takeover;
    }

    /// The bytes of memory that this connection holds now. What its thread shares is not the connection's.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.contexts.held().map_or(0, Compressor::memory)
    }

    /// What was agreed, and how hard it tries.
    #[must_use]
    pub const fn config(&self) -> CompressorConfig {
        self.config
    }

    /// Which messages are compressed.
    #[must_use]
    pub const fn policy(&self) -> CompressionPolicy {
        self.policy
    }

    /// The backend; `None` if it is [one written elsewhere](Self::with_own).
    #[must_use]
    pub const fn backend(&self) -> Option<Backend> {
        self.contexts.backend()
    }

    /// The DEFLATE engine that really runs. It is asked itself, so one is made if there is none yet.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.contexts.ask(Compressor::engine).unwrap_or("none")
    }

    fn on(contexts: Contexts<dyn Compressor>, config: CompressorConfig, longest: usize) -> Self {
        Self {
            contexts,
            config,
            policy: CompressionPolicy::default(),
            longest,
            state: State::Between,
            forgets: false,
        }
    }

    /// The context, reset before the `first` of a message if there is something to be forgotten.
    #[inline]
    fn context(&mut self, first: bool) -> Result<Box<dyn Compressor>, CompressError> {
        let mut context = self.contexts.take().map_err(CompressError::Engine)?;
        if self.forgets && first {
            context.reset();
            self.forgets = false;
        }
        Ok(context)
    }

    /// Whether a whole message may be sent now.
    fn may_begin(&self) -> Result<(), CompressError> {
        match self.state {
            State::Between => Ok(()),
            State::Within(_) => Err(CompressError::WithinMessage),
            State::Lost => Err(CompressError::OutOfStep),
        }
    }

    /// A whole message that may begin and is to be compressed.
    fn deflate_whole(
        &mut self,
        message: &[u8],
        wish: CompressionWish,
        out: &mut Vec<u8>,
    ) -> Result<Encoding, CompressError> {
        let start = out.len();
        let mut context = self.context(true)?;
        let payload = match append(out, LEAST_PAYLOAD, |out| context.compress(message, out)) {
            Ok(payload) => payload,
            Err(error) => {
                self.drop_context(context);
                return Err(error);
            }
        };
        let kept = self.keeps(message.len(), payload, wish);
        if !kept {
            out.truncate(start);
            out.extend_from_slice(message);
            if self.config.takeover {
                context.reset();
            }
        }
        self.contexts.put(context);
        Ok(if kept { Encoding::Deflate } else { Encoding::Plain })
    }

    /// The next fragment of a message that is compressed.
    fn deflate(&mut self, fragment: &[u8], end: FragmentEnd, out: &mut Vec<u8>) -> Result<(), CompressError> {
        let first = self.state == State::Between;
        // Until it has gone well, also if the engine panics.
        self.state = State::Lost;
        let mut context = self.context(first)?;
        // What isn't the end may come to nothing.
        let least = if end == FragmentEnd::Message { LEAST_PAYLOAD } else { 0 };
        if let Err(error) = append(out, least, |out| context.compress_fragment(fragment, end, out)) {
            self.drop_context(context);
            if first {
                self.state = State::Between;
            }
            return Err(error);
        }
        if end == FragmentEnd::Message {
            self.contexts.put(context);
        } else {
            self.contexts.hold(context);
        }
        Ok(())
    }

    /// The rule of what is sent; the table above says it.
    fn keeps(&self, message: usize, payload: usize, wish: CompressionWish) -> bool {
        if self.config.takeover || wish == CompressionWish::Compress {
            payload <= message.saturating_add(SLACK)
        } else {
            payload < message
        }
    }

    /// Sees to it that the next message does not meet a context that failed.
    #[cold]
    fn drop_context(&mut self, mut context: Box<dyn Compressor>) {
        context.reset();
        self.contexts.hold(context);
        self.contexts.free();
    }
}

impl fmt::Debug for MessageCompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageCompressor")
            .field("config", &self.config)
            .field("policy", &self.policy)
            .field("state", &self.state)
            .field("memory", &self.memory())
            .finish_non_exhaustive()
    }
}

/// The longest message that keeps to the window agreed, in bytes, of a compressor that can do this. With takeover a message may
/// refer to others, so that its own length says nothing.
fn longest(config: CompressorConfig, can: &Capabilities) -> usize {
    if config.window_bits >= *can.window_bits.start() {
        usize::MAX
    } else if config.takeover {
        0
    } else {
        1 << config.window_bits.min(MAX_WINDOW_BITS)
    }
}

/// Lets an engine append `least` bytes or more, and says how many they are. Whatever it does instead, `out` does not grow if
/// that fails.
fn append(
    out: &mut Vec<u8>,
    least: usize,
    engine: impl FnOnce(&mut Vec<u8>) -> Result<(), CompressError>,
) -> Result<usize, CompressError> {
    let start = out.len();
    let error = match (engine(out), out.len().checked_sub(start)) {
        (Ok(()), Some(appended)) if appended >= least => return Ok(appended),
        (Ok(()), Some(_)) => CompressError::Engine("the engine gives no payload"),
        (Ok(()), None) => CompressError::Engine(SHORTENED),
        (Err(error), _) => error,
    };
    out.truncate(start);
    Err(error)
}

/// The bytes of a payload at least: an empty message's has one (section 7.2.3.6).
const LEAST_PAYLOAD: usize = 1;

/// The smallest window of RFC 7692 section 7.1.2.
const LEAST_WINDOW_BITS: u8 = 8;

/// How many bytes longer than its message a payload may be where dropping it costs more than sending it. `Hello` alone takes
/// as many.
const SLACK: usize = 2;
