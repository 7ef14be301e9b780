//! Pieces of a stream in, chunks of whole rows out.

use arrow_schema::SchemaRef;

use super::arrow::{ArrowIntake, Message};
use super::csv::Header;
use super::lines::{Cut, Cutter, LONGEST_ROW};
use super::plan::Plan;
use super::table::Table;
use super::{BatchError, Format};

/// What a stream says before its first row.
#[derive(Debug, Clone)]
pub struct Opening(pub(super) Start);

#[derive(Debug, Clone)]
pub(super) enum Start {
    /// The columns of CSV.
    Csv(Header),
    /// NDJSON says nothing.
    Ndjson,
    /// The columns of an Arrow stream.
    Arrow(SchemaRef),
    /// Points that were all there at once.
    Points,
}

impl Opening {
    /// The columns of an Arrow stream.
    pub(super) fn columns(&self) -> Option<&SchemaRef> {
        match &self.0 {
            Start::Arrow(schema) => Some(schema),
            _ => None,
        }
    }
}

/// Rows that are answered together, apart from all others.
#[derive(Debug)]
pub struct Chunk(pub(super) Rows);

#[derive(Debug)]
pub(super) enum Rows {
    /// Lines.
    Text {
        /// The lines.
        text: Vec<u8>,
        /// The number of the first.
        first_row: u64,
    },
    /// Columns.
    Table(Table),
    /// A row that cannot be read, or where the stream broke off.
    Lost {
        /// Its number.
        row: u64,
        /// Why.
        why: String,
    },
}

impl Chunk {
    /// The number of its first row.
    pub(super) fn first_row(&self) -> u64 {
        match &self.0 {
            Rows::Text { first_row, .. } => *first_row,
            Rows::Table(table) => table.first_row,
            Rows::Lost { row, .. } => *row,
        }
    }
}

/// Cuts one stream into chunks; holds at most one chunk and one piece.
pub struct Intake {
    source: From,
    /// Rows of a chunk.
    most: usize,
    row: u64,
}

enum From {
    CsvHeader(Cutter),
    Text(Cutter),
    Arrow(ArrowIntake),
}

impl Intake {
    /// An intake for a stream that is about to begin.
    pub fn new(format: Format, plan: &Plan) -> Self {
        let source = match format {
            // The header is row 0.
            Format::Csv => From::CsvHeader(Cutter::new(true, 0)),
            Format::Ndjson => From::Text(Cutter::new(false, 1)),
            Format::Arrow => From::Arrow(ArrowIntake::new()),
        };
        Self { source, most: plan.chunk_rows(), row: 1 }
    }

    /// Adds a piece; to be emptied by [`Self::next`] before the next one. Large pieces are best given in parts of
    /// some 100 KiB.
    pub fn feed(&mut self, piece: &[u8]) {
        match &mut self.source {
            From::CsvHeader(cutter) | From::Text(cutter) => cutter.feed(piece),
            From::Arrow(intake) => intake.feed(piece),
        }
    }

    /// Says that there is no more.
    pub fn end(&mut self) {
        match &mut self.source {
            From::CsvHeader(cutter) | From::Text(cutter) => cutter.end(),
            From::Arrow(intake) => intake.end(),
        }
    }

    /// What the stream says before its first row, once it has come; to be asked until it has.
    ///
    /// # Errors
    /// [`BatchError`] when nothing can be made of it.
    pub fn open(&mut self) -> Result<Option<Opening>, BatchError> {
        match &mut self.source {
            From::CsvHeader(cutter) => {
                let header = match cutter.next(1) {
                    None if cutter.has_ended() => return Err(BatchError::NoHeader),
                    None => return Ok(None),
                    Some(Cut::Lost { .. }) => return Err(BatchError::LongHeader(LONGEST_ROW)),
                    Some(Cut::Rows { text, .. }) => Header::read(&text)?,
                };
                let cutter = std::mem::replace(cutter, Cutter::new(true, 0));
                self.source = From::Text(cutter);
                Ok(Some(Opening(Start::Csv(header))))
            }
            From::Text(_) => Ok(Some(Opening(Start::Ndjson))),
            From::Arrow(intake) => Ok(intake.open()?.map(|schema| Opening(Start::Arrow(schema)))),
        }
    }

    /// The next chunk, once it is whole. `None` after [`Self::end`]: there is no more.
    #[expect(clippy::should_implement_trait, reason = "None may be followed by more")]
    pub fn next(&mut self) -> Option<Chunk> {
        let most = self.most;
        let chunk = match &mut self.source {
            From::CsvHeader(_) => None,
            From::Text(cutter) => cutter.next(most as u64).map(chunk_of),
            From::Arrow(intake) => intake.next(most).map(|message| match message {
                Message::Rows(table) => Chunk(Rows::Table(table)),
                Message::Broken(why) => Chunk(Rows::Lost { row: intake.next_row(), why }),
            }),
        };
        self.note(chunk)
    }

    /// The rows that are whole so far, for a stream that pauses.
    pub fn flush(&mut self) -> Option<Chunk> {
        let chunk = match &mut self.source {
            From::Text(cutter) => cutter.flush().map(chunk_of),
            From::CsvHeader(_) | From::Arrow(_) => None,
        };
        self.note(chunk)
    }

    fn note(&mut self, chunk: Option<Chunk>) -> Option<Chunk> {
        self.row = match &self.source {
            From::Text(cutter) => cutter.next_row(),
            From::Arrow(intake) => intake.next_row(),
            From::CsvHeader(_) => 1,
        };
        chunk
    }

    /// Was the end told, and is nothing left?
    pub fn is_over(&self) -> bool {
        match &self.source {
            From::CsvHeader(cutter) | From::Text(cutter) => cutter.has_ended(),
            From::Arrow(intake) => intake.has_ended(),
        }
    }

    /// The number of the row that would come next, to say where a stream broke off.
    pub fn next_row(&self) -> u64 {
        self.row
    }
}

fn chunk_of(cut: Cut) -> Chunk {
    match cut {
        Cut::Rows { text, first } => Chunk(Rows::Text { text, first_row: first }),
        Cut::Lost { row, why } => Chunk(Rows::Lost { row, why }),
    }
}
