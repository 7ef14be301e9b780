//! `gewu resolve`: a file or a pipe of coordinates to the same rows with their grids.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tempfile::NamedTempFile;

use super::follow::Reading;
use super::offline::on_atlas;
use super::{Common, Failure, start_log};
use crate::access::Principal;
use crate::atlas::Purpose;
use crate::batch::{Fields, Format, Plan, RunError, Tally, run};
use crate::config::{Config, ServerSettings};
use crate::geom::Crs;
use crate::model::{Role, Scope};

/// 逐行解析坐标：所属网格与值班人员。Resolves coordinates row by row; other columns pass through.
///
/// Exit code 1 when any row had an error, which stands in its place.
#[derive(Debug, Clone, Args)]
pub(super) struct ResolveArgs {
    /// 输入文件；- 为标准输入。The file; - or nothing: standard input
    file: Option<PathBuf>,
    /// 坐标系：wgs84、cgcs2000、gcj02、bd09 或 EPSG:n，不作猜测。Reference system of all rows; never guessed
    #[arg(long)]
    crs: Crs,
    /// 输入格式；缺省依扩展名，否则 CSV。Format of the input; by default after its extension, else csv
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// 输出格式；缺省同输入。Format of the answer; by default that of the input
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<FormatName>,
    /// 返回内容：code、codes、chain、responsible、border_m，以逗号分隔。What comes back, separated by commas
    #[arg(long, value_parser = Fields::parse, default_value = "code,codes")]
    fields: Fields,
    /// 时刻（RFC 3339），缺省为现在。The instant that the answers hold for; by default now
    #[arg(long, value_parser = instant, value_name = "TIME")]
    at: Option<DateTime<Utc>>,
    /// 计入值班的角色，以逗号分隔。Roles that count as responsible, separated by commas; by default any
    #[arg(long, value_delimiter = ',', value_parser = Role::parse)]
    roles: Vec<Role>,
    /// 输出文件，完成后才出现；缺省为标准输出。Where to write; appears when done. By default standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A format, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// With a header that names lon and lat
    Csv,
    /// One object or [lon, lat] a line
    Ndjson,
    /// Arrow IPC stream
    Arrow,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Csv => Self::Csv,
            FormatName::Ndjson => Self::Ndjson,
            FormatName::Arrow => Self::Arrow,
        }
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let at = DateTime::parse_from_rfc3339(text);
    at.map(|at| at.with_timezone(&Utc)).map_err(|_| "give a time such as 2026-03-03T08:00:00Z".to_owned())
}

impl ResolveArgs {
    /// Opens the store, reads the atlas (or has the one that a server saved), leaves the store, and answers from memory.
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        let (input, bar) = self.input()?;
        let (result, output) = self.output()?;
        let (plan, formats) = (self.plan(), self.formats());
        let reading = Reading { purpose: Purpose::Points, scope: Scope::STAFF };
        let outcome = on_atlas(&config, reading, move |atlas| {
            let then = if atlas.holds_at(plan.at) { atlas } else { atlas.at(plan.at) };
            run(Arc::new(then), plan, formats, input, output)
        });
        bar.finish_and_clear();
        self.conclude(outcome??, result)
    }

    fn plan(&self) -> Plan {
        Plan {
            crs: self.crs.clone(),
            fields: self.fields,
            at: self.at.unwrap_or_else(Utc::now),
            roles: self.roles.clone(),
            who: Principal::open(),
        }
    }

    fn formats(&self) -> [Format; 2] {
        let extension = self.path().and_then(Path::extension).and_then(|extension| extension.to_str());
        let from = self.format.map(Format::from).or_else(|| extension.and_then(Format::of_extension));
        let from = from.unwrap_or(Format::Csv);
        [from, self.to.map_or(from, Format::from)]
    }

    /// The file that is read; `None` for standard input.
    fn path(&self) -> Option<&Path> {
        self.file.as_deref().filter(|path| *path != Path::new("-"))
    }

    fn input(&self) -> Result<(Box<dyn Read + Send>, ProgressBar), Failure> {
        let Some(path) = self.path() else {
            if io::stdin().is_terminal() {
                let hint = "给出文件或管道 give a file, or pipe rows into standard input";
                return Err(Failure::Usage(hint.to_owned()));
            }
            let bar = progress(None);
            return Ok((Box::new(bar.wrap_read(io::stdin())), bar));
        };
        let told = |error: io::Error| Failure::Usage(format!("cannot read {}: {error}", path.display()));
        let file = File::open(path).map_err(told)?;
        let length = file.metadata().map_err(told)?.len();
        let bar = progress(Some(length));
        Ok((Box::new(bar.wrap_read(file)), bar))
    }

    /// Where the answer goes; for a file, one beside it that takes its place in the end.
    fn output(&self) -> Result<(Option<NamedTempFile>, Box<dyn Write + Send>), Failure> {
        let Some(path) = &self.out else { return Ok((None, Box::new(BufWriter::new(io::stdout())))) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let told = |error: io::Error| not_written(path, &error);
        let file = tempfile::Builder::new()
            .prefix(".gewu-resolve-")
            // The rights that any new file has: the umask still takes its part.
            .permissions(std::fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(told)?;
        let writer = BufWriter::new(file.reopen().map_err(told)?);
        Ok((Some(file), Box::new(writer)))
    }

    fn conclude(&self, tally: Tally, result: Option<NamedTempFile>) -> Result<ExitCode, Failure> {
        if let (Some(file), Some(path)) = (result, &self.out) {
            publish(file, path).map_err(|error| not_written(path, &error))?;
        }
        if tally.wrong == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!(
            "gewu: {} / {} 行有误，原因见 error 列 {} of {} rows have an error; see the column error",
            tally.wrong, tally.rows, tally.wrong, tally.rows
        );
        Ok(ExitCode::from(1))
    }
}

/// Gives the finished file its name.
fn publish(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::Environment(format!("cannot write {}: {error}", path.display()))
}

/// A bar on a terminal; nothing to a pipe.
fn progress(length: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = match length {
        Some(_) => "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        None => "{spinner} {bytes} {bytes_per_sec}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr()).with_style(style)
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Batch(error) => Self::Wanting(error.to_string()),
            // Whoever read the answer has seen enough, as `head` does.
            RunError::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => Self::Interrupted,
            other => Self::Environment(other.to_string()),
        }
    }
}
