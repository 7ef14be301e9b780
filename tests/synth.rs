//! The sample region: exact totals, exact borders, everything in its place, the same every time.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::OnceLock;

use geo::{
    Area, Centroid, Coord, Euclidean, Geometry, Intersects, Length, MapCoords, MultiPolygon, Point, Polygon,
    Validation, polygon,
};
use gewu::model::{Grid, GridId, Resource, Role};
use gewu::synth::{
    Parent, Plan, Region, SynthError, divide_parents, invented_inputs, sample_inputs, sample_region,
};

/// Dali, or the built-in region where the registries cannot be reached: the same must hold of both.
fn region() -> &'static (Plan, Region) {
    static REGION: OnceLock<(Plan, Region)> = OnceLock::new();
    REGION.get_or_init(|| {
        let (inputs, provenance) = sample_inputs(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
        eprintln!("inputs: {provenance:?}");
        let plan = if inputs.invented { Plan::small() } else { Plan::dali() };
        let region = sample_region(&inputs, &plan, &|_, _| {}).unwrap();
        (plan, region)
    })
}

fn small_region(seed: u64) -> Region {
    sample_region(&invented_inputs().unwrap(), &Plan { seed, ..Plan::small() }, &|_, _| {}).unwrap()
}

type Place = [u64; 2];
type Edge = (Place, Place);

/// The directed edges that are left when those used in both directions are taken away.
fn outer_edges<'a>(territories: impl Iterator<Item = &'a MultiPolygon<f64>>) -> HashSet<Edge> {
    let mut left = HashSet::new();
    for polygon in territories.flatten() {
        for line in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            for pair in line.0.windows(2) {
                let [a, b] = [pair[0], pair[1]].map(|c| [c.x.to_bits(), c.y.to_bits()]);
                if !left.remove(&(b, a)) {
                    assert!(left.insert((a, b)), "an edge is used twice in one direction: {pair:?}");
                }
            }
        }
    }
    left
}

fn children(grids: &[Grid]) -> HashMap<GridId, Vec<&Grid>> {
    let mut children: HashMap<GridId, Vec<&Grid>> = HashMap::new();
    for grid in grids {
        if let Some(parent) = grid.parent {
            children.entry(parent).or_default().push(grid);
        }
    }
    children
}

#[test]
fn all_totals_are_exactly_as_planned() {
    let (plan, region) = region();
    assert_eq!(region.grids.len(), plan.grids);
    assert_eq!(region.workers.len(), plan.workers);
    assert_eq!(region.buildings.len(), plan.buildings);
    assert_eq!(region.facilities.len(), plan.facilities);
    assert_eq!(region.people.len(), plan.people);
    assert_eq!(region.grids[0].households, Some(plan.households as u32));
    let classes: HashSet<&str> = region.facilities.iter().map(|f| f.class.as_str()).collect();
    assert_eq!(classes.len(), 20);
}

#[test]
fn every_territory_is_valid_and_codes_are_unique_and_begin_with_the_parents_code() {
    let (_, region) = region();
    let by_id: HashMap<GridId, &Grid> = region.grids.iter().map(|grid| (grid.id, grid)).collect();
    assert_eq!(by_id.len(), region.grids.len());
    let codes: HashSet<&str> = region.grids.iter().map(|grid| grid.code.as_str()).collect();
    assert_eq!(codes.len(), region.grids.len());
    for grid in &region.grids {
        assert!(grid.geometry.is_valid(), "{}: {:?}", grid.code, grid.geometry.check_validation());
        assert!(!grid.name.is_empty());
        assert_eq!(grid.code.as_str().len(), [6, 6, 9, 12, 15, 17][grid.level.index()]);
        if let Some(parent) = grid.parent.map(|id| by_id[&id]) {
            assert_eq!(parent.level.number() + 1, grid.level.number());
            let stem =
                parent.code.as_str().trim_end_matches(if parent.level.number() == 1 { "00" } else { "" });
            assert!(grid.code.as_str().starts_with(stem), "{} in {}", grid.code, parent.code);
        }
    }
}

