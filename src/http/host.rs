//! Under which names this server may be addressed, and which pages may read from it.
//!
//! A web page can let its own name point to this machine (DNS rebinding) and so read a server that listens on loopback
//! only. Hence a request must name this machine or a host of the settings. What proxies say has been weighed before, by
//! [`Guard`](super::door::Guard): the `Host` and the protocol that are found here are those that the caller asked for.

use std::borrow::Cow;
use std::net::SocketAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};

use super::Problem;
use super::door::PROTO;
use crate::config::Config;

/// The authority that a request names: checked against the names of this server. Without a `Host` header, which only
/// HTTP/1.0 and bare tools leave out, the address that it listens on.
pub(super) fn authority<'a>(headers: &'a HeaderMap, config: &Config) -> Result<Cow<'a, str>, Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let Some(host) = hosts.next() else { return Ok(config.listen.to_string().into()) };
    let malformed = || Problem::new(StatusCode::BAD_REQUEST, "the Host header names no host");
    if hosts.next().is_some() {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "there are several Host headers; send one"));
    }
    let text = host.to_str().map_err(|_| malformed())?;
    if text.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback()) {
        return Ok(text.into());
    }
    let authority: Authority = text.parse().map_err(|_| malformed())?;
    let name = authority.host().to_ascii_lowercase();
    if text.contains('@') || !(is_loopback(&name) || config.allowed_hosts.contains(&name)) {
        return Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("this server is not {name:?}; address it as localhost, or add the name to allowed_hosts"),
        ));
    }
    Ok(text.into())
}

/// The origin for absolute links: the protocol of the caller and the authority that the request named.
pub(super) fn origin(headers: &HeaderMap, config: &Config) -> Result<String, Problem> {
    let scheme = if is_secure(headers, config) { "https" } else { "http" };
    Ok(format!("{scheme}://{}", authority(headers, config)?))
}

/// Did the caller come by HTTPS, to this server or to a proxy of the settings?
fn is_secure(headers: &HeaderMap, config: &Config) -> bool {
    match headers.get(PROTO) {
        Some(said) => said == "https",
        None => config.door.tls.is_some(),
    }
}

/// Shall the browser of this caller come by HTTPS only from now on? Not to this machine, whose name all its programs share.
pub(super) fn binds_to_https(headers: &HeaderMap, config: &Config) -> bool {
    let named = || {
        let host = headers.get(header::HOST)?.to_str().ok()?.parse::<Authority>().ok()?;
        Some(!is_loopback(host.host()))
    };
    config.door.hsts_s > 0 && is_secure(headers, config) && named().unwrap_or(false)
}

/// May pages of this web origin read from this server?
pub(super) fn may_read(origin: &str, config: &Config) -> bool {
    let host = origin.split_once("://").and_then(|(_, rest)| rest.parse::<Authority>().ok());
    config.cors_origins.iter().any(|allowed| allowed == "*" || allowed == origin)
        || host.is_some_and(|authority| is_loopback(authority.host()))
}

fn is_loopback(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || number.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "127.0.0.1.example", "10.0.0.1", "[::2]", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
