//! A WebSocket of the tokio adapter on streams in memory: endings, answers, back-pressure, halves under load.
#![cfg(feature = "tokio")]

mod support;
mod tokio_support;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use support::{KEY, Owned, frames_for};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_support::{Scripted, Wire, block_on, once, until_ready};
use wscodec::tokio::{Error, WebSocket};
use wscodec::{
    CloseCode, CloseFrame, Connection, Event, Limits, Message, PreparedMessage, ProtocolError, Role,
    SharedMessage, State,
};

fn on<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(stream: S, role: Role) -> WebSocket<S> {
    WebSocket::from_connection(stream, Connection::new(role, Limits::new()).with_mask_keys(|| KEY))
}

fn scripted(incoming: &[u8], stays_open: bool) -> (Scripted, Arc<Mutex<Wire>>) {
    let stream = Scripted::new(incoming, &[]);
    let wire = stream.wire.clone();
    wire.lock().expect("no panics").stays_open = stays_open;
    (stream, wire)
}

/// Runs on a runtime of its own, and not for ever.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), future).await }).expect("in time")
}

/// Takes messages to the end.
async fn drain(socket: &mut WebSocket<DuplexStream>) -> Result<Vec<Owned>, Error> {
    let mut messages = Vec::new();
    while let Some(message) = socket.next_message().await? {
        messages.push(message.into());
    }
    Ok(messages)
}

fn done(reason: &str) -> Option<CloseFrame<'_>> {
    Some(CloseFrame::new(CloseCode::NORMAL, reason))
}

#[test]
fn either_end_closes_and_both_know() {
    for client_closes in [false, true] {
        run(async {
            let (ours, theirs) = duplex(3);
            let (mut first, mut second) =
                if client_closes { (Role::Client, Role::Server) } else { (Role::Server, Role::Client) }
                    .into_sockets(ours, theirs);
            let closing = async {
                first.send(Message::Text("last words")).await?;
                first.close(done("bye")).await?;
                drain(&mut first).await
            };
            let (closed, answered) = tokio::join!(closing, drain(&mut second));
            assert_eq!(closed.unwrap(), [Owned::Close(Some((1000, String::new())))]);
            let text = Owned::Text("last words".into());
            assert_eq!(answered.unwrap(), [text, Owned::Close(Some((1000, "bye".into())))]);
            for socket in [&first, &second] {
                assert_eq!((socket.state(), socket.close_code()), (State::Closed, Some(CloseCode::NORMAL)));
            }
        });
    }
}

trait IntoSockets {
    fn into_sockets(
        self,
        ours: DuplexStream,
        theirs: DuplexStream,
    ) -> (WebSocket<DuplexStream>, WebSocket<DuplexStream>);
}

impl IntoSockets for (Role, Role) {
    fn into_sockets(
        self,
        ours: DuplexStream,
        theirs: DuplexStream,
    ) -> (WebSocket<DuplexStream>, WebSocket<DuplexStream>) {
        (on(ours, self.0), on(theirs, self.1))
    }
}

#[test]
fn both_ends_close_at_once() {
    run(async {
        // Neither reads before its close frame is out, so there has to be room for both.
        let (ours, theirs) = duplex(16);
        let (mut server, mut client) = (on(ours, Role::Server), on(theirs, Role::Client));
        let ends = tokio::join!(
            async { (server.close(done("s")).await.unwrap(), drain(&mut server).await.unwrap()) },
            async { (client.close(done("c")).await.unwrap(), drain(&mut client).await.unwrap()) },
        );
        assert_eq!(ends.0.1, [Owned::Close(Some((1000, "c".into())))]);
        assert_eq!(ends.1.1, [Owned::Close(Some((1000, "s".into())))]);
    });
}

#[test]
fn who_leaves_with_the_close_frame_has_answered_it() {
    run(async {
        let (ours, mut peer) = duplex(1);
        let server = async {
            let mut socket = on(ours, Role::Server);
            assert!(matches!(socket.next_message().await, Ok(Some(Message::Close(Some(_))))));
            drop(socket);
        };
        let client = async {
            peer.write_all(&frames_for(Role::Server, &[(0x88, b"\x0b\xb8")])).await.unwrap();
            let mut answer = Vec::new();
            peer.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"\x88\x02\x0b\xb8");
        };
        tokio::join!(server, client);
    });
}

