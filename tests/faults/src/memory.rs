//! What a connection that idles costs the server.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use wscodec::Message;
use wscodec::tokio::WebSocket;

use crate::options::Adapter;
use crate::process::Server;
use crate::ways::Way;
use crate::{Failure, peers};

/// Resident bytes of the server's process for each connection, with its task or thread.
pub(crate) struct Row {
    pub(crate) adapter: Adapter,
    pub(crate) way: Way,
    /// What both ends agreed on.
    pub(crate) agreed: String,
    pub(crate) connections: usize,
    /// After the handshake.
    pub(crate) opened: u64,
    /// After some messages.
    pub(crate) used: u64,
    /// After it was released; not where nobody waits to do so.
    pub(crate) released: Option<Released>,
}

#[derive(Clone, Copy)]
pub(crate) struct Released {
    /// Resident bytes: allocators keep for others what is freed between what is still there.
    pub(crate) resident: u64,
    /// By its own account, before and afterwards.
    pub(crate) held: u64,
    pub(crate) kept: u64,
}

impl Row {
    pub(crate) fn own_account(&self) -> String {
        let shown =
            |Released { held, kept, resident }| format!("{held}, released {kept} and {resident} resident");
        self.released.map_or_else(|| "-".to_owned(), shown)
    }
}

pub(crate) async fn measure(adapter: Adapter, way: Way, connections: usize) -> Result<Row, Failure> {
    let backends: Vec<_> = way.backend.into_iter().collect();
    let mut server = Server::start(adapter, &backends)?;
    let address: Arc<str> = server.address(way.name())?.into();
    // What the server needs once is there before.
    let warm = exchange(open(&address, way, 2).await?.0).await?;
    leave(warm)?;
    server.settle(0).await?;
    let before = server.held()?;
    let each = |server: &Server| {
        Ok::<_, Failure>(server.held()?.memory.saturating_sub(before.memory) / connections as u64)
    };

    let (sockets, agreed) = open(&address, way, connections).await?;
    server.settle(connections as u64).await?;
    let opened = each(&server)?;
    let sockets = exchange(sockets).await?;
    let used = each(&server)?;
    let released = match adapter {
        Adapter::Blocking => None,
        Adapter::Tokio => {
            let (held, kept) = release(&mut server, connections as u64).await?;
            Some(Released { resident: each(&server)?, held, kept })
        }
    };
    // They are all still served.
    leave(exchange(sockets).await?)?;
    let counts = server.settle(0).await?;
    server.settle_at(&before, adapter).await?;
    if counts.panicked > 0 {
        return Err("the server panicked".into());
    }
    let agreed = agreed.unwrap_or_else(|| "no extension".to_owned());
    Ok(Row { adapter, way, agreed, connections, opened, used, released })
}

/// Has all connections released, and gives what each of them had before and afterwards.
async fn release(server: &mut Server, connections: u64) -> Result<(u64, u64), Failure> {
    server.release()?;
    peers::within("a release", async {
        loop {
            let counts = server.counts()?;
            if counts.released == connections {
                return Ok((counts.held / connections, counts.kept / connections));
            }
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await?
}

type Sockets = Vec<WebSocket<TcpStream>>;

/// As many at a time: listeners keep only so many waiting.
const AT_ONCE: usize = 64;

async fn open(address: &Arc<str>, way: Way, count: usize) -> Result<(Sockets, Option<String>), Failure> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut opening = JoinSet::new();
    for _ in 0..count {
        let (address, places) = (Arc::clone(address), Arc::clone(&places));
        opening.spawn(async move {
            let _place = places.acquire().await?;
            peers::open(&address, way).await
        });
    }
    let (mut sockets, mut agreed) = (Vec::with_capacity(count), None);
    while let Some(opened) = opening.join_next().await {
        let (socket, agreement) = opened??;
        sockets.push(socket);
        agreed = agreement;
    }
    Ok((sockets, agreed))
}

/// Three texts of about a kilobyte on each connection, and their echoes.
async fn exchange(sockets: Sockets) -> Result<Sockets, Failure> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut exchanging = JoinSet::new();
    for (number, mut socket) in sockets.into_iter().enumerate() {
        let places = Arc::clone(&places);
        exchanging.spawn(async move {
            let _place = places.acquire().await?;
            for round in 0..3_usize {
                let entry = |i: usize| {
                    format!("{{\"id\":{},\"price\":{}.{}}},", number + i, i * 7 + round, number * i % 97)
                };
                let text: String = (0..40).map(entry).collect();
                peers::echo(&mut socket, Message::Text(&text)).await?;
            }
            Ok::<_, Failure>(socket)
        });
    }
    let mut back = Vec::new();
    while let Some(socket) = exchanging.join_next().await {
        back.push(socket??);
    }
    Ok(back)
}

/// By a reset, so that no ports are kept busy.
fn leave(sockets: Sockets) -> Result<(), Failure> {
    for socket in sockets {
        peers::reset(socket.into_parts().0)?;
    }
    Ok(())
}
