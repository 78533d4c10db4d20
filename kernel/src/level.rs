//! Which instruction set runs: found once, and held as a value that proves the CPU has it.

use core::fmt;

/// An instruction set that this CPU has. The value is the proof: there is no way to make one for another CPU.
///
/// `scalar` and, on x86-64, `sse2` are what the compiler makes of plain code for the target's baseline, and the same
/// there. Everyday code needs none of this, [`mask`](crate::mask()) and the others choose by themselves. Tests and benchmarks
/// run each in turn:
///
/// ```
/// use wscodec_kernel::Level;
///
/// for level in Level::supported() {
///     let mut payload = *b"\x7f\x9f\x4d\x51\x58";
///     level.mask(&mut payload, [0x37, 0xfa, 0x21, 0x3d]);
///     assert_eq!(&payload, b"Hello", "{level}");
/// }
/// assert_eq!(Level::from_name("scalar").unwrap().name(), "scalar");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(Isa);

macro_rules! levels {
    ($($(#[$attribute:meta])* $isa:ident = $name:literal if $detected:expr;)*) => {
        /// Every instruction set there is code for on this architecture, the least first.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(crate) enum Isa {
            $($(#[$attribute])* $isa,)*
        }

        impl Isa {
            const ALL: &[Self] = &[$($(#[$attribute])* Self::$isa,)*];

            fn is_detected(self) -> bool {
                match self {
                    $($(#[$attribute])* Self::$isa => $detected,)*
                }
            }

            const fn name(self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$isa => $name,)*
                }
            }

            /// The one that `as u8` makes this byte of.
            #[inline(always)]
            const fn from_byte(byte: u8) -> Option<Self> {
                $($(#[$attribute])* if byte == Self::$isa as u8 {
                    return Some(Self::$isa);
                })*
                None
            }
        }
    };
}

levels! {
    Scalar = "scalar" if true;
    #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
    Sse2 = "sse2" if true;
    #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
    Sse41 = "sse4.1" if x86::sse41();
    #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
    Avx2 = "avx2" if x86::avx2();
    #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
    Avx512 = "avx512" if x86::avx512();
    #[cfg(all(target_arch = "aarch64", target_feature = "neon", not(wscodec_force_scalar)))]
    Neon = "neon" if true;
}

#[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
mod x86 {
    use core::arch::x86_64::__cpuid;

    pub(super) fn is_from_intel() -> bool {
        #[allow(unused_unsafe, reason = "newer compilers call it safe")]
        // SAFETY: every CPU of this architecture has the instruction, and it changes nothing.
        let vendor = unsafe { __cpuid(0) };
        [vendor.ebx, vendor.edx, vendor.ecx] == [*b"Genu", *b"ineI", *b"ntel"].map(u32::from_le_bytes)
    }

    pub(super) fn sse41() -> bool {
        cpufeatures::new!(features, "sse3", "ssse3", "sse4.1");
        features::get()
    }

    pub(super) fn avx2() -> bool {
        cpufeatures::new!(features, "sse4.2", "avx", "avx2", "bmi1", "bmi2");
        features::get()
    }

    // The policy on 512-bit vectors: only with VBMI, which came with Ice Lake and Zen 4. The AVX-512 CPUs before them
    // lower their clock for the whole core when such vectors are used, which a codec has no right to cause.
    pub(super) fn avx512() -> bool {
        cpufeatures::new!(
            features,
            "sse4.2",
            "avx",
            "avx2",
            "bmi1",
            "bmi2",
            "fma",
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512vbmi"
        );
        features::get()
    }
}

impl Level {
    /// The best one this CPU has.
    #[must_use]
    #[inline]
    pub fn best() -> Self {
        best::level()
    }

    /// Every one this CPU has, the least first.
    pub fn supported() -> impl DoubleEndedIterator<Item = Self> {
        Isa::ALL.iter().filter(|isa| isa.is_detected()).map(|&isa| Self(isa))
    }

    /// The names of all instruction sets that there is code for on this architecture, whether or not this CPU has them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Isa::ALL.iter().map(|isa| isa.name())
    }

    /// The one of this name, if this CPU has it: `scalar`, `sse2`, `sse4.1`, `avx2`, `avx512`, `neon`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::supported().find(|level| level.name() == name)
    }

    /// The name that [`Level::from_name`] takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name()
    }

    /// The best one for code that loads from where it can't choose the alignment and stores to where it can.
    ///
    /// A load of 64 bytes that is not aligned is always one of two cache lines, of 32 bytes every other time. On Zen 4 the copying
    /// workloads of `cargo compare` were never slower with 32, and the long ones much faster; on Emerald Rapids those of 1 to
    /// 4 KiB took 1.4 times as long with 32, and no other was faster.
    #[inline]
    pub(crate) fn best_for_copies() -> Self {
        best::level_for_copies()
    }

    /// For [`compile_per_level`] alone.
    #[inline]
    pub(crate) const fn isa(self) -> Isa {
        self.0
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Level({})", self.name())
    }
}

/// The best levels, detected on first use and kept in one atomic byte each.
mod best {
    use core::sync::atomic::{AtomicU8, Ordering};

    use super::{Isa, Level};

    /// A level that is always found to be the same, once it was looked for.
    struct Found(AtomicU8);

    const UNKNOWN: u8 = u8::MAX;
    static BEST: Found = Found(AtomicU8::new(UNKNOWN));
    static BEST_FOR_COPIES: Found = Found(AtomicU8::new(UNKNOWN));

    #[inline]
    pub(super) fn level() -> Level {
        BEST.level(|| Level::supported().next_back().unwrap_or(Level(Isa::Scalar)))
    }

    #[inline]
    pub(super) fn level_for_copies() -> Level {
        BEST_FOR_COPIES.level(|| match level().0 {
            // Detecting AVX-512 includes all that AVX2 stands for.
            #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
            Isa::Avx512 if !super::x86::is_from_intel() => Level(Isa::Avx2),
            isa => Level(isa),
        })
    }

    impl Found {
        #[inline]
        fn level(&self, look: fn() -> Level) -> Level {
            // Relaxed: the byte stands for itself, and every thread would write the same.
            match Isa::from_byte(self.0.load(Ordering::Relaxed)) {
                Some(isa) => Level(isa),
                None => self.find(look),
            }
        }

        #[cold]
        fn find(&self, look: fn() -> Level) -> Level {
            let found = look();
            self.0.store(found.0 as u8, Ordering::Relaxed);
            found
        }
    }
}

/// Compiles the function `$body` once for each instruction set, and makes `$name`, which calls the one of the level it
/// is given.
///
/// `$body` must be `#[inline(always)]`, or it is compiled for the target's baseline alone. With `, else $plain`
/// it is generic over the [`Vector`](crate::simd::Vector) of the level, and `$plain` is for the levels without one.
macro_rules! compile_per_level {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $output:ty)? = $body:ident) => {
        $crate::level::compile_per_level! { @dispatch ($(#[$attribute])*) $visibility $name ($($argument: $type),*) ($(-> $output)?)
            plain($body) sse41($body) avx2($body) avx512($body) neon($body) }
    };
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $output:ty)? = $body:ident, else $plain:ident) => {
        $crate::level::compile_per_level! { @dispatch ($(#[$attribute])*) $visibility $name ($($argument: $type),*) ($(-> $output)?)
            plain($plain) sse41($body::<$crate::simd::Xmm>) avx2($body::<$crate::simd::Ymm>)
            avx512($body::<$crate::simd::Zmm>) neon($body::<$crate::simd::Neon>) }
    };
    (@dispatch ($($attribute:tt)*) $visibility:vis $name:ident ($($argument:ident: $type:ty),*) ($($output:tt)*)
        plain($plain:expr) sse41($sse41:expr) avx2($avx2:expr) avx512($avx512:expr) neon($neon:expr)) => {
        $($attribute)*
        #[inline]
        $visibility fn $name(level: $crate::Level, $($argument: $type),*) $($output)* {
            use $crate::level::Isa;

            #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
            #[target_feature(enable = "ssse3,sse4.1")]
            fn sse41($($argument: $type),*) $($output)* {
                $sse41($($argument),*)
            }

            #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
            #[target_feature(enable = "avx2,bmi1,bmi2")]
            fn avx2($($argument: $type),*) $($output)* {
                $avx2($($argument),*)
            }

            #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
            #[target_feature(enable = "avx2,bmi1,bmi2,avx512f,avx512bw,avx512vl,avx512vbmi")]
            fn avx512($($argument: $type),*) $($output)* {
                $avx512($($argument),*)
            }

            match level.isa() {
                Isa::Scalar => $plain($($argument),*),
                #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
                Isa::Sse2 => $plain($($argument),*),
                #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
                // SAFETY: a `Level` exists only for instruction sets that were detected on this CPU, by the features that
                // these functions enable and those that they imply; F16C alone is not asked for, without which there is
                // no CPU with AVX2.
                Isa::Sse41 => unsafe { sse41($($argument),*) },
                #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
                // SAFETY: as above.
                Isa::Avx2 => unsafe { avx2($($argument),*) },
                #[cfg(all(target_arch = "x86_64", not(wscodec_force_scalar)))]
                // SAFETY: as above.
                Isa::Avx512 => unsafe { avx512($($argument),*) },
                #[cfg(all(target_arch = "aarch64", target_feature = "neon", not(wscodec_force_scalar)))]
                Isa::Neon => $neon($($argument),*),
            }
        }
    };
}
pub(crate) use compile_per_level;
