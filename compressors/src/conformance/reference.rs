//! A DEFLATE decoder as plain as RFC 1951 reads, with the payload rules of RFC 7692: what backends are held to.

/// What a payload holds, told bit by bit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decoded {
    /// The message.
    pub message: Vec<u8>,
    /// The furthest that any match reaches back, in bytes.
    pub reach: usize,
    /// Whether any block has BFINAL=1.
    pub is_final: bool,
}

/// Decodes the payload of a whole message that follows `history`; `None` if it is broken or ends too soon.
///
/// It is slow, has no limits and is none to receive messages with.
///
/// ```
/// use wscodec_compressors::conformance::reference;
///
/// let hello = reference::decode(b"", &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]).expect("whole blocks");
/// assert_eq!((&hello.message[..], hello.reach, hello.is_final), (&b"Hello"[..], 0, false));
/// assert_eq!(reference::decode(b"Hello", &[0xf2, 0x00, 0x11, 0x00, 0x00]).map(|again| again.reach), Some(5));
/// assert_eq!(reference::decode(b"", &[0xf2, 0x00, 0x11, 0x00, 0x00]), None);
/// ```
#[must_use]
pub fn decode(history: &[u8], payload: &[u8]) -> Option<Decoded> {
    run(history, payload, false)
}

/// The same for a decoder that gives the symbols and codes that RFC 1951 leaves undefined a meaning, as libdeflate does.
#[must_use]
pub fn decode_forgiving(history: &[u8], payload: &[u8]) -> Option<Decoded> {
    run(history, payload, true)
}

/// The bytes of a message that can be had of the first part of its payload.
pub(super) fn decode_so_far(history: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder { input: payload, bit: 0, out: history.to_vec(), reach: 0, forgiving: false };
    while decoder.block().is_some() {}
    decoder.out.split_off(history.len())
}

fn run(history: &[u8], payload: &[u8], forgiving: bool) -> Option<Decoded> {
    let mut input = payload.to_vec();
    input.extend_from_slice(&[0x00, 0x00, 0xff, 0xff]);
    let mut decoder = Decoder { input: &input, bit: 0, out: history.to_vec(), reach: 0, forgiving };
    let mut is_final = false;
    loop {
        if decoder.bit >= payload.len() * 8 {
            return None;
        }
        let length = decoder.out.len();
        let ended = decoder.block()?;
        is_final |= ended;
        if ended && decoder.bit < payload.len() * 8 + 1 {
            decoder.bit = decoder.bit.next_multiple_of(8);
            if payload.get(decoder.bit / 8..).is_some_and(|rest| rest.is_empty() || rest == [0]) {
                break;
            }
        } else if decoder.bit == input.len() * 8 {
            // The tail is what makes it whole, not what it says.
            if decoder.out.len() > length {
                return None;
            }
            break;
        }
    }
    let message = decoder.out.split_off(history.len());
    Some(Decoded { message, reach: decoder.reach, is_final })
}

struct Decoder<'a> {
    input: &'a [u8],
    bit: usize,
    out: Vec<u8>,
    reach: usize,
    forgiving: bool,
}

