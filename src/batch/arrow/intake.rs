//! Takes a stream of Arrow IPC messages apart. Nothing in it is trusted: lengths are bounded before anything is kept, and
//! a decoder that panics on nonsense ends the batch, not the process.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{read_dictionary, read_record_batch};
use arrow_ipc::{MessageHeader, convert, root_as_message};
use arrow_schema::{DataType, Schema, SchemaRef};

use crate::batch::error::BatchError;
use crate::batch::table::{Source, Table, Wrong};

/// Bytes of the largest message header.
const LARGEST_HEADER: usize = 4 << 20;
/// Bytes of the largest record batch or dictionary.
const LARGEST_BODY: usize = 64 << 20;

/// Bytes of the largest single value of a type of fixed size.
const WIDEST: usize = 1 << 20;

/// What was read next.
pub(in crate::batch) enum Message {
    /// Rows, at most as many as asked for.
    Rows(Table),
    /// Nothing that could be read from here on, and why.
    Broken(String),
}

/// The reader of one stream.
#[derive(Default)]
pub(in crate::batch) struct ArrowIntake {
    bytes: Vec<u8>,
    /// Bytes of the stream before those kept.
    before: u64,
    schema: Option<SchemaRef>,
    places: [usize; 2],
    dictionaries: HashMap<i64, ArrayRef>,
    dictionary_bytes: usize,
    ready: VecDeque<RecordBatch>,
    next_row: u64,
    no_more: bool,
    over: bool,
}

/// A whole message at the front of the bytes.
struct Frame {
    header: std::ops::Range<usize>,
    body: std::ops::Range<usize>,
}

impl ArrowIntake {
    pub(in crate::batch) fn new() -> Self {
        Self { next_row: 1, ..Self::default() }
    }

    /// Adds a piece.
    pub(in crate::batch) fn feed(&mut self, piece: &[u8]) {
        if !self.over {
            self.bytes.extend_from_slice(piece);
        }
    }

    /// Says that there is no more.
    pub(in crate::batch) fn end(&mut self) {
        self.no_more = true;
    }

    /// Was the end told, or read?
    pub(in crate::batch) fn has_ended(&self) -> bool {
        self.no_more || self.over
    }

    /// The schema, once it has come.
    pub(in crate::batch) fn open(&mut self) -> Result<Option<SchemaRef>, BatchError> {
        if self.bytes.starts_with(b"ARROW1") {
            let why =
                "it is an Arrow file (also called Feather), whose index stands at its end; write a stream";
            return Err(BatchError::NotArrow(why.to_owned()));
        }
        let Some(frame) = self.frame().map_err(BatchError::NotArrow)? else {
            let over = self.no_more || self.over;
            return if over {
                Err(BatchError::NotArrow("it ends before its schema".into()))
            } else {
                Ok(None)
            };
        };
        let schema =
            guarded(|| read_schema(&self.bytes[frame.header.clone()])).map_err(BatchError::NotArrow)?;
        check_columns(&schema).map_err(BatchError::NotArrow)?;
        self.places = [coordinate(&schema, "lon")?, coordinate(&schema, "lat")?];
        self.pass(frame.body.end);
        let schema = Arc::new(schema);
        self.schema = Some(Arc::clone(&schema));
        Ok(Some(schema))
    }

