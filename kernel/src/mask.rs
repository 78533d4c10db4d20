//! Masking (RFC 6455 section 5.3): every byte of a payload is xored with a byte of the key, in turn. Masking twice
//! gives the payload back, so one function does both directions.

use crate::Level;
use crate::level::compile_per_level;

/// Masks or unmasks a whole payload in place, with the best instruction set of this CPU.
///
/// No byte outside `payload` is read or written. Up to 128 bytes are masked right here with what every CPU of the
/// architecture has: there the call into code for a better instruction set costs more than it saves.
///
/// ```
/// let mut payload = *b"Hello";
/// wscodec_kernel::mask(&mut payload, [0x37, 0xfa, 0x21, 0x3d]);
/// assert_eq!(&payload, b"\x7f\x9f\x4d\x51\x58"); // RFC 6455 section 5.7
/// ```
#[inline]
pub fn mask(payload: &mut [u8], key: [u8; 4]) {
    if payload.len() <= SHORT {
        mask_short(payload, key);
    } else {
        Level::best().mask(payload, key);
    }
}

impl Level {
    /// [`mask`](crate::mask()) with this instruction set.
    #[inline]
    pub fn mask(self, payload: &mut [u8], key: [u8; 4]) {
        mask_with(self, payload, key);
    }
}

/// Masks or unmasks a payload that arrives in pieces of any length, keeping its place in the key.
///
/// ```
/// use wscodec_kernel::Masker;
///
/// let mut masker = Masker::new([0x37, 0xfa, 0x21, 0x3d]);
/// let (mut first, mut second) = (*b"\x7f\x9f\x4d", *b"\x51\x58");
/// masker.mask(&mut first);
/// masker.mask(&mut second);
/// assert_eq!((&first, &second), (b"Hel", b"lo"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masker {
    /// The key, rotated so that its first byte is for the next byte of the payload.
    key: [u8; 4],
}

impl Masker {
    /// At the start of a payload.
    #[must_use]
    #[inline]
    pub const fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// At byte `offset` of a payload.
    #[must_use]
    #[inline]
    pub const fn at(key: [u8; 4], offset: u64) -> Self {
        Self { key: rotated(key, (offset & 3) as usize) }
    }

    /// Masks or unmasks the next piece in place, with the best instruction set of this CPU.
    #[inline]
    pub fn mask(&mut self, piece: &mut [u8]) {
        mask(piece, self.key_of_next(piece.len()));
    }

    /// The key for the next `length` bytes, which count as masked from now on.
    #[inline]
    pub(crate) const fn key_of_next(&mut self, length: usize) -> [u8; 4] {
        let key = self.key;
        self.key = rotated(key, length);
        key
    }
}

/// The key as it applies `offset` bytes further on.
#[inline(always)]
pub(crate) const fn rotated(key: [u8; 4], offset: usize) -> [u8; 4] {
    #[expect(clippy::cast_possible_truncation, reason = "the two lowest bits are all that counts")]
    let phase = offset as u32 & 3;
    u32::from_le_bytes(key).rotate_right(8 * phase).to_le_bytes()
}

compile_per_level! {
    fn mask_with(payload: &mut [u8], key: [u8; 4]) = mask_body
}

/// The whole algorithm, compiled once for each instruction set; the compiler turns the arrays into its vectors.
///
/// ```text
/// up to 3 bytes    first, middle and last byte
/// up to 7          two words, one from each end, which may overlap
/// up to 31, 128,   four words of 8, 32, 64 bytes, the last one at the end and none beyond it, so that they may lie
/// and 256          upon one another: no branch on the length, whose mispredictions cost more than the work
/// above            one block from each end, and aligned blocks between them
/// ```
/// All that may overlap is loaded before any of it is stored, or it would be masked twice. Exactly the payload's
/// bytes are stored: a store that reaches into what follows would stall the load of the next frame's header.
#[inline(always)]
pub(crate) fn mask_body(payload: &mut [u8], key: [u8; 4]) {
    if payload.len() <= SHORT {
        mask_short(payload, key);
    } else if payload.len() <= 4 * BLOCK {
        mask_four::<Block, BLOCK>(payload, key);
    } else {
        mask_long(payload, key);
    }
}

/// The longest payload that four words of 32 bytes cover.
const SHORT: usize = 128;

/// Up to `SHORT` bytes.
#[inline(always)]
pub(crate) fn mask_short(payload: &mut [u8], key: [u8; 4]) {
    match payload.len() {
        32.. => mask_four::<[u32; 8], 32>(payload, key),
        8..=31 => mask_four::<u64, 8>(payload, key),
        4..=7 => mask_ends::<u32, 4>(payload, key),
        1..=3 => mask_three(payload, key),
        0 => {}
    }
}

/// 1 to 3 bytes.
#[inline(always)]
fn mask_three(payload: &mut [u8], key: [u8; 4]) {
    let last = payload.len() - 1;
    let middle = payload.len() / 2;
    let masked = [0, middle, last].map(|place| payload[place] ^ rotated(key, place)[0]);
    [payload[0], payload[middle], payload[last]] = masked;
}

