//! The sample region in every format, by every reader, against PostGIS.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::common::sample_region;
use crate::readers::{export, oracle, read, run, script};

const BOX: &str = "100.2,25.55,100.3,25.65";
const BUILDINGS: &str = "select json_build_object('id', id, 'properties', to_jsonb(t) - 'id' - 'geom', \
    'wkb', encode(st_asbinary(geom), 'hex'))::text from gewu.building_item t \
    where st_intersects(geom, st_makeenvelope(100.2, 25.55, 100.3, 25.65, 4490))";
const GRIDS: &str = "select json_build_object('id', g.grid_id, 'properties', jsonb_build_object('code', g.code, 'name', g.name, \
      'level', g.level, 'kind', g.kind, 'scheme', g.scheme, 'parent', p.code, 'households', g.households, 'invented', g.invented, \
      'leaf', not exists (select from gewu.current_grid c where c.parent_id = g.grid_id), \
      'valid_from', lower(g.valid), 'valid_to', upper(g.valid)), 'wkb', encode(st_asbinary(g.geom), 'hex'))::text \
    from gewu.current_grid g left join gewu.current_grid p on p.grid_id = g.parent_id where g.level <= 4";

#[tokio::test(flavor = "multi_thread")]
async fn buildings_of_a_town_are_what_postgis_has_in_every_format_to_every_reader() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let expected = folder.path().join("oracle");
    let count = oracle(&database, BUILDINGS, &expected).await;
    assert!(count > 1_000, "{count}");
    for (extension, readers) in [
        ("parquet", ["geoparquet", "duckdb"].as_slice()),
        ("fgb", &["pyogrio"]),
        ("gpkg", &["pyogrio"]),
        ("geojson", &["pyogrio"]),
        ("geojsonseq", &["pyogrio"]),
        ("csv", &["csv"]),
    ] {
        let file = folder.path().join("buildings").with_extension(extension);
        let said = export(&database, "buildings", &file, &["--bbox", BOX]);
        let bytes = std::fs::metadata(&file).unwrap().len();
        assert_eq!(said, format!("{}: {count} features, {bytes} bytes\n", file.display()));
        for reader in readers {
            let about = read(reader, &file, &expected, &[]);
            assert_eq!(about["count"], count, "{extension} by {reader}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grids_keep_their_tree_their_validity_and_their_territories() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let expected = folder.path().join("oracle");
    let count = oracle(&database, GRIDS, &expected).await;
    for (extension, reader) in [
        ("parquet", "geoparquet"),
        ("parquet", "duckdb"),
        ("fgb", "pyogrio"),
        ("gpkg", "pyogrio"),
        ("csv", "csv"),
    ] {
        let file = folder.path().join("grids").with_extension(extension);
        export(&database, "grids", &file, &["--filter", "level <= 4"]);
        let about = read(reader, &file, &expected, &[]);
        assert_eq!(about["count"], count, "{extension} by {reader}");
        if reader == "geoparquet" {
            let column = &about["geo"]["columns"]["geometry"];
            assert_eq!(about["geo"]["version"], "1.1.0");
            assert_eq!((&column["encoding"], &column["crs"]), (&json!("WKB"), &json!(null)), "CRS84");
            assert_eq!(column["geometry_types"], json!(["MultiPolygon"]));
            assert_eq!(about["types"]["valid_from"], "timestamp[us, tz=UTC]");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_reference_system_is_named_in_the_file_with_easting_before_northing() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let expected = folder.path().join("oracle");
    let projected = BUILDINGS.replace("st_asbinary(geom)", "st_asbinary(st_transform(geom, 4542))");
    oracle(&database, &projected, &expected).await;
    for (extension, reader) in [("parquet", "geoparquet"), ("fgb", "pyogrio"), ("gpkg", "pyogrio")] {
        let file = folder.path().join("buildings").with_extension(extension);
        export(&database, "buildings", &file, &["--bbox", BOX, "--crs", "EPSG:4542"]);
        let about = read(reader, &file, &expected, &["4542"]);
        assert_eq!(about["crs"], json!("EPSG:4542"), "{extension}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gdal_of_the_machine_lists_fields_and_features() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let count = oracle(&database, BUILDINGS, &folder.path().join("oracle")).await;
    for extension in ["fgb", "gpkg", "geojson", "geojsonseq"] {
        let file = folder.path().join("buildings").with_extension(extension);
        export(&database, "buildings", &file, &["--bbox", BOX]);
        let info = run(Command::new("ogrinfo").args(["-so", "-al"]).arg(&file));
        assert!(info.contains(&format!("Feature Count: {count}\n")), "{info}");
        for said in ["invented: Integer(Boolean)", "floors: Integer", "height_m: Real", "class: String"] {
            assert!(info.contains(said), "{said} in {info}");
        }
    }
}

async fn scalar(database: &crate::common::TestDatabase, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(&database.pool().await).await.unwrap()
}

fn joined(polygons: &Path, points: &Path) -> i64 {
    let mut command = script("join.py");
    run(command.arg(polygons).arg(points)).trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sedonadb_joins_leaf_grids_with_all_facilities_as_postgis_does() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let [grids, facilities] = ["grids.parquet", "facilities.parquet"].map(|name| folder.path().join(name));
    export(&database, "grids", &grids, &["--filter", "leaf = true", "--properties", "code"]);
    export(&database, "facilities", &facilities, &[]);
    let expected = "select count(*) from gewu.facility f join gewu.current_grid g on st_intersects(f.geom, g.geom) \
        where not exists (select from gewu.current_grid c where c.parent_id = g.grid_id)";
    let expected = scalar(&database, expected).await;
    assert!(expected > 100, "{expected}");
    assert_eq!(joined(&grids, &facilities), expected);
}
