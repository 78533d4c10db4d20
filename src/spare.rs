//! Buffers that nothing is in, which the thread keeps for whichever of its connections needs one next.
//!
//! ```text
//!  connection 1   waits, holds none
//!  connection 2   reads, decodes, writes      <---- takes one when it has something to do
//!  connection 3   waits, holds none           ----> leaves it when it waits again
//! ```
//!
//! Most connections wait most of the time. A buffer that many of them use one after the other takes the memory of one, and is
//! in the cache when the next one comes.

use std::cell::RefCell;
use std::collections::VecDeque;

use wscodec_kernel::{FrameReader, ReaderMemory};

/// Frees the buffers that this thread keeps for its connections, and the contexts of compressors that it
/// [shares](wscodec_compressors::release_shared): after many connections, say, that have come to their end.
///
/// ```
/// use wscodec::{Connection, Limits, Message, Role, release_shared};
///
/// let mut connection = Connection::new(Role::Client, Limits::new());
/// connection.push(b"\x81\x05Hello");
/// while connection.next_event()?.is_some() {}
/// connection.share_buffers();
/// release_shared();
/// # Ok::<(), wscodec::Error>(())
/// ```
pub fn release_shared() {
    // While a thread ends there are none.
    _ = with(|spare| *spare = Spare::NONE);
    wscodec_compressors::release_shared();
}

/// Gives a reader that has no memory to read to that of one that waits, if there is more of it.
#[inline]
pub(crate) fn lend_memory(reader: &mut FrameReader) {
    if reader.left_over() > 0 {
        return lend_beside(reader);
    }
    // Exchanged before it is looked at: whole, as it was left there a moment ago, or the CPU would wait for that to be written.
    let is_exchanged = with(|spare| reader.swap_memory(&mut spare.reading));
    if is_exchanged == Some(true) && !reader.has_memory() {
        lend_further(reader);
    }
}

/// The same where there is none at hand.
#[cold]
#[inline(never)]
fn lend_further(reader: &mut FrameReader) {
    with(|spare| spare.take_further(0) && reader.swap_memory(&mut spare.reading));
}

/// The same for one with bytes left over.
#[inline(never)]
fn lend_beside(reader: &mut FrameReader) {
    let left = reader.left_over();
    with(|spare| {
        let is_there = spare.reading.capacity() > 0 || spare.take_further(left);
        if is_there && spare.reading.capacity() > left && reader.swap_memory(&mut spare.reading) {
            // It had just what was left over: kept, such scraps would soon be all that there is.
            spare.reading = ReaderMemory::NONE;
        }
    });
}

/// Leaves the memory of a reader to others if nothing is in it, or hardly anything, unless it is small or there is no room for it.
#[inline]
pub(crate) fn leave_memory(reader: &mut FrameReader) {
    if reader.left_over() > 0 || !(LEAST..=HUGE).contains(&reader.capacity()) {
        return leave_other_memory(reader);
    }
    // Most that wait come here: there is always room for one such.
    let is_left = with(|spare| spare.reading.capacity() == 0 && reader.swap_memory(&mut spare.reading));
    if is_left == Some(false) {
        leave_further(reader);
    }
}

/// The same where there is some at hand, or frames are still to be given.
#[cold]
#[inline(never)]
fn leave_further(reader: &mut FrameReader) {
    with(|spare| {
        if spare.reading.capacity() > 0 {
            spare.make_way();
        }
        reader.swap_memory(&mut spare.reading);
    });
}

#[inline(never)]
fn leave_other_memory(reader: &mut FrameReader) {
    let (left, bytes) = (reader.left_over(), reader.memory());
    if bytes < LEAST || !is_unused(left, bytes) {
        return;
    }
    with(|spare| {
        if !spare.makes_room(bytes) {
            return;
        }
        let mut memory = ReaderMemory::NONE;
        if reader.swap_memory(&mut memory) {
            spare.add(memory);
        }
        if left > FEW {
            // With memory of its own it borrows none for the next read, after which all of this would be copied again.
            reader.room(left);
        }
    });
}

/// Whether a buffer in which so many bytes are left is better left to others: if there are none, or few in one that has become long. Or
/// a peer that sends the first byte of a message could keep what a long one took, again and again.
#[inline]
pub(crate) const fn is_unused(left: usize, capacity: usize) -> bool {
    left == 0 || (capacity > LONG && left <= capacity / 16)
}

