//! A bake that ends early goes on where it stopped, and gives the same file.

use std::path::Path;
use std::time::Instant;

use gewu::access::{Policy, Principal};
use gewu::atlas::Atlas;
use gewu::tiles::bake::{Baked, Job, Kind, Step, bake};
use gewu::tiles::{Budget, Tilesets};

use crate::pyramid::baked;
use crate::region::{atlas, lattice};

/// Works until the first writing, and tells what happened.
fn a_little(atlas: &Atlas, out: &Path, last: u8) -> (Baked, Vec<Step>) {
    a_little_for(&Principal::open(), atlas, out, last)
}

fn a_little_for(who: &Principal, atlas: &Atlas, out: &Path, last: u8) -> (Baked, Vec<Step>) {
    let tilesets = Tilesets::embedded().unwrap();
    let selection = tilesets.select("grids").unwrap();
    let (kind, until) = (Kind::of(out).unwrap(), Some(Instant::now()));
    let (zooms, out, budget) = (0..=last, out.to_owned(), Budget::bytes(500_000));
    let job = Job { selection, zooms, kind, out, budget, until };
    let mut steps = Vec::new();
    let baked = bake(atlas, who, &job, &mut |step| steps.push(step)).unwrap();
    (baked, steps)
}

#[test]
fn stopped_at_every_writing_it_gives_the_same_file_as_in_one_go() {
    let atlas = atlas(lattice().snapshot());
    let folder = tempfile::tempdir().unwrap();
    for extension in ["pmtiles", "mbtiles"] {
        let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(format!("{name}.{extension}")));
        baked(&atlas, "grids", 0..=15, &whole).unwrap();
        let (mut rounds, mut before) = (0, 0);
        loop {
            let (state, steps) = a_little(&atlas, &parts, 15);
            assert_eq!(steps.contains(&Step::GoesOn(before)), rounds > 0, "{steps:?}");
            assert_eq!(parts.exists(), matches!(state, Baked::Whole { .. }), "it appears when it is whole");
            rounds += 1;
            match state {
                Baked::Unfinished { tiles } => before = tiles,
                Baked::Whole { .. } => break,
            }
        }
        assert!(rounds > 3, "{rounds} rounds");
        assert!(std::fs::read(&whole).unwrap() == std::fs::read(&parts).unwrap(), "{extension} differs");
    }
}

#[test]
fn what_was_made_of_another_revision_for_other_zooms_or_under_another_policy_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("grids.pmtiles");
    let mut snapshot = lattice().snapshot();
    let first = atlas(snapshot.clone());
    snapshot.revision += 1;
    let second = atlas(snapshot);
    assert!(!a_little(&first, &out, 15).1.contains(&Step::Anew), "there was nothing");
    assert!(a_little(&second, &out, 15).1.contains(&Step::Anew), "another revision");
    assert!(a_little(&second, &out, 14).1.contains(&Step::Anew), "other zooms");
    let file = folder.path().join("never.toml");
    std::fs::write(&file, "[people]\nposition = { worker = \"visible\" }").unwrap();
    let uncounted = Principal::open().under(&Policy::load(&file).unwrap());
    assert!(a_little_for(&uncounted, &second, &out, 14).1.contains(&Step::Anew), "people are not counted");
    assert!(a_little(&second, &out, 14).1.contains(&Step::Anew), "people are counted");
    let (_, steps) = a_little(&second, &out, 14);
    assert!(matches!(steps[0], Step::GoesOn(tiles) if tiles > 0), "{steps:?}");
}