    /// The next rows, at most `most` at once.
    pub(in crate::batch) fn next(&mut self, most: usize) -> Option<Message> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Some(Message::Rows(self.take(batch, most)));
            }
            if self.over {
                return None;
            }
            match self.step() {
                Ok(true) => {}
                Ok(false) if self.no_more && !self.over && !self.bytes.is_empty() => {
                    return Some(self.broken("it ends in the middle of a message"));
                }
                Ok(false) => return None,
                Err(why) => return Some(self.broken(&why)),
            }
        }
    }

    fn broken(&mut self, why: &str) -> Message {
        let place = self.before;
        self.over = true;
        self.bytes = Vec::new();
        Message::Broken(format!(
            "the Arrow stream is broken in the message that begins at byte {place}: {why}"
        ))
    }

    /// The number of the next row.
    pub(in crate::batch) fn next_row(&self) -> u64 {
        self.next_row
    }

    /// Reads one message; false when none is whole yet.
    fn step(&mut self) -> Result<bool, String> {
        let Some(frame) = self.frame()? else { return Ok(false) };
        let body = Buffer::from_slice_ref(&self.bytes[frame.body.clone()]);
        let header = self.bytes[frame.header.clone()].to_vec();
        let batch = guarded(AssertUnwindSafe(|| self.decode(&header, &body)))?;
        self.ready.extend(batch.filter(|batch| batch.num_rows() > 0));
        self.pass(frame.body.end);
        Ok(true)
    }

    fn decode(&mut self, header: &[u8], body: &Buffer) -> Result<Option<RecordBatch>, String> {
        let message = root_as_message(header).map_err(|error| error.to_string())?;
        let schema = self.schema.clone().ok_or("there is no schema")?;
        let told = |error: arrow_schema::ArrowError| error.to_string();
        match message.header_type() {
            MessageHeader::RecordBatch => {
                let rows = message.header_as_record_batch().ok_or("a record batch without a header")?;
                let version = message.version();
                read_record_batch(body, rows, schema, &self.dictionaries, None, &version)
                    .map(Some)
                    .map_err(told)
            }
            MessageHeader::DictionaryBatch => {
                let values = message.header_as_dictionary_batch().ok_or("a dictionary without a header")?;
                self.dictionary_bytes = body.len() + if values.isDelta() { self.dictionary_bytes } else { 0 };
                if self.dictionary_bytes > LARGEST_BODY {
                    return Err(format!("a dictionary has grown beyond {LARGEST_BODY} bytes"));
                }
                let version = message.version();
                read_dictionary(body, values, &schema, &mut self.dictionaries, &version).map_err(told)?;
                Ok(None)
            }
            MessageHeader::NONE => Ok(None),
            other => Err(format!("a message of the kind {other:?} has no place here")),
        }
    }

    /// The message at the front, if it is whole. Sets `over` at the end-of-stream mark.
    fn frame(&mut self) -> Result<Option<Frame>, String> {
        let word = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        };
        let Some(first) = word(&self.bytes, 0) else { return Ok(None) };
        let (length, start) = if first == u32::MAX { (word(&self.bytes, 4), 8) } else { (Some(first), 4) };
        let Some(length) = length.map(|length| length as usize) else { return Ok(None) };
        if length == 0 {
            (self.over, self.bytes) = (true, Vec::new());
            return Ok(None);
        }
        if length > LARGEST_HEADER {
            return Err(format!("a header of {length} bytes; {LARGEST_HEADER} are the most"));
        }
        let header = start..start + length;
        let Some(bytes) = self.bytes.get(header.clone()) else { return Ok(None) };
        let message = root_as_message(bytes).map_err(|error| format!("no header can be read ({error})"))?;
        let body = usize::try_from(message.bodyLength()).unwrap_or(usize::MAX);
        if body > LARGEST_BODY {
            return Err(format!(
                "a record batch or dictionary of {} bytes; {LARGEST_BODY} are the most: send smaller ones",
                message.bodyLength()
            ));
        }
        let body = header.end..header.end + body;
        Ok((body.end <= self.bytes.len()).then_some(Frame { header, body }))
    }

    fn pass(&mut self, length: usize) {
        self.bytes.drain(..length);
        self.before += length as u64;
    }

    /// The first rows of a record batch as a table; the others wait.
    fn take(&mut self, batch: RecordBatch, most: usize) -> Table {
        let count = batch.num_rows().min(most);
        if count < batch.num_rows() {
            self.ready.push_front(batch.slice(count, batch.num_rows() - count));
        }
        let batch = batch.slice(0, count);
        let first_row = self.next_row;
        self.next_row += count as u64;
        let [lon, lat] = self.places.map(|place| batch.column(place));
        let null = |row: usize| {
            let name = if lon.is_null(row) { "lon" } else { "lat" };
            (lon.is_null(row) || lat.is_null(row)).then(|| format!("{name} is null"))
        };
        let wrong = if lon.null_count() + lat.null_count() == 0 {
            Vec::new()
        } else {
            let wrong = |row| Some(Wrong { row: row as u32, text: null(row)?, missing: 0 });
            (0..count).filter_map(wrong).collect()
        };
        Table { first_row, x: doubles(lon), y: doubles(lat), wrong, source: Source::Batch(batch) }
    }
}

