//! Random tilings of the kind that is hard to simplify: corridors, islands, parts that touch in a point.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, LineString, MultiPolygon, Polygon};
use proptest::prelude::*;
use robust::orient2d;

use super::*;
use crate::atlas::fixture;
use crate::geom::mercator;
use crate::model::{Code, County, Grid, GridId, GridVersion, LevelName, Snapshot};

/// Squares a side.
const SIDE: usize = 9;

type Key = [u64; 2];

fn key(vertex: Coord<f64>) -> Key {
    [vertex.x.to_bits(), vertex.y.to_bits()]
}

/// A tiling: who owns each square of a board, how far each corner lies off, and how large it all is.
#[derive(Debug, Clone)]
struct Tiling {
    owners: Vec<u8>,
    off: Vec<(f64, f64)>,
    degrees: f64,
}

fn tiling() -> impl Strategy<Value = Tiling> {
    let owners = prop::collection::vec(0..4_u8, SIDE * SIDE);
    let off = prop::collection::vec((-0.3..0.3_f64, -0.3..0.3_f64), (4 * SIDE + 1) * (4 * SIDE + 1));
    (owners, off, 0.5..3.0_f64).prop_map(|(owners, off, degrees)| Tiling { owners, off, degrees })
}

impl Tiling {
    /// A corner of the fine board, which has four steps a square.
    fn vertex(&self, x: usize, y: usize) -> Coord<f64> {
        let off = self.off[y * (4 * SIDE + 1) + x];
        let step = self.degrees / (4 * SIDE) as f64;
        Coord { x: 100.0 + (x as f64 + off.0) * step, y: 30.0 + (y as f64 + off.1) * step }
    }

    /// The rings around the squares of some owners, counter-clockwise around what is theirs; where two squares touch in a corner
    /// the ring turns left, so that it does not touch itself.
    fn territory(&self, is_own: impl Fn(u8) -> bool) -> MultiPolygon<f64> {
        let own = |x: i32, y: i32| {
            let inside = (0..SIDE as i32).contains(&x) && (0..SIDE as i32).contains(&y);
            inside && is_own(self.owners[y as usize * SIDE + x as usize])
        };
        let mut leaving: BTreeMap<(i32, i32), Vec<(i32, i32)>> = BTreeMap::new();
        for (x, y) in
            (0..SIDE as i32).flat_map(|y| (0..SIDE as i32).map(move |x| (x, y))).filter(|(x, y)| own(*x, *y))
        {
            let sides = [
                ((x, y), (x + 1, y), (x, y - 1)),
                ((x + 1, y), (x + 1, y + 1), (x + 1, y)),
                ((x + 1, y + 1), (x, y + 1), (x, y + 1)),
                ((x, y + 1), (x, y), (x - 1, y)),
            ];
            for (from, to, beside) in sides {
                if !own(beside.0, beside.1) {
                    leaving.entry(from).or_default().push(to);
                }
            }
        }
        let mut rings = Vec::new();
        while let Some((start, _)) = leaving.iter().find(|(_, ends)| !ends.is_empty()) {
            let start = *start;
            let (mut before, mut at) = (start, leaving.get_mut(&start).unwrap().pop().unwrap());
            let mut ring = vec![start];
            while at != start {
                ring.push(at);
                let ends = leaving.get_mut(&at).unwrap();
                let turn =
                    |to: &(i32, i32)| (at.0 - before.0) * (to.1 - at.1) - (at.1 - before.1) * (to.0 - at.0);
                let left = (0..ends.len()).max_by_key(|n| turn(&ends[*n])).unwrap();
                (before, at) = (at, ends.remove(left));
            }
            rings.push(ring);
        }
        let polygon = |ring: &Vec<(i32, i32)>| {
            let fine = ring.iter().zip(ring.iter().cycle().skip(1)).flat_map(|(a, b)| {
                (0..4).map(move |step| (4 * a.0 + (b.0 - a.0) * step, 4 * a.1 + (b.1 - a.1) * step))
            });
            let vertices = fine.map(|(x, y)| self.vertex(x as usize, y as usize)).collect();
            // A hole as a part of its own: only rings matter here.
            Polygon::new(LineString(vertices), Vec::new())
        };
        MultiPolygon(rings.iter().map(polygon).collect())
    }

