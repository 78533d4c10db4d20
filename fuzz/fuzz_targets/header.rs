//! A header decodes to the same from every prefix, and its encoding is the bytes it came from.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscodec_kernel::{FrameHeader, HeaderDecode};

fuzz_target!(|bytes: &[u8]| {
    let whole = FrameHeader::decode(bytes);
    let mut given = 0;
    // As a caller does: give what is said to be missing, until there is an answer or no more bytes.
    let answer = loop {
        match FrameHeader::decode(&bytes[..given]) {
            Ok(HeaderDecode::Incomplete { missing }) => {
                assert!(missing > 0);
                if given + missing > bytes.len() {
                    assert!(matches!(whole, Ok(HeaderDecode::Incomplete { .. }) | Err(_)));
                    return;
                }
                given += missing;
            }
            answer => break answer,
        }
    };
    assert_eq!(answer, whole);
    if let Ok(HeaderDecode::Complete { header, length }) = whole {
        assert_eq!(length, given);
        assert_eq!(header.encoded_length(), length);
        assert_eq!(&*header.encode().expect("what was decoded can be encoded"), &bytes[..length]);
    }
});
