//! Frame headers (RFC 6455 section 5.2): 2 to 14 bytes, decoded as they arrive, strictly.

use core::fmt;
use core::ops::{BitOr, Deref};

use crate::{CloseCode, MAX_CONTROL_PAYLOAD, Opcode};

/// The longest header in bytes: two, a 64-bit payload length and a masking key.
pub const MAX_HEADER_LENGTH: usize = 14;

/// The longest payload whose length the header's second byte holds.
pub(crate) const LONGEST_SMALL: usize = 125;

const FIN_BIT: u8 = 0x80;
const MASK_BIT: u8 = 0x80;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// The header of one frame.
///
/// ```
/// use wscodec_kernel::{FrameHeader, HeaderDecode, Opcode};
///
/// let header = FrameHeader::new(Opcode::Binary, 256);
/// let bytes = header.encode()?;
/// assert_eq!(bytes[..], [0x82, 126, 0x01, 0x00]);
/// assert_eq!(FrameHeader::decode(&bytes)?, HeaderDecode::Complete { header, length: 4 });
/// assert_eq!(FrameHeader::decode(&bytes[..2])?, HeaderDecode::Incomplete { missing: 2 });
/// # Ok::<(), wscodec_kernel::HeaderError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits, which only a negotiated extension may set.
    pub rsv: Rsv,
    /// What the frame carries.
    pub opcode: Opcode,
    /// The key that the payload is masked with: `Some` from a client, `None` from a server.
    pub masking_key: Option<[u8; 4]>,
    /// The payload's length in bytes, below 2^63.
    pub payload_length: u64,
}

/// What [`FrameHeader::decode`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderDecode {
    /// A whole header.
    Complete {
        /// The header.
        header: FrameHeader,
        /// The header's own length in bytes: where the payload begins.
        length: usize,
    },
    /// The header goes on after the bytes given.
    Incomplete {
        /// How many more bytes are needed at least; with them, decoding gets further.
        missing: usize,
    },
}

/// A header that breaks RFC 6455.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// An opcode that is reserved (section 5.2).
    ReservedOpcode(u8),
    /// A close, ping or pong without FIN (section 5.5).
    FragmentedControl(Opcode),
    /// A close, ping or pong of over 125 bytes (section 5.5).
    ControlTooLong(Opcode),
    /// A length in more bytes than it needs (section 5.2).
    LengthNotMinimal,
    /// A 64-bit length with its top bit set (section 5.2).
    LengthTooLarge,
}

/// The three reserved bits of a header, RSV1 to RSV3.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rsv(u8);

/// A header in its wire form; it dereferences to its 2 to 14 bytes.
#[derive(Clone, Copy)]
pub struct EncodedHeader {
    /// The header in the order of memory, and zeros.
    bytes: u128,
    /// At most `MAX_HEADER_LENGTH`.
    length: u8,
}

impl FrameHeader {
    /// The header of an unmasked frame that is a message of its own.
    #[must_use]
    #[inline]
    pub const fn new(opcode: Opcode, payload_length: u64) -> Self {
        Self { fin: true, rsv: Rsv::NONE, opcode, masking_key: None, payload_length }
    }

    /// Decodes the header that `bytes` begin with. Bytes after it are not looked at.
    ///
    /// Works on any prefix: call it again with more bytes when it answers [`HeaderDecode::Incomplete`]. A field that is
    /// wrong is refused when it is whole.
    ///
    /// # Errors
    /// A [`HeaderError`]; each is the peer's fault and ends the connection with its close code.
    // All of it is inlined: the result of a call would go through memory, which costs as much as the decoding.
    #[inline(always)]
    pub fn decode(bytes: &[u8]) -> Result<HeaderDecode, HeaderError> {
        Self::decode_by::<true>(bytes)
    }

    /// [`decode`](Self::decode) for peers that write the length of a data frame in more bytes than it needs, which RFC 6455
    /// section 5.2 forbids: it is taken.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), but [`HeaderError::LengthNotMinimal`].
    pub fn decode_leniently(bytes: &[u8]) -> Result<HeaderDecode, HeaderError> {
        Self::decode_by::<false>(bytes)
    }