    /// The owners as grids of level 2, two of them together as one of level 1, and the other two as another.
    fn atlas(&self) -> Atlas {
        let mut grids = Vec::new();
        for (level, number, members) in [
            (1, 0, vec![0, 1]),
            (1, 1, vec![2, 3]),
            (2, 0, vec![0]),
            (2, 1, vec![1]),
            (2, 2, vec![2]),
            (2, 3, vec![3]),
        ] {
            let geometry = self.territory(|owner| members.contains(&owner));
            if geometry.0.is_empty() {
                continue;
            }
            let code = Code::parse(&format!("{level}{number}")).unwrap();
            let own = level as u64 * 10 + number;
            grids.push(GridVersion::lasting(
                own,
                Grid {
                    id: GridId(fixture::id(own.into())),
                    county: County::of(&code),
                    code,
                    scheme: "test".into(),
                    level: Level::new(level).unwrap(),
                    parent: None,
                    kind: None,
                    name: String::new(),
                    households: None,
                    invented: true,
                    geometry,
                },
            ));
        }
        let levels = [(1, 0), (2, 7)].map(|(level, min_zoom)| LevelName {
            level: Level::new(level).unwrap(),
            name: String::new(),
            name_en: String::new(),
            min_zoom,
            max_zoom: 22,
        });
        Atlas::build(Snapshot { levels: LevelScheme { levels: levels.into() }, grids, ..Snapshot::default() })
            .unwrap()
    }
}

fn edges(rings: &[Vec<Coord<f64>>]) -> Vec<[Coord<f64>; 2]> {
    let of_ring = |ring: &Vec<Coord<f64>>| {
        (0..ring.len()).map(|at| [ring[at], ring[(at + 1) % ring.len()]]).collect::<Vec<_>>()
    };
    rings.iter().flat_map(of_ring).filter(|[a, b]| a != b).collect()
}

/// Do two edges have a point in common that is no end of both? In the plane of Web Mercator, exactly.
fn cross(one: [Coord<f64>; 2], other: [Coord<f64>; 2]) -> bool {
    let project = |c: Coord<f64>| {
        let (x, y) = mercator::unit(c.x, c.y);
        robust::Coord { x, y }
    };
    let [a, b, c, d] = [one[0], one[1], other[0], other[1]].map(project);
    let side = |p, q, r| orient2d(p, q, r).partial_cmp(&0.0).unwrap() as i32;
    let shared = one.iter().filter(|end| other.contains(end)).count();
    let sides = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
    if shared > 0 {
        // Neighbours: they may not run back over one another.
        let ends = |p: robust::Coord<f64>, q: robust::Coord<f64>| (q.x - p.x, q.y - p.y);
        let along = |(ax, ay): (f64, f64), (bx, by): (f64, f64)| ax * bx + ay * by > 0.0;
        let from = |x: Coord<f64>| if one[0] == x { ends(a, b) } else { ends(b, a) };
        let onto = |x: Coord<f64>| if other[0] == x { ends(c, d) } else { ends(d, c) };
        let end = if other.contains(&one[0]) { one[0] } else { one[1] };
        return shared == 1 && sides == [0; 4] && along(from(end), onto(end));
    }
    let touches = |p: robust::Coord<f64>, q: robust::Coord<f64>, r: robust::Coord<f64>, side: i32| {
        side == 0 && p.x.min(q.x) <= r.x && r.x <= p.x.max(q.x) && p.y.min(q.y) <= r.y && r.y <= p.y.max(q.y)
    };
    (sides[0] * sides[1] < 0 && sides[2] * sides[3] < 0)
        || touches(a, b, c, sides[0])
        || touches(a, b, d, sides[1])
        || touches(c, d, a, sides[2])
        || touches(c, d, b, sides[3])
}

