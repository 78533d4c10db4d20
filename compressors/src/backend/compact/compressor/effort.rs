//! What the levels mean.

/// How hard a compressor tries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub(super) search: Search,
    /// A match of this length is taken without another look.
    pub(super) nice: usize,
    /// A match below this length is dropped if a better one begins at the next byte.
    pub(super) lazy: usize,
    /// Within a match, every so many-th place is kept.
    pub(super) stride: usize,
    /// Texts up to this length are written in fixed codes, in the same pass that finds their matches.
    pub(super) one_pass: usize,
    /// How many places of three bytes are known, for where there is no match of four: a power of two, or 0 for none. Four times as
    /// far is looked; further away, three bytes take hardly more bits by themselves.
    pub(super) short: usize,
    /// How often the matches are weighed with the codes that a long text got by them.
    pub(super) rounds: usize,
}

/// Where matches are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Search {
    /// In buckets of the last places with the same hash: 1 or 2. Of the places in a window one in two to the power of `sparse` is
    /// kept.
    Buckets { ways: usize, sparse: u32 },
    /// In chains of all places of a window with the same hash, so many steps back; in a short text further.
    Chains { depth: usize, depth_in_short: usize },
}

impl Effort {
    /// The most places that are looked at for one byte.
    #[cfg(test)]
    pub(super) fn most_steps(level: u8) -> usize {
        match Self::of(level).map(|effort| effort.search) {
            Some(Search::Chains { depth, depth_in_short }) => depth.max(depth_in_short),
            _ => 0,
        }
    }

    /// For what is stored.
    pub(super) const NONE: Self = buckets(1, 0, 0, 0, 1, 0, 0);

    /// That of a level; `None` stores.
    pub(super) fn of(level: u8) -> Option<Self> {
        let searching = usize::from(level).checked_sub(1)?;
        LEVELS.get(searching).or(LEVELS.last()).copied()
    }
}

/// Levels 1 to 9. The first always writes fixed codes. In small messages with context takeover, 2 and 3 find most of what 6 does in
/// half of the time; from 4 on, short messages without it get codes of their own.
const LEVELS: [Effort; 9] = [
    buckets(1, 2, 32, 0, 8, usize::MAX, 0),
    buckets(1, 2, 64, 64, 8, 1024, 0),
    buckets(2, 2, 64, 64, 4, 512, 0),
    buckets(2, 1, 128, 64, 2, 96, 512),
    chains(12, 32, 128, 64, 3, 0),
    chains(28, 64, 128, 258, 3, 1),
    chains(96, 256, 258, 258, 2, 1),
    chains(256, 1024, 258, 258, 1, 2),
    chains(1024, 1024, 258, 258, 1, 2),
];

const fn buckets(
    ways: usize,
    sparse: u32,
    nice: usize,
    lazy: usize,
    stride: usize,
    one_pass: usize,
    short: usize,
) -> Effort {
    Effort { search: Search::Buckets { ways, sparse }, nice, lazy, stride, one_pass, short, rounds: 0 }
}

const fn chains(
    depth: usize,
    depth_in_short: usize,
    nice: usize,
    lazy: usize,
    stride: usize,
    rounds: usize,
) -> Effort {
    let search = Search::Chains { depth, depth_in_short };
    Effort { search, nice, lazy, stride, one_pass: 96, short: 2048, rounds }
}
