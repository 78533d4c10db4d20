//! A DEFLATE decoder as plain as RFC 1951 reads, with the payload rules of RFC 7692: what the backends are held to.

/// What a payload holds, told bit by bit.
pub(crate) struct Reference {
    pub(crate) message: Vec<u8>,
    /// The furthest that any match reaches back.
    pub(crate) reach: usize,
    /// Whether any block has BFINAL=1.
    pub(crate) is_final: bool,
}

/// Decodes the payload of a whole message that follows `history`; `None` if it is broken or ends too soon.
pub(crate) fn decode(history: &[u8], payload: &[u8]) -> Option<Reference> {
    run(history, payload, false)
}

/// The same for a decoder that gives the symbols and codes that RFC 1951 leaves undefined a meaning, as libdeflate does.
pub(crate) fn decode_forgiving(history: &[u8], payload: &[u8]) -> Option<Reference> {
    run(history, payload, true)
}

fn run(history: &[u8], payload: &[u8], forgiving: bool) -> Option<Reference> {
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
    Some(Reference { message, reach: decoder.reach, is_final })
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
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let (literals, distances, explicit) = (self.bits(5)? + 257, self.bits(5)? + 1, self.bits(4)? + 4);
        if !self.forgiving && (literals > 286 || distances > 30) {
            return None;
        }
        let mut lengths = [0; 19];
        for symbol in &ORDER[..explicit] {
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
            let length = match symbol {
                0..=255 => {
                    self.out.push(symbol as u8);
                    continue;
                }
                256 => return Some(()),
                257..=264 => symbol - 254,
                265..=284 => {
                    let extra = (symbol - 261) / 4;
                    ((4 + (symbol - 265) % 4) << extra) + 3 + self.bits(extra)?
                }
                285 => 258,
                286.. if self.forgiving => 258,
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
        let mut code = Code::new(lengths)?;
        if code.complete {
            return Some(code);
        }
        let symbol = match code.words[..] {
            [] => 0,
            [(1, _, symbol)] => symbol,
            _ => return None,
        };
        if self.forgiving {
            code.words = vec![(1, 0, symbol), (1, 1, symbol)];
        }
        Some(code)
    }

    fn symbol(&mut self, code: &Code) -> Option<usize> {
        let (mut word, mut length) = (0, 0);
        loop {
            word = word << 1 | self.bits(1)?;
            length += 1;
            if let Some(&(_, _, symbol)) = code.words.iter().find(|&&(l, w, _)| (l, w) == (length, word)) {
                return Some(symbol);
            }
            if length == 15 {
                return None;
            }
        }
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

struct Code {
    /// (length, bits, symbol).
    words: Vec<(usize, usize, usize)>,
    complete: bool,
}

impl Code {
    /// `None` if there are too many codewords.
    fn new(lengths: &[usize]) -> Option<Self> {
        let (mut words, mut word) = (Vec::new(), 0);
        for length in 1..=15 {
            word <<= 1;
            for (symbol, _) in lengths.iter().enumerate().filter(|&(_, &l)| l == length) {
                words.push((length, word, symbol));
                word += 1;
            }
            if word > 1 << length {
                return None;
            }
        }
        Some(Self { words, complete: word == 1 << 15 })
    }
}
