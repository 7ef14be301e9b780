//! A small place with every case in it, in PostGIS, and a server in front of it.
//!
//! ```text
//!        100.0        100.2  100.25  100.3      100.4      100.5
//! 25.8   +------------+------+-------+----------+----------+
//!        | 532901001  | ..002| ..003 |  532902  | nobody's |     5329 around all of it,
//! 25.5   +------------+------+-------+----------+----------+     532901 around the three on the left
//! ```

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};

use chrono::Utc;
use geo::{Geometry, Point, Rect};
use gewu::atlas::Atlas;
use gewu::config::{CommonSettings, Config, ServerSettings};
use gewu::features::Collections;
use gewu::http::{AppState, Door};
use gewu::model::{
    Absence, Assignment, County, Grid, Level, LevelName, LevelScheme, Resource, ResourceId, Role, Span,
    Worker, WorkerId,
};
use gewu::store::{Following, ImportKind, Store};
use gewu::tiles::Tilesets;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use ureq::Agent;
use ureq::http::{HeaderMap, Response, StatusCode};
use uuid::Uuid;

use crate::common::{self, TestDatabase, database};

/// A telephone number of everybody in it; none may ever leave the house.
pub(crate) const PHONES: [&str; 7] =
    ["13800001111", "13812341234", "13800003333", "13800004444", "13800005555", "13800006666", "13800007777"];
/// The people who serve it: head, absent, substitute (absent too), substitute of the substitute, part time, away
/// without a substitute, reporter.
pub(crate) const NAMES: [&str; 7] = ["李建国", "张伟", "王芳", "欧阳修", "赵敏", "孙丽", "周游"];

/// The number of its latest revision: one import, then one grid that was retired by hand.
pub(crate) const REVISION: i64 = 2;

static SHARED: Mutex<Weak<World>> = Mutex::new(Weak::new());

/// The place and its server.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) workers: Vec<Worker>,
    pub(crate) database: TestDatabase,
    pub(crate) state: AppState,
    runtime: Option<Runtime>,
}

/// The one that all tests share while any of them holds it.
pub(crate) fn world() -> Arc<World> {
    let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let world = shared.upgrade().unwrap_or_else(|| Arc::new(World::start(ServerSettings::default())));
    *shared = Arc::downgrade(&world);
    world
}

impl World {
    /// One of its own, with settings.
    pub(crate) fn start(settings: ServerSettings) -> Self {
        Self::with(settings, Tilesets::embedded().unwrap())
    }

    /// One with a catalogue of its own.
    pub(crate) fn with(settings: ServerSettings, tilesets: Tilesets) -> Self {
        let place = async {
            let database = database().await;
            let workers = fill(&database.store).await;
            retire(&database).await;
            (database, workers)
        };
        Self::of(place, settings, tilesets, Collections::embedded().unwrap())
    }

    /// One in front of a database that is there.
    pub(crate) fn of(
        place: impl Future<Output = (TestDatabase, Vec<Worker>)>,
        settings: ServerSettings,
        tilesets: Tilesets,
        collections: Collections,
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let (address, workers, database, state) = runtime.block_on(async {
            let (database, workers) = place.await;
            let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
            let common = CommonSettings::default();
            let listen = Some("127.0.0.1:0".to_owned());
            let settings = ServerSettings { listen, ..settings };
            let config = Config::load(Some(&empty_file()), common, settings).unwrap();
            let door = Door::open(&config).await.unwrap();
            let address = door.address();
            let state = AppState::new(config, database.store.clone(), atlas, tilesets).unwrap();
            let state = state.with_collections(collections);
            tokio::spawn(door.serve(state.clone(), std::future::pending()));
            (address, workers, database, state)
        });
        Self { address, workers, database, state, runtime: Some(runtime) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, Vec::new())
    }

