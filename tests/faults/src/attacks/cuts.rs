//! Conversations that end anywhere, or come a byte at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use super::{Ground, each};
use crate::frames::{self, BEGIN_TEXT, BINARY, CLOSE, COMPRESSED, FINISH, HELLO, PING, PONG, TEXT};
use crate::{Failure, peers};

/// Everything a client sends, and where in it the server has what it answers.
struct Conversation {
    bytes: Vec<u8>,
    head: usize,
    /// The first byte of each answer without RSV1, what is in it, and the end of what it answers.
    answers: Vec<(u8, Vec<u8>, usize)>,
}

impl Conversation {
    fn new(deflate: bool) -> Self {
        let mut bytes = peers::request(deflate);
        let (head, mut answers) = (bytes.len(), Vec::new());
        let long: Vec<_> = (0..200).collect();
        for (first, payload, answer) in [
            (
                if deflate { COMPRESSED } else { TEXT },
                if deflate { &HELLO[..] } else { b"Hello" },
                Some((TEXT, &b"Hello"[..])),
            ),
            (BEGIN_TEXT, b"ab", None),
            (PING, b"p", Some((PONG, b"p"))),
            (FINISH, b"cd", Some((TEXT, b"abcd"))),
            (BINARY, &long, Some((BINARY, &long))),
            (CLOSE, &[3, 232], Some((CLOSE, &[3, 232]))),
        ] {
            frames::push(&mut bytes, first, payload);
            answers.extend(answer.map(|(first, payload)| (first, payload.to_vec(), bytes.len())));
        }
        Self { bytes, head, answers }
    }

    /// Whether these bytes answer the first `sent` of the conversation.
    fn check(&self, deflate: bool, sent: usize, received: &[u8]) -> Result<(), Failure> {
        let wrong = |what: &str| Err(format!("{what} after {sent} bytes: {received:02x?}").into());
        if sent < self.head {
            return if received.is_empty() { Ok(()) } else { wrong("an answer") };
        }
        let Some(head) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
            return wrong("no head");
        };
        let mut rest = &received[head + 4..];
        for (first, payload, _) in self.answers.iter().take_while(|(_, _, end)| *end <= sent) {
            let Some((came, with, behind)) = frames::split(rest) else { return wrong("too few answers") };
            let compressed = came & RSV1 != 0;
            if came & !RSV1 != *first || (compressed && !deflate) || (!compressed && with != payload) {
                return wrong("another answer");
            }
            rest = behind;
        }
        if rest.is_empty() { Ok(()) } else { wrong("more answers") }
    }
}

const RSV1: u8 = 0x40;

/// Every place, the end of it all as well, with compression and without.
async fn everywhere<F>(
    ground: &Arc<Ground>,
    peer: impl Fn(Arc<Ground>, Arc<Conversation>, bool, usize) -> F,
) -> Result<String, Failure>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let mut places = 0;
    for deflate in [false, true] {
        let conversation = Arc::new(Conversation::new(deflate));
        let count = conversation.bytes.len() + 1;
        each(count, ground.peers, |cut| peer(Arc::clone(ground), Arc::clone(&conversation), deflate, cut))
            .await?;
        places += count;
    }
    Ok(format!("{places} places"))
}

fn address(ground: &Ground, deflate: bool) -> &str {
    if deflate { &ground.deflate } else { &ground.plain }
}

/// What was sent before is answered.
pub(super) async fn by_fin(ground: Arc<Ground>) -> Result<String, Failure> {
    everywhere(&ground, |ground, conversation, deflate, cut| async move {
        let mut stream = peers::stream(address(&ground, deflate)).await?;
        stream.write_all(&conversation.bytes[..cut]).await?;
        stream.shutdown().await?;
        conversation.check(deflate, cut, &peers::rest(&mut stream).await?)
    })
    .await
}

pub(super) async fn by_reset(ground: Arc<Ground>) -> Result<String, Failure> {
    everywhere(&ground, |ground, conversation, deflate, cut| async move {
        let mut stream = peers::stream(address(&ground, deflate)).await?;
        stream.write_all(&conversation.bytes[..cut]).await?;
        if cut % 2 == 1 {
            // So that the server is within it, and not just about to begin.
            sleep(Duration::from_millis(2)).await;
        }
        peers::reset(stream)
    })
    .await
}

/// The whole conversation, a byte at a time.
pub(super) async fn byte_by_byte(ground: Arc<Ground>) -> Result<String, Failure> {
    let pace = Duration::from_millis(if ground.full { 20 } else { 2 });
    each(ground.peers, ground.peers, |number| {
        let ground = Arc::clone(&ground);
        async move {
            let deflate = number.is_multiple_of(2);
            let conversation = Conversation::new(deflate);
            let mut stream = peers::stream(address(&ground, deflate)).await?;
            for byte in &conversation.bytes {
                stream.write_all(&[*byte]).await?;
                sleep(pace).await;
            }
            conversation.check(deflate, conversation.bytes.len(), &peers::rest(&mut stream).await?)
        }
    })
    .await?;
    Ok(format!("a byte each {pace:?}, and all was answered"))
}

/// A third of a message, and gone.
pub(super) async fn mid_message(ground: Arc<Ground>) -> Result<String, Failure> {
    let count = ground.peers * if ground.full { 50 } else { 8 };
    each(count, ground.peers, |number| {
        let ground = Arc::clone(&ground);
        async move {
            let mut stream = peers::raw(&ground.plain, false).await?;
            let mut bytes = Vec::new();
            frames::push_header(&mut bytes, BINARY, 1 << 20);
            bytes.resize((300 << 10) + number, 0);
            stream.write_all(&bytes).await?;
            peers::reset(stream)
        }
    })
    .await?;
    Ok(format!("{count} messages"))
}
