//! Residents: who sees them, what of them, and that both walls hold.

use std::process::Stdio;

use serde_json::Value;
use sqlx::{Connection, PgConnection};

use crate::place::{Server, token};
use crate::world::World;

/// Nobody is called so but residents.
const MARKERS: [&str; 3] = ["标记人", "标记路", "139999900"];
const ITEMS: &str = "/collections/people/items";

/// Twelve residents in each of two leaves.
const RESIDENTS: &str = "
insert into gewu.person (county, id, source, source_id, household, name, phone, address, tags, leaf_id, geom)
select g.county, gen_random_uuid(), 'marked', g.code || n, '户' || n, '标记人' || n, '1399999' || lpad(n::text, 4, '0'), '标记路' || n || '号',
  '{lives_alone}', g.grid_id, st_pointonsurface(g.geom)
from gewu.current_grid g, generate_series(1, 12) n where g.code in ('532901001', '532901003')";

struct Place {
    world: World,
    server: Server,
}

impl Place {
    fn new() -> Self {
        let world = World::start(Default::default());
        world.edit(RESIDENTS);
        let server = Server::start(&world.database.url(), &[("GEWU_API_KEYS", "true")], Stdio::null());
        Self { world, server }
    }

    /// A key that the server takes already.
    fn key(&self, role: &str, area: &str) -> String {
        let arguments = ["create", "--name", "test", "--role", role, "--area", area];
        let (code, out, error) = token(&self.world.database.url(), &arguments);
        assert_eq!(code, Some(0), "{error}");
        self.server.until("/v1/access", out.trim(), 200);
        out.trim().to_owned()
    }

    fn features(&self, path: &str, key: &str) -> Vec<Value> {
        let answer = self.server.get(path, key);
        assert_eq!(
            (answer.status, answer.headers["cache-control"].to_str().unwrap()),
            (200, "no-store"),
            "{}",
            answer.text()
        );
        answer.json()["features"].as_array().unwrap().clone()
    }
}

fn all<'a>(features: &'a [Value], field: &str) -> Vec<&'a str> {
    features.iter().filter_map(|feature| feature["properties"][field].as_str()).collect()
}

#[test]
fn a_worker_sees_the_residents_of_the_grids_that_they_serve_and_nobody_else() {
    let place = Place::new();
    let worker = place.key("worker", "532901001");
    let own = place.features(&format!("{ITEMS}?limit=100"), &worker);
    let marked: Vec<_> =
        own.iter().filter(|one| one["properties"]["name"].as_str().unwrap().starts_with("标记人")).collect();
    assert_eq!(marked.len(), 12);
    assert!(all(&own, "grid").iter().all(|grid| *grid == "532901001"));
    let first = &marked[0]["properties"];
    assert!(first["phone"].as_str().unwrap().starts_with("1399999") && first["address"].is_string());
    assert!(first.get("tags").is_none(), "tags ask for a purpose");
    assert_eq!(place.server.get(&format!("{ITEMS}?grid=532901003"), &worker).status, 403);
    // One by one, too; who lives elsewhere is as unknown as who does not exist.
    let office = place.key("grid_office", "532901003");
    let others = place.features(&format!("{ITEMS}?limit=100"), &office);
    let id = |feature: &Value| feature["id"].as_str().unwrap().to_owned();
    assert_eq!(place.server.get(&format!("{ITEMS}/{}", id(marked[0])), &worker).status, 200);
    let elsewhere = place.server.get(&format!("{ITEMS}/{}", id(&others[0])), &worker);
    let nobody = place.server.get(&format!("{ITEMS}/00000000-0000-7000-8000-000000000000"), &worker);
    assert_eq!(elsewhere.problem(404)["detail"], nobody.problem(404)["detail"]);
    // Masked for the office.
    let names = all(&others, "name");
    assert!(names.len() >= 12 && names.iter().all(|name| name.contains('*')), "{names:?}");
    assert!(all(&others, "phone").iter().all(|phone| phone.contains('*')));
}

