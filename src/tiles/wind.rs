//! Puts the rings of a clipped polygon into the form that MVT 2.1 asks for.

use geo::Coord;

use super::clip::{Ring, edges, twice_area};

type Vertex = Coord<i32>;

/// Drops repeated and collinear vertices, spikes and rings without area, and puts each interior (negative area) behind
/// the exterior (positive area) that holds it. The same rings come out whatever vertex each began with: a ring begins with its
/// lowest vertex, and rings come in a fixed order.
pub(super) fn wind(rings: Vec<Ring>) -> Vec<Ring> {
    let mut clean: Vec<_> = rings.into_iter().filter_map(clean).collect();
    clean.iter_mut().for_each(|ring| begin_lowest(ring));
    if clean.len() <= 1 {
        clean.retain(|ring| twice_area(ring) > 0);
        return clean;
    }
    clean.sort_unstable_by(|a, b| vertices(a).cmp(vertices(b)));
    let (exteriors, mut interiors): (Vec<_>, Vec<_>) = clean.into_iter().partition(|ring| twice_area(ring) > 0);
    if exteriors.len() == 1 {
        return exteriors.into_iter().chain(interiors).collect();
    }
    let mut ordered = Vec::new();
    // The smallest exterior takes its interiors first: an island in a lake is not the mainland.
    let mut by_area = exteriors;
    by_area.sort_by_key(|ring| twice_area(ring));
    for exterior in by_area {
        let (own, others) = interiors.into_iter().partition(|interior| holds(&exterior, interior));
        interiors = others;
        ordered.push(exterior);
        ordered.extend::<Vec<_>>(own);
    }
    ordered
}

fn begin_lowest(ring: &mut Ring) {
    let lowest = (0..ring.len()).min_by_key(|at| (ring[*at].x, ring[*at].y));
    ring.rotate_left(lowest.unwrap_or(0));
}

/// What rings are put in order by.
fn vertices(ring: &Ring) -> impl Iterator<Item = (i32, i32)> + '_ {
    ring.iter().map(|vertex| (vertex.x, vertex.y))
}

/// The ring without vertices that say nothing; `None` when nothing with an area is left.
///
/// Removing a vertex on the line between its neighbours moves no border: the neighbour that keeps it has it on the same line.
fn clean(ring: Ring) -> Option<Ring> {
    let mut kept: Ring = Vec::with_capacity(ring.len());
    for vertex in ring {
        while kept.len() >= 2 && in_line(kept[kept.len() - 2], kept[kept.len() - 1], vertex) {
            kept.pop();
        }
        if kept.last() != Some(&vertex) {
            kept.push(vertex);
        }
    }
    // The same around the place where the ring closes.
    let mut from = 0;
    while kept.len() - from >= 3 {
        let last = kept.len() - 1;
        if in_line(kept[last - 1], kept[last], kept[from]) {
            kept.pop();
        } else if in_line(kept[last], kept[from], kept[from + 1]) {
            from += 1;
        } else {
            break;
        }
    }
    kept.drain(..from);
    (kept.len() >= 3 && twice_area(&kept) != 0).then_some(kept)
}

/// Do three vertices lie on one line? So do two that are equal and any third.
fn in_line(a: Vertex, b: Vertex, c: Vertex) -> bool {
    let [ax, ay, bx, by] = [b.x - a.x, b.y - a.y, c.x - b.x, c.y - b.y].map(i64::from);
    ax * by == ay * bx
}

/// Does a ring hold another that does not cross it? The first vertex that is not on the outer ring decides.
fn holds(outer: &[Vertex], inner: &[Vertex]) -> bool {
    inner.iter().find_map(|vertex| inside(outer, *vertex)).unwrap_or(true)
}

/// Is a vertex inside a ring (even-odd)? `None` when it is on the ring. Exact.
fn inside(ring: &[Vertex], at: Vertex) -> Option<bool> {
    let mut inside = false;
    for (a, b) in edges(ring) {
        let [abx, aby, apx, apy] = [b.x - a.x, b.y - a.y, at.x - a.x, at.y - a.y].map(i64::from);
        let turn = abx * apy - aby * apx;
        let between = |p: i32, q: i32, n: i32| (p.min(q)..=p.max(q)).contains(&n);
        if turn == 0 && between(a.x, b.x, at.x) && between(a.y, b.y, at.y) {
            return None;
        }
        if (a.y > at.y) != (b.y > at.y) && (turn > 0) == (b.y > a.y) {
            inside = !inside;
        }
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(vertices: &[(i32, i32)]) -> Ring {
        vertices.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    #[test]
    fn repeats_collinear_vertices_and_spikes_go_also_where_the_ring_closes() {
        let noisy = ring(&[(5, 0), (10, 0), (10, 0), (10, 10), (10, 30), (10, 10), (0, 10), (0, 0), (2, 0)]);
        let clean = clean(noisy).unwrap();
        assert_eq!(clean.len(), 4);
        assert_eq!(twice_area(&clean), 200);
    }

    #[test]
    fn a_ring_without_area_goes() {
        assert_eq!(clean(ring(&[(0, 0), (5, 5), (9, 9)])), None);
        assert_eq!(clean(ring(&[(0, 0), (5, 0), (5, 5), (5, 0)])), None);
        assert_eq!(clean(ring(&[])), None);
    }

    #[test]
    fn an_interior_follows_the_smallest_exterior_that_holds_it() {
        let land = ring(&[(0, 0), (90, 0), (90, 90), (0, 90)]);
        let lake = ring(&[(10, 10), (10, 80), (80, 80), (80, 10)]);
        let island = ring(&[(20, 20), (70, 20), (70, 70), (20, 70)]);
        let pond = ring(&[(30, 30), (30, 40), (40, 40), (40, 30)]);
        let wound = wind(vec![pond.clone(), lake.clone(), land.clone(), island.clone()]);
        assert_eq!(wound, [island, pond, land, lake]);
    }
}
