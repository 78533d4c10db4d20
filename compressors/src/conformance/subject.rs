//! One direction of a backend under test, and what the rules do with it.

use super::report::ensure;
use crate::{
    Capabilities, CompressError, Compressor, CompressorConfig, ConfigError, DecompressError, Decompressor,
    DecompressorConfig, FragmentEnd,
};

pub(super) type Compressors<'a> = Subject<'a, CompressorConfig, dyn Compressor>;
pub(super) type Decompressors<'a> = Subject<'a, DecompressorConfig, dyn Decompressor>;

/// What it claims, and how one is made.
pub(super) struct Subject<'a, Config, Context: ?Sized> {
    pub(super) can: &'a Capabilities,
    pub(super) new: &'a dyn Fn(Config) -> Result<Box<Context>, ConfigError>,
}

impl<Config: Copy + core::fmt::Debug, Context: ?Sized> Subject<'_, Config, Context> {
    /// Without takeover, and with it if that is claimed.
    pub(super) fn modes(&self) -> impl Iterator<Item = bool> + use<Config, Context> {
        let can = self.can.takeover;
        [false, true].into_iter().filter(move |takeover| can || !takeover)
    }

    /// One of a configuration that is claimed.
    pub(super) fn make(&self, config: Config) -> Result<Box<Context>, String> {
        (self.new)(config).map_err(|error| format!("{config:?} is claimed and refused: {error}"))
    }

    /// One of a configuration that the claims exclude, which has to be refused like this.
    pub(super) fn refuses(&self, config: Config, expected: &ConfigError) -> Result<(), String> {
        match (self.new)(config) {
            Ok(_) => Err(format!("{config:?} is accepted, the claims exclude it")),
            Err(error) if error == *expected => Ok(()),
            Err(error) => Err(format!("{config:?} gives {error:?} instead of {expected:?}")),
        }
    }
}

impl Compressors<'_> {
    /// Of the widest window, and a level in the middle.
    pub(super) fn config(&self, takeover: bool) -> CompressorConfig {
        CompressorConfig::default()
            .takeover(takeover)
            .window_bits(*self.can.window_bits.end())
            .level(6.clamp(*self.can.levels.start(), *self.can.levels.end()))
    }

    pub(super) fn compressor(&self, takeover: bool) -> Result<Box<dyn Compressor>, String> {
        self.make(self.config(takeover))
    }
}

impl Decompressors<'_> {
    pub(super) fn config(&self, takeover: bool) -> DecompressorConfig {
        DecompressorConfig::default().takeover(takeover).window_bits(*self.can.window_bits.end())
    }

    pub(super) fn decompressor(&self, takeover: bool) -> Result<Box<dyn Decompressor>, String> {
        self.make(self.config(takeover))
    }
}

/// The payload of a message, appended to something that has to stay.
pub(super) fn deflate(compressor: &mut dyn Compressor, message: &[u8]) -> Result<Vec<u8>, String> {
    payload(message, |out| compressor.compress(message, out))
}

/// What a fragment of a message comes to, likewise.
pub(super) fn deflate_fragment(
    compressor: &mut dyn Compressor,
    fragment: &[u8],
    end: FragmentEnd,
) -> Result<Vec<u8>, String> {
    payload(fragment, |out| compressor.compress_fragment(fragment, end, out))
}

fn payload(
    message: &[u8],
    compress: impl FnOnce(&mut Vec<u8>) -> Result<(), CompressError>,
) -> Result<Vec<u8>, String> {
    let mut out = BEFORE.to_vec();
    compress(&mut out).map_err(|error| format!("a message of {} bytes: {error}", message.len()))?;
    ensure!(out.starts_with(BEFORE), "what the output held before is changed");
    Ok(out.split_off(BEFORE.len()))
}

/// The message of a payload, appended to something that has to stay, and alone if there is an error.
pub(super) fn inflate(
    decompressor: &mut dyn Decompressor,
    payload: &[u8],
    limit: usize,
) -> Result<Result<Vec<u8>, DecompressError>, String> {
    inflated(limit, |out| decompressor.decompress(payload, limit, out))
}

/// What the payload of a frame gives of its message, likewise.
pub(super) fn inflate_fragment(
    decompressor: &mut dyn Decompressor,
    payload: &[u8],
    last: bool,
    limit: usize,
) -> Result<Result<Vec<u8>, DecompressError>, String> {
    inflated(limit, |out| decompressor.decompress_fragment(payload, last, limit, out))
}

fn inflated(
    limit: usize,
    decompress: impl FnOnce(&mut Vec<u8>) -> Result<(), DecompressError>,
) -> Result<Result<Vec<u8>, DecompressError>, String> {
    let mut out = BEFORE.to_vec();
    let result = decompress(&mut out);
    ensure!(out.starts_with(BEFORE), "what the output held before is changed");
    let message = out.split_off(BEFORE.len());
    ensure!(message.len() <= limit, "{} bytes come out over a limit of {limit}", message.len());
    ensure!(
        result.is_ok() || message.is_empty(),
        "{result:?} leaves {} bytes of the message behind",
        message.len()
    );
    Ok(result.map(|()| message))
}

/// A payload has to be this message.
pub(super) fn expect(
    decompressor: &mut dyn Decompressor,
    payload: &[u8],
    message: &[u8],
    what: impl FnOnce() -> String,
) -> Result<(), String> {
    match inflate(decompressor, payload, message.len())? {
        Ok(inflated) if inflated == message => Ok(()),
        Ok(inflated) => Err(format!(
            "{}: another message comes out, of {} bytes where there should be {}",
            what(),
            inflated.len(),
            message.len()
        )),
        Err(error) => Err(format!("{}: {error:?} instead of {} bytes", what(), message.len())),
    }
}

/// A payload has to be found broken.
pub(super) fn expect_corrupt(
    decompressor: &mut dyn Decompressor,
    payload: &[u8],
    limit: usize,
    what: impl FnOnce() -> String,
) -> Result<(), String> {
    match inflate(decompressor, payload, limit)? {
        Err(DecompressError::Corrupt(_)) => Ok(()),
        Ok(message) => Err(format!("{}: taken for a message of {} bytes", what(), message.len())),
        Err(error) => Err(format!("{}: {error:?} instead of Corrupt", what())),
    }
}

const BEFORE: &[u8] = b"before";
