//! The upgrade as an extractor: the checks before a handler runs, and the socket behind it.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use wscodec::compressors::Backend;
use wscodec::handshake::{Accepted, Refusal, ServerHandshake};
use wscodec::tokio::{Settings, WebSocket};
use wscodec::{CloseCode, CloseFrame, Role};

pub(crate) type Socket = WebSocket<TokioIo<Upgraded>>;
pub(crate) type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// What every connection is opened with.
pub(crate) struct Server {
    handshake: ServerHandshake,
    settings: Settings,
}

impl Server {
    /// Compresses with the first backend that is compiled in, if one is.
    pub(crate) fn new() -> Self {
        let backend = Backend::available().next();
        Self {
            handshake: ServerHandshake::new().deflate_with(backend),
            settings: Settings::new().backend(backend),
        }
    }
}

/// A request that is going to be upgraded.
pub(crate) struct Upgrade {
    server: Arc<Server>,
    accepted: Accepted,
    response: http::Response<()>,
    stream: OnUpgrade,
}

impl FromRequest<Arc<Server>> for Upgrade {
    type Rejection = http::Response<String>;

    async fn from_request(mut request: Request, server: &Arc<Server>) -> Result<Self, Self::Rejection> {
        let (accepted, response) = server.handshake.accept_http(&request).map_err(http::Response::from)?;
        let stream = hyper::upgrade::on(&mut request);
        Ok(Self { server: Arc::clone(server), accepted, response, stream })
    }
}

/// What the handlers of a connection have.
pub(crate) struct Context {
    pub(crate) socket: Socket,
    pub(crate) user: String,
    pub(crate) room: String,
}

/// One of them; the next runs when it is done.
pub(crate) type Handler = for<'a> fn(&'a mut Context) -> Handling<'a>;
pub(crate) type Handling<'a> = Pin<Box<dyn Future<Output = Result<(), AnyError>> + Send + 'a>>;

impl Upgrade {
    /// Answers the request, and runs the handlers on a task of its own. An error of theirs is reported, the peer told that there
    /// was one, and the others are left out.
    pub(crate) fn run(self, user: String, room: String, handlers: &'static [Handler]) -> Response {
        let Self { server, accepted, response, stream } = self;
        let connection = match server.settings.connection(Role::Server, accepted.agreement().as_ref()) {
            Ok(connection) => connection,
            Err(error) => {
                eprintln!("{error}");
                return Refusal::new(500).map_or_else(
                    |_| http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                    |refusal| http::Response::from(refusal).map(Body::from),
                );
            }
        };
        tokio::spawn(async move {
            let stream = match stream.await {
                Ok(stream) => TokioIo::new(stream),
                Err(error) => return eprintln!("no upgrade: {error}"),
            };
            let mut context = Context { socket: WebSocket::from_connection(stream, connection), user, room };
            for handler in handlers {
                if let Err(error) = handler(&mut context).await {
                    eprintln!("{}: {error}", context.user);
                    let close = CloseFrame::new(CloseCode::INTERNAL_ERROR, "");
                    let _ = context.socket.close(Some(close)).await;
                    break;
                }
            }
        });
        response.map(|()| Body::empty())
    }
}
