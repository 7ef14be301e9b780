//! A pyramid as MBTiles 1.3: the only file that knows SQLite.
//!
//! Contents stand once in `images`; `map` says which tile has which, and the view `tiles`, which readers ask, joins the two.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, params};
use serde_json::json;

use super::error::BakeError;
use super::metadata::Metadata;
use super::walk;
use super::work::Digest;

/// The number by which `file` and SQLite know MBTiles.
const APPLICATION_ID: i32 = 0x4d50_4258;

/// The file is thrown away when writing it fails, so that no journal need protect it.
const SCHEMA: &str = "
    pragma journal_mode = off;
    pragma synchronous = off;
    pragma page_size = 4096;
    create table metadata (name text primary key, value text);
    create table images (tile_id integer primary key, tile_data blob not null);
    create table map (
        zoom_level integer not null, tile_column integer not null, tile_row integer not null, tile_id integer not null,
        primary key (zoom_level, tile_column, tile_row)
    ) without rowid;
    create view tiles as
        select zoom_level, tile_column, tile_row, tile_data from map join images using (tile_id);
";

/// A file that is being written.
pub(super) struct Writer {
    /// In a transaction.
    connection: Connection,
    /// The number of each content.
    known: HashMap<Digest, i64>,
}

impl Writer {
    /// Begins an empty file.
    pub(super) fn new(path: &Path) -> Result<Self, BakeError> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.execute_batch("begin")?;
        Ok(Self { connection, known: HashMap::new() })
    }

    /// Adds a tile; numbers rise. `content`: none where a tile before had the same.
    pub(super) fn add(
        &mut self,
        number: u64,
        digest: Digest,
        content: Option<&[u8]>,
    ) -> Result<(), BakeError> {
        let next = self.known.len() as i64;
        let id = *self.known.entry(digest).or_insert(next);
        if id == next {
            let mut image = self.connection.prepare_cached("insert into images values (?1, ?2)")?;
            image.execute(params![id, content])?;
        }
        let tile = walk::tile(number).expect("only numbers of tiles are in a work file");
        // Rows are counted from the south, as in TMS.
        let row = (1_u32 << tile.z()) - 1 - tile.y();
        let mut place = self.connection.prepare_cached("insert into map values (?1, ?2, ?3, ?4)")?;
        place.execute(params![tile.z(), tile.x(), row, id])?;
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(self, metadata: &Metadata) -> Result<(), BakeError> {
        for (name, value) in rows(metadata) {
            self.connection.execute("insert into metadata values (?1, ?2)", params![name, value])?;
        }
        self.connection.execute_batch("commit")?;
        self.connection.flush_prepared_statement_cache();
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

fn rows(metadata: &Metadata) -> Vec<(String, String)> {
    let joined = |numbers: &[f64]| numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let first = *metadata.zooms.start();
    let texts =
        metadata.texts.iter().filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())));
    let mut rows: Vec<_> = texts.collect();
    let mut say = |name: &str, value: String| rows.push((name.to_owned(), value));
    say("minzoom", first.to_string());
    say("maxzoom", metadata.zooms.end().to_string());
    say("bounds", joined(&metadata.bounds));
    say("center", format!("{},{first}", joined(&metadata.center)));
    say("json", json!({"vector_layers": metadata.vector_layers, "budget": metadata.budget}).to_string());
    rows
}
