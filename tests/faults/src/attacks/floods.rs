//! Too much of something.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use wscodec::{CloseCode, Message};

use super::{Ground, each};
use crate::frames::{self, BEGIN_COMPRESSED, BEGIN_TEXT, CLOSE, CONTINUE, PING, PONG, TEXT};
use crate::ways::MOST;
use crate::{Failure, peers};

/// Pings as fast as they are taken, whose pongs are not read. Then half of them read after all: pongs in order, the last one for
/// the last ping, and the echo of what was sent behind it.
pub(super) async fn pings(ground: Arc<Ground>) -> Result<String, Failure> {
    let counts = each(ground.peers, ground.peers, |number| flood(Arc::clone(&ground), number)).await?;
    let (sent, answered) = counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    Ok(format!("{sent} pings; {answered} pongs for those who read at last"))
}

async fn flood(ground: Arc<Ground>, number: usize) -> Result<(u64, u64), Failure> {
    let mut stream = peers::raw(&ground.plain, false).await?;
    let deadline = Instant::now() + Duration::from_secs(if ground.full { 5 } else { 1 });
    let (mut sent, mut bytes, mut stalled) = (0_u64, Vec::new(), false);
    while Instant::now() < deadline && !stalled {
        bytes.clear();
        for _ in 0..64 {
            sent += 1;
            frames::push(&mut bytes, PING, &padded(sent));
        }
        let mut written = 0;
        while written < bytes.len() && !stalled {
            match timeout(Duration::from_millis(300), stream.write(&bytes[written..])).await {
                Ok(more) => written += more?,
                Err(_) => stalled = true,
            }
        }
        bytes.drain(..written);
    }
    if number.is_multiple_of(2) {
        peers::reset(stream)?;
        return Ok((sent, 0));
    }
    frames::push(&mut bytes, TEXT, b"end");
    frames::push(&mut bytes, CLOSE, &[]);
    let (mut reading, mut writing) = stream.split();
    let mut received = Vec::new();
    let both = async { tokio::try_join!(writing.write_all(&bytes), reading.read_to_end(&mut received)) };
    peers::within("reading after all", both).await??;
    let (mut rest, mut last, mut pongs, mut ends) = (&received[..], 0, 0, false);
    while let Some((first, payload, behind)) = frames::split(rest) {
        match first {
            PONG => {
                let &of = payload.first_chunk().ok_or("a pong without its ping's payload")?;
                let of = u64::from_be_bytes(of);
                if of <= last {
                    return Err(format!("the pong for ping {of} comes behind that for {last}").into());
                }
                (last, pongs) = (of, pongs + 1);
            }
            TEXT => ends = payload == b"end",
            _ => {}
        }
        rest = behind;
    }
    if last != sent || !ends {
        return Err(format!(
            "the last of {sent} pings is not answered, but {last}, or not what is behind it"
        )
        .into());
    }
    Ok((sent, pongs))
}

/// A ping as long as they may be.
fn padded(number: u64) -> [u8; 125] {
    let mut payload = [0; 125];
    payload[..8].copy_from_slice(&number.to_be_bytes());
    payload
}

/// Messages in fragments of a byte or none, until there are too many.
pub(super) async fn fragments(ground: Arc<Ground>) -> Result<String, Failure> {
    each(ground.peers, ground.peers, |number| {
        let ground = Arc::clone(&ground);
        async move {
            let deflate = number % 3 == 0;
            let address = if deflate { &ground.deflate } else { &ground.plain };
            let mut stream = peers::raw(address, deflate).await?;
            let mut bytes = Vec::new();
            match number % 3 {
                0 => frames::push(&mut bytes, BEGIN_COMPRESSED, &frames::HELLO[..3]),
                _ => frames::push(&mut bytes, BEGIN_TEXT, b"a"),
            }
            let payload: &[u8] = if number % 3 == 1 { b"a" } else { b"" };
            for _ in 0..FRAGMENTS {
                frames::push(&mut bytes, CONTINUE, payload);
            }
            stream.write_all(&bytes).await?;
            let answer = peers::rest(&mut stream).await?;
            match frames::split(&answer) {
                Some((CLOSE, [3, 240, ..], _)) => Ok(()),
                _ => Err(format!("{answer:02x?} instead of a close frame with 1008").into()),
            }
        }
    })
    .await?;
    Ok(format!("each ended with 1008 before {FRAGMENTS} fragments"))
}

/// More than the default limit.
const FRAGMENTS: usize = 140_000;

/// Compressed messages of four times what is taken, for every backend.
pub(super) async fn bombs(ground: Arc<Ground>) -> Result<String, Failure> {
    let count = ground.backends.len() * if ground.full { 10 } else { 2 };
    let zeros: Arc<[u8]> = vec![0; MOST * 4].into();
    each(count, 4, |number| {
        let (ground, zeros) = (Arc::clone(&ground), Arc::clone(&zeros));
        async move {
            let (way, address) = &ground.backends[number % ground.backends.len()];
            let (mut socket, _) = peers::open(address, *way).await?;
            peers::within("a bomb's answer", async {
                socket.send(Message::Binary(&zeros)).await?;
                while socket.next_message().await?.is_some() {}
                Ok::<_, Failure>(())
            })
            .await??;
            match socket.close_code() {
                Some(CloseCode::TOO_BIG) => Ok(()),
                other => Err(format!("{other:?} for a bomb by {}", way.name()).into()),
            }
        }
    })
    .await?;
    Ok(format!("{count} of {} MiB, each ended with 1009", zeros.len() >> 20))
}

/// Requests without an end, and none at all.
pub(super) async fn heads(ground: Arc<Ground>) -> Result<String, Failure> {
    let refused = each(ground.peers, ground.peers, |number| {
        let ground = Arc::clone(&ground);
        async move {
            let mut stream = peers::stream(&ground.plain).await?;
            if number.is_multiple_of(2) {
                tokio::time::sleep(Duration::from_millis(500)).await;
                return Ok(0);
            }
            let (mut reading, mut writing) = stream.split();
            let mut answer = Vec::new();
            // It is refused while it is sent, so what is left of it may come too late, and the answer be lost to that.
            let sending = async {
                _ = writing.write_all(b"GET / HTTP/1.1\r\nX: ").await;
                _ = writing.write_all(&vec![b'x'; 4 << 20]).await;
            };
            let receiving = async { _ = reading.read_to_end(&mut answer).await };
            peers::within("refusing an endless head", async { tokio::join!(sending, receiving) }).await?;
            if answer.is_empty() || answer.starts_with(b"HTTP/1.1 4") {
                Ok(usize::from(!answer.is_empty()))
            } else {
                Err("an endless head got an answer that is no refusal".into())
            }
        }
    })
    .await?;
    Ok(format!("{} were told so, the others cut off", refused.iter().sum::<usize>()))
}
