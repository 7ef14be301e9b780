//! `gewu import`: grids, resources, workers, assignments from files.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::open::{close, open_until, sealer_of};
use super::signals::watch_signals;
use super::{Common, Failure, runtime, start_log};
use crate::config::{Config, ServerSettings};
use crate::features::Collections;
use crate::ingest::{
    GridMapping, ImportOptions, IngestError, Language, Report, ResourceMapping, StaffMapping,
    import_assignments, import_grids, import_resources, import_workers,
};
use crate::store::Store;

/// Reads files into the database, all of them in one transaction, and reports what was repaired and rejected.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// What the files hold.
    #[command(subcommand)]
    pub what: ImportWhat,
}

/// What the files hold.
#[derive(Debug, Clone, Subcommand)]
pub enum ImportWhat {
    /// Grids, from any vector format that GDAL reads.
    Grids {
        /// Files, or .zip around them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Which field means what.
        #[command(flatten)]
        mapping: GridMapping,
        /// The same settings in a TOML file; flags win.
        #[arg(long)]
        map: Option<PathBuf>,
        /// What every import may be told.
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Buildings, facilities, people or a collection of the catalogue, from any vector format that GDAL reads.
    Resources {
        /// buildings, facilities, people, or a collection of the catalogue.
        collection: String,
        /// Files, or .zip around them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Which field means what.
        #[command(flatten)]
        mapping: ResourceMapping,
        /// The same settings in a TOML file; flags win.
        #[arg(long)]
        map: Option<PathBuf>,
        /// What every import may be told.
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Workers, from CSV with the columns source_id, name, role, phone, organisation.
    Workers {
        /// CSV files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// How they are read.
        #[command(flatten)]
        mapping: StaffMapping,
        /// What every import may be told.
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Who serves where, from CSV with the columns worker, grid, role, rank, from, until.
    Assignments {
        /// CSV files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// How they are read.
        #[command(flatten)]
        mapping: StaffMapping,
        /// What every import may be told.
        #[command(flatten)]
        common: CommonArgs,
    },
}

/// What every import may be told.
#[derive(Debug, Clone, Args)]
pub struct CommonArgs {
    /// Do everything but write.
    #[arg(long)]
    pub dry_run: bool,
    /// Write the accepted rows even though others were rejected.
    #[arg(long)]
    pub allow_rejects: bool,
    /// The form of the report on standard output.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Language of the report: zh (with English beside it) or en.
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// Writes the whole report, with no list cut, to this JSON file too.
    #[arg(long)]
    pub report: Option<PathBuf>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// To read.
    #[default]
    Text,
    /// To parse.
    Json,
}

impl ImportArgs {
    /// Opens the store, imports, and closes the store again; SIGINT or SIGTERM before the commit, and nothing was done.
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        self.refuse_without_key(&config)?;
        let collections = Collections::load(config.catalogue.as_deref())?.of_resources();
        let runtime = runtime()?;
        let mut end = runtime.block_on(async { watch_signals() })?;
        let (runtime, cluster, store) = open_until(runtime, &config, &mut end)?;
        let outcome = runtime.block_on(async {
            let work = async {
                store.know_collections(&collections).await?;
                run(self, &store).await.map_err(Failure::from)
            };
            let outcome = tokio::select! {
                outcome = work => outcome,
                _ = end.changed() => Err(Failure::Interrupted),
            };
            close(cluster, store).await?;
            outcome
        });
        // A file that is still being read must not hold the process.
        runtime.shutdown_background();
        outcome
    }
}

impl ImportArgs {
    /// Names and phones are never put into a database in the clear.
    fn refuse_without_key(&self, config: &Config) -> Result<(), Failure> {
        let (what, common) = match &self.what {
            ImportWhat::Resources { collection, common, .. } if collection == "people" => ("people", common),
            ImportWhat::Workers { common, .. } => ("workers", common),
            _ => return Ok(()),
        };
        if common.dry_run || sealer_of(config)?.keys().is_some() {
            return Ok(());
        }
        Err(Failure::Usage(format!(
            "没有数据密钥 there is no data key, and names and phones of {what} are stored sealed only: make one with `gewu data-key new FILE`, keep a copy of it, \
             and give it to every server of this database by data_key_file (GEWU_DATA_KEY_FILE)"
        )))
    }
}

/// Runs an import against a connected, migrated store; prints the report to standard output.
///
/// The code is 1 when rows were rejected without `--allow-rejects`.
///
/// # Errors
/// [`IngestError`], whose [`IngestError::exit_code`] says which code to end with.
pub async fn run(args: ImportArgs, store: &Store) -> Result<ExitCode, IngestError> {
    let (report, common) = match args.what {
        ImportWhat::Grids { files, mapping, map, common } => {
            let mapping = mapping.with_file(map.as_deref())?;
            (import_grids(store, files, mapping, &common.options()).await?, common)
        }
        ImportWhat::Resources { collection, files, mapping, map, common } => {
            let mapping = mapping.with_file(map.as_deref())?;
            (import_resources(store, collection, files, mapping, &common.options()).await?, common)
        }
        ImportWhat::Workers { files, mapping, common } => {
            (import_workers(store, files, mapping, &common.options()).await?, common)
        }
        ImportWhat::Assignments { files, mapping, common } => {
            (import_assignments(store, files, mapping, &common.options()).await?, common)
        }
    };
    common.publish(&report)?;
    let stopped = report.rejected_rows > 0 && !common.allow_rejects;
    Ok(ExitCode::from(u8::from(stopped)))
}

impl CommonArgs {
    fn options(&self) -> ImportOptions {
        let progress = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style())
        } else {
            ProgressBar::hidden()
        };
        ImportOptions { allow_rejects: self.allow_rejects, dry_run: self.dry_run, progress }
    }

    fn publish(&self, report: &Report) -> Result<(), IngestError> {
        if let Some(path) = &self.report {
            let text = format!("{:#}\n", report.to_json(self.lang));
            std::fs::write(path, text).map_err(|error| not_written(path, &error))?;
        }
        let text = match self.format {
            ReportFormat::Text => report.to_text(self.lang),
            ReportFormat::Json => format!("{:#}\n", report.to_json(self.lang)),
        };
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| not_written(Path::new("(stdout)"), &error))
    }
}

fn not_written(path: &Path, error: &std::io::Error) -> IngestError {
    IngestError::ReportNotWritten { path: path.to_owned(), reason: error.to_string() }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {wide_bar} {human_pos}/{human_len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
