//! A rough lattice of 3,600 leaves on six levels, some of whose cells crossed themselves before the import repaired them.

use crate::points::mixed;
use crate::postgis::assert_same;
use crate::rough::region;

const POINTS: usize = 150_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_grid_of_150_000_points_of_a_repaired_lattice_is_the_one_that_postgis_names() {
    let region = region().await;
    let (repaired, rejected) = (region.repaired, region.rejected);
    println!("{} grids; {repaired} repaired, {rejected} rejected", region.atlas.grids().len());
    assert!(repaired > 20, "too few cells crossed themselves to prove anything: {repaired}");
    let points = mixed(&region.atlas, POINTS, 11);
    let tally = assert_same(&region.atlas, region.database.options(), &points).await;
    assert!(tally.border > POINTS / 10 && tally.outside > 1_000 && tally.parent_only > 10, "{tally:?}");
}
