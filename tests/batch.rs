//! Batches as callers meet them: streams over the wire to a real server, files and pipes through the real program.

mod common;

#[path = "batch/cli.rs"]
mod cli;
#[path = "batch/stream.rs"]
mod stream;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "the tests of HTTP use the rest")]
mod world;
