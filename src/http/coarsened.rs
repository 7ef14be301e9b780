//! Tiles that were drawn more coarsely to keep to their budget: told once each, and counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use metrics::Counter;

use super::meter::Meter;
use crate::geom::Tile;
use crate::tiles::{Budget, Coarsened};

/// So many tiles are remembered; then it begins anew, and what comes again is told again.
const MOST: usize = 20_000;

/// Which tiles were coarsened, by tilesets, and of which edition each was the last time.
pub(super) struct CoarsenedTiles {
    budget: Budget,
    known: Mutex<HashMap<(Box<str>, Tile), u64>>,
    total: Counter,
}

impl CoarsenedTiles {
    pub(super) fn new(budget: Budget, meter: &Meter) -> Self {
        let total = meter.counter(
            "gewu_tiles_coarsened_total",
            "Tiles that were drawn more coarsely to keep to their budget, once an edition",
        );
        Self { budget, known: Mutex::default(), total }
    }

    pub(super) fn budget(&self) -> Budget {
        self.budget
    }

    /// A tile of an edition was coarsened: says so in the log, the first time.
    pub(super) fn tell(&self, names: &str, tile: Tile, edition: u64, coarsened: &Coarsened) {
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST {
                known.clear();
            }
            if known.insert((names.into(), tile), edition) == Some(edition) {
                return;
            }
        }
        self.total.increment(1);
        tracing::warn!(
            tilesets = names,
            %tile,
            before = coarsened.before,
            after = coarsened.after,
            done = %coarsened,
            "a tile over its budget is drawn more coarsely"
        );
    }

    /// How many different tiles of these tilesets were coarsened, as far as is remembered.
    pub(super) fn count(&self, names: &str) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.keys().filter(|(other, _)| **other == *names).count()
    }
}
