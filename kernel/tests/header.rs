//! Frame headers: all fields, all lengths, every split, every refusal.

use wscodec_kernel::{CloseCode, FrameHeader, HeaderDecode, HeaderError, MAX_HEADER_LENGTH, Opcode, Rsv};

/// Both sides of every boundary of the length's encoding, and the largest one.
const LENGTHS: [u64; 12] =
    [0, 1, 124, 125, 126, 127, 0xFFFE, 0xFFFF, 0x1_0000, 0x1_0001, 1 << 62, (1 << 63) - 1];

fn every_header() -> impl Iterator<Item = FrameHeader> {
    let rsv = |bits: u8| {
        [Rsv::RSV1, Rsv::RSV2, Rsv::RSV3]
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| bits >> bit & 1 != 0)
            .fold(Rsv::NONE, |all, (_, one)| all | one)
    };
    let keys = [None, Some([0; 4]), Some([0x37, 0xFA, 0x21, 0x3D]), Some([0xFF; 4])];
    let mut all = Vec::new();
    for opcode in Opcode::ALL {
        for fin in [false, true] {
            for payload_length in LENGTHS {
                if opcode.is_control() && (!fin || payload_length > 125) {
                    continue;
                }
                for masking_key in keys {
                    all.extend((0..8).map(|bits| FrameHeader {
                        fin,
                        rsv: rsv(bits),
                        opcode,
                        masking_key,
                        payload_length,
                    }));
                }
            }
        }
    }
    all.into_iter()
}

#[test]
fn every_header_comes_back_whole_and_from_every_split() {
    for header in every_header() {
        let bytes = header.encode().expect("a valid header");
        assert_eq!(bytes.len(), header.encoded_length());
        assert!((2..=MAX_HEADER_LENGTH).contains(&bytes.len()));
        for split in 0..bytes.len() {
            let HeaderDecode::Incomplete { missing } =
                FrameHeader::decode(&bytes[..split]).expect("a prefix")
            else {
                panic!("{header:?} seen in {split} of {} bytes", bytes.len());
            };
            assert!(missing >= 1 && split + missing <= bytes.len(), "{header:?}: {missing} after {split}");
            // From the second byte on the answer is exact.
            assert!(split < 2 || split + missing == bytes.len());
        }
        let complete = HeaderDecode::Complete { header, length: bytes.len() };
        assert_eq!(FrameHeader::decode(&bytes), Ok(complete));
        let with_payload = [&bytes[..], &[0xFF; 20]].concat();
        assert_eq!(FrameHeader::decode(&with_payload), Ok(complete));
    }
}

#[test]
fn the_wire_form_is_that_of_the_rfc() {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    // Section 5.7.
    let examples: [(FrameHeader, &[u8]); 6] = [
        (FrameHeader::new(Opcode::Text, 5), &[0x81, 0x05]),
        (
            FrameHeader { masking_key: Some(key), ..FrameHeader::new(Opcode::Text, 5) },
            b"\x81\x85\x37\xfa\x21\x3d",
        ),
        (FrameHeader { fin: false, ..FrameHeader::new(Opcode::Text, 3) }, &[0x01, 0x03]),
        (FrameHeader::new(Opcode::Continuation, 2), &[0x80, 0x02]),
        (FrameHeader::new(Opcode::Binary, 256), &[0x82, 0x7E, 0x01, 0x00]),
        (FrameHeader::new(Opcode::Binary, 65_536), &[0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]),
    ];
    for (header, bytes) in examples {
        assert_eq!(header.encode().as_deref(), Ok(bytes));
    }
    // RFC 7692 section 7.2.3.1: a compressed "Hello".
    let compressed = FrameHeader { rsv: Rsv::RSV1, ..FrameHeader::new(Opcode::Text, 7) };
    assert_eq!(compressed.encode().as_deref(), Ok(&[0xC1, 0x07][..]));
}

#[test]
fn what_breaks_the_rfc_is_refused_as_soon_as_it_shows() {
    use HeaderError::{ControlTooLong, FragmentedControl, LengthNotMinimal, LengthTooLarge, ReservedOpcode};
    let top_bit = [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0];
    let cases: [(&[u8], HeaderError); 15] = [
        (&[0x83], ReservedOpcode(3)),
        (&[0x07], ReservedOpcode(7)),
        (&[0x8B], ReservedOpcode(11)),
        (&[0xFF], ReservedOpcode(15)),
        (&[0x08], FragmentedControl(Opcode::Close)),
        (&[0x09], FragmentedControl(Opcode::Ping)),
        (&[0x0A], FragmentedControl(Opcode::Pong)),
        (&[0x88, 126], ControlTooLong(Opcode::Close)),
        (&[0x89, 0x80 | 126], ControlTooLong(Opcode::Ping)),
        (&[0x8A, 127], ControlTooLong(Opcode::Pong)),
        (&[0x82, 126, 0, 125], LengthNotMinimal),
        (&[0x82, 0x80 | 126, 0, 0], LengthNotMinimal),
        (&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], LengthNotMinimal),
        (&[0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0], LengthNotMinimal),
        (&top_bit, LengthTooLarge),
    ];
    for (bytes, error) in cases {
        assert_eq!(FrameHeader::decode(bytes), Err(error), "{bytes:x?}");
        assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR);
        let one_less = FrameHeader::decode(&bytes[..bytes.len() - 1]);
        assert!(matches!(one_less, Ok(HeaderDecode::Incomplete { .. })), "{bytes:x?} less one: {one_less:?}");
    }
}

