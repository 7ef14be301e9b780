//! Tables over the wire: joined with other tilesets, kept by those who read them, gone and back.

use std::process::Command;

use crate::place::{Place, decoded, tileset};
use crate::world::REVISION;

const ROADS: &str = "create table public.roads (gid int primary key, name text, geom geometry(linestring, 4490)); \
    insert into roads select n, 'road ' || n, st_setsrid(st_makeline(st_makepoint(100 + n * 0.01, 25.5), st_makepoint(100.1 + n * 0.01, 25.8)), 4490) \
    from generate_series(1, 20) n; create index on roads using gist (geom)";
const FIELDS: &str = "feature_id = 'gid'\n[layer.fields]\nname = '名称 Name'";

fn roads() -> Place {
    Place::new(ROADS, &[tileset("roads", "public.roads", FIELDS)])
}

#[test]
fn a_table_is_joined_with_tilesets_from_memory_in_one_tile() {
    let place = roads();
    for names in ["grids,roads", "roads,grids", "roads,grids,facilities"] {
        let answer = place.get(&format!("/tiles/{names}/10/797/436"));
        assert_eq!((answer.status, answer.header("gewu-revision")), (200, REVISION.to_string().as_str()));
        assert!(!decoded(answer.body.clone(), "roads").is_empty(), "{names}");
        assert!(!decoded(answer.body, "grid_3").is_empty(), "{names}");
    }
    let alone = decoded(place.get("/tiles/grids/10/797/436").body, "roads");
    assert!(alone.is_empty(), "the grids alone are without roads");
}

#[test]
fn a_tile_of_a_table_is_asked_for_again_and_has_a_tag_from_what_is_in_it() {
    let place = roads();
    for path in ["/tiles/roads/10/797/436", "/tiles/grids,roads/10/797/436"] {
        let first = place.get(path);
        let tag = first.header("etag").to_owned();
        assert_eq!(first.header("cache-control"), "no-cache");
        assert!(!tag.is_empty());
        let again = place.world.get_with(path, &[("if-none-match", &tag)]);
        assert_eq!((again.status, again.body.len()), (304, 0));
        place.run("update roads set name = name || '!'");
        let changed = place.world.get_with(path, &[("if-none-match", &tag)]);
        assert_eq!(changed.status, 200, "nobody told of the change, and the answer has it");
        assert_ne!(changed.header("etag"), tag);
        let versioned = place.get(&format!("{path}?v=2-5"));
        assert_eq!(versioned.header("cache-control"), "no-cache");
    }
}

#[test]
fn the_tilejson_tells_fields_zooms_and_how_far_the_table_reaches() {
    let deep = format!("max_zoom = 12\n{FIELDS}").replace("min_zoom = 0", "min_zoom = 6");
    let bare = tileset("bare", "public.unindexed", "");
    let unindexed = format!("{ROADS}; create view public.unindexed as select * from roads where gid < 5");
    let place = Place::new(&unindexed, &[tileset("roads", "public.roads", &deep), bare]);
    let document = place.get("/tiles/roads").json();
    let layer = &document["vector_layers"][0];
    assert_eq!((&layer["id"], &layer["fields"]["name"]), (&"roads".into(), &"名称 Name".into()));
    assert_eq!((&layer["minzoom"], &layer["maxzoom"]), (&0.into(), &12.into()));
    let address = document["tiles"][0].as_str().unwrap();
    assert!(address.ends_with("/tiles/roads/{z}/{x}/{y}"), "{address}");
    let near = |document: &serde_json::Value, expected: [f64; 4]| {
        for (at, expected) in expected.into_iter().enumerate() {
            let side = document["bounds"][at].as_f64().unwrap();
            assert!((side - expected).abs() < 1e-3, "{document}");
        }
    };
    near(&document, [100.01, 25.5, 100.3, 25.8]);
    near(&place.get("/tiles/bare").json(), [100.01, 25.5, 100.14, 25.8]);
    let joined = place.get("/tiles/grids,roads").json();
    near(&joined, [100.0, 25.5, 100.5, 25.8]);
}

