//! Imports of real files, written on the spot by GDAL, into a real PostGIS.

mod common;
#[path = "ingest/defects.rs"]
mod defects;
#[path = "ingest/neighbours.rs"]
mod neighbours;
#[path = "ingest/others.rs"]
mod others;
#[path = "ingest/region.rs"]
mod region;

use std::path::Path;

use gewu::geom::china::{wgs84_to_bd09, wgs84_to_gcj02};
use gewu::ingest::{ImportOptions, IngestError, import_grids};
use gewu::model::LonLat;
use region::*;
use tempfile::tempdir;

#[tokio::test(flavor = "multi_thread")]
async fn six_formats_give_the_same_grids() {
    let directory = tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let json = write_region(&at("region.geojson"), same);
    let multi = ["-nlt", "MULTIPOLYGON", "-nln", "region"];
    let files = [
        ogr2ogr(&json, &at("gbk.shp"), &["-lco", "ENCODING=GBK"]),
        ogr2ogr(&json, &at("region.gpkg"), &[]),
        ogr2ogr(&json, &at("region.fgb"), &[]),
        ogr2ogr(&json, &at("region.kml"), &["-f", "KML"]),
        ogr2ogr(&json, &at("region.gdb"), &[&["-f", "OpenFileGDB"], &multi[..]].concat()),
        ogr2ogr(&json, &at("region.tab"), &["-f", "MapInfo File", "-lco", "ENCODING=CP936"]),
    ];
    let expected = {
        let database = common::database().await;
        let report = import(&database, &json, mapping()).await;
        assert_eq!((report.read, report.accepted, report.inserted), (7, 7, 7), "{report:?}");
        assert!(mended(&report).is_empty() && report.rejected.is_empty(), "{report:?}");
        grids(&database).await
    };
    assert_eq!(expected.len(), 7);
    assert!(
        expected[1].starts_with("division|532901001000|下关街道|2|532901000000|MULTIPOLYGON"),
        "{expected:?}"
    );
    for file in files {
        let database = common::database().await;
        let report = import(&database, &file, mapping()).await;
        assert!(report.committed, "{}: {report:?}", file.display());
        let found = grids(&database).await;
        assert_eq!(comparable(&found), comparable(&as_written(&file, &expected)), "{}", file.display());
        assert_eq!(found.len(), expected.len());
    }
}

/// The name of this grid has a character beyond GBK; a driver that writes GBK replaces it.
fn comparable(grids: &[String]) -> Vec<&String> {
    grids.iter().filter(|grid| !grid.contains("532901002001002")).collect()
}

