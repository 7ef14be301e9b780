//! Which features does a collection have? What the OGC API and exports serve, whatever it comes from.
//!
//! [`Collections`] is the catalogue: the grids, which are answered from the atlas (`grids.rs`), and tables and views of the database, which the store
//! answers; what both take and give is the same ([`crate::store::ItemsQuery`], [`crate::store::Page`]). `cursor.rs` writes down where a page ended; `format/`
//! writes features for files and clients, in the reference system of the caller (`output.rs`), and `export.rs` all that match, page after page.

mod bounds;
mod catalogue;
mod cursor;
mod export;
pub mod format;
mod grids;
mod output;

pub use bounds::{read_bbox, read_period};
pub use catalogue::{Collection, CollectionError, Collections, Source};
pub use cursor::{CursorError, read_cursor, write_cursor};
pub use export::{Export, ExportError, Pages};
pub use grids::{grid_fields, grid_item, grid_items, grid_queryables};
pub use output::OutputCrs;

/// The names of parameters of a list of features, which no field can have: a field is a parameter too.
pub const PARAMETERS: [&str; 14] = [
    "limit",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "sortby",
    "properties",
    "skipGeometry",
    "cursor",
    "count",
    "f",
];
