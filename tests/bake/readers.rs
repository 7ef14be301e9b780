//! What others read in a pyramid: GDAL, which knows PMTiles from version 3.8 on, in the newest one that there is as a package.

use std::collections::{BTreeMap, BTreeSet};

use gewu::atlas::Atlas;
use gewu::model::Level;
use serde_json::Value;

use crate::pyramid::{baked, furnished};
use crate::python;

/// The codes of each level.
fn codes(atlas: &Atlas) -> BTreeMap<String, BTreeSet<String>> {
    let grids = atlas.grids();
    let of_level =
        |level: Level| grids.at_level(level).map(|grid| grids.code(grid).as_str().to_owned()).collect();
    Level::all().map(|level| (format!("grid_{level}"), of_level(level))).collect()
}

#[test]
fn gdal_finds_every_grid_that_the_deepest_zoom_of_a_pyramid_shows_in_either_format() {
    let atlas = furnished();
    let folder = tempfile::tempdir().unwrap();
    let packages = python::with(&["pyogrio==0.12.1"]);
    for (name, driver) in [("lattice.pmtiles", "PMTiles"), ("lattice.mbtiles", "MBTiles")] {
        let file = folder.path().join(name);
        baked(&atlas, "grids", 0..=13, &file).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bake/readers.py");
        let output = python::command(&packages).arg(script).arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        println!("{driver} by GDAL {}", said["gdal"]);
        assert_eq!(said["driver"], driver);
        let expected = codes(&atlas);
        let mut seen = 0;
        for (layer, found) in said["layers"].as_object().unwrap() {
            let found = found.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
            let found: BTreeSet<_> = found.collect();
            if found.is_empty() || layer == "grid_label" {
                continue;
            }
            assert_eq!(found, expected[layer], "{name}: {layer}");
            seen += found.len();
        }
        assert!(seen > atlas.grids().len() / 2, "the leaves are among the {seen} that were read");
    }
}
