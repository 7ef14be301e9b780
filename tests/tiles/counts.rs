//! What a tile says of who serves a grid and of what lies in it.

use std::collections::BTreeMap;

use gewu::atlas::Atlas;
use gewu::geom::TileId;
use gewu::model::{
    Absence, Assignment, County, GridId, Person, ResourceId, Role, Snapshot, Span, Worker, WorkerId,
};
use gewu::query::{PEOPLE_THRESHOLD, Withheld};
use mvt_reader::Reader;
use mvt_reader::feature::Value;
use uuid::Uuid;

use crate::region::{atlas, building, lattice, render, tiles};

fn features(tile: Vec<u8>) -> Vec<(String, u64, BTreeMap<String, Value>)> {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let of_layer = |layer: &mvt_reader::layer::Layer| {
        let name = layer.name.clone();
        let features = reader.get_features_as::<i32>(layer.layer_index).unwrap();
        features
            .into_iter()
            .map(move |f| (name.clone(), f.id.unwrap(), f.properties.unwrap().into_iter().collect()))
    };
    layers.iter().flat_map(of_layer).collect()
}

fn worker(number: u128) -> Worker {
    Worker {
        id: WorkerId(Uuid::from_u128(number)),
        source: "test".into(),
        source_id: number.to_string(),
        name: "张".into(),
        phone: None,
        organisation: None,
        role: Role::FullTime,
        invented: true,
    }
}

fn serves(number: u128, worker: u128, grid: GridId) -> Assignment {
    Assignment {
        id: Uuid::from_u128(number),
        worker: WorkerId(Uuid::from_u128(worker)),
        grid,
        county: County::none(),
        role: Role::FullTime,
        rank: 1,
        span: Span { from: None, until: None },
    }
}

#[test]
fn a_grid_says_how_many_serve_it_and_whether_nobody_does() {
    let mut snapshot = lattice().snapshot();
    let leaves: Vec<GridId> =
        snapshot.grids.iter().filter(|v| v.grid.level.number() == 5).map(|v| v.grid.id).collect();
    snapshot.workers = (1..=4).map(worker).collect();
    // The first leaf has two, the second one who is away without anybody in his place, the third one who is away with.
    snapshot.assignments = vec![
        serves(1, 1, leaves[0]),
        serves(2, 2, leaves[0]),
        serves(3, 3, leaves[1]),
        serves(4, 4, leaves[2]),
    ];
    let away = |number: u128, worker: u128, substitute: Option<u128>| Absence {
        id: Uuid::from_u128(number),
        worker: WorkerId(Uuid::from_u128(worker)),
        substitute: substitute.map(|n| WorkerId(Uuid::from_u128(n))),
        span: Span { from: None, until: None },
    };
    snapshot.absences = vec![away(1, 3, None), away(2, 4, Some(1))];
    let atlas = atlas(snapshot);
    let mut seen = 0;
    for tile in tiles(&atlas, 12) {
        let found = features(render(&atlas, "grids", tile)).into_iter();
        for (_, id, attributes) in found.filter(|(layer, ..)| layer == "grid_5") {
            let place = leaves
                .iter()
                .position(|leaf| atlas.grids().find_id(*leaf).map(|g| atlas.grids().number(g)) == Some(id))
                .unwrap();
            let expected = [2, 0, 1].get(place).copied().unwrap_or(0);
            assert_eq!(attributes["workers"], Value::UInt(expected));
            assert_eq!(attributes["duty_gap"], Value::Bool(expected == 0));
            seen += usize::from(place < 3);
        }
    }
    assert!(seen >= 3, "{seen}");
}

pub(crate) fn crowded() -> (Snapshot, Atlas) {
    let mut snapshot = lattice().snapshot();
    let leaves: Vec<GridId> =
        snapshot.grids.iter().filter(|v| v.grid.level.number() == 5).map(|v| v.grid.id).collect();
    // From none to eleven a leaf, and some in no grid.
    let homes =
        leaves.iter().enumerate().flat_map(|(n, leaf)| vec![Some(*leaf); n * 7 % 12]).chain([None; 20]);
    snapshot.people = homes
        .enumerate()
        .map(|(number, leaf)| Person {
            id: ResourceId(Uuid::from_u128(number as u128)),
            position: geo::Point::new(100.2, 25.6),
            leaf,
        })
        .collect();
    snapshot.buildings = (0..9)
        .map(|n| gewu::model::Building { leaf: Some(leaves[0]), ..building(n, 100.11, 25.51, 0.0003) })
        .collect();
    let atlas = atlas(snapshot.clone());
    (snapshot, atlas)
}

#[test]
fn the_overview_counts_what_lies_in_each_grid_and_withholds_what_the_panels_withhold() {
    let (_, atlas) = crowded();
    let withheld = Withheld::of(&atlas);
    let by_id: BTreeMap<u64, _> =
        atlas.grids().all().map(|grid| (atlas.grids().number(grid), grid)).collect();
    let (mut shown, mut hidden) = (0, 0);
    for tile in [TileId::new(8, 199, 109).unwrap()].into_iter().chain(tiles(&atlas, 11)) {
        for (layer, id, attributes) in features(render(&atlas, "overview", tile)) {
            let grid = by_id[&id];
            let counts = atlas.resources().counts(grid);
            assert_eq!(layer, format!("overview_{}", atlas.grids().level(grid)));
            let buildings: u32 = counts.buildings.values().sum();
            assert_eq!(attributes["buildings"], Value::UInt(buildings.into()));
            assert_eq!(attributes["people_withheld"], Value::Bool(withheld.contains(grid)));
            match attributes.get("people") {
                None => hidden += usize::from(withheld.contains(grid)),
                Some(people) => {
                    assert!(!withheld.contains(grid) && counts.people >= PEOPLE_THRESHOLD);
                    assert_eq!(*people, Value::UInt(counts.people.into()));
                    shown += 1;
                }
            }
        }
    }
    assert!(shown > 20 && hidden > 20, "{shown} shown, {hidden} withheld");
}

#[test]
fn no_small_count_follows_from_what_the_tiles_of_all_levels_say() {
    let (_, atlas) = crowded();
    let grids = atlas.grids();
    let mut said: BTreeMap<u64, u64> = BTreeMap::new();
    for z in [8, 9, 11] {
        for tile in tiles(&atlas, z) {
            for (_, id, attributes) in features(render(&atlas, "overview", tile)) {
                if let Some(Value::UInt(people)) = attributes.get("people") {
                    said.insert(id, *people);
                }
            }
        }
    }
    let of = |grid| said.get(&grids.number(grid)).copied();
    let mut families = 0;
    for parent in grids.all().filter(|grid| !grids.is_leaf(*grid)) {
        let Some(total) = of(parent) else { continue };
        let known: Vec<u64> = grids.children(parent).iter().filter_map(|child| of(*child)).collect();
        let unknown = grids.children(parent).len() - known.len();
        let rest = total - known.iter().sum::<u64>();
        // Everybody in a parent is in a child here: what is not said of one child must not follow from the others.
        assert!(unknown != 1 && (unknown == 0 || rest >= 5), "{unknown} children share {rest}");
        families += 1;
    }
    assert!(families > 5, "{families}");
}
