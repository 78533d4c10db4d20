//! Whatever the payloads: every backend says of them what the plain reference decoder says, whole and cut into fragments,
//! with takeover and without, whatever the window; the limit is held to the byte, and after an error it goes on or stops as
//! it has to.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec_compressors::conformance::reference::{self, Decoded};
use wscodec_compressors::{Backend, CompressorConfig, DecompressError, Decompressor, DecompressorConfig};
use wscodec_fuzz::Blob;

#[derive(Arbitrary, Debug)]
struct Input {
    limit: Option<u16>,
    takeover: bool,
    window_bits: u8,
    /// An earlier message: these bytes again and again, up to that length.
    history: (Blob, u16),
    /// How long each fragment is but the last.
    cuts: Blob,
    payloads: Vec<Payload>,
}

#[derive(Arbitrary, Debug)]
enum Payload {
    Bytes(Blob),
    /// What a backend makes of a text, bytes again and again up to a length; and what happened to it on the way.
    Compressed {
        backend: u8,
        level: u8,
        text: (Blob, u16),
        changes: Vec<(u16, Change)>,
    },
}

#[derive(Arbitrary, Debug)]
enum Change {
    Flip(u8),
    Insert(u8),
    Remove,
    Truncate,
}

/// More than any input here inflates to.
const UNLIMITED: usize = 1 << 26;

/// The furthest that DEFLATE reaches back.
const MAX_WINDOW: usize = 1 << 15;

const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

fuzz_target!(|input: Input| {
    let limit = input.limit.map_or(UNLIMITED, usize::from);
    let payloads: Vec<Vec<u8>> = input.payloads.iter().take(4).map(Payload::bytes).collect();
    let mut book = Book::default();
    for backend in Backend::available() {
        let can = backend.decompressor_capabilities();
        if input.takeover && !can.takeover {
            continue;
        }
        for fragmented in [false, true].into_iter().filter(|&fragmented| !fragmented || can.streaming) {
            let window_bits = 8 + input.window_bits % 8;
            let config = DecompressorConfig::default().takeover(input.takeover).window_bits(window_bits);
            let mut receiver = Receiver {
                decompressor: backend.decompressor(config).expect("every window is for all"),
                window: 1 << window_bits,
                takeover: input.takeover,
                history: Vec::new(),
                cuts: fragmented.then_some(&input.cuts.0),
                book: &mut book,
            };
            receiver.conversation(&input.history, &payloads, limit);
        }
    }
});

struct Receiver<'a> {
    decompressor: Box<dyn Decompressor>,
    /// The longest distance agreed on, beyond which a backend may read or refuse.
    window: usize,
    takeover: bool,
    /// The messages so far, with takeover.
    history: Vec<u8>,
    cuts: Option<&'a Vec<u8>>,
    book: &'a mut Book,
}

