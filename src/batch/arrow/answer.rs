//! How answers are written as Arrow: the columns that came, untouched, and those of the answer after them.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt64Array,
    new_null_array,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::codes::Codes;
use crate::atlas::GridIndex;
use crate::batch::cells::{Cell, Cells, free_name};
use crate::batch::error::BatchError;
use crate::batch::resolver::{Resolver, Verdicts, word};
use crate::batch::table::{Source, Table};
use crate::resolve::Status;

const STATUSES: [Status; 4] = [Status::Inside, Status::Border, Status::ParentOnly, Status::Outside];

/// The shape of an answer.
pub(in crate::batch) struct ArrowAnswer {
    schema: SchemaRef,
    cells: Vec<Cell>,
    /// How many columns stand before those of the answer; do they come from the input?
    own: usize,
    passes: bool,
    statuses: ArrayRef,
    codes: Codes,
}

impl ArrowAnswer {
    /// The shape of the answer to a stream with these columns; `None`: the stream is not Arrow.
    pub(in crate::batch) fn new(resolver: &Resolver, columns: Option<&SchemaRef>) -> Self {
        let cells = Cell::of(&resolver.atlas, &resolver.plan);
        let own: Vec<Field> = match columns {
            // A row that stands for an error at the end has nothing in them.
            Some(schema) => schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect(),
            None => vec![
                Field::new("row", DataType::UInt64, false),
                Field::new("lon", DataType::Float64, true),
                Field::new("lat", DataType::Float64, true),
            ],
        };
        let taken = |name: &str| own.iter().any(|field| field.name() == name);
        let added = added(resolver, &cells).into_iter();
        let added = added.map(|field| field.clone().with_name(free_name(field.name(), taken)));
        let fields: Vec<_> = own.iter().cloned().chain(added).collect();
        let metadata = columns.map(|schema| schema.metadata().clone()).unwrap_or_default();
        Self {
            schema: Arc::new(Schema::new_with_metadata(fields, metadata)),
            cells,
            own: own.len(),
            passes: columns.is_some(),
            statuses: Arc::new(StringArray::from_iter_values(STATUSES.map(word))),
            codes: Codes::default(),
        }
    }

    /// The rows of a chunk.
    pub(in crate::batch) fn rows(
        &self,
        resolver: &Resolver,
        table: &Table,
        verdicts: &Verdicts,
    ) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = match &table.source {
            Source::Batch(batch) if self.passes => batch.columns().to_vec(),
            _ => positions(table),
        };
        columns.push(self.status(table.len(), verdicts)?);
        if let Some(borders) = &verdicts.borders {
            let metres = borders.iter().map(|metres| metres.is_finite().then_some(*metres));
            columns.push(Arc::new(metres.collect::<Float64Array>()));
        }
        for cell in &self.cells {
            columns.push(match cell {
                Cell::Code => self.codes.own(&resolver.atlas, &verdicts.grids)?,
                Cell::CodeAt(level) => self.codes.at(&resolver.atlas, &verdicts.grids, *level)?,
                other => texts(resolver, *other, &verdicts.grids),
            });
        }
        columns.push(errors(table, verdicts));
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    fn status(&self, rows: usize, verdicts: &Verdicts) -> Result<ArrayRef, ArrowError> {
        let key = |status: &Status| STATUSES.iter().position(|known| known == status).unwrap_or(0) as i32;
        let mut wrong = verdicts.wrong.iter().map(|wrong| wrong.row as usize).peekable();
        let keys: Int32Array = if wrong.peek().is_none() {
            Int32Array::from_iter_values(verdicts.statuses.iter().map(key))
        } else {
            (0..rows)
                .map(|row| wrong.next_if_eq(&row).is_none().then(|| key(&verdicts.statuses[row])))
                .collect()
        };
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(&self.statuses))?))
    }

    /// A row of which nothing is left but what is wrong with it.
    pub(in crate::batch) fn lost(&self, row: u64, why: &str) -> Result<RecordBatch, ArrowError> {
        let fields = self.schema.fields();
        let mut columns: Vec<_> = fields.iter().map(|field| new_null_array(field.data_type(), 1)).collect();
        if !self.passes {
            columns[0] = Arc::new(UInt64Array::from_iter_values([row]));
        }
        let last = columns.len() - 1;
        columns[last] = Arc::new(StringArray::from_iter_values([format!("row {row}: {why}")]));
        columns[self.own] = Arc::new(DictionaryArray::<Int32Type>::try_new(
            Int32Array::new_null(1),
            Arc::clone(&self.statuses),
        )?);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    /// The writer of the stream, and the bytes of the schema.
    pub(in crate::batch) fn writer(&self) -> Result<(ArrowWriter, Vec<u8>), BatchError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &self.schema).map_err(unwritable)?;
        let begin = std::mem::take(writer.get_mut());
        Ok((ArrowWriter(writer), begin))
    }
}

