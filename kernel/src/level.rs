//! Which instruction set runs: found once, held as a value that proves the CPU has it.

/// An instruction set that this CPU has; the value is the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(pub(crate) Isa);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isa {
    Scalar,
}

impl Level {
    /// The best one this CPU has.
    #[must_use]
    pub fn best() -> Self {
        Self(Isa::Scalar)
    }
}
