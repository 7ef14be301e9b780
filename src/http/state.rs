//! What every handler shares.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use super::events::Events;
use super::roads::Roads;
use super::tables::Tables;
use super::tile_cache::TileCache;
use super::{Freshness, Problem, meter::Meter};
use crate::access::{Gate, GateError, Principal};
use crate::atlas::{Atlas, CurrentAtlas};
use crate::config::Config;
use crate::features::Collections;
use crate::query::{SearchIndex, Withheld};
use crate::store::Store;
use crate::tiles::{Archives, Budget, Tilesets};

/// Batches that stream at the same time. Each holds a few chunks, some tens of megabytes.
const STREAMS: usize = 16;

/// Between two condensings of the figures: some ten thousand requests.
const CONDENSE_EVERY: Duration = Duration::from_secs(5);

/// The state of one server; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    atlas: CurrentAtlas,
    store: Store,
    config: Config,
    freshness: Freshness,
    meter: Meter,
    tile_cache: TileCache,
    events: Events,
    tables: Tables,
    roads: Roads,
    tilesets: Tilesets,
    collections: OnceLock<(Collections, Tables)>,
    archives: OnceLock<Archives>,
    gate: Gate,
    slots: Semaphore,
    streams: Arc<Semaphore>,
    withheld: Mutex<(Weak<Atlas>, Arc<Withheld>)>,
    search_index: Mutex<(Weak<Atlas>, Arc<SearchIndex>)>,
    then: Mutex<Option<Then>>,
    #[cfg(debug_assertions)]
    unchecked: OnceLock<()>,
}

/// The atlas of another moment that was made last: pages of a list ask for the same one.
struct Then {
    /// What it was made from.
    of: Weak<Atlas>,
    at: DateTime<Utc>,
    atlas: Arc<Atlas>,
}

impl AppState {
    /// The state of a server that begins with an atlas. Fails where the settings say how to authenticate callers, and that cannot be done.
    pub fn new(config: Config, store: Store, atlas: Atlas, tilesets: Tilesets) -> Result<Self, GateError> {
        let meter = Meter::default();
        Ok(Self(Arc::new(Shared {
            gate: Gate::new(&config.access)?,
            tile_cache: TileCache::new(config.tile_cache_mb, Budget::bytes(config.tile_budget_bytes), &meter),
            events: Events::new(&atlas),
            slots: Semaphore::new(config.limits.concurrent_requests),
            streams: Arc::new(Semaphore::new(STREAMS)),
            atlas: CurrentAtlas::new(atlas),
            store,
            config,
            freshness: Freshness::default(),
            meter,
            tables: Tables::of(tilesets.tables().map(|(layer, _)| layer)),
            collections: OnceLock::new(),
            roads: Roads::default(),
            tilesets,
            archives: OnceLock::new(),
            withheld: Mutex::new((Weak::new(), Arc::default())),
            search_index: Mutex::new((Weak::new(), Arc::default())),
            then: Mutex::default(),
            #[cfg(debug_assertions)]
            unchecked: OnceLock::new(),
        })))
    }

    /// The same server with handlers that ask nobody whether they may, to try the second wall alone. A release has neither this nor what asks for it.
    #[cfg(debug_assertions)]
    #[doc(hidden)]
    pub fn without_checks(self) -> Self {
        let _ = self.0.unchecked.set(());
        self
    }

    /// Do handlers ask whether a caller may see what it asks for?
    #[cfg(debug_assertions)]
    pub(super) fn checks(&self) -> bool {
        self.0.unchecked.get().is_none()
    }

    /// Do handlers ask whether a caller may see what it asks for?
    #[cfg(not(debug_assertions))]
    pub(super) const fn checks(&self) -> bool {
        true
    }

    /// The same server with PMTiles files beside its tilesets; to be called once.
    pub fn with_archives(self, archives: Archives) -> Self {
        let _ = self.0.archives.set(archives);
        self
    }

    /// The same server with these collections; to be called once.
    pub fn with_collections(self, collections: Collections) -> Self {
        let _ = self.0.collections.set(with_tables(collections));
        self
    }