fn unwritable(error: ArrowError) -> BatchError {
    BatchError::Unwritable(error.to_string())
}

/// Writes record batches as messages, dictionaries before the first that needs them.
pub(in crate::batch) struct ArrowWriter(StreamWriter<Vec<u8>>);

impl ArrowWriter {
    pub(in crate::batch) fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, BatchError> {
        self.0.write(batch).map_err(unwritable)?;
        Ok(std::mem::take(self.0.get_mut()))
    }

    pub(in crate::batch) fn finish(mut self) -> Result<Vec<u8>, BatchError> {
        self.0.finish().map_err(unwritable)?;
        Ok(std::mem::take(self.0.get_mut()))
    }
}

fn added(resolver: &Resolver, cells: &[Cell]) -> Vec<Field> {
    let dictionary = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = vec![Field::new("status", dictionary(), true)];
    if resolver.plan.fields.border_m {
        fields.push(Field::new("border_m", DataType::Float64, true));
    }
    for cell in cells {
        let kind = if matches!(cell, Cell::Code | Cell::CodeAt(_)) { dictionary() } else { DataType::Utf8 };
        fields.push(Field::new(cell.name(), kind, true));
    }
    fields.push(Field::new("error", DataType::Utf8, true));
    fields
}

/// Number and position of each row, for an answer to another format.
fn positions(table: &Table) -> Vec<ArrayRef> {
    let numbers = |numbers: &[f64]| -> ArrayRef {
        Arc::new(numbers.iter().map(|number| number.is_finite().then_some(*number)).collect::<Float64Array>())
    };
    let rows = table.first_row..table.first_row + table.len() as u64;
    vec![Arc::new(UInt64Array::from_iter_values(rows)), numbers(&table.x), numbers(&table.y)]
}

fn texts(resolver: &Resolver, cell: Cell, grids: &[Option<GridIndex>]) -> ArrayRef {
    let mut texts = StringBuilder::with_capacity(grids.len(), grids.len() * 16);
    for grid in grids {
        let found = grid.map(|grid| Cells::new(&resolver.atlas, &resolver.plan, grid));
        texts.append_option(found.as_ref().and_then(|found| found.text(cell)));
    }
    Arc::new(texts.finish())
}

fn errors(table: &Table, verdicts: &Verdicts) -> ArrayRef {
    if verdicts.wrong.is_empty() {
        return new_null_array(&DataType::Utf8, table.len());
    }
    let mut wrong = verdicts.wrong.iter().peekable();
    let text = |row: usize| {
        let wrong = wrong.next_if(|wrong| wrong.row as usize == row)?;
        Some(format!("row {}: {}", table.first_row + row as u64, wrong.text))
    };
    let errors: StringArray = (0..table.len()).map(text).collect();
    debug_assert_eq!(errors.len(), table.len());
    Arc::new(errors)
}
