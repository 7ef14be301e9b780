//! CSV (RFC 4180): the header, the rows of a chunk, and the rows of an answer.
//!
//! A row comes back as its very bytes with columns after them, so nothing that passes through is parsed and written anew.

use memchr::{memchr, memchr2};

use super::cells::{Cell, Cells, free_name};
use super::error::{BatchError, quoted};
use super::lines::is_blank;
use super::number::decimal;
use super::rendered::Rendered;
use super::resolver::{Resolver, Verdicts, word};
use super::table::{Line, Shape, Source, Table, Wrong};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The header of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// As it came, with a byte order mark if it had one, without line end.
    line: Vec<u8>,
    names: Vec<String>,
    lon: usize,
    lat: usize,
    newline: &'static [u8],
}

impl Header {
    /// Reads the first row of a stream, which blank lines may precede.
    pub(super) fn read(text: &[u8]) -> Result<Self, BatchError> {
        let blank = |line: &&[u8]| is_blank(line.strip_suffix(b"\n").unwrap_or(line));
        let before: usize =
            text.split_inclusive(|byte| *byte == b'\n').take_while(blank).map(<[u8]>::len).sum();
        let (line, newline) = trim_line(&text[before..]);
        let mut names = Vec::new();
        let mut rest = Some(line.strip_prefix(BOM).unwrap_or(line));
        while let Some(fields) = rest {
            let end = field_end(fields);
            names.push(String::from_utf8_lossy(&unquoted(&fields[..end])).trim().to_owned());
            rest = fields.get(end + 1..);
        }
        let (lon, lat) = (column(&names, "lon")?, column(&names, "lat")?);
        Ok(Self { line: line.to_vec(), names, lon, lat, newline })
    }
}

/// The place of a column that must be there once.
pub(super) fn column(names: &[String], column: &'static str) -> Result<usize, BatchError> {
    let mut places = names.iter().enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(column));
    let first = places.next().map(|(place, _)| place);
    let others = places.count();
    match first {
        Some(place) if others == 0 => Ok(place),
        _ => {
            let one = names.len() == 1 && names[0].contains(['\t', ';']);
            Err(BatchError::Column {
                column,
                times: first.map_or(0, |_| 1 + others),
                columns: names.iter().take(64).map(|name| name.chars().take(64).collect()).collect(),
                hint: if one { "; separate the columns by commas" } else { "" },
            })
        }
    }
}

fn trim_line(line: &[u8]) -> (&[u8], &'static [u8]) {
    match line.strip_suffix(b"\n") {
        Some(line) => line.strip_suffix(b"\r").map_or((line, b"\n"), |line| (line, b"\r\n")),
        None => (line.strip_suffix(b"\r").unwrap_or(line), b"\n"),
    }
}

/// The place of the comma after the first field of a row, or the length of the row.
fn field_end(row: &[u8]) -> usize {
    let mut at = 0;
    if row.first() == Some(&b'"') {
        at = 1;
        while let Some(quote) = memchr(b'"', &row[at..]) {
            at += quote + 1;
            if row.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
    }
    memchr(b',', &row[at..]).map_or(row.len(), |comma| at + comma)
}

/// A field without its quotes.
fn unquoted(field: &[u8]) -> Vec<u8> {
    match field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) => String::from_utf8_lossy(inner).replace("\"\"", "\"").into_bytes(),
        None => field.to_vec(),
    }
}

/// Reads the rows of a chunk.
pub(super) fn parse(header: &Header, text: Vec<u8>, first_row: u64) -> Table {
    let mut table = Table {
        first_row,
        x: Vec::with_capacity(text.len() / 32),
        y: Vec::with_capacity(text.len() / 32),
        wrong: Vec::new(),
        source: Source::Points,
    };
    let mut lines = Vec::with_capacity(text.len() / 32);
    let mut at = 0;
    while at < text.len() {
        let mut row = Row::read(header, &text[at..]);
        let content = &text[at..at + row.length];
        if !is_blank(content) {
            let number = table.len() as u32;
            let (x, y) = row.position(header, content).unwrap_or_else(|(text, missing)| {
                table.wrong.push(Wrong { row: number, text, missing });
                (f64::NAN, f64::NAN)
            });
            table.x.push(x);
            table.y.push(y);
            let (start, end) = (at as u32, (at + row.kept) as u32);
            lines.push(Line { start, end, shape: Shape::Members, taken: 0 });
        }
        at += row.length + 1;
    }
    table.source = Source::Lines(text, lines);
    table
}

/// Where the fields of one row lie.
struct Row {
    /// Bytes to the line end, without it.
    length: usize,
    /// Bytes that come back.
    kept: usize,
    fields: usize,
    lon: (usize, usize),
    lat: (usize, usize),
}

impl Row {
    fn read(header: &Header, text: &[u8]) -> Self {
        let mut row = Self { length: 0, kept: 0, fields: 0, lon: (0, 0), lat: (0, 0) };
        let mut start = 0;
        loop {
            let end = if text.get(start) == Some(&b'"') {
                quoted_end(text, start)
            } else {
                memchr2(b',', b'\n', &text[start..]).map_or(text.len(), |found| start + found)
            };
            if row.fields == header.lon {
                row.lon = (start, end);
            } else if row.fields == header.lat {
                row.lat = (start, end);
            }
            row.fields += 1;
            if row.fields <= header.names.len() {
                row.kept = end;
            }
            if text.get(end) != Some(&b',') {
                row.length = end;
                break;
            }
            start = end + 1;
        }
        if row.kept == row.length && text[..row.length].ends_with(b"\r") {
            row.kept -= 1;
        }
        row
    }

