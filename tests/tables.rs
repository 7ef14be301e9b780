//! Tables and views that a catalogue registers, as tilesets: a real PostGIS, a real server, tiles as their readers see them.

mod common;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod world;

#[path = "tables/content.rs"]
mod content;
#[path = "tables/filters.rs"]
mod filters;
#[path = "tables/limits.rs"]
mod limits;
#[path = "tables/place.rs"]
mod place;
#[path = "tables/refusals.rs"]
mod refusals;
#[path = "tables/roads.rs"]
mod roads;
#[path = "tables/served.rs"]
mod served;
