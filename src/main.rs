//! The `gewu` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    gewu::cli::run()
}
