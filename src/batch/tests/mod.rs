//! What holds for every format: any bytes, any pieces, every order.

mod arrow;
mod properties;
mod singles;
mod text;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Float64Array, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use serde_json::{Map, Value};

use super::*;
use crate::access::Principal;
use crate::atlas::{Atlas, fixture};
use crate::geom::Crs;
use crate::model::{Role, Span};

const ALL: &str = "code,codes,chain,responsible,border_m";

fn atlas() -> Arc<Atlas> {
    let serves = |worker, grid| fixture::serves(worker, grid, Role::FullTime, 1, Span::ALWAYS);
    Arc::new(fixture::atlas_with(vec![serves(101, 11), serves(102, 1), serves(103, 11)], vec![]))
}

fn plan(fields: &str) -> Plan {
    Plan {
        crs: Crs::Wgs84,
        fields: Fields::parse(fields).unwrap(),
        at: fixture::noon(),
        roles: Vec::new(),
        who: Principal::open(),
    }
}

/// The answer to a stream that comes in these pieces.
fn answer_pieces<'a>(
    formats: [Format; 2],
    fields: &str,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<(Vec<u8>, Tally), BatchError> {
    let mut intake = Intake::new(formats[0], &plan(fields));
    let mut pieces = pieces.fuse();
    let mut feed = |intake: &mut Intake| match pieces.next() {
        Some(piece) => intake.feed(piece),
        None => intake.end(),
    };
    let opening = loop {
        if let Some(opening) = intake.open()? {
            break opening;
        }
        feed(&mut intake);
    };
    let job = Job::new(atlas(), plan(fields), opening, formats[1])?;
    let (mut writer, mut out) = job.writer()?;
    let mut tally = Tally::default();
    loop {
        while let Some(chunk) = intake.next() {
            let answered = job.answer(chunk);
            tally.rows += answered.rows;
            tally.wrong += answered.wrong;
            out.extend_from_slice(&writer.write(answered)?);
        }
        if intake.is_over() {
            out.extend_from_slice(&writer.finish()?);
            return Ok((out, tally));
        }
        feed(&mut intake);
    }
}

fn answer(formats: [Format; 2], fields: &str, body: &[u8]) -> Result<(Vec<u8>, Tally), BatchError> {
    answer_pieces(formats, fields, std::iter::once(body))
}

fn csv(fields: &str, body: &str) -> String {
    let (out, _) = answer([Format::Csv; 2], fields, body.as_bytes()).unwrap();
    String::from_utf8(out).unwrap()
}

fn ndjson(fields: &str, body: &str) -> Vec<Map<String, Value>> {
    let (out, _) = answer([Format::Ndjson; 2], fields, body.as_bytes()).unwrap();
    out.split(|byte| *byte == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect()
}

fn arrow_stream(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    arrow_batches(&[columns])
}

fn arrow_batches(batches: &[Vec<(&str, ArrayRef)>]) -> Vec<u8> {
    let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
    let schema = Arc::new(Schema::new(batches[0].iter().map(field).collect::<Vec<_>>()));
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
    for batch in batches {
        let columns = batch.iter().map(|(_, column)| Arc::clone(column)).collect();
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()).unwrap();
    }
    writer.into_inner().unwrap()
}

fn doubles(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn read_arrow(stream: &[u8]) -> Vec<RecordBatch> {
    StreamReader::try_new(stream, None).unwrap().collect::<Result<_, _>>().unwrap()
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap();
    let text =
        |column: &StringArray, row: usize| (!column.is_null(row)).then(|| column.value(row).to_owned());
    match column.data_type() {
        DataType::Dictionary(..) => {
            let column: &DictionaryArray<Int32Type> = column.as_dictionary();
            let values = column.values().as_string::<i32>();
            let key = |row| column.key(row).map(|key| values.value(key).to_owned());
            (0..column.len()).map(key).collect()
        }
        _ => (0..column.len()).map(|row| text(column.as_string(), row)).collect(),
    }
}