    /// Waits for something, on the runtime of the server.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(work)
    }

    /// Runs a statement and puts the atlas that follows in place, as a server does that follows its database.
    pub(crate) fn edit(&self, statement: &'static str) -> Arc<Atlas> {
        self.wait(async {
            let pool = self.database.pool().await;
            sqlx::raw_sql(statement).execute(&pool).await.unwrap();
            pool.close().await;
            let current = self.state.atlas();
            let following = self.database.store.read_delta(current.revision()).await.unwrap();
            let delta = match following {
                Following::Delta(delta) => delta,
                Following::Unchanged => return current,
                Following::Rebuild { reason } => panic!("{reason}"),
            };
            let next = Arc::new(current.apply(delta).unwrap());
            self.state.replace_atlas(Arc::clone(&next));
            next
        })
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string().into_bytes())
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body.is_empty() {
            true => agent().run(request.body(()).unwrap()),
            false => agent().run(request.body(body).unwrap()),
        };
        Answer::read(response.unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(crate) fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).accept_encoding("identity");
    config.timeout_global(Some(std::time::Duration::from_secs(60))).build().into()
}

fn empty_file() -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty.toml");
    std::fs::write(&path, "").unwrap();
    path
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn read(mut response: Response<ureq::Body>) -> Self {
        let body = response.body_mut().with_config().limit(1 << 28).read_to_vec().unwrap();
        let status: StatusCode = response.status();
        Self { status: status.as_u16(), headers: response.headers().clone(), body }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The JSON of an answer that went well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem document of an answer of this status.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], status);
        for member in ["type", "title", "detail", "instance"] {
            assert!(problem[member].is_string(), "{member} of {problem}");
        }
        problem
    }
}

/// The codes of a list of grids.
pub(crate) fn codes(grids: &Value) -> Vec<&str> {
    grids.as_array().unwrap().iter().map(|grid| grid["code"].as_str().unwrap()).collect()
}

fn levels() -> LevelScheme {
    let level = |number: i64, name: &str, name_en: &str| LevelName {
        level: Level::new(number).unwrap(),
        name: name.to_owned(),
        name_en: name_en.to_owned(),
        min_zoom: 0,
        max_zoom: 22,
    };
    LevelScheme {
        levels: vec![level(1, "州", "prefecture"), level(2, "县市", "county"), level(3, "网格", "grid")],
    }
}

fn grid(code: &str, level: i64, parent: Option<&Grid>, name: &str, west: f64, east: f64) -> Grid {
    let territory = Rect::new((west, 25.5), (east, 25.8)).to_polygon();
    Grid {
        name: name.to_owned(),
        households: (level == 3).then_some(321),
        ..common::grid(code, level, parent, territory)
    }
}

fn place(collection: &str, number: usize, class: &str, lon: f64) -> Resource {
    Resource {
        id: ResourceId(Uuid::now_v7()),
        county: County::none(),
        source: "test".to_owned(),
        source_id: format!("{collection}-{number}"),
        class: class.to_owned(),
        name: Some(format!("{class} {number}")),
        address: None,
        properties: Map::new(),
        geometry: Geometry::Point(Point::new(lon, 25.6)),
        leaf: None,
        invented: true,
    }
}

/// So many people at each of these longitudes: 3, 7 and 20 in the three leaves of 532901, 9 in 532902.
const PEOPLE: [(f64, usize); 4] = [(100.1, 3), (100.22, 7), (100.27, 20), (100.35, 9)];

async fn fill(store: &Store) -> Vec<Worker> {
    let mut import = store.begin_import(ImportKind::Sample, "test").await.unwrap();
    import.put_level_scheme(&levels()).await.unwrap();
    let top = grid("5329", 1, None, "大理白族自治州", 100.0, 100.5);
    let county = grid("532901", 2, Some(&top), "大理市", 100.0, 100.3);
    let other = grid("532902", 2, Some(&top), "漾濞县", 100.3, 100.4);
    let leaf = |code: &str, name: &str, west, east| grid(code, 3, Some(&county), name, west, east);
    let west = leaf("532901001", "下关", 100.0, 100.2);
    let middle = leaf("532901002", "凤仪", 100.2, 100.25);
    let east = leaf("532901003", "洱海", 100.25, 100.3);
    import.put_grids(&[top, county.clone(), other, west, middle.clone(), east.clone()]).await.unwrap();
    let facilities = [("school", 100.27), ("school", 100.1), ("hydrant", 100.35)];
    let facilities =
        facilities.iter().enumerate().map(|(at, (class, lon))| place("facilities", at, class, *lon));
    import.put_resources("facilities", &facilities.collect::<Vec<_>>()).await.unwrap();
    let mut house = place("buildings", 0, "residential", 100.27);
    house.geometry = Geometry::Polygon(Rect::new((100.27, 25.6), (100.2702, 25.6002)).to_polygon());
    house.properties = Map::from_iter([("height_m".to_owned(), json!(18.0))]);
    import.put_resources("buildings", &[house]).await.unwrap();
    let people = PEOPLE.iter().flat_map(|(lon, count)| (0..*count).map(move |at| (*lon, at)));
    let people: Vec<_> = people
        .enumerate()
        .map(|(number, (lon, _))| Resource {
            class: "person".into(), ..place("people", number, "某人", lon)
        })
        .collect();
    import.put_resources("people", &people).await.unwrap();
    let workers = staff(&mut import, &county, &middle, &east).await;
    import.commit().await.unwrap();
    workers
}

