//! What the levels mean.

/// How hard the matches are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// How many of the last places with the same hash are kept and compared: 1, 2, 4, 8 or 16.
    pub(super) ways: usize,
    /// All places that are kept, as a base-2 logarithm, less than that of the window by this much.
    pub(super) sparse: usize,
    /// A match of this length is taken without another look.
    pub(super) nice: usize,
    /// A match below this length is dropped if a longer one begins at the next byte.
    pub(super) lazy: usize,
    /// Within a match, every so many-th place is kept.
    pub(super) stride: usize,
}

impl Effort {
    /// For what is stored.
    pub(super) const NONE: Self = Self { ways: 1, sparse: 0, nice: 0, lazy: 0, stride: 1 };

    /// That of a level; `None` stores.
    pub(super) fn of(level: u8) -> Option<Self> {
        let [ways, sparse, nice, lazy, stride] = LEVELS[usize::from(level).checked_sub(1)?.min(8)];
        Some(Self { ways, sparse, nice, lazy, stride })
    }
}

const LEVELS: [[usize; 5]; 9] = [
    [1, 2, 16, 0, 4],
    [2, 2, 16, 0, 2],
    [2, 2, 32, 0, 1],
    [4, 2, 32, 0, 1],
    [4, 2, 32, 16, 1],
    [8, 1, 64, 32, 1],
    [8, 1, 128, 64, 1],
    [16, 0, 200, 128, 1],
    [16, 0, 258, 258, 1],
];
