//! The oracle of frame decoding: a plain decoder, written from section 5 of RFC 6455 and nothing else.
#![allow(dead_code, reason = "each user takes its part")]

pub(crate) mod traffic;

use wscodec_kernel::{
    FrameDecoder, FrameError, FrameHeader, HeaderDecode, Opcode, Rsv, Utf8Error, validate_text,
};

use crate::common::{first_bad_byte, masked};

/// A frame as both decoders report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) fin: bool,
    pub(crate) rsv: Rsv,
    pub(crate) opcode: Opcode,
    pub(crate) payload: Vec<u8>,
}

/// What came of a stream: the frames that were whole, and what ended it.
pub(crate) type Outcome = (Vec<Seen>, Option<FrameError>);

/// The settings of a decoder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) masked: bool,
    pub(crate) allowed: Rsv,
    pub(crate) limit: u64,
    pub(crate) message_limit: u64,
    pub(crate) validate: bool,
}

/// As a server with no extension decodes.
pub(crate) const SERVER: Setup =
    Setup { masked: true, allowed: Rsv::NONE, limit: u64::MAX, message_limit: u64::MAX, validate: true };

impl Setup {
    pub(crate) fn decoder(&self) -> FrameDecoder {
        let decoder = if self.masked { FrameDecoder::server() } else { FrameDecoder::client() };
        let decoder = decoder
            .with_reserved_bits(self.allowed)
            .with_limit(self.limit)
            .with_message_limit(self.message_limit);
        if self.validate { decoder } else { decoder.without_validation() }
    }
}

/// The oracle: section 5 of RFC 6455 read from top to bottom, over the whole stream, a frame at a time. A last frame
/// that is cut short is looked at as far as it goes, unless it is one to be `kept_whole`.
pub(crate) fn by_the_book(setup: Setup, kept_whole: usize, stream: &[u8]) -> Outcome {
    let mut seen = Vec::new();
    let mut rest = stream;
    let mut under_way: Option<(bool, Vec<u8>)> = None;
    loop {
        let (header, length) = match FrameHeader::decode(rest) {
            Ok(HeaderDecode::Complete { header, length }) => (header, length),
            Ok(HeaderDecode::Incomplete { .. }) => return (seen, None),
            Err(error) => return (seen, Some(FrameError::Header(error))),
        };
        if let Some(error) = refuse(setup, &header, under_way.is_some()) {
            return (seen, Some(error));
        }
        let announced = usize::try_from(header.payload_length).unwrap_or(usize::MAX);
        let available = announced.min(rest.len() - length);
        let is_whole = available == announced;
        if !is_whole && (header.opcode.is_control() || length + announced <= kept_whole) {
            return (seen, None);
        }
        let wire = &rest[length..length + available];
        let payload = header.masking_key.map_or(wire.to_vec(), |key| masked(wire, key));
        if !header.opcode.is_control() {
            let (is_text, text) = under_way.get_or_insert_with(|| {
                (setup.validate && header.opcode == Opcode::Text && header.rsv.is_none(), Vec::new())
            });
            text.extend_from_slice(&payload);
            let ends = header.fin && is_whole;
            if *is_text && let Some(error) = text_error(text, ends) {
                return (seen, Some(FrameError::InvalidUtf8(error)));
            }
            if ends {
                under_way = None;
            }
        }
        if !is_whole {
            return (seen, None);
        }
        seen.push(Seen { fin: header.fin, rsv: header.rsv, opcode: header.opcode, payload });
        rest = &rest[length + available..];
    }
}

fn refuse(setup: Setup, header: &FrameHeader, inside_message: bool) -> Option<FrameError> {
    let begins = matches!(header.opcode, Opcode::Text | Opcode::Binary);
    for bit in [Rsv::RSV1, Rsv::RSV2, Rsv::RSV3] {
        if header.rsv.contains(bit) && !(begins && setup.allowed.contains(bit)) {
            let forbidden = if begins { header.rsv.without(setup.allowed) } else { header.rsv };
            return Some(FrameError::ReservedBits(forbidden));
        }
    }
    match header.masking_key {
        None if setup.masked => return Some(FrameError::MaskMissing),
        Some(_) if !setup.masked => return Some(FrameError::MaskUnexpected),
        _ => {}
    }
    if header.opcode == Opcode::Continuation && !inside_message {
        return Some(FrameError::UnexpectedContinuation);
    }
    if begins && inside_message {
        return Some(FrameError::ExpectedContinuation);
    }
    if header.payload_length > setup.limit {
        return Some(FrameError::TooLong { limit: setup.limit });
    }
    let limit = setup.message_limit;
    let is_plain = begins && header.rsv.is_none();
    (is_plain && header.payload_length > limit).then_some(FrameError::MessageTooLong { limit })
}

/// The error of a text that may go on unless it `ends`; found by `core`, its offset taken from the validator.
fn text_error(text: &[u8], ends: bool) -> Option<Utf8Error> {
    let offset = first_bad_byte(text)?;
    let is_cut_short = offset == text.len() as u64;
    if is_cut_short && !ends {
        return None;
    }
    let error = validate_text(text).expect_err("core says so");
    assert_eq!(error.offset(), offset);
    Some(error)
}
