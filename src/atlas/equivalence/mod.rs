//! After any sequence of changes, the atlas that followed them is the one that is built from what is there in the end.

mod portrait;
mod redrawn;
mod tables;
mod watched;

use proptest::prelude::*;

use super::Atlas;
pub(super) use portrait::portrait;
use tables::{Edit, Tables};
pub(super) use tables::{any_edits, state_after};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn following_any_edits_gives_the_atlas_that_a_build_gives(edits in any_edits()) {
        let mut tables = Tables::empty();
        let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
        for (number, edit) in edits.into_iter().enumerate() {
            let mut trial = tables.clone();
            let delta = trial.edit(edit, number as i64);
            let built = Atlas::build(trial.snapshot(number as i64));
            let applied = atlas.apply(delta);
            prop_assert_eq!(built.is_ok(), applied.is_ok(), "{:?} {:?}", built.as_ref().err(), applied.as_ref().err());
            // What a build refuses is refused, and the tables stay as they were.
            let (Ok(built), Ok(applied)) = (built, applied) else { continue };
            prop_assert_eq!(portrait(&applied), portrait(&built));
            (tables, atlas) = (trial, applied);
        }
    }
}

/// The comparison above would show nothing if edits were refused: most are not.
#[test]
fn most_edits_are_accepted_and_change_something() {
    let mut tables = Tables::empty();
    let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
    let (mut accepted, mut changed) = (0, 0);
    for number in 0..400_u32 {
        let [kind, one, other, size] = number.wrapping_mul(2_654_435_769).to_be_bytes();
        let mut trial = tables.clone();
        let delta = trial.edit(Edit { kind, one, other, size }, 0);
        let Ok(next) = atlas.apply(delta) else { continue };
        accepted += 1;
        changed += u32::from(portrait(&next)[1..] != portrait(&atlas)[1..]);
        (tables, atlas) = (trial, next);
    }
    assert!(accepted > 200 && changed > 100, "{accepted} accepted, {changed} changed");
    assert!(atlas.grids().len() > 3 && atlas.staff().len() > 2, "{} grids", atlas.grids().len());
}
