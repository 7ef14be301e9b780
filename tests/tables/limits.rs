//! Limits of time, of features and of connections, and the end of what nobody waits for.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::place::{Place, tileset};

/// A view of 400 points whose every row takes 100 ms.
const SLOW: &str = "create table public.spots (id int, at geometry(point, 4326)); \
    insert into spots select n, st_setsrid(st_makepoint(100 + n * 0.001, 25.5), 4326) from generate_series(1, 400) n; \
    create view public.slow as select id, at from spots where pg_sleep(0.1)::text is not null";

/// How many statements run on it, in the eyes of the database.
const RUNNING: &str = "select count(*)::float8 from pg_stat_activity where state = 'active' and query like '%slow%' and query not like '%pg_stat%' \
    and datname = current_database()";

/// A request for a slow tile that is under way.
fn asked(place: &Place) -> TcpStream {
    let mut stream = TcpStream::connect(place.world.address).unwrap();
    stream.write_all(b"GET /tiles/slow/3/6/3 HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    stream
}

fn wait_until(place: &Place, running: f64, patience: Duration) -> Duration {
    let began = Instant::now();
    while place.number(RUNNING) != running {
        assert!(began.elapsed() < patience, "{} run, not {running}", place.number(RUNNING));
        std::thread::sleep(Duration::from_millis(20));
    }
    began.elapsed()
}

#[test]
fn a_query_over_its_time_limit_is_ended_and_the_answer_names_the_limit() {
    let place = Place::new(SLOW, &[tileset("slow", "public.slow", "time_limit_ms = 300")]);
    let began = Instant::now();
    let problem = place.get("/tiles/slow/3/6/3").problem(504);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("slow") && detail.contains("300 ms") && detail.contains("time_limit_ms"),
        "{detail}"
    );
    assert!(!problem.to_string().contains("select"), "{problem}");
    wait_until(&place, 0.0, Duration::from_secs(2));
    assert_eq!(place.get("/tiles/slow/12/0/0").status, 204, "the connection is good for more");
}

#[test]
fn more_features_than_the_limit_are_refused_and_none_is_left_out() {
    let place = Place::new(SLOW, &[tileset("spots", "public.spots", "max_features = 399")]);
    let detail = place.get("/tiles/spots/3/6/3").problem(422)["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("spots") && detail.contains("399") && detail.contains("max_features"),
        "{detail}"
    );
    place.run("delete from spots where id = 7");
    assert_eq!(place.features("spots", "spots", (3, 6, 3)).len(), 399);
}

#[test]
fn a_query_whose_reader_left_is_gone_from_the_database_and_its_connection_serves_again() {
    let place = Place::new(SLOW, &[tileset("slow", "public.slow", "time_limit_ms = 30000")]);
    assert_eq!(place.get("/tiles/slow/12/0/0").status, 204, "looked at before");
    for _ in 0..3 {
        let streams: Vec<_> = (0..4).map(|_| asked(&place)).collect();
        wait_until(&place, 4.0, Duration::from_secs(5));
        drop(streams);
        let took = wait_until(&place, 0.0, Duration::from_secs(2));
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
    let (connections, _) = place.world.state.store().connections();
    assert!(connections <= 8, "{connections} connections");
    assert_eq!(place.get("/tiles/slow/12/0/0").status, 204, "what was cancelled is good for more");
}

#[test]
fn when_all_connections_for_tables_are_taken_one_more_waits_and_is_told_when_to_try_again() {
    let place = Place::new(SLOW, &[tileset("slow", "public.slow", "time_limit_ms = 30000")]);
    assert_eq!(place.get("/tiles/slow/12/0/0").status, 204);
    // Eight connections, of which two are for everything else.
    let streams: Vec<_> = (0..6).map(|_| asked(&place)).collect();
    wait_until(&place, 6.0, Duration::from_secs(5));
    let began = Instant::now();
    let answer = place.get("/tiles/slow/3/6/3");
    answer.problem(503);
    assert!(!answer.header("retry-after").is_empty());
    assert!(began.elapsed() > Duration::from_secs(4), "it waited for its turn: {:?}", began.elapsed());
    // Meanwhile everything else goes on, what needs the database included.
    assert_eq!(place.get("/tiles/grids/10/797/436").status, 200);
    assert_eq!(place.get("/v1/grids/532901009").status, 410);
    drop(streams);
    wait_until(&place, 0.0, Duration::from_secs(3));
}