#[test]
fn what_a_peer_would_refuse_is_not_encoded() {
    let long_ping = FrameHeader::new(Opcode::Ping, 126);
    assert_eq!(long_ping.encode().expect_err("refused"), HeaderError::ControlTooLong(Opcode::Ping));
    let open_close = FrameHeader { fin: false, ..FrameHeader::new(Opcode::Close, 2) };
    assert_eq!(open_close.encode().expect_err("refused"), HeaderError::FragmentedControl(Opcode::Close));
    for length in [1 << 63, u64::MAX] {
        let endless = FrameHeader::new(Opcode::Binary, length);
        assert_eq!(endless.encode().expect_err("refused"), HeaderError::LengthTooLarge);
    }
}

#[test]
fn reserved_bits_are_a_set() {
    let both = Rsv::RSV1 | Rsv::RSV2;
    assert!(both.contains(Rsv::RSV1) && both.contains(Rsv::NONE) && !Rsv::RSV1.contains(both));
    assert_eq!(both.without(Rsv::RSV1), Rsv::RSV2);
    assert!(Rsv::NONE.is_none() && !both.is_none());
}

#[test]
fn any_two_bytes_give_what_a_plain_reading_of_the_rfc_gives() {
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            let bytes = [first, second, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0, 1, 2, 3, 4];
            assert_eq!(FrameHeader::decode(&bytes), by_the_book(&bytes), "{bytes:x?}");
        }
    }
}

/// The oracle: section 5.2 read from top to bottom, for 14 bytes whose extended lengths are minimal.
fn by_the_book(bytes: &[u8; MAX_HEADER_LENGTH]) -> Result<HeaderDecode, HeaderError> {
    let opcode = match bytes[0] % 16 {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        other => return Err(HeaderError::ReservedOpcode(other)),
    };
    let fin = bytes[0] >= 128;
    let control = matches!(opcode, Opcode::Close | Opcode::Ping | Opcode::Pong);
    if control && !fin {
        return Err(HeaderError::FragmentedControl(opcode));
    }
    let mut rsv = Rsv::NONE;
    for (bit, flag) in [(64, Rsv::RSV1), (32, Rsv::RSV2), (16, Rsv::RSV3)] {
        if bytes[0] & bit > 0 {
            rsv = rsv | flag;
        }
    }
    let (payload_length, mut length) = match bytes[1] % 128 {
        126 => (0x1234, 4),
        127 => (0x1234_5678_9ABC_DEF0, 10),
        short => (u64::from(short), 2),
    };
    if control && payload_length > 125 {
        return Err(HeaderError::ControlTooLong(opcode));
    }
    let mut masking_key = None;
    if bytes[1] >= 128 {
        masking_key = Some([bytes[length], bytes[length + 1], bytes[length + 2], bytes[length + 3]]);
        length += 4;
    }
    let header = FrameHeader { fin, rsv, opcode, masking_key, payload_length };
    Ok(HeaderDecode::Complete { header, length })
}

#[test]
fn lenient_decoding_takes_lengths_in_more_bytes_and_nothing_else() {
    let long: [(&[u8], u64, usize); 4] = [
        (&[0x82, 126, 0, 125], 125, 4),
        (&[0x01, 126, 0, 0], 0, 4),
        (&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 65_535, 10),
        (&[0x80, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4], 1, 14),
    ];
    for (bytes, expected, header_length) in long {
        assert_eq!(FrameHeader::decode(bytes), Err(HeaderError::LengthNotMinimal));
        match FrameHeader::decode_leniently(bytes) {
            Ok(HeaderDecode::Complete { header, length }) => {
                assert_eq!((header.payload_length, length), (expected, header_length));
            }
            other => panic!("{bytes:x?}: {other:?}"),
        }
        for cut in 0..bytes.len() {
            let decoded = FrameHeader::decode_leniently(&bytes[..cut]);
            assert!(matches!(decoded, Ok(HeaderDecode::Incomplete { .. })), "{bytes:x?} cut at {cut}");
        }
    }
    // All first bytes with all second ones, and lengths that are minimal: the same as the strict way.
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            for tail in [[0xFF; 12], [0x7F; 12]] {
                let bytes = [&[first, second][..], &tail].concat();
                assert_eq!(FrameHeader::decode_leniently(&bytes), FrameHeader::decode(&bytes), "{bytes:x?}");
            }
        }
    }
}
