//! The designs that the lookup was chosen from, over the same leaves and points, one after another in one run, on one thread.
//!
//! All find the leaf of a point exactly; each is checked against the atlas on every point. Prints millions of points a second.

#[path = "../support/lattice.rs"]
mod lattice;

use std::time::Instant;

use geo::{Coord, MultiPolygon};
use gewu::atlas::{Atlas, Cover, Envelope, GridIndex};
use gewu::geom::{Location, locate_among_lines, locate_multipolygon};
use gewu::model::LonLat;
use lattice::{Lattice, hash};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

const POINTS: u64 = 1_000_000;
const STRIPES: usize = 32;

/// A leaf whose edges are sorted into stripes of latitude: a ray looks at one stripe.
struct Striped {
    south: f64,
    per_degree: f64,
    stripes: Vec<Vec<[Coord<f64>; 2]>>,
}

impl Striped {
    fn new(envelope: &Envelope, territory: &MultiPolygon<f64>) -> Self {
        let south = envelope.min[1];
        let per_degree = STRIPES as f64 / (envelope.max[1] - south).max(f64::MIN_POSITIVE);
        let mut striped = Self { south, per_degree, stripes: vec![Vec::new(); STRIPES] };
        for edge in territory.iter().flat_map(|polygon| polygon.exterior().0.windows(2)) {
            let (low, high) = (edge[0].y.min(edge[1].y), edge[0].y.max(edge[1].y));
            for stripe in striped.stripe(low).saturating_sub(1)..=(striped.stripe(high) + 1).min(STRIPES - 1)
            {
                striped.stripes[stripe].push([edge[0], edge[1]]);
            }
        }
        striped
    }

    fn stripe(&self, y: f64) -> usize {
        (((y - self.south) * self.per_degree) as usize).min(STRIPES - 1)
    }

    fn covers(&self, at: Coord<f64>) -> bool {
        let edges = self.stripes[self.stripe(at.y)].iter().map(|edge| &edge[..]);
        locate_among_lines(edges, at) != Location::Outside
    }
}

fn main() {
    let atlas = Atlas::build(Lattice::reference().snapshot()).expect("a lattice is a sound region");
    let grids = atlas.grids();
    let share = |seed: u64, axis: u64| (hash(&[seed, axis]) >> 11) as f64 / (1_u64 << 53) as f64;
    let point = |seed| LonLat::new(99.05 + 1.9 * share(seed, 0), 25.05 + 1.9 * share(seed, 1));
    let points: Vec<_> =
        (0..POINTS).map(|seed| point(seed).expect("the lattice lies on the earth")).collect();
    let leaves: Vec<_> = grids.all().filter(|grid| grids.is_leaf(*grid)).collect();
    let territories: Vec<_> = leaves.iter().map(|leaf| grids.geometry(*leaf)).collect();
    let striped: Vec<_> = leaves
        .iter()
        .zip(&territories)
        .map(|(leaf, territory)| Striped::new(grids.envelope(*leaf), territory))
        .collect();
    let boxed = |(place, leaf): (usize, &GridIndex)| {
        let envelope = grids.envelope(*leaf);
        GeomWithData::new(Rectangle::from_corners(envelope.min, envelope.max), place)
    };
    let tree = RTree::bulk_load(leaves.iter().enumerate().map(boxed).collect());
    let candidates = |at: Coord<f64>| tree.locate_all_at_point([at.x, at.y]).map(|found| found.data);
    // Some cells of the lattice overlap a little: the lowest code wins.
    let lowest = |covering: &mut dyn Iterator<Item = usize>| {
        covering.map(|place| leaves[place]).min_by(|a, b| grids.code(*a).cmp(grids.code(*b)))
    };
    let of = |cover: Cover| match cover {
        Cover::Inside(leaf) | Cover::Border(leaf) => Some(leaf),
        Cover::ParentOnly(_) | Cover::Outside => None,
    };
    let expected: Vec<_> = atlas.cover_batch(&points).into_iter().map(of).collect();
    for round in 0..3 {
        time(round, "R-tree, whole rings", &points, &expected, |at| {
            let covers = |place: &usize| locate_multipolygon(&territories[*place], at).is_covered();
            lowest(&mut candidates(at).filter(covers))
        });
        time(round, "R-tree, rings in stripes", &points, &expected, |at| {
            lowest(&mut candidates(at).filter(|place| striped[*place].covers(at)))
        });
        time(round, "sectors of cells, one by one", &points, &expected, |at| {
            of(atlas.cover(LonLat::new(at.x, at.y).expect("a point of the list")))
        });
        let began = Instant::now();
        let covers = atlas.cover_batch(&points);
        report(round, "sectors of cells, a batch", began);
        assert!(covers.into_iter().map(of).eq(expected.iter().copied()));
    }
}

fn time(
    round: usize,
    design: &str,
    points: &[LonLat],
    expected: &[Option<GridIndex>],
    find: impl Fn(Coord<f64>) -> Option<GridIndex>,
) {
    let began = Instant::now();
    let found: Vec<_> = points.iter().map(|point| find((*point).into())).collect();
    report(round, design, began);
    let differ = found.iter().zip(expected).filter(|(a, b)| a != b).count();
    assert!(differ == 0, "{design}: {differ} points differ");
}

fn report(round: usize, design: &str, began: Instant) {
    let rate = POINTS as f64 / began.elapsed().as_secs_f64() / 1e6;
    println!("{round}\t{design}\t{rate:.3}");
}
