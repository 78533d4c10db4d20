/// What a frame carries: the opcodes of RFC 6455 section 5.2.
///
/// The reserved values 3 to 7 and 11 to 15 have no variant; [`Opcode::from_bits`] refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// A further fragment of the message under way.
    Continuation = 0x0,
    /// A text message, or its first fragment.
    Text = 0x1,
    /// A binary message, or its first fragment.
    Binary = 0x2,
    /// The close frame of the closing handshake.
    Close = 0x8,
    /// A ping, to be answered by a pong with the same payload.
    Ping = 0x9,
    /// A pong.
    Pong = 0xA,
}

impl Opcode {
    /// Every opcode that RFC 6455 defines.
    pub const ALL: [Self; 6] =
        [Self::Continuation, Self::Text, Self::Binary, Self::Close, Self::Ping, Self::Pong];

    /// The opcode of these four bits, or `None` for a reserved or larger value.
    ///
    /// ```
    /// use wscodec_kernel::Opcode;
    /// assert_eq!(Opcode::from_bits(0x9), Some(Opcode::Ping));
    /// assert_eq!(Opcode::from_bits(0x3), None);
    /// ```
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0x0 => Some(Self::Continuation),
            0x1 => Some(Self::Text),
            0x2 => Some(Self::Binary),
            0x8 => Some(Self::Close),
            0x9 => Some(Self::Ping),
            0xA => Some(Self::Pong),
            _ => None,
        }
    }

    /// The four bits of the header's first byte.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u8 {
        self as u8
    }

    /// Whether this is a close, ping or pong (RFC 6455 section 5.5).
    #[must_use]
    #[inline]
    pub const fn is_control(self) -> bool {
        self.bits() & 0x8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_values_have_a_name_and_give_their_bits_back() {
        for bits in 0..=u8::MAX {
            let known = matches!(bits, 0..=2 | 8..=10);
            assert_eq!(Opcode::from_bits(bits).map(Opcode::bits), known.then_some(bits));
        }
    }

    #[test]
    fn control_opcodes_are_those_with_the_high_bit() {
        let control = Opcode::ALL.into_iter().filter(|opcode| opcode.is_control());
        assert!(control.eq([Opcode::Close, Opcode::Ping, Opcode::Pong]));
    }
}
