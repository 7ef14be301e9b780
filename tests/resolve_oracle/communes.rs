//! The communes of Liechtenstein: real borders, exclaves, and the holes that these leave.

use std::path::Path;

use gewu::atlas::Atlas;

use crate::points::mixed;
use crate::postgis::assert_same;
use crate::rough::import;

const POINTS: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_commune_of_100_000_points_is_the_one_that_postgis_names() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/liechtenstein/communes.geojson");
    let (database, report) = import(&path, "wgs84").await;
    assert!(report.committed && report.accepted == 14, "{report:?}");
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let grids = atlas.grids();
    let parts = grids.all().filter(|grid| grids.is_leaf(*grid)).map(|grid| grids.geometry(grid).0.len());
    assert!(parts.max() >= Some(5), "the exclaves were lost");
    let tally = assert_same(&atlas, database.options(), &mixed(&atlas, POINTS, 29)).await;
    assert!(tally.border > POINTS / 10 && tally.outside > 1_000, "{tally:?}");
}
