//! What answers and files say, however they are packed: every text and number in them, to be looked through.

use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use parquet::file::reader::{FileReader, SerializedFileReader};
use pmtiles::{AsyncBackend, AsyncPmTilesReader, BackendResponse, PmtResult};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::world::Answer;

/// What an answer says: its body, unpacked as its headers and its first bytes say.
pub(crate) fn answer(answer: &Answer) -> String {
    let body = match answer.header("content-encoding") {
        "br" => read(brotli::Decompressor::new(&answer.body[..], 4_096)),
        "zstd" => read(ruzstd::decoding::StreamingDecoder::new(&answer.body[..]).unwrap()),
        "gzip" => gunzipped(&answer.body),
        "" => answer.body.clone(),
        other => panic!("{other}?"),
    };
    match answer.header("content-type") {
        "application/vnd.mapbox-vector-tile" => bytes(&body) + &tile(&body),
        _ => bytes(&body),
    }
}

/// What a file says, as it lies on the disk (what was taken out of a database may still be there) and unpacked.
pub(crate) fn file(path: &Path) -> String {
    let whole = std::fs::read(path).unwrap();
    let more = if whole.starts_with(b"SQLite format 3\0") { tables(path) } else { String::new() };
    bytes(&whole) + &more
}

/// As they are, and unpacked where they begin like something packed.
fn bytes(bytes: &[u8]) -> String {
    let plain = String::from_utf8_lossy(bytes).into_owned();
    plain
        + &match bytes {
            [0x1f, 0x8b, ..] => of_a_pyramid(bytes),
            [b'P', b'A', b'R', b'1', ..] => rows(bytes),
            [b'P', b'M', b'T', b'i', b'l', b'e', b's', ..] => pyramid(bytes),
            _ => String::new(),
        }
}

fn read(mut packed: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    packed.read_to_end(&mut bytes).unwrap();
    bytes
}

fn gunzipped(bytes: &[u8]) -> Vec<u8> {
    read(flate2::read::MultiGzDecoder::new(bytes))
}

/// A tile as pyramids store it.
fn of_a_pyramid(packed: &[u8]) -> String {
    let tile_bytes = gunzipped(packed);
    bytes(&tile_bytes) + &tile(&tile_bytes)
}

/// Layers and attributes of a vector tile: numbers are not to be read in its bytes.
fn tile(bytes: &[u8]) -> String {
    let reader = mvt_reader::Reader::new(bytes.to_vec()).unwrap();
    let mut said = String::new();
    for layer in reader.get_layer_metadata().unwrap() {
        for feature in reader.get_features(layer.layer_index).unwrap() {
            writeln!(said, "{} {:?} {:?}", layer.name, feature.id, feature.properties).unwrap();
        }
    }
    said
}

/// Rows of Parquet, and what it says of itself.
fn rows(bytes: &[u8]) -> String {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).unwrap();
    let about = format!("{:?}\n", file.metadata().file_metadata());
    file.get_row_iter(None).unwrap().fold(about, |said, row| said + &row.unwrap().to_string() + "\n")
}

/// Every cell of every table of SQLite, which GeoPackage and MBTiles are.
fn tables(path: &Path) -> String {
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut said = String::new();
    let mut names = file.prepare("select name from sqlite_schema where type in ('table', 'view')").unwrap();
    let names = names.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<String>, _>>().unwrap();
    for name in names.iter().filter(|name| !name.starts_with("rtree_")) {
        let mut table = file.prepare(&format!("select * from \"{name}\"")).unwrap();
        let columns = table.column_count();
        let mut rows = table.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Null => {}
                    ValueRef::Integer(number) => writeln!(said, "{number}").unwrap(),
                    ValueRef::Real(number) => writeln!(said, "{number}").unwrap(),
                    ValueRef::Text(text) => writeln!(said, "{}", String::from_utf8_lossy(text)).unwrap(),
                    ValueRef::Blob(blob) => said += &bytes(blob),
                }
            }
        }
    }
    said
}

struct InMemory(Bytes);

impl AsyncBackend for InMemory {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let from = usize::try_from(offset).unwrap().min(self.0.len());
        Ok(BackendResponse::new(self.0.slice(from..(from + length).min(self.0.len()))))
    }
}

/// Every tile of PMTiles, and what they say of themselves.
fn pyramid(bytes: &[u8]) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let reader = AsyncPmTilesReader::try_from_source(InMemory(Bytes::copy_from_slice(bytes))).await;
        let reader = Arc::new(reader.unwrap());
        let mut said = reader.get_metadata().await.unwrap();
        let entries: Vec<_> = Arc::clone(&reader).entries().try_collect().await.unwrap();
        for entry in entries {
            // Tiles that are equal lie there once.
            let first = entry.iter_coords().next().unwrap();
            said += &of_a_pyramid(&reader.get_tile(first).await.unwrap().unwrap());
        }
        said
    })
}
