//! A task a connection.

use std::net::Ipv4Addr;
use std::thread;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::timeout;
use wscodec::tokio::WebSocket;

use super::counts::{self, Counted};
use crate::Failure;
use crate::ways::Way;

pub(super) fn start(ways: &[Way]) -> Result<Box<dyn Fn()>, Failure> {
    let runtime = Runtime::new()?;
    let (release, released) = watch::channel(());
    for &way in ways {
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        println!("{} {}", way.name(), listener.local_addr()?);
        runtime.spawn(serve(listener, way, released.clone()));
    }
    println!("ready");
    thread::spawn(move || runtime.block_on(core::future::pending::<()>()));
    Ok(Box::new(move || {
        release.send_replace(());
    }))
}

async fn serve(listener: TcpListener, way: Way, released: watch::Receiver<()>) {
    loop {
        // One that was reset before it was accepted, say.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (counted, released) = (Counted::new(), released.clone());
        tokio::spawn(async move {
            let _counted = counted;
            // How peers end is what they are tested for, at their end.
            _ = connection(stream, way, released).await;
        });
    }
}

async fn connection(stream: TcpStream, way: Way, mut released: watch::Receiver<()>) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let opening = async {
        let (handshake, settings) = (way.server_handshake(), way.settings());
        Ok::<_, Failure>(WebSocket::accept(stream, &handshake, &settings).await?.0)
    };
    // Boxed, or every connection would have room for its handshake all its life.
    let mut socket = Box::pin(opening).await?;
    loop {
        let mut failed = None;
        let next = tokio::select! {
            next = async { socket.next_message_and_sender().await.map_err(|error| failed = Some(error)) } => next,
            changed = released.changed() => {
                changed?;
                let held = socket.memory();
                socket.release();
                counts::released(held, socket.memory());
                continue;
            }
        };
        match next {
            Ok(Some((message, sender))) => counts::echo(message, sender)?,
            Ok(None) => return Ok(()),
            Err(()) => break,
        }
    }
    // What the peer still sends must not keep it from reading why it failed.
    Ok(timeout(LAST_WAIT, socket.linger()).await??)
}

const LAST_WAIT: Duration = Duration::from_secs(1);
