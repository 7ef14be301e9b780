//! The whole sample region.

use gewu::atlas::Atlas;

use crate::common::sample_region;
use crate::points::mixed;
use crate::postgis::assert_same;

const POINTS: usize = 200_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_grid_of_200_000_points_of_the_sample_is_the_one_that_postgis_names() {
    let database = sample_region().await;
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let tally = assert_same(&atlas, database.options(), &mixed(&atlas, POINTS, 20_260_303)).await;
    assert!(tally.border > POINTS / 10, "the oracle was not asked the hard ones: {tally:?}");
    assert!(tally.outside > 1_000, "{tally:?}");
}
