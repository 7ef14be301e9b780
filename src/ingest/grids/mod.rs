//! `gewu import grids`: files to grids, in one transaction.

mod attributes;
mod draft;
mod link;
mod neighbours;
mod shared;
mod shift;

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use geo::{BoundingRect, Rect};

use self::draft::{Draft, Drafts, read_files};
use self::link::{Known, link};
use super::mapping::{GridRules, ParentRule};
use super::options::{ImportOptions, blocking};
use super::parents::Territory;
use super::{GridMapping, IngestError, Report};
use crate::model::{Grid, GridId, Level, LevelName, LevelScheme};
use crate::store::{ImportKind, ImportTransaction, Store, StoredGrid};

/// Imports grids from files; the report says what became of every row.
///
/// With rejected rows and without [`ImportOptions::allow_rejects`], or with [`ImportOptions::dry_run`], nothing is written.
///
/// # Errors
/// [`IngestError`] when a file or setting cannot be used at all, or the database refuses; nothing is written then.
pub async fn import_grids(
    store: &Store,
    files: Vec<PathBuf>,
    mapping: GridMapping,
    options: &ImportOptions,
) -> Result<Report, IngestError> {
    let rules = mapping.rules()?;
    let title = options.title(&files);
    let progress = options.progress.clone();
    let reading = rules.clone();
    let mut drafts = blocking(move || read_files(&files, &mapping, &reading, &progress)).await??;
    let mut transaction = store.begin_import(ImportKind::Import, &title).await?;
    let stored = transaction.stored_grids().await?;
    let territories = stored_territories(&mut transaction, &drafts, &stored, &rules).await?;
    let around = stored_around(&mut transaction, &drafts, &stored).await?;
    let known = Known { stored, territories, around };
    let (known, drafts, mut report) = {
        let rules = rules.clone();
        blocking(move || {
            let mut report = std::mem::take(&mut drafts.report);
            let grids = link(drafts, &known, &rules, &mut report);
            (known, grids, report)
        })
        .await?
    };
    report.dry_run = options.dry_run;
    report.sort();
    if report.stops(options.allow_rejects) {
        return Ok(report);
    }
    write(transaction, &drafts, &known.stored, &rules, &mut report).await?;
    Ok(report)
}

/// Territories that parents are sought in, and borders that a wrongly labelled file would be shifted against.
async fn stored_territories(
    transaction: &mut ImportTransaction,
    drafts: &Drafts,
    stored: &[StoredGrid],
    rules: &GridRules,
) -> Result<Vec<Territory>, IngestError> {
    let Some(lowest) = drafts.rows.iter().map(|draft| draft.level).max() else { return Ok(Vec::new()) };
    if rules.parent != ParentRule::Space && !drafts.plain_degrees {
        return Ok(Vec::new());
    }
    let levels: BTreeSet<Level> =
        stored.iter().map(|grid| grid.level).filter(|level| *level <= lowest).collect();
    if levels.is_empty() {
        return Ok(Vec::new());
    }
    let levels: Vec<Level> = levels.into_iter().collect();
    let territories = transaction.stored_territories(&levels).await?;
    Ok(territories.into_iter().map(Territory::from).collect())
}

/// Borders are shared across a metre at most; so many degrees are more than that anywhere in China.
const BESIDE: f64 = 1e-4;

/// Territories that the rows' borders may run along, but for those that the rows replace: none when a file is imported again.
async fn stored_around(
    transaction: &mut ImportTransaction,
    drafts: &Drafts,
    stored: &[StoredGrid],
) -> Result<Vec<Territory>, IngestError> {
    let bounds = drafts.rows.iter().filter_map(|draft| draft.territory.bounding_rect());
    let Some(bounds) = bounds.reduce(|a, b| {
        let (low, high) = (a.min(), a.max());
        Rect::new(
            (low.x.min(b.min().x), low.y.min(b.min().y)),
            (high.x.max(b.max().x), high.y.max(b.max().y)),
        )
    }) else {
        return Ok(Vec::new());
    };
    let (low, high) = (bounds.min(), bounds.max());
    let around = [low.x - BESIDE, low.y - BESIDE, high.x + BESIDE, high.y + BESIDE];
    let codes: HashSet<(&str, &str)> =
        drafts.rows.iter().map(|draft| (draft.scheme.as_str(), draft.code.as_str())).collect();
    let replaced = stored.iter().filter(|grid| codes.contains(&(grid.scheme.as_str(), grid.code.as_str())));
    let replaced: Vec<GridId> = replaced.map(|grid| grid.id).collect();
    if replaced.len() == stored.len() {
        return Ok(Vec::new());
    }
    let territories = transaction.stored_territories_around(around, &replaced).await?;
    Ok(territories.into_iter().map(Territory::from).collect())
}

async fn write(
    mut transaction: ImportTransaction,
    grids: &[Grid],
    stored: &[StoredGrid],
    rules: &GridRules,
    report: &mut Report,
) -> Result<(), IngestError> {
    let scheme = level_scheme(grids, stored, rules);
    if !scheme.levels.is_empty() {
        transaction.put_level_scheme(&scheme).await?;
    }
    let counts = transaction.put_grids(grids).await?;
    report.count(counts);
    transaction.assign_leaves().await?;
    report.finish(transaction, !rules.level_names.is_empty()).await
}

/// Names for the levels that the operator names, and for those that no stored grid is on yet.
fn level_scheme(grids: &[Grid], stored: &[StoredGrid], rules: &GridRules) -> LevelScheme {
    let in_use: BTreeSet<Level> = stored.iter().map(|grid| grid.level).collect();
    let mut wanted: BTreeSet<Level> =
        grids.iter().map(|grid| grid.level).filter(|l| !in_use.contains(l)).collect();
    wanted.extend(rules.level_names.iter().map(|(level, ..)| *level));
    let levels = wanted.into_iter().map(|level| level_name(level, rules)).collect();
    LevelScheme { levels }
}

/// The first zoom at which a level reads well, from the top level down.
const FIRST_ZOOM: [u8; Level::COUNT] = [0, 5, 8, 10, 12, 14];

fn level_name(level: Level, rules: &GridRules) -> LevelName {
    let given = rules.level_names.iter().rev().find(|(named, ..)| *named == level);
    let (name, name_en) = match given {
        Some((_, zh, en)) => (zh.clone(), en.clone()),
        None => (format!("第{level}级"), format!("Level {level}")),
    };
    LevelName { level, name, name_en, min_zoom: FIRST_ZOOM[level.index()], max_zoom: 22 }
}

impl Draft {
    fn into_grid(self, parent: Option<GridId>) -> Grid {
        Grid {
            id: self.id,
            county: crate::model::County::of(&self.code),
            scheme: self.scheme,
            code: self.code,
            level: self.level,
            parent,
            kind: self.kind,
            name: self.name,
            households: self.households,
            invented: false,
            geometry: self.territory,
        }
    }
}