#[test]
fn the_borders_of_children_cancel_to_the_border_of_their_parent_bit_for_bit() {
    let (_, region) = region();
    let children = children(&region.grids);
    for parent in &region.grids {
        let Some(children) = children.get(&parent.id) else { continue };
        let outer = outer_edges(children.iter().map(|child| &child.geometry));
        assert!(outer == outer_edges(std::iter::once(&parent.geometry)), "{}", parent.code);
        let sum: f64 = children.iter().map(|child| child.geometry.unsigned_area()).sum();
        let whole = parent.geometry.unsigned_area();
        assert!((sum / whole - 1.0).abs() < 1e-12, "{}: {sum} of {whole}", parent.code);
        let households: u32 = children.iter().filter_map(|child| child.households).sum();
        assert_eq!(parent.households, Some(households), "{}", parent.code);
    }
}

/// A vertex inside a neighbour's edge would leave that edge without its counterpart.
#[test]
fn leaves_of_all_counties_meet_vertex_to_vertex() {
    let (_, region) = region();
    let children = children(&region.grids);
    let leaves = region.grids.iter().filter(|grid| !children.contains_key(&grid.id));
    let outer = outer_edges(leaves.map(|leaf| &leaf.geometry));
    assert!(outer == outer_edges(std::iter::once(&region.grids[0].geometry)));
}

/// Measured by the isoperimetric quotient: 1 for a disc, 0.79 for a square, some 0.4 for a rough border, and below
/// 0.12 only for what is drawn out like a thread.
#[test]
fn there_are_no_slivers() {
    let (_, region) = region();
    for grid in region.grids.iter().filter(|grid| grid.level.number() > 2) {
        for polygon in &grid.geometry {
            let shrink = polygon.centroid().unwrap().y().to_radians().cos();
            let flat = polygon.map_coords(|c| Coord { x: c.x * shrink, y: c.y });
            let length = Euclidean.length(flat.exterior());
            let quotient = 4.0 * std::f64::consts::PI * flat.unsigned_area() / (length * length);
            assert!(quotient > 0.12, "{} is a sliver: {quotient}", grid.code);
        }
    }
}

#[test]
fn most_base_grids_have_300_to_500_households() {
    let (_, region) = region();
    let bases: Vec<u32> = (region.grids.iter())
        .filter(|grid| grid.kind == Some(gewu::model::GridKind::Base))
        .filter_map(|grid| grid.households)
        .collect();
    let moderate = bases.iter().filter(|households| (300..=500).contains(*households)).count();
    assert!(moderate * 100 >= bases.len() * 95, "{moderate} of {}", bases.len());
}

fn check_places(resources: &[Resource], grids: &HashMap<GridId, (&Grid, bool)>) {
    for resource in resources {
        let (leaf, is_leaf) = grids[&resource.leaf.expect("everything invented has a leaf")];
        assert!(is_leaf, "{} is no leaf", leaf.code);
        let at: Point<f64> = resource.geometry.centroid().unwrap();
        assert!(leaf.geometry.intersects(&at), "{} is not in {}", resource.source_id, leaf.code);
        assert_eq!(resource.county, leaf.county);
        assert!(resource.invented);
    }
    let ids: HashSet<_> = resources.iter().map(|resource| resource.id).collect();
    assert_eq!(ids.len(), resources.len());
}

#[test]
fn every_building_facility_and_resident_lies_in_the_leaf_that_it_names() {
    let (_, region) = region();
    let children = children(&region.grids);
    let grids: HashMap<GridId, (&Grid, bool)> =
        region.grids.iter().map(|grid| (grid.id, (grid, !children.contains_key(&grid.id)))).collect();
    check_places(&region.buildings, &grids);
    check_places(&region.facilities, &grids);
    check_places(&region.people, &grids);
    assert!(region.people.iter().all(|p| p.name.is_some() && p.properties["tags"].is_array()));
    assert!(region.facilities.iter().all(|f| f.name.is_some()));
}

#[test]
fn nearly_all_footprints_lie_wholly_in_their_leaf() {
    let (_, region) = region();
    let grids: HashMap<GridId, &Grid> = region.grids.iter().map(|grid| (grid.id, grid)).collect();
    let whole = region.buildings.iter().filter(|building| {
        let Geometry::Polygon(footprint) = &building.geometry else { panic!("a footprint is a polygon") };
        assert!(footprint.is_valid());
        let leaf = grids[&building.leaf.unwrap()];
        footprint.exterior().points().all(|corner| leaf.geometry.intersects(&corner))
    });
    let count = whole.count();
    assert!(count * 1_000 >= region.buildings.len() * 995, "{count} of {}", region.buildings.len());
}

