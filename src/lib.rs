//! Gewu 格物: the spatial service behind the "one map" of grassroots governance.
//!
//! PostGIS is the truth; an immutable picture of it, the [`atlas`], lives in memory and answers
//! everything that must be fast. Each module is a room of the house described in `ARCHITECTURE.md`:
//!
//! | room | question that it answers |
//! |---|---|
//! | [`model`] | what are the words of the domain? |
//! | [`geom`] | where is it, in which coordinates, how far? |
//! | [`synth`] | what would a plausible region look like? |
//! | [`ingest`] | what does this file say, and what is wrong with it? |
//! | [`seal`] | how are names and phones kept so that the database tells none? |
//! | [`store`] | what does PostGIS hold, and how is it changed? |
//! | [`cql`] | what does this filter ask? |
//! | [`atlas`] | what is the picture in memory? |
//! | [`resolve`] | whose is this point, and who is on duty? |
//! | [`batch`] | a million of them at once? |
//! | [`query`] | what is here, how much, and what is missing? |
//! | [`features`] | which features does a collection have? |
//! | [`tiles`] | what does this tile look like? |
//! | [`access`] | who asks, and what may they see? |
//! | [`http`] | how is it all spoken over HTTP? |
//! | [`cli`] | how is it all typed? |

pub mod access;
pub mod atlas;
pub mod batch;
pub mod cli;
pub mod config;
pub mod cql;
pub mod features;
pub mod geom;
pub mod http;
pub mod ingest;
pub mod model;
pub mod query;
pub mod resolve;
pub mod seal;
pub mod store;
pub mod synth;
pub mod tiles;
