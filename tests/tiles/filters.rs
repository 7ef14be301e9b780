//! A filtered tile is the tile without what does not pass, read by a published decoder; what passes is worked out from the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gewu::atlas::Atlas;
use gewu::cql::Language;
use gewu::geom::TileId;
use gewu::model::{Building, Facility, Grid, GridId, Level, Snapshot};
use gewu::query::Withheld;
use gewu::tiles::{Asked, Tilesets};
use mvt_reader::Reader;
use mvt_reader::feature::Value;

use crate::counts::crowded;
use crate::region::{asked, atlas, building, facility, lattice, middle, render, render_asked, tiles};

/// Layer > feature id > geometry and attributes, as the published decoder reads them.
type Layers = BTreeMap<String, BTreeMap<u64, String>>;

fn decode(tile: Vec<u8>) -> Layers {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let features = |index: usize| {
        let features = reader.get_features_as::<i32>(index).unwrap().into_iter();
        let sorted = |properties: HashMap<String, Value>| properties.into_iter().collect::<BTreeMap<_, _>>();
        features
            .map(|f| (f.id.unwrap(), format!("{:?} {:?}", f.geometry, f.properties.map(sorted))))
            .collect()
    };
    // Blocks stand for many each: see below.
    let single = layers.into_iter().filter(|layer| layer.name != "building_blocks");
    let decoded = single.map(|layer| (layer.name, features(layer.layer_index)));
    decoded.filter(|(_, features): &(String, BTreeMap<u64, String>)| !features.is_empty()).collect()
}

/// The lattice with 60 buildings and 60 facilities, each known by leaf; every third has no name, no height, no households.
fn furnished() -> Snapshot {
    let mut snapshot = lattice().snapshot();
    let leaves: Vec<GridId> =
        snapshot.grids.iter().filter(|v| v.grid.level.number() == 5).map(|v| v.grid.id).collect();
    let known = |number: u128| !number.is_multiple_of(3);
    let classes = ["residential", "school", "Shop"];
    for number in 0..60 {
        let (lon, lat) = (100.27 + number as f64 * 0.0001, 25.68);
        let (at, leaf) = (number as usize, Some(leaves[number as usize]));
        snapshot.buildings.push(Building {
            class: classes[at % 2].into(),
            name: known(number).then(|| format!("楼{number}")),
            height_m: known(number).then_some(number as f32 + 0.3),
            floors: Some(at as u16 / 3),
            leaf,
            ..building(number, lon, lat, 0.0002)
        });
        snapshot.facilities.push(Facility {
            class: classes[at % 3].into(),
            leaf,
            ..facility(1_000 + number, lon, lat)
        });
    }
    snapshot
}

/// Holds the filtered tiles of a few zooms against the unfiltered ones; how many features passed and how many did not.
fn assert_passes(atlas: &Atlas, names: &str, asked: &Asked, passes: &dyn Fn(u64) -> bool) -> (usize, usize) {
    let (mut passed, mut kept_back) = (0, 0);
    for z in [8, 11, 14] {
        for tile in if z == 14 { vec![middle(z)] } else { tiles(atlas, z) } {
            let all = decode(render(atlas, names, tile));
            let mut expected = all.clone();
            for features in expected.values_mut() {
                features.retain(|id, _| passes(*id));
                passed += features.len();
            }
            kept_back += all.values().map(BTreeMap::len).sum::<usize>();
            expected.retain(|_, features| !features.is_empty());
            assert_eq!(decode(render_asked(atlas, names, asked, tile)), expected, "{names} {tile} {asked:?}");
        }
    }
    (passed, kept_back - passed)
}

