use core::cell::Cell;

/// The frames of a message so far, for a backend that wants all of it at once. It grows with the bytes received.
///
/// Most such messages are short: their room is the thread's, which the next one takes over.
#[derive(Default)]
pub(super) struct Gathered {
    bytes: Vec<u8>,
}

impl Gathered {
    pub(super) fn push(&mut self, payload: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        }
        self.bytes.extend_from_slice(payload);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the room to the thread's next message.
    #[inline]
    pub(super) fn clear(&mut self) {
        if self.bytes.capacity() > 0 {
            self.give_room();
        }
    }

    fn give_room(&mut self) {
        let mut bytes = core::mem::take(&mut self.bytes);
        bytes.clear();
        if bytes.capacity() <= MOST_KEPT {
            // A thread that ends has no next message.
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

pub(super) fn release_spare() {
    drop(SPARE.try_with(Cell::take));
}

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The most room that is kept, in bytes.
const MOST_KEPT: usize = 64 << 10;
