//! Five hundred marked residents in the database: nothing that anybody not entitled can see of the program has a mark of one of them.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Request;

use crate::matrix::asks::{Ask, asks, other_methods};
use crate::matrix::callers::{Caller, callers};
use crate::matrix::judged::answered;
use crate::matrix::region::Place;
use crate::matrix::table::{Relation, Seen, Table};
use crate::matrix::{on_threads, region, serving};
use crate::place::Server;
use crate::unpacked;
use crate::world::{Answer, World, agent};

/// 150 in each of three leaves, and 50 in no grid. Everything that is written down of them is theirs alone.
pub(crate) const MARKED: &str = "
insert into gewu.person (county, id, source, source_id, household, name, phone, address, tags, leaf_id, geom)
select coalesce(g.county, '000000'), gen_random_uuid(), 'hunt', '猎源' || k, '猎户' || k, '猎人' || k, '1366666' || k, '猎路' || k, '{mobility_impaired}',
  g.grid_id, coalesce(st_pointonsurface(g.geom), st_setsrid(st_point(101, 26), 4490))
from (select n, lpad(n::text, 4, '0') as k, case n % 10 when 0 then null when 1 then '532901001' when 2 then '532901001' when 3 then '532901001'
  when 4 then '532901003' when 5 then '532901003' when 6 then '532901003' else '532902' end as code from generate_series(1, 500) n) one
left join gewu.current_grid g on g.code = one.code";
/// The last two are what masks leave of a name and a phone.
pub(crate) const MARKS: [&str; 7] = ["猎源0", "猎户0", "猎人0", "13666660", "猎路0", "猎*", "136****0"];
/// Of those who serve; whole they are for whom the duty needs them.
pub(crate) const STAFF: [&str; 2] = ["1387777", "值守5"];

pub(crate) fn marks_in(text: &str) -> Vec<&'static str> {
    MARKS.into_iter().filter(|mark| text.contains(mark)).collect()
}

/// Does the table show residents to this caller in this row, somewhere?
fn is_entitled(table: &Table, caller: &Caller, ask: &Ask<'_>) -> bool {
    let is_shown = ask.row.shows.iter().any(|field| field == "resident");
    is_shown && table.sees("home", caller.role, Relation::Inside) > Seen::Nothing
}

/// Whom a caller is shown, who does not live in its area.
fn strangers(caller: &Caller, answer: &Answer) -> Vec<String> {
    let Ok(document) = serde_json::from_slice::<Value>(&answer.body) else { return Vec::new() };
    let features = document["features"].as_array().cloned().unwrap_or_else(|| vec![document]);
    let grids = features
        .iter()
        .filter(|one| one["id"].is_string())
        .map(|one| one["properties"]["grid"].as_str().unwrap_or("none"));
    grids.filter(|grid| caller.relation(grid) != Relation::Inside).map(str::to_owned).collect()
}

fn hunted(server: &Server, table: &Table, caller: &Caller, ask: &Ask<'_>) -> Vec<String> {
    let answer = answered(server, caller, ask);
    let found = match is_entitled(table, caller, ask) {
        true => strangers(caller, &answer),
        false => marks_in(&unpacked::answer(&answer)).into_iter().map(str::to_owned).collect(),
    };
    // Headers, too: an address or a problem may stand in one.
    let headers = format!("{:?}", answer.headers);
    let told =
        |what: &dyn std::fmt::Debug| format!("{} {} ({}): {what:?}", ask.method, ask.address, caller.name());
    let in_headers = marks_in(&headers);
    let mut all = Vec::new();
    all.extend((!found.is_empty()).then(|| told(&found)));
    all.extend((!in_headers.is_empty()).then(|| told(&in_headers)));
    all
}