#[test]
fn who_leaves_with_an_error_has_told_the_peer() {
    run(async {
        let (ours, mut peer) = duplex(1);
        let server = async {
            let mut socket = on(ours, Role::Server);
            assert!(matches!(socket.next_message().await, Ok(Some(Message::Text("Hello")))));
            let error = socket.next_message().await.unwrap_err();
            assert!(matches!(error, Error::Codec(wscodec::Error::Protocol(ProtocolError::MaskMissing))));
            assert!(matches!(socket.next_message().await, Ok(None)), "an error is told once");
            assert_eq!(socket.state(), State::Failed);
            assert!(socket.error().is_some());
        };
        let client = async {
            peer.write_all(&frames_for(Role::Server, &[(0x81, b"Hello")])).await.unwrap();
            // It goes on sending, and listens only then.
            peer.write_all(b"\x81\x02hi and more, and more").await.unwrap();
            let mut answer = Vec::new();
            peer.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"\x88\x02\x03\xea");
        };
        tokio::join!(server, client);
    });
}

#[test]
fn who_lingers_reads_to_the_end_and_keeps_nothing() {
    let flood = [&b"\x81\x02hi"[..], &[7; 1_000_000]].concat();
    for script in [&[Some(usize::MAX)][..], &[None, Some(1000)]] {
        let stream = Scripted::new(&flood, script);
        let wire = stream.wire.clone();
        let mut socket = on(stream, Role::Server);
        assert!(matches!(block_on(socket.next_message()), Err(Error::Codec(_))));
        assert!(wire.lock().unwrap().incoming.len() > 900_000);
        block_on(socket.linger()).unwrap();
        assert!(wire.lock().unwrap().incoming.is_empty());
        assert!(socket.memory() < 100_000, "{}", socket.memory());
        assert!(matches!(block_on(socket.next_message()), Ok(None)));
    }
}

#[test]
fn only_to_wait_for_messages_answers_pings() {
    for split in [false, true] {
        run(async {
            let (ours, mut peer) = duplex(64);
            let socket = on(ours, Role::Server);
            let server = async move {
                if split {
                    let (mut reader, _writer) = socket.split();
                    while reader.next_message().await.unwrap().is_some() {}
                    assert_eq!(
                        (reader.state(), reader.close_code()),
                        (State::Closed, Some(CloseCode::NO_STATUS))
                    );
                } else {
                    drain(&mut { socket }).await.unwrap();
                }
            };
            let client = async {
                for number in 0..100_u8 {
                    peer.write_all(&frames_for(Role::Server, &[(0x89, &[number])])).await.unwrap();
                    let mut pong = [0; 3];
                    peer.read_exact(&mut pong).await.unwrap();
                    assert_eq!(pong, [0x8a, 1, number]);
                }
                peer.write_all(&frames_for(Role::Server, &[(0x88, b"")])).await.unwrap();
                let mut rest = Vec::new();
                peer.read_to_end(&mut rest).await.unwrap();
                assert_eq!(rest, b"\x88\0");
            };
            tokio::join!(server, client);
        });
    }
}

#[test]
fn an_abrupt_end_is_the_end() {
    let all = frames_for(Role::Server, &[(0x81, b"Hello"), (0x01, b"cut"), (0x80, b" short")]);
    for length in 0..all.len() {
        let (stream, wire) = scripted(&all[..length], false);
        let mut socket = on(stream, Role::Server);
        let mut messages = Vec::new();
        while let Some(message) = block_on(socket.next_message()).expect("nothing is wrong with it") {
            messages.push(Owned::from(message));
        }
        assert_eq!(messages.len(), usize::from(length >= 11));
        assert_eq!((socket.state(), socket.close_code()), (State::Lost, Some(CloseCode::ABNORMAL)));
        assert_eq!(wire.lock().unwrap().shut, 1);
        let late = once(socket.send(Message::Text("late")));
        assert!(matches!(late, Poll::Ready(Err(Error::Codec(wscodec::Error::Misuse(_))))));
    }
}