#[test]
fn a_filtered_tile_has_exactly_those_grids_and_labels_of_the_unfiltered_one_that_satisfy_it() {
    let snapshot = furnished();
    let atlas = atlas(snapshot.clone());
    let by_id: HashMap<u64, &Grid> = snapshot.grids.iter().map(|v| (v.number, &v.grid)).collect();
    type Test = fn(&Grid) -> bool;
    let cases: [(&str, Test); 7] = [
        ("level IN (1, 5)", |g| [1, 5].contains(&g.level.number())),
        ("households > 400", |g| g.households.is_some_and(|n| n > 400)),
        ("NOT households > 400", |g| g.households.is_some_and(|n| n <= 400)),
        ("households IS NULL OR kind <> 'base'", |g| {
            g.households.is_none() || g.kind.is_some_and(|kind| kind.as_str() != "base")
        }),
        ("code LIKE '%1_' AND NOT level = 4", |g| {
            let code: Vec<char> = g.code.as_str().chars().collect();
            code.len() > 1 && code[code.len() - 2] == '1' && g.level.number() != 4
        }),
        ("workers = 0 AND duty_gap AND invented = TRUE AND buildings >= 0 AND level < 5", |g| {
            g.level.number() < 5
        }),
        ("households % 2 = 1 OR level * 2 = 4", |g| {
            g.households.is_some_and(|n| n % 2 == 1) || g.level.number() == 2
        }),
    ];
    for (filter, passes) in cases {
        let counts = assert_passes(&atlas, "grids", &asked(filter), &|id| passes(by_id[&id]));
        assert!(counts.0 > 0 && counts.1 > 0, "{filter}: {counts:?}");
    }
    let levels = [1, 4].map(|n| Level::new(n).unwrap());
    let only = Asked { levels: levels.into(), ..Asked::default() };
    assert_passes(&atlas, "grids", &only, &|id| levels.contains(&by_id[&id].level));
}

#[test]
fn a_filtered_tile_has_exactly_those_buildings_and_facilities_that_satisfy_it() {
    let snapshot = furnished();
    let atlas = atlas(snapshot.clone());
    let buildings: HashMap<u64, &Building> = snapshot.buildings.iter().map(|b| (b.number, b)).collect();
    type Test = fn(&Building) -> bool;
    let cases: [(&str, Test); 5] = [
        ("floors >= 10", |b| b.floors >= Some(10)),
        ("height_m = 31.3 OR height_m < 5.3", |b| b.height_m.is_some_and(|m| m == 31.3 || m < 5.3)),
        ("name IS NULL", |b| b.name.is_none()),
        ("NOT name LIKE '楼_'", |b| b.name.as_ref().is_some_and(|name| name.chars().count() != 2)),
        ("height_m > floors * 3 AND class = 'school'", |b| {
            b.class == "school" && b.height_m.is_some_and(|m| m > f32::from(b.floors.unwrap()) * 3.0)
        }),
    ];
    for (filter, passes) in cases {
        let counts = assert_passes(&atlas, "buildings", &asked(filter), &|id| passes(buildings[&id]));
        assert!(counts.0 > 0 && counts.1 > 0, "{filter}: {counts:?}");
    }
    let facilities: HashMap<u64, &Facility> = snapshot.facilities.iter().map(|f| (f.number, f)).collect();
    let counts =
        assert_passes_at_deep_zooms(&atlas, "CASEI(class) = 'shop'", &|id| facilities[&id].class == "Shop");
    assert_eq!(counts, 20);
    let classes = ["school", "Shop", "none"].map(str::to_owned).into();
    let tile = middle(14);
    let some = decode(render_asked(&atlas, "facilities", &Asked { classes, ..Asked::default() }, tile));
    let found: BTreeSet<&u64> = some["facilities"].keys().collect();
    let expected = facilities.iter().filter(|(_, f)| f.class != "residential").map(|(id, _)| id).collect();
    assert_eq!(found, expected);
}

/// At low zooms facilities are clusters.
fn assert_passes_at_deep_zooms(atlas: &Atlas, filter: &str, passes: &dyn Fn(u64) -> bool) -> usize {
    let tile = middle(14);
    let mut expected = decode(render(atlas, "facilities", tile));
    expected.values_mut().for_each(|features| features.retain(|id, _| passes(*id)));
    assert_eq!(decode(render_asked(atlas, "facilities", &asked(filter), tile)), expected);
    expected["facilities"].len()
}