fn read_schema(header: &[u8]) -> Result<Schema, String> {
    let message = root_as_message(header).map_err(|error| error.to_string())?;
    let schema = message.header_as_schema().ok_or("its first message is no schema")?;
    convert::try_fb_to_schema(schema).map_err(|error| error.to_string())
}

/// Can every column have a row in which it is null, of no more than so many bytes? A row of which nothing is left but its error is such a one.
fn check_columns(schema: &Schema) -> Result<(), String> {
    for field in schema.fields() {
        let (name, kind) = (field.name(), field.data_type());
        match width_of_null(kind) {
            None => {
                return Err(format!("the column {name} is of a union without members, which holds no value"));
            }
            Some(width) if width > WIDEST => {
                return Err(format!(
                    "a value of the column {name} takes {width} bytes; {WIDEST} are the most"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Bytes of one null, roughly; `None` for what cannot be null.
fn width_of_null(kind: &DataType) -> Option<usize> {
    /// Of a number, or of the offsets and the bit of anything else.
    const PLAIN: usize = 16;
    let times = |size: &i32, width: usize| width.saturating_mul(usize::try_from(*size).unwrap_or(0));
    let sum = |widths: &mut dyn Iterator<Item = Option<usize>>| {
        let mut sum = PLAIN;
        for width in widths {
            sum = sum.saturating_add(width?);
        }
        Some(sum)
    };
    match kind {
        DataType::FixedSizeBinary(size) => Some(times(size, 1)),
        DataType::FixedSizeList(field, size) => Some(times(size, width_of_null(field.data_type())?)),
        DataType::Struct(fields) => sum(&mut fields.iter().map(|field| width_of_null(field.data_type()))),
        DataType::Union(fields, _) if fields.is_empty() => None,
        DataType::Union(fields, _) => {
            sum(&mut fields.iter().map(|(_, field)| width_of_null(field.data_type())))
        }
        // Of lists and maps the values are empty; they are asked since they are made all the same.
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::Map(field, _) => width_of_null(field.data_type()).map(|_| PLAIN),
        DataType::RunEndEncoded(_, field) => width_of_null(field.data_type()),
        DataType::Dictionary(_, kind) => width_of_null(kind),
        _ => Some(PLAIN),
    }
}

/// The place of a coordinate column; its type is checked.
fn coordinate(schema: &Schema, name: &'static str) -> Result<usize, BatchError> {
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let place = crate::batch::csv::column(&names, name)?;
    match schema.field(place).data_type() {
        DataType::Float64 | DataType::Float32 => Ok(place),
        other => Err(BatchError::Type { column: name, kind: other.to_string() }),
    }
}

fn doubles(column: &ArrayRef) -> Vec<f64> {
    match column.data_type() {
        DataType::Float32 => {
            column.as_primitive::<Float32Type>().values().iter().map(|value| f64::from(*value)).collect()
        }
        _ => column.as_primitive::<Float64Type>().values().to_vec(),
    }
}

/// Calls a decoder that may panic on what it is given.
fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err("it cannot be decoded".to_owned()))
}
