//! The closing handshake as a table: all orders of what two ends and their transport can do, against a model of a few
//! lines.

mod support;

use support::Owned;
use support::bits::FIN;
use support::{frames_for, plain};
use wscodec::{CloseCode, CloseFrame, Connection, Error, Limits, Message, MisuseError, Role, State};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Frame {
    Data,
    Close(u16),
    /// A header that no peer may send.
    Broken,
}

/// One end as RFC 6455 section 7 describes it.
#[derive(Clone, Debug, Default)]
struct Model {
    sent: bool,
    received: Option<u16>,
    eof: bool,
    failed: bool,
    /// Written and not delivered.
    out: Vec<Frame>,
}

impl Model {
    fn lost(&self) -> bool {
        self.eof && self.received.is_none() && !self.failed
    }

    fn may_send(&self) -> bool {
        !self.sent && !self.lost() && !self.failed
    }

    fn take(&mut self, frame: Frame) -> Option<Frame> {
        if self.received.is_some() || self.eof || self.failed {
            return None;
        }
        let answer = match frame {
            Frame::Data => return Some(frame),
            Frame::Close(code) => {
                self.received = Some(code);
                code
            }
            Frame::Broken => {
                self.failed = true;
                1002
            }
        };
        if !self.sent {
            self.sent = true;
            self.out.push(Frame::Close(answer));
        }
        Some(frame)
    }

    fn state(&self) -> State {
        match (self.sent, self.received) {
            _ if self.failed => State::Failed,
            _ if self.lost() => State::Lost,
            (false, None) => State::Open,
            (true, None) => State::CloseSent,
            (true, Some(_)) => State::Closed,
            (false, Some(_)) => unreachable!("it is answered at once"),
        }
    }

    fn code(&self) -> Option<u16> {
        match self.received {
            None if self.failed || self.lost() => Some(1006),
            code => code,
        }
    }

    fn should_shut(&self, role: Role) -> bool {
        match self.state() {
            State::Closed => self.out.is_empty() && (role == Role::Server || self.eof),
            State::Failed => self.out.is_empty(),
            state => state == State::Lost,
        }
    }
}

struct End {
    role: Role,
    real: Connection,
    model: Model,
}

impl End {
    fn new(role: Role) -> Self {
        Self { role, real: Connection::new(role, Limits::new()), model: Model::default() }
    }

    fn send(&mut self, frame: Frame) {
        let (message, may) = match frame {
            Frame::Close(code) => {
                let frame = CloseFrame::new(CloseCode::new(code), "why");
                (Message::Close(Some(frame)), self.model.may_send())
            }
            _ => (Message::Text("data"), self.model.may_send()),
        };
        let expected = if may { Ok(()) } else { Err(Error::Misuse(MisuseError::Closed)) };
        assert_eq!(self.real.send(message), expected);
        if may {
            self.model.out.push(frame);
            self.model.sent = matches!(frame, Frame::Close(_));
        }
    }

    fn eof(&mut self) {
        self.real.eof();
        self.model.eof = true;
    }

    /// All that this end wrote goes to the other, and is wanted there as the model has it.
    fn deliver(&mut self, other: &mut Self) {
        let bytes = self.real.output().to_vec();
        self.real.clear_output();
        other.read(&bytes);
        for frame in std::mem::take(&mut self.model.out) {
            let expected = other.model.take(frame);
            other.wants(expected);
        }
        assert_eq!(other.next(), None, "there is nothing else");
    }

    fn broken(&mut self) {
        let bytes = frames_for(self.role, &[(FIN | 3, b"")]);
        self.read(&bytes);
        let expected = self.model.take(Frame::Broken);
        self.wants(expected);
    }

    fn read(&mut self, bytes: &[u8]) {
        self.real.room()[..bytes.len()].copy_from_slice(bytes);
        self.real.filled(bytes.len()).expect("there was room");
    }

    fn next(&mut self) -> Option<Frame> {
        // An error that was there before is given again.
        let before = self.real.error();
        match self.real.next_event() {
            Ok(None) => None,
            Err(error) if before == Some(error) => None,
            Err(_) => Some(Frame::Broken),
            Ok(Some(wscodec::Event::Message(Message::Close(Some(frame))))) => {
                Some(Frame::Close(frame.code.get()))
            }
            Ok(Some(_)) => Some(Frame::Data),
        }
    }

    #[track_caller]
    fn wants(&mut self, expected: Option<Frame>) {
        if expected.is_some() {
            assert_eq!(self.next(), expected);
        }
    }

