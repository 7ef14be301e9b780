//! Too large, too slow, too many: each is cut off, and where there is somebody to tell, told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use gewu::config::{DoorSettings, ServerSettings};

use crate::wire::{connect, exchange, get, rest, status, timed};
use crate::world::{World, world};

fn with_door(door: DoorSettings) -> World {
    World::start(ServerSettings { door, ..ServerSettings::default() })
}

#[test]
fn an_address_that_is_too_long_is_told_so_before_the_router_and_behind_it() {
    let world = with_door(DoorSettings { max_url_bytes: Some(300), ..DoorSettings::default() });
    for path in ["/v1/resolve?lon=", "/tiles/grids/0/0/0?v=", "/v1/status?x=", "/"] {
        let target = format!("{path}{}", "a".repeat(301 - path.len()));
        let answer = world.get(&target);
        let problem = answer.problem(414);
        assert!(
            problem["detail"].as_str().unwrap().contains("301 bytes; this server reads 300"),
            "{problem}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let fits = format!("{path}{}", "a".repeat(300 - path.len()));
        assert_ne!(world.get(&fits).status, 414);
    }
    let shared = crate::world::world();
    // What does not even fit a head.
    assert_eq!(status(&get(shared.address, &format!("/{}", "a".repeat(70_000)))), 431);
}

#[test]
fn headers_that_are_too_large_or_too_many_are_refused_and_the_connection_ends() {
    let world = with_door(DoorSettings { max_header_bytes: Some(2_048), ..DoorSettings::default() });
    let head = |bytes: usize| {
        format!(
            "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx: {}\r\n\r\n",
            "a".repeat(bytes)
        )
    };
    assert_eq!(status(&exchange(world.address, head(1_800).as_bytes())), 200);
    assert_eq!(status(&exchange(world.address, head(2_048).as_bytes())), 431);
    let many: String = (0..101).map(|at| format!("h{at}: 1\r\n")).collect();
    let many = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{many}\r\n");
    assert_eq!(status(&exchange(world.address, many.as_bytes())), 431);
    // Without an end there is a bound, too.
    let mut endless = connect(world.address);
    let _ = endless.write_all(b"GET /healthz HTTP/1.1\r\nx: ");
    for _ in 0..200 {
        let _ = endless.write_all(&[b'a'; 1_024]);
    }
    let (said, took) = timed(|| rest(&mut endless));
    // The answer may be lost where more comes than the server reads.
    assert!([0, 431].contains(&status(&said)) && took < Duration::from_secs(5), "{said:?} after {took:?}");
}

#[test]
fn a_body_that_is_too_large_is_refused_by_what_it_says_and_by_what_it_is() {
    let world = World::start(ServerSettings { max_body_bytes: Some(1_024), ..ServerSettings::default() });
    let head = "POST /v1/resolve HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n";
    // By its word, without a byte of it.
    let (said, took) =
        timed(|| exchange(world.address, format!("{head}content-length: 1025\r\n\r\n").as_bytes()));
    assert_eq!(status(&said), 413, "{said}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let chunk = format!("400\r\n{}\r\n", " ".repeat(1_024));
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n");
    assert_eq!(status(&exchange(world.address, chunked.as_bytes())), 413);
    let absurd = format!("{head}content-length: 99999999999999999999999\r\n\r\n");
    assert_eq!(status(&exchange(world.address, absurd.as_bytes())), 400);
}

#[test]
fn a_head_that_does_not_end_is_cut_off_however_slowly_it_drips() {
    let world = with_door(DoorSettings { header_timeout: Some(1), ..DoorSettings::default() });
    for start in ["", "GET", "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: "] {
        let mut slow = connect(world.address);
        slow.write_all(start.as_bytes()).unwrap();
        let (said, took) = timed(|| rest(&mut slow));
        assert!(status(&said) == 0 && took < Duration::from_secs(5), "{start:?}: {said:?} after {took:?}");
    }
    let mut drip = connect(world.address);
    drip.write_all(b"GET /healthz HTTP/1.1\r\nx: ").unwrap();
    let began = Instant::now();
    while drip.write_all(b"a").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(8), "a drop at a time keeps a connection");
        std::thread::sleep(Duration::from_millis(100));
    }
    // And one that is open, and idle.
    let mut idle = connect(world.address);
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let (said, took) = timed(|| rest(&mut idle));
    assert!(status(&said) == 200 && took < Duration::from_secs(5), "{said:?} after {took:?}");
}

#[test]
fn a_body_that_stops_is_told_so() {
    let world = with_door(DoorSettings { body_timeout: Some(1), ..DoorSettings::default() });
    for path in ["/v1/resolve", "/v1/within"] {
        let mut slow = connect(world.address);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{{"
        );
        slow.write_all(head.as_bytes()).unwrap();
        let (said, took) = timed(|| rest(&mut slow));
        assert_eq!(status(&said), 408, "{path}: {said}");
        assert!(said.contains("body_timeout") && said.contains("application/problem+json"), "{said}");
        assert!(took < Duration::from_secs(5), "{path}: {took:?}");
    }
}

#[test]
fn a_reader_who_takes_nothing_is_let_go() {
    let world = with_door(DoorSettings { send_timeout: Some(1), ..DoorSettings::default() });
    let mut greedy = connect(world.address);
    greedy.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let ask = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let began = Instant::now();
    // Answers are made until nobody takes them; then no questions are taken, and then the connection ends.
    let ended = loop {
        match greedy.write_all(ask) {
            Ok(()) => assert!(began.elapsed() < Duration::from_secs(60), "answers are made for ever"),
            Err(error) => break error.kind(),
        }
    };
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    assert!(matches!(ended, BrokenPipe | ConnectionReset), "{ended:?}");
}

/// Is this connection answered?
fn is_answered(stream: &mut TcpStream) -> bool {
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut start = [0; 12];
    stream.read_exact(&mut start).is_ok() && &start == b"HTTP/1.1 200"
}

#[test]
fn there_are_no_more_connections_than_may_be_and_a_place_is_free_again_at_once() {
    for door in [
        DoorSettings { max_connections: Some(2), ..DoorSettings::default() },
        DoorSettings { max_connections_per_address: Some(2), ..DoorSettings::default() },
    ] {
        let world = with_door(door);
        let mut held = [connect(world.address), connect(world.address)];
        assert!(held.iter_mut().all(is_answered));
        let refused = exchange(world.address, b"");
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after"), "{refused:?}");
        drop(held);
        let deadline = Instant::now() + Duration::from_secs(5);
        while !is_answered(&mut connect(world.address)) {
            assert!(Instant::now() < deadline, "places are not given back");
        }
    }
}

#[test]
fn this_machine_may_have_many_connections_where_nothing_is_set() {
    let world = world();
    let mut held: Vec<_> = (0..300).map(|_| connect(world.address)).collect();
    assert!(held.iter_mut().all(is_answered));
}
