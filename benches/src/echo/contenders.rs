//! Who takes part in conversations.

use std::error::Error;

use rival_echo::{Ends, Pipe};
use rival_protocol::{Conversation, Conversing};
use tokio::net::TcpStream;
use wscodec_compressors::Backend;

use super::bytes::Bytes;
use super::fastwebsockets::FastWebSockets;
use super::ours::Ours;
use super::ratchet::Ratchet;
use super::sinks::{Sockudo, TokioWebSockets, Tungstenite, Yawc};
use super::soketto::Soketto;
use super::web_socket::WebSocketCrate;
use super::{Talk, Talker};
use crate::deflate::rivals::{Rival, Task};
use crate::workload::Contender;

/// Who echoes what is not compressed.
pub(super) fn plain(talk: &Talk) -> Vec<(Contender, Talker)> {
    let mut contenders = vec![here(
        Contender::ours(
            "wscodec",
            engine(Ours::default()),
            "`tokio::WebSocket`; `next_message_and_responder` answers a read, or a few full ones, with a write; messages borrowed",
        ),
        |how, texts| rival_echo::open(Ours::default(), how, texts),
    )];
    contenders.extend(rivals(talk.read_size()));
    contenders
}

fn engine(ours: Ours) -> String {
    Ends::<TcpStream>::engine(&ours)
}

fn rivals(read_size: usize) -> Vec<(Contender, Talker)> {
    vec![
        here(
            Contender::plain(
                "no WebSocket",
                "the bytes of the messages alone, and whoever gets them knows how many: what runtime and stream take",
            ),
            |how, texts| {
                rival_echo::open(Bytes { message: texts.first().map_or(0, |text| text.len()) }, how, texts)
            },
        ),
        rival(
            "tokio-tungstenite",
            "`send`, or `feed` and `flush`; reads of 16 KiB, or 128 KiB if more is in flight; messages share their read (Bytes)",
            Tungstenite { read_size },
        ),
        rival(
            "fastwebsockets",
            "`read_frame` and `write_frame`, with more in flight onto a BufWriter, flushed by a server that knows how many come",
            FastWebSockets,
        ),
        rival(
            "tokio-websockets",
            "`send`, or `feed` and `flush`; messages share their read",
            TokioWebSockets,
        ),
        rival(
            "yawc",
            "`send`, or `feed` and `flush`; buffers as in its own benchmark; messages share their read",
            Yawc,
        ),
        rival("sockudo-ws", "`send`, or `feed` and `flush`; no timers; messages share their read", Sockudo),
        rival(
            "soketto",
            "`send_text` and `flush`, onto a BufStream, flushed by a server that knows how many come; read into a Vec of ours; UTF-8 validated by us with std",
            Soketto,
        ),
        rival(
            "web-socket",
            "`send`, from a BufReader, with more in flight onto a BufWriter, flushed by a server that knows how many come; a Box a message; UTF-8 validated by us with std",
            WebSocketCrate,
        ),
        rival(
            "ratchet_core",
            "`write_text`, which flushes each message, onto a BufStream; read into a BytesMut of ours; UTF-8 validated by us with std",
            Ratchet,
        ),
    ]
}

fn rival<E>(package: &str, path: &'static str, ends: E) -> (Contender, Talker)
where
    E: Ends<Pipe> + Ends<TcpStream> + Copy + 'static,
{
    here(Contender::rival(package, path), move |how, texts| rival_echo::open(ends, how, texts))
}

/// Who echoes what is compressed.
pub(super) fn compressed(talk: &Talk, rivals: &[Rival]) -> Vec<(Contender, Talker)> {
    let mut contenders = Vec::new();
    for backend in [Backend::ZlibRs, Backend::Hybrid] {
        let ours = Ours { backend: Some(backend) };
        let contender = Contender::ours(
            format!("wscodec ({backend})"),
            engine(ours),
            "`tokio::WebSocket`; `next_message_and_responder` answers a read, or a few full ones, with a write; messages borrowed; level 6, takeover",
        );
        contenders.push(here(contender, move |how, texts| rival_echo::open(ours, how, texts)));
    }
    let rivals = rivals.iter().filter(|rival| rival.converses());
    contenders.extend(rivals.map(|rival| {
        let (contender, apart) = rival.apart(Task::Converse(talk.how));
        (contender, Talker::Apart(apart))
    }));
    contenders
}

fn here(
    contender: Contender,
    open: impl Fn(&Conversation, &'static [&'static str]) -> Result<Box<dyn Conversing>, Box<dyn Error>> + 'static,
) -> (Contender, Talker) {
    (contender, Talker::Here { open: Box::new(open), room: None })
}
