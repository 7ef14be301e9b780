//! NDJSON: one object or `[lon, lat]` a line. An object comes back as its very bytes with members after its own.

use super::error::quoted;
use super::json::{Expected, Scanner};
use super::lines::is_blank;
use super::number::decimal;
use super::rendered::Rendered;
use super::resolver::{Resolver, Verdicts, word};
use super::table::{Line, Shape, Source, Table, Wrong};
use crate::atlas::GridIndex;
use crate::resolve::responsible;

/// The text of `lon` and of `lat`: missing, there once, or there twice, which is wrong.
type Position<'a> = [Option<Result<&'a [u8], ()>>; 2];

/// The members that an answer may add.
pub(super) const NAMES: [&str; 7] = ["status", "border_m", "code", "codes", "chain", "responsible", "error"];
const ERROR: usize = 6;

/// Reads the rows of a chunk.
pub(super) fn parse(text: Vec<u8>, first_row: u64) -> Table {
    let mut table = Table {
        first_row,
        x: Vec::with_capacity(text.len() / 32),
        y: Vec::with_capacity(text.len() / 32),
        wrong: Vec::new(),
        source: Source::Points,
    };
    let mut lines = Vec::with_capacity(text.len() / 32);
    let all_utf8 = std::str::from_utf8(&text).is_ok();
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |found| start + found);
        let line = text[start..end].trim_ascii_end();
        if !is_blank(&text[start..end]) {
            let row = table.len() as u32;
            let mut found = Found::default();
            let read = found.read(line, all_utf8);
            if let Err(wrong) = read {
                table.wrong.push(Wrong { row, text: wrong, missing: 0 });
            }
            table.x.push(found.x);
            table.y.push(found.y);
            let end = (start + line.len()) as u32;
            lines.push(Line { start: start as u32, end, shape: found.shape, taken: found.taken });
        }
        start = end + 1;
    }
    table.source = Source::Lines(text, lines);
    table
}

/// What a line says.
struct Found {
    x: f64,
    y: f64,
    shape: Shape,
    taken: u8,
}

impl Default for Found {
    fn default() -> Self {
        Self { x: f64::NAN, y: f64::NAN, shape: Shape::Broken, taken: 0 }
    }
}

impl Found {
    fn read(&mut self, line: &[u8], is_utf8: bool) -> Result<(), String> {
        if !is_utf8 && let Err(error) = std::str::from_utf8(line) {
            return Err(format!("the line is not UTF-8 from byte {} on", error.valid_up_to() + 1));
        }
        let mut scanner = Scanner::new(line);
        let malformed =
            |(what, at): Expected| format!("the line is no JSON: {what} expected at byte {}", at + 1);
        match scanner.peek() {
            Some(b'{') => {
                let position = self.members(&mut scanner).map_err(malformed)?;
                self.shape = if self.shape == Shape::Empty { Shape::Empty } else { Shape::Members };
                let [lon, lat] = position;
                (self.x, self.y) = (coordinate("lon", lon)?, coordinate("lat", lat)?);
            }
            Some(b'[') => {
                let pair = pair(&mut scanner).map_err(malformed)?;
                let [x, y] = pair.ok_or("an array is [lon, lat], two numbers")?;
                let (x, y) = (coordinate("lon", Some(Ok(x)))?, coordinate("lat", Some(Ok(y)))?);
                (self.x, self.y, self.shape) = (x, y, Shape::Pair);
            }
            _ => return Err("the line is neither an object with lon and lat nor [lon, lat]".to_owned()),
        }
        Ok(())
    }

