//! What a proxy says of the caller: its address, the protocol by which it came, the name that it asked for.
//!
//! Only proxies of the settings are believed, and only by the one kind of header that the settings name. What others say is struck
//! out, so that behind the door `X-Forwarded-Proto` and `Host` can be taken as they are.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::{DoorRules, ProxyHeaders};

/// By which protocol the caller came to the proxy: `http` or `https`. Behind the door only a trusted proxy's is left.
pub(in crate::http) const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The caller of a request that came from an address. Leaves the name that the caller asked for in `Host` and the protocol in [`PROTO`].
pub(super) fn caller(peer: IpAddr, headers: &mut HeaderMap, rules: &DoorRules) -> IpAddr {
    if !rules.trusts(peer) {
        headers.remove(PROTO);
        return peer;
    }
    let said = match rules.proxy_headers {
        ProxyHeaders::XForwarded => x_forwarded(headers),
        ProxyHeaders::Forwarded => forwarded(headers),
    };
    let Said { hops, proto, host } = said;
    let caller = first_stranger(peer, hops.iter().map(String::as_str), rules);
    match proto.as_deref() {
        Some("https") => drop(headers.insert(PROTO, HeaderValue::from_static("https"))),
        Some("http") => drop(headers.insert(PROTO, HeaderValue::from_static("http"))),
        _ => drop(headers.remove(PROTO)),
    }
    if let Some(host) = host.and_then(|host| HeaderValue::try_from(host).ok()) {
        headers.insert(header::HOST, host);
    }
    caller
}

/// What the headers say, as they are.
#[derive(Default)]
struct Said {
    /// Who asked whom; the last is who asked our peer.
    hops: Vec<String>,
    proto: Option<String>,
    host: Option<String>,
}

/// From the last to the first, the first address that is not of a proxy of ours: whatever stands before it, the caller itself may
/// have written. Where an entry is no address, the proxy that wrote it is all that is known.
fn first_stranger<'a>(
    peer: IpAddr,
    hops: impl DoubleEndedIterator<Item = &'a str>,
    rules: &DoorRules,
) -> IpAddr {
    let mut caller = peer;
    for hop in hops.rev() {
        let Some(address) = address(hop) else { break };
        caller = address;
        if !rules.trusts(address) {
            break;
        }
    }
    caller
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

fn x_forwarded(headers: &HeaderMap) -> Said {
    let lines = headers.get_all(FOR).iter();
    let hops =
        lines.flat_map(|line| line.to_str().unwrap_or("?").split(',')).map(|hop| hop.trim().to_owned());
    // Of two values it is not known whose they are.
    let only = |name: HeaderName| {
        let mut all = headers.get_all(name).iter();
        let value = all.next()?.to_str().ok()?.trim().to_owned();
        (all.next().is_none() && !value.contains(',')).then_some(value)
    };
    Said { hops: hops.collect(), proto: only(PROTO), host: only(HOST) }
}

/// `Forwarded: for=192.0.2.1;proto=https;host=gewu.example, for="[2001:db8::1]:80"`. Protocol and host are those of the last element: it
/// is by our own proxy.
fn forwarded(headers: &HeaderMap) -> Said {
    let mut said = Said::default();
    for line in headers.get_all(header::FORWARDED) {
        let elements = line.to_str().ok().and_then(|line| split(line, ','));
        // A line that cannot be read is a hop that nothing is known of.
        for element in elements.unwrap_or_else(|| vec!["?".to_owned()]) {
            let (mut hop, mut proto, mut host) = ("?".to_owned(), None, None);
            for pair in split(&element, ';').unwrap_or_default() {
                let Some((name, value)) = pair.split_once('=') else { continue };
                let value = unquoted(value.trim());
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => hop = value,
                    "proto" => proto = Some(value.to_ascii_lowercase()),
                    "host" => host = Some(value),
                    _ => {}
                }
            }
            said.hops.push(hop);
            (said.proto, said.host) = (proto, host);
        }
    }
    said
}

