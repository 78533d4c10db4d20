//! Who takes part in conversations.

use std::error::Error;

use rival_protocol::{Conversation, Conversing};
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
            "`tokio::WebSocket`; `next_message_and_responder` answers a read with a write; messages borrowed",
        ),
        |how, texts| rival_echo::open(Ours::default(), how, texts),
    )];
    contenders.extend(rivals(talk.read_size()));
    contenders
}

fn engine(ours: Ours) -> String {
    rival_echo::Ends::<tokio::net::TcpStream>::engine(&ours)
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
        here(
            Contender::rival(
                "tokio-tungstenite",
                "`send`, or `feed` and `flush`; reads of 16 KiB, or 128 KiB if more is in flight; messages share their read (Bytes)",
            ),
            move |how, texts| rival_echo::open(Tungstenite { read_size }, how, texts),
        ),
        here(
            Contender::rival(
                "fastwebsockets",
                "`read_frame` and `write_frame`, with more in flight onto a BufWriter, flushed by a server that knows how many come",
            ),
            |how, texts| rival_echo::open(FastWebSockets, how, texts),
        ),
        here(
            Contender::rival("tokio-websockets", "`send`, or `feed` and `flush`; messages share their read"),
            |how, texts| rival_echo::open(TokioWebSockets, how, texts),
        ),
        here(
            Contender::rival(
                "yawc",
                "`send`, or `feed` and `flush`; buffers as in its own benchmark; messages share their read",
            ),
            |how, texts| rival_echo::open(Yawc, how, texts),
        ),
        here(
            Contender::rival(
                "sockudo-ws",
                "`send`, or `feed` and `flush`; no timers; messages share their read",
            ),
            |how, texts| rival_echo::open(Sockudo, how, texts),
        ),
        here(
            Contender::rival(
                "soketto",
                "`send_text` and `flush`, onto a BufStream, flushed by a server that knows how many come; read into a Vec of ours; UTF-8 validated by us with std",
            ),
            |how, texts| rival_echo::open(Soketto, how, texts),
        ),
        here(
            Contender::rival(
                "web-socket",
                "`send`, from a BufReader, with more in flight onto a BufWriter, flushed by a server that knows how many come; a Box a message; UTF-8 validated by us with std",
            ),
            |how, texts| rival_echo::open(WebSocketCrate, how, texts),
        ),
        here(
            Contender::rival(
                "ratchet_core",
                "`write_text`, which flushes each message, onto a BufStream; read into a BytesMut of ours; UTF-8 validated by us with std",
            ),
            |how, texts| rival_echo::open(Ratchet, how, texts),
        ),
    ]
}

/// Who echoes what is compressed.
pub(super) fn compressed(talk: &Talk, rivals: &[Rival]) -> Vec<(Contender, Talker)> {
    let mut contenders = Vec::new();
    for backend in [Backend::ZlibRs, Backend::Hybrid] {
        let ours = Ours { backend: Some(backend) };
        let contender = Contender::ours(
            format!("wscodec ({backend})"),
            engine(ours),
            "`tokio::WebSocket`; `next_message_and_responder` answers a read with a write; messages borrowed; level 6, takeover",
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
