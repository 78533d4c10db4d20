//! Opening connections.

use std::error::Error;
use std::marker::PhantomData;
use std::net::Ipv4Addr;

use rival_protocol::{Conversation, Conversing};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::pipe::{Pipe, pipe};
use crate::turns::Turns;
use crate::{Ends, Failure, Host, Room, Server, Stream};

/// Opens the connections of a conversation, and lets their servers wait.
///
/// # Errors
/// There are no sockets, or no WebSockets on them.
pub fn open<E>(
    ends: E,
    conversation: &Conversation,
    messages: &'static [&'static str],
) -> Result<Box<dyn Conversing>, Box<dyn Error>>
where
    E: Ends<Pipe> + Ends<TcpStream>,
{
    room(ends, conversation, messages).map_err(crate::unsent)
}

fn room<E>(
    ends: E,
    conversation: &Conversation,
    messages: &'static [&'static str],
) -> Result<Box<dyn Conversing>, Failure>
where
    E: Ends<Pipe> + Ends<TcpStream>,
{
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let connections = conversation.connections as usize;
    if conversation.over_tcp {
        let streams = runtime.block_on(sockets(connections))?;
        Ok(Box::new(seated(&ends, runtime, Host::Runtime, conversation, messages, streams)?))
    } else {
        let streams = (0..connections).map(|_| pipe()).collect();
        Ok(Box::new(seated(&ends, runtime, Host::Turns(Turns::new()), conversation, messages, streams)?))
    }
}

async fn sockets(count: usize) -> Result<Vec<(TcpStream, TcpStream)>, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (server, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        streams.push((client, server));
    }
    Ok(streams)
}

fn seated<E: Ends<S>, S: Stream>(
    ends: &E,
    runtime: Runtime,
    mut host: Host,
    conversation: &Conversation,
    messages: &'static [&'static str],
    streams: Vec<(S, S)>,
) -> Result<Room<E, E::Client>, Failure> {
    let in_flight = conversation.in_flight as usize;
    let guard = runtime.enter();
    let mut clients = Vec::with_capacity(streams.len());
    for (client, server) in streams {
        let (client, server) = ends.open(conversation, client, server)?;
        clients.push(Box::new(client));
        match &mut host {
            Host::Runtime => drop(runtime.spawn(server.serve(in_flight))),
            Host::Turns(turns) => turns.seat(server.serve(in_flight)),
        }
    }
    drop(guard);
    Ok(Room { host, runtime, clients, messages, in_flight, engine: ends.engine(), ends: PhantomData })
}
