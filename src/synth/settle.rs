//! Where people live: seats and town centres of each county, as densities of the mesh.

use geo::{BoundingRect, Coord, InteriorPoint, Intersects, MultiPolygon, Point};
use rand::RngExt;

use super::density::{Centre, Density};
use super::inputs::{Division, RegionInputs};
use super::plane::Plane;
use super::quota::BaseQuota;
use super::random::stream;

/// Households that one mesh node stands for: a micro-grid gets some 12 nodes, an outline of about 60 vertices.
const HOUSEHOLDS_A_NODE: f64 = 5.6;
/// Of the nodes of a county, the share in and around its seat.
const AT_SEAT: f64 = 0.26;
/// The share in and around the centres of its other towns.
const AT_TOWNS: f64 = 0.28;

/// The seat and the density of each county, counties and quotas in the order of the sorted inputs.
pub(super) fn settle(
    inputs: &RegionInputs,
    quotas: &[Vec<BaseQuota>],
    seed: u64,
) -> Vec<(Coord<f64>, Density)> {
    let latitude = inputs.prefecture.territory.bounding_rect().map_or(0.0, |r| r.center().y);
    let plane = Plane::at(latitude);
    inputs.counties.iter().map(|county| settle_county(inputs, quotas, seed, plane, county)).collect()
}

fn settle_county(
    inputs: &RegionInputs,
    quotas: &[Vec<BaseQuota>],
    seed: u64,
    plane: Plane,
    county: &Division,
) -> (Coord<f64>, Density) {
    let belongs = |code: &crate::model::Code| code.as_str().starts_with(county.code.as_str());
    let households: u32 = (inputs.villages.iter().zip(quotas))
        .filter(|(village, _)| belongs(&village.code))
        .flat_map(|(_, bases)| bases.iter().map(|base| base.households))
        .sum();
    let towns = inputs.towns.iter().filter(|town| belongs(&town.code)).count();
    let urban = inputs.towns.iter().filter(|town| belongs(&town.code) && town.name.ends_with("街道")).count();
    let seat = seat(inputs, county);
    let area = area_km2(plane, &county.territory);
    let nodes = f64::from(households) / HOUSEHOLDS_A_NODE;
    let at_seat = nodes * (AT_SEAT + 0.06 * urban.min(4) as f64);
    // about a fiftieth of a county is its seat's built-up heart
    let radius = (area / 50.0 / std::f64::consts::PI).sqrt();
    let mut centres = vec![Centre { at: seat, radius: radius * 0.6, nodes: at_seat }];
    let others = towns.saturating_sub(urban.max(1));
    for at in town_centres(plane, county, seat, others, seed) {
        centres.push(Centre { at, radius: radius * 0.4, nodes: nodes * AT_TOWNS / others as f64 });
    }
    let rural = nodes - centres.iter().map(|centre| centre.nodes).sum::<f64>();
    (seat, Density::new(plane, seed, rural, area, centres))
}

/// The given seat where it lies inside, else some point inside.
fn seat(inputs: &RegionInputs, county: &Division) -> Coord<f64> {
    let given = inputs.seats.iter().find(|seat| seat.county == county.code);
    given
        .map(|seat| Point::new(seat.lon, seat.lat))
        .filter(|at| county.territory.intersects(at))
        .or_else(|| county.territory.interior_point())
        .map_or(Coord { x: 0.0, y: 0.0 }, |at| at.0)
}

/// Centres far from each other and from the seat: the best of a few candidates each (Mitchell 1991).
fn town_centres(
    plane: Plane,
    county: &Division,
    seat: Coord<f64>,
    count: usize,
    seed: u64,
) -> Vec<Coord<f64>> {
    let Some(bounds) = county.territory.bounding_rect() else { return Vec::new() };
    let mut rng = stream(seed, &format!("centres {}", county.code));
    let mut centres = vec![seat];
    // a polygon fills a good part of its box, so this ends long before
    for _ in 0..count * 200 {
        if centres.len() > count {
            break;
        }
        let candidates: Vec<Coord<f64>> = (0..30)
            .map(|_| Coord {
                x: rng.random_range(bounds.min().x..bounds.max().x),
                y: rng.random_range(bounds.min().y..bounds.max().y),
            })
            .filter(|c| county.territory.intersects(&Point(*c)))
            .take(6)
            .collect();
        let lonely = |c: &Coord<f64>| centres.iter().map(|o| plane.distance(*c, *o)).fold(f64::MAX, f64::min);
        let best = candidates.into_iter().max_by(|a, b| lonely(a).total_cmp(&lonely(b)));
        centres.extend(best);
    }
    centres.split_off(1)
}

fn area_km2(plane: Plane, territory: &MultiPolygon<f64>) -> f64 {
    use geo::{Area, MapCoords};
    territory.map_coords(|c| plane.km(c).into()).unsigned_area()
}
