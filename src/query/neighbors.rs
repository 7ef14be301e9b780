//! The grids next to a grid.

use geo::{Coord, LineString, MultiPolygon};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use crate::access::Principal;
use crate::atlas::{Atlas, Envelope, GridIndex};

/// Borders closer than this run together, in degrees of latitude: about a centimetre, which is below the accuracy of
/// any survey and above the rounding of any file.
const TOGETHER_DEG: f64 = 1e-7;
/// Borders run together when they do so for at least this long, in degrees of latitude: about a decimetre.
const LONG_ENOUGH_DEG: f64 = 1e-6;

type Edge = GeomWithData<Rectangle<[f64; 2]>, (Coord<f64>, Coord<f64>)>;

/// The grids of the same level whose border runs together with that of `grid`, in ascending order of code.
///
/// To run together, an edge of each must lie within a centimetre of the other over a decimetre or more; they need not
/// share vertices. Grids that only touch in a point are no neighbours. Boundaries are no personal data, so every
/// principal may ask. O((n + m) log n) in the edges of the grid and of those around it.
pub fn neighbors(atlas: &Atlas, _who: &Principal, grid: GridIndex) -> Vec<GridIndex> {
    let grids = atlas.grids();
    let own = grids.geometry(grid);
    let plane = Plane::at(grids.envelope(grid));
    let tree = RTree::bulk_load(plane.edges(&own).map(boxed).collect());
    let near = widened(grids.envelope(grid));
    let same_level = |g: &GridIndex| *g != grid && grids.level(*g) == grids.level(grid);
    let mut found: Vec<_> = atlas
        .grids_in(&near)
        .filter(same_level)
        .filter(|g| plane.edges(&grids.geometry(*g)).any(|edge| runs_along(&tree, edge)))
        .collect();
    grids.sort(&mut found);
    found
}

/// Degrees with longitudes shrunk to the length of latitudes, so that distances can be compared.
#[derive(Clone, Copy)]
struct Plane {
    shrink: f64,
}

impl Plane {
    fn at(envelope: &Envelope) -> Self {
        Self { shrink: ((envelope.min[1] + envelope.max[1]) / 2.0).to_radians().cos().max(0.01) }
    }

    fn edges(self, territory: &MultiPolygon<f64>) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> + '_ {
        let place = move |c: Coord<f64>| Coord { x: c.x * self.shrink, y: c.y };
        let rings = territory.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        let edges = rings.flat_map(|ring: &LineString<f64>| ring.0.windows(2));
        edges.map(move |edge| (place(edge[0]), place(edge[1])))
    }
}

fn widened(envelope: &Envelope) -> Envelope {
    let by = 100.0 * TOGETHER_DEG;
    Envelope {
        min: [envelope.min[0] - by, envelope.min[1] - by],
        max: [envelope.max[0] + by, envelope.max[1] + by],
    }
}

fn boxed((a, b): (Coord<f64>, Coord<f64>)) -> Edge {
    let low = [a.x.min(b.x) - TOGETHER_DEG, a.y.min(b.y) - TOGETHER_DEG];
    let high = [a.x.max(b.x) + TOGETHER_DEG, a.y.max(b.y) + TOGETHER_DEG];
    GeomWithData::new(Rectangle::from_corners(low, high), (a, b))
}

fn runs_along(tree: &RTree<Edge>, (c, d): (Coord<f64>, Coord<f64>)) -> bool {
    let query = AABB::from_corners([c.x.min(d.x), c.y.min(d.y)], [c.x.max(d.x), c.y.max(d.y)]);
    tree.locate_in_envelope_intersecting(query).any(|edge| run_together(edge.data, (c, d)))
}

/// Do two edges lie together over a length that counts? `c`-`d` is measured along and across the line through `a`-`b`;
/// over the stretch that both share, it must stay near that line at both ends, hence everywhere between.
fn run_together((a, b): (Coord<f64>, Coord<f64>), (c, d): (Coord<f64>, Coord<f64>)) -> bool {
    let length = (b - a).x.hypot((b - a).y);
    if length == 0.0 {
        return false;
    }
    let unit = (b - a) / length;
    let along = |p: Coord<f64>| (p - a).x * unit.x + (p - a).y * unit.y;
    let across = |p: Coord<f64>| (p - a).x * unit.y - (p - a).y * unit.x;
    let (from, to) = if along(c) <= along(d) { (c, d) } else { (d, c) };
    let (start, end) = (along(from).max(0.0), along(to).min(length));
    let span = along(to) - along(from);
    if end - start < LONG_ENOUGH_DEG.min(length) || span == 0.0 {
        return false;
    }
    let offset = |at: f64| across(from) + (across(to) - across(from)) * (at - along(from)) / span;
    offset(start).abs() <= TOGETHER_DEG && offset(end).abs() <= TOGETHER_DEG
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(a: (f64, f64), b: (f64, f64)) -> (Coord<f64>, Coord<f64>) {
        (a.into(), b.into())
    }

    #[test]
    fn edges_that_overlap_on_one_line_run_together_whatever_their_direction_and_vertices() {
        let long = edge((0.0, 0.0), (1.0, 1.0));
        assert!(run_together(long, edge((0.6, 0.6), (0.2, 0.2))));
        assert!(run_together(edge((0.6, 0.6), (0.2, 0.2)), long));
        assert!(run_together(long, edge((0.5, 0.5), (2.0, 2.0))));
    }

    #[test]
    fn edges_that_touch_cross_or_keep_a_distance_do_not() {
        let long = edge((0.0, 0.0), (1.0, 0.0));
        for other in [
            edge((1.0, 0.0), (2.0, 0.0)),
            edge((0.5, -1.0), (0.5, 1.0)),
            edge((0.5, 0.0), (0.5, 1.0)),
            edge((0.0, 3e-7), (1.0, 3e-7)),
            edge((0.0, 0.0), (1.0, 1e-3)),
        ] {
            assert!(!run_together(long, other), "{other:?}");
        }
    }
}
