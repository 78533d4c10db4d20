//! Conversations: a client's task sends messages and reads their echoes, a server's task echoes them, over streams in memory or
//! TCP on loopback.
//!
//! Whose WebSocket is at the ends is an [`Ends`]; all else is the same for all. Both tasks of all connections run on one thread,
//! so the clock of that thread counts the work of both sides, and the system's as far as it is done for them.
//!
//! Over TCP the tasks are tokio's, on its runtime of one thread. In memory nothing waits for the system: there the stream is a
//! [`Pipe`] without a lock, and the tasks take turns without a scheduler, for what a runtime and a lock take would
//! be two fifths of an echo, and the same whoever's WebSocket it is.

mod pipe;
mod room;
mod sinks;
mod turns;

use std::error::Error;
use std::future::Future;
use std::hint::black_box;
use std::task::{Context, Poll, Waker};

use rival_protocol::{Conversation, Conversing};
use tokio::io::{AsyncRead, AsyncWrite};

pub use pipe::Pipe;
pub use room::open;
pub use sinks::{Bare, SinkEnd};
use turns::Turns;

/// Why a conversation came to an end.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A stream that a WebSocket may be on.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// Someone's WebSockets, after their handshake.
pub trait Ends<S: Stream>: Send + 'static {
    /// The client's.
    type Client: Client;
    /// The server's.
    type Server: Server;

    /// The WebSockets at the two ends of a stream.
    ///
    /// # Errors
    /// They can't be made.
    fn open(
        &self,
        conversation: &Conversation,
        client: S,
        server: S,
    ) -> Result<(Self::Client, Self::Server), Failure>;

    /// What really runs, asked of itself where it can be.
    fn engine(&self) -> String;
}

/// A client's WebSocket.
pub trait Client: Send + 'static {
    /// Sends so many text messages at once, waits for their echoes, and so on with the next ones; hands out each echo in turn.
    fn converse(
        &mut self,
        messages: &'static [&'static str],
        in_flight: usize,
        hand_out: impl FnMut(&[u8]) + Send,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// A server's WebSocket.
pub trait Server: Send + 'static {
    /// Sends every message back, to the end.
    fn serve(self, in_flight: usize) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Connections with a conversation on each, whoever's they are.
pub(crate) struct Room<E, S> {
    pub(crate) host: Host,
    pub(crate) runtime: tokio::runtime::Runtime,
    /// In boxes, for they move from task to task: that takes longer the more a WebSocket holds in itself, and nothing of an echo.
    pub(crate) clients: Vec<Box<S>>,
    pub(crate) messages: &'static [&'static str],
    pub(crate) in_flight: usize,
    pub(crate) engine: String,
    pub(crate) ends: std::marker::PhantomData<E>,
}

/// Who polls the tasks.
pub(crate) enum Host {
    /// The runtime.
    Runtime,
    /// One after the other, as they are woken.
    Turns(Turns),
}

impl<E, C: Client> Room<E, C> {
    /// Lets all clients converse, each in a task of its own; what each makes of its echoes.
    fn converse<M: Meter>(&mut self) -> Result<Vec<M>, Failure> {
        let Self { host, runtime, clients, messages, in_flight, .. } = self;
        let (messages, in_flight) = (*messages, *in_flight);
        let talk = |mut client: Box<C>| async move {
            let mut meter = M::default();
            let result = client.converse(messages, in_flight, |echo| meter.take(echo)).await;
            (client, meter, result)
        };
        let talks = clients.drain(..).map(talk);
        let talked = match host {
            Host::Runtime => runtime.block_on(all(talks.collect()))?,
            Host::Turns(turns) => {
                // Whoever has timers finds them.
                let _guard = runtime.enter();
                turns.run(talks.collect())?
            }
        };
        let mut meters = Vec::with_capacity(talked.len());
        for (client, meter, result) in talked {
            clients.push(client);
            result?;
            meters.push(meter);
        }
        Ok(meters)
    }
}

/// What these come to, each in a task of its own.
async fn all<T: Send + 'static>(
    futures: Vec<impl Future<Output = T> + Send + 'static>,
) -> Result<Vec<T>, Failure> {
    let tasks: Vec<_> = futures.into_iter().map(tokio::spawn).collect();
    let mut outputs = Vec::with_capacity(tasks.len());
    for task in tasks {
        outputs.push(task.await?);
    }
    Ok(outputs)
}

impl<E, C: Client> Conversing for Room<E, C> {
    fn echoes(&mut self) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
        let all = self.converse::<Kept>().map_err(unsent)?;
        let first = &all.first().ok_or("nobody is there")?.0;
        if all.iter().any(|echoes| echoes.0 != *first) {
            return Err("connections have different echoes".into());
        }
        Ok(first.clone())
    }

    fn pass(&mut self) -> Result<(), Box<dyn Error>> {
        let (messages, bytes) =
            (self.messages.len(), self.messages.iter().map(|message| message.len()).sum::<usize>());
        let counts = self.converse::<Count>().map_err(unsent)?;
        if counts.iter().all(|count| count.messages == messages && count.bytes == bytes) {
            return Ok(());
        }
        Err("echoes are missing".into())
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }
}

/// The same for who does not send it to other threads.
fn unsent(failure: Failure) -> Box<dyn Error> {
    failure
}

/// The value of a future that has nothing to wait for.
///
/// # Panics
/// It waits.
pub fn ready<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// What is made of echoes.
trait Meter: Default + Send + 'static {
    fn take(&mut self, echo: &[u8]);
}

#[derive(Default)]
struct Kept(Vec<Vec<u8>>);

#[derive(Default)]
struct Count {
    messages: usize,
    bytes: usize,
}

impl Meter for Kept {
    fn take(&mut self, echo: &[u8]) {
        self.0.push(echo.to_vec());
    }
}

impl Meter for Count {
    fn take(&mut self, echo: &[u8]) {
        self.messages += 1;
        self.bytes += black_box(echo).len();
    }
}