#[test]
fn an_area_opens_what_lies_below_it_and_pages_name_everybody_once() {
    let place = Place::new();
    let worker = place.key("worker", "532901");
    let mut path = format!("{ITEMS}?limit=5");
    let mut seen = Vec::new();
    loop {
        let answer = place.server.get(&path, &worker).json();
        let features = answer["features"].as_array().unwrap();
        assert!(features.len() <= 5 && answer.get("numberMatched").is_none());
        seen.extend(features.iter().map(|feature| feature["id"].as_str().unwrap().to_owned()));
        match answer["links"][0]["href"].as_str() {
            Some(next) => {
                path = next.strip_prefix(&place.server.origin).expect("an absolute address").to_owned()
            }
            None => break,
        }
    }
    let expected: Vec<String> = place.world.wait(async {
        let pool = place.world.database.pool().await;
        sqlx::query_scalar(
            "select p.id::text from gewu.person p join gewu.current_grid g on g.grid_id = p.leaf_id where g.code like '532901%' order by p.id",
        )
        .fetch_all(&pool)
        .await
        .unwrap()
    });
    assert_eq!(seen, expected);
    let inner = place.features(&format!("{ITEMS}?grid=532901003&limit=100"), &worker);
    assert!(inner.len() >= 12 && all(&inner, "grid").iter().all(|grid| *grid == "532901003"));
}

#[test]
fn tags_open_with_a_purpose_and_only_to_whom_they_may() {
    let place = Place::new();
    let worker = place.key("worker", "532901001");
    let get = |purpose: &str| {
        let request = crate::world::agent().get(format!("{}{ITEMS}?limit=100", place.server.origin));
        let request =
            request.header("authorization", format!("Bearer {worker}")).header("gewu-purpose", purpose);
        crate::world::Answer::read(request.call().unwrap())
    };
    assert!(get("service").text().contains("lives_alone"));
    assert_eq!(get("curiosity").status, 400);
    assert!(!place.server.get(&format!("{ITEMS}?limit=100"), &worker).text().contains("lives_alone"));
}

#[test]
fn whoever_serves_no_residents_gets_none_whatever_they_ask() {
    let place = Place::new();
    for role in ["public", "integrator", "analyst", "commander", "auditor", "admin"] {
        let key = place.key(role, "all");
        for path in [
            ITEMS.to_owned(),
            format!("{ITEMS}?grid=532901001"),
            format!("{ITEMS}/00000000-0000-7000-8000-000000000000"),
        ] {
            assert_eq!(place.server.get(&path, &key).status, 403, "{role} {path}");
        }
        for path in [
            "/v1/search?q=标记人1",
            "/v1/search?q=标记路1号",
            "/v1/resolve?lon=100.1&lat=25.6&crs=wgs84",
            "/v1/stats?collection=people&level=4",
            "/v1/nearby?lon=100.1&lat=25.6&crs=wgs84&radius=3000&collections=people",
            "/v1/grids/532901001/overview",
            "/collections/people",
            "/collections/people/schema",
            "/collections/buildings/items",
            "/collections?f=json",
            "/tiles/overview/12/3188/1746",
            "/metrics",
            "/v1/status",
            "/v1/events?none=1",
        ] {
            let answer = place.server.get(
                &path
                    .replace('标', "%E6%A0%87")
                    .replace('记', "%E8%AE%B0")
                    .replace('人', "%E4%BA%BA")
                    .replace('路', "%E8%B7%AF")
                    .replace('号', "%E5%8F%B7"),
                &key,
            );
            let text = String::from_utf8_lossy(&answer.body);
            assert!(
                answer.status < 500 && MARKERS.iter().all(|marker| !text.contains(marker)),
                "{role} {path}: {text}"
            );
        }
    }
}

