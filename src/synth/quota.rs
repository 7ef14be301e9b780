//! How many households and grids each village gets.

use rand::RngExt;

use super::counts::share_out;
use super::error::SynthError;
use super::inputs::RegionInputs;
use super::plan::Plan;
use super::random::stream;

/// Households in a base grid, on the average.
const HOUSEHOLDS_A_GRID: f64 = 393.0;
/// Households in a micro-grid, on the average.
const HOUSEHOLDS_A_MICRO_GRID: f64 = 66.0;
/// The fewest mesh nodes that make a micro-grid with a decent outline.
const NODES_A_MICRO_GRID: usize = 6;

/// A base grid to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BaseQuota {
    /// Resident households.
    pub(super) households: u32,
    /// A dedicated grid: few households, never divided further.
    pub(super) dedicated: bool,
}

/// The base grids of each village, villages in the order of the sorted inputs.
pub(super) fn base_quotas(inputs: &RegionInputs, plan: &Plan) -> Result<Vec<Vec<BaseQuota>>, SynthError> {
    let given = 1 + inputs.counties.len() + inputs.towns.len() + inputs.villages.len();
    let villages = inputs.villages.len();
    let bases =
        ((plan.households as f64 / HOUSEHOLDS_A_GRID).round() as usize).max(villages) + plan.dedicated;
    if given + bases > plan.grids {
        return Err(SynthError::Plan(format!(
            "{} households need {bases} base grids, which with {given} given divisions are more than the {} grids asked for",
            plan.households, plan.grids
        )));
    }
    let mut rng = stream(plan.seed, "quota");
    let weights: Vec<f64> = (0..villages)
        .map(|v| {
            let luck = 0.5 + rng.random_range(0.0..1.0) + rng.random_range(0.0..0.8);
            luck * if is_urban(&inputs.villages[v].name) { 2.6 } else { 1.0 }
        })
        .collect();
    let counts = share_out(bases, &weights, 1);
    let dedicated = choose_dedicated(&counts, plan.dedicated, &mut rng);
    let mut flat: Vec<f64> = Vec::with_capacity(bases);
    for (count, special) in counts.iter().zip(&dedicated) {
        for base in 0..*count {
            let few = base + special >= *count;
            flat.push(if few { rng.random_range(2.0..30.0) } else { rng.random_range(345.0..455.0) });
        }
    }
    let mut households = share_out(plan.households, &flat, 1).into_iter().map(|n| n as u32);
    Ok(counts
        .iter()
        .zip(&dedicated)
        .map(|(count, special)| {
            let next = households.by_ref().take(*count).enumerate();
            next.map(|(base, households)| BaseQuota { households, dedicated: base + special >= *count })
                .collect()
        })
        .collect())
}

/// A community of townspeople, by its official name.
pub(super) fn is_urban(village: &str) -> bool {
    village.contains("社区") || village.contains("居委会")
}

/// One dedicated grid in villages with three base grids and more, until there are enough.
fn choose_dedicated(counts: &[usize], total: usize, rng: &mut rand_chacha::ChaCha8Rng) -> Vec<usize> {
    let mut dedicated = vec![0; counts.len()];
    let mut able: Vec<usize> = (0..counts.len()).filter(|v| counts[*v] >= 3).collect();
    for _ in 0..total.min(able.len()) {
        let chosen = able.swap_remove(rng.random_range(0..able.len()));
        dedicated[chosen] = 1;
    }
    dedicated
}

/// What decides into how many micro-grids a base grid is divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Divisible {
    /// Its households and kind.
    pub(super) quota: BaseQuota,
    /// Its mesh nodes.
    pub(super) nodes: usize,
    /// How densely it is settled; the densest are divided first.
    pub(super) density: f64,
}

/// Shares exactly `budget` micro-grids out: 0 (not divided) or at least 2 each.
pub(super) fn micro_counts(bases: &[Divisible], budget: usize) -> Result<Vec<usize>, SynthError> {
    let mut order: Vec<usize> = (0..bases.len()).filter(|i| !bases[*i].quota.dedicated).collect();
    order.sort_by(|a, b| bases[*b].density.total_cmp(&bases[*a].density).then(a.cmp(b)));
    let most = |i: usize| bases[i].nodes / NODES_A_MICRO_GRID;
    let mut counts = vec![0; bases.len()];
    let mut left = budget;
    for &index in &order {
        let wanted = (f64::from(bases[index].quota.households) / HOUSEHOLDS_A_MICRO_GRID).round() as usize;
        let count = wanted.min(most(index)).min(left);
        if count >= 2 {
            counts[index] = count;
            left -= count;
        }
    }
    // what is over goes, one by one, where there is room
    for &index in order.iter().filter(|i| most(**i) > 2) {
        if left > 0 && counts[index] >= 2 && counts[index] < most(index) {
            counts[index] += 1;
            left -= 1;
        }
    }
    if left > 0 {
        return Err(SynthError::Plan(format!(
            "{left} of {budget} micro-grids find no room: ask for fewer grids or more households"
        )));
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(households: u32, nodes: usize, density: f64) -> Divisible {
        Divisible { quota: BaseQuota { households, dedicated: false }, nodes, density }
    }

    #[test]
    fn micro_grids_go_to_the_densest_grids_and_their_total_is_exact() {
        let bases: Vec<Divisible> = (0..20).map(|i| base(400, 70, f64::from(i))).collect();
        let counts = micro_counts(&bases, 61).unwrap();
        assert_eq!(counts.iter().sum::<usize>(), 61);
        assert!(counts[19] >= 6 && counts[0] == 0);
        assert!(counts.iter().all(|count| *count != 1));
    }

    #[test]
    fn too_many_micro_grids_are_refused() {
        assert!(micro_counts(&[base(400, 30, 1.0)], 50).is_err());
    }
}
