//! What a message is answered with.

use wscodec::{CloseCode, CloseFrame, DataKind, Error, Message, Sender};

use crate::options::Options;

/// Queues the answer: an echo, or what a command asks for.
pub(crate) fn answer(message: Message<'_>, sender: &mut Sender, options: &Options) -> Result<(), Error> {
    match message {
        Message::Text(text) if options.obey && text.starts_with(CLOSE) => close(text, sender),
        Message::Text(text) => echo(DataKind::Text, text.as_bytes(), message, sender, options),
        Message::Binary(bytes) => echo(DataKind::Binary, bytes, message, sender, options),
        // Answered already, or no question.
        _ => Ok(()),
    }
}

const CLOSE: &str = "close ";

fn close(command: &str, sender: &mut Sender) -> Result<(), Error> {
    let (code, reason) = command[CLOSE.len()..].split_once(' ').unwrap_or((&command[CLOSE.len()..], ""));
    let code = code.parse::<u16>().map_or(CloseCode::POLICY, CloseCode::new);
    sender.close(Some(CloseFrame::new(code, reason)))
}

/// Whole, or in frames of the size asked for.
fn echo(
    kind: DataKind,
    payload: &[u8],
    message: Message<'_>,
    sender: &mut Sender,
    options: &Options,
) -> Result<(), Error> {
    if payload.len() <= options.frame_size {
        return sender.send(message);
    }
    let (first, mut rest) = payload.split_at(options.frame_size);
    sender.begin_message(kind, first)?;
    while rest.len() > options.frame_size {
        let (next, behind) = rest.split_at(options.frame_size);
        sender.continue_message(next)?;
        rest = behind;
    }
    sender.finish_message(rest)
}
