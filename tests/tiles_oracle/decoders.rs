//! Three decoders, in Rust, JavaScript and Python, read the same in every tile.

use serde_json::Value as Json;

use crate::common::sample_region;
use crate::decoded::{by_mvt_reader, by_python, by_the_page};
use crate::sample::world;

/// So many tiles at a time are held in memory as text.
const BATCH: usize = 250;

fn features(tile: &Json) -> usize {
    tile.as_object().unwrap().values().map(|layer| layer.as_array().unwrap().len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_is_the_same_to_a_decoder_in_rust_in_javascript_and_in_python() {
    let database = sample_region().await;
    let world = world(&database).await;
    let tiles: Vec<_> = world.tiles.iter().filter(|sampled| !sampled.bytes.is_empty()).collect();
    let mut all = 0;
    for batch in tiles.chunks(BATCH) {
        let bytes: Vec<&[u8]> = batch.iter().map(|sampled| sampled.bytes.as_slice()).collect();
        let (page, python) = (by_the_page(&bytes), by_python(&bytes));
        for ((sampled, page), python) in batch.iter().zip(page).zip(python) {
            let rust = by_mvt_reader(sampled.bytes.clone());
            assert!(page == rust, "{} {}: JavaScript reads something else", sampled.tileset, sampled.tile);
            assert!(python == rust, "{} {}: Python reads something else", sampled.tileset, sampled.tile);
            all += features(&rust);
        }
    }
    println!("{} tiles, {all} features", tiles.len());
    assert!(tiles.len() > 2_000 && all > 50_000, "{} tiles, {all} features", tiles.len());
}