#[test]
fn a_write_that_fails_is_told_once() {
    for answer_only in [false, true] {
        let (stream, wire) = scripted(&frames_for(Role::Server, &[(0x89, b"?"), (0x81, b"Hello")]), true);
        wire.lock().unwrap().broken = Some(ErrorKind::BrokenPipe);
        let mut socket = on(stream, Role::Server);
        if !answer_only {
            let sent = block_on(socket.send(Message::Text("Hello")));
            assert!(matches!(sent, Err(Error::Io(error)) if error.kind() == ErrorKind::BrokenPipe));
        }
        // What came is still handed out.
        assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Ping(b"?")))));
        assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Text("Hello")))));
        assert!(matches!(block_on(socket.next_message()), Err(Error::Io(_))));
        assert!(matches!(block_on(socket.next_message()), Ok(None)));
    }
}

#[test]
fn a_peer_that_closes_and_is_gone_closed_cleanly() {
    let (stream, wire) = scripted(&frames_for(Role::Server, &[(0x88, b"\x03\xe8")]), true);
    wire.lock().unwrap().broken = Some(ErrorKind::BrokenPipe);
    let mut socket = on(stream, Role::Server);
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Close(Some(_))))));
    assert!(matches!(block_on(socket.next_message()), Ok(None)));
}

#[test]
fn a_stream_that_takes_nothing_does_not_loop() {
    let stream = Scripted::new(b"", &[Some(0)]);
    let mut socket = on(stream, Role::Server);
    let sent = block_on(socket.send(Message::Text("Hello")));
    assert!(matches!(sent, Err(Error::Io(error)) if error.kind() == ErrorKind::WriteZero));
}

#[test]
fn a_peer_that_does_not_read_is_not_read_from() {
    let one = frames_for(Role::Server, &[(0x82, &[7; 1000])]);
    let (stream, wire) = scripted(&one.repeat(5_000), true);
    wire.lock().unwrap().jammed = true;
    let mut socket = on(stream, Role::Server).with_write_limit(10_000);
    let mut answered = 0;
    while let Poll::Ready(next) = once(socket.next_message_and_sender()) {
        let (message, sender) = next.unwrap().unwrap();
        sender.send(message).unwrap();
        answered += 1;
    }
    assert_eq!(answered, 10);
    assert!(once(socket.next_message_and_sender()).is_pending());
    assert!(socket.memory() < 100_000, "{}", socket.memory());
    assert!(wire.lock().unwrap().incoming.len() > 4_900_000);
    // Who only listens goes on.
    assert!(once(socket.next_message()).is_ready());
    // And so does the echo when the peer reads again.
    wire.lock().unwrap().jammed = false;
    for _ in 0..4_000 {
        let (message, sender) = block_on(socket.next_message_and_sender()).unwrap().unwrap();
        sender.send(message).unwrap();
        assert!(sender.output().len() <= 12_000);
    }
}

#[test]
fn what_is_queued_is_bounded() {
    let (stream, wire) = scripted(b"", true);
    wire.lock().unwrap().jammed = true;
    let mut socket = on(stream, Role::Client).with_write_limit(5_000);
    let mut fed = 0;
    while once(socket.feed(Message::Binary(&[1; 992]))).is_ready() {
        fed += 1;
    }
    assert_eq!(fed, 5);
    assert_eq!(socket.sender().output().len(), 5_000);
    assert!(once(socket.send(Message::Text(""))).is_pending());
    assert!(once(socket.send_vectored(Message::Text(""))).is_pending());
    assert!(once(socket.feed_prepared(&PreparedMessage::from(""))).is_pending());
    assert!(once(socket.send_prepared(&PreparedMessage::from(""))).is_pending());
    assert_eq!(socket.sender().output().len(), 5_000);
    // A close frame goes in any case, once.
    assert!(once(socket.close(None)).is_pending());
    assert_eq!(socket.sender().output().len(), 5_006);
    wire.lock().unwrap().jammed = false;
    block_on(socket.close(None)).unwrap();
    assert_eq!(wire.lock().unwrap().outgoing.len(), 5_006);
}

#[test]
fn a_message_that_fits_when_the_queue_is_empty_waits_for_that() {
    let stream = Scripted::new(b"", &[None, Some(10)]);
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(1_000);
    let mut socket = WebSocket::from_connection(stream, connection);
    block_on(socket.feed(Message::Binary(&[0; 900]))).unwrap();
    block_on(socket.feed(Message::Binary(&[0; 900]))).unwrap();
    assert!(matches!(block_on(socket.feed(Message::Binary(&[0; 1000]))), Err(Error::Codec(_))));
    let prepared = [900, 1000].map(|length| PreparedMessage::from(vec![0; length]));
    block_on(socket.feed_prepared(&prepared[0])).unwrap();
    block_on(socket.send_prepared(&prepared[0])).unwrap();
    assert!(matches!(block_on(socket.feed_prepared(&prepared[1])), Err(Error::Codec(_))));
}

