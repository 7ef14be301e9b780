//! The clients of analysts: GDAL's OGC API driver, and OWSLib.

use std::process::Command;

use serde_json::Value;

use crate::python;
use crate::support::region;

fn run(mut command: Command) -> String {
    let output = command.output().unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}\n{error}");
    out.into_owned()
}

fn source() -> String {
    format!("OAPIF:{}", region().url("/"))
}

fn count(statement: &'static str) -> i64 {
    let world = region();
    let pool = world.wait(world.database.pool());
    world.wait(sqlx::query_scalar(statement).fetch_one(&pool)).unwrap()
}

#[test]
fn ogrinfo_lists_every_collection_with_its_count_extent_and_fields() {
    let mut command = Command::new("ogrinfo");
    command.args(["-so", "-al"]).arg(source());
    let info = run(command);
    let parts: Vec<_> = info.split("Layer name: ").collect();
    let layer = |name: &str| *parts.iter().find(|part| part.lines().next() == Some(name)).unwrap();
    let counted = |count: i64| format!("Feature Count: {count}\n");
    assert!(layer("grids").contains(&counted(count("select count(*) from gewu.current_grid"))), "{info}");
    assert!(layer("buildings").contains(&counted(count("select count(*) from gewu.building"))), "{info}");
    assert!(layer("grids").contains("Extent: (98."), "{info}");
    for field in ["code: String", "level: Integer", "valid_from: DateTime", "leaf: Integer(Boolean)"] {
        assert!(layer("grids").contains(field), "{field} in {info}");
    }
}

#[test]
fn ogr2ogr_pages_through_thirty_thousand_features_and_gets_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("buildings.gpkg");
    let mut command = Command::new("ogr2ogr");
    command
        .args(["-f", "GPKG", "-limit", "30000", "-oo", "PAGE_SIZE=1000"])
        .arg(&target)
        .arg(source())
        .arg("buildings");
    run(command);
    let connection = rusqlite::Connection::open(&target).unwrap();
    let (rows, distinct): (i64, i64) = connection
        .query_row("select count(*), count(distinct id) from buildings", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((rows, distinct), (30_000, 30_000));
}

#[test]
fn ogr2ogr_passes_box_and_filter_on_and_gets_what_postgis_has() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("part.geojson");
    let mut command = Command::new("ogr2ogr");
    command.args([
        "-f",
        "GeoJSON",
        "-spat",
        "100.2",
        "25.55",
        "100.25",
        "25.62",
        "-where",
        "class = 'residential'",
    ]);
    command.args(["-oo", "PAGE_SIZE=1000"]).arg(&target).arg(source()).arg("buildings");
    run(command);
    let list: Value = serde_json::from_str(&std::fs::read_to_string(target).unwrap()).unwrap();
    let expected = count(
        "select count(*) from gewu.building where class = 'residential' and \
         st_intersects(geom, st_makeenvelope(100.2, 25.55, 100.25, 25.62, 4490))",
    );
    assert!(expected > 0);
    assert_eq!(list["features"].as_array().unwrap().len() as i64, expected);
}

#[test]
fn owslib_reads_collections_queryables_and_filtered_items() {
    let program = r#"
import json, sys
from owslib.ogcapi.features import Features
w = Features(sys.argv[1])
conf = w.conformance()["conformsTo"]
assert any(c.endswith("ogcapi-features-1/1.0/conf/core") for c in conf)
assert "grids" in w.feature_collections(), w.feature_collections()
c = w.collection("grids")
assert c["storageCrs"].endswith("4490")
q = w.collection_queryables("grids")
assert q["properties"]["level"]["type"] == "integer"
found = w.collection_items("grids", limit=7, filter="level = 2", bbox=[100.0, 25.0, 100.6, 26.2])
one = w.collection_item("grids", found["features"][0]["id"])
assert one["properties"]["level"] == 2
print(json.dumps({"matched": found["numberMatched"]}))
"#;
    let mut command = python::command(&python::with(&["owslib"]));
    command.arg("-c").arg(program).arg(region().url("/"));
    let found: Value = serde_json::from_str(&run(command)).unwrap();
    let expected = count(
        "select count(*) from gewu.current_grid where level = 2 and st_intersects(geom, st_makeenvelope(100.0, 25.0, 100.6, 26.2, 4490))",
    );
    assert_eq!(found["matched"], expected);
}