/// As a handler that forgot to ask would read them.
#[test]
fn the_database_shows_a_server_no_residents_but_those_of_the_areas_that_it_names() {
    let place = Place::new();
    place.world.wait(async {
        let mut server = PgConnection::connect_with(&place.world.database.options().options([("role", "gewu_server")])).await.unwrap();
        let count = "select count(*) from gewu.person";
        let number = async |connection: &mut PgConnection, text: &'static str| -> i64 { sqlx::query_scalar(text).fetch_one(connection).await.unwrap() };
        assert_eq!(number(&mut server, count).await, 0, "nothing is named");
        let area: String = sqlx::query_scalar("select grid_id::text from gewu.current_grid where code = '532901003'").fetch_one(&mut server).await.unwrap();
        for (areas, marked) in [(area.clone(), 12), ("*".to_owned(), 24), (String::new(), 0), (uuid::Uuid::nil().to_string(), 0)] {
            let mut tx = server.begin().await.unwrap();
            sqlx::query("select set_config('gewu.areas', $1, true)").bind(areas).execute(&mut *tx).await.unwrap();
            assert_eq!(number(&mut tx, "select count(*) from gewu.person where name like '标记人%'").await, marked);
            tx.rollback().await.unwrap();
        }
        assert_eq!(number(&mut server, count).await, 0, "what a transaction named is forgotten with it");
        for refused in [
            "select * from gewu.person_00",
            "update gewu.person set name = 'x'",
            "delete from gewu.person",
            "insert into gewu.worker (id, source, source_id, name, role) values (gen_random_uuid(), 'x', 'x', 'x', 'head')",
            "update gewu.api_key set revoked = null",
            "delete from gewu.revision",
            "alter table gewu.person disable row level security",
            "create table gewu.mine (id int)",
            "copy gewu.person to '/tmp/people'",
        ] {
            let error = sqlx::raw_sql(refused).execute(&mut server).await.unwrap_err();
            assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{refused}: {error}");
        }
        let rights: (bool, bool) = sqlx::query_as(
            "select r.rolsuper, exists (select from pg_class c where c.relnamespace = 'gewu'::regnamespace and c.relowner = r.oid) \
             from pg_roles r where rolname = current_user",
        )
        .fetch_one(&mut server)
        .await
        .unwrap();
        assert_eq!(rights, (false, false), "no superuser, and no owner");
        // Places alone, for counts.
        let columns: Vec<String> = sqlx::query_scalar("select attname::text from pg_attribute where attrelid = 'gewu.person_place'::regclass and attnum > 0 order by attnum")
            .fetch_all(&mut server)
            .await
            .unwrap();
        assert_eq!(columns, ["county", "id", "leaf_id", "geom"]);
    });
}

#[test]
fn whoever_was_shown_residents_is_in_the_log_which_names_none() {
    let place = Place::new();
    let worker = place.key("worker", "532901001");
    let shown = place.features(&format!("{ITEMS}?limit=3"), &worker);
    let first = shown[0]["id"].as_str().unwrap();
    assert_eq!(place.server.get(&format!("{ITEMS}/{first}"), &worker).status, 200);
    let log: Vec<(String, i64, Vec<uuid::Uuid>, String)> = place.world.wait(async {
        let pool = place.world.database.pool().await;
        let mut tx = pool.begin().await.unwrap();
        sqlx::raw_sql("set local gewu.auditor = 'on'").execute(&mut *tx).await.unwrap();
        sqlx::query_as("select subject, rows, entity_ids, to_jsonb(a)::text from gewu.audit a where entity = 'people' and action = 'read' order by id")
            .fetch_all(&mut *tx)
            .await
            .unwrap()
    });
    let id = gewu::access::KeySecret::read(&worker).unwrap().id;
    let counts: Vec<_> =
        log.iter().map(|(subject, rows, ids, _)| (subject.as_str(), *rows, ids.len())).collect();
    let subject = format!("key:{id}");
    assert_eq!(counts, [(subject.as_str(), 3, 3), (subject.as_str(), 1, 1)]);
    assert_eq!(log[1].2[0].to_string(), first);
    assert!(log.iter().all(|(.., row)| MARKERS.iter().all(|marker| !row.contains(marker))));
}

#[test]
fn a_commander_sees_residents_where_the_glass_is_broken_and_nowhere_else() {
    let place = Place::new();
    let commander = place.key("commander", "532902");
    assert_eq!(place.server.get(ITEMS, &commander).status, 403);
    let broken = crate::world::agent()
        .post(format!("{}/v1/break-glass", place.server.origin))
        .header("authorization", format!("Bearer {commander}"))
        .header("content-type", "application/json")
        .send(
            serde_json::json!({"reason": "东岸泥石流，撤离一楼住户", "minutes": 5, "area": "532901003"})
                .to_string(),
        )
        .unwrap();
    assert!(broken.status().is_success(), "{}", broken.status());
    place.server.until(ITEMS, &commander, 200);
    let seen = place.features(&format!("{ITEMS}?limit=100"), &commander);
    assert!(seen.len() >= 12 && all(&seen, "grid").iter().all(|grid| *grid == "532901003"));
    assert!(all(&seen, "name").iter().any(|name| name.starts_with("标记人")));
    assert_eq!(place.server.get(&format!("{ITEMS}?grid=532901001"), &commander).status, 403);
    assert_eq!(
        place.server.get(&format!("{ITEMS}?grid=532902"), &commander).status,
        403,
        "its own area opens none"
    );
}