#[test]
fn a_vectored_message_waits_for_its_room_as_any_other() {
    let (stream, wire) = scripted(b"", true);
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(1_000);
    let mut socket = WebSocket::from_connection(stream, connection);
    block_on(socket.feed(Message::Binary(&[1; 600]))).unwrap();
    block_on(socket.send_vectored(Message::Binary(&[2; 600]))).unwrap();
    assert_eq!(wire.lock().unwrap().outgoing.len(), 2 * 604);
    let too_long = block_on(socket.send_vectored(Message::Binary(&[3; 1000])));
    assert!(matches!(too_long, Err(Error::Codec(_))), "{too_long:?}");
}

#[test]
fn a_stream_that_never_makes_a_reader_wait_is_left_now_and_then() {
    /// Bytes, and the same ones again without end.
    struct Endless(Vec<u8>, usize);
    impl tokio::io::AsyncRead for Endless {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            self.1 += 1;
            assert!(self.1 < 100_000, "one poll reads for ever");
            let length = self.0.len().min(buffer.remaining());
            buffer.put_slice(&self.0[..length]);
            Poll::Ready(Ok(()))
        }
    }
    impl tokio::io::AsyncWrite for Endless {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            bytes: &[u8],
        ) -> Poll<std::io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    #[derive(Default)]
    struct Woken(AtomicBool);
    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    // A close frame again and again, after which a client waits for the end.
    let mut socket = on(Endless(frames_for(Role::Client, &[(0x88, b"")]), 0), Role::Client);
    let close = block_on(socket.next_message()).unwrap().map(Owned::from);
    assert_eq!(close, Some(Owned::Close(None)));
    let woken = Arc::new(Woken::default());
    let waker = std::task::Waker::from(Arc::clone(&woken));
    for _ in 0..10 {
        let mut future = std::pin::pin!(socket.next_message());
        assert!(future.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        assert!(woken.0.swap(false, Ordering::Relaxed), "it is to be polled again");
    }
}

#[test]
fn to_feed_and_wait_writes_once() {
    let incoming = frames_for(Role::Server, &[(0x81, &b"x"[..]); 50]);
    let (stream, wire) = scripted(&incoming, true);
    let mut socket = on(stream, Role::Server);
    let mut messages = 0;
    while let Poll::Ready(message) = once(socket.next_message()) {
        let shared = SharedMessage::from(message.unwrap().unwrap());
        messages += 1;
        assert!(once(socket.feed(shared.as_message())).is_ready());
        if messages < 50 {
            assert!(wire.lock().unwrap().outgoing.is_empty());
        }
    }
    assert_eq!((messages, wire.lock().unwrap().outgoing.len()), (50, 150));
}

#[test]
fn a_close_frame_that_the_caller_answers_may_wait() {
    let (stream, wire) = scripted(&frames_for(Role::Server, &[(0x88, b"\x03\xe8")]), false);
    let connection = Connection::new(Role::Server, Limits::new()).with_automatic_close(false);
    let mut socket = WebSocket::from_connection(stream, connection);
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Close(Some(_))))));
    assert!(matches!(block_on(socket.next_message()), Ok(None)));
    assert_eq!((socket.state(), wire.lock().unwrap().shut), (State::CloseReceived, 0));
    block_on(socket.send(Message::Text("one more"))).unwrap();
    block_on(socket.close(done(""))).unwrap();
    assert_eq!(socket.state(), State::Closed);
    assert_eq!(wire.lock().unwrap().outgoing, b"\x81\x08one more\x88\x02\x03\xe8");
}