#[test]
fn facilities_are_filtered_before_they_are_put_together() {
    let atlas = atlas(furnished());
    let count = |asked: &Asked, key: &str| -> u64 {
        let tile = TileId::new(5, 24, 13).unwrap();
        let reader = Reader::new(render_asked(&atlas, "facilities", asked, tile)).unwrap();
        let features = reader.get_features_as::<i32>(0).unwrap().into_iter();
        let number = |value: Option<&Value>| if let Some(Value::UInt(n)) = value { *n } else { 0 };
        features.map(|f| number(f.properties.unwrap().get(key))).sum()
    };
    assert_eq!(count(&Asked::default(), "point_count"), 60);
    for (class, other) in [("school", "Shop"), ("Shop", "school")] {
        let classes = Asked { classes: [class.to_owned()].into(), ..Asked::default() };
        for only in [classes, asked(&format!("class = '{class}'"))] {
            assert_eq!((count(&only, "point_count"), count(&only, class), count(&only, other)), (20, 20, 0));
        }
    }
}

#[test]
fn buildings_are_filtered_before_they_are_put_together() {
    let snapshot = furnished();
    let atlas = atlas(snapshot.clone());
    let count = |asked: &Asked| -> u64 {
        let number = |value: Option<&Value>| if let Some(Value::UInt(n)) = value { *n } else { 0 };
        let of_tile = |tile| {
            let bytes = render_asked(&atlas, "buildings", asked, tile);
            let reader = Reader::new(bytes).unwrap();
            let features = reader.get_features_as::<i32>(0).unwrap_or_default().into_iter();
            features.map(|f| number(f.properties.unwrap().get("buildings"))).sum::<u64>()
        };
        tiles(&atlas, 11).into_iter().map(of_tile).sum()
    };
    assert_eq!(count(&Asked::default()), 60);
    let schools = snapshot.buildings.iter().filter(|building| building.class == "school").count() as u64;
    assert_eq!(count(&asked("class = 'school'")), schools);
    let tall = snapshot.buildings.iter().filter(|building| building.floors >= Some(10)).count() as u64;
    assert_eq!(count(&asked("floors >= 10")), tall);
}

#[test]
fn within_a_grid_are_itself_what_lies_below_it_and_what_its_leaves_hold() {
    let snapshot = furnished();
    let atlas = atlas(snapshot.clone());
    let parents: HashMap<GridId, Option<GridId>> =
        snapshot.grids.iter().map(|v| (v.grid.id, v.grid.parent)).collect();
    let lies_in = |grid: GridId, top: GridId| {
        std::iter::successors(Some(grid), |grid| parents.get(grid).copied().flatten())
            .any(|above| above == top)
    };
    let mut homes: HashMap<u64, GridId> = snapshot.grids.iter().map(|v| (v.number, v.grid.id)).collect();
    homes.extend(snapshot.buildings.iter().map(|b| (b.number, b.leaf.unwrap())));
    homes.extend(snapshot.facilities.iter().map(|f| (f.number, f.leaf.unwrap())));
    let mut passed = 0;
    for top in snapshot.grids.iter().filter(|v| v.grid.level.number() < 5).step_by(5).map(|v| v.grid.id) {
        let within = Asked { within: Some(top), ..Asked::default() };
        passed += assert_passes(&atlas, "grids,buildings", &within, &|id| lies_in(homes[&id], top)).0;
        let tile = middle(14);
        let mut expected = decode(render(&atlas, "facilities", tile));
        expected.values_mut().for_each(|features| features.retain(|id, _| lies_in(homes[id], top)));
        expected.retain(|_, features| !features.is_empty());
        assert_eq!(decode(render_asked(&atlas, "facilities", &within, tile)), expected);
    }
    assert!(passed > 100, "{passed}");
    let gone = Asked { within: Some(GridId(uuid::Uuid::from_u128(7))), ..Asked::default() };
    assert!(render_asked(&atlas, "grids", &gone, middle(11)).is_empty());
}

