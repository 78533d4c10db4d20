//! What every backend has to keep, as a test: of this crate's backends and of those written elsewhere.
//!
//! With the feature `conformance`, a backend's author calls [`check`] from a test, or [`check_compressor`] or
//! [`check_decompressor`] if there is one direction only. The backend is made by a function, for every configuration
//! that its [`Capabilities`] claim and for those that they exclude. No other backend takes part: payloads are judged by
//! a plain decoder, [`reference`](mod@reference), and written by a plain encoder.
//!
//! A compressor that stores messages as they are, in its test:
//!
//! ```
//! # use wscodec_compressors::CompressError;
//! use wscodec_compressors::{Capabilities, Compressor, CompressorConfig, ConfigError, conformance};
//!
//! struct Stored; // a `Compressor`
//!
//! impl Stored {
//!     const CAN: Capabilities = Capabilities::new(true, 8..=15, 0..=0);
//!
//!     /// Refuses what its capabilities exclude: the suite asks for that as well.
//!     fn new(config: CompressorConfig) -> Result<Self, ConfigError> {
//!         config.check(&Self::CAN)?;
//!         Ok(Self)
//!     }
//! }
//!
//! # impl Compressor for Stored {
//! #     fn capabilities(&self) -> Capabilities {
//! #         Self::CAN
//! #     }
//! #
//! #     fn engine(&self) -> &'static str {
//! #         "stored"
//! #     }
//! #
//! #     fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
//! #         for block in message.chunks(0xffff) {
//! #             let length = block.len() as u16;
//! #             out.push(0);
//! #             out.extend(length.to_le_bytes());
//! #             out.extend((!length).to_le_bytes());
//! #             out.extend(block);
//! #         }
//! #         out.push(0);
//! #         Ok(())
//! #     }
//! #
//! #     fn reset(&mut self) {}
//! #
//! #     fn memory(&self) -> usize {
//! #         size_of::<Self>().max(1)
//! #     }
//! # }
//! #
//! conformance::check_compressor(&Stored::CAN, Stored::new)?;
//! # Ok::<(), conformance::Report>(())
//! ```
//!
//! Both directions, as this crate's backends are checked:
//!
//! ```
//! use wscodec_compressors::{Backend, conformance};
//!
//! # fn test() -> Result<(), conformance::Report> {
//! for backend in Backend::available() {
//!     conformance::check(
//!         (&backend.capabilities(), |config| backend.compressor(config)),
//!         (&backend.decompressor_capabilities(), |config| backend.decompressor(config)),
//!     )?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The result is a [`Report`] of all rules broken, each with the section of RFC 7692 that it comes from. While one of them is
//! being mended, [`check_compressor_rule`] and [`check_decompressor_rule`] check it alone.
#![forbid(unsafe_code)]

mod compressor;
pub mod corpus;
mod decompressor;
mod encoder;
mod fragments;
mod hostile;
mod pair;
pub mod reference;
mod report;
mod subject;
mod vectors;

pub use report::{Failure, Report};

use report::Rule;
use subject::{Compressors, Decompressors, Subject};

use crate::{Capabilities, Compressor, CompressorConfig, ConfigError, Decompressor, DecompressorConfig};

/// Checks both directions of a backend, each by itself and with the other: for each what it claims to be able to do, and
/// how it is made.
///
/// # Errors
/// The [`Report`] of what it breaks.
pub fn check<C: Compressor + 'static, D: Decompressor + 'static>(
    compressor: (&Capabilities, impl Fn(CompressorConfig) -> Result<C, ConfigError>),
    decompressor: (&Capabilities, impl Fn(DecompressorConfig) -> Result<D, ConfigError>),
) -> Result<(), Report> {
    let deflate = |config| boxed_compressor((compressor.1)(config));
    let inflate = |config| boxed_decompressor((decompressor.1)(config));
    let deflate = Subject { can: compressor.0, new: &deflate };
    let inflate = Subject { can: decompressor.0, new: &inflate };

    let mut failures = report::failures(&deflate, rules_of_compressors());
    failures.extend(report::failures(&inflate, rules_of_decompressors()));
    failures.extend(report::failures(&(deflate, inflate), pair::rules()));
    report::report(failures)
}

