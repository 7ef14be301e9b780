//! How many people are outside, told so that nobody is found by asking often.

use rayon::prelude::*;

use super::{Area, Reach, at};
use crate::atlas::GridIndex;
use crate::query::{PEOPLE_THRESHOLD, Withheld};

/// How many people of each grid are outside, in groups that are counted as one.
///
/// A count by any radius could be asked for at two radii a metre apart, and the difference would be a single household. So people are put in
/// groups of [`PEOPLE_THRESHOLD`] and more once, by how far away they are, and a group is outside when its mean is (microaggregation: Domingo-Ferrer and
/// Mateo-Sanz 2002). The mean is nobody's own distance: the radius at which a group turns, which whoever asks often finds, tells of no house. Whatever is subtracted from whatever, radii, grids and those above them, is nobody or a whole group. Groups are made of those
/// who share the lowest grid whose count of people is shown: what is withheld of a grid stays so.
pub(super) struct PeopleOut {
    /// By index of the grid, with everything below it; `None`: a group would be too small.
    outside: Vec<Option<u32>>,
    /// Of those in no grid whose count is shown.
    nowhere: Option<u32>,
}

impl PeopleOut {
    pub(super) fn count(area: &Area, withheld: &Withheld, reach: &impl Reach, radius_m: f64) -> Self {
        let pools = pools(area, withheld);
        let asked: Vec<_> = area
            .atlas
            .resources()
            .people_places()
            .filter_map(|(place, leaf)| Some((area.grid(leaf)?.and_then(|grid| pools[at(grid)]), place)))
            .collect();
        let mut distances: Vec<(Option<GridIndex>, f64)> =
            asked.into_par_iter().map(|(pool, place)| (pool, reach.distance_m(place))).collect();
        distances.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut out = Self { outside: vec![Some(0); area.inside.len()], nowhere: Some(0) };
        for pool in distances.chunk_by(|a, b| a.0 == b.0) {
            let own = pool[0].0.map_or(&mut out.nowhere, |grid| &mut out.outside[at(grid)]);
            *own = outside(pool.iter().map(|(_, distance_m)| *distance_m), radius_m);
        }
        area.roll_up(&mut out.outside, both);
        out
    }

    pub(super) fn of(&self, grid: GridIndex) -> Option<u32> {
        self.outside[at(grid)]
    }

    /// Of everybody there is.
    pub(super) fn of_all(&self, roots: impl Iterator<Item = GridIndex>) -> Option<u32> {
        roots.map(|root| self.of(root)).fold(self.nowhere, both)
    }
}

fn both(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    Some(a? + b?)
}

/// By index of the grid, the lowest grid whose count of people is shown: itself or one above it.
fn pools(area: &Area, withheld: &Withheld) -> Vec<Option<GridIndex>> {
    let grids = area.atlas.grids();
    let mut pools = vec![None; area.inside.len()];
    // In order of level: parents come first.
    for grid in grids.all() {
        pools[at(grid)] = match withheld.contains(grid) {
            false => Some(grid),
            true => grids.parent(grid).and_then(|parent| pools[at(parent)]),
        };
    }
    pools
}

/// How many are in groups that are outside; distances ascend. `None`: they are too few for a group.
fn outside(distances: impl ExactSizeIterator<Item = f64>, radius_m: f64) -> Option<u32> {
    let distances: Vec<f64> = distances.collect();
    let size = PEOPLE_THRESHOLD as usize;
    let groups = distances.len() / size;
    if groups == 0 {
        return distances.is_empty().then_some(0);
    }
    let mut count = 0;
    for group in 0..groups {
        // The last one takes those who are left over.
        let end = if group + 1 == groups { distances.len() } else { (group + 1) * size };
        let members = &distances[group * size..end];
        if mean(members) > radius_m {
            count += members.len() as u32;
        }
    }
    Some(count)
}

/// Of those to whom there is a way; none to most of them: infinite. Distances ascend.
fn mean(distances: &[f64]) -> f64 {
    let reached = distances.partition_point(|distance| distance.is_finite());
    match 2 * reached > distances.len() {
        true => distances[..reached].iter().sum::<f64>() / reached as f64,
        false => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_of_any_two_radii_differ_by_nobody_or_a_group_and_are_near_the_true_ones(
            mut distances in prop::collection::vec(0.0..2_000.0_f64, 5..40), a in 0.0..2_000.0_f64, b in 0.0..2_000.0_f64,
        ) {
            distances.sort_unstable_by(f64::total_cmp);
            let count = |radius_m| outside(distances.iter().copied(), radius_m).unwrap();
            for (one, other) in [(count(a), count(b)), (count(a), 0), (count(b), distances.len() as u32)] {
                prop_assert!(one == other || one.abs_diff(other) >= PEOPLE_THRESHOLD);
            }
            let truly = distances.iter().filter(|distance| **distance > a).count() as u32;
            prop_assert!(count(a).abs_diff(truly) < 2 * PEOPLE_THRESHOLD - 1, "by less than the largest group");
            prop_assert!(a > b || count(a) >= count(b));
        }
    }

    #[test]
    fn too_few_for_a_group_are_not_counted() {
        assert_eq!(outside([1.0; 4].into_iter(), 0.0), None);
        assert_eq!(outside([0.0; 0].into_iter(), 0.0), Some(0));
    }

    #[test]
    fn whoever_no_way_leads_to_is_counted_with_the_most_of_a_group() {
        let far = f64::INFINITY;
        assert_eq!(outside([1.0, 2.0, 3.0, far, far].into_iter(), 2.0), Some(0));
        assert_eq!(outside([1.0, 2.0, far, far, far].into_iter(), 1e9), Some(5));
    }
}
