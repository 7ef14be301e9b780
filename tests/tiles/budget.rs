//! A tile over its budget is drawn more coarsely, and whatever was in it is still there, or something that stands for it.

use std::collections::{BTreeMap, BTreeSet};

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::TileId;
use gewu::model::Level;
use gewu::tiles::{Budget, Fitted, Step, Tilesets};
use mvt_reader::Reader;
use mvt_reader::feature::Value;

use crate::lattice::Lattice;
use crate::raw;
use crate::region::{atlas, building, facility, lattice, middle, render, tiles};

const ALL: &str = "grids,buildings,facilities,overview";

/// A lattice of rough borders with hydrants all over it and a dense town.
fn furnished() -> Atlas {
    let mut snapshot = Lattice { detail: 8, ..lattice() }.snapshot();
    let at = |n: u32| (100.1 + 0.0059 * f64::from(n % 60), 25.5 + 0.0119 * f64::from(n / 60));
    let house = |n: u32| {
        let (lon, lat) = (100.268 + 0.0004 * f64::from(n % 60), 25.674 + 0.0004 * f64::from(n / 60));
        building(n.into(), lon, lat, 0.0003)
    };
    snapshot.buildings = (0..1_800).map(house).collect();
    snapshot.facilities = (0..1_800).map(|n| facility(10_000 + u128::from(n), at(n).0, at(n).1)).collect();
    atlas(snapshot)
}

fn fit(atlas: &Atlas, names: &str, tile: TileId, bytes: usize) -> Fitted {
    let tilesets = Tilesets::embedded().unwrap();
    tilesets.select(names).unwrap().fit(atlas, &Principal::open(), tile, Budget::bytes(bytes)).unwrap()
}

fn steps(fitted: &Fitted) -> Vec<Step> {
    fitted.coarsened.as_ref().map(|coarsened| coarsened.steps.clone()).unwrap_or_default()
}

/// The features of each layer: identity, and how many others each says that it stands for.
fn layers(tile: &[u8], count: &str) -> BTreeMap<String, Vec<(u64, u64)>> {
    let reader = Reader::new(tile.to_vec()).unwrap();
    let metadata = reader.get_layer_metadata().unwrap();
    let of_layer = |layer: mvt_reader::layer::Layer| {
        let features = reader.get_features_as::<i32>(layer.layer_index).unwrap();
        let count = |properties: &std::collections::HashMap<String, Value>| match properties.get(count) {
            Some(Value::UInt(count)) => *count,
            None => 0,
            other => panic!("{other:?}"),
        };
        let found = features.iter().map(|f| (f.id.unwrap(), count(f.properties.as_ref().unwrap()))).collect();
        (layer.name, found)
    };
    metadata.into_iter().map(of_layer).collect()
}

/// The features of the layers whose name begins so.
fn all<'a>(
    layers: &'a BTreeMap<String, Vec<(u64, u64)>>,
    name: &'a str,
) -> impl Iterator<Item = (u64, u64)> + 'a {
    let numbered = move |layer: &str| {
        layer.strip_prefix(name).is_some_and(|rest| rest.chars().all(|c| c == '_' || c.is_ascii_digit()))
    };
    layers.iter().filter(move |(layer, _)| numbered(layer)).flat_map(|(_, found)| found).copied()
}

#[test]
fn a_tile_within_its_budget_is_as_it_is_without_one() {
    let atlas = furnished();
    for z in [5, 9, 11, 13] {
        for tile in tiles(&atlas, z) {
            let whole = render(&atlas, ALL, tile);
            assert_eq!(fit(&atlas, ALL, tile, whole.len()), Fitted { bytes: whole, coarsened: None });
        }
    }
}

#[test]
fn the_usual_budget_changes_no_tile_of_thirty_thousand_leaves() {
    let atlas = atlas(Lattice::reference().snapshot());
    let mut largest = 0;
    for z in 0..=12 {
        for tile in tiles(&atlas, z) {
            let fitted = fit(&atlas, "grids", tile, 500_000);
            assert_eq!(fitted.coarsened, None, "{tile}");
            largest = largest.max(fitted.bytes.len());
        }
    }
    assert!(largest > 50_000, "{largest} bytes");
}

