//! Many coordinates at once: pieces of a stream in, the same rows with their grids out, in order, memory bounded.
//!
//! An [`Intake`] cuts the stream at row borders into chunks; a [`Job`] answers chunks, each on any thread; a
//! [`Writer`] puts the answers together again. Who moves the bytes is not known here: [`run()`] does it for files and pipes,
//! the HTTP room for requests.
//!
//! In the format of the input, whatever else stands in a row comes back byte for byte. In another one an answer
//! holds `row`, `lon` and `lat` instead, since not every row of one format has a place in another.

mod arrow;
mod cells;
mod csv;
mod error;
mod format;
mod intake;
mod job;
mod json;
mod lines;
mod ndjson;
mod number;
mod plan;
mod points;
mod rendered;
mod resolver;
mod run;
mod table;
#[cfg(test)]
mod tests;

pub use error::BatchError;
pub use format::Format;
pub use intake::{Chunk, Intake, Opening};
pub use job::{Answered, Job, Writer};
pub use plan::{Fields, Plan};
pub use points::answer_points;
pub use run::{IN_FLIGHT, RunError, Tally, answer_guarded, run};
