//! The `gewu` command.

use std::process::ExitCode;

/// Answers are many small pieces of memory, taken on one core and given back on another: this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gewu::cli::run()
}
