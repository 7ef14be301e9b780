//! What an edit does not mark looks as it did.

use proptest::prelude::*;

use super::tables::{Edit, Tables, any_edits};
use crate::atlas::Atlas;
use crate::geom::{Tile, TileId, TileMatrixSet};

/// Tiles from the world down to a few fields, and all tiles of zoom 14 where anything is; some in degrees, too.
fn watched_tiles() -> Vec<Tile> {
    let down = [
        (0, 0, 0),
        (3, 6, 3),
        (6, 49, 27),
        (9, 398, 219),
        (10, 796, 438),
        (11, 1593, 876),
        (12, 3186, 1753),
        (13, 6372, 3507),
        (15, 25_488, 14_029),
        (16, 50_976, 28_058),
    ];
    let all = (12_743..=12_747).flat_map(|x| (7_011..=7_016).map(move |y| (14, x, y)));
    let mercator = down.into_iter().chain(all).map(|(z, x, y)| TileId::new(z, x, y).unwrap().into());
    let geographic = [(0, 0.02, 0.02), (8, 0.02, 0.02), (11, 0.01, 0.03), (12, 0.02, 0.02), (13, 0.03, 0.01)];
    let at = |(z, east, north)| {
        let place = geo::Coord { x: 100.0 + east, y: 25.0 + north };
        TileMatrixSet::Cgcs2000Quad.tile_at(z, place).unwrap()
    };
    mercator.chain(geographic.map(at)).collect()
}

/// Each watched tile of each tileset: since which edition it is as it is, and its bytes.
fn watched(atlas: &Atlas) -> Vec<(String, u64, Vec<u8>)> {
    let tilesets = crate::tiles::Tilesets::embedded().unwrap();
    let mut found = Vec::new();
    for name in tilesets.names() {
        let selection = tilesets.select(name).unwrap();
        for tile in watched_tiles() {
            let bytes = selection.render(atlas, &crate::access::Principal::open(), tile).unwrap();
            found.push((format!("{name} {tile}"), selection.edition(atlas, tile), bytes));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_tile_that_is_not_marked_by_an_edit_is_byte_for_byte_the_same(edits in any_edits()) {
        let mut tables = Tables::inhabited();
        let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
        let mut before = watched(&atlas);
        for (number, edit) in edits.into_iter().enumerate() {
            let mut trial = tables.clone();
            let Ok(next) = atlas.apply(trial.edit(edit, number as i64)) else { continue };
            let after = watched(&next);
            for ((name, since, bytes), (_, still_since, now)) in before.iter().zip(&after) {
                prop_assert!(still_since >= since);
                if since == still_since {
                    prop_assert!(bytes == now, "{name} changed by {edit:?}, and nobody was told");
                }
            }
            (tables, atlas, before) = (trial, next, after);
        }
    }
}

/// The comparison above would show nothing if every edit marked every tile: most tiles outlive most edits.
#[test]
fn most_tiles_outlive_an_edit_elsewhere() {
    let mut tables = Tables::inhabited();
    let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
    let mut before = watched(&atlas);
    let (mut kept, mut renewed, mut changed) = (0, 0, 0);
    for number in 0..400_u32 {
        let [kind, one, other, size] = number.wrapping_mul(2_654_435_769).to_be_bytes();
        let mut trial = tables.clone();
        let Ok(next) = atlas.apply(trial.edit(Edit { kind, one, other, size }, 0)) else { continue };
        let after = watched(&next);
        for ((_, since, bytes), (_, still_since, now)) in before.iter().zip(&after) {
            kept += u32::from(since == still_since);
            renewed += u32::from(since != still_since);
            changed += u32::from(bytes != now);
        }
        (tables, atlas, before) = (trial, next, after);
    }
    assert!(kept > renewed && changed > 200, "{kept} kept, {renewed} marked, {changed} changed");
}
