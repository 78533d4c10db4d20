//! Peers that stop: reading, or within a message whose length they have claimed.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::{Ground, each};
use crate::frames::{self, BINARY, CLOSE, COMPRESSED};
use crate::ways::MOST;
use crate::{Failure, peers};

/// They send and don't read, until the server takes no more. Then half of them read after all, and get every byte; the others leave.
pub(super) async fn stop_reading(ground: Arc<Ground>) -> Result<String, Failure> {
    // Each of them fills the sockets' buffers, which takes its time.
    let count = if ground.full { ground.peers } else { ground.peers / 4 };
    let taken = each(count, count, |number| stop(Arc::clone(&ground), number)).await?;
    let most = taken.iter().max().copied().unwrap_or(0);
    Ok(format!("the server stopped taking after at most {} KiB", most >> 10))
}

async fn stop(ground: Arc<Ground>, number: usize) -> Result<usize, Failure> {
    let mut stream = peers::raw(&ground.plain, false).await?;
    let payload = [number.to_le_bytes()[0]; PAYLOAD];
    let (mut frame, mut answer) = (Vec::new(), Vec::new());
    frames::push(&mut frame, BINARY, &payload);
    frames::push_answer(&mut answer, BINARY, &payload);
    let mut sent = 0;
    while let Ok(written) = timeout(STALLED, stream.write(&frame[sent % frame.len()..])).await {
        sent += written?;
        if sent > ENDLESS {
            return Err(format!("{sent} bytes were taken of a peer that does not read").into());
        }
    }
    if number.is_multiple_of(2) {
        peers::reset(stream)?;
        return Ok(sent);
    }
    let (mut reading, mut writing) = stream.split();
    let mut last = frame[sent % frame.len()..].to_vec();
    frames::push(&mut last, CLOSE, &[3, 232]);
    let mut received = Vec::new();
    let both = async { tokio::try_join!(writing.write_all(&last), reading.read_to_end(&mut received)) };
    peers::within("reading after all", both).await??;
    let mut expected = answer.repeat(sent / frame.len() + 1);
    frames::push_answer(&mut expected, CLOSE, &[3, 232]);
    if received != expected {
        return Err(format!("{} bytes came back, not the {} expected", received.len(), expected.len()).into());
    }
    Ok(sent)
}

/// So that the echo comes in one frame.
const PAYLOAD: usize = 16_383;
const STALLED: Duration = Duration::from_millis(500);
/// More than sockets hold.
const ENDLESS: usize = 256 << 20;

/// They claim the longest message there may be, send ten bytes of it, and wait.
pub(super) async fn claims(ground: Arc<Ground>) -> Result<String, Failure> {
    let count = ground.peers * 4;
    each(count, count, |number| {
        let ground = Arc::clone(&ground);
        async move {
            let deflate = number.is_multiple_of(2);
            let address = if deflate { &ground.deflate } else { &ground.plain };
            let mut stream = peers::raw(address, deflate).await?;
            let mut bytes = Vec::new();
            frames::push_header(&mut bytes, if deflate { COMPRESSED } else { BINARY }, MOST);
            bytes.extend([0; 10]);
            stream.write_all(&bytes).await?;
            sleep(Duration::from_secs(1)).await;
            if number.is_multiple_of(3) { peers::reset(stream) } else { Ok(()) }
        }
    })
    .await?;
    Ok(format!("{count} peers claimed {} MiB each", MOST >> 20))
}