    /// The values of `lon` and `lat`, each wrong when it is there twice.
    fn members<'a>(&mut self, scanner: &mut Scanner<'a>) -> Result<Position<'a>, Expected> {
        let mut position = [None, None];
        scanner.take(b'{', "an object")?;
        if scanner.peek() == Some(b'}') {
            self.shape = Shape::Empty;
        } else {
            loop {
                let key = scanner.string()?;
                scanner.take(b':', "a colon")?;
                let value = scanner.value()?;
                self.note(key, value, &mut position);
                if scanner.peek() != Some(b',') {
                    break;
                }
                scanner.take(b',', "a comma")?;
            }
        }
        scanner.take(b'}', "a comma or }")?;
        scanner.end()?;
        Ok(position)
    }

    fn note<'a>(&mut self, key: &[u8], value: &'a [u8], position: &mut Position<'a>) {
        let unescaped = key.contains(&b'\\').then(|| unescape(key)).flatten();
        let key = unescaped.as_deref().unwrap_or(key);
        let place = match key {
            b"lon" => &mut position[0],
            b"lat" => &mut position[1],
            _ => {
                if let Some(name) = NAMES.iter().position(|name| name.as_bytes() == key) {
                    self.taken |= 1 << name;
                }
                return;
            }
        };
        *place = Some(if place.is_some() { Err(()) } else { Ok(value) });
    }
}

fn unescape(key: &[u8]) -> Option<Vec<u8>> {
    let quoted = [b"\"", key, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).ok().map(String::into_bytes)
}

/// The two values of an array; `None` when there are not two.
fn pair<'a>(scanner: &mut Scanner<'a>) -> Result<Option<[&'a [u8]; 2]>, Expected> {
    let mut values = Vec::new();
    scanner.take(b'[', "an array")?;
    while scanner.peek() != Some(b']') {
        if !values.is_empty() {
            scanner.take(b',', "a comma or ]")?;
        }
        values.push(scanner.value()?);
    }
    scanner.take(b']', "a comma or ]")?;
    scanner.end()?;
    Ok(values.try_into().ok())
}

fn coordinate(name: &str, value: Option<Result<&[u8], ()>>) -> Result<f64, String> {
    match value {
        None => Err(format!("{name} is missing")),
        Some(Err(())) => Err(format!("{name} is given twice")),
        Some(Ok(value)) => {
            let number = value.first().filter(|byte| matches!(byte, b'-' | b'0'..=b'9'));
            number
                .and_then(|_| decimal(value))
                .ok_or_else(|| format!("{name} is {}, which is no finite number", quoted(value)))
        }
    }
}

/// Appends a number as JSON writes it; it must be finite.
pub(super) fn write_number(out: &mut Vec<u8>, number: f64) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, &number);
}

/// What stands in an answer before what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// The members of the line.
    Line,
    /// Number and position of the row.
    Place,
    /// Nothing.
    Nothing,
}

/// How answers are written as JSON objects, one a line.
pub(super) struct JsonAnswer {
    own: Own,
    rendered: Rendered,
    nothing: Vec<u8>,
}

impl JsonAnswer {
    pub(super) fn new(resolver: &Resolver, own: Own) -> Self {
        let mut nothing = Vec::new();
        members(&mut nothing, resolver, None, 0);
        Self { own, rendered: Rendered::new(resolver.atlas.grids().len()), nothing }
    }

    /// The rows of a chunk, one a line.
    pub(super) fn rows(&self, resolver: &Resolver, table: &Table, verdicts: &Verdicts) -> Vec<u8> {
        let mut out = Vec::with_capacity(table.len() * 192);
        let mut wrong = verdicts.wrong.iter().peekable();
        for row in 0..table.len() {
            let number = table.first_row + row as u64;
            let taken = self.own_members(&mut out, table, row);
            match wrong.next_if(|wrong| wrong.row as usize == row) {
                Some(wrong) => error(&mut out, number, &wrong.text, taken),
                None => self.found(&mut out, resolver, verdicts, row, taken),
            }
            out.push(b'\n');
        }
        out
    }

    /// A row of which nothing is left but what is wrong with it.
    pub(super) fn lost(&self, row: u64, why: &str) -> Vec<u8> {
        let mut out = b"{".to_vec();
        if self.own == Own::Place {
            out.extend_from_slice(format!("\"row\":{row}").as_bytes());
        }
        error(&mut out, row, why, 0);
        out.push(b'\n');
        out
    }

