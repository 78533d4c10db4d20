use core::cell::RefCell;
use std::thread::LocalKey;

use super::gathered::release_spare;
use crate::backend::release_scratch;
use crate::{Backend, Compressor, CompressorConfig, ConfigError, Decompressor, DecompressorConfig};

/// Frees what waits on this thread for the next message without context takeover: the contexts of both directions.
///
/// They come back with that message. A thread that ends frees its own; this is for one that goes on with other
/// work, or to measure memory.
///
/// ```
/// use wscodec_compressors::{Backend, CompressionWish, CompressorConfig, MessageCompressor, release_shared};
///
/// for backend in Backend::available() {
///     let mut compressor = MessageCompressor::new(backend, CompressorConfig::default().takeover(false))?;
///     let mut payload = Vec::new();
///     compressor.message(&[b'a'; 1000], CompressionWish::Auto, &mut payload)?;
/// }
/// release_shared();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn release_shared() {
    empty(&COMPRESSORS);
    empty(&DECOMPRESSORS);
    release_spare();
    release_scratch();
}

/// The context of one direction of a connection: where it comes from, and where it is between two calls.
pub(super) struct Contexts<D: Direction + ?Sized> {
    /// What makes one; `None` if `held` is all there is.
    origin: Option<Origin<D>>,
    held: Option<Box<D>>,
}

#[derive(Clone, Copy)]
struct Origin<D: Direction + ?Sized> {
    key: Key<D>,
    /// Whether the connections of a thread share it.
    shared: bool,
}

impl<D: Direction + ?Sized> Contexts<D> {
    /// Those of a backend, by a configuration that it was checked against.
    pub(super) const fn of(backend: Backend, config: D::Config, shared: bool) -> Self {
        Self { origin: Some(Origin { key: (backend, config), shared }), held: None }
    }

    /// A single one that can't be made again.
    pub(super) const fn own(context: Box<D>) -> Self {
        Self { origin: None, held: Some(context) }
    }

    /// The context, to be given to [`put`](Self::put) or [`hold`](Self::hold) afterwards.
    #[inline]
    pub(super) fn take(&mut self) -> Result<Box<D>, &'static str> {
        match self.held.take() {
            Some(held) => Ok(held),
            None => self.obtain(),
        }
    }

    /// One that waits, or a new one.
    fn obtain(&self) -> Result<Box<D>, &'static str> {
        match &self.origin {
            Some(Origin { key, shared: true }) => take(D::shelf(), key).map_or_else(|| Self::make(key), Ok),
            Some(Origin { key, shared: false }) => Self::make(key),
            None => Err("the engine panicked"),
        }
    }

    /// Puts it where it is between two messages.
    #[inline]
    pub(super) fn put(&mut self, context: Box<D>) {
        match &self.origin {
            Some(Origin { key, shared: true }) => put(D::shelf(), key, context),
            _ => self.held = Some(context),
        }
    }

    /// Keeps it here within a message.
    pub(super) fn hold(&mut self, context: Box<D>) {
        self.held = Some(context);
    }

    /// What makes them; `None` if it can't be done again.
    pub(super) const fn backend(&self) -> Option<Backend> {
        match self.origin {
            Some(Origin { key: (backend, _), .. }) => Some(backend),
            None => None,
        }
    }

    pub(super) fn held(&self) -> Option<&D> {
        self.held.as_deref()
    }

    pub(super) fn held_take(&mut self) -> Option<Box<D>> {
        self.held.take()
    }

    pub(super) fn held_mut(&mut self) -> Option<&mut Box<D>> {
        self.held.as_mut()
    }

    /// Frees what is here, if it can be made again.
    pub(super) fn free(&mut self) {
        if self.origin.is_some() {
            self.held = None;
        }
    }

    /// Asks the context something, one made for the purpose if there is none yet.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&D) -> T) -> Option<T> {
        if let Some(held) = &self.held {
            return Some(question(held));
        }
        let Origin { key, shared } = self.origin.as_ref()?;
        let waiting = if *shared { take(D::shelf(), key) } else { None };
        let context = waiting.map_or_else(|| Self::make(key), Ok).ok()?;
        let answer = question(&context);
        if *shared {
            put(D::shelf(), key, context);
        }
        Some(answer)
    }

    fn make((backend, config): &Key<D>) -> Result<Box<D>, &'static str> {
        D::make(*backend, *config).map_err(|_| "the engine can't be made")
    }
}

/// A direction: its contexts, and those that wait on this thread.
pub(super) trait Direction: 'static {
    type Config: Copy + PartialEq;

    fn make(backend: Backend, config: Self::Config) -> Result<Box<Self>, ConfigError>;

    fn shelf() -> &'static LocalKey<Shelf<Self>>;
}

impl Direction for dyn Compressor {
    type Config = CompressorConfig;

    fn make(backend: Backend, config: CompressorConfig) -> Result<Box<Self>, ConfigError> {
        backend.compressor(config)
    }

    fn shelf() -> &'static LocalKey<Shelf<Self>> {
        &COMPRESSORS
    }
}

impl Direction for dyn Decompressor {
    type Config = DecompressorConfig;

    fn make(backend: Backend, config: DecompressorConfig) -> Result<Box<Self>, ConfigError> {
        backend.decompressor(config)
    }

    fn shelf() -> &'static LocalKey<Shelf<Self>> {
        &DECOMPRESSORS
    }
}

/// All that a shared context's behaviour depends on: any connection that agrees on it may have it next.
type Key<D> = (Backend, <D as Direction>::Config);

/// The contexts that wait, the one used last behind the others.
type Shelf<D> = RefCell<Vec<(Key<D>, Box<D>)>>;

thread_local! {
    static COMPRESSORS: Shelf<dyn Compressor> = const { RefCell::new(Vec::new()) };
    static DECOMPRESSORS: Shelf<dyn Decompressor> = const { RefCell::new(Vec::new()) };
}

/// The most contexts that wait on a thread for each direction: as many as there are windows.
const MOST_WAITING: usize = 8;

/// One that waits. While a thread ends there are none, and whoever then still sends makes its own.
fn take<D: Direction + ?Sized>(shelf: &'static LocalKey<Shelf<D>>, key: &Key<D>) -> Option<Box<D>> {
    let taken = shelf.try_with(|shelf| {
        let mut waiting = shelf.borrow_mut();
        // Mostly it is the one used last.
        if let Some((_, context)) = waiting.pop_if(|(of, _)| of == key) {
            return Some(context);
        }
        let at = waiting.iter().rposition(|(of, _)| of == key)?;
        Some(waiting.remove(at).1)
    });
    taken.ok().flatten()
}

/// Lets one wait, in the place of the one that has waited longest if there are too many.
fn put<D: Direction + ?Sized>(shelf: &'static LocalKey<Shelf<D>>, key: &Key<D>, context: Box<D>) {
    let crowded_out = shelf.try_with(|shelf| {
        let mut waiting = shelf.borrow_mut();
        let oldest = (waiting.len() >= MOST_WAITING).then(|| waiting.remove(0));
        waiting.push((*key, context));
        oldest
    });
    // Freed only here, where nothing is borrowed.
    drop(crowded_out);
}

fn empty<D: Direction + ?Sized>(shelf: &'static LocalKey<Shelf<D>>) {
    drop(shelf.try_with(RefCell::take));
}
