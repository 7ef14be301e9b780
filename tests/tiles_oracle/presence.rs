//! What is in a tile is what PostGIS finds there, as large as PostGIS draws it.

use std::collections::{BTreeMap, BTreeSet};

use gewu::geom::Tile;
use mvt_reader::feature::Feature;

use crate::common::sample_region;
use crate::postgis::{Witness, facilities};
use crate::rings::{area, rings};
use crate::sample::{Sampled, geographic, world};

/// Rounding moves a vertex by 0.71 units at most, and cutting at the side an edge by another half: a disc of this radius
/// cannot get lost, and what is further than that cannot get in. So it is where every vertex is drawn.
const ROUNDING: f64 = 1.25;

/// At lower zooms a border may be drawn beside its true line: a disc as wide as a pixel cannot get lost, and what is further than
/// that cannot get in.
const PIXEL: f64 = 4.0;

/// The zoom at which every vertex is drawn, of Web Mercator.
const WHOLE: u8 = 16;

type Key = (i32, String, i64);

fn id(feature: &Feature<i32>) -> i64 {
    feature.id.unwrap().try_into().unwrap()
}

/// The features of the tiles by place of the tile, layer and id.
fn drawn<'a>(tiles: &[&'a Sampled]) -> BTreeMap<Key, &'a Feature<i32>> {
    let mut all = BTreeMap::new();
    for (number, sampled) in (0..).zip(tiles) {
        for (layer, features) in sampled.layers.iter().filter(|(layer, _)| *layer != "grid_label") {
            for feature in features {
                let before = all.insert((number, layer.clone(), id(feature)), feature);
                assert!(before.is_none(), "{}: {layer} has {:?} twice", sampled.tile, feature.id);
            }
        }
    }
    all
}

async fn assert_present(witness: &mut Witness, tiles: &[&Sampled], simplified: bool) {
    let drawn: BTreeSet<Key> = drawn(tiles).into_keys().collect();
    let touching: BTreeSet<Key> = witness.touching().await.into_iter().collect();
    let pairs = |keys: Vec<&Key>| -> Vec<(i32, i64)> { keys.iter().map(|(n, _, id)| (*n, *id)).collect() };
    let missing = pairs(touching.difference(&drawn).collect());
    let extra = pairs(drawn.difference(&touching).collect());
    println!(
        "{} tiles: {} drawn, {} touch; {} of them not drawn, {} drawn besides",
        tiles.len(),
        drawn.len(),
        touching.len(),
        missing.len(),
        extra.len()
    );
    let tile = |pairs: &[(i32, i64)]| -> Vec<(Tile, i64)> {
        pairs.iter().map(|(number, id)| (tiles[*number as usize].tile, *id)).collect()
    };
    let is_whole = |(number, _): &(i32, i64)| !simplified || tiles[*number as usize].tile.detail() == WHOLE;
    for (distance, whole) in [(ROUNDING, true), (PIXEL, false)] {
        let those = |pairs: &[(i32, i64)]| -> Vec<(i32, i64)> {
            pairs.iter().filter(|pair| is_whole(pair) == whole).copied().collect()
        };
        let lost = witness.holding_a_disc(&those(&missing), distance).await;
        assert!(lost.is_empty(), "not in their tiles: {:?}", tile(&lost));
        let strange = witness.further_than(&those(&extra), distance).await;
        assert!(strange.is_empty(), "in tiles that they do not reach: {:?}", tile(&strange));
    }
    assert!(!drawn.is_empty());
}

