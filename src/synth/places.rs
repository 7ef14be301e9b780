//! Names of villages and towns, as addresses and facilities carry them.

use rand_chacha::ChaCha8Rng;

use super::buildings::street_name;
use super::grids::short_name;
use super::inputs::RegionInputs;

/// Names by the place of the village in the sorted inputs.
#[derive(Debug)]
pub(super) struct PlaceNames {
    villages: Vec<(String, String)>,
}

impl PlaceNames {
    /// From inputs in the order of codes.
    pub(super) fn new(inputs: &RegionInputs) -> Self {
        let town_of = |code: &str| {
            let town = inputs.towns.iter().find(|town| code.starts_with(town.code.as_str()));
            town.map(|town| town.name.clone()).unwrap_or_default()
        };
        let villages =
            inputs.villages.iter().map(|v| (short_name(&v.name), town_of(v.code.as_str()))).collect();
        Self { villages }
    }

    /// The village.
    pub(super) fn short(&self, village: usize) -> &str {
        &self.villages[village].0
    }

    /// Its town.
    pub(super) fn town(&self, village: usize) -> &str {
        &self.villages[village].1
    }

    /// Town and village.
    pub(super) fn full(&self, village: usize) -> String {
        format!("{}{}", self.town(village), self.short(village))
    }

    /// A street there: communities have streets, villages lanes of their own name.
    pub(super) fn street(&self, village: usize, rng: &mut ChaCha8Rng) -> String {
        if self.short(village).ends_with('村') { String::new() } else { street_name(rng) }
    }
}
