//! What the test files share.
#![allow(dead_code, reason = "each test file uses its part")]

/// Makes a test of each instruction set, by name, that calls `$check` with its `Level`.
macro_rules! every_level {
    ($check:ident) => {
        every_level! { @tests $check;
            scalar: "scalar";
            #[cfg(target_arch = "x86_64")]
            sse2: "sse2";
            #[cfg(target_arch = "x86_64")]
            sse41: "sse4.1";
            #[cfg(target_arch = "x86_64")]
            avx2: "avx2";
            #[cfg(target_arch = "x86_64")]
            avx512: "avx512";
            #[cfg(target_arch = "aarch64")]
            neon: "neon";
        }
    };
    (@tests $check:ident; $($(#[$attribute:meta])* $test:ident: $name:literal;)*) => {
        mod $check {
            $(#[test]
            $(#[$attribute])*
            fn $test() {
                match wscodec_kernel::Level::from_name($name) {
                    Some(level) => super::$check(level),
                    None => println!("this machine has no {}", $name),
                }
            })*

            #[test]
            fn no_level_is_left_out() {
                let tested = [$($name),*];
                assert!(wscodec_kernel::Level::names().all(|name| tested.contains(&name)));
            }
        }
    };
}
pub(crate) use every_level;

/// Bytes without a pattern, the same in every run.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut random = Random::new(length as u64);
    std::iter::repeat_with(|| random.next().to_le_bytes()[3]).take(length).collect()
}

/// A small generator (xorshift), the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }
}

/// The oracle of masking.
pub(crate) fn masked(payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    payload.iter().zip(key.into_iter().cycle()).map(|(byte, key)| byte ^ key).collect()
}

/// The oracle of UTF-8: the length of the longest prefix that some text begins with, unless that is all of a text.
pub(crate) fn first_bad_byte(text: &[u8]) -> Option<u64> {
    let error = std::str::from_utf8(text).err()?;
    let can_go_on = |prefix: &[u8]| match std::str::from_utf8(prefix) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let longest = (error.valid_up_to()..=text.len()).rev().find(|&length| can_go_on(&text[..length]));
    longest.map(|length| length as u64)
}

/// Appends a frame, written by hand, since headers that are wrong are wanted too.
pub(crate) fn push_frame(stream: &mut Vec<u8>, first: u8, key: Option<[u8; 4]>, payload: &[u8]) {
    let mask_bit = if key.is_some() { 0x80 } else { 0 };
    let length = (payload.len() as u64).to_be_bytes();
    stream.push(first);
    match payload.len() {
        0..=125 => stream.push(mask_bit | length[7]),
        126..=0xFFFF => stream.extend([mask_bit | 126, length[6], length[7]]),
        _ => {
            stream.push(mask_bit | 127);
            stream.extend(length);
        }
    }
    match key {
        Some(key) => {
            stream.extend(key);
            stream.extend(masked(payload, key));
        }
        None => stream.extend(payload),
    }
}