    fn position(&mut self, header: &Header, row: &[u8]) -> Result<(f64, f64), (String, usize)> {
        let expected = header.names.len();
        if self.fields != expected {
            let text = format!("the row has {} fields, the header has {expected}", self.fields);
            return Err((text, expected.saturating_sub(self.fields)));
        }
        let read = |name: &str, (start, end): (usize, usize)| {
            let field = &row[start..end.min(self.kept)];
            coordinate(field).ok_or_else(|| (format!("{name} is {}, which is no number", quoted(field)), 0))
        };
        Ok((read("lon", self.lon)?, read("lat", self.lat)?))
    }
}

/// The end of the field that begins with a quote at `start`.
fn quoted_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(quote) = memchr(b'"', &text[at..]) {
        at += quote + 1;
        if text.get(at) != Some(&b'"') {
            return memchr2(b',', b'\n', &text[at..]).map_or(text.len(), |found| at + found);
        }
        at += 1;
    }
    text.len()
}

fn coordinate(field: &[u8]) -> Option<f64> {
    decimal(field).or_else(|| {
        let field = field.trim_ascii();
        let inner = field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(field);
        decimal(inner.trim_ascii())
    })
}

/// How answers are written as CSV.
pub(super) struct CsvAnswer {
    cells: Vec<Cell>,
    /// The columns of the input, when it is CSV too.
    header: Option<Header>,
    rendered: Rendered,
    /// What stands in the columns after the status where there is no grid.
    nothing: Vec<u8>,
}

impl CsvAnswer {
    pub(super) fn new(resolver: &Resolver, header: Option<Header>) -> Self {
        let cells = Cell::of(&resolver.atlas, &resolver.plan);
        let nothing = vec![b','; cells.len() + 1];
        Self { cells, header, rendered: Rendered::new(resolver.atlas.grids().len()), nothing }
    }

    /// The header line.
    pub(super) fn begin(&self, resolver: &Resolver) -> Vec<u8> {
        let border = resolver.plan.fields.border_m.then(|| "border_m".to_owned());
        let cells = self.cells.iter().map(|cell| cell.name());
        let added: Vec<_> = std::iter::once("status".to_owned())
            .chain(border)
            .chain(cells)
            .chain(["error".to_owned()])
            .collect();
        let taken = |name: &str| {
            let names = self.header.iter().flat_map(|header| &header.names);
            names.into_iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let mut out = self.header.as_ref().map_or(b"row,lon,lat".to_vec(), |header| header.line.clone());
        for name in added {
            out.push(b',');
            out.extend_from_slice(free_name(&name, taken).as_bytes());
        }
        out.extend_from_slice(self.newline());
        out
    }

    fn newline(&self) -> &'static [u8] {
        self.header.as_ref().map_or(b"\n", |header| header.newline)
    }

    /// The rows of a chunk.
    pub(super) fn rows(&self, resolver: &Resolver, table: &Table, verdicts: &Verdicts) -> Vec<u8> {
        let mut out = Vec::with_capacity(table.len() * 128);
        let mut wrong = verdicts.wrong.iter().peekable();
        for row in 0..table.len() {
            self.own_columns(&mut out, table, row);
            match wrong.next_if(|wrong| wrong.row as usize == row) {
                Some(wrong) => {
                    out.resize(out.len() + wrong.missing * usize::from(self.header.is_some()), b',');
                    self.error(&mut out, resolver, table.first_row + row as u64, &wrong.text);
                }
                None => self.found(&mut out, resolver, verdicts, row),
            }
            out.extend_from_slice(self.newline());
        }
        out
    }

    /// A row of which nothing is left but what is wrong with it.
    pub(super) fn lost(&self, resolver: &Resolver, row: u64, why: &str) -> Vec<u8> {
        let mut out = match &self.header {
            Some(header) => vec![b','; header.names.len() - 1],
            None => format!("{row},,").into_bytes(),
        };
        self.error(&mut out, resolver, row, why);
        out.extend_from_slice(self.newline());
        out
    }

    fn own_columns(&self, out: &mut Vec<u8>, table: &Table, row: usize) {
        match (&table.source, &self.header) {
            (Source::Lines(text, lines), Some(_)) => {
                let line = lines[row];
                out.extend_from_slice(&text[line.start as usize..line.end as usize]);
            }
            _ => {
                out.extend_from_slice((table.first_row + row as u64).to_string().as_bytes());
                for number in [table.x[row], table.y[row]] {
                    out.push(b',');
                    if number.is_finite() {
                        super::ndjson::write_number(out, number);
                    }
                }
            }
        }
    }

    fn found(&self, out: &mut Vec<u8>, resolver: &Resolver, verdicts: &Verdicts, row: usize) {
        out.push(b',');
        out.extend_from_slice(word(verdicts.statuses[row]).as_bytes());
        if let Some(borders) = &verdicts.borders {
            out.push(b',');
            if borders[row].is_finite() {
                super::ndjson::write_number(out, borders[row]);
            }
        }
        match verdicts.grids[row] {
            Some(grid) => self.rendered.append(out, grid, |out| {
                let found = Cells::new(&resolver.atlas, &resolver.plan, grid);
                for cell in &self.cells {
                    out.push(b',');
                    field(out, found.text(*cell).unwrap_or_default().as_bytes());
                }
                out.push(b',');
            }),
            None => out.extend_from_slice(&self.nothing),
        }
    }

    fn error(&self, out: &mut Vec<u8>, resolver: &Resolver, row: u64, text: &str) {
        let border = usize::from(resolver.plan.fields.border_m);
        out.resize(out.len() + 1 + border, b',');
        out.extend_from_slice(&self.nothing);
        field(out, format!("row {row}: {text}").as_bytes());
    }
}

/// Writes a field, in quotes when it needs them.
fn field(out: &mut Vec<u8>, text: &[u8]) {
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
