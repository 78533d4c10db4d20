//! Where the others differ from us, and why they may, or why we don't follow.

use wscodec::compressors::Backend;
use wscodec::kernel::HeaderError;
use wscodec::{Error, ProtocolError};

use crate::conversation::Conversation;
use crate::endpoints::{Class, Event, Seen, wscodec_with};
use crate::frames::first_fault;

pub struct Difference<'a> {
    pub conversation: &'a Conversation,
    pub ours: &'a Seen,
    pub theirs: &'a Seen,
}

impl Difference<'_> {
    pub fn shown(&self) -> String {
        let Self { conversation, ours, theirs } = self;
        let same = ours.events.iter().zip(&theirs.events).take_while(|(ours, theirs)| ours == theirs).count();
        let next =
            |seen: &Seen| format!("{:02x?}, {:?} {:?}", seen.events.get(same), seen.failed, seen.error);
        format!(
            "{same} events are the same, then\nours   {}\ntheirs {}\nfirst  {:?}\nrole   {:?}\ncuts   {:?}\nbytes  {:02x?}",
            next(ours),
            next(theirs),
            first_fault(conversation),
            conversation.role,
            conversation.cuts,
            conversation.bytes
        )
    }
}

pub struct Allowed {
    /// Whose.
    pub of: &'static [&'static str],
    pub what: &'static str,
    pub section: &'static str,
    pub applies: fn(&Difference<'_>) -> bool,
}

pub const ALLOWED: &[Allowed] = &[
    // The RFC does not say how soon; we fail with the header, and with the first wrong byte of text.
    Allowed {
        of: &["tungstenite", "sockudo-ws"],
        what: "waits for the rest of a frame that is wrong already",
        section: "6455 7.1.7",
        applies: |it| {
            it.ours.events == it.theirs.events
                && it.ours.failed.is_some()
                && it.theirs.failed.is_none()
                && first_fault(it.conversation).cut_short
        },
    },
    // Nor that a part of a header must be looked at, as some do at its first or second byte.
    Allowed {
        of: &["sockudo-ws"],
        what: "does not wait for the rest of a header that is wrong already",
        section: "6455 7.1.7",
        applies: |it| {
            it.ours.events == it.theirs.events
                && it.ours.failed.is_none()
                && it.theirs.failed.is_some()
                && first_fault(it.conversation).header_cut_short
        },
    },
    // "the minimal number of bytes MUST be used to encode the length"
    Allowed {
        of: &["tungstenite"],
        what: "takes a length in more bytes than it needs",
        section: "6455 5.2",
        applies: |it| {
            let is_of_length = matches!(
                it.ours.error,
                Some(Error::Protocol(ProtocolError::Header(
                    HeaderError::LengthNotMinimal | HeaderError::ControlTooLong(_)
                )))
            );
            is_of_length
                && it.theirs.events.starts_with(&it.ours.events)
                && first_fault(it.conversation).not_minimal
        },
    },
    // A frame that is wrong in two ways; the order of the checks is anybody's.
    Allowed {
        of: &["tungstenite", "sockudo-ws"],
        what: "finds something else wrong with the same frame first",
        section: "6455 7.4.1",
        applies: |it| {
            let classes = first_fault(it.conversation).classes;
            let among = |class: Option<Class>| class.is_some_and(|class| classes.contains(&class));
            it.ours.events == it.theirs.events && among(it.ours.failed) && among(it.theirs.failed)
        },
    },
    // "1004 to 1006 and 1015 MUST NOT be set as a status code"; it reports such a close frame as one of its own making.
    Allowed {
        of: &["tungstenite"],
        what: "makes a close frame of one with an invalid code",
        section: "6455 7.4",
        applies: |it| {
            matches!(it.ours.error, Some(Error::Protocol(ProtocolError::InvalidCloseCode(_))))
                && it.theirs.failed.is_none()
                && replaced_close(&it.ours.events, &it.theirs.events)
        },
    },
    // 1014 came into the registry after the RFC.
    Allowed {
        of: &["tungstenite"],
        what: "does not know the close code 1014",
        section: "6455 11.7",
        applies: |it| match it.ours.events.split_last() {
            Some((Event::Close(Some((1014, _))), before)) => replaced_close(before, &it.theirs.events),
            _ => false,
        },
    },
    // We do so frame by frame.
    Allowed {
        of: &["sockudo-ws"],
        what: "inflates a compressed message when all of it is there, after the control frames in it",
        section: "6455 7.1.7",
        applies: |it| {
            let Some(more) = it.theirs.events.strip_prefix(&it.ours.events[..]) else { return false };
            it.conversation.spoiled
                && it.conversation.deflate.is_some()
                && matches!(it.ours.failed, Some(Class::Data | Class::Size))
                && more.iter().all(|event| matches!(event, Event::Ping(_) | Event::Pong(_) | Event::Close(_)))
        },
    },
    // What is appended there must make whole blocks, and what was cut short doesn't. Nobody may refuse what a compressor made.
    Allowed {
        of: &["sockudo-ws"],
        what: "takes a compressed message that is cut short",
        section: "7692 7.2.2",
        applies: |it| {
            it.conversation.spoiled
                && matches!(it.ours.error, Some(Error::Protocol(ProtocolError::BrokenDeflate(_))))
                && it.theirs.events.len() > it.ours.events.len()
                && it.theirs.events.starts_with(&it.ours.events)
        },
    },
    // "will never actually occur in the compressed data": libdeflate reads such codes, zlib's kin don't.
    Allowed {
        of: &["sockudo-ws"],
        what: "refuses codes that are not defined, which our libdeflate reads",
        section: "1951 3.2.6",
        applies: |it| {
            it.conversation.spoiled
                && it.conversation.deflate.is_some_and(|(_, by)| by == Backend::Libdeflate)
                && zlib_rs_refuses(it)
                && it.theirs.failed == Some(Class::Data)
                && it.ours.events.len() > it.theirs.events.len()
                && it.ours.events.starts_with(&it.theirs.events)
        },
    },
];

/// Whether another of our own engines finds the data wrong as well, and no later than they do: then it is the engine that reads more, and
/// not what is around it.
fn zlib_rs_refuses(it: &Difference<'_>) -> bool {
    let deflate = it.conversation.deflate.map(|(takeover, _)| (takeover, Backend::ZlibRs));
    let seen = wscodec_with(it.conversation, deflate);
    seen.failed == Some(Class::Data) && it.theirs.events.starts_with(&seen.events)
}

/// Whether `theirs` is what was `before` and a close frame that tungstenite puts in another's place.
fn replaced_close(before: &[Event], theirs: &[Event]) -> bool {
    theirs.strip_prefix(before) == Some(&[Event::Close(Some((1002, "Protocol violation".to_owned())))])
}
