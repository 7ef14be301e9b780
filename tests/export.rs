//! Exports as analysts' tools read them: every format by published readers, each feature held against PostGIS; and what large ones cost.

mod common;
#[path = "common/python.rs"]
mod python;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod world;

#[path = "export/files.rs"]
mod files;
#[path = "export/kinds.rs"]
mod kinds;
#[path = "export/large.rs"]
mod large;
#[path = "export/readers.rs"]
mod readers;
#[path = "export/sample.rs"]
mod sample;
