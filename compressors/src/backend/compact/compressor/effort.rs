//! What the levels mean.

/// How hard a compressor tries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// How many of the last places with the same hash are kept and compared: 1, 2, 4, 8 or 16.
    pub(super) ways: usize,
    /// Of the places in a window one in two to this power is kept.
    pub(super) sparse: u32,
    /// A match of this length is taken without another look.
    pub(super) nice: usize,
    /// A match below this length is dropped if a longer one begins at the next byte.
    pub(super) lazy: usize,
    /// Within a match, every so many-th place is kept.
    pub(super) stride: usize,
    /// Texts up to this length are written in fixed codes, in the same pass that finds their matches.
    pub(super) one_pass: usize,
    /// Whether matches of three bytes are looked for where there are none of four.
    pub(super) short: bool,
}

impl Effort {
    /// For what is stored.
    pub(super) const NONE: Self = effort(1, 0, 0, 0, 1, 0, false);

    /// That of a level; `None` stores.
    pub(super) fn of(level: u8) -> Option<Self> {
        let searching = usize::from(level).checked_sub(1)?;
        LEVELS.get(searching).or(LEVELS.last()).copied()
    }
}

/// Levels 1 to 9. The first always writes fixed codes. In small messages with context takeover, 2 and 3 find most of what 6 does in half of the time; from 4 on,
/// short messages without it get codes of their own.
const LEVELS: [Effort; 9] = [
    effort(1, 2, 32, 0, 8, usize::MAX, false),
    effort(1, 2, 64, 64, 8, 1024, false),
    effort(2, 2, 64, 64, 4, 512, false),
    effort(2, 1, 128, 64, 2, 96, true),
    effort(4, 1, 128, 64, 1, 96, true),
    effort(8, 1, 128, 128, 1, 96, true),
    effort(8, 0, 200, 128, 1, 96, true),
    effort(16, 0, 200, 200, 1, 96, true),
    effort(16, 0, 258, 258, 1, 96, true),
];

const fn effort(
    ways: usize,
    sparse: u32,
    nice: usize,
    lazy: usize,
    stride: usize,
    one_pass: usize,
    short: bool,
) -> Effort {
    Effort { ways, sparse, nice, lazy, stride, one_pass, short }
}
