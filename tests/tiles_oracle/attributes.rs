//! What a tile says of a feature is what the database says of the row.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use gewu::model::{GridId, Snapshot, WorkerId};
use mvt_reader::feature::{Feature, Value};
use serde_json::{Map, Value as Json};

use crate::common::sample_region;
use crate::postgis::{grid_number, rows};
use crate::sample::world;

/// The attributes as JSON. A single-precision number gets the shortest decimal that stands for it, as in PostgreSQL.
fn attributes(feature: &Feature<i32>) -> Json {
    let json = |value: &Value| match value {
        Value::String(text) => text.as_str().into(),
        Value::UInt(number) => (*number as f64).into(),
        Value::Float(number) => number.to_string().parse::<f64>().unwrap().into(),
        Value::Bool(truth) => (*truth).into(),
        other => panic!("{other:?} is of no type that a tile uses"),
    };
    let properties = feature.properties.iter().flatten();
    Json::Object(properties.map(|(key, value)| (key.clone(), json(value))).collect())
}

/// The row with all its numbers as doubles.
fn as_doubles(row: &Json) -> Json {
    let double = |value: &Json| value.as_f64().map_or_else(|| value.clone(), Json::from);
    let fields: Map<_, _> = row.as_object().unwrap().iter().map(|(k, v)| (k.clone(), double(v))).collect();
    Json::Object(fields)
}

/// Who is on duty in each grid of its own, by its number: the rows, gone through one by one.
fn on_duty(snapshot: &Snapshot, at: DateTime<Utc>) -> HashMap<u64, BTreeSet<WorkerId>> {
    let absent: HashMap<WorkerId, Option<WorkerId>> = snapshot
        .absences
        .iter()
        .filter(|absence| absence.span.contains(at))
        .map(|absence| (absence.worker, absence.substitute))
        .collect();
    let numbers: HashMap<GridId, u64> = snapshot.grids.iter().map(|v| (v.grid.id, v.number)).collect();
    let mut found: HashMap<u64, BTreeSet<WorkerId>> = HashMap::new();
    for assignment in snapshot.assignments.iter().filter(|assignment| assignment.span.contains(at)) {
        let mut present = Some(assignment.worker);
        let mut steps = 0;
        while let Some(substitute) = present.and_then(|worker| absent.get(&worker)) {
            present = if steps < 100 { *substitute } else { None };
            steps += 1;
        }
        let grid = numbers[&assignment.grid];
        present.into_iter().for_each(|worker| _ = found.entry(grid).or_default().insert(worker));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attribute_of_every_grid_is_that_of_its_row_in_the_database() {
    let database = sample_region().await;
    let world = world(&database).await;
    let columns = "code, name, level, kind, households, invented";
    let rows = rows(&database, "current_grid", &grid_number("grid_id"), columns).await;
    let on_duty = on_duty(&database.store.read_snapshot().await.unwrap(), world.atlas.as_of());
    assert!(on_duty.len() > 100, "{}", on_duty.len());
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for sampled in world.of("grids") {
        for (layer, features) in sampled.layers.iter().filter(|(layer, _)| *layer != "grid_label") {
            for feature in features {
                let id = feature.id.unwrap();
                let row = as_doubles(&rows[&id]);
                let mut found = attributes(feature);
                let mut take = |name: &str| found.as_object_mut().unwrap().remove(name).unwrap();
                let (workers, gap) = (take("workers").as_f64().unwrap(), take("duty_gap").as_bool().unwrap());
                assert_eq!(found, row, "{} {layer}", sampled.tile);
                assert_eq!(
                    workers as usize,
                    on_duty.get(&id).map_or(0, BTreeSet::len),
                    "{} {row}",
                    sampled.tile
                );
                assert_eq!(gap, workers == 0.0);
                assert_eq!(*layer, format!("grid_{}", row["level"]).replace(".0", ""));
                seen.insert(id);
                count += 1;
            }
        }
    }
    println!("{count} features of {} grids", seen.len());
    assert!(seen.len() * 10 > rows.len(), "only {} of {} grids were seen", seen.len(), rows.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attribute_of_every_label_is_that_of_its_row_and_larger_grids_rank_first() {
    let database = sample_region().await;
    let world = world(&database).await;
    let columns = "code, name, level";
    let rows_by_id = rows(&database, "current_grid", &grid_number("grid_id"), columns).await;
    let side = "greatest(st_xmax(geom) - st_xmin(geom), st_ymax(geom) - st_ymin(geom)) as side";
    let sides = rows(&database, "current_grid", &grid_number("grid_id"), side).await;
    let mut count = 0;
    for sampled in world.of("grids") {
        let mut ranks = Vec::new();
        for feature in sampled.layers.get("grid_label").into_iter().flatten() {
            let id = feature.id.unwrap();
            let mut found = attributes(feature);
            let rank = found.as_object_mut().unwrap().remove("rank").unwrap().as_f64().unwrap();
            assert_eq!(found, as_doubles(&rows_by_id[&id]), "{}", sampled.tile);
            ranks.push((found["level"].as_f64().unwrap(), sides[&id]["side"].as_f64().unwrap(), rank));
            count += 1;
        }
        ranks.sort_by(|(level, side, _), (other, wider, _)| {
            level.total_cmp(other).then(wider.total_cmp(side))
        });
        for pair in ranks.windows(2) {
            assert!(pair[0].2 <= pair[1].2, "{}: {pair:?} (level, side, rank)", sampled.tile);
        }
    }
    println!("{count} labels");
    assert!(count > 500, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attribute_of_every_building_and_facility_is_that_of_its_row_in_the_database() {
    let database = sample_region().await;
    let world = world(&database).await;
    for (tileset, table, columns) in [
        ("buildings", "building", "class, name, height_m, floors, households"),
        ("facilities", "facility", "class, name"),
    ] {
        let rows = rows(&database, table, "number", columns).await;
        let mut count = 0;
        for sampled in world.of(tileset) {
            for feature in sampled.layers.get(tileset).into_iter().flatten() {
                assert_eq!(attributes(feature), as_doubles(&rows[&feature.id.unwrap()]), "{}", sampled.tile);
                count += 1;
            }
        }
        println!("{count} {tileset}");
        assert!(count > 1_000, "{count} {tileset}");
    }
}
