//! Plain C zlib, the yardstick: called directly, since it must not come through `flate2`, whose engine it would change.
//!
//! Streams are raw DEFLATE and follow
//! RFC 7692 section 7.2 as simply as it can be done.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_uint, c_void};

use libz_sys as z;

/// What this contender is called.
pub const NAME: &str = "zlib";

/// The largest window.
const WINDOW_BITS: u8 = 15;
/// zlib's own default.
const MEMORY_LEVEL: c_int = 8;
/// What a sync flush ends with and the wire does not carry.
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];
/// Room made before each call. More than a flush marker needs, which zlib would write again if it got less.
const ROOM: usize = 4 << 10;

/// The version that the library linked into this program answers with.
pub fn version() -> String {
    // SAFETY: zlibVersion takes nothing and returns a static string that ends in a zero byte.
    let version = unsafe { CStr::from_ptr(z::zlibVersion()) };
    version.to_string_lossy().into_owned()
}

/// A compressing stream.
pub struct Deflater {
    stream: Stream,
    takeover: bool,
}

/// A decompressing stream.
pub struct Inflater {
    stream: Stream,
    takeover: bool,
}

impl Deflater {
    /// A stream of this level, 0 to 9.
    pub fn new(level: u8, takeover: bool) -> Result<Self, String> {
        Self::with_window(level, takeover, WINDOW_BITS)
    }

    /// The same with a window of 9 to 15 bits.
    pub fn with_window(level: u8, takeover: bool, bits: u8) -> Result<Self, String> {
        let stream = Stream::new(z::deflateEnd, |stream| {
            // SAFETY: `stream` is valid and has its allocation functions; version and size are those of the headers
            // that `z_stream` was declared from.
            unsafe {
                z::deflateInit2_(
                    stream,
                    c_int::from(level),
                    z::Z_DEFLATED,
                    raw(bits),
                    MEMORY_LEVEL,
                    z::Z_DEFAULT_STRATEGY,
                    z::zlibVersion(),
                    size_of::<z::z_stream>() as c_int,
                )
            }
        })?;
        Ok(Self { stream, takeover })
    }

    /// Appends the payload of a message that is not empty.
    pub fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        // SAFETY: `run` gives a stream that was set up by deflateInit2_, with input and output that are valid.
        self.stream.run(message, out, |stream| unsafe { z::deflate(stream, z::Z_SYNC_FLUSH) })?;
        if !out.ends_with(&TAIL) {
            return Err("a sync flush without its marker".to_owned());
        }
        out.truncate(out.len() - TAIL.len());
        if !self.takeover {
            self.reset();
        }
        Ok(())
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        // SAFETY: the stream was set up by deflateInit2_. The call fails only for one that was not.
        unsafe { z::deflateReset(&mut *self.stream.raw) };
    }

    /// The bytes that the stream has allocated.
    pub fn memory(&self) -> usize {
        self.stream.allocated.get()
    }
}

impl Inflater {
    /// A stream at its start.
    pub fn new(takeover: bool) -> Result<Self, String> {
        Self::with_window(takeover, WINDOW_BITS)
    }

    /// The same with a window of 9 to 15 bits.
    pub fn with_window(takeover: bool, bits: u8) -> Result<Self, String> {
        let stream = Stream::new(z::inflateEnd, |stream| {
            // SAFETY: as in `Deflater::new`.
            unsafe {
                z::inflateInit2_(stream, raw(bits), z::zlibVersion(), size_of::<z::z_stream>() as c_int)
            }
        })?;
        Ok(Self { stream, takeover })
    }

    /// Appends the message of a payload.
    pub fn inflate(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        for input in [payload, &TAIL] {
            // SAFETY: `run` gives a stream that was set up by inflateInit2_, with input and output that are valid.
            self.stream.run(input, out, |stream| unsafe { z::inflate(stream, z::Z_SYNC_FLUSH) })?;
        }
        if !self.takeover {
            self.reset();
        }
        Ok(())
    }

    /// Forgets the messages so far.
    pub fn reset(&mut self) {
        // SAFETY: the stream was set up by inflateInit2_. The call fails only for one that was not.
        unsafe { z::inflateReset(&mut *self.stream.raw) };
    }

    /// The bytes that the stream has allocated.
    pub fn memory(&self) -> usize {
        self.stream.allocated.get()
    }
}

/// How zlib is told to write no header of its own.
fn raw(bits: u8) -> c_int {
    -c_int::from(bits)
}

