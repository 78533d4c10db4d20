//! Where masking keys come from (RFC 6455 sections 5.3 and 10.3).

use core::fmt;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use crate::BackendError;

/// A source of masking keys, for a client that wants its own in place of the default.
///
/// RFC 6455 section 10.3 asks for keys that nobody who controls the payload can predict: a fixed or counted key is
/// for tests alone, and lets an attacker write bytes of his choice past a proxy.
///
/// ```
/// use wscodec::{Encoder, Message, Role};
///
/// // The key of RFC 6455 section 5.7.
/// let mut encoder = Encoder::new(Role::Client).with_mask_keys(|| [0x37, 0xfa, 0x21, 0x3d]);
/// let mut out = Vec::new();
/// encoder.encode(Message::Text("Hello"), &mut out)?;
/// assert_eq!(out, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// # Ok::<(), wscodec::Error>(())
/// ```
pub trait MaskKeys: Send {
    /// The key of the next frame.
    fn next_key(&mut self) -> [u8; 4];
}

impl<F: FnMut() -> [u8; 4] + Send> MaskKeys for F {
    fn next_key(&mut self) -> [u8; 4] {
        self()
    }
}

/// The source in use.
pub(crate) enum KeySource {
    /// The default before its first key: a server never needs one, so none is seeded for it.
    Unseeded,
    /// The default: a cipher's key stream, seeded by the system, a buffer of keys at a time. Of its 8 rounds at most 7 can
    /// be attacked, and that in theory; each further round would cost every frame.
    Cipher(Box<ChaCha8Rng>),
    Custom(Box<dyn MaskKeys>),
}

impl KeySource {
    #[inline]
    pub(crate) fn next_key(&mut self) -> Result<[u8; 4], BackendError> {
        match self {
            Self::Cipher(cipher) => Ok(cipher.next_u32().to_ne_bytes()),
            Self::Custom(keys) => Ok(keys.next_key()),
            Self::Unseeded => Ok(self.seed()?.next_u32().to_ne_bytes()),
        }
    }

    /// A key for each of many frames, in one call of the cipher.
    pub(crate) fn fill(&mut self, keys: &mut [[u8; 4]]) -> Result<(), BackendError> {
        match self {
            Self::Cipher(cipher) => cipher.fill_bytes(keys.as_flattened_mut()),
            Self::Custom(source) => keys.iter_mut().for_each(|key| *key = source.next_key()),
            Self::Unseeded => self.seed()?.fill_bytes(keys.as_flattened_mut()),
        }
        Ok(())
    }

    /// The bytes of memory that the default takes.
    pub(crate) fn memory(&self) -> usize {
        match self {
            Self::Cipher(cipher) => size_of_val(&**cipher),
            Self::Custom(keys) => size_of_val(&**keys),
            Self::Unseeded => 0,
        }
    }

    #[cold]
    fn seed(&mut self) -> Result<&mut ChaCha8Rng, BackendError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| BackendError::Randomness)?;
        *self = Self::Cipher(Box::new(ChaCha8Rng::from_seed(seed)));
        match self {
            Self::Cipher(cipher) => Ok(cipher),
            _ => Err(BackendError::Randomness),
        }
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the state: it tells the keys to come.
        f.write_str(match self {
            Self::Unseeded | Self::Cipher(_) => "KeySource::Cipher",
            Self::Custom(_) => "KeySource::Custom",
        })
    }
}
