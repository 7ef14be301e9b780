//! The sample region has no gap and no overlap at any zoom.

use rayon::prelude::*;

use crate::common::sample_region;
use crate::sample::world;
use crate::slivers::Tally;

#[tokio::test(flavor = "multi_thread")]
async fn along_lines_through_its_tiles_every_place_is_in_exactly_one_of_the_deepest_grids() {
    let database = sample_region().await;
    let world = world(&database).await;
    let tiles: Vec<_> = world.of("grids").collect();
    let looked = tiles.par_iter().map(|sampled| {
        let mut tally = Tally::default();
        tally.look_at(&world.atlas, sampled.tile);
        assert_eq!((tally.gaps, tally.overlaps), (0, 0), "{}: {tally:?}", sampled.tile);
        tally
    });
    let (lines, seams) =
        looked.map(|tally| (tally.lines, tally.seams)).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("{lines} lines, {seams} seams");
    assert!(lines > 20_000 && seams > 50_000, "{lines} lines, {seams} seams");
}
