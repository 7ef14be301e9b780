//! Rows of files as grids to be: cleaned one by one, not yet linked.

use std::path::{Path, PathBuf};

use geo::MultiPolygon;
use indicatif::ProgressBar;
use uuid::Uuid;

use super::attributes::{self, Attributes, Columns};
use crate::ingest::clean::territory;
use crate::ingest::locate::Locator;
use crate::ingest::mapping::{GridMapping, GridRules};
use crate::ingest::read::{Row, read_rows};
use crate::ingest::source::{Source, SourceOptions};
use crate::ingest::{Defect, IngestError, Place, Report};
use crate::model::{Code, GridId, GridKind, Level};

/// A cleaned row.
#[derive(Debug)]
pub(super) struct Draft {
    pub place: Place,
    /// Provisional, or that of the stored grid with this code.
    pub id: GridId,
    pub code: Code,
    pub scheme: String,
    pub level: Level,
    pub kind: Option<GridKind>,
    pub name: String,
    pub households: Option<u32>,
    /// The parent's code, where a field holds it.
    pub parent: Option<String>,
    pub territory: MultiPolygon<f64>,
    /// What was repaired; told once the row is accepted.
    pub repairs: Vec<Defect>,
}

/// All files of an import.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub rows: Vec<Draft>,
    /// Codes and levels of rows that were rejected, where legible.
    pub rejected: Vec<(String, Level)>,
    /// What was found so far.
    pub report: Report,
    /// Some file was read as plain longitude and latitude.
    pub plain_degrees: bool,
}

/// Reads and cleans every row of every file.
pub(super) fn read_files(
    files: &[PathBuf],
    mapping: &GridMapping,
    rules: &GridRules,
    progress: &ProgressBar,
) -> Result<Drafts, IngestError> {
    let mut drafts = Drafts::default();
    for file in files {
        drafts.read_file(file, mapping, rules, progress)?;
    }
    progress.finish_and_clear();
    Ok(drafts)
}

impl Drafts {
    fn read_file(
        &mut self,
        path: &Path,
        mapping: &GridMapping,
        rules: &GridRules,
        progress: &ProgressBar,
    ) -> Result<(), IngestError> {
        let options =
            SourceOptions { layer: mapping.file.layer.clone(), encoding: mapping.file.encoding.clone() };
        let source = Source::open(path, &options)?;
        let columns = Columns::find(&source, mapping, rules)?;
        let locator = Locator::new(rules.crs, source.spatial_ref.as_ref(), path)?;
        let read = read_rows(&source, &columns.fields, progress)?;
        let whole = Place::whole(&source.label);
        if let Some(encoding) = read.guessed {
            self.report.warn(&whole, None, Defect::EncodingGuessed { encoding: encoding.to_owned() });
        }
        if let Some(name) = &locator.other_datum {
            self.report.warn(&whole, None, Defect::OtherDatum { name: name.clone() });
        }
        self.plain_degrees |= locator.is_plain_degrees();
        self.report.read += read.rows.len();
        let encoding = read.text.label();
        for row in read.rows {
            let attributes = attributes::read(&row.values, &columns, mapping, rules, encoding);
            self.take(row, attributes, &locator);
        }
        Ok(())
    }

    fn take(&mut self, row: Row, mut attributes: Attributes, locator: &Locator) {
        let drawn = territory(row.geometry, locator).map_err(|reason| attributes.reasons.push(reason));
        let code = attributes.code.as_ref().map(Code::to_string);
        match (attributes.code, attributes.level, drawn, attributes.reasons.is_empty()) {
            (Some(code), Some(level), Ok((territory, repairs)), true) => {
                attributes.repairs.extend(repairs);
                self.rows.push(Draft {
                    place: row.place,
                    id: GridId(Uuid::now_v7()),
                    code,
                    scheme: attributes.scheme,
                    level,
                    kind: attributes.kind,
                    name: attributes.name,
                    households: attributes.households,
                    parent: attributes.parent,
                    territory,
                    repairs: attributes.repairs,
                });
            }
            (_, level, ..) => {
                self.report.reject_row(&row.place, code.as_deref(), attributes.reasons, level);
                self.rejected.extend(code.zip(level));
            }
        }
    }
}
