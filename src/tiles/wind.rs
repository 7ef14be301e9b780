//! Puts the rings of a clipped polygon into the form that MVT 2.1 asks for.

use geo::Coord;

use super::clip::{Ring, edges, twice_area};

type Vertex = Coord<i32>;

/// Drops repeated and collinear vertices, spikes and rings without area, and puts each interior (negative area) behind
/// the exterior (positive area) that holds it. The same rings come out whatever vertex each began with: a ring begins with its
/// lowest vertex, and rings come in a fixed order.
pub(super) fn wind(mut rings: Vec<Ring>) -> Vec<Ring> {
    rings.iter_mut().for_each(clean);
    if rings.len() == 1 {
        rings.retain(|ring| twice_area(ring) > 0);
        return rings;
    }
    rings.sort_unstable_by(|a, b| vertices(a).cmp(vertices(b)));
    let signed = rings.into_iter().map(|ring| (twice_area(&ring), ring));
    let (exteriors, interiors): (Vec<_>, Vec<_>) =
        signed.filter(|(area, _)| *area != 0).partition(|(area, _)| *area > 0);
    let mut interiors: Vec<_> = interiors.into_iter().map(|(_, ring)| ring).collect();
    // The smallest exterior takes its interiors first: an island in a lake is not the mainland.
    let mut by_area = exteriors;
    if by_area.len() == 1 {
        return by_area.into_iter().map(|(_, exterior)| exterior).chain(interiors).collect();
    }
    let mut ordered = Vec::new();
    by_area.sort_by_key(|(area, _)| *area);
    for (_, exterior) in by_area {
        let (own, others) = interiors.into_iter().partition(|interior| holds(&exterior, interior));
        interiors = others;
        ordered.push(exterior);
        ordered.extend::<Vec<_>>(own);
    }
    ordered
}

/// The same of a ring that is alone, whichever way it was wound; `None` when nothing with an area is left.
pub(super) fn wind_one(mut ring: Ring) -> Option<Ring> {
    clean(&mut ring);
    match twice_area(&ring) {
        0 => return None,
        1.. => {}
        // The lowest vertex stays the first.
        _ => ring[1..].reverse(),
    }
    Some(ring)
}

/// What rings are put in order by.
fn vertices(ring: &Ring) -> impl Iterator<Item = (i32, i32)> + '_ {
    ring.iter().map(|vertex| (vertex.x, vertex.y))
}

/// Takes out vertices that say nothing and puts the lowest first. What encloses nothing has no area, if anything is left of it.
///
/// Removing a vertex on the line between its neighbours moves no border: the neighbour that keeps it has it on the same line.
fn clean(ring: &mut Ring) {
    let mut kept = 0;
    for at in 0..ring.len() {
        let vertex = ring[at];
        while kept >= 2 && in_line(ring[kept - 2], ring[kept - 1], vertex) {
            kept -= 1;
        }
        if kept == 0 || ring[kept - 1] != vertex {
            ring[kept] = vertex;
            kept += 1;
        }
    }
    // The same around the place where the ring closes.
    let mut from = 0;
    while kept - from >= 3 {
        if in_line(ring[kept - 2], ring[kept - 1], ring[from]) {
            kept -= 1;
        } else if in_line(ring[kept - 1], ring[from], ring[from + 1]) {
            from += 1;
        } else {
            break;
        }
    }
    ring.truncate(kept);
    ring.drain(..from);
    let lowest = (0..ring.len()).min_by_key(|at| (ring[*at].x, ring[*at].y));
    ring.rotate_left(lowest.unwrap_or(0));
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
        let clean = wind_one(noisy).unwrap();
        assert_eq!(clean.len(), 4);
        assert_eq!(twice_area(&clean), 200);
    }

    #[test]
    fn a_ring_without_area_goes() {
        for nothing in [&[(0, 0), (5, 5), (9, 9)][..], &[(0, 0), (5, 0), (5, 5), (5, 0)], &[]] {
            assert_eq!(wind_one(ring(nothing)), None);
            assert!(wind(vec![ring(nothing)]).is_empty());
        }
    }

    #[test]
    fn the_same_comes_out_whatever_vertex_a_ring_begins_with_and_whichever_way_it_was_wound() {
        let shape = ring(&[(0, 0), (9, 1), (12, 7), (5, 5), (-3, 8)]);
        for turn in 0..shape.len() {
            let mut other = shape.clone();
            other.rotate_left(turn);
            assert_eq!(wind(vec![other.clone()]), wind(vec![shape.clone()]));
            assert_eq!(wind_one(other.clone()), wind_one(shape.clone()));
            other.reverse();
            assert_eq!(wind_one(other), wind_one(shape.clone()));
        }
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