/// MapInfo has no null numbers: GDAL writes them as 0.
fn as_written(file: &Path, grids: &[String]) -> Vec<String> {
    let mut grids = grids.to_vec();
    for (_, name, level, _, households, ..) in REGION {
        if households.is_none() && file.extension().is_some_and(|extension| extension == "tab") {
            let (null, zero) = (format!("|{name}|{level}|"), format!("|{name}|{level}|0|"));
            grids.iter_mut().for_each(|grid| *grid = grid.replacen(&null, &zero, 1));
        }
    }
    grids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shapefile_that_does_not_say_its_encoding_is_read_as_gbk_and_that_is_said() {
    let directory = tempdir().unwrap();
    let json = write_region(&directory.path().join("region.geojson"), same);
    let shapefile = ogr2ogr(&json, &directory.path().join("x.shp"), &["-lco", "ENCODING=GBK"]);
    std::fs::remove_file(directory.path().join("x.cpg")).unwrap();
    // Byte 29 of the table is the language driver: nothing declared.
    let mut table = std::fs::read(directory.path().join("x.dbf")).unwrap();
    table[29] = 0;
    std::fs::write(directory.path().join("x.dbf"), table).unwrap();
    let database = common::database().await;
    let report = import(&database, &shapefile, mapping()).await;
    assert_eq!(kinds(&report.warnings), [(0, "encoding_guessed".to_owned())]);
    assert!(grids(&database).await[1].contains("下关街道"));
}

#[tokio::test(flavor = "multi_thread")]
async fn web_map_coordinates_land_within_a_tenth_of_a_millimetre() {
    type Shift = fn(LonLat) -> LonLat;
    let shifts: [(&str, Shift); 2] = [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)];
    for (crs, shift) in shifts {
        let directory = tempdir().unwrap();
        let file = write_region(&directory.path().join("shifted.geojson"), |x, y| {
            let shifted = shift(LonLat::new(x, y).unwrap());
            (shifted.lon(), shifted.lat())
        });
        let database = common::database().await;
        let report = import(&database, &file, mapping_in(crs)).await;
        assert!(report.committed, "{report:?}");
        // 1e-4 m is 9e-10 degrees.
        assert!(farthest_from_region(&database).await < 9e-10);
        // The same file under the wrong label meets the stored borders nowhere; as what it is, everywhere.
        let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let report = import_grids(&database.store, vec![file], mapping(), &options).await.unwrap();
        assert_eq!(kinds(&report.warnings), [(0, "shift_suspected".to_owned())]);
        assert!(report.to_text(gewu::ingest::Language::En).contains(&format!("--crs {crs}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gauss_kruger_lands_in_place_with_a_prefix_without_one_and_with_the_wrong_label() {
    let directory = tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let json = write_region(&at("region.geojson"), same);
    let plain = ogr2ogr(&json, &at("plain.gpkg"), &["-t_srs", "EPSG:4542"]);
    let prefixed = ogr2ogr(&json, &at("prefixed.gpkg"), &["-t_srs", "EPSG:4521"]);
    let cases = [
        (plain.clone(), None),
        (prefixed.clone(), None),
        (ogr2ogr(&prefixed, &at("a.gpkg"), &["-a_srs", "EPSG:4542"]), Some("zone_prefix")),
        (ogr2ogr(&plain, &at("b.gpkg"), &["-a_srs", "EPSG:4521"]), Some("zone_prefix_missing")),
    ];
    for (file, defect) in cases {
        let database = common::database().await;
        let report = import(&database, &file, mapping()).await;
        let expected: Vec<_> = (1..=7).filter_map(|row| Some((row, defect?.to_owned()))).collect();
        assert_eq!(mended(&report), expected, "{}", file.display());
        assert!(farthest_from_region(&database).await < 9e-10, "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_by_field_by_prefix_and_by_space_are_the_same() {
    let directory = tempdir().unwrap();
    let json = write_region(&directory.path().join("region.geojson"), same);
    let mut found = Vec::new();
    for rule in ["prefix", "field:parent", "spatial"] {
        let database = common::database().await;
        let mapping = gewu::ingest::GridMapping { parent: Some(rule.into()), ..mapping() };
        assert!(import(&database, &json, mapping).await.committed);
        found.push(grids(&database).await);
    }
    assert!(found[0].iter().filter(|grid| grid.contains("|532901001000|MULTIPOLYGON")).count() == 2);
    assert_eq!((&found[0], &found[0]), (&found[1], &found[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_of_the_same_file_changes_nothing_and_a_dry_run_writes_nothing() {
    let directory = tempdir().unwrap();
    let json = write_region(&directory.path().join("region.geojson"), same);
    let database = common::database().await;
    let empty = dump(&database).await;
    let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
    let report = import_grids(&database.store, vec![json.clone()], mapping(), &dry).await.unwrap();
    assert_eq!((report.inserted, report.committed, report.revision), (7, false, None));
    assert_eq!(dump(&database).await, empty);
    import(&database, &json, mapping()).await;
    let full = dump(&database).await;
    let report = import(&database, &json, mapping()).await;
    assert_eq!((report.inserted, report.updated, report.unchanged), (0, 0, 7));
    assert_eq!(dump(&database).await, full);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_the_file_leaves_open_is_asked_for_by_name() {
    let directory = tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let json = write_region(&at("region.geojson"), same);
    let layers = ogr2ogr(&json, &at("two.gpkg"), &["-nln", "north"]);
    ogr2ogr(&json, &layers, &["-update", "-nln", "south"]);
    let bare = ogr2ogr(&json, &at("bare.shp"), &[]);
    std::fs::remove_file(at("bare.prj")).unwrap();
    let database = common::database().await;
    let fail = async |file: &Path, mapping| -> IngestError {
        import_grids(&database.store, vec![file.to_owned()], mapping, &ImportOptions::default())
            .await
            .unwrap_err()
    };
    let error = fail(&layers, mapping()).await;
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("north, south") && error.to_string().contains("--layer"), "{error}");
    let error = fail(&bare, mapping()).await;
    assert!(error.to_string().contains("--crs"), "{error}");
    let mut wrong = mapping();
    wrong.code_field = Some("BM".into());
    let error = fail(&json, wrong).await;
    assert!(error.to_string().contains("BM") && error.to_string().contains("households"), "{error}");
    let error = fail(&at("nothing.shp"), mapping()).await;
    assert!(error.to_string().contains("nothing.shp"), "{error}");
    let mut south = mapping();
    south.file.layer = Some("south".into());
    assert!(import(&database, &layers, south).await.committed);
}