/// What nobody should ask: identities of residents where something else belongs, and half a mark to find the rest.
fn wrong_asks(person: &str) -> Vec<String> {
    let routes = gewu::http::operations()
        .into_iter()
        .filter(|(method, path)| *method == "GET" && *path != "/v1/events");
    let with_identity = routes.map(|(_, path)| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { person } else { part });
        parts.collect::<Vec<_>>().join("/")
    });
    let wrong = [
        "?id=PERSON",
        "?limit=PERSON",
        "?grid=PERSON&after=PERSON",
        "?filter=id%3D%27PERSON%27",
        "?q=%E7%8C%8E%E4%BA%BA",
        "?sortby=name",
    ];
    let mut all: Vec<String> = Vec::new();
    for address in with_identity {
        all.extend(wrong.iter().map(|query| format!("{address}{}", query.replace("PERSON", person))));
        all.push(address);
    }
    for query in ["%E7%8C%8E", "%E7%8C%8E%E4%BA%BA", "%E7%8C%8E%E8%B7%AF", "lr", "lieren", "1366666"] {
        all.push(format!("/v1/search?q={query}"));
        all.push(format!("/v1/grids?q={query}"));
    }
    for filter in
        ["name%20LIKE%20%27%E7%8C%8E%25%27", "phone%20IS%20NOT%20NULL", "person.name%20%3D%20%27x%27"]
    {
        for collection in ["people", "grids", "buildings", "facilities"] {
            all.push(format!("/collections/{collection}/items?filter={filter}"));
        }
        all.push(format!("/tiles/overview/10/797/436?filter={filter}"));
    }
    all
}

/// Something that travels packed, and what everybody who is let in finds in it once it is unpacked.
struct Packed {
    address: String,
    /// Media type and body, and what is wanted for it, where something is sent.
    send: Option<[&'static str; 3]>,
    encoding: &'static str,
    told: &'static str,
}

/// Every format of features, tiles of every tileset, and a batch as Arrow, in every encoding.
fn packed_asks() -> Vec<Packed> {
    let tilesets = gewu::tiles::Tilesets::embedded().unwrap();
    let arrow = ["text/csv", "lon,lat\n100.27,25.6\n", "application/vnd.apache.arrow.stream"];
    let mut all = Vec::new();
    for encoding in ["identity", "gzip", "br", "zstd"] {
        let mut add = |address: String, send, told| all.push(Packed { address, send, encoding, told });
        for (collection, told) in
            [("grids", "532901003"), ("facilities", "school"), ("buildings", "residential")]
        {
            for format in ["json", "html", "geojsonseq", "csv", "fgb", "parquet"] {
                add(format!("/collections/{collection}/items?f={format}"), None, told);
            }
        }
        // Where a house, a school and people of 532901003 are.
        for name in tilesets.names_from_memory() {
            add(format!("/tiles/{name}/14/12755/6986"), None, "");
        }
        add("/tiles/grids,facilities/14/12755/6986".to_owned(), None, "school");
        add("/v1/resolve?crs=wgs84&fields=code,responsible".to_owned(), Some(arrow), "532901003");
    }
    all
}

/// What is wrong with a packed answer: a mark in it, more or less of who serves there than the table shows, or not what is to be found.
fn unpacked_and_hunted(
    server: &Server,
    table: &Table,
    place: &Place,
    caller: &Caller,
    ask: &Packed,
) -> Option<String> {
    let address = format!("{}{}", server.origin, ask.address);
    let answer = match ask.send {
        None => {
            let request = caller.sign(Request::get(address)).header("accept-encoding", ask.encoding);
            agent().run(request.body(()).unwrap())
        }
        Some([media, body, wanted]) => {
            let request = caller.sign(Request::post(address)).header("accept-encoding", ask.encoding);
            let request = request.header("content-type", media).header("accept", wanted);
            agent().run(request.body(body).unwrap())
        }
    };
    let answer = Answer::read(answer.unwrap());
    let said = unpacked::answer(&answer);
    let contact = match ask.send {
        Some(_) => table.sees("contact", caller.role, caller.relation(place.code)),
        None => Seen::Nothing,
    };
    let is_right = answer.status == 200
        && said.contains(ask.told)
        && marks_in(&said).is_empty()
        && place.seen("contact", &said) == contact;
    (!is_right).then(|| {
        let (name, marks) = (caller.name(), marks_in(&said));
        format!("{} in {} ({name}): {} {marks:?} {said:.200}", ask.address, ask.encoding, answer.status)
    })
}

#[test]
fn no_answer_to_whom_is_not_entitled_has_a_mark_of_a_resident() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let world = World::start(Default::default());
    let places = region::mark(&world);
    world.edit(MARKED);
    let people: Vec<String> = world.wait(async {
        let pool = world.database.pool().await;
        sqlx::query_scalar("select id::text from gewu.person where source = 'hunt'")
            .fetch_all(&pool)
            .await
            .unwrap()
    });
    assert_eq!(people.len(), 500);
    let traced = [("GEWU_LOG", "trace")];
    let (provider, server) = serving(&world, &traced, Stdio::from(std::fs::File::create(&log).unwrap()));
    let (table, callers) = (Table::read(), callers(&provider, &server));

