//! The door of a server: what memory can answer without waiting is answered before the router is asked.
//!
//! Router, method, layers and handlers box several futures a request, which takes as long as finding the answer. The few
//! operations that others call a thousand times a second go past them; what stands around every request stands around these too.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::response::Response;
use axum::routing::future::RouteFuture;
use futures::future::{Either, Ready, ready};
use tower::Service;

use super::around::Around;
use super::{principal, resolve, tiles};

/// Answers every request of a server. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    around: Around,
    router: Router,
}

impl Front {
    pub(super) fn new(around: Around, router: Router) -> Self {
        Self { around, router }
    }

    /// The answer, where it needs no waiting. A page of another origin goes to the router, which knows who may read.
    fn at_once(&self, request: &Request) -> Option<Response> {
        if request.method() != Method::GET || request.headers().contains_key(header::ORIGIN) {
            return None;
        }
        let path = request.uri().path();
        let is_resolve = path == resolve::ENDPOINT.path;
        if !is_resolve && !path.starts_with(tiles::BELOW) {
            return None;
        }
        let who = principal::at_once(self.around.state(), request.headers())?;
        let mut response = match is_resolve {
            true => resolve::at_once(&self.around, request, &who)?,
            false => tiles::at_once(&self.around, request, &who)?,
        };
        principal::dress(&who, response.headers_mut());
        Some(response)
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.at_once(&request) {
            Some(response) => Either::Left(ready(Ok(response))),
            None => Either::Right(self.router.call(request)),
        }
    }
}