    #[inline(always)]
    fn decode_by<const MINIMAL: bool>(bytes: &[u8]) -> Result<HeaderDecode, HeaderError> {
        let &[first, second, ref rest @ ..] = bytes else { return decode_start(bytes) };
        let (fin, rsv, opcode) = decode_first(first)?;
        let code = second & !MASK_BIT;
        let is_masked = second & MASK_BIT != 0;
        let short = |masking_key, length| {
            let header = Self { fin, rsv, opcode, masking_key, payload_length: u64::from(code) };
            Ok(HeaderDecode::Complete { header, length })
        };
        // Branches, which are foreseen, and no arithmetic: the place of the next header waits for this one's length.
        match rest.first_chunk() {
            _ if code >= LENGTH_16 => decode_extended::<MINIMAL>(fin, rsv, opcode, second, rest),
            Some(key) if is_masked => short(Some(*key), 6),
            None if is_masked => Ok(HeaderDecode::Incomplete { missing: 4 - rest.len() }),
            _ => short(None, 2),
        }
    }

    /// The header's wire form.
    ///
    /// # Errors
    /// The [`HeaderError`] that a peer would raise on this header.
    #[inline(always)]
    pub fn encode(&self) -> Result<EncodedHeader, HeaderError> {
        self.check()?;
        Ok(self.encode_checked())
    }

    /// Whether a peer would take it.
    #[inline(always)]
    pub(crate) const fn check(&self) -> Result<(), HeaderError> {
        if self.opcode.is_control() {
            if !self.fin {
                return Err(HeaderError::FragmentedControl(self.opcode));
            }
            if self.payload_length > MAX_CONTROL_PAYLOAD as u64 {
                return Err(HeaderError::ControlTooLong(self.opcode));
            }
        }
        if self.payload_length >> 63 != 0 {
            return Err(HeaderError::LengthTooLarge);
        }
        Ok(())
    }

    /// The length of the header's wire form in bytes, 2 to 14.
    #[must_use]
    #[inline]
    pub const fn encoded_length(&self) -> usize {
        let extended = match self.payload_length {
            0..=125 => 0,
            126..=0xFFFF => 2,
            _ => 8,
        };
        2 + extended + if self.masking_key.is_some() { 4 } else { 0 }
    }

    /// Of a small frame: its header, zeros, and the header's length.
    #[inline(always)]
    pub(crate) fn encode_small(&self) -> ([u8; 8], usize) {
        let [.., length] = self.payload_length.to_be_bytes();
        let start = u64::from(self.start(length));
        match self.masking_key {
            None => (start.to_le_bytes(), 2),
            Some(key) => ((start | u64::from(u32::from_le_bytes(key)) << 16).to_le_bytes(), 6),
        }
    }

    /// The first two bytes, with the second's 7 bits.
    #[inline(always)]
    const fn start(&self, code: u8) -> u16 {
        let fin = if self.fin { FIN_BIT } else { 0 };
        let mask = if self.masking_key.is_some() { MASK_BIT } else { 0 };
        u16::from_le_bytes([fin | self.rsv.0 << 4 | self.opcode.bits(), mask | code])
    }

    /// In one integer, first byte lowest: built in registers, and stored at once.
    #[inline(always)]
    pub(crate) fn encode_checked(&self) -> EncodedHeader {
        let start = |code: u8| u128::from(self.start(code));
        let key_at = |place: u32| match self.masking_key {
            Some(key) => u128::from(u32::from_le_bytes(key)) << (8 * place),
            None => 0,
        };
        let [.., high, low] = self.payload_length.to_be_bytes();
        let bits = match self.payload_length {
            0..=125 => start(low) | key_at(2),
            126..=0xFFFF => start(LENGTH_16) | u128::from(u16::from_le_bytes([high, low])) << 16 | key_at(4),
            length => start(LENGTH_64) | u128::from(length.swap_bytes()) << 16 | key_at(10),
        };
        #[expect(clippy::cast_possible_truncation, reason = "at most 14")]
        EncodedHeader { bytes: bits.to_le(), length: self.encoded_length() as u8 }
    }
}

