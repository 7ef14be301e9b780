//! One bake from beginning to end.

use std::collections::HashSet;
use std::ops::{ControlFlow, Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::archive::Archive;
use super::error::BakeError;
use super::kind::Kind;
use super::line;
use super::metadata::Metadata;
use super::occupied::Occupied;
use super::walk::{self, Walk};
use super::work::{Digest, Found, Made, Work};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::TileId;
use crate::tiles::{Budget, Fitted, Selection, gzip};

/// Tiles that are made between two writings: enough to keep every core at work, few enough to lose little.
const BATCH: usize = 512;

/// What is to be baked, and where to.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// The tilesets.
    pub selection: Selection<'a>,
    /// The zooms.
    pub zooms: RangeInclusive<u8>,
    /// The form of the result.
    pub kind: Kind,
    /// The result. Beside it stand, while it is unfinished, files of the same name with `.unfinished` and `.contents` behind it, for MBTiles one with
    /// `.growing` too.
    pub out: PathBuf,
    /// How large a tile may be.
    pub budget: Budget,
    /// When to stop at the latest, to go on another time.
    pub until: Option<Instant>,
}

/// How far a bake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An unfinished bake was there, of other data or of another choice; it is thrown away.
    Anew,
    /// An unfinished bake goes on, which made so many tiles.
    GoesOn(u64),
    /// So many tiles are to be looked at.
    Begins(u64),
    /// So many more were.
    Made(u64),
    /// All are there and are put in order.
    Ordering,
}

/// How a bake ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baked {
    /// The result is there.
    Whole {
        /// Tiles that hold something.
        tiles: u64,
        /// Different contents among them.
        contents: u64,
        /// Tiles that were drawn more coarsely to keep to the budget.
        coarsened: u64,
        /// Size of the result.
        bytes: u64,
    },
    /// The time was up; the same job goes on.
    Unfinished {
        /// Tiles that hold something, so far.
        tiles: u64,
    },
}

/// Bakes, or goes on baking. Takes every core of the current rayon pool. `tell` hears how far it is.
pub fn bake(
    atlas: &Atlas,
    who: &Principal,
    job: &Job,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<Baked, BakeError> {
    let (mut work, found) = Work::open(&job.out, &order(atlas, who, job))?;
    match found {
        Found::Nothing => {}
        Found::Same(tiles) => tell(Step::GoesOn(tiles)),
        Found::Other => tell(Step::Anew),
    }
    let through = work.through();
    let walk = |zoom| Walk::new(Occupied::at(&job.selection, atlas, zoom), zoom, through);
    let walk_all = || job.zooms.clone().into_par_iter().flat_map_iter(walk).collect();
    let (ahead, ()): (Vec<TileId>, ()) = rayon::join(walk_all, || atlas.prepare_borders());
    tell(Step::Begins(ahead.len() as u64));
    let mut archive = Archive::begin(&job.out, job.kind, &work)?;
    work.each(&mut |number, digest, content| archive.add(number, digest, content))?;
    let known = RwLock::new(work.known().clone());
    let writeback = archive.writeback().map_err(BakeError::of(&job.out))?;
    let mut is_late = false;
    let take = |range: Range<usize>, made: Vec<Option<Made>>| {
        let made: Vec<Made> = made.into_iter().flatten().collect();
        work.append(&made, walk::number(ahead[range.end - 1]))?;
        for Made { number, digest, content, .. } in &made {
            archive.add(*number, *digest, content.as_deref())?;
        }
        writeback.more();
        known.write().unwrap_or_else(PoisonError::into_inner).extend(made.iter().map(|made| made.digest));
        tell(Step::Made(range.len() as u64));
        is_late = job.until.is_some_and(|until| Instant::now() >= until);
        Ok(if is_late { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    line::run(ahead.len(), BATCH, |at| make(atlas, who, job, ahead[at], &known), take)?;
    writeback.finish().map_err(BakeError::of(&job.out))?;
    let (tiles, contents, coarsened) = (work.tiles(), work.known().len() as u64, work.coarsened());
    if is_late {
        return Ok(Baked::Unfinished { tiles });
    }
    if tiles == 0 {
        work.remove()?;
        return Err(BakeError::Nothing { first: *job.zooms.start(), last: *job.zooms.end() });
    }
    tell(Step::Ordering);
    let bytes = archive.publish(&job.out, &Metadata::of(job, atlas, who, coarsened), &work)?;
    work.remove()?;
    Ok(Baked::Whole { tiles, contents, coarsened, bytes })
}

/// What a work file must be of so that it can go on: the same program, data, tilesets, budget and zooms, for whoever sees the same in tiles.
///
/// The grids' identities tell databases apart, and the span in which these grids hold tells apart what one revision shows on
/// different days.
fn order(atlas: &Atlas, who: &Principal, job: &Job) -> String {
    let grids = atlas.grids();
    let identities = grids.all().map(|grid| grids.id(grid).0.as_u128()).fold(0, std::ops::BitXor::bitxor);
    let window = atlas.window();
    let tilesets = u128::from_be_bytes(short(&Sha256::digest(format!("{:?}", job.selection))));
    json!({
        "gewu": env!("CARGO_PKG_VERSION"),
        "revision": atlas.revision(),
        "grids": [grids.len().to_string(), format!("{identities:032x}")],
        "window": [window.from, window.until],
        "tilesets": [job.selection.names().as_str(), format!("{tilesets:032x}")],
        "budget": job.budget.describe(0),
        "counts_people": who.policy_class().counts_people(),
        "zooms": [job.zooms.start(), job.zooms.end()],
    })
    .to_string()
}

/// A tile, unless nothing is in it.
fn make(
    atlas: &Atlas,
    who: &Principal,
    job: &Job,
    tile: TileId,
    known: &RwLock<HashSet<Digest>>,
) -> Result<Option<Made>, BakeError> {
    let told = |reason| BakeError::Tile { tile: tile.to_string(), reason };
    let Fitted { bytes: body, coarsened } = job.selection.fit(atlas, who, tile, job.budget).map_err(told)?;
    if body.is_empty() {
        return Ok(None);
    }
    let digest = short(&Sha256::digest(&body));
    let is_known = known.read().unwrap_or_else(PoisonError::into_inner).contains(&digest);
    let content = (!is_known).then(|| gzip(&body));
    Ok(Some(Made { number: walk::number(tile), digest, content, coarsened: coarsened.is_some() }))
}

fn short(digest: &[u8]) -> Digest {
    std::array::from_fn(|at| digest[at])
}
