//! The codec of a connection, with a count of what really went through its compressor and decompressor: a backend
//! is a value behind a trait, so one can stand in front of another.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wscodec::compressors::negotiation::Agreement;
use wscodec::compressors::{
    Capabilities, CompressError, Compressor, CompressorConfig, DecompressError, Decompressor,
};
use wscodec::{Decoder, Encoder, Role};

use crate::limits;
use crate::options::Options;

/// How many messages were inflated and deflated.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    inflated: Arc<AtomicUsize>,
    deflated: Arc<AtomicUsize>,
}

/// Both directions as they were agreed on.
pub(crate) fn codec(
    options: &Options,
    agreement: Option<Agreement>,
    counts: &Counts,
) -> io::Result<(Decoder, Encoder)> {
    let decoder = Decoder::new(Role::Server, limits());
    let mut encoder = Encoder::new(Role::Server);
    let (Some(backend), Some(agreement)) = (options.backend, agreement) else {
        return Ok((decoder, encoder));
    };
    if let Some(threshold) = options.threshold {
        encoder = encoder.with_compression_threshold(threshold);
    }
    let config = CompressorConfig::from(agreement.server_to_client()).level(options.level);
    let compressor = backend.compressor(config).map_err(io::Error::other)?;
    let decompressor = backend.decompressor(agreement.client_to_server().into()).map_err(io::Error::other)?;
    Ok((
        decoder.with_decompressor(Box::new(Counted { inner: decompressor, count: counts.inflated.clone() })),
        encoder.with_compressor(Box::new(Counted { inner: compressor, count: counts.deflated.clone() })),
    ))
}

/// A backend behind a counter.
struct Counted<T: ?Sized> {
    count: Arc<AtomicUsize>,
    inner: Box<T>,
}

impl Compressor for Counted<dyn Compressor> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn engine(&self) -> &'static str {
        self.inner.engine()
    }

    fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.inner.compress(message, out)
    }

    fn reset(&mut self) {
        self.inner.reset();
    }

    fn memory(&self) -> usize {
        self.inner.memory()
    }
}

impl Decompressor for Counted<dyn Decompressor> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn engine(&self) -> &'static str {
        self.inner.engine()
    }

    fn decompress(&mut self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.inner.decompress(payload, limit, out)
    }

    fn reset(&mut self) {
        self.inner.reset();
    }

    fn memory(&self) -> usize {
        self.inner.memory()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        write!(f, "inflated={} deflated={}", count(&self.inflated), count(&self.deflated))
    }
}
