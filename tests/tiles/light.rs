//! Which tiles are drawn at once, on the thread that was asked for them.

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::TileId;
use gewu::tiles::{Selection, Tilesets};

use crate::region::{asked, atlas, facility, lattice, middle};

fn is_light(selection: &Selection, atlas: &Atlas, tile: TileId) -> bool {
    selection.light(atlas, &Principal::open(), tile).is_some()
}

#[test]
fn a_tile_is_light_where_little_lies_in_it_and_nothing_is_left_to_be_worked_out() {
    let mut snapshot = lattice().snapshot();
    snapshot.facilities = (0..2_000).map(|n| facility(n, 100.28 + n as f64 * 1e-7, 25.68)).collect();
    let atlas = atlas(snapshot);
    let tilesets = Tilesets::embedded().unwrap();
    let select = |names| tilesets.select(names).unwrap();
    let tile = middle(12);
    assert!(!is_light(&select("grids"), &atlas, tile), "borders are still to be worked out");
    atlas.prepare();
    assert!(is_light(&select("grids"), &atlas, tile));
    assert!(!is_light(&select("facilities"), &atlas, tile), "two thousand points");
    let beside = TileId::new(12, tile.x() + 1, tile.y()).unwrap();
    assert!(is_light(&select("facilities"), &atlas, beside));
    assert!(!is_light(&select("grids,facilities"), &atlas, tile), "together they are too many");
    assert!(!is_light(&select("overview"), &atlas, tile), "counts may have to be withheld");
    let filtered = select("grids").filtered(&asked("households > 5")).unwrap();
    assert!(!is_light(&filtered, &atlas, tile), "a filter may take longer than drawing");
}
