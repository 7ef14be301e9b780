//! Addresses whose answers nobody on the way can change.

/// Is nobody on the way able to change what comes from this address: by https, or from this machine?
pub fn is_safe_address(address: &str) -> bool {
    let (rest, on_this_machine) = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = address
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'@' | b'\\' | b'"' | b'\'' | b';' | b','));
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let host = host.map_or(authority, |(host, _)| host);
    plain && !host.is_empty() && (!on_this_machine || matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_safe() {
        for safe in [
            "https://id.example",
            "https://id.example:8443/a?b",
            "http://127.0.0.1:3000/jwks",
            "http://localhost",
            "http://[::1]:1/",
        ] {
            assert!(is_safe_address(safe), "{safe}");
        }
        for unsafe_one in [
            "http://id.example",
            "http://localhost.id.example",
            "http://127.0.0.1@id.example",
            "http://id.example\\@localhost",
            "https://",
            "ftp://localhost",
            "https://a b",
            "localhost",
            "http://[::1].example/",
            "https://x'; script-src *",
        ] {
            assert!(!is_safe_address(unsafe_one), "{unsafe_one}");
        }
    }
}
