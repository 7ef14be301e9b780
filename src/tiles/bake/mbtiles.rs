//! A work file put in order as MBTiles 1.3: the only file that knows SQLite.
//!
//! Contents stand once in `images`; `map` says which tile has which, and the view `tiles`, which readers ask, joins the two.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, params};
use serde_json::json;

use super::error::BakeError;
use super::metadata::Metadata;
use super::walk;
use super::work::{Digest, Finished};

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

/// Writes all tiles into an empty file.
pub(super) fn write(work: &mut Finished, metadata: &Metadata, path: &Path) -> Result<(), BakeError> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch(SCHEMA)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    let transaction = connection.transaction()?;
    {
        let mut image = transaction.prepare("insert into images values (?1, ?2)")?;
        let mut place = transaction.prepare("insert into map values (?1, ?2, ?3, ?4)")?;
        let mut known: HashMap<Digest, i64> = HashMap::new();
        work.each(&mut |number, digest, content| {
            let next = known.len() as i64;
            let id = *known.entry(digest).or_insert(next);
            if id == next {
                image.execute(params![id, content])?;
            }
            let tile = walk::tile(number).expect("only numbers of tiles are in a work file");
            // Rows are counted from the south, as in TMS.
            let row = (1_u32 << tile.z()) - 1 - tile.y();
            place.execute(params![tile.z(), tile.x(), row, id])?;
            Ok(())
        })?;
        let mut say = transaction.prepare("insert into metadata values (?1, ?2)")?;
        for (name, value) in rows(metadata) {
            say.execute(params![name, value])?;
        }
    }
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error.into())
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