#[test]
fn a_socket_that_is_taken_apart_goes_on() {
    let incoming = frames_for(Role::Server, &[(0x81, b"one"), (0x81, b"two"), (0x01, b"thr"), (0x80, b"ee")]);
    let (stream, _) = scripted(&incoming, false);
    let mut socket = on(stream, Role::Server);
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Text("one")))));
    let (stream, connection) = socket.into_parts();
    let mut socket = WebSocket::from_connection(stream, connection);
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Text("two")))));
    socket.release();
    let (reader, writer) = socket.split();
    let mut socket = reader.unsplit(writer).unwrap();
    assert!(matches!(block_on(socket.next_message()), Ok(Some(Message::Text("three")))));
    assert!(matches!(block_on(socket.next_message()), Ok(None)));

    let halves = || on(Scripted::new(b"", &[]), Role::Server).split();
    let ((reader, _other), (_reader, writer)) = (halves(), halves());
    assert!(reader.unsplit(writer).is_err(), "not of the same");
}

#[test]
fn messages_come_in_parts_where_that_was_asked_for() {
    let frames = [(0x01, &b"on"[..]), (0x89, b"?"), (0x80, b"e"), (0x82, b"two"), (0x88, b"")];
    let stream = Scripted::new(&frames_for(Role::Server, &frames), &[Some(usize::MAX)]);
    let connection = Connection::new(Role::Server, Limits::new()).with_fragments();
    let mut socket = WebSocket::from_connection(stream, connection);
    let mut seen = Vec::new();
    while let Some(event) = block_on(socket.next_event()).unwrap() {
        seen.push(match event {
            Event::Fragment(part) => (part.payload.to_vec(), part.is_first, part.is_last),
            Event::Message(message) => (format!("{message:?}").into(), false, false),
            other => panic!("{other:?} was not asked for"),
        });
    }
    let expected = [
        ("on", true, false),
        ("Ping([63])", false, false),
        ("e", false, true),
        ("two", true, true),
        ("Close(None)", false, false),
    ];
    assert_eq!(seen, expected.map(|(payload, first, last)| (payload.into(), first, last)));
}

#[test]
fn a_stream_of_messages_ends_after_an_error() {
    use futures_core::stream::FusedStream;
    let (stream, _) = scripted(&frames_for(Role::Server, &[(0x81, b"Hello"), (0x83, b"")]), true);
    let mut socket = on(stream, Role::Server);
    let mut next = || until_ready(|context| Pin::new(&mut socket).poll_next(context));
    assert_eq!(next().unwrap().unwrap().as_text(), Some("Hello"));
    assert!(matches!(next(), Some(Err(Error::Codec(wscodec::Error::Protocol(_))))));
    assert!(next().is_none());
    assert!(socket.is_terminated());
}