/// Compares the areas with those that PostGIS draws and, where a shape is wholly in the tile, with the exact one.
async fn assert_as_large(witness: &mut Witness, tiles: &[&Sampled], simplified: bool) {
    let drawn = drawn(tiles);
    let features: BTreeMap<(i32, i64), &Feature<i32>> =
        drawn.into_iter().map(|((number, _, id), feature)| ((number, id), feature)).collect();
    let pairs: Vec<_> = features.keys().copied().collect();
    let (mut whole, mut most, mut unlike) = (0, 0.0_f64, 0);
    for theirs in witness.draw(&pairs).await {
        let tile = tiles[theirs.number as usize].tile;
        let rings = rings(features[&(theirs.number, theirs.id)]);
        let area = area(&rings);
        if let (Some(theirs_area), Some(perimeter)) = (theirs.area, theirs.perimeter) {
            let difference = (area - theirs_area).abs();
            let whole = !simplified || tile.detail() == WHOLE;
            most = if whole { most.max(difference / perimeter) } else { most };
            unlike += i32::from(whole && difference > 0.0);
            // A border drawn with fewer vertices is beside its line by a pixel at most, and mostly by much less.
            let bound = if whole { perimeter } else { 2.0 * perimeter + 4.0 };
            assert!(difference <= bound, "{tile}: {area}, PostGIS draws {theirs:?}");
        }
        if let Some(exact) = theirs.exact {
            whole += 1;
            let bound = 2.0 * theirs.perimeter.unwrap_or(4.0) + 4.0;
            assert!((area - exact).abs() <= bound, "{tile}: {area} after rounding, {exact} before");
        }
    }
    println!(
        "{} features, {whole} wholly inside; {unlike} unlike PostGIS, by {most} of the perimeter",
        pairs.len()
    );
    assert!(whole > 100, "only {whole} shapes lay wholly inside a tile");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grids_of_each_tile_are_those_that_postgis_finds_there_and_as_large() {
    let database = sample_region().await;
    let world = world(&database).await;
    let tiles: Vec<_> = world.of("grids").collect();
    let mut witness = Witness::of_grids(&database, &tiles).await;
    assert_present(&mut witness, &tiles, true).await;
    assert_as_large(&mut witness, &tiles, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_are_those_of_each_tile_in_degrees() {
    let database = sample_region().await;
    let world = world(&database).await;
    let sampled = geographic(&world.atlas);
    let tiles: Vec<_> = sampled.iter().collect();
    let mut witness = Witness::of_grids(&database, &tiles).await;
    assert_present(&mut witness, &tiles, true).await;
    assert_as_large(&mut witness, &tiles, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buildings_of_each_tile_are_those_that_postgis_finds_there_and_as_large() {
    let database = sample_region().await;
    let world = world(&database).await;
    let tiles: Vec<_> = world.of("buildings").collect();
    let mut witness = Witness::of_buildings(&database, &tiles).await;
    assert_present(&mut witness, &tiles, false).await;
    assert_as_large(&mut witness, &tiles, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_facilities_of_each_tile_are_those_that_postgis_places_there_each_at_the_nearest_unit() {
    let database = sample_region().await;
    let world = world(&database).await;
    let tiles: Vec<_> = world.of("facilities").collect();
    let near = facilities(&database, &tiles).await;
    let mut drawn: BTreeMap<(i32, i64), (i32, i32)> = BTreeMap::new();
    for (number, sampled) in (0..).zip(&tiles) {
        for feature in sampled.layers.get("facilities").into_iter().flatten() {
            drawn.insert((number, id(feature)), crate::rings::point(feature));
        }
    }
    let nearest = |at: f64| (at + 0.5).floor();
    let between = |at: f64| (at.rem_euclid(1.0) - 0.5).abs() < 1e-4;
    let inside = |at: f64| (0.0..4096.0).contains(&nearest(at));
    let mut found = 0;
    for (key, (x, y)) in &near {
        if between(*x) || between(*y) {
            continue;
        }
        let expected = (inside(*x) && inside(*y)).then(|| (nearest(*x) as i32, nearest(*y) as i32));
        assert_eq!(drawn.get(key).copied(), expected, "{} {x} {y}", tiles[key.0 as usize].tile);
        found += usize::from(expected.is_some());
    }
    assert!(drawn.keys().all(|key| near.contains_key(key)), "nothing comes from elsewhere");
    println!("{} tiles, {found} facilities", tiles.len());
    assert!(found > 1_000, "{found}");
}