/// A header of which the first byte or none is there.
#[inline(always)]
fn decode_start(bytes: &[u8]) -> Result<HeaderDecode, HeaderError> {
    for &first in bytes {
        decode_first(first)?;
    }
    Ok(HeaderDecode::Incomplete { missing: 2 - bytes.len() })
}

#[inline(always)]
fn decode_first(first: u8) -> Result<(bool, Rsv, Opcode), HeaderError> {
    let bits = first & 0x0F;
    let opcode = Opcode::from_bits(bits).ok_or(HeaderError::ReservedOpcode(bits))?;
    let fin = first & FIN_BIT != 0;
    if opcode.is_control() && !fin {
        return Err(HeaderError::FragmentedControl(opcode));
    }
    Ok((fin, Rsv::from_first_byte(first), opcode))
}

/// The rest of a header with a payload length of 16 or 64 bits; `rest` begins with that.
#[inline(always)]
fn decode_extended<const MINIMAL: bool>(
    fin: bool,
    rsv: Rsv,
    opcode: Opcode,
    second: u8,
    rest: &[u8],
) -> Result<HeaderDecode, HeaderError> {
    if opcode.is_control() {
        return Err(HeaderError::ControlTooLong(opcode));
    }
    let is_masked = second & MASK_BIT != 0;
    let (payload_length, size, smallest) = match second & !MASK_BIT {
        LENGTH_16 => (rest.first_chunk().map(|bytes| u64::from(u16::from_be_bytes(*bytes))), 2, 126),
        _ => (rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)), 8, 0x1_0000),
    };
    // A length that is there is checked before the key has arrived.
    match payload_length {
        Some(length) if MINIMAL && length < smallest => return Err(HeaderError::LengthNotMinimal),
        Some(length) if length >> 63 != 0 => return Err(HeaderError::LengthTooLarge),
        _ => {}
    }
    let needed = size + if is_masked { 4 } else { 0 };
    match payload_length {
        Some(payload_length) if rest.len() >= needed => {
            let masking_key = if is_masked { rest[size..].first_chunk().copied() } else { None };
            let header = FrameHeader { fin, rsv, opcode, masking_key, payload_length };
            Ok(HeaderDecode::Complete { header, length: 2 + needed })
        }
        _ => Ok(HeaderDecode::Incomplete { missing: needed - rest.len() }),
    }
}

impl HeaderError {
    /// The code of the close frame to answer with: 1002 for each of them.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        CloseCode::PROTOCOL_ERROR
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedOpcode(bits) => write!(f, "reserved opcode {bits:#x}"),
            Self::FragmentedControl(opcode) => write!(f, "fragmented {opcode:?} frame"),
            Self::ControlTooLong(opcode) => write!(f, "{opcode:?} frame of over 125 bytes"),
            Self::LengthNotMinimal => f.write_str("payload length in more bytes than it needs"),
            Self::LengthTooLarge => f.write_str("payload length with its top bit set"),
        }
    }
}

impl core::error::Error for HeaderError {}

impl Rsv {
    /// No bit set.
    pub const NONE: Self = Self(0);
    /// RSV1, which marks a compressed message under permessage-deflate (RFC 7692 section 6).
    pub const RSV1: Self = Self(0b100);
    /// RSV2.
    pub const RSV2: Self = Self(0b010);
    /// RSV3.
    pub const RSV3: Self = Self(0b001);

    pub(crate) const fn from_first_byte(first: u8) -> Self {
        Self(first >> 4 & 0x7)
    }

    /// Whether every bit of `other` is set in `self`.
    #[must_use]
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits of `self` that are not in `other`.
    #[must_use]
    #[inline]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no bit is set.
    #[must_use]
    #[inline]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Rsv {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Rsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rsv({:03b})", self.0)
    }
}

impl EncodedHeader {
    /// The wire form and zeros after it.
    #[inline]
    pub(crate) const fn padded(&self) -> [u8; 16] {
        self.bytes.to_ne_bytes()
    }
}

impl Deref for EncodedHeader {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &bytemuck::bytes_of(&self.bytes)[..usize::from(self.length)]
    }
}

impl fmt::Debug for EncodedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedHeader({:02x?})", &**self)
    }
}