/// Each end has a task that sends and one that receives, on threads of their own, through a pipe that holds next to nothing.
#[test]
fn halves_under_load_lose_nothing() {
    const MESSAGES: usize = 3_000;
    for capacity in [1, 100, 10_000] {
        let (ours, theirs) = duplex(capacity);
        let messages = if capacity == 1 { MESSAGES / 20 } else { MESSAGES };
        let client_has_all = Arc::new(AtomicBool::new(false));
        let ends = [(ours, Role::Server), (theirs, Role::Client)].map(|(stream, role)| {
            let (has_all, had_all) = (client_has_all.clone(), client_has_all.clone());
            let (mut reader, mut writer) = on(stream, role).with_write_limit(2_000).split();
            let sends = std::thread::spawn(move || {
                run(async {
                    for number in 0..messages {
                        let text = format!("{number} ").repeat(number % 40);
                        match number % 6 {
                            0 => writer.feed(Message::Text(&text)).await.unwrap(),
                            1 => writer.send_vectored(Message::Text(&text)).await.unwrap(),
                            2 => {
                                writer.send(Message::Ping(b"?")).await.unwrap();
                                writer.send(Message::Text(&text)).await.unwrap();
                            }
                            3 => writer.feed_prepared(&text.into()).await.unwrap(),
                            4 => writer.send_prepared(&text.into()).await.unwrap(),
                            _ => {
                                // One that is dropped under way and sent again, or it was queued.
                                let before = writer.with_sender(|sender| sender.output().len());
                                if once(writer.feed(Message::Text(&text))).is_pending() {
                                    assert!(before >= 2_000);
                                    writer.send(Message::Text(&text)).await.unwrap();
                                }
                            }
                        }
                    }
                    writer.flush().await.unwrap();
                    if role == Role::Client {
                        while !had_all.load(Ordering::Relaxed) {
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                        writer.close(None).await.unwrap();
                    }
                    writer
                })
            });
            let receives = std::thread::spawn(move || {
                run(async {
                    let mut number = 0;
                    while let Some(message) = reader.next_message().await.unwrap() {
                        match message {
                            Message::Text(text) => {
                                assert_eq!(text, format!("{number} ").repeat(number % 40));
                                number += 1;
                            }
                            Message::Close(_) => assert_eq!(number, messages),
                            _ => {}
                        }
                        if role == Role::Client && number == messages {
                            has_all.store(true, Ordering::Relaxed);
                        }
                    }
                    assert_eq!(number, messages);
                    reader
                })
            });
            (sends, receives)
        });
        let joined = ends.map(|(sends, receives)| (receives.join(), sends.join()));
        for (reader, writer) in joined {
            drop(reader.unwrap().unsplit(writer.unwrap()).unwrap());
        }
    }
}

#[test]
fn a_sink_that_is_ready_takes_any_message_that_has_room_by_itself() {
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(1_000);
    let (stream, wire) = scripted(b"", true);
    wire.lock().unwrap().jammed = true;
    let socket = WebSocket::from_connection(stream, connection).with_write_limit(700);
    let (_reader, mut writer) = socket.split();
    let text = |bytes: usize| SharedMessage::from("a".repeat(bytes));
    let mut sink = Pin::new(&mut writer);
    for bytes in [690, 900] {
        assert!(matches!(once(poll_fn(|context| sink.as_mut().poll_ready(context))), Poll::Ready(Ok(()))));
        sink.as_mut().start_send(text(bytes)).unwrap();
    }
    assert!(once(poll_fn(|context| sink.as_mut().poll_ready(context))).is_pending());
    wire.lock().unwrap().jammed = false;
    assert!(matches!(once(poll_fn(|context| sink.as_mut().poll_ready(context))), Poll::Ready(Ok(()))));
    assert_eq!(wire.lock().unwrap().outgoing.len(), 694 + 904);
    let Err(Error::Codec(error)) = sink.as_mut().start_send(text(1_000)) else { panic!("it has no room") };
    assert_eq!(error, wscodec::MisuseError::OutputFull { limit: 1_000 }.into());
    // The limit is as it was.
    writer.with_sender(|sender| sender.send(Message::Binary(&[0; 900]))).unwrap();
    assert!(writer.with_sender(|sender| sender.send(Message::Binary(&[0; 900]))).is_err());
}

#[test]
fn a_sink_that_nobody_asks_whether_it_is_ready_is_bounded() {
    let connection = Connection::new(Role::Server, Limits::new()).with_output_limit(1_000);
    let mut socket = WebSocket::from_connection(duplex(1).0, connection).with_write_limit(100);
    let message = SharedMessage::from(Message::Binary(&[7; 90]));
    let taken = (0..1_000).take_while(|_| Pin::new(&mut socket).start_send(message.clone()).is_ok()).count();
    // Each with a header of two bytes.
    assert_eq!(taken, 1_000 / 92);
}

#[test]
fn what_is_queued_reaches_a_peer_that_shut_its_own_direction() {
    run(async {
        let (server, mut client) = duplex(16);
        let mut socket = on(server, Role::Server);
        socket.feed(Message::Binary(&[7; 1_000])).await.expect("there is room");
        client.shutdown().await.expect("its direction");
        let mut received = Vec::new();
        let (end, read) = tokio::join!(socket.next_message(), client.read_to_end(&mut received));
        assert_eq!(end.expect("no error"), None);
        assert_eq!(read.expect("all of it"), 4 + 1_000);
        assert_eq!(socket.close_code(), Some(CloseCode::ABNORMAL));
    });
}

#[test]
fn a_reader_gives_memory_back() {
    run(async {
        let (server, client) = duplex(1 << 10);
        let (mut reader, mut writer) = on(server, Role::Server).split();
        let mut client = on(client, Role::Client);
        client.send(Message::Text("Hello")).await.expect("sent");
        assert_eq!(reader.next_message().await.expect("no error"), Some(Message::Text("Hello")));
        writer.send(Message::Text("back")).await.expect("sent");
        let before = reader.memory();
        reader.release();
        assert!(reader.memory() + (16 << 10) <= before, "{} of {before}", reader.memory());
        client.send(Message::Text("again")).await.expect("sent");
        assert_eq!(reader.next_message().await.expect("no error"), Some(Message::Text("again")));
    });
}
