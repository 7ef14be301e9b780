//! Since when is each tile as it is?
//!
//! Every atlas has an *edition*, a number that no other one of this process has. (A revision is not enough: grids come into force without
//! one, and a database that comes back from a backup may have another history behind the same number.) When a change is applied, the tiles
//! that it may show in are marked with the edition: down to the deepest zoom at which its envelope meets few tiles one by one, and there
//! with everything below. Whoever keeps a tile keeps it under the edition that [`Atlas::tile_edition`] gives, and
//! need not ask what was changed: as long as that number is the same, so is the tile.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sharded::Sharded;
use super::{Atlas, Envelope};
use crate::geom::{TileId, mercator};

/// How far a tile may show what lies beyond it, as a share of its width.
pub const TILE_REACH: f64 = 0.02;

/// Below this zoom no tiles are told apart: it is one or the other side of a street.
const DEEPEST: u8 = 18;
/// An envelope is followed down to the zoom at which it meets more tiles than this.
const MOST_TILES: u64 = 16;
/// So many marks of a kind, and they all become one: everything is new.
const MOST_MARKS: usize = 50_000;
/// So many tiles of a kind are told to listeners one by one; more are everything.
const MOST_TOLD: usize = 500;

static EDITIONS: AtomicU64 = AtomicU64::new(1);

/// What tiles are made of; each kind has its own marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Territories and labels of grids, what is said of them, and how many people are on duty.
    Grids,
    /// What lies in grids, in counts.
    Counts,
    /// Buildings.
    Buildings,
    /// Facilities.
    Facilities,
}

impl TileKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Grids, Self::Counts, Self::Buildings, Self::Facilities];
}

/// Tiles that may look different, with everything below them; tiles above them may, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dirty {
    /// Every tile.
    All,
    /// These, each once.
    Tiles(Vec<TileId>),
}

/// Which tiles changed when. Copies share what was not marked since.
#[derive(Debug, Clone)]
pub(super) struct Dirt {
    edition: u64,
    /// The edition that this one was made from; none after a build.
    before: Option<u64>,
    kinds: [Marks; TileKind::ALL.len()],
}

#[derive(Debug, Clone)]
struct Marks {
    /// Every tile is at least as new.
    floor: u64,
    tiles: Sharded<TileId, Mark>,
    /// What this edition marked.
    last: Dirty,
}

/// The last editions that changed something; 0: none since the floor.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    /// In this tile.
    here: u64,
    /// In this tile and all below it.
    below: u64,
}

impl Dirt {
    /// Of an atlas that was built anew: nothing is known of what was before.
    pub(super) fn new() -> Self {
        let edition = EDITIONS.fetch_add(1, Ordering::Relaxed);
        let marks = || Marks { floor: edition, tiles: Sharded::default(), last: Dirty::All };
        Self { edition, before: None, kinds: TileKind::ALL.map(|_| marks()) }
    }

    /// Of the atlas that follows; nothing is marked yet.
    pub(super) fn following(&self) -> Self {
        let edition = EDITIONS.fetch_add(1, Ordering::Relaxed);
        let mut next = Self { edition, before: Some(self.edition), kinds: self.kinds.clone() };
        next.kinds.iter_mut().for_each(|marks| marks.last = Dirty::Tiles(Vec::new()));
        next
    }

    /// Whatever an envelope meets may look different, at every zoom.
    pub(super) fn mark(&mut self, kind: TileKind, envelope: &Envelope) {
        self.mark_at(kind, envelope, 0..=u8::MAX);
    }

    /// The same at some zooms only.
    pub(super) fn mark_at(&mut self, kind: TileKind, envelope: &Envelope, zooms: RangeInclusive<u8>) {
        let (edition, marks) = (self.edition, &mut self.kinds[kind as usize]);
        let mut above = Block::around(envelope, 0);
        for z in 0..=DEEPEST.min(*zooms.end()) {
            let block = Block::around(envelope, z);
            if block.count() > MOST_TILES {
                return marks.put(&above, edition, true);
            }
            if zooms.contains(&z) {
                marks.put(&block, edition, z == DEEPEST);
            }
            above = block;
        }
        marks.tell(&above);
    }

    /// Every tile of a kind may look different.
    pub(super) fn mark_all(&mut self, kind: TileKind) {
        self.kinds[kind as usize].renew(self.edition);
    }
}

impl Marks {
    fn put(&mut self, block: &Block, edition: u64, below: bool) {
        if self.floor == edition {
            return;
        }
        for tile in block.tiles() {
            let mark = self.tiles.entry(tile, Mark::default);
            mark.here = edition;
            if below {
                mark.below = edition;
            }
        }
        if below {
            self.tell(block);
        }
        if self.tiles.len() > MOST_MARKS {
            self.renew(edition);
        }
    }

    fn tell(&mut self, block: &Block) {
        let Dirty::Tiles(told) = &mut self.last else { return };
        for tile in block.tiles() {
            if !told.contains(&tile) {
                told.push(tile);
            }
        }
        if told.len() > MOST_TOLD {
            self.last = Dirty::All;
        }
    }

    fn renew(&mut self, edition: u64) {
        *self = Self { floor: edition, tiles: Sharded::default(), last: Dirty::All };
    }

