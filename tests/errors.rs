//! Every error with the words it says and the close code that it is answered with.

use wscodec::compressors::{CompressError, DecompressError};
use wscodec::kernel::{HeaderError, Opcode};
use wscodec::{BackendError, CloseCode, Error, LimitError, MisuseError, ProtocolError};

#[test]
fn words_and_close_codes() {
    let cases: &[(Error, &str, u16)] = &[
        (ProtocolError::Header(HeaderError::ReservedOpcode(3)).into(), "reserved opcode 0x3", 1002),
        (
            ProtocolError::Header(HeaderError::FragmentedControl(Opcode::Ping)).into(),
            "fragmented Ping frame",
            1002,
        ),
        (ProtocolError::ReservedBits.into(), "frame with RSV2 or RSV3", 1002),
        (ProtocolError::UnexpectedRsv1.into(), "frame with RSV1 that may not be compressed", 1002),
        (ProtocolError::MaskMissing.into(), "unmasked frame from a client", 1002),
        (ProtocolError::MaskUnexpected.into(), "masked frame from a server", 1002),
        (ProtocolError::UnexpectedContinuation.into(), "continuation without a message under way", 1002),
        (ProtocolError::ExpectedContinuation.into(), "new message inside a fragmented one", 1002),
        (ProtocolError::InvalidUtf8.into(), "text that is not UTF-8", 1007),
        (ProtocolError::TruncatedCloseCode.into(), "close frame with a payload of one byte", 1002),
        (
            ProtocolError::InvalidCloseCode(CloseCode::NO_STATUS).into(),
            "close frame with code 1005 (no status received)",
            1002,
        ),
        (ProtocolError::BrokenDeflate("why").into(), "broken DEFLATE data: why", 1007),
        (LimitError::FrameTooLong { limit: 5 }.into(), "frame of over 5 bytes", 1009),
        (LimitError::MessageTooLong { limit: 5 }.into(), "message of over 5 bytes", 1009),
        (LimitError::TooManyFragments { limit: 5 }.into(), "message in over 5 fragments", 1008),
        (CompressError::Engine("why").into(), "compression failed: why", 1011),
        (BackendError::Decompress("why").into(), "decompression failed: why", 1011),
        (BackendError::Randomness.into(), "the system gave no randomness for masking keys", 1011),
    ];
    for (error, words, code) in cases {
        assert_eq!(error.to_string(), *words);
        assert_eq!(error.close_code(), Some(CloseCode::new(*code)), "{words}");
    }
}

#[test]
fn a_misuse_concerns_the_caller_alone() {
    let cases: &[(MisuseError, &str)] = &[
        (MisuseError::Closed, "nothing may be sent after a close frame"),
        (MisuseError::MessageUnderWay, "a fragmented message has not ended yet"),
        (MisuseError::NoMessageUnderWay, "no fragmented message has begun"),
        (MisuseError::ControlTooLong, "the payload of a control frame is over 125 bytes"),
        (MisuseError::ReservedCloseCode(CloseCode::new(999)), "close code 999 may not be sent"),
        (MisuseError::InvalidUtf8, "the fragments of a text message are not UTF-8"),
        (
            MisuseError::InvalidFrame(HeaderError::FragmentedControl(Opcode::Ping)),
            "a frame that may not be sent: fragmented Ping frame",
        ),
        (MisuseError::TruncatedCloseCode, "the payload of a close frame is one byte"),
        (MisuseError::OutputFull { limit: 5 }, "over 5 bytes of output would be queued"),
        (
            MisuseError::ChunkTooLong { limit: 5 },
            "a chunk of the stream is a frame of over 5 bytes, and no more may be queued",
        ),
        (MisuseError::MoreThanRoom, "more bytes were said to be read than there was room for"),
        (MisuseError::MoreThanQueued, "more bytes were said to be written than are queued"),
    ];
    for &(error, words) in cases {
        assert_eq!(Error::from(error).to_string(), words);
        assert_eq!(Error::from(error).close_code(), None);
    }
}

#[test]
fn a_decompressor_s_error_finds_who_is_to_blame() {
    let cases = [
        (DecompressError::Corrupt("why"), Error::Protocol(ProtocolError::BrokenDeflate("why"))),
        (DecompressError::TooLong { limit: 5 }, Error::Limit(LimitError::MessageTooLong { limit: 5 })),
        (DecompressError::Engine("why"), Error::Backend(BackendError::Decompress("why"))),
    ];
    for (from, to) in cases {
        assert_eq!(Error::from(from), to);
        assert_eq!(to.close_code().map(CloseCode::get), Some(from.close_code()));
    }
}