/// What both directions have in common.
struct Stream {
    /// On the heap, since zlib's state points back to it.
    raw: Box<z::z_stream>,
    /// Bytes allocated so far, counted by [`allocate`]. On the heap, since `raw.opaque` points to it.
    allocated: Box<Cell<usize>>,
    /// Gives zlib's state back.
    end: unsafe extern "C" fn(z::z_streamp) -> c_int,
}

impl Stream {
    /// `init` must set the stream up for the direction that `end` ends.
    fn new(
        end: unsafe extern "C" fn(z::z_streamp) -> c_int,
        init: impl FnOnce(z::z_streamp) -> c_int,
    ) -> Result<Self, String> {
        let allocated = Box::new(Cell::new(0));
        let mut raw = Box::new(z::z_stream {
            next_in: std::ptr::null_mut(),
            avail_in: 0,
            total_in: 0,
            next_out: std::ptr::null_mut(),
            avail_out: 0,
            total_out: 0,
            msg: std::ptr::null_mut(),
            state: std::ptr::null_mut(),
            zalloc: allocate,
            zfree: free,
            opaque: std::ptr::from_ref::<Cell<usize>>(&allocated).cast_mut().cast::<c_void>(),
            data_type: 0,
            adler: 0,
            reserved: 0,
        });
        match init(&mut *raw) {
            z::Z_OK => Ok(Self { raw, allocated, end }),
            code => Err(format!("zlib can't start: {code}")),
        }
    }

    /// Calls zlib until it has taken all of `input` and has nothing more to write behind `out`.
    fn run(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        mut step: impl FnMut(z::z_streamp) -> c_int,
    ) -> Result<(), String> {
        self.raw.next_in = input.as_ptr().cast_mut();
        self.raw.avail_in = c_uint::try_from(input.len()).map_err(|error| error.to_string())?;
        loop {
            out.reserve(ROOM);
            let room = out.spare_capacity_mut();
            let offered = c_uint::try_from(room.len()).unwrap_or(c_uint::MAX);
            self.raw.next_out = room.as_mut_ptr().cast::<u8>();
            self.raw.avail_out = offered;
            let code = step(&mut *self.raw);
            let written = (offered - self.raw.avail_out) as usize;
            // SAFETY: zlib wrote the first `written` bytes of the spare capacity.
            unsafe { out.set_len(out.len() + written) };
            match code {
                // Z_BUF_ERROR: there was nothing left to do when the last call had just filled its room.
                z::Z_OK | z::Z_STREAM_END | z::Z_BUF_ERROR => {}
                code => return Err(format!("zlib failed: {code}")),
            }
            if self.raw.avail_out > 0 {
                return if self.raw.avail_in == 0 { Ok(()) } else { Err("zlib left input over".to_owned()) };
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was set up for this direction, and is not used again.
        unsafe { (self.end)(&mut *self.raw) };
    }
}

/// zlib's `zalloc`: counts what it allocates. Streams free nothing before their end.
unsafe extern "C" fn allocate(opaque: *mut c_void, items: c_uint, size: c_uint) -> *mut c_void {
    let (items, size) = (items as usize, size as usize);
    // SAFETY: `opaque` is what `Stream::new` put there: a counter that lives as long as the stream.
    let allocated = unsafe { &*opaque.cast::<Cell<usize>>() };
    allocated.set(allocated.get() + items * size);
    // SAFETY: any two sizes will do; on overflow calloc returns null, which zlib takes as being out of memory.
    unsafe { libc::calloc(items, size) }
}

/// zlib's `zfree`.
unsafe extern "C" fn free(_opaque: *mut c_void, memory: *mut c_void) {
    // SAFETY: zlib frees only what it got from `allocate`, and once.
    unsafe { libc::free(memory) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_in_series() {
        for takeover in [false, true] {
            let mut deflater = Deflater::new(6, takeover).unwrap();
            let mut inflater = Inflater::new(takeover).unwrap();
            for length in [1, 100, ROOM - 1, ROOM, 10 * ROOM] {
                let message: Vec<u8> = (0..length).map(|place| (place * place / 7) as u8).collect();
                let (mut payload, mut back) = (Vec::new(), Vec::new());
                deflater.compress(&message, &mut payload).unwrap();
                inflater.inflate(&payload, &mut back).unwrap();
                assert_eq!(back, message);
            }
        }
    }

    #[test]
    fn memory_is_counted() {
        assert!((200_000..400_000).contains(&Deflater::new(6, true).unwrap().memory()));
    }
}
