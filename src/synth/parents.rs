//! The generator on any polygons: each is divided into grids of about equal area.

use geo::{Area, BoundingRect, MapCoords, MultiPolygon};
use rayon::prelude::*;

use super::border::{BorderPart, cut_borders};
use super::counts::share_out;
use super::density::Density;
use super::error::SynthError;
use super::mesh::Mesh;
use super::outline::{Arrivals, Ring, arrivals, outlines, polygons};
use super::partition::{Scratch, partition};
use super::plane::Plane;
use super::random::stream;
use super::scatter::scatter;

/// Mesh nodes for each grid: outlines of about 60 vertices.
const NODES_A_GRID: f64 = 16.0;

/// A polygon to be divided.
#[derive(Debug, Clone)]
pub struct Parent {
    /// Its code or name, for messages.
    pub name: String,
    /// Valid, longitude and latitude in degrees. Parents that are neighbours should share their vertices bit for
    /// bit; their grids then share theirs along that border too.
    pub territory: MultiPolygon<f64>,
}

/// One of the grids that a parent was divided into.
#[derive(Debug, Clone)]
pub struct Child {
    /// The parent's place in the list.
    pub parent: usize,
    /// Counts from 1 within the parent.
    pub number: usize,
    /// Its territory: the children of a parent cover it without gap or overlap.
    pub territory: MultiPolygon<f64>,
}

type Divided = Vec<(Mesh, Vec<u32>)>;

/// Divides the parents into exactly `grids` grids in all, at least one each, in proportion to their areas.
pub fn divide_parents(parents: &[Parent], grids: usize, seed: u64) -> Result<Vec<Child>, SynthError> {
    if parents.is_empty() || grids < parents.len() {
        return Err(SynthError::Plan(format!(
            "{} polygons cannot be divided into {grids} grids",
            parents.len()
        )));
    }
    let areas: Vec<f64> = parents.iter().map(|parent| area_km2(&parent.territory).1).collect();
    let counts = share_out(grids, &areas, 1);
    let densities: Vec<Density> = parents
        .iter()
        .zip(&counts)
        .map(|(parent, count)| {
            let (plane, area) = area_km2(&parent.territory);
            Density::new(plane, seed, *count as f64 * NODES_A_GRID, area.max(f64::MIN_POSITIVE), Vec::new())
        })
        .collect();
    let territories: Vec<_> = parents.iter().map(|p| (p.name.as_str(), &p.territory)).collect();
    let borders = cut_borders(&territories, &densities)?;
    let divided: Vec<Divided> = (0..parents.len())
        .into_par_iter()
        .map(|i| divide(i, &parents[i], &borders[i], &densities[i], counts[i], seed))
        .collect::<Result<_, SynthError>>()?;
    let arrived: Arrivals =
        divided.iter().flatten().flat_map(|(mesh, labels)| arrivals(mesh, labels)).collect();
    Ok(divided.iter().enumerate().flat_map(|(parent, parts)| children(parent, parts, &arrived)).collect())
}

fn divide(
    number: usize,
    parent: &Parent,
    parts: &[BorderPart],
    density: &Density,
    count: usize,
    seed: u64,
) -> Result<Divided, SynthError> {
    let mut meshes = Vec::new();
    for (part, border) in parts.iter().enumerate() {
        let mut rng = stream(seed, &format!("parent {number} {part}"));
        let inner = scatter(border, density, &mut rng);
        let refuse = |why| SynthError::Boundary { name: parent.name.clone(), why };
        meshes.push((Mesh::new(border, &inner, seed).map_err(refuse)?, rng));
    }
    let sizes: Vec<f64> = meshes.iter().map(|(mesh, _)| mesh.len() as f64).collect();
    let mut first = 0;
    let mut divided = Vec::new();
    // the largest part comes first; parts for which no grid is left join the first grid
    for ((mesh, mut rng), share) in meshes.into_iter().zip(share_out(count, &sizes, 1)) {
        let members: Vec<u32> = (0..mesh.len() as u32).collect();
        if share > members.len() {
            return Err(SynthError::Plan(format!("{} is too small for {share} grids", parent.name)));
        }
        let targets = vec![1.0; share];
        let mut labels = partition(&mesh, &members, &targets, &[], &mut rng, &mut Scratch::new(mesh.len()));
        if share > 0 {
            labels.iter_mut().for_each(|label| *label += first);
        }
        first += share as u32;
        divided.push((mesh, labels));
    }
    Ok(divided)
}

fn children(parent: usize, parts: &Divided, arrived: &Arrivals) -> Vec<Child> {
    let mut rings: std::collections::BTreeMap<u32, Vec<Ring>> = Default::default();
    for (mesh, labels) in parts {
        for (label, more) in outlines(mesh, labels, arrived) {
            rings.entry(label).or_default().extend(more);
        }
    }
    let child = |(number, rings)| Child { parent, number, territory: polygons(rings) };
    (1..).zip(rings.into_values()).map(child).collect()
}

/// The plane of a territory and its area in it.
fn area_km2(territory: &MultiPolygon<f64>) -> (Plane, f64) {
    let plane = Plane::at(territory.bounding_rect().map_or(0.0, |rect| rect.center().y));
    (plane, territory.map_coords(|c| plane.km(c).into()).unsigned_area())
}
