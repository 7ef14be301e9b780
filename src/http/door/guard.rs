//! What every request passes first: who asks, under which name, how often, with how long an address.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::forwarded::caller;
use super::rate::{RateLimit, of_one};
use crate::config::DoorRules;
use crate::http::Problem;
use crate::http::principal::bearer;

/// From where a request comes, as far as our proxies can tell; in its extensions behind the guard.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct CallerAddress(pub IpAddr);

/// Stands before the router and before what is answered without it.
pub(in crate::http) struct Guard {
    rules: DoorRules,
    addresses: RateLimit,
    keys: RateLimit,
}

impl Guard {
    pub(in crate::http) fn new(rules: DoorRules) -> Self {
        Self { rules, addresses: RateLimit::default(), keys: RateLimit::default() }
    }

    /// Lets a request of a connection from an address pass, brought into one form: the name that it asks for is in `Host`, and what
    /// it says of itself that nobody should believe is gone. From where it comes.
    pub(in crate::http) fn admit(&self, peer: IpAddr, request: &mut Parts) -> Result<CallerAddress, Problem> {
        // HTTP/2 names the server in `:authority` only; where HTTP/1.1 has a whole URL, that counts (RFC 9112, section 3.2.2).
        let named = request.uri.authority().map(|authority| HeaderValue::from_str(authority.as_str()));
        if let Some(Ok(named)) = named {
            request.headers.insert(header::HOST, named);
        }
        let address = caller(peer, &mut request.headers, &self.rules);
        self.hold_to_rate(address, &request.headers)?;
        let length = request.uri.path_and_query().map_or(0, |path| path.as_str().len());
        if length > self.rules.url_bytes {
            let detail = format!(
                "the address has {length} bytes; this server reads {} (max_url_bytes)",
                self.rules.url_bytes
            );
            return Err(Problem::new(StatusCode::URI_TOO_LONG, detail));
        }
        Ok(CallerAddress(address))
    }

    fn hold_to_rate(&self, address: IpAddr, headers: &HeaderMap) -> Result<(), Problem> {
        let of_key = self.rules.key_rate.zip(headers.get(header::AUTHORIZATION).map(key));
        let of_address = self.rules.rate.of(address);
        if of_address.is_none() && of_key.is_none() {
            return Ok(());
        }
        let now = Instant::now();
        if let Some(rate) = of_address {
            let counted = self.addresses.count(of_one(address), rate, now);
            counted.map_err(|wait| too_many("this address asks", "rate_limit", wait))?;
        }
        if let Some((rate, key)) = of_key {
            let counted = self.keys.count(key, rate, now);
            counted.map_err(|wait| too_many("those who have this key ask", "key_rate_limit", wait))?;
        }
        Ok(())
    }
}

/// What tells one key from another: not how the scheme before it is written.
fn key(authorization: &HeaderValue) -> &[u8] {
    bearer(authorization).map_or(authorization.as_bytes(), str::as_bytes)
}

fn too_many(who: &str, setting: &str, wait: Duration) -> Problem {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = format!("{who} more often than this server answers ({setting}); wait {seconds} s");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry_after(seconds)
}