impl Receiver<'_> {
    fn conversation(&mut self, history: &(Blob, u16), payloads: &[Vec<u8>], limit: usize) {
        if self.takeover {
            self.prime(repeated(history));
        }
        for payload in payloads {
            if !self.message(payload, limit) {
                let again = self.decompress(&HELLO, 5);
                assert_eq!(again, Err(DecompressError::OutOfStep));
                self.decompressor.reset();
                self.history.clear();
            }
        }
        assert_eq!(self.decompress(&HELLO, 5).as_deref(), Ok(&b"Hello"[..]));
        if self.takeover {
            let again = self.decompress(&[0xf2, 0x00, 0x11, 0x00, 0x00], 5);
            assert_eq!(again.as_deref(), Ok(&b"Hello"[..]));
        }
    }

    /// Sends the history in a stored block.
    fn prime(&mut self, message: Vec<u8>) {
        let length = u16::try_from(message.len()).expect("as many as a number of 16 bits says");
        let mut payload = vec![0];
        payload.extend_from_slice(&length.to_le_bytes());
        payload.extend_from_slice(&(!length).to_le_bytes());
        payload.extend_from_slice(&message);
        payload.push(0);
        assert!(self.message(&payload, UNLIMITED));
        assert!(message.ends_with(&self.history) && self.history.len() == message.len().min(MAX_WINDOW));
    }

    /// False if the decompressor is out of step now.
    fn message(&mut self, payload: &[u8], limit: usize) -> bool {
        let engine = self.decompressor.engine();
        let [strict, forgiving] = self.book.decode(&self.history, payload);
        let result = self.decompress(payload, limit);
        let context = || format!("{engine}, takeover {}, {:?}: {payload:02x?}", self.takeover, self.cuts);
        match &result {
            Ok(message) => {
                // What RFC 1951 leaves undefined, libdeflate gives a meaning.
                let decoded = if engine.contains("libdeflate") { &forgiving } else { &strict };
                let decoded =
                    decoded.as_ref().unwrap_or_else(|| panic!("the reference refuses: {}", context()));
                assert!(*message == decoded.message, "{}", context());
                assert!(engine != "compact" || decoded.reach <= self.window, "too far: {}", context());
            }
            Err(error) => {
                // What comes in fragments is not libdeflate's, whatever reads the whole messages.
                let whole = self.cuts.is_none();
                let decoded = if engine == "libdeflate" && whole { forgiving } else { strict };
                if let Some(decoded) = decoded {
                    // The first limit that is passed is told, and what is behind it nobody's business.
                    let excused = match error {
                        DecompressError::TooLong { .. } => decoded.message.len() > limit,
                        DecompressError::Corrupt("too many final blocks") => decoded.is_final,
                        DecompressError::Corrupt(_) => decoded.reach > self.window,
                        _ => false,
                    };
                    assert!(excused, "{error}: {}", context());
                }
                assert!(matches!(error.close_code(), 1007 | 1009), "{error}: {}", context());
            }
        }
        match result {
            Ok(message) if self.takeover => {
                self.history.extend_from_slice(&message);
                self.history.drain(..self.history.len().saturating_sub(MAX_WINDOW));
                true
            }
            Ok(_) => true,
            Err(_) => !self.takeover,
        }
    }

    fn decompress(&mut self, payload: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
        let mut out = b"before".to_vec();
        let Some(cuts) = self.cuts else {
            let result = self.decompressor.decompress(payload, limit, &mut out);
            assert!(out.starts_with(b"before") && out.len() - 6 <= limit);
            assert!(result.is_ok() || out.len() == 6, "an error leaves nothing behind");
            return result.map(|()| out.split_off(6));
        };
        let mut rest = payload;
        let mut cuts = cuts.iter();
        loop {
            let (start, cut) = (out.len(), cuts.next());
            let (fragment, behind) = rest.split_at(cut.map_or(rest.len(), |&cut| rest.len().min(cut.into())));
            rest = behind;
            let room = limit - (start - 6);
            let result = self.decompressor.decompress_fragment(fragment, cut.is_none(), room, &mut out);
            assert!(out.starts_with(b"before") && out.len() - 6 <= limit);
            assert!(result.is_ok() || out.len() == start, "an error leaves nothing behind");
            result?;
            if cut.is_none() {
                return Ok(out.split_off(6));
            }
        }
    }
}

impl Payload {
    fn bytes(&self) -> Vec<u8> {
        let (backend, level, text, changes) = match self {
            Self::Bytes(Blob(bytes)) => return bytes.clone(),
            Self::Compressed { backend, level, text, changes } => (backend, level, text, changes),
        };
        let backend = wscodec_fuzz::backend(*backend);
        let level = level % (backend.capabilities().levels.end() + 1);
        let config = CompressorConfig::default().takeover(false).level(level);
        let mut payload = Vec::new();
        let mut compressor = backend.compressor(config).expect("a level it knows");
        compressor.compress(&repeated(text), &mut payload).expect("any message can be compressed");
        for (at, change) in changes {
            if payload.is_empty() {
                break;
            }
            let at = usize::from(*at) % payload.len();
            match change {
                Change::Flip(bit) => payload[at] ^= 1 << (bit % 8),
                Change::Insert(byte) => payload.insert(at, *byte),
                Change::Remove => drop(payload.remove(at)),
                Change::Truncate => payload.truncate(at),
            }
        }
        payload
    }
}

fn repeated((Blob(bytes), length): &(Blob, u16)) -> Vec<u8> {
    bytes.iter().copied().cycle().take(usize::from(*length)).collect()
}

/// What the reference made of the payloads so far: it is slow, and most backends ask the same.
#[derive(Default)]
struct Book(Vec<(Vec<u8>, Vec<u8>, [Option<Decoded>; 2])>);

impl Book {
    /// By RFC 1951 to the letter, and with what it leaves undefined.
    fn decode(&mut self, history: &[u8], payload: &[u8]) -> [Option<Decoded>; 2] {
        if let Some((.., answer)) = self.0.iter().find(|(h, p, _)| (&h[..], &p[..]) == (history, payload)) {
            return answer.clone();
        }
        let strict = reference::decode(history, payload);
        let forgiving = strict.clone().or_else(|| reference::decode_forgiving(history, payload));
        let answer = [strict, forgiving];
        self.0.push((history.to_vec(), payload.to_vec(), answer.clone()));
        answer
    }
}