/// `N` to `2 * N` bytes.
#[inline(always)]
fn mask_ends<W: Word<N>, const N: usize>(payload: &mut [u8], key: [u8; 4]) {
    let last = payload.len() - N;
    let first_word = masked_at(payload, 0, W::of_key(key));
    let last_word = masked_at(payload, last, W::of_key(rotated(key, last)));
    store_at(payload, 0, first_word);
    store_at(payload, last, last_word);
}

/// `N` to `4 * N` bytes.
#[inline(always)]
fn mask_four<W: Word<N>, const N: usize>(payload: &mut [u8], key: [u8; 4]) {
    let last = payload.len() - N;
    // At a multiple of 4 the key is as at the start.
    let (second, third) = (N.min(last & !3), (2 * N).min(last & !3));
    let word = W::of_key(key);
    let first_word = masked_at(payload, 0, word);
    let second_word = masked_at(payload, second, word);
    let third_word = masked_at(payload, third, word);
    let last_word = masked_at(payload, last, W::of_key(rotated(key, last)));
    store_at(payload, 0, first_word);
    store_at(payload, second, second_word);
    store_at(payload, third, third_word);
    store_at(payload, last, last_word);
}

/// At least two blocks.
#[inline(always)]
fn mask_long(payload: &mut [u8], key: [u8; 4]) {
    let last = payload.len() - BLOCK;
    let first_block = masked_at(payload, 0, Block::of_key(key));
    let last_block = masked_at(payload, last, Block::of_key(rotated(key, last)));
    // Aligned stores: a store across a cache line costs two.
    let aligned = payload.as_ptr().align_offset(BLOCK).min(BLOCK);
    let pattern = Block::of_key(rotated(key, aligned)).to_bytes();
    for block in payload[aligned..].as_chunks_mut::<BLOCK>().0 {
        for (byte, key) in block.iter_mut().zip(&pattern) {
            *byte ^= key;
        }
    }
    store_at(payload, 0, first_block);
    store_at(payload, last, last_block);
}

/// A cache line, and the longest vector.
const BLOCK: usize = 64;
type Block = [u32; BLOCK / 4];

/// What is masked in one step.
trait Word<const N: usize>: Copy {
    /// The key, again and again.
    fn of_key(key: [u8; 4]) -> Self;
    fn from_bytes(bytes: [u8; N]) -> Self;
    fn to_bytes(self) -> [u8; N];
    fn xor(self, other: Self) -> Self;
}

/// The four bytes of `payload` from `place` on, masked.
#[inline(always)]
pub(crate) fn masked_word(payload: &[u8], place: usize, key: [u8; 4]) -> [u8; 4] {
    masked_at(payload, place, u32::of_key(rotated(key, place))).to_bytes()
}

/// `N` bytes of `payload` from `place` on, masked with `key`.
#[inline(always)]
fn masked_at<W: Word<N>, const N: usize>(payload: &[u8], place: usize, key: W) -> W {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&payload[place..place + N]);
    W::from_bytes(bytes).xor(key)
}

#[inline(always)]
fn store_at<W: Word<N>, const N: usize>(payload: &mut [u8], place: usize, word: W) {
    payload[place..place + N].copy_from_slice(&word.to_bytes());
}

impl Word<4> for u32 {
    #[inline(always)]
    fn of_key(key: [u8; 4]) -> Self {
        Self::from_ne_bytes(key)
    }

    #[inline(always)]
    fn from_bytes(bytes: [u8; 4]) -> Self {
        Self::from_ne_bytes(bytes)
    }

    #[inline(always)]
    fn to_bytes(self) -> [u8; 4] {
        self.to_ne_bytes()
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
}

impl Word<8> for u64 {
    #[inline(always)]
    fn of_key(key: [u8; 4]) -> Self {
        let key = Self::from(u32::from_ne_bytes(key));
        key << 32 | key
    }

    #[inline(always)]
    fn from_bytes(bytes: [u8; 8]) -> Self {
        Self::from_ne_bytes(bytes)
    }

    #[inline(always)]
    fn to_bytes(self) -> [u8; 8] {
        self.to_ne_bytes()
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
}

macro_rules! word_of_u32s {
    ($($count:literal),*) => {$(
        impl Word<{ 4 * $count }> for [u32; $count] {
            #[inline(always)]
            fn of_key(key: [u8; 4]) -> Self {
                [u32::from_ne_bytes(key); $count]
            }

            #[inline(always)]
            fn from_bytes(bytes: [u8; 4 * $count]) -> Self {
                bytemuck::must_cast(bytes)
            }

            #[inline(always)]
            fn to_bytes(self) -> [u8; 4 * $count] {
                bytemuck::must_cast(self)
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                core::array::from_fn(|lane| self[lane] ^ other[lane])
            }
        }
    )*};
}
word_of_u32s!(8, 16);