/// Checks a compressor by itself: what it claims to be able to do, and how it is made.
///
/// # Errors
/// The [`Report`] of what it breaks.
pub fn check_compressor<C: Compressor + 'static>(
    can: &Capabilities,
    new: impl Fn(CompressorConfig) -> Result<C, ConfigError>,
) -> Result<(), Report> {
    let new = |config| boxed_compressor(new(config));
    report::report(report::failures(&Subject { can, new: &new }, rules_of_compressors()))
}

/// Checks a decompressor by itself: what it claims to be able to do, and how it is made.
///
/// # Errors
/// The [`Report`] of what it breaks.
pub fn check_decompressor<D: Decompressor + 'static>(
    can: &Capabilities,
    new: impl Fn(DecompressorConfig) -> Result<D, ConfigError>,
) -> Result<(), Report> {
    let new = |config| boxed_decompressor(new(config));
    report::report(report::failures(&Subject { can, new: &new }, rules_of_decompressors()))
}

/// The names of the rules that [`check_compressor`] checks, each of which [`check_compressor_rule`] checks alone.
///
/// ```
/// use wscodec_compressors::conformance::compressor_rules;
///
/// assert!(compressor_rules().any(|rule| rule == "compressor: empty message"));
/// ```
pub fn compressor_rules() -> impl Iterator<Item = &'static str> {
    rules_of_compressors().into_iter().map(|rule| rule.name)
}

/// The names of the rules that [`check_decompressor`] checks, each of which [`check_decompressor_rule`] checks alone.
///
/// ```
/// use wscodec_compressors::conformance::decompressor_rules;
///
/// assert!(decompressor_rules().any(|rule| rule == "decompressor: vectors"));
/// ```
pub fn decompressor_rules() -> impl Iterator<Item = &'static str> {
    rules_of_decompressors().into_iter().map(|rule| rule.name)
}

/// Checks one rule of [`check_compressor`], by the name that a [`Report`] gives it.
///
/// ```
/// use wscodec_compressors::{Backend, conformance::check_compressor_rule};
///
/// for backend in Backend::available() {
///     let can = backend.capabilities();
///     check_compressor_rule("compressor: empty message", &can, |config| backend.compressor(config))?;
/// }
/// # Ok::<(), wscodec_compressors::conformance::Report>(())
/// ```
///
/// # Errors
/// The [`Report`] of how it is broken, or that there is no such rule.
pub fn check_compressor_rule<C: Compressor + 'static>(
    rule: &str,
    can: &Capabilities,
    new: impl Fn(CompressorConfig) -> Result<C, ConfigError>,
) -> Result<(), Report> {
    let new = |config| boxed_compressor(new(config));
    let rules = report::only(rule, rules_of_compressors())?;
    report::report(report::failures(&Subject { can, new: &new }, rules))
}

/// Checks one rule of [`check_decompressor`], by the name that a [`Report`] gives it.
///
/// ```
/// use wscodec_compressors::{Backend, conformance::check_decompressor_rule};
///
/// for backend in Backend::available() {
///     let can = backend.decompressor_capabilities();
///     check_decompressor_rule("decompressor: vectors", &can, |config| backend.decompressor(config))?;
/// }
/// # Ok::<(), wscodec_compressors::conformance::Report>(())
/// ```
///
/// # Errors
/// The [`Report`] of how it is broken, or that there is no such rule.
pub fn check_decompressor_rule<D: Decompressor + 'static>(
    rule: &str,
    can: &Capabilities,
    new: impl Fn(DecompressorConfig) -> Result<D, ConfigError>,
) -> Result<(), Report> {
    let new = |config| boxed_decompressor(new(config));
    let rules = report::only(rule, rules_of_decompressors())?;
    report::report(report::failures(&Subject { can, new: &new }, rules))
}

fn rules_of_compressors<'a>() -> Vec<Rule<Compressors<'a>>> {
    let mut rules = compressor::rules();
    rules.extend(fragments::compressor::rules());
    rules
}

fn rules_of_decompressors<'a>() -> Vec<Rule<Decompressors<'a>>> {
    let mut rules = decompressor::rules();
    rules.extend(hostile::rules());
    rules.extend(fragments::decompressor::rules());
    rules
}

fn boxed_compressor<C: Compressor + 'static>(
    made: Result<C, ConfigError>,
) -> Result<Box<dyn Compressor>, ConfigError> {
    made.map(|compressor| Box::new(compressor) as _)
}

fn boxed_decompressor<D: Decompressor + 'static>(
    made: Result<D, ConfigError>,
) -> Result<Box<dyn Decompressor>, ConfigError> {
    made.map(|decompressor| Box::new(decompressor) as _)
}