fn all_edges(
    atlas: &Atlas,
    deepest: Level,
    zoom: Option<u8>,
) -> BTreeMap<[Key; 2], ([Coord<f64>; 2], usize)> {
    let mut all = BTreeMap::new();
    for grid in atlas.grids().all().filter(|grid| atlas.grids().level(*grid) == deepest) {
        for edge in edges(&tests::rings(atlas, grid, zoom)) {
            let ends = [key(edge[0]).min(key(edge[1])), key(edge[0]).max(key(edge[1]))];
            all.entry(ends).or_insert((edge, 0)).1 += 1;
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn no_border_crosses_another_at_any_zoom_each_has_its_sides_and_junctions_stay(tiling in tiling()) {
        let atlas = tiling.atlas();
        let at_once = tiling.atlas();
        at_once.prepare_borders();
        let mut counts = Vec::new();
        for (zoom, level) in [(0, 1), (3, 1), (5, 1), (7, 2), (8, 2), (10, 2), (13, 2)] {
            let level = Level::new(level).unwrap();
            let (drawn, whole) = (all_edges(&atlas, level, Some(zoom)), all_edges(&atlas, level, None));
            prop_assert!(drawn.keys().eq(all_edges(&at_once, level, Some(zoom)).keys()), "zoom {}: worked out at once", zoom);
            let list: Vec<_> = drawn.values().map(|(edge, _)| *edge).collect();
            for (at, edge) in list.iter().enumerate() {
                for other in &list[at + 1..] {
                    prop_assert!(!cross(*edge, *other), "zoom {}: {:?} and {:?}", zoom, edge, other);
                }
            }
            // On the rim an edge has one side, everywhere else two; a lens that has become a line has more, two and two.
            let ends_of = |edges: &BTreeMap<[Key; 2], ([Coord<f64>; 2], usize)>| {
                let mut ends: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
                for [a, b] in edges.keys() {
                    ends.entry(*a).or_default().insert(*b);
                    ends.entry(*b).or_default().insert(*a);
                }
                ends
            };
            let (there, were) = (ends_of(&drawn), ends_of(&whole));
            for (vertex, neighbours) in &were {
                prop_assert!(neighbours.len() <= 2 || there.contains_key(vertex), "zoom {}: a junction is gone", zoom);
            }
            for (vertex, neighbours) in &there {
                prop_assert!(were.contains_key(vertex) && neighbours.len() >= 2, "zoom {}: a loose end", zoom);
            }
            // No ring has turned over, or become a line though its triangles are larger than what is left out.
            let least = 16.0 * (360.0 / (4096.0 * f64::from(1_u32 << zoom))).powi(2);
            for grid in atlas.grids().all().filter(|grid| atlas.grids().level(*grid) == level) {
                let pairs = tests::rings(&atlas, grid, Some(zoom)).into_iter().zip(tests::rings(&atlas, grid, None));
                for (drawn, whole) in pairs {
                    let area = |ring: &Vec<Coord<f64>>| -> f64 {
                        edges(std::slice::from_ref(ring)).iter().map(|[a, b]| (a.x - 100.0) * (b.y - 30.0) - (b.x - 100.0) * (a.y - 30.0)).sum()
                    };
                    let (drawn, whole) = (area(&drawn), area(&whole));
                    prop_assert!(drawn * whole > 0.0 || whole.abs() < 2.0 * least, "zoom {}: {} was {}", zoom, drawn, whole);
                }
            }
            counts.push(drawn.len());
        }
        prop_assert!(counts[0] <= counts[1] && counts[1] <= counts[2] && counts[3] <= counts[4] && counts[4] <= counts[5] && counts[5] <= counts[6]);
        // The test shows nothing if nothing is left out.
        prop_assert!(counts[0] < all_edges(&atlas, Level::TOP, None).len());
    }
}
