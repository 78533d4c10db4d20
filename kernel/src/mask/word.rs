//! What is masked in one step.

/// A few bytes at once; the compiler turns it into a register or several.
pub(super) trait Word<const N: usize>: Copy {
    /// The key, again and again.
    fn of_key(key: [u8; 4]) -> Self;
    fn from_bytes(bytes: [u8; N]) -> Self;
    fn to_bytes(self) -> [u8; N];
    fn xor(self, other: Self) -> Self;
}

macro_rules! words {
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
words!(1, 8, 16);

/// Two at once, which the compiler would take apart.
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
