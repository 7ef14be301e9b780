//! Mapbox Vector Tile 2.1 bytes. The only file that knows them.
//!
//! Written by hand: most of the time of a tile went into the protobuf messages of a general encoder (see `benches/README.md`).
//! <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>

use std::cell::Cell;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use geo::Coord;
use hashbrown::HashTable;
use thiserror::Error;

use super::attributes::Value;
use super::clip::Ring;
use super::shape::EXTENT;

/// The most vertices of a ring: a command counts them in 29 bits.
const MOST: usize = (1 << 29) - 1;

/// Why a tile cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TileError {
    /// A ring with more vertices than a command can count.
    #[error("a ring of {0} vertices is more than a vector tile can hold ({MOST})")]
    TooLong(usize),
}

/// Protobuf: the tag of a field is its number and how it is written.
mod tag {
    pub(super) const LAYER: u8 = 3 << 3 | LENGTH;
    pub(super) const NAME: u8 = 1 << 3 | LENGTH;
    pub(super) const FEATURE: u8 = 2 << 3 | LENGTH;
    pub(super) const KEY: u8 = 3 << 3 | LENGTH;
    pub(super) const VALUE: u8 = 4 << 3 | LENGTH;
    pub(super) const EXTENT: u8 = 5 << 3;
    pub(super) const VERSION: u8 = 15 << 3;
    pub(super) const ID: u8 = 1 << 3;
    pub(super) const TAGS: u8 = 2 << 3 | LENGTH;
    pub(super) const TYPE: u8 = 3 << 3;
    pub(super) const GEOMETRY: u8 = 4 << 3 | LENGTH;
    pub(super) const TEXT: u8 = 1 << 3 | LENGTH;
    pub(super) const FLOAT: u8 = 2 << 3 | FOUR_BYTES;
    pub(super) const UNSIGNED: u8 = 5 << 3;
    pub(super) const BOOL: u8 = 7 << 3;
    const LENGTH: u8 = 2;
    const FOUR_BYTES: u8 = 5;
}

/// Geometry commands.
const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;
/// Geometry types.
const POINT: u8 = 1;
const POLYGON: u8 = 3;

/// A tile being written.
#[derive(Debug, Default)]
pub(super) struct TileWriter(Vec<u8>);

/// A layer being written.
#[derive(Debug)]
pub(super) struct LayerWriter<'a> {
    name: String,
    keys: Vec<Key<'a>>,
    used_keys: u32,
    hasher: RandomState,
    value_count: u32,
    buffers: Buffers,
}

/// What a layer is written into.
#[derive(Debug, Default)]
struct Buffers {
    features: Vec<u8>,
    keys: Vec<u8>,
    values: Vec<u8>,
    /// The values that several features may have.
    entries: HashTable<Entry>,
    /// Of the feature that is being written.
    tags: Vec<u8>,
    geometry: Vec<u8>,
}

thread_local! {
    /// Those of the last layer, for the next one of this thread: fresh memory takes as long as what is written into it.
    static SPARE: Cell<Option<Buffers>> = const { Cell::new(None) };
}

impl Buffers {
    /// Bytes that are kept.
    const MOST: usize = 8 << 20;
    /// Entries that are kept: to empty more takes longer than to make room for few.
    const MOST_ENTRIES: usize = 512;

    /// Empty ones, with the room of others.
    fn take() -> Self {
        SPARE.take().unwrap_or_default()
    }

    fn give_back(mut self) {
        let all = [&mut self.features, &mut self.keys, &mut self.values, &mut self.tags, &mut self.geometry];
        let mut room = 0;
        for buffer in all {
            buffer.clear();
            room += buffer.capacity();
        }
        match self.entries.capacity() <= Self::MOST_ENTRIES {
            true => self.entries.clear(),
            false => self.entries = HashTable::new(),
        }
        if room <= Self::MOST {
            SPARE.set(Some(self));
        }
    }
}

impl Drop for LayerWriter<'_> {
    fn drop(&mut self) {
        std::mem::take(&mut self.buffers).give_back();
    }
}

/// A value that was written. It is known by its bytes, which lie close together, unlike what they were made from.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    place: u32,
    /// Where in the bytes of the values it begins.
    start: usize,
}

