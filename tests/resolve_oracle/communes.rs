//! The communes of Liechtenstein: real borders, exclaves, and the holes that these leave.

use std::collections::HashMap;

use geo::{Geometry, MultiPolygon};
use geojson::{Feature, FeatureCollection};
use gewu::atlas::Atlas;
use gewu::model::{Code, County, Grid, GridId, Level, LevelName, LevelScheme};
use gewu::store::ImportKind;
use uuid::Uuid;

use crate::common::{TestDatabase, database};
use crate::points::mixed;
use crate::postgis::assert_same;

const POINTS: usize = 100_000;

/// The file in a database of its own. Not by `gewu import`, which takes nothing outside China.
async fn stored() -> TestDatabase {
    let file: FeatureCollection = include_str!("../../data/liechtenstein/communes.geojson").parse().unwrap();
    let mut ids = HashMap::new();
    let grids: Vec<_> = file.features.iter().map(|feature| grid(feature, &mut ids)).collect();
    let name = |level: Level| LevelName {
        level,
        name: format!("第{}级", level.number()),
        name_en: format!("Level {}", level.number()),
        min_zoom: 0,
        max_zoom: 22,
    };
    let levels = (1..=3).map(|level| name(Level::new(level).unwrap())).collect();
    let database = database().await;
    let mut import = database.store.begin_import(ImportKind::Sample, "communes").await.unwrap();
    import.put_level_scheme(&LevelScheme { levels }).await.unwrap();
    import.put_grids(&grids).await.unwrap();
    import.commit().await.unwrap();
    database
}

/// One feature; parents come before children.
fn grid(feature: &Feature, ids: &mut HashMap<String, GridId>) -> Grid {
    let text = |name: &str| feature.property(name).and_then(|value| value.as_str()).map(str::to_owned);
    let code = Code::parse(&text("code").unwrap()).unwrap();
    let id = GridId(Uuid::now_v7());
    ids.insert(code.to_string(), id);
    let geometry = Geometry::<f64>::try_from(feature.geometry.clone().unwrap()).unwrap();
    Grid {
        id,
        county: County::of(&code),
        scheme: "osm".into(),
        level: Level::new(feature.property("level").unwrap().as_i64().unwrap()).unwrap(),
        parent: text("parent_code").map(|parent| ids[&parent]),
        kind: None,
        name: text("name").unwrap(),
        households: None,
        invented: false,
        geometry: MultiPolygon::try_from(geometry).unwrap(),
        code,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commune_of_100_000_points_is_the_one_that_postgis_names() {
    let database = stored().await;
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let grids = atlas.grids();
    let leaves: Vec<_> = grids.all().filter(|grid| grids.is_leaf(*grid)).collect();
    let territories: Vec<_> = leaves.iter().map(|grid| grids.geometry(*grid)).collect();
    let parts = territories.iter().map(|territory| territory.0.len()).max();
    let holes: usize = territories.iter().flatten().map(|polygon| polygon.interiors().len()).sum();
    assert_eq!(leaves.len(), 11);
    assert!(parts >= Some(5) && holes >= 2, "the exclaves were lost: {parts:?} parts, {holes} holes");
    let tally = assert_same(&atlas, database.options(), &mixed(&atlas, POINTS, 29)).await;
    assert!(tally.border > POINTS / 10 && tally.outside > 1_000, "{tally:?}");
}
