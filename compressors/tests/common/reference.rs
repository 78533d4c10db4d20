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
    let mut input = payload.to_vec();
    input.extend_from_slice(&[0x00, 0x00, 0xff, 0xff]);
    let mut decoder = Decoder { input: &input, bit: 0, out: history.to_vec(), reach: 0 };
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
                self.symbols(&Code::new(&lengths, false)?, &Code::new(&[5; 30], true)?)?;
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
        if literals > 286 || distances > 30 {
            return None;
        }
        let mut lengths = [0; 19];
        for symbol in &ORDER[..explicit] {
            lengths[*symbol] = self.bits(3)?;
        }
        let code = Code::new(&lengths, false)?;
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
        if lengths.len() > literals + distances || lengths[256] == 0 {
            return None;
        }
        Some((Code::new(&lengths[..literals], true)?, Code::new(&lengths[literals..], true)?))
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
                _ => return None,
            };
            let distance = match self.symbol(distances)? {
                symbol @ 0..=3 => symbol + 1,
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

    fn symbol(&mut self, code: &Code) -> Option<usize> {
        let (mut word, mut length) = (0, 0);
        loop {
            word = word << 1 | self.bits(1)?;
            length += 1;
            if let Some(&(_, _, symbol)) = code.0.iter().find(|&&(l, w, _)| (l, w) == (length, word)) {
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

/// Codewords as (length, bits, symbol).
struct Code(Vec<(usize, usize, usize)>);

impl Code {
    /// `None` if the lengths are too many, or too few: only a code of one codeword of one bit may be incomplete.
    fn new(lengths: &[usize], may_be_incomplete: bool) -> Option<Self> {
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
        let complete = word == 1 << 15;
        let lone = words.len() <= 1 && words.iter().all(|&(length, ..)| length == 1);
        (complete || lone && may_be_incomplete || lengths == [5; 30]).then_some(Self(words))
    }
}
