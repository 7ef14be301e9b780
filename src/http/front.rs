//! The front of a server: every request passes the guard of the door, and what memory can answer without waiting is answered before the
//! router is asked.
//!
//! Router, method, layers and handlers box several futures a request, which takes as long as finding the answer. The few
//! operations that others call a thousand times a second go past them; what stands around every request stands around these too.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::Response;
use axum::routing::future::RouteFuture;
use futures::future::{Either, Ready, ready};
use hyper::body::Incoming;
use tower::Service;

use super::around::Around;
use super::door::Guard;
use super::{principal, resolve, tiles};

/// An answer, or the way to one.
pub(super) type Answering = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

/// Answers every request of a server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Front {
    guard: Arc<Guard>,
    around: Around,
    router: Router,
}

impl Front {
    pub(super) fn new(guard: Guard, around: Around, router: Router) -> Self {
        Self { guard: Arc::new(guard), around, router }
    }

    /// Answers a request of a connection from an address.
    pub(super) fn answer(&self, peer: IpAddr, request: Request<Incoming>) -> Answering {
        let (mut head, body) = request.into_parts();
        let from = match self.guard.admit(peer, &mut head) {
            Ok(from) => from,
            Err(problem) => return Either::Left(ready(Ok(self.around.turn_away(&head, problem)))),
        };
        if let Some(response) = self.at_once(&head) {
            return Either::Left(ready(Ok(response)));
        }
        head.extensions.insert(from);
        // A router is always ready.
        Either::Right(self.router.clone().call(Request::from_parts(head, Body::new(body))))
    }

    /// The answer, where it needs no waiting. A page of another origin goes to the router, which knows who may read.
    fn at_once(&self, request: &Parts) -> Option<Response> {
        if request.method != Method::GET || request.headers.contains_key(header::ORIGIN) {
            return None;
        }
        let path = request.uri.path();
        let is_resolve = path == resolve::ENDPOINT.path;
        if !is_resolve && !path.starts_with(tiles::BELOW) {
            return None;
        }
        let who = principal::at_once(self.around.state(), &request.headers)?;
        let mut response = match is_resolve {
            true => resolve::at_once(&self.around, request, &who)?,
            false => tiles::at_once(&self.around, request, &who)?,
        };
        principal::dress(&who, response.headers_mut());
        Some(response)
    }
}