#[test]
fn a_table_that_vanishes_is_told_as_503_for_its_tilesets_alone_and_serves_again_when_it_is_back() {
    let place = roads();
    assert_eq!(place.get("/tiles/roads/10/797/436").status, 200);
    place.run("alter table roads rename to streets");
    for _ in 0..2 {
        let answer = place.get("/tiles/roads/10/797/436");
        answer.problem(503);
        assert!(!answer.header("retry-after").is_empty());
        let text = answer.text();
        assert!(!text.contains("select") && !text.contains("public.") && !text.contains("sqlx"), "{text}");
    }
    assert_eq!(place.get("/tiles/grids/10/797/436").status, 200);
    assert_eq!(place.get("/tiles/roads").status, 200, "what the catalogue says is still said");
    place.run("alter table streets rename to roads");
    assert_eq!(place.get("/tiles/roads/10/797/436").status, 200);
    place.run("alter table roads drop column name");
    place.get("/tiles/roads/10/797/436").problem(503);
}

#[test]
fn without_the_database_tables_are_503_and_everything_from_memory_goes_on() {
    let place = roads();
    assert_eq!(place.get("/tiles/roads/10/797/436").status, 200);
    place.world.wait(place.world.database.store.close());
    let answer = place.get("/tiles/grids,roads/10/797/436");
    answer.problem(503);
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(place.get("/tiles/grids,facilities/10/797/436").status, 200);
    assert_eq!(place.get("/tiles/roads").json()["bounds"][0], -180.0);
}

#[test]
fn names_with_quotes_and_statements_in_them_stay_names() {
    let preparation = "create schema \"weird; schema\"; \
        create table \"weird; schema\".\"ro\"\"ads'; drop table x; --\" (\"i\"\"d\" int, \"na'me\"\"; select 1\" text, \"ge\"\"om\" geometry(point, 4326)); \
        insert into \"weird; schema\".\"ro\"\"ads'; drop table x; --\" values (1, 'one', st_setsrid(st_makepoint(100.1, 25.6), 4326)); \
        create table public.x (id int)";
    let definition = "name = 'odd'\ntitle = 't'\nmax_zoom = 18\n[[layer]]\nid = \"o'd\\\"d\"\nsource = 'table'\ndescription = 'd'\nmin_zoom = 0\n\
        table = \"weird; schema.ro\\\"ads'; drop table x; --\"\nfeature_id = \"i\\\"d\"\n[layer.fields]\n\"na'me\\\"; select 1\" = 'n'\n";
    let place = Place::new(preparation, &[definition.to_owned()]);
    place.world.wait(place.world.state.check_tables()).unwrap();
    let features = place.features("odd", "o'd\"d", (3, 6, 3));
    assert_eq!(features[0].properties["na'me\"; select 1"], "one");
    assert_eq!(features[0].id, Some(1));
    assert_eq!(place.number("select count(*)::float8 from public.x"), 0.0, "the other table is still there");
}

/// The command, without settings of whoever runs the tests.
fn gewu(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gewu"));
    command.args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GEWU_")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_catalogue_that_does_not_read_or_does_not_fit_ends_the_start_as_a_mistake_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roads.toml");
    let catalogue = folder.path().to_str().unwrap();
    std::fs::write(&file, "name = 'roads'\ntitle = ").unwrap();
    let (code, error) = gewu(&["serve", "--listen", "127.0.0.1:0", "--catalogue", catalogue]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("roads.toml") && error.contains("line 2"), "{error}");

    let place = roads();
    let url = place.world.database.url();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--catalogue", catalogue, "--database-url", &url];
    std::fs::write(&file, tileset("roads", "public.raods", FIELDS)).unwrap();
    let data = tempfile::tempdir().unwrap();
    let (code, error) = gewu(&[&serve[..], &["--data-dir", data.path().to_str().unwrap()]].concat());
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("public.raods") && error.contains("public.roads"), "{error}");

    let out = folder.path().join("a.pmtiles");
    let bake = [
        "bake",
        "--out",
        out.to_str().unwrap(),
        "--zoom",
        "0-3",
        "--catalogue",
        catalogue,
        "--database-url",
        &url,
    ];
    let (code, error) = gewu(&[&bake[..], &["--tilesets", "grids,roads"]].concat());
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("roads") && error.contains("grids,buildings,facilities,overview"), "{error}");
    let (code, error) = gewu(&bake);
    assert_eq!(code, Some(0), "all but the tables are baked: {error}");
}