    fn since(&self, tile: TileId) -> u64 {
        if self.tiles.len() == 0 {
            return self.floor;
        }
        let here = self.tiles.get(&tile).map_or(0, |mark| mark.here);
        let upwards = std::iter::successors(Some(tile), |tile| tile.parent());
        let below = upwards.filter_map(|tile| self.tiles.get(&tile)).map(|mark| mark.below);
        below.fold(self.floor.max(here), u64::max)
    }
}

impl Atlas {
    /// A number that no other atlas of this process has; a later one has a higher one.
    pub fn edition(&self) -> u64 {
        self.dirt.edition
    }

    /// The edition since which everything of some kinds that a tile can show is as it is: two atlases that give the same number
    /// give the same tile.
    pub fn tile_edition(&self, kinds: impl IntoIterator<Item = TileKind>, tile: TileId) -> u64 {
        let since = kinds.into_iter().map(|kind| self.dirt.kinds[kind as usize].since(tile));
        since.max().unwrap_or(self.edition())
    }

    /// Which tiles of a kind may look different than in an earlier atlas.
    pub fn dirty_since(&self, before: &Self, kind: TileKind) -> Dirty {
        match self.dirt.before {
            _ if self.edition() == before.edition() => Dirty::Tiles(Vec::new()),
            Some(edition) if edition == before.edition() => self.dirt.kinds[kind as usize].last.clone(),
            _ => Dirty::All,
        }
    }
}

/// A block of tiles of one zoom.
struct Block {
    z: u8,
    columns: RangeInclusive<u32>,
    rows: RangeInclusive<u32>,
}

impl Block {
    /// The tiles that may show something of an envelope.
    fn around(envelope: &Envelope, z: u8) -> Self {
        let width = f64::from(1_u32 << z);
        let index = |at: f64| (at.floor().max(0.0) as u32).min((1 << z) - 1);
        let range = |from: f64, to: f64| index(from * width - TILE_REACH)..=index(to * width + TILE_REACH);
        let (west, north) = mercator::unit(envelope.min[0], envelope.max[1]);
        let (east, south) = mercator::unit(envelope.max[0], envelope.min[1]);
        Self { z, columns: range(west, east), rows: range(north, south) }
    }

    fn count(&self) -> u64 {
        let length = |range: &RangeInclusive<u32>| u64::from(range.end() - range.start()) + 1;
        length(&self.columns) * length(&self.rows)
    }

    fn tiles(&self) -> impl Iterator<Item = TileId> + '_ {
        let all = self.rows.clone().flat_map(|y| self.columns.clone().map(move |x| (x, y)));
        all.filter_map(|(x, y)| TileId::new(self.z, x, y).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Envelope = Envelope { min: [100.26, 25.6], max: [100.27, 25.61] };

    /// The tile that holds a place.
    fn tile_at(lon: f64, lat: f64, z: u8) -> TileId {
        let (u, v) = mercator::unit(lon, lat);
        let width = f64::from(1_u32 << z);
        TileId::new(z, (u * width) as u32, (v * width) as u32).unwrap()
    }

    #[test]
    fn a_change_shows_at_every_zoom_where_it_is_and_nowhere_else() {
        let before = Dirt::new();
        let mut after = before.following();
        after.mark(TileKind::Grids, &PLACE);
        for z in 0..=24 {
            let since =
                |dirt: &Dirt, kind: TileKind, lon| dirt.kinds[kind as usize].since(tile_at(lon, 25.605, z));
            assert_eq!(since(&after, TileKind::Grids, 100.265), after.edition, "zoom {z}");
            assert_eq!(since(&after, TileKind::Buildings, 100.265), before.edition);
            if z > 12 {
                assert_eq!(since(&after, TileKind::Grids, 100.5), before.edition, "zoom {z}");
            }
        }
    }

    #[test]
    fn a_tile_shows_what_lies_a_little_beyond_it() {
        let mut dirt = Dirt::new().following();
        let tile = TileId::new(14, 12_755, 7_000).unwrap();
        let beside = tile.envelope_with(0.015);
        let corner = [beside.min().x, beside.max().y];
        dirt.mark(TileKind::Grids, &Envelope { min: corner, max: corner });
        assert_eq!(dirt.kinds[0].since(tile), dirt.edition);
    }

    #[test]
    fn what_shows_at_some_zooms_marks_no_others() {
        let before = Dirt::new();
        let mut after = before.following();
        after.mark_at(TileKind::Grids, &PLACE, 9..=11);
        for z in 0..=24 {
            let expected = if (9..=11).contains(&z) { after.edition } else { before.edition };
            assert_eq!(after.kinds[0].since(tile_at(100.265, 25.605, z)), expected, "zoom {z}");
        }
    }

    #[test]
    fn too_many_marks_become_one() {
        let before = Dirt::new();
        let mut after = before.following();
        for number in 0..MOST_MARKS {
            let at = [100.0 + number as f64 / 1_000.0 % 50.0, 10.0 + (number / 5_000) as f64];
            after.mark(TileKind::Facilities, &Envelope { min: at, max: at });
        }
        let marks = &after.kinds[TileKind::Facilities as usize];
        assert_eq!((marks.floor, marks.tiles.len(), &marks.last), (after.edition, 0, &Dirty::All));
        assert_eq!(after.kinds[0].floor, before.edition);
    }
}