#[test]
fn what_any_tileset_does_not_know_is_refused_with_what_it_knows() {
    let tilesets = Tilesets::embedded().unwrap();
    let refusal = |names: &str, asked: &Asked| {
        let errors = tilesets.select(names).unwrap().filtered(asked).map(|_| ()).unwrap_err();
        errors
            .into_iter()
            .map(|error| format!("{}: {}", error.parameter, error.detail))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        refusal("facilities,buildings", &asked("floors > 3")),
        "filter: the tileset \"facilities\" has no property \"floors\"; it has: name, class, geometry"
    );
    assert_eq!(
        refusal("grids", &asked("point_count > 3")).split(';').next().unwrap(),
        "filter: the tileset \"grids\" has no property \"point_count\""
    );
    let level = Asked {
        levels: [Level::new(5).unwrap()].into(),
        classes: ["a".to_owned()].into(),
        ..asked("name = 3")
    };
    let lines = refusal("grids,buildings", &level);
    for told in [
        "level: the tileset \"buildings\" has no level; its features have: name, households, class, height_m, floors, geometry",
        "class: the tileset \"grids\" has no class; its features have: code, name, level, kind, households,",
        "filter: a text cannot be compared with a number",
    ] {
        assert!(lines.contains(told), "{told} in {lines}");
    }
}

#[test]
fn the_same_filter_has_the_same_form_and_another_another() {
    let tilesets = Tilesets::embedded().unwrap();
    let form = |asked: &Asked| {
        let selection = tilesets.select("buildings").unwrap().filtered(asked).unwrap();
        selection.filter().map(str::to_owned)
    };
    let json = r#"{"op":"and","args":[{"op":">","args":[{"property":"floors"},3]},{"property":"geometry"}]}"#;
    let json = json.replace(r#"{"property":"geometry"}"#, r#"{"op":"isNull","args":[{"property":"name"}]}"#);
    let encoded = Asked { filter: Some((json, Language::Json)), ..Asked::default() };
    assert_eq!(form(&asked("floors>3 and \"name\" is null")), form(&encoded));
    let classes = |names: &[&str]| Asked {
        classes: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Asked::default()
    };
    assert_eq!(form(&classes(&["b", "a", "b"])), form(&classes(&["a", "b"])));
    assert_eq!(form(&Asked::default()), None);
    let forms: BTreeSet<_> = [
        form(&classes(&["a&class=b"])),
        form(&classes(&["a", "b"])),
        form(&asked("class IN ('a', 'b')")),
        form(&asked("class = 'a'' OR class = ''b'")),
        form(&asked("class = 'a' OR class = 'b'")),
        form(&Asked { within: Some(GridId(uuid::Uuid::from_u128(7))), ..Asked::default() }),
    ]
    .into();
    assert_eq!(forms.len(), 6, "{forms:?}");
}

#[test]
fn no_filter_tells_a_count_that_is_withheld() {
    let (_, atlas) = crowded();
    let withheld = Withheld::of(&atlas);
    let ids = |is: bool| -> BTreeSet<u64> {
        let grids = atlas.grids().all().filter(|grid| withheld.contains(*grid) == is);
        grids.map(|grid| atlas.grids().number(grid)).collect()
    };
    let (hidden, open) = (ids(true), ids(false));
    let shown = |filter: &str| -> BTreeSet<u64> {
        let mut found = BTreeSet::new();
        for z in [8, 11] {
            for tile in tiles(&atlas, z) {
                // The labels of grids, and grids that do not show their people, tell no more.
                for names in ["overview", "grids"] {
                    let layers = decode(render_asked(&atlas, names, &asked(filter), tile));
                    found.extend(layers.values().flat_map(BTreeMap::keys));
                }
            }
        }
        found
    };
    let mut told = 0;
    for number in 0..=12 {
        for filter in [
            format!("people = {number}"),
            format!("NOT people = {number}"),
            format!("people < {number} OR people >= {number}"),
            format!("people NOT IN ({number}, 99)"),
            format!("people BETWEEN 0 AND {number}"),
            format!("people * 0 = 0 AND {number} < 13"),
            format!("(people / {number}) IS NOT NULL AND people_withheld"),
            format!("people + households > {number}"),
            format!("NOT (people <> {number} AND level > 0)"),
        ] {
            let shown = shown(&filter);
            assert!(shown.is_disjoint(&hidden), "{filter}");
            told += shown.len();
        }
    }
    assert!(told > 100, "{told}");
    assert_eq!(shown("people IS NULL"), hidden);
    assert_eq!(shown("people_withheld"), hidden);
    assert_eq!(shown("people >= 0"), open);
    // Nor does it help to put something in the place of what is not known.
    assert_eq!(shown("people > 3 OR people IS NULL"), hidden.union(&open).copied().collect());
}
