//! The rules of a compressor and a decompressor together.

use super::corpus::{KINDS, message};
use super::report::Rule;
use super::subject::{Compressors, Decompressors, deflate, expect};

type Pair<'a> = (Compressors<'a>, Decompressors<'a>);

pub(super) fn rules<'a>() -> Vec<Rule<Pair<'a>>> {
    vec![Rule { name: "pair: conversation", section: "RFC 7692 section 7.2", check: conversation }]
}

/// In step over many messages, at each window that both can do, without takeover and with it.
fn conversation((compressors, decompressors): &Pair<'_>) -> Result<(), String> {
    let windows = compressors.can.window_bits.clone();
    for window_bits in windows.filter(|bits| decompressors.can.window_bits.contains(bits)) {
        for takeover in compressors.modes().filter(|takeover| !takeover || decompressors.can.takeover) {
            let mut compressor = compressors.make(compressors.config(takeover).window_bits(window_bits))?;
            let mut decompressor =
                decompressors.make(decompressors.config(takeover).window_bits(window_bits))?;
            for (seed, length) in (0..).zip([0, 5, 217, 0, 3000, 217, 70_000, 1, 217, 40_000]) {
                for kind in KINDS {
                    let message = message(kind, length, seed);
                    let payload = deflate(&mut *compressor, &message)?;
                    expect(&mut *decompressor, &payload, &message, || {
                        format!("takeover {takeover}, {window_bits} bits, {kind:?} of {length} bytes")
                    })?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(all(test, any(feature = "compact", feature = "flate2", feature = "zlib-rs", feature = "libdeflate")))]
mod tests {
    use super::super::subject::Subject;
    use super::*;
    use crate::{Backend, CompressError, Compressor};

    /// Loses the last byte of long messages, if it is `broken`.
    struct Shortening {
        inner: Box<dyn Compressor>,
        broken: bool,
    }

    impl Compressor for Shortening {
        fn capabilities(&self) -> crate::Capabilities {
            self.inner.capabilities()
        }

        fn engine(&self) -> &'static str {
            self.inner.engine()
        }

        fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
            let lost = usize::from(self.broken && message.len() > 65_536);
            self.inner.compress(&message[..message.len() - lost], out)
        }

        fn reset(&mut self) {
            self.inner.reset();
        }

        fn memory(&self) -> usize {
            self.inner.memory()
        }
    }

    #[test]
    fn what_does_not_come_through_is_found() {
        let backend = Backend::available().next().expect("a feature is on");
        let windows = 15..=15;
        let deflates = crate::Capabilities { window_bits: windows.clone(), ..backend.capabilities() };
        let inflates = crate::Capabilities { window_bits: windows, ..backend.decompressor_capabilities() };
        for broken in [false, true] {
            let deflate = |config| {
                let inner = backend.compressor(config)?;
                Ok(Box::new(Shortening { inner, broken }) as Box<dyn Compressor>)
            };
            let inflate = |config| backend.decompressor(config);
            let compressors = Subject { can: &deflates, new: &deflate };
            let decompressors = Subject { can: &inflates, new: &inflate };
            let result = conversation(&(compressors, decompressors));
            assert_eq!(result.is_err_and(|details| details.contains("70000 bytes")), broken);
        }
    }
}
