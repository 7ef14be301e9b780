//! Collections of features as OGC API - Features has them (Parts 1 to 5): what there is, what can be asked, the features, and writing
//! them.
//!
//! A request finds its collection (`opened.rs`), reads what is asked into one [`crate::store::ItemsQuery`] (`asked.rs`), has the page made by the atlas or
//! the database (`page.rs`), and is answered in the format that it accepts (`format.rs`, `html.rs`). Resources are written by `write.rs`, from bodies that `written.rs` reads.

mod asked;
mod conformance;
mod format;
mod html;
mod item;
mod items;
mod list;
mod opened;
mod page;
mod prefer;
mod schema;
mod stream;
mod write;
mod written;

use serde_json::{Value, json};

pub(super) use asked::{FILTER_LANG, read_language};

use super::endpoint::{Endpoint, Param};

/// The operations of this room.
pub(super) static ENDPOINTS: [&Endpoint; 11] = [
    &conformance::ENDPOINT,
    &list::LIST,
    &list::ONE,
    &schema::QUERYABLES,
    &schema::SCHEMA,
    &items::ENDPOINT,
    &item::ENDPOINT,
    &write::CREATE,
    &write::REPLACE,
    &write::UPDATE,
    &write::DELETE,
];

const JSON: &str = "application/json";
const SCHEMA_JSON: &str = "application/schema+json";

/// The collection in a path.
const COLLECTION: Param = Param::path(
    "id",
    "string",
    "A collection: grids, buildings, facilities, or another one that /collections lists.",
    "grids",
);

const FORMAT: Param =
    Param::optional("f", "string", "json or html; it goes before the Accept header.", "json");

fn link(rel: &str, media: &str, title: &str, href: String) -> Value {
    json!({"rel": rel, "type": media, "title": title, "href": href})
}
