//! Tiles as they were last built, as long as they are what would be built now.
//!
//! A tile is kept under the edition since which it is as it is (`tiles::Selection::edition`), taken from the same atlas as the revision that
//! the answer names: whatever changes where the tile is gives it another key, and whatever changes elsewhere does not. So nothing is ever
//! thrown away for being old; what nobody asks for gives way to what is asked for.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use bytes::Bytes;
use foldhash::fast::RandomState;
use metrics::Counter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use smol_str::SmolStr;

use super::Problem;
use super::cached::tag;
use super::coarsened::CoarsenedTiles;
use super::encoding::Encoding;
use super::meter::Meter;
use crate::access::{PolicyClass, Principal};
use crate::atlas::Atlas;
use crate::geom::Tile;
use crate::tiles::{Budget, Fitted, Selection, TileError};

/// A smaller tile travels as it is: it fits one packet anyway.
const LEAST_COMPRESSED: usize = 1_024;
/// Bytes that a tile takes beside its body, about.
const OVERHEAD: usize = 320;
/// Bytes of a tile, about, from which the number of tiles to keep account of is worked out.
const TYPICAL: u64 = 8 << 10;
/// Bytes of a part of the cache, at least.
const PART: u64 = 16 << 20;
/// Parts of the cache, at most.
const PARTS: u64 = 16;

/// A tile, ready to be sent. Body, tag and timing lie in one piece of memory: whoever sends it waits for one only.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Empty: there is nothing in it.
    pub(super) body: Bytes,
    /// How the body is encoded.
    pub(super) encoding: Encoding,
    /// Its entity tag, the same in every encoding, and hence weak.
    pub(super) tag: HeaderValue,
    /// What `Server-Timing` says: how long it took to draw it, for this caller or for one before.
    pub(super) timing: HeaderValue,
}

impl Kept {
    fn new(body: &[u8], encoding: Encoding, tag: &[u8], timing: &[u8]) -> Self {
        let all = Bytes::from([tag, timing, body].concat());
        let (tag, rest) = (all.slice(..tag.len()), all.slice(tag.len()..));
        let (timing, body) = (rest.slice(..timing.len()), rest.slice(timing.len()..));
        let value = |text, otherwise| HeaderValue::from_maybe_shared(text).unwrap_or(otherwise);
        Self {
            body,
            encoding,
            tag: value(tag, HeaderValue::from_static("W/\"-\"")),
            timing: value(timing, HeaderValue::from_static("cache;desc=unknown")),
        }
    }

    /// The same in an encoding, where that makes it smaller.
    fn packed(&self, encoding: Encoding) -> Self {
        if self.body.len() < LEAST_COMPRESSED {
            return self.clone();
        }
        match encoding.pack(&self.body) {
            Some(body) => Self::new(&body, encoding, self.tag.as_bytes(), self.timing.as_bytes()),
            None => self.clone(),
        }
    }

    /// The same for the one for whom it was drawn.
    fn for_its_first(self, drawing: Duration) -> Self {
        Self { timing: drawn_now(drawing), ..self }
    }
}

/// `Server-Timing` of a tile that was drawn for this very answer.
pub(super) fn drawn_now(drawing: Duration) -> HeaderValue {
    HeaderValue::try_from(timing("cache;desc=miss, build", drawing))
        .unwrap_or(HeaderValue::from_static("cache;desc=unknown"))
}

/// Durations in milliseconds, as the header has them.
fn timing(what: &str, drawing: Duration) -> String {
    format!("{what};dur={:.3}", drawing.as_secs_f64() * 1_000.0)
}

/// Which tile, since when, for whom, and how: whoever sees something else in it has another key, and nobody else has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    names: SmolStr,
    /// In its canonical form, whose length is bounded.
    filter: Option<SmolStr>,
    tile: Tile,
    edition: u64,
    class: PolicyClass,
    encoding: Encoding,
}

type Tiles = Cache<Key, Kept, Weight, RandomState, DefaultLifecycle<Key, Kept>>;

/// What a tile takes, in bytes.
#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        let filter = key.filter.as_ref().map_or(0, |filter| filter.len());
        (key.names.len() + filter + kept.body.len() + OVERHEAD) as u64
    }
}

