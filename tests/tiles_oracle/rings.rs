//! The geometry of every tile keeps the rules of MVT 2.1.

use geo::{Geometry, LineString};
use mvt_reader::feature::Feature;

use crate::common::sample_region;
use crate::raw::{self, Vertex};
use crate::sample::{Sampled, world};

/// The rings of a feature in the order of the tile, closed.
pub(crate) fn rings(feature: &Feature<i32>) -> Vec<Vec<Vertex>> {
    let polygons = match &feature.geometry {
        Geometry::MultiPolygon(polygons) => polygons.0.clone(),
        Geometry::Polygon(polygon) => vec![polygon.clone()],
        other => panic!("{other:?} where an area belongs"),
    };
    let ring = |ring: &LineString<i32>| ring.0.iter().map(|c| (c.x, c.y)).collect();
    let all = polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    all.map(ring).collect()
}

/// The one point of a feature.
pub(crate) fn point(feature: &Feature<i32>) -> Vertex {
    match &feature.geometry {
        Geometry::MultiPoint(points) if points.0.len() == 1 => (points.0[0].x(), points.0[0].y()),
        other => panic!("{other:?} where one point belongs"),
    }
}

/// The area of rings in square tile units, interiors taken away.
pub(crate) fn area(rings: &[Vec<Vertex>]) -> f64 {
    rings.iter().map(|ring| raw::twice_area(ring)).sum::<i64>() as f64 / 2.0
}

fn assert_rules(sampled: &Sampled, layer: &str, rings: &[Vec<Vertex>]) {
    let say = |ring: &[Vertex]| format!("{} {layer}: {ring:?}", sampled.tile);
    let mut exterior = &rings[0];
    let mut interiors: Vec<&Vec<Vertex>> = Vec::new();
    assert!(raw::twice_area(exterior) > 0, "the first ring is an exterior: {}", say(exterior));
    for ring in rings {
        assert_eq!(ring.first(), ring.last(), "a ring is closed: {}", say(ring));
        let open = &ring[1..];
        assert!(open.iter().collect::<std::collections::BTreeSet<_>>().len() >= 3, "{}", say(ring));
        assert!(ring.windows(2).all(|edge| edge[0] != edge[1]), "no vertex is repeated: {}", say(ring));
        let near = |n: &i32| (-64..=4096 + 64).contains(n);
        assert!(ring.iter().all(|(x, y)| near(x) && near(y)), "inside the buffer: {}", say(ring));
        match raw::twice_area(ring) {
            0 => panic!("a ring has an area: {}", say(ring)),
            1.. => {
                exterior = ring;
                interiors.clear();
            }
            _ => {
                assert!(holds(exterior, ring), "an interior is inside its exterior: {}", say(ring));
                assert!(
                    !interiors.iter().any(|other| cross(other, ring)),
                    "interiors lie apart: {}",
                    say(ring)
                );
                interiors.push(ring);
            }
        }
    }
}

/// Is every vertex of a ring inside another or on it, and does no edge cross one of the other?
fn holds(exterior: &[Vertex], interior: &[Vertex]) -> bool {
    let open = [exterior[1..].to_vec()];
    let on_edge = |v: Vertex| exterior.windows(2).any(|edge| on(edge[0], edge[1], v));
    !cross(exterior, interior)
        && interior.iter().all(|v| on_edge(*v) || raw::inside(&open, v.0.into(), v.1.into()))
}

/// Twice the area of a triangle, signed.
fn turn(a: Vertex, b: Vertex, c: Vertex) -> i64 {
    let [ux, uy, vx, vy] = [b.0 - a.0, b.1 - a.1, c.0 - a.0, c.1 - a.1].map(i64::from);
    ux * vy - uy * vx
}

fn on(a: Vertex, b: Vertex, v: Vertex) -> bool {
    let between = |p: i32, q: i32, n: i32| (p.min(q)..=p.max(q)).contains(&n);
    turn(a, b, v) == 0 && between(a.0, b.0, v.0) && between(a.1, b.1, v.1)
}

/// Does an edge of one closed ring cross an edge of another? Touching is no crossing.
fn cross(one: &[Vertex], other: &[Vertex]) -> bool {
    let sides = |a, b, c, d| turn(a, b, c).signum() * turn(a, b, d).signum() < 0;
    let crossed = |p: &[Vertex], q: &[Vertex]| sides(p[0], p[1], q[0], q[1]) && sides(q[0], q[1], p[0], p[1]);
    one.windows(2).any(|p| other.windows(2).any(|q| crossed(p, q)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ring_is_closed_wound_and_inside_the_buffer_and_every_point_in_its_tile() {
    let database = sample_region().await;
    let world = world(&database).await;
    let (mut areas, mut all, mut interiors, mut points) = (0, 0, 0, 0);
    for sampled in &world.tiles {
        for (layer, features) in &sampled.layers {
            for feature in features {
                if matches!(layer.as_str(), "grid_label" | "facilities") {
                    let (x, y) = point(feature);
                    assert!(
                        (0..4096).contains(&x) && (0..4096).contains(&y),
                        "{} {layer} {x} {y}",
                        sampled.tile
                    );
                    points += 1;
                    continue;
                }
                let rings = rings(feature);
                assert_rules(sampled, layer, &rings);
                areas += 1;
                all += rings.len();
                interiors += rings.iter().filter(|ring| raw::twice_area(ring) < 0).count();
            }
        }
    }
    println!(
        "{} tiles: {areas} areas of {all} rings, {interiors} of them interiors; {points} points",
        world.tiles.len()
    );
    assert!(world.tiles.len() >= 280 && areas > 5_000 && points > 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_reading_of_the_commands_gives_the_rings_of_the_published_decoder() {
    let database = sample_region().await;
    let world = world(&database).await;
    for sampled in &world.tiles {
        let strict = raw::read(&sampled.bytes);
        assert!(strict.keys().eq(sampled.layers.keys()), "{}", sampled.tile);
        for (name, layer) in &strict {
            raw::assert_valid(layer, 64);
            assert_eq!(layer.features.len(), sampled.layers[name].len());
            for (strict, published) in layer.features.iter().zip(&sampled.layers[name]) {
                assert_eq!(Some(strict.id), published.id);
                match &strict.geometry {
                    raw::Geometry::Points(points) => assert_eq!(points[..], [point(published)]),
                    raw::Geometry::Rings(open) => {
                        let closed =
                            |ring: &Vec<Vertex>| ring.iter().chain(&ring[..1]).copied().collect::<Vec<_>>();
                        assert_eq!(
                            open.iter().map(closed).collect::<Vec<_>>(),
                            rings(published),
                            "{}",
                            sampled.tile
                        );
                    }
                }
            }
        }
    }
}
