//! What the program writes for those who run it has no mark of a resident, nor of those who serve: reports, exports, pyramids, whatever they are packed as.

use std::path::{Path, PathBuf};

use crate::common::{gewu, output};
use crate::hunt::{MARKED, STAFF, marks_in};
use crate::matrix::region;
use crate::unpacked;
use crate::world::World;

/// Marks where anybody may see them: names of a facility and of a grid.
const SHOWN: &str = "
update gewu.facility set name = '猎人0999' where class = 'school';
update gewu.grid_version set name = '猎户0999' where grid_id in (select grid_id from gewu.current_grid where code = '532901003')";
const FORMATS: [&str; 6] = ["geojson", "geojsonseq", "csv", "fgb", "parquet", "gpkg"];

/// What a command says, and its exit code; nobody's mark is in it.
fn run(url: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let command = &mut gewu(arguments);
    let settings = [("GEWU_DATABASE_URL", url), ("GEWU_LOG", "trace"), ("GEWU_SAVED_ATLAS", "false")];
    let (code, out, error) = output(command.envs(settings));
    for said in [&out, &error] {
        assert!(
            marks_in(said).is_empty() && !STAFF.iter().any(|mark| said.contains(mark)),
            "{arguments:?}: {said}"
        );
    }
    (code, out)
}

#[test]
fn what_the_program_reports_to_operators_has_no_mark_of_a_resident() {
    let world = World::start(Default::default());
    region::mark(&world);
    world.edit(MARKED);
    let url = world.database.url();
    for collection in ["people", "workers", "person", "gewu.person"] {
        for format in FORMATS {
            let arguments = ["export", collection, "--format", format, "--out", "-"];
            assert_ne!(run(&url, &arguments).0, Some(0), "{arguments:?}");
        }
    }
    for format in ["text", "geojson"] {
        let (_, out) = run(&url, &["check", "--format", format]);
        assert!(!out.is_empty());
    }
    run(&url, &["audit", "list"]);
    run(&url, &["audit", "verify"]);
    run(&url, &["token", "list"]);
}

/// Every collection in every format, and every tileset as a pyramid of either kind: the files, by what is in them.
fn files(url: &str, folder: &Path) -> Vec<PathBuf> {
    std::fs::create_dir(folder).unwrap();
    let mut all = Vec::new();
    for collection in ["grids", "buildings", "facilities"] {
        for format in FORMATS {
            let file = folder.join(format!("{collection}.{format}"));
            let out = file.to_str().unwrap();
            assert_eq!(
                run(url, &["export", collection, "--format", format, "--out", out]).0,
                Some(0),
                "{out}"
            );
            all.push(file);
        }
    }
    for kind in ["pmtiles", "mbtiles"] {
        let file = folder.join(format!("all.{kind}"));
        let out = file.to_str().unwrap();
        assert_eq!(run(url, &["bake", "--zoom", "0-13", "--out", out]).0, Some(0), "{out}");
        all.push(file);
    }
    all
}

/// The marks of residents and of those who serve in a file.
fn found(file: &Path) -> Vec<&'static str> {
    let said = unpacked::file(file);
    let staff = STAFF.into_iter().filter(|mark| said.contains(mark));
    marks_in(&said).into_iter().chain(staff).collect()
}

#[test]
fn no_export_and_no_pyramid_has_a_mark_of_a_resident_and_a_mark_in_one_would_be_found() {
    let world = World::start(Default::default());
    region::mark(&world);
    world.edit(MARKED);
    let url = world.database.url();
    let folder = tempfile::tempdir().unwrap();
    for file in files(&url, &folder.path().join("hidden")) {
        assert_eq!(found(&file), [""; 0], "{}", file.display());
    }
    // The test of the test: where anybody may see a mark, it is found in every file, and in pyramids only by who unpacks them.
    world.edit(SHOWN);
    for file in files(&url, &folder.path().join("shown")) {
        let expected: &[&str] = match file.file_stem().unwrap().to_str().unwrap() {
            "grids" => &["猎户0"],
            "facilities" => &["猎人0"],
            "buildings" => &[],
            _ => &["猎户0", "猎人0"],
        };
        assert_eq!(found(&file), expected, "{}", file.display());
        let packed = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let is_packed = file.extension().is_some_and(|kind| kind == "pmtiles" || kind == "mbtiles");
        assert!(!is_packed || marks_in(&packed).is_empty(), "{} is to be unpacked", file.display());
    }
}
