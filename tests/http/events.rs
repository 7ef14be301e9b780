//! Server-sent events over the wire: each change once and in order, whoever comes back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use gewu::config::ServerSettings;
use serde_json::Value;

use crate::world::{REVISION, World};

const RENAME: &str = "update gewu.grid_version set name = name || '一' where code = '532901003'";

/// A listener that reads the stream by itself.
struct Listener(BufReader<TcpStream>);

/// An event: its id and its data.
type Heard = (String, Value);

impl Listener {
    fn new(world: &World, query: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(world.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        // HTTP/1.0: nothing but the events follows the head.
        write!(
            stream,
            "GET /v1/events{query} HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n{last}\r\n"
        )
        .unwrap();
        let mut listener = Self(BufReader::new(stream));
        let head = listener.until_blank().join("\n");
        assert!(head.contains("200 OK") && head.contains("content-type: text/event-stream"), "{head}");
        assert!(!head.contains("content-encoding"), "{head}");
        listener
    }

    fn until_blank(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "it ended after {lines:?}");
            match line.trim_end() {
                "" => return lines,
                line => lines.push(line.to_owned()),
            }
        }
    }

    /// The next event; comments are passed by.
    fn next(&mut self) -> Heard {
        loop {
            let lines = self.until_blank();
            let field =
                |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            if let (Some(id), Some(data)) = (field("id"), field("data")) {
                return (id.to_owned(), serde_json::from_str(data).unwrap());
            }
            assert!(lines.iter().all(|line| line.starts_with(':')), "{lines:?}");
        }
    }
}

#[test]
fn a_listener_hears_of_each_change_and_where_it_shows() {
    let world = World::start(ServerSettings::default());
    let mut listener = Listener::new(&world, "", None);
    world.edit(RENAME);
    world.edit("update gewu.facility set class = 'clinic' where source_id = 'facilities-0'");
    let (first, second) = (listener.next(), listener.next());
    assert_eq!((first.0, second.0), ((REVISION + 1).to_string(), (REVISION + 2).to_string()));
    assert_eq!((&first.1["revision"], &first.1["all"]), (&Value::from(REVISION + 1), &Value::from(false)));
    assert!(first.1["at"].as_str().unwrap().ends_with('Z'));
    let tiles = |data: &Value, kind: &str| -> Vec<String> {
        data["dirty"][kind].as_array().unwrap().iter().map(|tile| tile.as_str().unwrap().to_owned()).collect()
    };
    for (data, full, none) in [(first.1, "grids", "facilities"), (second.1, "facilities", "grids")] {
        let dirty = tiles(&data, full);
        assert!((1..=16).contains(&dirty.len()) && dirty[0].split('/').count() == 3, "{dirty:?}");
        assert!(tiles(&data, none).is_empty() && tiles(&data, "buildings").is_empty(), "{data}");
    }
    assert!(figures(&world).contains("gewu_event_listeners 1"));
}

fn figures(world: &World) -> String {
    world.get("/metrics").text()
}

#[test]
fn whoever_comes_back_hears_what_was_missed_once_and_in_order() {
    let world = World::start(ServerSettings::default());
    let mut first = Listener::new(&world, "", None);
    (0..3).for_each(|_| drop(world.edit(RENAME)));
    let heard = first.next().0;
    drop(first);
    (0..2).for_each(|_| drop(world.edit(RENAME)));
    let mut again = Listener::new(&world, "?after=1", Some(&heard));
    world.edit(RENAME);
    let ids: Vec<_> = (0..5).map(|_| again.next()).collect();
    let expected: Vec<_> = (REVISION + 2..=REVISION + 6).map(|revision| revision.to_string()).collect();
    assert_eq!(ids.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), expected);
    assert!(ids.iter().all(|(_, data)| data["all"] == false));
    // From a revision on; from one that nobody knows any more.
    let mut after = Listener::new(&world, &format!("?after={}", REVISION + 5), None);
    assert_eq!(after.next().0, (REVISION + 6).to_string());
    let mut lost = Listener::new(&world, "", Some("another server's"));
    let (id, data) = lost.next();
    assert_eq!((id, &data["all"]), ((REVISION + 6).to_string(), &Value::from(true)));
    assert_eq!(data["dirty"]["grids"][0], "0/0/0");
    world.get("/v1/events?after=x").problem(400);
    world.get("/v1/events?since=1").problem(400);
}

#[test]
fn listeners_are_let_go_at_the_end_and_no_more_are_taken() {
    let world = World::start(ServerSettings::default());
    let mut listener = Listener::new(&world, "", None);
    listener.until_blank();
    world.state.end_events();
    let mut rest = Vec::new();
    listener.0.read_to_end(&mut rest).unwrap();
    let refused = world.get("/v1/events");
    assert!(!refused.header("retry-after").is_empty());
    refused.problem(503);
}

#[test]
fn only_so_many_listen_at_a_time() {
    let world = World::start(ServerSettings::default());
    let all: Vec<_> = (0..256).map(|_| Listener::new(&world, "", None)).collect();
    let refused = world.get("/v1/events");
    assert!(!refused.header("retry-after").is_empty());
    refused.problem(503);
    drop(all);
    // The places are free again as soon as the server notices that nobody is there.
    let freed = || world.edit(RENAME).revision() > 0 && figures(&world).contains("gewu_event_listeners 0");
    assert!((0..50).any(|_| freed()), "{}", figures(&world));
}
