//! A CSV file with named columns, in UTF-8 or GBK, with or without a byte order mark.

use std::path::Path;

use crate::ingest::value::{REPLACEMENT, is_blank};
use crate::ingest::{Defect, IngestError, Place, Report, encoding};

/// A column: its name, and what else operators call it.
pub(super) type Column = (&'static str, &'static [&'static str]);

/// A row, by the columns that were asked for.
#[derive(Debug)]
pub(super) struct Line {
    pub place: Place,
    values: Vec<Option<String>>,
}

impl Line {
    /// The value of the column at a place of the list that was asked for; blank is none.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        self.values[column].as_deref()
    }
}

/// Reads a file; rows that cannot be read are rejected in the report. The first `required` of the columns must be there.
pub(super) fn read_table(
    path: &Path,
    declared: Option<&str>,
    columns: &[Column],
    required: usize,
    report: &mut Report,
) -> Result<Vec<Line>, IngestError> {
    let label = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| IngestError::Unreadable { path: path.to_owned(), reason: error.to_string() })?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let encoding = match declared {
        Some(name) => encoding::find(name)?,
        None => guess(bytes),
    };
    if declared.is_none() && encoding != encoding_rs::UTF_8 {
        let encoding = encoding::label(encoding).to_owned();
        report.warn(&Place::whole(&label), None, Defect::EncodingGuessed { encoding });
    }
    let text = encoding::decode(bytes, encoding);
    let bad = |reason: String| IngestError::BadTable { path: path.to_owned(), reason };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| bad(error.to_string()))?
        .iter()
        .map(|name| name.trim_matches(is_blank).to_owned())
        .collect();
    let places = find_columns(path, &header, columns, required)?;
    let mut lines = Vec::new();
    for (index, record) in reader.records().enumerate() {
        report.read += 1;
        let place = Place::new(&label, index + 1, None);
        match record {
            Ok(record) if record.len() == header.len() => {
                let line = Line { values: pick(&record, &places), place };
                match garbled(&line, columns) {
                    None => lines.push(line),
                    Some(field) => {
                        let encoding = encoding::label(encoding).to_owned();
                        report.reject_row(
                            &line.place,
                            None,
                            vec![Defect::InvalidText { field, encoding }],
                            None,
                        );
                    }
                }
            }
            Ok(record) => {
                let reason = format!(
                    "它有 {} 列，表头有 {} 列 it has {} columns, the header {}",
                    record.len(),
                    header.len(),
                    record.len(),
                    header.len()
                );
                report.reject_row(&place, None, vec![Defect::BadRow { reason }], None);
            }
            Err(error) => {
                report.reject_row(&place, None, vec![Defect::BadRow { reason: error.to_string() }], None);
            }
        }
    }
    Ok(lines)
}

/// By lines, so that one broken line does not decide.
fn guess(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    encoding::guess(bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()))
}

fn find_columns(
    path: &Path,
    header: &[String],
    columns: &[Column],
    required: usize,
) -> Result<Vec<Option<usize>>, IngestError> {
    let mut places = Vec::with_capacity(columns.len());
    for (number, (name, others)) in columns.iter().enumerate() {
        let place = header
            .iter()
            .position(|field| field.eq_ignore_ascii_case(name) || others.contains(&field.as_str()));
        if place.is_none() && number < required {
            return Err(IngestError::BadTable {
                path: path.to_owned(),
                reason: format!("没有列 has no column {name}; 现有 it has: {}", header.join(", ")),
            });
        }
        places.push(place);
    }
    Ok(places)
}

fn pick(record: &csv::StringRecord, places: &[Option<usize>]) -> Vec<Option<String>> {
    let value = |place: &Option<usize>| {
        let text = record.get((*place)?)?.trim_matches(is_blank);
        (!text.is_empty()).then(|| text.to_owned())
    };
    places.iter().map(value).collect()
}

fn garbled(line: &Line, columns: &[Column]) -> Option<String> {
    let place = line
        .values
        .iter()
        .position(|value| value.as_deref().is_some_and(|text| text.contains(REPLACEMENT)))?;
    Some(columns[place].0.to_owned())
}