/// Room for so many bytes, in parts, so that readers seldom meet, each of which holds many tiles within their budget.
fn keep(bytes: u64) -> Tiles {
    let parts = (bytes / PART).clamp(1, PARTS);
    let options = OptionsBuilder::new()
        .shards(1 << parts.ilog2())
        .estimated_items_capacity((bytes / TYPICAL) as usize)
        .weight_capacity(bytes)
        .build()
        .expect("room and number of items are given");
    Tiles::with_options(options, Weight, RandomState::default(), DefaultLifecycle::default())
}

/// What is kept, and how often that helped.
pub(super) struct TileCache {
    /// None: nothing is kept.
    kept: Option<Tiles>,
    coarsened: CoarsenedTiles,
    hits: Counter,
    misses: Counter,
}

impl TileCache {
    /// Keeps up to so many mebibytes; 0: nothing. Each tile keeps to a budget.
    pub(super) fn new(mebibytes: u64, budget: Budget, meter: &Meter) -> Self {
        Self {
            kept: (mebibytes > 0).then(|| keep(mebibytes << 20)),
            coarsened: CoarsenedTiles::new(budget, meter),
            hits: meter.counter("gewu_tile_cache_hits_total", "Tiles that were answered from the cache"),
            misses: meter.counter("gewu_tile_cache_misses_total", "Tiles that were built to be answered"),
        }
    }

    /// A tile that is there.
    pub(super) fn known(
        &self,
        atlas: &Atlas,
        selection: &Selection,
        who: &Principal,
        tile: Tile,
        encoding: Encoding,
    ) -> Option<Kept> {
        let found = self.kept.as_ref()?.get(&key(atlas, selection, who, (tile, encoding)))?;
        self.hits.increment(1);
        Some(found)
    }

    /// A tile, drawn if need be: once, however many wait for it.
    pub(super) fn tile(
        &self,
        atlas: &Atlas,
        selection: &Selection,
        who: &Principal,
        (tile, encoding): (Tile, Encoding),
        draw: impl FnOnce(Budget) -> Result<Fitted, TileError>,
    ) -> Result<Kept, Problem> {
        let mut drawing = None;
        let render = || {
            let begun = Instant::now();
            let fitted = draw(self.coarsened.budget())?;
            if let Some(coarsened) = &fitted.coarsened {
                self.coarsened.tell(&selection.names(), tile, selection.edition(atlas, tile), coarsened);
            }
            let body = fitted.bytes;
            let tag = tag(&body);
            let took = *drawing.insert(begun.elapsed());
            let timing = timing("cache;desc=hit, built", took);
            Ok(Kept::new(&body, Encoding::Identity, tag.as_bytes(), timing.as_bytes()))
        };
        let plain = match &self.kept {
            None => render().map_err(|error: TileError| Problem::internal(&error))?,
            Some(kept) => {
                if let Some(known) = self.known(atlas, selection, who, tile, encoding) {
                    return Ok(known);
                }
                let key = key(atlas, selection, who, (tile, Encoding::Identity));
                kept.get_or_insert_with(&key, render).map_err(|error| Problem::internal(&error))?
            }
        };
        if drawing.is_some() { &self.misses } else { &self.hits }.increment(1);
        let asked = match &self.kept {
            _ if encoding == Encoding::Identity => plain,
            None => plain.packed(encoding),
            Some(kept) => {
                let key = key(atlas, selection, who, (tile, encoding));
                let Ok(packed) =
                    kept.get_or_insert_with(&key, || Ok::<_, Infallible>(plain.packed(encoding)));
                packed
            }
        };
        Ok(match drawing {
            Some(drawing) => asked.for_its_first(drawing),
            None => asked,
        })
    }

    /// What the TileJSON of a selection says of the budget of its tiles.
    pub(super) fn budget(&self, selection: &Selection) -> serde_json::Value {
        self.coarsened.budget().describe(self.coarsened.count(&selection.names()))
    }

    /// Bytes that are kept now.
    pub(super) fn bytes(&self) -> u64 {
        self.kept.as_ref().map_or(0, Tiles::weight)
    }
}

fn key(atlas: &Atlas, selection: &Selection, who: &Principal, (tile, encoding): (Tile, Encoding)) -> Key {
    Key {
        names: selection.names(),
        filter: selection.filter().map(SmolStr::from),
        tile,
        edition: selection.edition(atlas, tile),
        class: who.policy_class(),
        encoding,
    }
}
