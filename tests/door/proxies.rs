//! What a proxy says of the name and the protocol that the caller asked for.

use gewu::config::{DoorSettings, ServerSettings};

use crate::world::World;

fn world(proxies: Option<&str>, headers: &str) -> World {
    World::start(ServerSettings {
        allowed_hosts: Some("gewu.example".into()),
        door: DoorSettings {
            trusted_proxies: proxies.map(str::to_owned),
            proxy_headers: Some(headers.to_owned()),
            ..DoorSettings::default()
        },
        ..ServerSettings::default()
    })
}

const X: [(&str, &str); 3] =
    [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "gewu.example")];
const STANDARD: [(&str, &str); 1] = [("forwarded", "for=192.0.2.1;proto=https;host=gewu.example")];

#[test]
fn behind_a_proxy_of_ours_links_lead_to_where_the_caller_came_in() {
    for (kind, headers) in [("x-forwarded", &X[..]), ("forwarded", &STANDARD[..])] {
        let world = world(Some("127.0.0.1"), kind);
        for path in
            ["/?f=json", "/collections?f=json", "/tiles/grids", "/style.json", "/api", "/tileMatrixSets"]
        {
            let answer = world.get_with(path, headers);
            assert_eq!(answer.status, 200, "{path}");
            let text = answer.text();
            assert!(text.contains("https://gewu.example"), "{path}: {text}");
            assert!(!text.contains(&world.address.to_string()), "{path}: {text}");
            assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        }
    }
}

#[test]
fn others_may_say_what_they_like_and_the_other_kind_of_header_is_never_read() {
    for (proxies, kind) in [
        (None, "x-forwarded"),
        (None, "forwarded"),
        (Some("10.0.0.0/8"), "x-forwarded"),
        (Some("10.0.0.0/8"), "forwarded"),
    ] {
        let world = world(proxies, kind);
        for headers in [&X[..], &STANDARD[..]] {
            let answer = world.get_with("/?f=json", headers);
            let text = answer.text();
            assert!(!text.contains("gewu.example") && !text.contains("https://127"), "{kind}: {text}");
            assert_eq!(answer.header("strict-transport-security"), "");
        }
    }
    for (kind, headers) in [("forwarded", &X[..]), ("x-forwarded", &STANDARD[..])] {
        let text = world(Some("127.0.0.1"), kind).get_with("/?f=json", headers).text();
        assert!(!text.contains("gewu.example"), "{kind}: {text}");
    }
}

#[test]
fn not_even_a_proxy_of_ours_may_name_a_host_that_is_not() {
    let world = world(Some("127.0.0.1"), "x-forwarded");
    for host in ["evil.example", "gewu.example.evil.example", "user@gewu.example"] {
        let answer = world.get_with("/?f=json", &[("x-forwarded-host", host)]);
        assert!([400, 421].contains(&answer.status), "{host}: {}", answer.status);
    }
}
