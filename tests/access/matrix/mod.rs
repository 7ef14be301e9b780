//! Every route, for every role, area, place and format, against a table that is written from the domain (`expectations.toml`).

pub(crate) mod asks;
pub(crate) mod callers;
pub(crate) mod judged;
pub(crate) mod region;
pub(crate) mod table;

use std::process::Stdio;

use self::asks::{asks, other_methods};
use self::callers::callers;
use self::judged::judged;
use self::table::Table;
use crate::place::{Server, get, key, keys_only, world};
use crate::provider::Provider;
use crate::world::World;

/// Requests at a time.
pub(crate) const AT_ONCE: usize = 16;

/// The provider and a server of its own process that takes its tokens.
pub(crate) fn serving(world: &World, environment: &[(&str, &str)], log: Stdio) -> (Provider, Server) {
    let provider = Provider::start();
    let mut settings = vec![
        ("GEWU_OIDC_ISSUER", provider.issuer.as_str()),
        ("GEWU_OIDC_AUDIENCE", "gewu"),
        ("GEWU_OIDC_CLOCK_SKEW", "5"),
    ];
    settings.extend(environment);
    let server = Server::start(&world.database.url(), &settings, log);
    (provider, server)
}

/// Does something with each of many on some threads, and gathers what comes of it.
pub(crate) fn on_threads<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> Vec<R> + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let run = || {
        let mut gathered = Vec::new();
        while let Some(one) = all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            gathered.extend(work(one));
        }
        gathered
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let table = Table::read();
    let mut known = gewu::http::operations();
    known.sort_unstable();
    assert_eq!(
        table.routes(),
        known,
        "a route without a row, or a row without a route (tests/access/matrix/expectations.toml)"
    );
    // What the server tells of itself is the same.
    let world = world(keys_only());
    let (key, text) = key(&["public"], None);
    world.state.gate().keys().unwrap().replace(vec![key]);
    let document = get(&world, "/openapi.json", &text).json();
    let told = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
    });
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    assert!(told.iter().map(|(method, path)| (method.as_str(), path.as_str())).eq(table.routes()));
}

#[test]
fn every_caller_gets_of_every_route_what_the_table_says() {
    let world = World::start(Default::default());
    let places = region::mark(&world);
    let (provider, server) = serving(&world, &[], Stdio::null());
    let (table, callers) = (Table::read(), callers(&provider, &server));
    let mut asks = asks(&table, &places);
    asks.extend(other_methods(&table, &places));
    let combinations: Vec<_> =
        callers.iter().flat_map(|caller| asks.iter().map(move |ask| (caller, ask))).collect();
    let wrong = on_threads(&combinations, |(caller, ask)| judged(&server, &table, &places, caller, ask));
    let shown = wrong.iter().take(80).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} differ from the table:\n{shown}", wrong.len(), combinations.len());
    assert!(combinations.len() > 5_000, "{}", combinations.len());
}

/// The test of the test: what a server shows too much, or too little, is told with its row.
#[test]
fn a_server_that_differs_from_the_table_is_told_by_its_rows() {
    const OTHER: &str = "
        [workers]
        name = { everybody = \"visible\" }
        [people]
        name = { analyst = \"visible\" }
        household = { worker = \"visible\" }";
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("other.toml");
    std::fs::write(&policy, OTHER).unwrap();
    let world = World::start(Default::default());
    let places = region::mark(&world);
    let settings = [("GEWU_ACCESS_POLICY", policy.to_str().unwrap())];
    let (provider, server) = serving(&world, &settings, Stdio::null());
    let table = Table::read();
    let token = |role| callers::caller(&provider, role, "532901003");
    let told = |role: &'static str| {
        let caller = token(role);
        let asks: Vec<_> =
            asks(&table, &places).into_iter().filter(|ask| !ask.row.shows.is_empty()).collect();
        on_threads(&asks, |ask| judged(&server, &table, &places, &caller, ask)).join("\n")
    };
    let analyst = told("analyst");
    assert!(
        analyst.contains("[GET /collections/people/items]") && analyst.contains("resident of 532901003"),
        "{analyst}"
    );
    assert!(
        analyst.contains("[GET /v1/grids/{code}/staff]")
            && analyst.contains("contact of 532902: Value, not Masked"),
        "{analyst}"
    );
    let worker = told("worker");
    assert!(worker.contains("resident of 532901003: Nothing, not Value"), "{worker}");
}
