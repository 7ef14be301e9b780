//! What tries to be more than a value changes nothing and shows nothing.

use crate::support::query;
use crate::world::world;

const ATTEMPTS: [&str; 24] = [
    "'",
    "''",
    "\\'",
    "' or '1'='1",
    "'; drop table gewu.facility; --",
    "1; select pg_sleep(10)",
    "class = 'school' or 1=1; --",
    "class = 'school'; delete from gewu.facility",
    "class = (select name from gewu.person limit 1)",
    "class in (select hash::text from gewu.api_key)",
    "pg_sleep(10) = 1",
    "class = 'x' union select name from gewu.worker",
    "class = $1",
    "class = 'a' and current_setting('data_directory') like '%'",
    "\"class\" = 'x\" or \"a\" = \"a'",
    "class like '%' escape ''",
    "class = E'\\047 or true --'",
    "class = 'school'/**/or/**/true",
    "name = chr(39)",
    "class = 'school' or exists (select 1)",
    "s_intersects(geometry, (select geom from gewu.person limit 1))",
    "s_intersects(geometry, ST_GeomFromText('POINT(0 0)'))",
    "class = U&'\\0027 or true'",
    "(class = 'school') or (true) --",
];

#[test]
fn injection_attempts_change_nothing_and_show_nothing() {
    let world = world();
    let pool = world.wait(world.database.pool());
    let count = || {
        let count = sqlx::query_scalar::<_, i64>("select count(*) from gewu.facility");
        world.wait(count.fetch_one(&pool)).unwrap()
    };
    let before = count();
    let all = world.get("/collections/facilities/items").json()["numberMatched"].clone();
    let parameters = [
        "filter",
        "class",
        "name",
        "sortby",
        "properties",
        "bbox",
        "datetime",
        "cursor",
        "crs",
        "limit",
        "count",
        "f",
        "bbox-crs",
        "filter-crs",
        "filter-lang",
    ];
    for attempt in ATTEMPTS {
        for parameter in parameters {
            let began = std::time::Instant::now();
            let answer =
                world.get(&format!("/collections/facilities/items?{}", query(&[(parameter, attempt)])));
            assert!(began.elapsed().as_secs() < 5, "{parameter}={attempt}");
            let text = answer.text();
            match answer.status {
                // A value that nothing has.
                200 => assert_eq!(answer.json()["numberMatched"], 0, "{parameter}={attempt}"),
                400 => {}
                status => panic!("{parameter}={attempt}: {status} {text}"),
            }
            for word in ["syntax error", "pg_", "gewu.person\"", "SELECT", "某人", "张伟"] {
                assert!(!text.contains(word) || attempt.contains(word), "{parameter}={attempt}: {text}");
            }
        }
        world.get(&format!("/collections/facilities/items/{}", encoded(attempt))).problem(404);
        world.get(&format!("/collections/{}/items", encoded(attempt))).problem(404);
    }
    assert_eq!(count(), before);
    assert_eq!(world.get("/collections/facilities/items").json()["numberMatched"], all);
}

#[test]
fn people_and_workers_are_closed_and_not_listed() {
    let world = world();
    let list = world.get("/collections").text();
    for closed in ["people", "workers"] {
        assert!(!list.contains(closed));
        for path in [
            "",
            "/items",
            "/queryables",
            "/schema",
            "/items/00000000-0000-4000-8000-000000000000",
            "/items?f=csv",
        ] {
            world.get(&format!("/collections/{closed}{path}")).problem(403);
        }
    }
}

/// A part of a path.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
