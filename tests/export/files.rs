//! `gewu export` as its users meet it: pipes, mistakes, interrupts, and the same bytes as over HTTP.

use std::process::Stdio;
use std::time::Duration;

use gewu::config::ServerSettings;
use gewu::features::Collections;
use gewu::tiles::Tilesets;

use crate::common::{self, TestDatabase, output, sample_region};
use crate::readers::export;
use crate::world::World;

fn gewu(database: &TestDatabase, arguments: &[&str]) -> std::process::Command {
    let mut command = common::gewu(&["export"]);
    command.args(arguments).args(["--database-url", &database.url()]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_with_what_to_do_and_leaves_nothing() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x").to_str().unwrap().to_owned();
    let [csv, gpkg, geojson] = ["csv", "gpkg", "geojson"];
    for (format, collection, out, more, code, said) in [
        (csv, "people", file.as_str(), ["--crs", "EPSG:4490"], 2, "never exported"),
        (csv, "workers", &file, ["--crs", "EPSG:4490"], 2, "never exported"),
        (csv, "roads", &file, ["--crs", "EPSG:4490"], 2, "there are: grids, buildings"),
        (csv, "grids", &file, ["--crs", "EPSG:2154"], 2, "4513 to 4554"),
        (csv, "grids", &file, ["--bbox", "1,2,3"], 2, "west,south,east,north"),
        (csv, "grids", &file, ["--datetime", "yesterday"], 2, "--datetime"),
        (csv, "grids", &file, ["--filter", "level >"], 2, "--filter"),
        (csv, "buildings", &file, ["--filter", "storeys > 3"], 2, "storeys"),
        (csv, "buildings", &file, ["--properties", "phone"], 2, "there are: class"),
        (geojson, "grids", &file, ["--crs", "EPSG:4542"], 2, "RFC 7946"),
        (gpkg, "grids", "-", ["--crs", "EPSG:4490"], 2, "to a pipe"),
        (csv, "grids", "/nowhere/at/all.csv", ["--crs", "EPSG:4490"], 3, "/nowhere/at/all.csv"),
        (csv, "grids", &file, ["--crs", "EPSG:4513"], 1, "reference system"),
    ] {
        let arguments = [collection, "--format", format, "--out", out, more[0], more[1]];
        let (found, out, error) = output(&mut gewu(&database, &arguments));
        assert_eq!((found, out.as_str()), (Some(code), ""), "{arguments:?}: {error}");
        assert!(error.contains(said), "{said} in {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_gets_nothing_but_the_features_and_may_close_early() {
    let database = sample_region().await;
    let arguments =
        ["grids", "--format", "geojson", "--out", "-", "--filter", "level <= 2", "--properties", "code"];
    let (code, out, error) = output(&mut gewu(&database, &arguments));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    let collection: geojson::FeatureCollection = out.parse::<geojson::GeoJson>().unwrap().try_into().unwrap();
    let expected: i64 = sqlx::query_scalar("select count(*) from gewu.current_grid where level <= 2")
        .fetch_one(&database.pool().await)
        .await
        .unwrap();
    assert_eq!(collection.features.len() as i64, expected);
    let arguments = ["buildings", "--format", "csv", "--out", "-"];
    let mut child = gewu(&database, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_leaves_no_file_and_the_former_one_as_it_was() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("buildings.gpkg");
    std::fs::write(&file, "the former one").unwrap();
    let arguments = ["buildings", "--format", "gpkg", "--out", file.to_str().unwrap()];
    let mut child = gewu(&database, &arguments).spawn().unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while std::fs::read_dir(folder.path()).unwrap().count() < 2 {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(500));
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "the former one");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn http_gives_the_same_bytes_as_the_file_and_says_what_they_are() {
    let place = async { (sample_region().await, Vec::new()) };
    let tilesets = Tilesets::embedded().unwrap();
    let world = World::of(place, ServerSettings::default(), tilesets, Collections::embedded().unwrap());
    let folder = tempfile::tempdir().unwrap();
    for (extension, media) in [
        ("fgb", "application/vnd.flatgeobuf"),
        ("parquet", "application/vnd.apache.parquet"),
        ("csv", "text/csv"),
        ("geojsonseq", "application/geo+json-seq"),
    ] {
        for (collection, parameters, flags) in [
            (
                "grids",
                "filter=level%3C4&crs=http://www.opengis.net/def/crs/EPSG/0/4490",
                ["--filter", "level<4"],
            ),
            ("facilities", "bbox=100,25,101,26", ["--bbox", "100,25,101,26"]),
        ] {
            let answer = world.get(&format!("/collections/{collection}/items?f={extension}&{parameters}"));
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.header("content-type"), media);
            let named = format!("inline; filename=\"{collection}.{extension}\"");
            assert_eq!(answer.header("content-disposition"), named);
            let file = folder.path().join(collection).with_extension(extension);
            let crs = if collection == "grids" { "EPSG:4490" } else { "OGC:CRS84" };
            let with_crs = [flags[0], flags[1], "--crs", crs];
            let with_crs = if extension == "geojsonseq" && crs != "OGC:CRS84" { continue } else { with_crs };
            export(&world.database, collection, &file, &with_crs);
            assert!(std::fs::read(&file).unwrap() == answer.body, "{collection}.{extension}");
        }
    }
}
