//! Following changes in a region of several sectors: what a small fixture has no room for.

#[path = "../benches/support/lattice.rs"]
mod lattice;

use std::collections::BTreeMap;

use geo::Coord;
use gewu::atlas::{Atlas, Cover, Envelope};
use gewu::model::{Code, Delta, GridId, GridVersion, LonLat, Snapshot};
use lattice::{Lattice, hash};

const ROUNDS: u64 = 24;
const PROBES: u64 = 4_000;

/// 3,600 leaves: more than three sectors hold.
fn region() -> Snapshot {
    let lattice = Lattice {
        corner: [100.0, 25.0],
        cells: 60,
        cell: 0.01,
        levels: vec![(1, 60, 0, 22), (3, 12, 0, 22), (5, 1, 0, 22)],
        detail: 2,
    };
    lattice.snapshot()
}

fn pick(round: u64, of: u64, below: usize) -> usize {
    (hash(&[round, of]) % below as u64) as usize
}

/// Changes one grid as `what` says: draws it anew, renames it, takes it away, or brings it back.
fn change(kept: &mut BTreeMap<GridId, Vec<GridVersion>>, original: &GridVersion, what: u64, round: u64) {
    let id = original.grid.id;
    let version = kept.get(&id).and_then(|versions| versions.first()).unwrap_or(original).clone();
    let mut version = version;
    match what % 5 {
        0 | 1 => {
            let by = Coord { x: 1e-4 * (pick(round, what, 7) as f64 - 3.0), y: 2e-4 };
            version.grid.geometry.0[0].exterior_mut(|ring| ring.0.iter_mut().for_each(|c| *c = *c + by));
        }
        2 => version.grid.code = Code::parse(&format!("new.{round}.{what}")).unwrap(),
        3 => version.grid.geometry = original.grid.geometry.clone(),
        _ => {
            kept.remove(&id);
            return;
        }
    }
    kept.insert(id, vec![version]);
}

fn covers(atlas: &Atlas, points: &[LonLat]) -> Vec<(u8, Option<GridId>)> {
    let kind = |cover: &Cover| match cover {
        Cover::Inside(_) => 0,
        Cover::Border(_) => 1,
        Cover::ParentOnly(_) => 2,
        Cover::Outside => 3,
    };
    let name = |cover: Cover| (kind(&cover), cover.grid().map(|grid| atlas.grids().id(grid)));
    let one_by_one: Vec<_> = points.iter().map(|point| name(atlas.cover(*point))).collect();
    let batch: Vec<_> = atlas.cover_batch(points).into_iter().map(name).collect();
    assert_eq!(one_by_one, batch, "a batch says what single calls say");
    one_by_one
}

fn probes(round: u64, touched: &[GridVersion]) -> Vec<LonLat> {
    let share = |seed: u64, axis: u64| (hash(&[round, seed, axis]) >> 11) as f64 / (1_u64 << 53) as f64;
    let anywhere = (0..PROBES).map(|seed| (99.98 + 0.64 * share(seed, 0), 24.98 + 0.64 * share(seed, 1)));
    let vertices = touched.iter().flat_map(|version| version.grid.geometry.0[0].exterior().0.clone());
    let middles = touched.iter().flat_map(|version| {
        let ring = &version.grid.geometry.0[0].exterior().0;
        ring.windows(2).map(|edge| (edge[0] + edge[1]) / 2.0).collect::<Vec<_>>()
    });
    let on_edges = vertices.chain(middles).map(|at| (at.x, at.y));
    anywhere.chain(on_edges).map(|(lon, lat)| LonLat::new(lon, lat).unwrap()).collect()
}

fn found_in(atlas: &Atlas, round: u64) -> Vec<GridId> {
    let corner = [100.0 + 0.05 * (round % 11) as f64, 25.0 + 0.04 * (round % 13) as f64];
    let envelope = Envelope { min: corner, max: [corner[0] + 0.13, corner[1] + 0.07] };
    let mut found: Vec<_> = atlas.grids_in(&envelope).map(|grid| atlas.grids().id(grid)).collect();
    found.sort_unstable();
    found
}

/// The oracle is an atlas that is built at once from what is there.
#[test]
fn changes_across_sectors_few_and_many_at_once_leave_the_atlas_that_a_build_gives() {
    let snapshot = region();
    let leaves: Vec<_> =
        snapshot.grids.iter().filter(|version| version.grid.level.number() == 5).cloned().collect();
    let mut kept: BTreeMap<_, _> =
        snapshot.grids.iter().map(|version| (version.grid.id, vec![version.clone()])).collect();
    let mut atlas = Atlas::build(snapshot.clone()).unwrap();
    for round in 0..ROUNDS {
        let count = [1, 3, 150][pick(round, 0, 3)];
        let chosen = (0..count).map(|n| &leaves[pick(round, 1 + n, leaves.len())]);
        let chosen: BTreeMap<_, _> = chosen.map(|version| (version.grid.id, version)).collect();
        for (n, version) in chosen.values().enumerate() {
            change(&mut kept, version, hash(&[round, n as u64]), round);
        }
        let now = |id: &GridId| kept.get(id).cloned().unwrap_or_default();
        let grids = chosen.keys().map(|id| (*id, now(id))).collect();
        atlas = atlas.apply(Delta { revision: 2, at: snapshot.at, grids, ..Delta::default() }).unwrap();
        let rows = kept.values().flatten().cloned().collect();
        let built = Atlas::build(Snapshot { revision: 2, grids: rows, ..snapshot.clone() }).unwrap();

        let touched: Vec<_> = chosen.keys().flat_map(now).collect();
        let points = probes(round, &touched);
        assert_eq!(covers(&atlas, &points), covers(&built, &points), "round {round}, {count} grids");
        assert_eq!(found_in(&atlas, round), found_in(&built, round));
        let codes =
            |atlas: &Atlas| atlas.grids().all().map(|g| atlas.grids().code(g).clone()).collect::<Vec<_>>();
        assert_eq!(codes(&atlas), codes(&built), "the order of (level, code)");
        let edges = |atlas: &Atlas| {
            let sharing = atlas.grids().sharing();
            (sharing.single_edges, sharing.shared_edges)
        };
        assert_eq!(edges(&atlas), edges(&built), "every edge is stored once, with the grids on its sides");
    }
}
