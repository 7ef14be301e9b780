//! Paths and headers that mean something else than they seem to.

use crate::wire::{exchange, get, status};
use crate::world::world;

/// What no answer may hold: a line of the system's accounts, and one of this repository.
const FOREIGN: [&str; 3] = ["root:x:", "[package]", "BEGIN PRIVATE"];

#[test]
fn no_path_leads_out_of_the_server() {
    let world = world();
    let up = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "..%00",
        "%c0%ae%c0%ae",
        "%e0%80%ae%e0%80%ae",
        "%252e%252e",
        "..;",
        "\\..",
        "%5c..",
        "....//..",
    ];
    let below = [
        "",
        "/assets",
        "/tiles",
        "/tiles/grids",
        "/glyphs",
        "/sprite",
        "/v1/grids",
        "/collections",
        "/styles",
        "/docs",
    ];
    let goals = ["/etc/passwd", "/Cargo.toml", "/src/main.rs"];
    for below in below {
        for up in up {
            for goal in goals {
                for target in [
                    format!("{below}/{}{}", [up; 8].join("/"), goal),
                    format!("{below}/{}{}", [up; 2].join("%2f"), goal.replace('/', "%2f")),
                    format!("/{below}/{up}{goal}"),
                ] {
                    let answer = get(world.address, &target);
                    assert!((400..500).contains(&status(&answer)), "{target}: {answer}");
                    assert!(!FOREIGN.iter().any(|foreign| answer.contains(foreign)), "{target}: {answer}");
                }
            }
        }
    }
}

#[test]
fn zeros_overlong_letters_and_broken_escapes_are_mistakes_of_the_caller_wherever_they_stand() {
    let world = world();
    for odd in
        ["%00", "a%00b", "%c0%ae", "%ff%fe", "%ed%a0%80", "%", "%zz", "%2", "%0d%0a", "%e2%80%ae", "%f0%9f"]
    {
        for target in [
            format!("/{odd}"),
            format!("/v1/grids/{odd}"),
            format!("/v1/grids/{odd}/staff"),
            format!("/v1/grids?within={odd}"),
            format!("/v1/workers/{odd}"),
            format!("/v1/search?q={odd}"),
            format!("/v1/resolve?lon={odd}&lat=25&crs=wgs84"),
            format!("/v1/resolve?lon=100.1&lat=25.6&crs={odd}"),
            format!("/tiles/{odd}"),
            format!("/tiles/{odd}/0/0/0"),
            format!("/tiles/grids/0/0/0?filter=name%3D'{odd}'"),
            format!("/glyphs/{odd}/0-255.pbf"),
            format!("/collections/{odd}"),
            format!("/collections/{odd}/items"),
            format!("/collections/grids/items/{odd}"),
            format!("/collections/buildings/items/{odd}"),
            format!("/collections/grids/items?filter=code%3D'{odd}'"),
            format!("/collections/buildings/items?filter=name%3D'{odd}'"),
            format!("/collections/buildings/items?class={odd}"),
            format!("/collections/buildings/items?cursor={odd}"),
            format!("/collections/buildings/items?datetime={odd}"),
            format!("/collections/{odd}/tiles"),
            format!("/styles/{odd}"),
        ] {
            let answer = get(world.address, &target);
            // What reads it as text may find nothing, and say so with 200.
            assert!((200..500).contains(&status(&answer)), "{target}: {answer}");
        }
    }
}

#[test]
fn nothing_that_a_caller_sends_becomes_a_header_of_the_answer() {
    let world = world();
    let injected = "%0d%0aset-cookie:%20a=b%0d%0a%0d%0a<script>";
    for target in [
        format!("/{injected}"),
        format!("/v1/grids/{injected}"),
        format!("/tiles/{injected}"),
        format!("/collections/{injected}/items"),
        format!("/collections/grids/items?limit={injected}"),
        format!("/collections/grids/items?f=csv&filter={injected}"),
        format!("/?f={injected}"),
        format!("/v1/resolve?crs={injected}"),
    ] {
        let target = target.replace('<', "%3c").replace('>', "%3e");
        let answer = get(world.address, &target).to_lowercase();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("set-cookie"), "{target}: {head}");
    }
    for header in [
        "x-request-id: a\rset-cookie: b",
        "x-request-id: a\nset-cookie: b",
        "x-request-id: a\0b",
        "origin: http://localhost\r x: y",
    ] {
        let bytes =
            format!("GET /v1/status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{header}\r\n\r\n");
        let answer = exchange(world.address, bytes.as_bytes()).to_lowercase();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("\r\nset-cookie") && !head.contains("\nset-cookie"), "{header:?}: {head}");
    }
}

#[test]
fn a_request_that_two_readers_could_read_differently_is_refused() {
    let world = world();
    let post = "POST /v1/resolve HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n";
    for (what, bytes) in [
        (
            "two hosts",
            "GET /v1/status HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n"
                .to_owned(),
        ),
        ("two lengths", format!("{post}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}")),
        ("a negative length", format!("{post}content-length: -2\r\n\r\n{{}}")),
        ("a signed length", format!("{post}content-length: +2\r\n\r\n{{}}")),
        ("chunks that are not last", format!("{post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n")),
        ("a size that is none", format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n")),
        (
            "a space before the colon",
            "GET /v1/status HTTP/1.1\r\nhost : localhost\r\nconnection: close\r\n\r\n".to_owned(),
        ),
        ("a space in the path", "GET /v1/ status HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned()),
        ("a zero in the path", "GET /v1/\0status HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned()),
        ("no protocol", "GET /v1/status\r\nhost: localhost\r\n\r\n".to_owned()),
        ("another protocol", "GET /v1/status HTTP/3.7\r\nhost: localhost\r\n\r\n".to_owned()),
        (
            "a line that goes on",
            "GET /v1/status HTTP/1.1\r\nhost: localhost\r\nx: a\r\n b\r\nconnection: close\r\n\r\n"
                .to_owned(),
        ),
    ] {
        let answer = exchange(world.address, bytes.as_bytes());
        assert_eq!(status(&answer), 400, "{what}: {answer}");
    }
}

#[test]
fn of_a_whole_address_its_own_host_counts() {
    let world = world();
    let ask = |target: &str, host: &str| {
        let bytes = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        status(&exchange(world.address, bytes.as_bytes()))
    };
    assert_eq!(ask("http://localhost/v1/status", "localhost"), 200);
    assert_eq!(ask("http://evil.example/v1/status", "localhost"), 421);
    assert_eq!(ask("http://evil.example/v1/resolve?lon=100.1&lat=25.6&crs=wgs84", "localhost"), 421);
    assert_eq!(ask("http://user@localhost/v1/status", "localhost"), 421);
}
