//! `gewu import resources`: buildings, facilities, people and the catalogue's further collections.

mod attributes;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use uuid::Uuid;

use self::attributes::Columns;
use super::clean::position_or_footprint;
use super::locate::Locator;
use super::options::{ImportOptions, blocking};
use super::read::{Row, read_rows};
use super::source::{Source, SourceOptions};
use super::{Defect, IngestError, InputCrs, Place, Report, ResourceMapping};
use crate::model::{County, Resource, ResourceId};
use crate::store::{ImportKind, Store};

/// Rows stored at once: the most that is copied into the database before it is asked to place them.
const BATCH: usize = 50_000;

/// Imports resources of a collection; rows are told apart by (`source`, `source_id`), and their leaf grids are found in the same
/// transaction. The report says what became of every row.
///
/// Of people only name, household, phone, address and service tags are kept; any other column is dropped, and named.
///
/// # Errors
/// [`IngestError`] when a file or setting cannot be used at all, or the database refuses; nothing is written then.
pub async fn import_resources(
    store: &Store,
    collection: String,
    files: Vec<PathBuf>,
    mapping: ResourceMapping,
    options: &ImportOptions,
) -> Result<Report, IngestError> {
    let crs = mapping.file.crs.as_deref().map(InputCrs::parse).transpose()?;
    let title = options.title(&files);
    let progress = options.progress.clone();
    let reading = collection.clone();
    let batch = blocking(move || read_files(&files, &reading, &mapping, crs, &progress)).await??;
    let Batch { rows, mut report, .. } = batch;
    report.dry_run = options.dry_run;
    report.sort();
    let mut transaction = store.begin_import(ImportKind::Import, &title).await?;
    if report.stops(options.allow_rejects) {
        return Ok(report);
    }
    for rows in rows.chunks(BATCH) {
        let counts = transaction.put_resources(&collection, rows).await?;
        report.count(counts);
    }
    let leaves = transaction.assign_leaves().await?;
    if leaves.unassigned > 0 {
        let count = usize::try_from(leaves.unassigned).unwrap_or(usize::MAX);
        report.warn(&Place::whole(&collection), None, Defect::Unassigned { count });
    }
    report.finish(transaction, false).await?;
    Ok(report)
}

#[derive(Debug, Default)]
struct Batch {
    rows: Vec<Resource>,
    report: Report,
    seen: HashMap<(String, String), Place>,
}

fn read_files(
    files: &[PathBuf],
    collection: &str,
    mapping: &ResourceMapping,
    crs: Option<InputCrs>,
    progress: &ProgressBar,
) -> Result<Batch, IngestError> {
    let mut batch = Batch::default();
    for file in files {
        batch.read_file(file, collection, mapping, crs, progress)?;
    }
    progress.finish_and_clear();
    Ok(batch)
}

impl Batch {
    fn read_file(
        &mut self,
        path: &Path,
        collection: &str,
        mapping: &ResourceMapping,
        crs: Option<InputCrs>,
        progress: &ProgressBar,
    ) -> Result<(), IngestError> {
        let options =
            SourceOptions { layer: mapping.file.layer.clone(), encoding: mapping.file.encoding.clone() };
        let source = Source::open(path, &options)?;
        let columns = Columns::find(&source, collection, mapping)?;
        let locator = Locator::new(crs, source.spatial_ref.as_ref(), path)?;
        let whole = Place::whole(&source.label);
        for field in &columns.not_kept {
            self.report.warn(&whole, None, Defect::FieldNotKept { field: field.clone() });
        }
        let read = read_rows(&source, &columns.fields, progress)?;
        if let Some(encoding) = read.guessed {
            self.report.warn(&whole, None, Defect::EncodingGuessed { encoding: encoding.to_owned() });
        }
        if let Some(name) = &locator.other_datum {
            self.report.warn(&whole, None, Defect::OtherDatum { name: name.clone() });
        }
        self.report.read += read.rows.len();
        let encoding = read.text.label();
        let owner = mapping.source.clone().unwrap_or_else(|| stem(path));
        for row in read.rows {
            self.take(row, &owner, &columns, &locator, encoding);
        }
        Ok(())
    }

    fn take(&mut self, row: Row, owner: &str, columns: &Columns, locator: &Locator, encoding: &str) {
        let mut found = columns.read(&row.values, encoding);
        let drawn = position_or_footprint(row.geometry, locator, columns.people);
        let drawn = drawn.map_err(|reason| found.reasons.push(reason));
        let id = found.source_id.clone();
        let identity = (owner.to_owned(), id.clone().unwrap_or_default());
        if let Some(first) = self.seen.get(&identity) {
            let (first_row, first_file) = (first.row, first.file.clone());
            let source_id = identity.1.clone();
            found.reasons.push(Defect::DuplicateSourceId { source_id, first_row, first_file });
        }
        let (Some(source_id), Ok((geometry, repairs)), true) =
            (found.source_id, drawn, found.reasons.is_empty())
        else {
            self.report.reject_row(&row.place, id.as_deref(), found.reasons, None);
            return;
        };
        self.seen.insert(identity, row.place.clone());
        found.dropped.into_iter().for_each(|defect| self.report.warn(&row.place, Some(&source_id), defect));
        self.report.accept_row(&row.place, &source_id, repairs, None);
        self.rows.push(Resource {
            id: ResourceId(Uuid::now_v7()),
            county: County::none(),
            source: owner.to_owned(),
            source_id,
            class: found.class,
            name: found.name,
            address: found.address,
            properties: found.properties,
            geometry,
            leaf: None,
            invented: false,
        });
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned())
}