#[test]
fn a_tile_over_its_budget_is_coarsened_until_it_fits_or_nothing_more_can_be_done() {
    let atlas = furnished();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let asked = [9, 11, 12, 13].map(|z| (ALL, middle(z)));
    for (names, tile) in asked.into_iter().chain([("buildings,facilities", middle(13))]) {
        let whole = render(&atlas, names, tile);
        let before = whole.len();
        for percent in [99, 80, 60, 40, 25, 10] {
            let budget = whole.len() * percent / 100;
            let fitted = fit(&atlas, names, tile, budget);
            assert_eq!(fitted, fit(&atlas, names, tile, budget), "the same atlas gives the same bytes");
            let said = fitted.coarsened.clone().unwrap();
            assert_eq!((said.before, said.after), (whole.len(), fitted.bytes.len()));
            let least = fit(&atlas, names, tile, 1).bytes.len();
            assert!(said.after <= budget.max(least), "{tile}: {said:?} for {budget}");
            assert!(said.after < before && !said.steps.is_empty(), "{tile}: {said:?}");
            done.extend(said.steps.iter().map(Step::to_string));
            raw::read(&fitted.bytes);
        }
    }
    for step in [
        Step::Borders(1),
        Step::Borders(2),
        Step::Blocks,
        Step::Clusters,
        Step::Merge(Level::new(4).unwrap()),
        Step::Merge(Level::TOP),
    ] {
        assert!(done.contains(&step.to_string()), "{step} is not in {done:?}");
    }
}

#[test]
fn whatever_is_merged_is_counted_by_what_stands_for_it() {
    let atlas = furnished();
    for z in [10, 11, 12, 13, 14] {
        let (mut labels, mut blocks, mut points, mut merged) = (0, 0, 0, 0);
        for tile in tiles(&atlas, z) {
            let whole = render(&atlas, ALL, tile);
            if whole.is_empty() {
                continue;
            }
            let coarse = fit(&atlas, ALL, tile, 1).bytes;
            let (before, after) = (layers(&whole, "merged"), layers(&coarse, "merged"));
            for name in ["grid", "overview", "grid_label"] {
                let of = |layers: &BTreeMap<String, Vec<(u64, u64)>>| all(layers, name).collect::<Vec<_>>();
                let ids: BTreeSet<u64> = of(&before).into_iter().map(|(id, _)| id).collect();
                // What was there before stands for itself, too.
                let themselves = of(&after).into_iter().filter(|(id, _)| ids.contains(id)).count() as u64;
                let others: u64 = of(&after).into_iter().map(|(_, count)| count).sum();
                assert_eq!(themselves + others, of(&before).len() as u64, "{name} of {tile}");
                merged += others;
                if name == "grid_label" {
                    labels += themselves + others;
                }
            }
            let count = |name: &str, key: &str| -> u64 {
                layers(&coarse, key).get(name).into_iter().flatten().map(|(_, count)| count).sum()
            };
            blocks += count("building_blocks", "buildings");
            points += count("facility_clusters", "point_count");
            for gone in ["buildings", "facilities"] {
                assert!(!after.contains_key(gone), "{gone} of {tile}");
            }
        }
        assert_eq!((blocks, points), (1_800, 1_800), "zoom {z}");
        assert!(labels >= 20 && merged > 90, "{labels} labels, {merged} merged at zoom {z}");
    }
}

/// 48 x 48 leaves to a grid of level 2, a tenth of a tile unit wide at zoom 0, and every level at every zoom.
fn tiny() -> Lattice {
    let levels = vec![(1, 96, 0, 22), (2, 48, 0, 22), (4, 6, 0, 22), (5, 1, 0, 22)];
    Lattice { corner: [100.1, 25.5], cells: 96, cell: 0.01, levels, detail: 3 }
}

