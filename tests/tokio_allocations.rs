//! A counting allocator: in steady state neither a WebSocket on a stream nor its halves allocate anything for a message.
#![cfg(feature = "tokio")]

mod tokio_support;

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_support::once;
use wscodec::compressors::{Backend, CompressorConfig, DecompressorConfig};
use wscodec::tokio::WebSocket;
use wscodec::{Connection, Limits, Message, Role};

/// One direction of a pipe that allocates nothing once it was full.
type Bytes = Arc<Mutex<Vec<u8>>>;

struct Pipe {
    from: Bytes,
    to: Bytes,
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let mut from = self.from.lock().expect("no panics");
        let bytes = from.len().min(buffer.remaining());
        if bytes == 0 {
            return Poll::Pending;
        }
        buffer.put_slice(&from[..bytes]);
        from.drain(..bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.to.lock().expect("no panics").extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn pair(compression: Option<Backend>) -> [WebSocket<Pipe>; 2] {
    let (up, down) = (Bytes::default(), Bytes::default());
    let pipes = [Pipe { from: up.clone(), to: down.clone() }, Pipe { from: down, to: up }];
    let mut roles = [Role::Server, Role::Client].into_iter();
    pipes.map(|pipe| {
        let connection = Connection::new(roles.next().expect("two"), Limits::new());
        let connection = match compression {
            None => connection,
            Some(backend) => connection
                .with_compressor(backend, CompressorConfig::default().takeover(false))
                .and_then(|with| {
                    with.with_decompressor(backend, DecompressorConfig::default().takeover(false))
                })
                .expect("every backend can"),
        };
        WebSocket::from_connection(pipe, connection)
    })
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match once(future) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("there is no reason to wait"),
    }
}

#[test]
fn an_echo_allocates_nothing() {
    let text = "größer und größer 你好 ".repeat(100);
    for compression in [None].into_iter().chain(Backend::available().map(Some)) {
        let [mut server, mut client] = pair(compression);
        let mut round = || {
            for message in [Message::Text(&text), Message::Text("short"), Message::Ping(b"?")] {
                ready(client.feed(message)).unwrap();
            }
            ready(client.send(Message::Binary(text.as_bytes()))).unwrap();
            let mut received = 0;
            while let Poll::Ready(next) = once(server.next_message_and_sender()) {
                let (message, sender) = next.unwrap().unwrap();
                if !message.is_control() {
                    sender.send(message).unwrap();
                }
                received += 1;
            }
            let mut echoed = 0;
            while let Poll::Ready(next) = once(client.next_message()) {
                next.unwrap().unwrap();
                echoed += 1;
            }
            assert_eq!((received, echoed), (4, 4));
        };
        (0..200).for_each(|_| round());
        let made = allocation_counter::measure(|| (0..100).for_each(|_| round()));
        assert_eq!(made.count_total, 0, "{compression:?}: {} bytes", made.bytes_total);
    }
}

#[test]
fn halves_allocate_nothing() {
    let [server, client] = pair(None);
    let (mut reader, mut writer) = server.split();
    let (mut theirs, mut client) = client.split();
    let mut round = || {
        ready(client.send(Message::Text("Hello"))).unwrap();
        ready(client.send(Message::Ping(b"?"))).unwrap();
        while let Poll::Ready(next) = once(reader.next_message()) {
            if let Message::Text(text) = next.unwrap().unwrap() {
                ready(writer.send_vectored(Message::Text(text))).unwrap();
            }
        }
        let mut echoed = 0;
        while let Poll::Ready(next) = once(theirs.next_message()) {
            next.unwrap().unwrap();
            echoed += 1;
        }
        assert_eq!(echoed, 2);
    };
    (0..200).for_each(|_| round());
    let made = allocation_counter::measure(|| (0..100).for_each(|_| round()));
    assert_eq!(made.count_total, 0, "{} bytes", made.bytes_total);
}

/// What a peer has sent that reads nothing.
struct Stuck(Bytes);

impl AsyncRead for Stuck {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let mut pipe = Pipe { from: Bytes::clone(&self.0), to: Bytes::default() };
        Pin::new(&mut pipe).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stuck {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Pending
    }
}

#[test]
fn a_socket_whose_peer_does_not_read_leaves_what_it_reads_with() {
    // A message that is answered with more than may be queued, a message that has to be told to be wrong, and one that ends it.
    for (wire, answered) in [(&b"\x81\x85\0\0\0\0Hello"[..], true), (b"\x83\x80\0\0\0\0", false)] {
        let mut other = Connection::new(Role::Server, Limits::new());
        other.send(Message::Binary(&[0; 1 << 20])).unwrap();
        other.clear_output();
        other.share_buffers();
        let bytes = Bytes::default();
        let connection = Connection::new(Role::Server, Limits::new());
        let mut socket =
            WebSocket::from_connection(Stuck(Bytes::clone(&bytes)), connection).with_write_limit(10);
        for _ in 0..2 {
            bytes.lock().expect("no panics").extend(wire);
        }
        if answered {
            for _ in 0..2 {
                let (_, sender) = ready(socket.next_message_and_sender()).unwrap().expect("a message");
                sender.send(Message::Binary(&[0; 5])).unwrap();
            }
        }
        assert!(once(socket.next_message_and_sender()).is_pending());
        assert!(socket.memory() < 2 << 10, "{} bytes", socket.memory());
    }
}

#[test]
fn a_socket_that_waits_leaves_its_buffers_to_others() {
    let text = "a long message, ".repeat(5_000);
    for compression in [None].into_iter().chain(Backend::available().map(Some)) {
        let mut pairs = [(); 20].map(|()| pair(compression));
        for [server, client] in &mut pairs {
            for text in [&text[..], "short", &text] {
                ready(client.send(Message::Text(text))).unwrap();
                let Some((message, mut responder)) = ready(server.next_message_and_responder()).unwrap()
                else {
                    panic!("a message was sent");
                };
                assert_eq!(message, Message::Text(text));
                ready(responder.send(message)).unwrap();
                assert!(server.memory() > 16 << 10, "it is in use");
                assert!(once(server.next_message()).is_pending());
                assert_eq!(ready(client.next_message()).unwrap(), Some(Message::Text(text)));
                assert!(once(client.next_message()).is_pending());
            }
            for held in [server.memory(), client.memory()] {
                assert!(held < 2 << 10, "{compression:?}: {held} bytes");
            }
        }
    }
}