    fn check(&self) {
        assert_eq!(self.real.state(), self.model.state());
        assert_eq!(self.real.close_code().map(CloseCode::get), self.model.code());
        assert_eq!(self.real.should_shut(), self.model.should_shut(self.role));
        assert_eq!(self.real.output().is_empty(), self.model.out.is_empty());
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Close,
    Data,
    Deliver,
    Eof,
    Broken,
}

const STEPS: [Step; 5] = [Step::Close, Step::Data, Step::Deliver, Step::Eof, Step::Broken];

#[test]
fn all_orders_of_closes_data_errors_and_ends() {
    const LENGTH: u32 = 6;
    let choices = 2 * STEPS.len();
    let mut seen = std::collections::HashSet::new();
    for number in 0..choices.pow(LENGTH) {
        let mut ends = [End::new(Role::Server), End::new(Role::Client)];
        let mut rest = number;
        for _ in 0..LENGTH {
            let (step, who) = (STEPS[rest % choices / 2], rest % 2);
            rest /= choices;
            let [server, client] = &mut ends;
            let (end, other) = if who == 0 { (server, client) } else { (client, server) };
            match step {
                Step::Close => end.send(Frame::Close(if who == 0 { 1001 } else { 4000 })),
                Step::Data => end.send(Frame::Data),
                Step::Deliver => end.deliver(other),
                Step::Eof => end.eof(),
                Step::Broken => end.broken(),
            }
            ends.iter().for_each(End::check);
        }
        seen.insert((ends[0].model.state(), ends[1].model.state()));
    }
    // Open, CloseSent, Closed, Failed, Lost on each side; but an end does not close cleanly with one that closed for nothing:
    // that one is closed, has failed, is lost, or still waits for the answer.
    assert_eq!(seen.len(), 5 * 5 - 2, "{seen:?}");
}

#[test]
fn whoever_closes_first_both_end_cleanly_and_the_server_shuts_first() {
    for first in [Role::Server, Role::Client] {
        let (mut server, mut client) = (End::new(Role::Server), End::new(Role::Client));
        if first == Role::Server {
            server.send(Frame::Close(1000));
            // Data still comes until the peer's close.
            client.send(Frame::Data);
            client.deliver(&mut server);
            server.deliver(&mut client);
            client.deliver(&mut server);
        } else {
            client.send(Frame::Close(1000));
            client.deliver(&mut server);
            server.deliver(&mut client);
        }
        assert_eq!((server.real.state(), client.real.state()), (State::Closed, State::Closed));
        assert!(server.real.should_shut() && !client.real.should_shut(), "RFC 6455 section 7.1.1");
        client.eof();
        assert!(client.real.should_shut());
        assert_eq!(client.real.close_code(), Some(CloseCode::NORMAL));
    }
}

#[test]
fn events_that_came_before_the_end_are_still_given() {
    for (with_close, pushed) in [(false, false), (false, true), (true, false), (true, true)] {
        let close: &[u8] = if with_close { b"\x88\x00" } else { b"" };
        let bytes = [b"\x81\x03one\x81\x03two", close, b"\x81\x09cut"].concat();
        let mut connection = Connection::new(Role::Client, Limits::new());
        if pushed {
            connection.push(&bytes);
        } else {
            connection.room()[..bytes.len()].copy_from_slice(&bytes);
            connection.filled(bytes.len()).expect("there was room");
        }
        connection.eof();
        let mut events = Vec::new();
        assert_eq!(connection.state(), State::Open, "it is not known yet");
        while let Some(wscodec::Event::Message(message)) = connection.next_event().expect("well formed") {
            events.push(Owned::from(message));
        }
        let mut expected = vec![Owned::Text("one".to_owned()), Owned::Text("two".to_owned())];
        expected.extend(with_close.then_some(Owned::Close(None)));
        assert_eq!(events, expected);
        let (state, code) = if with_close {
            (State::Closed, CloseCode::NO_STATUS)
        } else {
            (State::Lost, CloseCode::ABNORMAL)
        };
        assert_eq!((connection.state(), connection.close_code()), (state, Some(code)));
        assert_eq!(connection.should_shut(), !with_close, "the answer can still be written");
        connection.clear_output();
        assert!(connection.should_shut());
    }
}

#[test]
fn the_answer_to_a_close_can_wait_for_the_end_of_a_message() {
    let mut connection =
        Connection::new(Role::Client, Limits::new()).with_automatic_close(false).with_mask_keys(|| [0; 4]);
    connection.sender().begin_message(wscodec::DataKind::Text, b"one").expect("open");
    connection.push(b"\x88\x02\x03\xe9");
    assert!(connection.next_event().expect("well formed").is_some());
    assert_eq!(connection.state(), State::CloseReceived);
    connection.eof();
    connection.clear_output();
    assert!(!connection.should_shut(), "a close frame is owed");
    connection.sender().finish_message(b"two").expect("still open");
    connection.close(Some(CloseFrame::new(CloseCode::GOING_AWAY, ""))).expect("still open");
    assert_eq!(connection.state(), State::Closed);
    let mut peer = plain(Role::Server);
    peer.push(connection.output());
    assert!(peer.next_message().is_err(), "the first fragment was written before");
    connection.clear_output();
    assert!(connection.should_shut());
}