/// The parts between separators that are not within quotes; `None` where a quote does not end.
fn split(text: &str, separator: char) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if character == separator && !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    (!quoted).then(|| parts.into_iter().map(|part| part.trim().to_owned()).collect())
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) => inner.replace('\\', ""),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CommonSettings, Config, DoorSettings, ServerSettings};

    fn rules(headers: &str) -> DoorRules {
        let door = DoorSettings {
            trusted_proxies: Some("10.0.0.0/8,::1".into()),
            proxy_headers: Some(headers.into()),
            ..DoorSettings::default()
        };
        let server = ServerSettings { door, ..ServerSettings::default() };
        let file = tempfile::NamedTempFile::new().unwrap();
        Config::load(Some(file.path()), CommonSettings::default(), server).unwrap().door
    }

    /// Caller, protocol and host that come of these headers.
    fn told(kind: &str, peer: &str, lines: &[(&str, &str)]) -> (String, String, String) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("inner"));
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
        }
        let caller = caller(peer.parse().unwrap(), &mut headers, &rules(kind));
        let text =
            |name: HeaderName| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        (caller.to_string(), text(PROTO), text(header::HOST))
    }

    fn caller_of(kind: &str, peer: &str, lines: &[(&str, &str)]) -> String {
        told(kind, peer, lines).0
    }

    #[test]
    fn a_stranger_is_who_it_is_whatever_it_says() {
        let lies = [
            ("x-forwarded-for", "192.0.2.99"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "for=192.0.2.99;proto=https;host=evil.example"),
        ];
        for kind in ["x-forwarded", "forwarded"] {
            let expected = ("192.0.2.1".to_owned(), String::new(), "inner".to_owned());
            assert_eq!(told(kind, "192.0.2.1", &lies), expected);
        }
    }

    #[test]
    fn behind_proxies_of_ours_the_last_stranger_is_the_caller() {
        for (lines, caller) in [
            (vec!["192.0.2.1"], "192.0.2.1"),
            // What stands before the stranger, the stranger wrote.
            (vec!["203.0.113.5, 192.0.2.1"], "192.0.2.1"),
            (vec!["203.0.113.5, 192.0.2.1, 10.9.9.9"], "192.0.2.1"),
            (vec!["203.0.113.5", "192.0.2.1, 10.9.9.9"], "192.0.2.1"),
            (vec!["2001:db8::7"], "2001:db8::7"),
            (vec!["[2001:db8::7]:443"], "2001:db8::7"),
            (vec!["192.0.2.1:5000"], "192.0.2.1"),
            (vec!["::ffff:192.0.2.1"], "192.0.2.1"),
            // All of them ours: a call from within.
            (vec!["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            (vec![], "10.0.0.1"),
            // What cannot be read is not stepped over.
            (vec!["192.0.2.1, unknown"], "10.0.0.1"),
            (vec!["192.0.2.1, nonsense, 10.9.9.9"], "10.9.9.9"),
            (vec![""], "10.0.0.1"),
        ] {
            let headers: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            assert_eq!(caller_of("x-forwarded", "10.0.0.1", &headers), caller, "{lines:?}");
        }
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes() {
        let one = |line: &str| told("forwarded", "::1", &[("forwarded", line)]);
        assert_eq!(
            one("For=\"[2001:db8:cafe::17]:4711\"; Proto=HTTPS ;host=\"gewu.example:8443\";by=10.0.0.1"),
            ("2001:db8:cafe::17".to_owned(), "https".to_owned(), "gewu.example:8443".to_owned())
        );
        // The quoted comma separates nothing.
        assert_eq!(one("for=\"192.0.2.9, for=192.0.2.8\", for=192.0.2.1").0, "192.0.2.1");
        for unknown in ["for=unknown", "for=_hidden", "proto=http", "for=\"192.0.2.1", "=;=,,"] {
            assert_eq!(one(unknown).0, "::1", "{unknown}");
        }
        // Of several proxies the last speaks for itself.
        let (_, proto, host) = one("for=192.0.2.1;proto=http;host=evil.example, for=10.0.0.2;proto=https");
        assert_eq!((proto.as_str(), host.as_str()), ("https", "inner"));
    }

    #[test]
    fn only_the_kind_of_the_settings_is_read() {
        let forwarded = [("forwarded", "for=192.0.2.1;proto=https")];
        assert_eq!(
            told("x-forwarded", "10.0.0.1", &forwarded),
            ("10.0.0.1".into(), "".into(), "inner".into())
        );
        let x = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "a.example"),
        ];
        assert_eq!(told("forwarded", "10.0.0.1", &x), ("10.0.0.1".into(), "".into(), "inner".into()));
        assert_eq!(
            told("x-forwarded", "10.0.0.1", &x),
            ("192.0.2.1".into(), "https".into(), "a.example".into())
        );
    }

    #[test]
    fn a_protocol_that_is_none_or_two_is_none() {
        for proto in ["gopher", "https, http", "HTTPS\u{7f}", ""] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::try_from(proto) {
                headers.insert(PROTO, value);
            }
            caller("10.0.0.1".parse().unwrap(), &mut headers, &rules("x-forwarded"));
            assert!(!headers.contains_key(PROTO), "{proto}");
        }
    }
}