impl Entry {
    /// The table picks a place by the low bits and compares the high ones.
    fn hash(&self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

/// A key with its place in the table, once it is used, and the last value that it had: most attributes are like those of the
/// feature before.
#[derive(Debug)]
struct Key<'a> {
    name: &'a str,
    place: Option<u32>,
    last: Option<(Value<'a>, u32)>,
}

impl TileWriter {
    /// Ends a layer; one without features is left out, as the specification advises.
    pub(super) fn add(&mut self, layer: LayerWriter) {
        let Buffers { features, keys, values, .. } = &layer.buffers;
        if features.is_empty() {
            return;
        }
        let mut head = vec![tag::VERSION, 2];
        bytes(&mut head, tag::NAME, layer.name.as_bytes());
        let mut tail = vec![tag::EXTENT];
        varint(&mut tail, EXTENT.into());
        let parts = [&head, features, keys, values, &tail];
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.0.reserve(message(length));
        self.0.push(tag::LAYER);
        varint(&mut self.0, length as u64);
        parts.iter().for_each(|part| self.0.extend_from_slice(part));
    }

    /// How many bytes there are so far.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes; none when the tile has no features.
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

impl<'a> LayerWriter<'a> {
    /// A layer whose features may have these attributes.
    pub(super) fn new(name: &str, keys: impl Iterator<Item = &'a str>) -> Self {
        Self {
            name: name.to_owned(),
            keys: keys.map(|name| Key { name, place: None, last: None }).collect(),
            used_keys: 0,
            hasher: RandomState::default(),
            value_count: 0,
            buffers: Buffers::take(),
        }
    }

    /// Makes room for so many features, each with a code and a short name that no other has.
    pub(super) fn reserve(&mut self, features: usize) {
        self.buffers.entries.reserve(features, Entry::hash);
        self.buffers.values.reserve(32 * features);
        self.buffers.features.reserve(64 * features);
    }

    /// Adds a point with the value of each attribute. Equal values share an entry in the tables of the layer.
    pub(super) fn point(&mut self, id: u64, at: Coord<i32>, values: impl Iterator<Item = Option<Value<'a>>>) {
        self.buffers.geometry.clear();
        varint(&mut self.buffers.geometry, command(MOVE_TO, 1));
        step(&mut self.buffers.geometry, Coord { x: 0, y: 0 }, at);
        self.feature(id, POINT, values);
    }

    /// Adds the rings of one or several polygons, wound and ordered.
    pub(super) fn polygon(
        &mut self,
        id: u64,
        rings: &[Ring],
        values: impl Iterator<Item = Option<Value<'a>>>,
    ) -> Result<(), TileError> {
        self.buffers.geometry.clear();
        let mut cursor = Coord { x: 0, y: 0 };
        for ring in rings {
            let [first, others @ ..] = &ring[..] else { continue };
            if others.len() > MOST {
                return Err(TileError::TooLong(ring.len()));
            }
            varint(&mut self.buffers.geometry, command(MOVE_TO, 1));
            step(&mut self.buffers.geometry, cursor, *first);
            varint(&mut self.buffers.geometry, command(LINE_TO, others.len() as u32));
            cursor = *first;
            for vertex in others {
                step(&mut self.buffers.geometry, cursor, *vertex);
                cursor = *vertex;
            }
            varint(&mut self.buffers.geometry, command(CLOSE_PATH, 1));
        }
        self.feature(id, POLYGON, values);
        Ok(())
    }

    /// Writes a feature whose geometry is ready.
    fn feature(&mut self, id: u64, kind: u8, values: impl Iterator<Item = Option<Value<'a>>>) {
        self.buffers.tags.clear();
        for (key, value) in values.enumerate() {
            let Some(value) = value else { continue };
            let (key, value) = self.entry(key, value);
            varint(&mut self.buffers.tags, key.into());
            varint(&mut self.buffers.tags, value.into());
        }
        let length =
            1 + width(id) + message(self.buffers.tags.len()) + 2 + message(self.buffers.geometry.len());
        self.buffers.features.push(tag::FEATURE);
        varint(&mut self.buffers.features, length as u64);
        self.buffers.features.push(tag::ID);
        varint(&mut self.buffers.features, id);
        bytes(&mut self.buffers.features, tag::TAGS, &self.buffers.tags);
        self.buffers.features.extend([tag::TYPE, kind]);
        bytes(&mut self.buffers.features, tag::GEOMETRY, &self.buffers.geometry);
    }

    /// The places of a key and a value in the tables.
    fn entry(&mut self, key: usize, value: Value<'a>) -> (u32, u32) {
        let key = &mut self.keys[key];
        let key_place = *key.place.get_or_insert_with(|| {
            bytes(&mut self.buffers.keys, tag::KEY, key.name.as_bytes());
            self.used_keys += 1;
            self.used_keys - 1
        });
        if let Some((last, place)) = key.last
            && last.is_the_very(&value)
        {
            return (key_place, place);
        }
        let start = self.buffers.values.len();
        write_value(&mut self.buffers.values, value);
        let (before, written) = self.buffers.values.split_at(start);
        // No other feature has this code: it is not looked for.
        if let Value::Code(_) = value {
            self.value_count += 1;
            return (key_place, self.value_count - 1);
        }
        let hash = self.hasher.hash_one(written) as u32;
        let entry = Entry { hash, place: self.value_count, start };
        let is_it = |other: &Entry| other.hash == hash && before[other.start..].starts_with(written);
        let known = self.buffers.entries.find(entry.hash(), is_it).map(|other| other.place);
        let place = known.unwrap_or(entry.place);
        match known {
            Some(_) => self.buffers.values.truncate(start),
            None => {
                self.buffers.entries.insert_unique(entry.hash(), entry, Entry::hash);
                self.value_count += 1;
            }
        }
        key.last = Some((value, place));
        (key_place, place)
    }
}

fn write_value(out: &mut Vec<u8>, value: Value) {
    out.push(tag::VALUE);
    match value {
        Value::Text(text) | Value::Code(text) => {
            varint(out, message(text.len()) as u64);
            bytes(out, tag::TEXT, text.as_bytes());
        }
        Value::Count(number) => {
            varint(out, 1 + width(number) as u64);
            out.push(tag::UNSIGNED);
            varint(out, number);
        }
        Value::Measure(number) => {
            out.extend([5, tag::FLOAT]);
            out.extend(number.to_le_bytes());
        }
        Value::Truth(truth) => out.extend([2, tag::BOOL, u8::from(truth)]),
    }
}

fn command(command: u32, count: u32) -> u64 {
    u64::from(command | count << 3)
}

/// Writes the way from one vertex to another.
#[inline]
fn step(out: &mut Vec<u8>, from: Coord<i32>, to: Coord<i32>) {
    let zigzag = |n: i32| u64::from((n << 1 ^ n >> 31) as u32);
    let (x, y) = (zigzag(to.x.wrapping_sub(from.x)), zigzag(to.y.wrapping_sub(from.y)));
    if x < 0x80 && y < 0x80 {
        out.extend_from_slice(&[x as u8, y as u8]);
    } else {
        varint(out, x);
        varint(out, y);
    }
}

#[inline]
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Bytes of a number as it is written.
fn width(number: u64) -> usize {
    (64 - number.leading_zeros() as usize).div_ceil(7).max(1)
}

/// Bytes of a field of so many bytes, its tag and its length included.
fn message(length: usize) -> usize {
    1 + width(length as u64) + length
}

fn bytes(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_protobuf_documentation_writes_them() {
        let written = |number| {
            let mut out = Vec::new();
            varint(&mut out, number);
            assert_eq!(out.len(), width(number));
            out
        };
        assert_eq!(written(0), [0]);
        assert_eq!(written(127), [127]);
        assert_eq!(written(150), [0x96, 0x01]);
        assert_eq!(written(u64::MAX).len(), 10);
    }

    #[test]
    fn a_polygon_is_written_as_the_example_of_the_specification() {
        let ring = [(3, 6), (8, 12), (20, 34)].map(|(x, y)| Coord { x, y }).to_vec();
        let mut layer = LayerWriter::new("points", std::iter::empty());
        layer.polygon(1, &[ring], std::iter::empty()).unwrap();
        // MVT 2.1, 4.3.5.4: [ 9 6 12 18 10 12 24 44 15 ]
        assert_eq!(layer.buffers.geometry, [9, 6, 12, 18, 10, 12, 24, 44, 15]);
    }
}