async fn staff(
    import: &mut gewu::store::ImportTransaction,
    county: &Grid,
    middle: &Grid,
    east: &Grid,
) -> Vec<Worker> {
    let worker = |at: usize| Worker {
        id: WorkerId(Uuid::now_v7()),
        source: "hr".to_owned(),
        source_id: at.to_string(),
        name: NAMES[at].to_owned(),
        phone: Some(PHONES[at].to_owned()),
        organisation: Some("大理市网格中心".to_owned()),
        role: if at == 6 { Role::Reporter } else { Role::FullTime },
        invented: true,
    };
    let workers: Vec<_> = (0..NAMES.len()).map(worker).collect();
    let assignment = |at: usize, grid: &Grid, role: Role, rank: u8| Assignment {
        id: Uuid::now_v7(),
        worker: workers[at].id,
        grid: grid.id,
        county: grid.county.clone(),
        role,
        rank,
        span: Span::ALWAYS,
    };
    let away = Span { from: Some(Utc::now() - chrono::Duration::days(2)), until: None };
    let absence = |at: usize, substitute: Option<usize>| Absence {
        id: Uuid::now_v7(),
        worker: workers[at].id,
        substitute: substitute.map(|at| workers[at].id),
        span: away,
    };
    import.put_workers(&workers).await.unwrap();
    let assignments = [
        assignment(0, county, Role::Head, 1),
        assignment(1, east, Role::FullTime, 1),
        assignment(4, east, Role::PartTime, 2),
        assignment(5, middle, Role::FullTime, 1),
    ];
    import.put_assignments(&assignments).await.unwrap();
    import.put_absences(&[absence(1, Some(2)), absence(2, Some(3)), absence(5, None)]).await.unwrap();
    workers
}

/// Makes one more revision: the same place, stored again.
pub(crate) async fn revise(store: &Store) {
    let mut import = store.begin_import(ImportKind::Sample, "test").await.unwrap();
    import.put_level_scheme(&levels()).await.unwrap();
    let top = grid("5329", 1, None, "大理白族自治州", 100.0, 100.5);
    let leaf = grid("532901001", 3, Some(&top), "下关", 100.0, 100.3);
    import.put_grids(&[top, leaf]).await.unwrap();
    import.commit().await.unwrap();
}

/// A grid that was, 532901009, whose land went to 532901001; written by hand, since nothing retires grids yet.
async fn retire(database: &TestDatabase) {
    let pool = database.pool().await;
    let old = Uuid::now_v7();
    let statements = [
        "insert into gewu.grid (county, id, created_revision) values ('532901', $1, 1)",
        "insert into gewu.grid_code (county, scheme, code, grid_id) values ('532901', 'division', '532901009', $1)",
        "insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, name, geom) \
         select '532901', $1, 1, tstzrange('2020-01-01', '2025-01-01'), 'division', '532901009', 3, '旧网格', geom \
         from gewu.grid_version where code = '532901001'",
        "insert into gewu.lineage (revision, from_county, from_id, to_county, to_id, share) \
         select 1, '532901', $1, county, grid_id, 1 from gewu.grid_version where code = '532901001'",
    ];
    for statement in statements {
        sqlx::query(statement).bind(old).execute(&pool).await.unwrap();
    }
    pool.close().await;
}
