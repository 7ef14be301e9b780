//! The command line: one file a verb; parse, call, print.

mod access;
mod audit;
mod bake;
mod check;
mod data_key;
pub mod demo;
mod export;
mod failure;
mod follow;
mod follow_keys;
pub mod import;
mod keep;
mod kept;
mod offline;
mod open;
mod person;
mod resolve;
mod resume;
mod serve;
mod signals;
pub mod synth;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::CommonSettings;

pub use failure::Failure;
pub use open::{open_store, runtime, start_log};

/// 格物 Gewu: the spatial service behind the one map of grassroots governance.
#[derive(Debug, Parser)]
#[command(name = "gewu", version, max_term_width = 110)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Settings file [default: gewu.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "GEWU_CONFIG")]
    pub config: Option<PathBuf>,
    /// The settings that every verb takes.
    #[command(flatten)]
    pub settings: CommonSettings,
}

// One line a verb here, one arm in `call`, one file beside this one.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Migrate, load, listen
    Serve(serve::Serve),
    /// Prepare the sample region of Dali and serve it
    Demo(demo::Demo),
    /// Read files into the database, and report what they hold
    Import(Box<import::ImportArgs>),
    /// Examine the grids: gaps, overlaps, codes, sizes, people on duty
    Check(check::CheckArgs),
    /// Name the grid and the people on duty for each row of a file or a pipe
    Resolve(resolve::ResolveArgs),
    /// Write all vector tiles into one PMTiles or MBTiles file
    Bake(bake::BakeArgs),
    /// Write a collection to a file: GeoJSON, CSV, GeoPackage, FlatGeobuf, GeoParquet
    Export(Box<export::ExportArgs>),
    /// Make, list and revoke API keys
    Token(token::TokenArgs),
    /// Explain who may see what of people and workers
    Access(access::AccessArgs),
    /// Check and read the log of who looked at what
    Audit(audit::AuditArgs),
    /// Give out or take away all that is held of one person
    Person(person::PersonArgs),
    /// Make the keys that seal names and phones, and seal anew
    DataKey(data_key::DataKeyArgs),
    /// Divide polygons into an invented region of grids
    Synth(synth::SynthArgs),
}

fn call(common: Common, verb: Verb) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Serve(serve) => serve.run(common).map(|()| ExitCode::SUCCESS),
        Verb::Demo(demo) => demo.run(common).map(|()| ExitCode::SUCCESS),
        Verb::Import(import) => import.run(common),
        Verb::Check(check) => check.run(common),
        Verb::Resolve(resolve) => resolve.run(common),
        Verb::Bake(bake) => bake.run(common),
        Verb::Export(export) => export.run(common),
        Verb::Token(token) => token.run(common),
        Verb::Access(access) => access.run(common),
        Verb::Audit(audit) => audit.run(common),
        Verb::Person(person) => person.run(common),
        Verb::DataKey(data_key) => data_key.run(common),
        Verb::Synth(args) => Ok(synth::run(&args).map(|()| ExitCode::SUCCESS)?),
    }
}

/// Runs the command line: reads the arguments, calls the verb, tells the outcome.
///
/// The exit code is 0 when done, 1 when the data were found wanting, 2 for a mistake in the arguments or settings and
/// 3 when the environment lacks something. Errors go to standard error.
pub fn run() -> ExitCode {
    let matches = without_empty_variables(Arguments::command()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match call(arguments.common, arguments.verb) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("gewu: {failure}");
            failure.exit_code()
        }
    }
}

/// A variable that is set to nothing counts as not set: environment files often hold `NAME=`.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty =
        |arg: &clap::Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if is_empty(&arg) { arg.env(None::<&str>) } else { arg })
        .mut_subcommands(without_empty_variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_flags_stand_before_or_after_the_verb() {
        for line in [
            ["gewu", "--data-dir", "/d", "serve", "--listen", "127.0.0.1:1"],
            ["gewu", "serve", "--listen", "127.0.0.1:1", "--data-dir", "/d"],
        ] {
            let arguments = Arguments::try_parse_from(line).unwrap();
            assert_eq!(arguments.common.settings.data_dir, Some("/d".into()));
        }
    }

    #[test]
    fn a_mistake_in_the_arguments_is_usage() {
        assert_eq!(Arguments::try_parse_from(["gewu", "serve", "--nonsense"]).unwrap_err().exit_code(), 2);
    }
}