    // Everything that there is, for everybody.
    let mut asks = asks(&table, &places);
    asks.extend(other_methods(&table, &places));
    let all: Vec<_> = callers.iter().flat_map(|caller| asks.iter().map(move |ask| (caller, ask))).collect();
    let mut found = on_threads(&all, |(caller, ask)| hunted(&server, &table, caller, ask));
    // What is wrong.
    let wrong = wrong_asks(&people[0]);
    let all: Vec<_> =
        callers.iter().flat_map(|caller| wrong.iter().map(move |address| (caller, address))).collect();
    let some: Vec<_> =
        all.iter().filter(|(caller, _)| caller.area.is_none_or(|area| area != "532901")).collect();
    found.extend(on_threads(&some, |(caller, address)| {
        let request = Request::get(format!("{}{address}", server.origin)).header("accept-encoding", "gzip");
        let answer = Answer::read(agent().run(caller.sign(request).body(()).unwrap()).unwrap());
        let is_theirs = address.starts_with("/collections/people/items") && answer.status == 200;
        let marks = if is_theirs { Vec::new() } else { marks_in(&unpacked::answer(&answer)) };
        let broken = answer.status >= 500 && answer.status != 503;
        (broken || !marks.is_empty())
            .then(|| format!("{address} ({}): {} {marks:?}", caller.name(), answer.status))
            .into_iter()
            .collect()
    }));
    let packed = packed_asks();
    let known = callers.iter().filter(|caller| caller.role != "anonymous");
    let all: Vec<_> = known.flat_map(|caller| packed.iter().map(move |ask| (caller, ask))).collect();
    found.extend(on_threads(&all, |(caller, ask)| {
        unpacked_and_hunted(&server, &table, &places[0], caller, ask).into_iter().collect()
    }));
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
    // Whoever is entitled was shown some: the marks are there to be found.
    let worker = callers.iter().find(|caller| caller.role == "worker").unwrap();
    let shown = Request::get(format!("{}/collections/people/items?limit=100", server.origin));
    let shown = Answer::read(agent().run(worker.sign(shown).body(()).unwrap()).unwrap());
    assert_eq!(marks_in(&shown.text()), ["猎户0", "猎人0", "13666660", "猎路0"]);
    events(&world, &server, &callers, &people);
    drop(server);
    written(&log, &callers);
}

/// Residents come, move and go while everybody listens.
fn events(world: &World, server: &Server, callers: &[Caller], people: &[String]) {
    let listening: Vec<_> = callers
        .iter()
        .filter(|caller| caller.role != "anonymous" && caller.area != Some("532901"))
        .map(|caller| {
            let request = caller.sign(Request::get(format!("{}/v1/events", server.origin)));
            (caller, agent().run(request.body(()).unwrap()).unwrap().into_body().into_reader())
        })
        .collect();
    world.edit(
        "update gewu.person set name = name || 'x', geom = st_translate(geom, 0.0001, 0) where source_id < '猎源0050' and source = 'hunt';
         delete from gewu.person where source_id = '猎源0499'",
    );
    for (caller, mut stream) in listening {
        let (mut heard, begun) = (String::new(), Instant::now());
        // The comment at the beginning, then at least one event.
        while !heard.contains("data:") && begun.elapsed() < Duration::from_secs(20) {
            let mut bytes = [0; 65_536];
            let count = stream.read(&mut bytes).unwrap();
            heard += &String::from_utf8_lossy(&bytes[..count]);
        }
        assert!(heard.contains("data:"), "{}: {heard}", caller.name());
        assert!(
            marks_in(&heard).is_empty() && !people.iter().any(|person| heard.contains(person)),
            "{}: {heard}",
            caller.name()
        );
    }
}

/// What the server wrote down of all that, at the level where it writes the most.
fn written(log: &Path, callers: &[Caller]) {
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    assert!(log.lines().count() > 10_000, "{} lines", log.lines().count());
    let lines = |mark: &str| log.lines().find(|line| line.contains(mark)).map(str::to_owned);
    for mark in MARKS.iter().chain(&STAFF) {
        assert_eq!(lines(mark), None, "{mark} in the log");
    }
    for caller in callers {
        assert!(
            !caller.tokens().any(|token| log.contains(token)),
            "the token of {} in the log",
            caller.name()
        );
    }
}