    /// The members before those of the answer, without a comma at the end; which names they take.
    fn own_members(&self, out: &mut Vec<u8>, table: &Table, row: usize) -> u8 {
        if let (Source::Lines(text, lines), Own::Line) = (&table.source, self.own) {
            let line = lines[row];
            let content = &text[line.start as usize..line.end as usize];
            match line.shape {
                Shape::Members => out.extend_from_slice(&content[..content.len() - 1]),
                Shape::Empty | Shape::Broken => out.push(b'{'),
                Shape::Pair => {
                    out.push(b'{');
                    position(out, table, row);
                }
            }
            return line.taken;
        }
        out.push(b'{');
        if self.own == Own::Nothing {
            return 0;
        }
        out.extend_from_slice(b"\"row\":");
        out.extend_from_slice((table.first_row + row as u64).to_string().as_bytes());
        if table.x[row].is_finite() && table.y[row].is_finite() {
            out.push(b',');
            position(out, table, row);
        }
        0
    }

    fn found(&self, out: &mut Vec<u8>, resolver: &Resolver, verdicts: &Verdicts, row: usize, taken: u8) {
        key(out, 0, taken);
        out.push(b'"');
        out.extend_from_slice(word(verdicts.statuses[row]).as_bytes());
        out.push(b'"');
        if let Some(borders) = &verdicts.borders {
            key(out, 1, taken);
            match borders[row] {
                metres if metres.is_finite() => write_number(out, metres),
                _ => out.extend_from_slice(b"null"),
            }
        }
        match verdicts.grids[row] {
            grid if taken != 0 => members(out, resolver, grid, taken),
            Some(grid) => self.rendered.append(out, grid, |out| members(out, resolver, Some(grid), 0)),
            None => out.extend_from_slice(&self.nothing),
        }
        out.push(b'}');
    }
}

fn position(out: &mut Vec<u8>, table: &Table, row: usize) {
    out.extend_from_slice(b"\"lon\":");
    write_number(out, table.x[row]);
    out.extend_from_slice(b",\"lat\":");
    write_number(out, table.y[row]);
}

/// Begins a member of the answer; `gewu_` stands before a name that the line takes itself.
fn key(out: &mut Vec<u8>, name: usize, taken: u8) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    if taken & 1 << name != 0 {
        out.extend_from_slice(b"gewu_");
    }
    out.extend_from_slice(NAMES[name].as_bytes());
    out.extend_from_slice(b"\":");
}

fn error(out: &mut Vec<u8>, row: u64, text: &str, taken: u8) {
    key(out, ERROR, taken);
    let _ = serde_json::to_writer(&mut *out, &format!("row {row}: {text}"));
    out.push(b'}');
}

/// The members that depend on nothing but the grid.
fn members(out: &mut Vec<u8>, resolver: &Resolver, grid: Option<GridIndex>, taken: u8) {
    let (atlas, plan) = (&resolver.atlas, &resolver.plan);
    let grids = atlas.grids();
    let fields = plan.fields;
    if fields.code {
        key(out, 2, taken);
        write(out, &grid.map(|grid| grids.code(grid).as_str()));
    }
    let chain = match grid {
        Some(grid) if fields.codes || fields.chain => grids.chain(grid),
        _ => Vec::new(),
    };
    if fields.codes {
        key(out, 3, taken);
        write(out, &chain.iter().map(|grid| grids.code(*grid).as_str()).collect::<Vec<_>>());
    }
    if fields.chain {
        let link = |grid: &GridIndex| crate::resolve::ChainLink {
            level: grids.level(*grid).number(),
            code: grids.code(*grid).as_str(),
            name: grids.name(*grid),
            id: grids.id(*grid).0,
        };
        key(out, 4, taken);
        write(out, &chain.iter().map(link).collect::<Vec<_>>());
    }
    if fields.responsible {
        let people = grid.map(|grid| responsible(atlas, &plan.who, grid, plan.at, &plan.roles));
        key(out, 5, taken);
        write(out, &people.unwrap_or_default());
    }
}

fn write<T: serde::Serialize>(out: &mut Vec<u8>, value: &T) {
    // Strings, numbers and lists of them written to memory do not fail.
    let _ = serde_json::to_writer(out, value);
}
