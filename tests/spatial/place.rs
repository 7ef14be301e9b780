//! The sample region, and places in it to ask about.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use geo::BoundingRect;
use gewu::atlas::Atlas;
use gewu::model::LonLat;
use gewu::query::{Collection, Looking};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::common::{TestDatabase, sample_region};

/// The atlas of the sample region, made by the first test that asks, and its database.
pub(crate) async fn place() -> (Arc<Atlas>, TestDatabase) {
    static ATLAS: OnceCell<Arc<Atlas>> = OnceCell::const_new();
    let database = sample_region().await;
    let build = || async { Arc::new(Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap()) };
    let atlas = ATLAS.get_or_init(build).await.clone();
    (atlas, database)
}

/// A connection of the test's own.
pub(crate) async fn witness(database: &TestDatabase) -> PgConnection {
    PgConnection::connect_with(&database.options()).await.unwrap()
}

/// The same places at each run: where buildings stand, in the middle of them, at their corners, and anywhere around.
pub(crate) fn places(atlas: &Atlas, count: usize) -> Vec<LonLat> {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_126);
    let mut buildings: Vec<_> = atlas.resources().buildings().collect();
    buildings.sort_unstable_by_key(|building| building.id);
    let at = |number: usize| {
        let footprint = &buildings[random.random_range(0..buildings.len())].footprint;
        let (rect, corner) = (footprint.bounding_rect().unwrap(), footprint.exterior().0[0]);
        let off = [random.random_range(-0.02..0.02), random.random_range(-0.02..0.02)];
        match number % 3 {
            0 => (rect.center().x, rect.center().y),
            1 => (corner.x, corner.y),
            _ => (rect.center().x + off[0], rect.center().y + off[1]),
        }
    };
    (0..count).map(at).map(|(lon, lat)| LonLat::new(lon, lat).unwrap()).collect()
}

/// Whatever there is, without a limit.
pub(crate) fn everything() -> Looking {
    Looking {
        collections: Collection::ALL.into(),
        classes: BTreeSet::new(),
        limit: usize::MAX,
        at: Utc::now(),
        roles: Vec::new(),
    }
}