#[test]
fn a_tile_with_more_labels_than_have_room_counts_every_grid_in_it_however_small() {
    let snapshot = tiny().snapshot();
    let parents: BTreeMap<_, _> =
        snapshot.grids.iter().map(|version| (version.grid.id, version.grid.parent)).collect();
    let of_level =
        |number: u8| snapshot.grids.iter().map(|v| &v.grid).filter(move |grid| grid.level.number() == number);
    // How many leaves and grids of level 4 each one of level 2 stands for, and all that the one of level 1 does.
    let mut expected: BTreeMap<_, u64> = BTreeMap::new();
    for grid in of_level(5).chain(of_level(4)) {
        let mut above = grid.parent.unwrap();
        while of_level(2).all(|second| second.id != above) {
            above = parents[&above].unwrap();
        }
        *expected.entry(above).or_default() += 1;
    }
    let numbers: BTreeMap<u64, u64> = of_level(2)
        .map(|grid| {
            (snapshot.grids.iter().find(|v| v.grid.id == grid.id).unwrap().number, expected[&grid.id])
        })
        .collect();
    let (leaves, all) = (of_level(5).count() as u64, snapshot.grids.len());
    assert!(leaves == 9_216 && numbers.values().all(|count| *count == 48 * 48 + 64));
    let atlas = atlas(snapshot);
    let world = TileId::new(0, 0, 0).unwrap();
    let whole = render(&atlas, "grids", world);
    let drawn = layers(&whole, "merged");
    // Each label is there, and hardly any territory is wide enough to be.
    assert_eq!(drawn["grid_label"].len(), all);
    assert!(drawn.get("grid_5").map_or(0, Vec::len) < 400);
    let merged = |level: i64| Step::Merge(Level::new(level).unwrap());
    // Known by their number to be too many: the labels of levels 5 and 4; of level 5, while those of level 4 are found to be; of level 5 alone.
    for (budget, first) in
        [(1_400, vec![merged(4), merged(2)]), (3_000, vec![merged(4), merged(2)]), (40_000, vec![merged(4)])]
    {
        let fitted = fit(&atlas, "grids", world, budget);
        let said = fitted.coarsened.clone().unwrap();
        assert!(budget * 2 < said.before && said.before <= whole.len(), "{said:?}");
        assert!(said.steps.starts_with(&first) && said.after == fitted.bytes.len(), "{said:?}");
        raw::read(&fitted.bytes);
        let coarse = layers(&fitted.bytes, "merged");
        if first.len() < 2 {
            let count = |name: &str| coarse[name].iter().map(|(_, count)| count).sum::<u64>();
            assert_eq!((count("grid_label"), coarse["grid_label"].len()), (leaves, all - 9_216));
            continue;
        }
        assert_eq!(coarse.keys().collect::<Vec<_>>(), ["grid_1", "grid_2", "grid_label"], "{said:?}");
        for name in ["grid_2", "grid_label"] {
            let second = coarse[name].iter().copied().filter(|(id, _)| numbers.contains_key(id));
            assert_eq!(second.collect::<BTreeMap<_, _>>(), numbers, "{name} for {budget} bytes");
        }
    }
}

#[test]
fn borders_that_leave_a_coarsened_tile_are_those_of_its_neighbours() {
    let atlas = furnished();
    let mut compared = 0;
    for tile in [middle(12), middle(13)] {
        let whole = render(&atlas, "grids", tile);
        let coarse = fit(&atlas, "grids", tile, whole.len() - 1);
        assert_eq!(steps(&coarse), [Step::Borders(1)], "{tile}");
        let edges_outside = |bytes: &[u8]| -> BTreeSet<(u64, raw::Vertex, raw::Vertex)> {
            let inner = |(x, y): raw::Vertex| (1..4096).contains(&x) && (1..4096).contains(&y);
            let layers = raw::read(bytes);
            let territories = layers.iter().filter(|(name, _)| *name != "grid_label");
            let of = |feature: &raw::Feature| {
                let id = feature.id;
                let edges = feature.rings().iter().flat_map(|ring| raw::edges(ring).collect::<Vec<_>>());
                edges.map(move |(a, b)| (id, a, b)).collect::<Vec<_>>()
            };
            let edges = territories.flat_map(|(_, layer)| layer.features.iter().flat_map(of));
            edges.filter(|(_, a, b)| !inner(*a) || !inner(*b)).collect()
        };
        let (before, after) = (edges_outside(&whole), edges_outside(&coarse.bytes));
        assert_eq!(before, after, "{tile}");
        compared += before.len();
    }
    assert!(compared > 20, "{compared}");
}