    /// The atlas of this moment.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.0.atlas.load()
    }

    /// The atlas of an instant: that of this moment where its grids held then too, else one made for it.
    pub(super) async fn atlas_at(&self, at: DateTime<Utc>) -> Result<Arc<Atlas>, Problem> {
        let atlas = self.atlas();
        if atlas.holds_at(at) {
            return Ok(atlas);
        }
        if let Some(kept) = self.0.then.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && kept.at == at
            && std::ptr::eq(kept.of.as_ptr(), Arc::as_ptr(&atlas))
        {
            return Ok(Arc::clone(&kept.atlas));
        }
        let of = Arc::downgrade(&atlas);
        let made = tokio::task::spawn_blocking(move || Arc::new(atlas.at(at))).await;
        let atlas = made.map_err(|error| Problem::internal(&error))?;
        let then = Then { of, at, atlas: Arc::clone(&atlas) };
        *self.0.then.lock().unwrap_or_else(PoisonError::into_inner) = Some(then);
        Ok(atlas)
    }

    /// Puts a newer atlas in place, and tells those who listen what changed.
    pub fn replace_atlas(&self, atlas: Arc<Atlas>) {
        let before = self.atlas();
        self.0.atlas.replace(Arc::clone(&atlas));
        self.0.events.tell(&before, &atlas);
    }

    /// Nobody hears of events any more: the server is about to end.
    pub fn end_events(&self) {
        self.0.events.end();
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Who is let in.
    pub fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// How old the answers are.
    pub fn freshness(&self) -> &Freshness {
        &self.0.freshness
    }

    /// Keeps the figures of requests small, for ever.
    pub async fn condense_figures(&self) -> std::convert::Infallible {
        let mut tick = tokio::time::interval(CONDENSE_EVERY);
        loop {
            tick.tick().await;
            self.meter().condense();
        }
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// Tiles that were built before.
    pub(super) fn tile_cache(&self) -> &TileCache {
        &self.0.tile_cache
    }

    /// What changed lately.
    pub(super) fn events(&self) -> &Events {
        &self.0.events
    }

    /// The tilesets that are served.
    pub(super) fn tilesets(&self) -> &Tilesets {
        &self.0.tilesets
    }

    /// The tables that tilesets are made from.
    pub(super) fn tables(&self) -> &Tables {
        &self.0.tables
    }

    /// The collections that are served.
    pub fn collections(&self) -> &Collections {
        &self.0.collections.get_or_init(|| with_tables(Collections::default())).0
    }

    /// The tables that collections come from.
    pub(super) fn collection_tables(&self) -> &Tables {
        &self.0.collections.get_or_init(|| with_tables(Collections::default())).1
    }

    /// The road networks that were made from them.
    pub(super) fn roads(&self) -> &Roads {
        &self.0.roads
    }

    /// The PMTiles files that are served.
    pub(super) fn archives(&self) -> &Archives {
        self.0.archives.get_or_init(Archives::default)
    }

    /// Room for one more request; see `max_concurrent_requests`.
    pub(super) fn slots(&self) -> &Semaphore {
        &self.0.slots
    }

    /// Room for one more streamed batch.
    pub(super) fn streams(&self) -> &Arc<Semaphore> {
        &self.0.streams
    }

    /// Which counts of people are withheld from a caller in an atlas: worked out once an atlas, or all of them.
    pub(super) fn withheld(&self, atlas: &Arc<Atlas>, who: &Principal) -> Arc<Withheld> {
        if !who.policy_class().counts_people() {
            return Arc::default();
        }
        let mut kept = self.0.withheld.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::ptr::eq(kept.0.as_ptr(), Arc::as_ptr(atlas)) {
            *kept = (Arc::downgrade(atlas), Arc::new(Withheld::of(atlas)));
        }
        Arc::clone(&kept.1)
    }

    /// What can be looked for in an atlas: made when first asked for, then brought in step with what was touched since.
    pub(super) fn search_index(&self, atlas: &Arc<Atlas>) -> Arc<SearchIndex> {
        let mut kept = self.0.search_index.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::ptr::eq(kept.0.as_ptr(), Arc::as_ptr(atlas)) {
            *kept = (Arc::downgrade(atlas), Arc::new(SearchIndex::of(atlas, &kept.1)));
        }
        Arc::clone(&kept.1)
    }
}

fn with_tables(collections: Collections) -> (Collections, Tables) {
    let tables = Tables::of(collections.iter().map(|collection| collection.id.as_str()));
    (collections, tables)
}