#[test]
fn reporters_have_no_grid_and_every_grid_has_at_most_one_primary() {
    let (plan, region) = region();
    let roles: HashMap<_, _> = region.workers.iter().map(|worker| (worker.id, worker.role)).collect();
    assert_eq!(roles.len(), plan.workers);
    assert_eq!(roles.values().filter(|role| **role == Role::Reporter).count(), plan.reporters);
    let mut primaries = HashSet::new();
    for assignment in &region.assignments {
        assert_ne!(roles[&assignment.worker], Role::Reporter);
        if assignment.rank == 1 {
            assert!(primaries.insert(assignment.grid));
        }
    }
    let children = children(&region.grids);
    let empty: Vec<&Grid> = region.grids.iter().filter(|grid| !primaries.contains(&grid.id)).collect();
    assert!(empty.iter().all(|grid| !children.contains_key(&grid.id)), "only leaves may be without anybody");
    assert!((1..=plan.grids / 30).contains(&empty.len()), "{} grids without anybody", empty.len());
}

#[test]
fn some_workers_are_away_today_some_without_substitute_some_with_one_who_is_away_too() {
    let (plan, region) = region();
    let away: HashMap<_, _> = (region.absences.iter())
        .filter(|absence| absence.span.contains(plan.today))
        .map(|absence| (absence.worker, absence.substitute))
        .collect();
    let share = away.len() as f64 / region.workers.len() as f64;
    assert!((0.01..0.04).contains(&share), "{share}");
    assert!(region.absences.iter().all(|absence| absence.substitute != Some(absence.worker)));
    if plan.workers > 10_000 {
        assert!(away.values().any(Option::is_none));
        assert!(away.values().flatten().any(|substitute| away.contains_key(substitute)));
    }
}

#[test]
fn the_same_seed_gives_the_same_region_on_one_thread_or_many() {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let once = format!("{:?}", alone.install(|| small_region(7)));
    assert!(once == format!("{:?}", small_region(7)), "two runs differ");
    assert!(once != format!("{:?}", small_region(8)), "the seed has no effect");
}

#[test]
fn a_plan_that_cannot_be_met_is_refused() {
    let plan = Plan { grids: 40, ..Plan::small() };
    let error = sample_region(&invented_inputs().unwrap(), &plan, &|_, _| {}).unwrap_err();
    assert!(matches!(error, SynthError::Plan(_)), "{error}");
}

fn parent(name: &str, polygon: Polygon<f64>) -> Parent {
    Parent { name: name.into(), territory: MultiPolygon(vec![polygon]) }
}

#[test]
fn any_polygons_are_divided_exactly_holes_and_neighbours_included() {
    let with_hole = polygon!(
        exterior: [(x: 10.0, y: 50.0), (x: 10.4, y: 50.0), (x: 10.4, y: 50.3), (x: 10.0, y: 50.3)],
        interiors: [[(x: 10.1, y: 50.1), (x: 10.1, y: 50.2), (x: 10.2, y: 50.2), (x: 10.2, y: 50.1)]],
    );
    let beside = polygon![(x: 10.4, y: 50.0), (x: 10.9, y: 50.1), (x: 10.4, y: 50.3)];
    let parents = [parent("a", with_hole), parent("b", beside)];
    let grids = divide_parents(&parents, 57, 4).unwrap();
    assert_eq!(grids.len(), 57);
    assert!(grids.iter().all(|grid| grid.territory.is_valid()));
    for (number, parent) in parents.iter().enumerate() {
        let own = grids.iter().filter(|grid| grid.parent == number);
        let sum: f64 = own.map(|grid| grid.territory.unsigned_area()).sum();
        assert!((sum / parent.territory.unsigned_area() - 1.0).abs() < 1e-6);
    }
    let shared = |edge: &Edge| [edge.0, edge.1].iter().all(|place| f64::from_bits(place[0]) == 10.4);
    let outer = outer_edges(grids.iter().map(|grid| &grid.territory));
    assert!(!outer.iter().any(shared), "the border between the two cancels");
}

#[test]
fn a_polygon_that_crosses_itself_is_refused_by_name() {
    let bow = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0), (x: 1.0, y: 0.0), (x: 0.0, y: 1.0)];
    let error = divide_parents(&[parent("bow", bow)], 5, 1).unwrap_err();
    assert!(error.to_string().contains("bow"), "{error}");
}
