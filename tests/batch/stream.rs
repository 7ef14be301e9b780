//! `POST /v1/resolve` as a stream.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{World, world};

const CSV: (&str, &str) = ("content-type", "text/csv");

fn post(world: &World, query: &str, headers: &[(&str, &str)], body: &str) -> crate::world::Answer {
    world.send("POST", &format!("/v1/resolve?{query}"), headers, body.as_bytes().to_vec())
}

#[test]
fn each_format_is_answered_in_itself_with_the_revision_in_the_header() {
    let world = world();
    let csv = post(&world, "crs=wgs84", &[CSV], "id,lon,lat\n7,100.2676,25.6065\n8,101,25.6\n");
    assert_eq!((csv.status, csv.header("gewu-revision"), csv.header("content-type")), (200, "2", "text/csv"));
    assert_eq!(
        csv.text(),
        "id,lon,lat,status,code,code_1,code_2,code_3,error\n\
         7,100.2676,25.6065,inside,532901003,5329,532901,532901003,\n\
         8,101,25.6,outside,,,,,\n"
    );
    let lines = post(
        &world,
        "crs=wgs84&fields=responsible",
        &[("content-type", "application/x-ndjson")],
        "{\"lon\":100.2676,\"lat\":25.6065,\"id\":7}\n",
    );
    let line: Value = serde_json::from_slice(&lines.body).unwrap();
    assert_eq!((&line["id"], &line["responsible"][0]["name"]), (&json!(7), &json!("欧**")));
    let other = [CSV, ("accept", "application/x-ndjson")];
    let other = post(&world, "crs=wgs84&fields=code", &other, "lon,lat\n100.1,25.6\n");
    assert_eq!(other.header("content-type"), "application/x-ndjson");
    assert_eq!(
        other.json(),
        json!({"row": 1, "lon": 100.1, "lat": 25.6, "status": "inside", "code": "532901001"})
    );
}

#[test]
fn what_cannot_begin_is_a_problem_and_not_a_stream() {
    let world = world();
    let problem = post(&world, "", &[CSV], "lon,lat\n1,2\n").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("guessed"), "{problem}");
    let problem = post(&world, "crs=wgs84", &[CSV], "x,y\n1,2\n").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("lon"), "{problem}");
    let arrow = [("content-type", "application/vnd.apache.arrow.stream")];
    post(&world, "crs=wgs84", &arrow, "lon,lat\n1,2\n").problem(400);
    post(&world, "crs=wgs84", &[CSV, ("accept", "image/png")], "lon,lat\n").problem(406);
}

/// Begins a request with a body of chunks.
fn begin(world: &World, media: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).unwrap();
    let head = format!(
        "POST /v1/resolve?crs=wgs84 HTTP/1.1\r\nhost: localhost\r\ncontent-type: {media}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn send(stream: &mut TcpStream, piece: &[u8]) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
    stream.write_all(piece)?;
    stream.write_all(b"\r\n")
}

/// The lines of the answer, without what HTTP puts around them: all that holds a comma.
fn lines(stream: TcpStream) -> impl Iterator<Item = String> {
    BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .skip_while(|line| !line.is_empty())
        .filter(|line| line.contains(','))
}

#[test]
fn a_sender_that_pauses_gets_the_answers_to_what_it_has_sent() {
    let world = world();
    let mut stream = begin(&world, "text/csv");
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    send(&mut stream, b"lon,lat\n100.1,25.6\n100.27,25.6").unwrap();
    let mut answers = lines(stream.try_clone().unwrap());
    assert!(answers.next().unwrap().starts_with("lon,lat,status"));
    assert!(answers.next().unwrap().starts_with("100.1,25.6,inside,532901001,"));
    send(&mut stream, b"\n100.22,25.6\n").unwrap();
    assert!(answers.next().unwrap().starts_with("100.27,25.6,inside,532901003,"));
    assert!(answers.next().unwrap().starts_with("100.22,25.6,inside,532901002,"));
}

#[test]
fn a_long_stream_is_answered_in_order_beyond_every_limit_in_bounded_memory() {
    const ROWS: usize = 1_000_000;
    // Less time than it takes, and less body than it has.
    let world = World::start(gewu::config::ServerSettings {
        request_timeout: Some(1),
        max_body_bytes: Some(1_024),
        max_batch_points: Some(1),
        ..Default::default()
    });
    let mut stream = begin(&world, "text/csv");
    let mut reader = stream.try_clone().unwrap();
    let before = resident_kib();
    let writer = std::thread::spawn(move || {
        send(&mut stream, b"id,lon,lat\n").unwrap();
        for block in 0..ROWS / 1_000 {
            let row = |at: usize| format!("{},100.{:03},25.6\n", block * 1_000 + at, at % 500);
            send(&mut stream, (0..1_000).map(row).collect::<String>().as_bytes()).unwrap();
        }
        send(&mut stream, b"").unwrap();
    });
    let mut most = 0;
    let (mut rows, mut rest, mut piece) = (0_usize, Vec::new(), vec![0; 1 << 16]);
    let mut ended = false;
    while !ended {
        let length = reader.read(&mut piece).unwrap();
        assert_ne!(length, 0, "the connection ended after {rows} rows");
        rest.extend_from_slice(&piece[..length]);
        ended = rest.ends_with(b"\r\n0\r\n\r\n");
        let whole =
            if ended { rest.len() } else { rest.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1) };
        let text = String::from_utf8(rest.drain(..whole).collect()).unwrap();
        // A row may be cut by the head of an HTTP chunk; the number of those that are not is what counts here.
        rows += text.matches(",inside,").count()
            + text.matches(",border,").count()
            + text.matches(",parent_only,").count();
        most = most.max(resident_kib());
    }
    writer.join().unwrap();
    assert!((ROWS - 200..=ROWS).contains(&rows), "{rows}");
    assert!(most - before < 200 << 10, "{} KiB more while 1,000,000 rows went through", most - before);
}

/// Resident memory of this process, the server's among it.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[test]
fn a_reader_that_stops_stops_the_sender_and_fills_no_memory() {
    let world = World::start(gewu::config::ServerSettings::default());
    let mut stream = begin(&world, "text/csv");
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let before = resident_kib();
    send(&mut stream, b"lon,lat\n").unwrap();
    let block = "100.27,25.6\n".repeat(10_000);
    let started = Instant::now();
    let mut sent = 0;
    while send(&mut stream, block.as_bytes()).is_ok() {
        sent += 10_000;
        assert!(sent < 20_000_000, "nothing held the sender back in {:?}", started.elapsed());
    }
    let more = resident_kib().saturating_sub(before);
    assert!(more < 200 << 10, "{more} KiB more after {sent} rows that nobody took");
    drop(stream);
    assert_eq!(world.get("/healthz").status, 200);
}

#[test]
fn a_body_that_breaks_off_within_a_row_is_no_whole_answer() {
    let world = world();
    let answer = post(&world, "crs=wgs84", &[CSV], "lon,lat\n100.1,25.6\n100.1,\"25");
    let text = answer.text();
    assert!(text.lines().last().unwrap().contains("row 2: the stream ends inside quotes"), "{text}");
}