impl Decoder<'_> {
    fn block(&mut self) -> Option<bool> {
        let is_final = self.bits(1)? == 1;
        match self.bits(2)? {
            0 => self.stored()?,
            1 => {
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                self.symbols(&self.code(&lengths)?, &self.code(&[5; 32])?)?;
            }
            2 => {
                let (literals, distances) = self.codes()?;
                self.symbols(&literals, &distances)?;
            }
            _ => return None,
        }
        Some(is_final)
    }

    fn stored(&mut self) -> Option<()> {
        self.bit = self.bit.next_multiple_of(8);
        let length = self.bits(16)?;
        if self.bits(16)? != !length & 0xffff {
            return None;
        }
        let start = self.bit / 8;
        self.out.extend_from_slice(self.input.get(start..start + length)?);
        self.bit += length * 8;
        Some(())
    }

    fn codes(&mut self) -> Option<(Code, Code)> {
        let (literals, distances, explicit) = (self.bits(5)? + 257, self.bits(5)? + 1, self.bits(4)? + 4);
        if !self.forgiving && (literals > 286 || distances > 30) {
            return None;
        }
        let mut lengths = [0; 19];
        for symbol in &LENGTHS_ORDER[..explicit] {
            lengths[*symbol] = self.bits(3)?;
        }
        let code = self.code(&lengths)?;
        let mut lengths = Vec::new();
        while lengths.len() < literals + distances {
            let (length, count) = match self.symbol(&code)? {
                16 => (*lengths.last()?, 3 + self.bits(2)?),
                17 => (0, 3 + self.bits(3)?),
                18 => (0, 11 + self.bits(7)?),
                length => (length, 1),
            };
            lengths.resize(lengths.len() + count, length);
        }
        if lengths.len() > literals + distances || !self.forgiving && lengths[256] == 0 {
            return None;
        }
        Some((self.lone_code(&lengths[..literals])?, self.lone_code(&lengths[literals..])?))
    }

    fn symbols(&mut self, literals: &Code, distances: &Code) -> Option<()> {
        loop {
            let symbol = self.symbol(literals)?;
            if let Ok(literal) = u8::try_from(symbol) {
                self.out.push(literal);
                continue;
            }
            let length = match symbol {
                256 => return Some(()),
                257..=264 => symbol - 254,
                265..=284 => {
                    let extra = (symbol - 261) / 4;
                    ((4 + (symbol - 265) % 4) << extra) + 3 + self.bits(extra)?
                }
                285 => 258,
                _ if self.forgiving => 258,
                _ => return None,
            };
            let distance = match self.symbol(distances)? {
                symbol @ 0..=3 => symbol + 1,
                30.. if self.forgiving => 24_577 + self.bits(13)?,
                30.. => return None,
                symbol => {
                    let extra = symbol / 2 - 1;
                    ((2 + symbol % 2) << extra) + 1 + self.bits(extra)?
                }
            };
            self.reach = self.reach.max(distance);
            for _ in 0..length {
                self.out.push(self.out[self.out.len().checked_sub(distance)?]);
            }
        }
    }

    /// A code, which has to be complete.
    fn code(&self, lengths: &[usize]) -> Option<Code> {
        if self.forgiving { self.lone_code(lengths) } else { Code::new(lengths).filter(|code| code.complete) }
    }

    /// A code that may also have one codeword alone, of one bit, or none.
    fn lone_code(&self, lengths: &[usize]) -> Option<Code> {
        let code = Code::new(lengths)?;
        if code.complete {
            return Some(code);
        }
        let symbol = match code.symbols[..] {
            [] => 0,
            [symbol] if code.count[1] == 1 => symbol,
            _ => return None,
        };
        Some(if self.forgiving { Code::both(symbol) } else { code })
    }

    fn symbol(&mut self, code: &Code) -> Option<usize> {
        let (mut word, mut first, mut index) = (0, 0, 0);
        for count in &code.count[1..] {
            word |= self.bits(1)?;
            if word < first + count {
                return Some(code.symbols[index + word - first]);
            }
            index += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        None
    }

    fn bits(&mut self, count: usize) -> Option<usize> {
        let mut value = 0;
        for i in 0..count {
            let byte = *self.input.get(self.bit / 8)?;
            value |= usize::from(byte >> (self.bit % 8) & 1) << i;
            self.bit += 1;
        }
        Some(value)
    }
}

/// In which order a dynamic block gives the code lengths of its code length code (RFC 1951 section 3.2.7).
pub(super) const LENGTHS_ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A canonical Huffman code (RFC 1951 section 3.2.2).
struct Code {
    /// How many codewords there are of each length.
    count: [usize; 16],
    /// The symbols in the order of their codewords.
    symbols: Vec<usize>,
    complete: bool,
}

impl Code {
    /// `None` if there are too many codewords.
    fn new(lengths: &[usize]) -> Option<Self> {
        let (mut count, mut symbols, mut left) = ([0; 16], Vec::new(), 1);
        for (length, count) in count.iter_mut().enumerate().skip(1) {
            let before = symbols.len();
            symbols.extend((0..lengths.len()).filter(|&symbol| lengths[symbol] == length));
            *count = symbols.len() - before;
            left = (left * 2_usize).checked_sub(*count)?;
        }
        Some(Self { count, symbols, complete: left == 0 })
    }

    /// A code whose two words of one bit mean the same.
    fn both(symbol: usize) -> Self {
        let mut count = [0; 16];
        count[1] = 2;
        Self { count, symbols: vec![symbol; 2], complete: true }
    }
}
