//! How values become bytes and come back: the alphabet of a saved atlas.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::SavedError;

/// What goes out at once.
const PIECE: usize = 1 << 18;

/// Takes bytes, counts and sums them up. The first failure to write is kept, and told at the end.
pub(super) struct Sink<'a> {
    out: &'a mut dyn Write,
    piece: Vec<u8>,
    sum: crc32fast::Hasher,
    length: u64,
    outcome: io::Result<()>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        let piece = Vec::with_capacity(PIECE + 4_096);
        Self { out, piece, sum: crc32fast::Hasher::new(), length: 0, outcome: Ok(()) }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.sum.update(&self.piece);
        self.length += self.piece.len() as u64;
        if self.outcome.is_ok() {
            self.outcome = self.out.write_all(&self.piece);
        }
        self.piece.clear();
    }

    /// How many bytes there are so far.
    pub(super) fn position(&self) -> u64 {
        self.length + self.piece.len() as u64
    }

    /// The length and the sum of all bytes so far, all of them written.
    pub(super) fn sum(&mut self) -> (u64, u32) {
        self.flush();
        (self.length, self.sum.clone().finalize())
    }

    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.flush();
        self.outcome.map(|()| self.length)
    }

    /// Any number of rows.
    pub(super) fn rows<T: Record>(&mut self, rows: impl Iterator<Item = impl std::borrow::Borrow<T>>) {
        for row in rows {
            self.bytes(&[1]);
            row.borrow().put(self);
        }
        self.bytes(&[0]);
    }

    /// As many rows as are announced.
    pub(super) fn counted<T: Record>(&mut self, rows: impl ExactSizeIterator<Item = T>) {
        (rows.len() as u64).put(self);
        rows.for_each(|row| row.put(self));
    }
}

/// Gives bytes, and never more than there are.
pub(super) struct Source<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(all: &'a [u8], at: usize) -> Self {
        Self { all, at }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn refuse(&self, what: &'static str) -> SavedError {
        SavedError::Content { at: self.at, what }
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], SavedError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.all.len());
        let end = end.ok_or_else(|| self.refuse("a value is longer than what is left"))?;
        let bytes = &self.all[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], SavedError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    /// A number of things of `size` bytes each that are still to come.
    pub(super) fn count(&mut self, size: usize) -> Result<usize, SavedError> {
        let count = usize::try_from(u64::take(self)?).ok();
        let left = (self.all.len() - self.at) / size;
        count.filter(|count| *count <= left).ok_or_else(|| self.refuse("a count is more than what is left"))
    }

    pub(super) fn rows<T: Record>(&mut self) -> Result<Vec<T>, SavedError> {
        let mut rows = Vec::new();
        while bool::take(self)? {
            rows.push(T::take(self)?);
        }
        Ok(rows)
    }

    /// As many rows as are announced, of at least `size` bytes each: large ones would be moved many times while they come.
    pub(super) fn counted<T: Record>(&mut self, size: usize) -> Result<Vec<T>, SavedError> {
        let count = self.count(size)?;
        let mut rows = Vec::with_capacity(count);
        for _ in 0..count {
            rows.push(T::take(self)?);
        }
        Ok(rows)
    }

    pub(super) fn end(&self) -> Result<(), SavedError> {
        if self.at == self.all.len() {
            Ok(())
        } else {
            Err(self.refuse("there is more than there should be"))
        }
    }
}

/// What can be saved: [`Record::take`] reads what [`Record::put`] writes.
pub(super) trait Record: Sized {
    fn put(&self, to: &mut Sink<'_>);
    fn take(from: &mut Source<'_>) -> Result<Self, SavedError>;
}

impl Record for bool {
    fn put(&self, to: &mut Sink<'_>) {
        to.bytes(&[u8::from(*self)]);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        match from.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(from.refuse("neither yes nor no")),
        }
    }
}

/// LEB128: seven bits a byte, the lowest first.
impl Record for u64 {
    fn put(&self, to: &mut Sink<'_>) {
        let mut rest = *self;
        while rest >= 0x80 {
            to.bytes(&[rest as u8 | 0x80]);
            rest >>= 7;
        }
        to.bytes(&[rest as u8]);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = from.array()?;
            let bits = Self::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(from.refuse("a number of more than 64 bits"))
    }
}

/// Small numbers of either sign stay short: 0, -1, 1, -2...
impl Record for i64 {
    fn put(&self, to: &mut Sink<'_>) {
        ((*self << 1) ^ (*self >> 63)).cast_unsigned().put(to);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let folded = u64::take(from)?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }
}

macro_rules! narrow {
    ($($number:ty),*) => {$(
        impl Record for $number {
            fn put(&self, to: &mut Sink<'_>) {
                u64::from(*self).put(to);
            }

            fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
                Self::try_from(u64::take(from)?).map_err(|_| from.refuse("a number out of its range"))
            }
        }
    )*};
}
narrow!(u8, u16, u32);

macro_rules! plain {
    ($($number:ty),*) => {$(
        impl Record for $number {
            fn put(&self, to: &mut Sink<'_>) {
                to.bytes(&self.to_le_bytes());
            }

            fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
                from.array().map(Self::from_le_bytes)
            }
        }
    )*};
}
plain!(f32, f64);

impl Record for Uuid {
    fn put(&self, to: &mut Sink<'_>) {
        to.bytes(self.as_bytes());
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        from.array().map(Self::from_bytes)
    }
}

impl Record for String {
    fn put(&self, to: &mut Sink<'_>) {
        (self.len() as u64).put(to);
        to.bytes(self.as_bytes());
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let length = from.count(1)?;
        let text = std::str::from_utf8(from.bytes(length)?);
        text.map(str::to_owned).map_err(|_| from.refuse("a text that is not UTF-8"))
    }
}

impl<T: Record> Record for Option<T> {
    fn put(&self, to: &mut Sink<'_>) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        if bool::take(from)? { T::take(from).map(Some) } else { Ok(None) }
    }
}

impl Record for DateTime<Utc> {
    fn put(&self, to: &mut Sink<'_>) {
        self.timestamp().put(to);
        self.timestamp_subsec_nanos().put(to);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let (seconds, nanos) = (i64::take(from)?, u32::take(from)?);
        Self::from_timestamp(seconds, nanos).ok_or_else(|| from.refuse("an instant out of all time"))
    }
}
