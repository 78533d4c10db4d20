//! How a connection comes to its end (RFC 6455 section 7).

use wscodec_kernel::CloseCode;

use super::Sender;
use crate::{CloseFrame, Error, Role};

/// How far the closing handshake is (RFC 6455 sections 7.1.2 to 7.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// No close frame in either direction.
    Open,
    /// This endpoint sent its close frame, and no more; the peer may still send.
    CloseSent,
    /// The peer sent its close frame, and no more; this endpoint owes one. Only with the automatic answer off.
    CloseReceived,
    /// Both sent a close frame: the connection is closed cleanly.
    Closed,
    /// This endpoint ended it for an error.
    Failed,
    /// The transport ended without a close frame from the peer.
    Lost,
}

#[derive(Debug, Default)]
pub(super) struct Ending {
    /// The code of the peer's close frame.
    pub(super) received: Option<CloseCode>,
    pub(super) error: Option<Error>,
    /// Nothing more comes from the transport.
    pub(super) eof: bool,
    /// There may be events in what came.
    pub(super) pending: bool,
    lost: bool,
    /// One of the first three has come, after which nothing that comes is of interest: asked with each read.
    is_over: bool,
}

impl Ending {
    pub(super) const fn state(&self, sent: bool) -> State {
        match (self.received, sent) {
            _ if self.error.is_some() => State::Failed,
            _ if self.lost => State::Lost,
            (None, false) => State::Open,
            (None, true) => State::CloseSent,
            (Some(_), false) => State::CloseReceived,
            (Some(_), true) => State::Closed,
        }
    }

    /// Whether the transport should be shut: what was to be written was written, and nothing that may still come is of
    /// interest.
    #[inline]
    pub(super) fn should_shut(&self, sender: &Sender) -> bool {
        match self.state(sender.is_closed()) {
            State::Open | State::CloseSent | State::CloseReceived => false,
            State::Closed => sender.output().is_empty() && (sender.role() == Role::Server || self.eof),
            State::Failed => sender.output().is_empty(),
            State::Lost => true,
        }
    }

    pub(super) fn close_code(&self) -> Option<CloseCode> {
        let is_over = self.error.is_some() || self.lost;
        self.received.or(is_over.then_some(CloseCode::ABNORMAL))
    }

    /// Whether anything that comes is still of interest.
    #[inline]
    pub(super) const fn reads(&self) -> bool {
        !self.is_over
    }

    /// The transport ended.
    pub(super) fn note_eof(&mut self, sender: &mut Sender) {
        self.eof = true;
        self.is_over = true;
        self.note_loss(sender);
    }

    /// The peer sent its close frame.
    pub(super) const fn note_close(&mut self, code: CloseCode) {
        self.received = Some(code);
        self.is_over = true;
    }

    /// Ends the connection for `error`, with a close frame that says so if there was none yet (section 7.1.7); gives the
    /// error that stays.
    #[cold]
    pub(super) fn fail(&mut self, error: Error, sender: &mut Sender) -> Error {
        if let Some(first) = self.error {
            return first;
        }
        self.error = Some(error);
        self.is_over = true;
        if let Some(code) = error.close_code() {
            // If it can't be sent, there is nothing else to be said.
            let _ = sender.close(Some(CloseFrame::new(code, "")));
        }
        sender.refuse();
        error
    }

    pub(super) fn note_end_of_events(&mut self, sender: &mut Sender) {
        self.pending = false;
        self.note_loss(sender);
    }

    /// Without the peer's close frame at the end of all that came, there will be none.
    fn note_loss(&mut self, sender: &mut Sender) {
        if self.eof && !self.pending && self.received.is_none() && self.error.is_none() {
            self.lost = true;
            sender.refuse();
        }
    }
}
