//! One batch: what every chunk is answered from, and how the answers are put together.

use std::sync::Arc;

use arrow_array::RecordBatch;

use super::arrow::{ArrowAnswer, ArrowWriter};
use super::csv::CsvAnswer;
use super::intake::{Chunk, Opening, Rows, Start};
use super::ndjson::{JsonAnswer, Own};
use super::plan::Plan;
use super::resolver::Resolver;
use super::table::Table;
use super::{BatchError, Format, csv, ndjson};
use crate::atlas::Atlas;

/// One batch, shared by the threads that answer its chunks: one atlas, one plan, two formats.
pub struct Job {
    resolver: Resolver,
    opening: Opening,
    answer: Answer,
}

enum Answer {
    Csv(CsvAnswer),
    Json(JsonAnswer),
    Arrow(ArrowAnswer),
}

/// The answer to one chunk.
#[derive(Debug)]
pub struct Answered {
    /// How many rows.
    pub rows: u64,
    /// How many of them have an error in their place.
    pub wrong: u64,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Text(Vec<u8>),
    Batch(RecordBatch),
}

impl Job {
    /// A batch that began as `opening` says and is answered in the format `to`.
    ///
    /// # Errors
    /// [`BatchError`] when the columns of the stream cannot be written.
    pub fn new(atlas: Arc<Atlas>, plan: Plan, opening: Opening, to: Format) -> Result<Self, BatchError> {
        let resolver = Resolver { atlas, plan };
        let answer = match to {
            Format::Csv => {
                let header = match &opening.0 {
                    Start::Csv(header) => Some(header.clone()),
                    _ => None,
                };
                Answer::Csv(CsvAnswer::new(&resolver, header))
            }
            Format::Ndjson => {
                let own = match opening.0 {
                    Start::Ndjson => Own::Line,
                    Start::Points => Own::Nothing,
                    Start::Csv(_) | Start::Arrow(_) => Own::Place,
                };
                Answer::Json(JsonAnswer::new(&resolver, own))
            }
            Format::Arrow => Answer::Arrow(ArrowAnswer::new(&resolver, opening.columns())),
        };
        Ok(Self { resolver, opening, answer })
    }

    /// The atlas that everything is answered from.
    pub fn atlas(&self) -> &Arc<Atlas> {
        &self.resolver.atlas
    }

    /// Answers a chunk: its rows in their order, errors in their place.
    pub fn answer(&self, chunk: Chunk) -> Answered {
        match chunk.0 {
            Rows::Text { text, first_row } => {
                let table = match &self.opening.0 {
                    Start::Csv(header) => csv::parse(header, text, first_row),
                    _ => ndjson::parse(text, first_row),
                };
                self.answer_table(table)
            }
            Rows::Table(table) => self.answer_table(table),
            Rows::Lost { row, why } => self.lost(row, &why),
        }
    }

    fn answer_table(&self, mut table: Table) -> Answered {
        let verdicts = self.resolver.verdicts(&mut table);
        let (rows, wrong) = (table.len() as u64, verdicts.wrong.len() as u64);
        let content = match &self.answer {
            Answer::Csv(answer) => Content::Text(answer.rows(&self.resolver, &table, &verdicts)),
            Answer::Json(answer) => Content::Text(answer.rows(&self.resolver, &table, &verdicts)),
            Answer::Arrow(answer) => match answer.rows(&self.resolver, &table, &verdicts) {
                Ok(batch) => Content::Batch(batch),
                Err(error) => return self.lost(table.first_row, &error.to_string()),
            },
        };
        Answered { rows, wrong, content }
    }

    /// An error in the place of a row, or of all that follow.
    pub fn lost(&self, row: u64, why: &str) -> Answered {
        let content = match &self.answer {
            Answer::Csv(answer) => Content::Text(answer.lost(&self.resolver, row, why)),
            Answer::Json(answer) => Content::Text(answer.lost(row, why)),
            Answer::Arrow(answer) => match answer.lost(row, why) {
                Ok(batch) => Content::Batch(batch),
                Err(_) => Content::Text(Vec::new()),
            },
        };
        Answered { rows: 1, wrong: 1, content }
    }

    /// The writer that puts the answers together, and the bytes that come before them.
    ///
    /// # Errors
    /// [`BatchError::Unwritable`] when Arrow cannot hold the columns.
    pub fn writer(&self) -> Result<(Writer, Vec<u8>), BatchError> {
        match &self.answer {
            Answer::Csv(answer) => Ok((Writer(None), answer.begin(&self.resolver))),
            Answer::Json(_) => Ok((Writer(None), Vec::new())),
            Answer::Arrow(answer) => {
                let (writer, begin) = answer.writer()?;
                Ok((Writer(Some(writer)), begin))
            }
        }
    }
}

/// Puts answers together in the order of their chunks.
pub struct Writer(Option<ArrowWriter>);

impl Writer {
    /// The bytes of an answer.
    ///
    /// # Errors
    /// [`BatchError::Unwritable`] when Arrow cannot write it.
    pub fn write(&mut self, answered: Answered) -> Result<Vec<u8>, BatchError> {
        match (answered.content, &mut self.0) {
            (Content::Batch(batch), Some(writer)) => writer.write(&batch),
            (Content::Text(text), _) => Ok(text),
            (Content::Batch(_), None) => Ok(Vec::new()),
        }
    }

    /// The bytes after the last answer.
    ///
    /// # Errors
    /// [`BatchError::Unwritable`] when Arrow cannot write it.
    pub fn finish(self) -> Result<Vec<u8>, BatchError> {
        self.0.map_or(Ok(Vec::new()), ArrowWriter::finish)
    }
}
