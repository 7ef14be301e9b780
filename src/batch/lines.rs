//! Cuts a stream of text into chunks of whole rows, whatever the pieces that it comes in.

use memchr::{memchr, memchr2};

/// Bytes of the longest row.
pub(super) const LONGEST_ROW: usize = 1 << 20;
/// A chunk ends with the row that reaches this many bytes.
const CHUNK_BYTES: usize = 4 << 20;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Whole rows, or a row that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Rows that are not blank, with blank ones among them; `first` is the number of the first.
    Rows {
        /// The text.
        text: Vec<u8>,
        /// The number of the first row.
        first: u64,
    },
    /// A row that cannot be read, and why.
    Lost {
        /// Its number.
        row: u64,
        /// Why.
        why: String,
    },
}

/// The cutter of one stream. Rows are numbered from `first_row`; blank ones do not count.
#[derive(Debug)]
pub(super) struct Cutter {
    /// Do quotes protect line ends, as in CSV?
    quotes: bool,
    text: Vec<u8>,
    /// Up to here the text was looked at.
    scanned: usize,
    /// Where the row begins that is being looked at.
    row_start: usize,
    in_quotes: bool,
    /// Whole rows in the text.
    rows: u64,
    next_row: u64,
    /// The row that is being looked at is too long: its bytes are dropped.
    dropping: bool,
    at_start: bool,
    ended: bool,
    lost: Option<String>,
}

impl Cutter {
    pub(super) fn new(quotes: bool, first_row: u64) -> Self {
        Self {
            quotes,
            text: Vec::new(),
            scanned: 0,
            row_start: 0,
            in_quotes: false,
            rows: 0,
            next_row: first_row,
            dropping: false,
            at_start: true,
            ended: false,
            lost: None,
        }
    }

    /// Adds a piece.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        self.text.extend_from_slice(piece);
    }

    /// Says that there is no more.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Was the end told?
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// The number of the next row.
    pub(super) fn next_row(&self) -> u64 {
        self.next_row
    }

    /// The next chunk of at most `most` rows, once its last row is whole.
    pub(super) fn next(&mut self, most: u64) -> Option<Cut> {
        if let Some(why) = self.lost.take() {
            return Some(self.lose(why));
        }
        while let Some(end) = self.row_end() {
            let length = end - self.row_start;
            if self.dropping || length > LONGEST_ROW {
                return Some(self.drop_row(end));
            }
            let blank = is_blank(&self.text[self.row_start..end]);
            self.rows += u64::from(!blank);
            self.begin_row(end + 1);
            if self.rows >= most || (self.rows > 0 && self.row_start >= CHUNK_BYTES) {
                return self.take_rows();
            }
            if self.rows == 0 && self.row_start >= LONGEST_ROW {
                // Nothing but blank lines so far.
                self.text.drain(..self.row_start);
                self.begin_row(0);
            }
        }
        if self.scanned - self.row_start > LONGEST_ROW {
            self.dropping = true;
        }
        if self.dropping {
            if self.rows > 0 {
                return self.take_rows();
            }
            self.forget_scanned();
        }
        if self.ended { self.rest() } else { None }
    }

    /// What is whole so far, for a stream that pauses.
    pub(super) fn flush(&mut self) -> Option<Cut> {
        if self.rows > 0 { self.take_rows() } else { None }
    }

    /// The place of the next line end that ends a row.
    fn row_end(&mut self) -> Option<usize> {
        loop {
            if self.in_quotes && !self.leave_quotes() {
                return None;
            }
            let rest = &self.text[self.scanned..];
            let found = if self.quotes { memchr2(b'"', b'\n', rest) } else { memchr(b'\n', rest) };
            let Some(found) = found.map(|found| self.scanned + found) else {
                self.scanned = self.text.len();
                return None;
            };
            self.scanned = found + 1;
            if self.text[found] == b'\n' {
                return Some(found);
            }
            self.in_quotes = self.begins_field(found);
        }
    }

    /// Goes to the end of a quoted field; false when it is not in the text yet.
    fn leave_quotes(&mut self) -> bool {
        while let Some(found) = memchr(b'"', &self.text[self.scanned..]) {
            let quote = self.scanned + found;
            match self.text.get(quote + 1) {
                Some(b'"') => self.scanned = quote + 2,
                None if !self.ended => {
                    self.scanned = quote;
                    return false;
                }
                _ => {
                    self.scanned = quote + 1;
                    self.in_quotes = false;
                    return true;
                }
            }
        }
        self.scanned = self.text.len();
        false
    }

    /// A quote protects only where a field begins; elsewhere it is a character like any other.
    fn begins_field(&self, quote: usize) -> bool {
        let before = &self.text[..quote];
        quote == self.row_start && !self.dropping
            || before.ends_with(b",")
            || (self.at_start && before == BOM)
    }

    fn begin_row(&mut self, start: usize) {
        (self.row_start, self.scanned, self.at_start) = (start, start, false);
    }

    fn take_rows(&mut self) -> Option<Cut> {
        let rest = self.text.split_off(self.row_start);
        let text = std::mem::replace(&mut self.text, rest);
        self.scanned -= self.row_start;
        self.row_start = 0;
        let first = self.next_row;
        self.next_row += self.rows;
        self.rows = 0;
        Some(Cut::Rows { text, first })
    }

    /// A row that is too long ends here: first the rows before it, then its place is told.
    fn drop_row(&mut self, end: usize) -> Cut {
        let why = format!(
            "the row is longer than {LONGEST_ROW} bytes, the most that one may have; is a quote missing its end?"
        );
        self.dropping = false;
        let before = if self.rows > 0 { self.take_before(end) } else { None };
        if before.is_none() {
            self.text.drain(..self.scanned);
        }
        self.begin_row(0);
        match before {
            Some(rows) => {
                self.lost = Some(why);
                rows
            }
            None => self.lose(why),
        }
    }

    /// The whole rows before the one that ends at `end`, which is dropped.
    fn take_before(&mut self, end: usize) -> Option<Cut> {
        let rest = self.text.split_off(end + 1);
        self.text.truncate(self.row_start);
        self.text.extend_from_slice(&rest);
        let rows = self.take_rows();
        self.scanned = 0;
        rows
    }

    fn lose(&mut self, why: String) -> Cut {
        let row = self.next_row;
        self.next_row += 1;
        Cut::Lost { row, why }
    }

    /// Forgets what was looked at of a row that is too long, all but the byte that tells where a field begins.
    fn forget_scanned(&mut self) {
        self.text.drain(..self.scanned.saturating_sub(1));
        self.scanned = self.scanned.min(1);
        self.row_start = 0;
    }

    /// What is left at the end: a last row without a line end, or a row that never ends.
    fn rest(&mut self) -> Option<Cut> {
        if self.in_quotes {
            if self.rows > 0 {
                return self.take_rows();
            }
            self.in_quotes = false;
            self.dropping = false;
            self.text.clear();
            self.begin_row(0);
            let why = "the stream ends inside quotes: a quote that opens in this row is never closed, and what follows it \
                could not be read as rows";
            return Some(self.lose(why.to_owned()));
        }
        if self.dropping {
            return Some(self.drop_row(self.text.len()));
        }
        self.rows += u64::from(!is_blank(&self.text[self.row_start..]));
        self.begin_row(self.text.len());
        if self.rows > 0 {
            return self.take_rows();
        }
        self.text.clear();
        self.begin_row(0);
        None
    }
}

/// Blank rows are left out; they have no number.
pub(super) fn is_blank(row: &[u8]) -> bool {
    row.iter().all(|byte| matches!(byte, b'\r' | b' ' | b'\t'))
}
