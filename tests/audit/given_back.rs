//! What a commander opened is closed before its time: given back, or ended by those who watch over it.

use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::break_glass::{SOON, open, until_areas};
use crate::ledger::read;
use crate::place::Server;
use crate::serve::made;
use crate::world::{Answer, World, agent};

const PEOPLE: &str = "/collections/people/items";

/// Two servers on one database, and those who have to do with what is open.
struct Scene {
    place: World,
    servers: [Server; 2],
    commander: String,
    other: String,
    auditor: String,
    admin: String,
}

impl Scene {
    fn new() -> Self {
        let place = World::start(Default::default());
        let url = place.database.url();
        let [commander, other] = [(); 2].map(|()| made(&url, "commander", "532901001"));
        let [auditor, admin] = ["auditor", "admin"].map(|role| made(&url, role, "all"));
        let servers = [(); 2].map(|()| Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null()));
        for server in &servers {
            for key in [&commander, &other, &auditor, &admin] {
                server.until("/v1/access", key, 200);
            }
        }
        Self { place, servers, commander, other, auditor, admin }
    }

    /// Identities of the grids of codes, in their order.
    fn areas(&self, codes: &[&str]) -> Value {
        let grid = |code: &&str| {
            self.servers[0].get(&format!("/v1/grids/{code}"), &self.auditor).json()["id"].clone()
        };
        let mut all: Vec<_> = codes.iter().map(grid).map(|id| id.as_str().unwrap().to_owned()).collect();
        all.sort_unstable();
        json!(all)
    }

    /// Opens an area; its identity.
    fn open(&self, area: &str) -> String {
        let wish = json!({"reason": "东岸洪水，转移一层住户", "minutes": 30, "area": area});
        let opened = open(&self.servers[0], &self.commander, &wish);
        assert_eq!(opened.status, 201, "{}", opened.text());
        serde_json::from_slice::<Value>(&opened.body).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Closes by one server what stands under `path`.
    fn close(&self, path: &str, key: &str) -> Answer {
        let request = agent().delete(format!("{}/v1/break-glass{path}", self.servers[0].origin));
        Answer::read(request.header("authorization", format!("Bearer {key}")).call().unwrap())
    }

    /// Until every server gives the commander these areas; at once, or this fails.
    fn has(&self, codes: &[&str]) {
        let (begun, areas) = (Instant::now(), self.areas(codes));
        for server in &self.servers {
            until_areas(server, &self.commander, &areas);
        }
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    }

    /// What the auditor reads: notices by identity, and entries.
    fn told(&self) -> Value {
        self.servers[1].get("/v1/audit?entity=break_glass", &self.auditor).json()
    }
}

fn notice<'a>(told: &'a Value, id: &str) -> &'a Value {
    told["break_glass"].as_array().unwrap().iter().find(|notice| notice["id"] == id).unwrap()
}

#[test]
fn a_commander_gives_back_what_it_opened_on_every_server_at_once_and_the_auditor_is_told() {
    let scene = Scene::new();
    let opened = [scene.open("532902"), scene.open("532901003")];
    scene.has(&["532901001", "532901003", "532902"]);
    for server in &scene.servers {
        assert_eq!(server.get(PEOPLE, &scene.commander).status, 200);
    }
    // Somebody else has nothing to give back, and ends nothing of it.
    assert_eq!(scene.close("", &scene.other).json(), json!({"ended": []}));
    scene.has(&["532901001", "532901003", "532902"]);

    let answer = scene.close("", &scene.commander);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json(), json!({"ended": opened}));
    scene.has(&["532901001"]);
    for server in &scene.servers {
        assert_eq!(server.get(PEOPLE, &scene.commander).status, 403);
        assert!(server.get("/metrics", &scene.auditor).text().contains("\ngewu_break_glass 0\n"));
    }
    let told = scene.told();
    let ends: Vec<_> = told["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] == "break_glass_end")
        .collect();
    for (id, entry) in opened.iter().zip(&ends) {
        let notice = notice(&told, id);
        assert_eq!((&notice["open"], &notice["ended_by"]), (&json!(false), &notice["subject"]));
        assert!(notice["ended"].as_str().unwrap() < notice["until"].as_str().unwrap(), "{notice}");
        assert_eq!((&entry["ids"], &entry["area"]), (&json!([id]), &json!([notice["area"]])));
        assert_eq!((&entry["subject"], &entry["roles"]), (&notice["subject"], &json!(["commander"])));
    }
    assert_eq!(ends.len(), 2);
    // Once only, and what is opened again is open.
    assert_eq!(scene.close("", &scene.commander).json(), json!({"ended": []}));
    scene.open("532902");
    scene.has(&["532901001", "532902"]);
    let (log, verdict) = scene.place.wait(read(&scene.place.database.store));
    assert!(
        verdict.is_ok() && log.iter().filter(|entry| entry.event.action == "break_glass_end").count() == 2
    );
}

#[test]
fn those_who_watch_over_it_end_one_and_nobody_else_does() {
    let scene = Scene::new();
    let [first, second, third] = ["532902", "532901003", "532901002"].map(|area| scene.open(area));
    scene.has(&["532901001", "532901002", "532901003", "532902"]);
    let url = scene.place.database.url();
    for role in ["public", "integrator", "worker", "grid_office", "analyst"] {
        let key = made(&url, role, "all");
        scene.servers[0].until("/v1/access", &key, 200);
        for path in ["", &format!("/{first}")] {
            scene.close(path, &key).problem(403);
        }
    }
    for key in [&scene.auditor, &scene.admin] {
        scene.close("", key).problem(403);
    }
    // Whose it is, and that it is, is not told to another commander.
    let nobody = scene.close("/00000000-0000-7000-8000-000000000000", &scene.other).problem(404);
    let elsewhere = scene.close(&format!("/{first}"), &scene.other).problem(404);
    assert_eq!(elsewhere["detail"], nobody["detail"]);
    scene.close("/532902", &scene.auditor).problem(404);
    scene.close(&format!("/{first}?why=none"), &scene.auditor).problem(400);
    scene.close("?id=none", &scene.commander).problem(400);
    scene.has(&["532901001", "532901002", "532901003", "532902"]);

    for (id, key, left) in [
        (&first, &scene.auditor, &["532901001", "532901002", "532901003"][..]),
        (&second, &scene.admin, &["532901001", "532901002"]),
        (&third, &scene.commander, &["532901001"]),
    ] {
        assert_eq!(scene.close(&format!("/{id}"), key).json(), json!({"ended": [id]}));
        scene.has(left);
        scene.close(&format!("/{id}"), key).problem(404);
    }
    let told = scene.told();
    let by = |id: &str| notice(&told, id)["ended_by"].clone();
    let all = [by(&first), by(&second), by(&third)];
    assert!(all[0] != all[1] && all[1] != all[2] && all[2] == notice(&told, &third)["subject"], "{all:?}");
    assert!(scene.place.wait(read(&scene.place.database.store)).1.is_ok());
}

#[test]
fn whoever_listens_behind_glass_listens_no_longer_once_it_is_closed() {
    let scene = Scene::new();
    scene.open("532902");
    scene.has(&["532901001", "532902"]);
    let request = agent().get(format!("{}/v1/events", scene.servers[1].origin));
    let answer = request.header("authorization", format!("Bearer {}", scene.commander)).call().unwrap();
    let mut stream = answer.into_body().into_reader();
    scene.close("", &scene.commander);
    let begun = Instant::now();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert!(begun.elapsed() < 2 * SOON + Duration::from_secs(1), "{:?}", begun.elapsed());
}
