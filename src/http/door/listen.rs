//! Takes connections in and holds them to the bounds of the settings.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::connections::{Connections, Place};
use super::tls::{HTTP_2, Tls, TlsError};
use crate::config::{Config, DoorRules};
use crate::http::front::{Answering, Front};
use crate::http::{AppState, routes};

/// Requests of one connection at the same time, by HTTP/2.
const STREAMS: u32 = 128;
/// How often, and how long, a caller who says nothing is asked whether it is still there, by HTTP/2.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));
/// How long to wait when the system has no more connections to give.
const EXHAUSTED: Duration = Duration::from_millis(500);
/// Bytes of a connection that are read ahead, at least.
const READ_AT_ONCE: usize = 64 << 10;
/// Files beside connections: of the database, of exports, of the log.
const OTHER_FILES: u64 = 256;
/// What is told to a connection too many, where it would understand.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Why the door does not open.
#[derive(Debug, Error)]
pub enum DoorError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}{}", hint(reason))]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

fn hint(reason: &io::Error) -> &'static str {
    match reason.kind() {
        io::ErrorKind::AddrInUse => "; another program has it: end that one, or choose another with --listen",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need rights: choose another with --listen",
        _ => "",
    }
}

/// An open door: from now on the system takes connections in.
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

impl Door {
    /// Reads the certificate and takes the address of the settings.
    pub async fn open(config: &Config) -> Result<Self, DoorError> {
        let tls = config.door.tls.as_ref().map(Tls::open).transpose()?;
        let bound = async {
            let listener = TcpListener::bind(config.listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) =
            bound.await.map_err(|reason| DoorError::Address { address: config.listen, reason })?;
        allow_files(config.door.connections);
        Ok(Self { listener, address, tls })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a browser would have it.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// Answers until the end, and after that the requests under way.
    pub async fn serve(self, state: AppState, end: impl Future<Output = ()>) {
        let Self { listener, tls, .. } = self;
        let hall = Arc::new(Hall::new(routes::front(state.clone()), &state.config().door, tls.as_ref()));
        let serving = async {
            let under_way = GracefulShutdown::new();
            let mut end = pin!(end);
            loop {
                let (stream, peer) = tokio::select! {
                    accepted = accept(&listener) => accepted,
                    () = &mut end => break,
                };
                let peer = peer.ip().to_canonical();
                match hall.connections.admit(peer) {
                    Some(place) => {
                        tokio::spawn(Arc::clone(&hall).attend(stream, peer, place, under_way.watcher()));
                    }
                    None => hall.turn_away(&stream),
                }
            }
            drop(listener);
            under_way.shutdown().await;
        };
        let renewing = async {
            match tls {
                Some(tls) => tls.renew().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = serving => {}
            never = renewing => match never {},
        }
    }
}

/// Many systems let a program have 1,024 files at first, and more when it asks.
fn allow_files(connections: usize) {
    let resource = rustix::process::Resource::Nofile;
    let mut limit = rustix::process::getrlimit(resource);
    let wanted = connections as u64 + OTHER_FILES;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |most| most.min(wanted)));
        if let Err(error) = rustix::process::setrlimit(resource, limit) {
            tracing::warn!(%error, "the system gives fewer files than max_connections would take");
        }
    }
}

/// The next connection. Where there is none to have, later.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        let error = match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => error,
        };
        // The caller left before it was taken in.
        if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
            tracing::error!(%error, "no connection can be taken in");
            tokio::time::sleep(EXHAUSTED).await;
        }
    }
}

type Transport = Pin<Box<TimeoutStream<TcpStream>>>;

/// What connections share.
struct Hall {
    front: Front,
    tls: Option<TlsAcceptor>,
    connections: Arc<Connections>,
    http_1: http1::Builder,
    http_2: http2::Builder<TokioExecutor>,
    header_timeout: Duration,
    send_timeout: Duration,
}

impl Hall {
    fn new(front: Front, rules: &DoorRules, tls: Option<&Tls>) -> Self {
        let mut http_1 = http1::Builder::new();
        http_1.timer(TokioTimer::new()).header_read_timeout(rules.header_timeout);
        // A head that does not end is held to what is kept of it.
        http_1.max_header_size(rules.header_bytes).max_buf_size(rules.header_bytes.max(READ_AT_ONCE));
        let mut http_2 = http2::Builder::new(TokioExecutor::new());
        http_2.timer(TokioTimer::new()).keep_alive_interval(PING.0).keep_alive_timeout(PING.1);
        http_2.max_concurrent_streams(STREAMS);
        http_2.max_header_list_size(u32::try_from(rules.header_bytes).unwrap_or(u32::MAX));
        Self {
            front,
            tls: tls.map(Tls::acceptor),
            connections: Connections::new(rules.clone()),
            http_1,
            http_2,
            header_timeout: rules.header_timeout,
            send_timeout: rules.send_timeout,
        }
    }

    fn turn_away(&self, stream: &TcpStream) {
        tracing::debug!("a connection too many");
        if self.tls.is_none() {
            // It fits what the system keeps for a new connection; where it does not, closing says as much.
            let _ = stream.try_write(FULL);
        }
    }

    /// One connection from its beginning to its end.
    async fn attend(self: Arc<Self>, stream: TcpStream, peer: IpAddr, _place: Place, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let mut timed = TimeoutStream::new(stream);
        timed.set_write_timeout(Some(self.send_timeout));
        let transport: Transport = Box::pin(timed);
        let service = Visitor { front: self.front.clone(), peer, heard: Arc::default() };
        let ended = match &self.tls {
            None => watcher.watch(self.http_1.serve_connection(TokioIo::new(transport), service)).await,
            Some(tls) => {
                let agreed = tokio::time::timeout(self.header_timeout, tls.accept(transport)).await;
                let Ok(Ok(stream)) = agreed else { return };
                match stream.get_ref().1.alpn_protocol() {
                    Some(HTTP_2) => {
                        let heard = Arc::clone(&service.heard);
                        let connection = self.http_2.serve_connection(TokioIo::new(stream), service);
                        tokio::select! {
                            ended = watcher.watch(connection) => ended,
                            () = silence(self.header_timeout, &heard) => return,
                        }
                    }
                    _ => watcher.watch(self.http_1.serve_connection(TokioIo::new(stream), service)).await,
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection was broken off");
        }
    }
}

/// Over when nothing was heard for so long. Until its first request HTTP/2 would wait for ever.
async fn silence(limit: Duration, heard: &AtomicBool) {
    tokio::time::sleep(limit).await;
    if heard.load(Ordering::Relaxed) {
        std::future::pending().await
    }
}

/// Who is at the other end of a connection.
struct Visitor {
    front: Front,
    peer: IpAddr,
    heard: Arc<AtomicBool>,
}

impl hyper::service::Service<Request<Incoming>> for Visitor {
    type Response = Response;
    type Error = std::convert::Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        self.heard.store(true, Ordering::Relaxed);
        self.front.answer(self.peer, request)
    }
}
