//! Whatever the payloads: every backend says of them what the plain reference decoder says, whole and cut into fragments,
//! with takeover and without; the limit is held to the byte, and after an error it goes on or stops as it has to.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec_compressors::conformance::reference::{self, Decoded};
use wscodec_compressors::{Backend, DecompressError, Decompressor, DecompressorConfig};

#[derive(Arbitrary, Debug)]
struct Input {
    limit: Option<u16>,
    takeover: bool,
    /// An earlier message, said so often.
    history: (Vec<u8>, u16),
    /// How long each fragment is but the last.
    cuts: Vec<u8>,
    payloads: Vec<Vec<u8>>,
}

/// More than any input here inflates to.
const UNLIMITED: usize = 1 << 26;

/// The furthest that DEFLATE reaches back.
const MAX_WINDOW: usize = 1 << 15;

const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

fuzz_target!(|input: Input| {
    let limit = input.limit.map_or(UNLIMITED, usize::from);
    let mut book = Book::default();
    for backend in Backend::available() {
        let can = backend.decompressor_capabilities();
        if input.takeover && !can.takeover {
            continue;
        }
        for fragmented in [false, true].into_iter().filter(|&fragmented| !fragmented || can.streaming) {
            let config = DecompressorConfig::default().takeover(input.takeover);
            let mut receiver = Receiver {
                decompressor: backend.decompressor(config).expect("the default is for all"),
                takeover: input.takeover,
                history: Vec::new(),
                cuts: fragmented.then_some(&input.cuts),
                book: &mut book,
            };
            receiver.conversation(&input, limit);
        }
    }
});

struct Receiver<'a> {
    decompressor: Box<dyn Decompressor>,
    takeover: bool,
    /// The messages so far, with takeover.
    history: Vec<u8>,
    cuts: Option<&'a Vec<u8>>,
    book: &'a mut Book,
}

impl Receiver<'_> {
    fn conversation(&mut self, input: &Input, limit: usize) {
        if self.takeover && !self.primed(&input.history) {
            return;
        }
        for payload in input.payloads.iter().take(4) {
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
    fn primed(&mut self, (bytes, times): &(Vec<u8>, u16)) -> bool {
        let message: Vec<u8> = bytes.iter().copied().cycle().take(usize::from(*times)).collect();
        let length = u16::try_from(message.len()).expect("as many as times at most");
        let mut payload = vec![0];
        payload.extend_from_slice(&length.to_le_bytes());
        payload.extend_from_slice(&(!length).to_le_bytes());
        payload.extend_from_slice(&message);
        payload.push(0);
        self.message(&payload, UNLIMITED)
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
            }
            Err(error) => {
                // An engine that stands in for another need not give a meaning to what is undefined.
                let decoded = if engine == "libdeflate" { forgiving } else { strict };
                if let Some(decoded) = decoded {
                    // The first limit that is passed is told, and what is behind it nobody's business.
                    let excused = match error {
                        DecompressError::TooLong { .. } => decoded.message.len() > limit,
                        DecompressError::Corrupt("too many final blocks") => decoded.is_final,
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