/// An empty buffer, with room in it if there is one.
#[inline]
pub(crate) fn take_buffer() -> Vec<u8> {
    with(|spare| {
        let buffer = spare.buffers.pop_back()?;
        spare.bytes -= buffer.capacity();
        Some(buffer)
    })
    .flatten()
    .unwrap_or_default()
}

/// Gives a buffer without memory another one.
#[inline]
pub(crate) fn lend_buffer(buffer: &mut Vec<u8>) {
    if buffer.capacity() == 0 {
        *buffer = take_buffer();
    }
}

/// Leaves a buffer to others if nothing is in it, or hardly anything, unless it is small or there is no room for it.
#[inline(always)]
pub(crate) fn leave_buffer(buffer: &mut Vec<u8>) {
    let bytes = buffer.capacity();
    if bytes >= LEAST && is_unused(buffer.len(), bytes) {
        give_buffer(buffer, bytes);
    }
}

#[inline(never)]
fn give_buffer(buffer: &mut Vec<u8>, bytes: usize) {
    with(|spare| {
        if !spare.makes_room(bytes) {
            return;
        }
        let rest = Vec::from(&buffer[..]);
        let mut buffer = std::mem::replace(buffer, rest);
        buffer.clear();
        spare.bytes += bytes;
        spare.buffers.push_back(buffer);
    });
}

/// What is at hand comes first, then what was left last: it is the likeliest to be in the cache. What was left first goes when there is
/// too much.
struct Spare {
    reading: ReaderMemory,
    /// More such, where several readers had some at once.
    further: VecDeque<ReaderMemory>,
    buffers: VecDeque<Vec<u8>>,
    /// Of the last two.
    bytes: usize,
}

impl Spare {
    const NONE: Self =
        Self { reading: ReaderMemory::NONE, further: VecDeque::new(), buffers: VecDeque::new(), bytes: 0 };

    /// Puts some of the others in the place of what is at hand to read with, which is none, if it can hold more than so many `bytes`;
    /// tells whether it did. It is to be lent at once: only what is not huge may stay there.
    #[cold]
    fn take_further(&mut self, bytes: usize) -> bool {
        if self.further.back().is_none_or(|memory| memory.capacity() <= bytes) {
            return false;
        }
        self.reading = self.further.pop_back().unwrap_or_default();
        self.bytes -= self.reading.bytes();
        true
    }

    /// Puts what is at hand to read with to the others.
    #[cold]
    fn make_way(&mut self) {
        let memory = std::mem::take(&mut self.reading);
        if self.makes_room(memory.bytes()) {
            self.add(memory);
        }
    }

    /// Puts some to the others, that there is room for.
    fn add(&mut self, memory: ReaderMemory) {
        self.bytes += memory.bytes();
        self.further.push_back(memory);
    }

    /// Whether so many bytes more are not too many. For a buffer that is not huge, what was left first is freed until they aren't; a huge
    /// one had better stay where it is, since to make it anew for each message would take longer than the message.
    #[inline]
    fn makes_room(&mut self, bytes: usize) -> bool {
        while self.bytes + bytes > MOST {
            if bytes > HUGE {
                return false;
            }
            self.drop_oldest();
        }
        true
    }

    #[cold]
    fn drop_oldest(&mut self) {
        // Of what there is more of: neither takes the other's place in the end.
        let oldest = if self.buffers.len() >= self.further.len() {
            self.buffers.pop_front().map(|buffer| buffer.capacity())
        } else {
            self.further.pop_front().map(|memory| memory.bytes())
        };
        self.bytes -= oldest.unwrap_or(self.bytes);
    }
}

/// A thread keeps no more than this, which together with what is at hand to read with is 4 MiB.
const MOST: usize = (4 << 20) - (HUGE + (16 << 10));

/// Longer ones push out nothing. Far less than a thread keeps, so that one of these has room once the others are gone.
const HUGE: usize = 256 << 10;

/// Longer ones are not kept for a few bytes.
const LONG: usize = 64 << 10;

/// So many bytes may be copied with each wait.
const FEW: usize = 4 << 10;

/// Smaller ones stay where they are: to leave them would take longer than it is worth.
pub(crate) const LEAST: usize = 1 << 10;

thread_local! {
    static SPARE: RefCell<Spare> = const { RefCell::new(Spare::NONE) };
}

/// Nothing while the thread ends.
#[inline]
fn with<T>(work: impl FnOnce(&mut Spare) -> T) -> Option<T> {
    SPARE.try_with(|spare| Some(work(&mut *spare.try_borrow_mut().ok()?))).ok().flatten()
}
