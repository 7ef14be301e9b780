//! `gewu check`: the topology and duty report.

mod geojson;
mod text;
mod words;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use chrono::Utc;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::offline::on_read_atlas_and;
use super::{Common, Failure, start_log};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::config::{Config, ServerSettings};
use crate::ingest::Language;
use crate::model::Level;
use crate::query::check::{Report, Settings, Severity, check};
use crate::store::{Store, Unheld};

/// How many findings of a rule, and resources of a collection, the text lists without `--all`.
const LISTED: usize = 20;
/// How many resources of a collection that no grid holds are listed at most; all are counted.
const MOST_LISTED: usize = 100_000;

/// 检查网格：无缝、嵌套、边界、编码、规模、责任人；列出不在任何网格内的资源。Examines the grids: seamless, nested, bounds, codes, sizes, owners; lists
/// what no grid holds.
///
/// Exit code 1 when there are errors, 0 when there are warnings only.
#[derive(Debug, Clone, Args)]
pub(super) struct CheckArgs {
    /// 只检查某一级的网格（以及应铺满它们的下级）。Only grids of this level, and the children that must cover them
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// 输出格式。Form of the report on standard output
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// 列出全部问题。List every finding; GeoJSON always has them all
    #[arg(long)]
    all: bool,
    /// 小于此面积（平方米）的缝隙与重叠只计数。Gaps and overlaps below this area in square metres are only counted
    #[arg(long, value_name = "M2", default_value_t = 1.0, value_parser = not_negative)]
    tolerance: f64,
    /// 语言：zh（附英文）或 en。Language of the text: zh (with English beside it) or en
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ReportFormat {
    /// To read
    #[default]
    Text,
    /// A FeatureCollection of the findings
    Geojson,
}

fn level(text: &str) -> Result<Level, String> {
    let number: i64 = text.parse().map_err(|_| "give a level from 1 to 6".to_owned())?;
    Level::new(number).map_err(|error| error.to_string())
}

fn not_negative(text: &str) -> Result<f64, String> {
    let area = text.parse().ok().filter(|area: &f64| area.is_finite() && *area >= 0.0);
    area.ok_or_else(|| "give square metres, 0 or more".to_owned())
}

impl CheckArgs {
    /// Opens the store, reads the atlas, leaves the store, and examines the atlas in memory.
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        let settings =
            Settings { level: self.level, tolerance_m2: self.tolerance, ..Settings::at(Utc::now()) };
        let most = if self.all || self.format == ReportFormat::Geojson { MOST_LISTED } else { LISTED };
        // What lies in no grid lies on no level.
        let is_asked = self.level.is_none();
        let read = async |store: &Store| match is_asked {
            true => store.read_unheld(most).await.map(Some).map_err(Failure::from),
            false => Ok(None),
        };
        let (atlas, report, unheld) = on_read_atlas_and(&config, read, move |atlas, unheld| {
            let (atlas, report) = examine(atlas, &settings);
            (atlas, report, unheld)
        })?;
        self.publish(&atlas, &report, unheld.as_ref())?;
        Ok(ExitCode::from(u8::from(report.count(Severity::Error) > 0)))
    }

    fn publish(&self, atlas: &Atlas, report: &Report, unheld: Option<&Unheld>) -> Result<(), Failure> {
        let text = match self.format {
            ReportFormat::Text => {
                text::render(atlas, report, unheld, self.lang, if self.all { usize::MAX } else { LISTED })
            }
            ReportFormat::Geojson => format!("{}\n", geojson::render(atlas, report, unheld)),
        };
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever read the report has seen enough, as `head` does.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::Environment(format!("cannot write the report: {error}")))
            }
            _ => Ok(()),
        }
    }
}

fn examine(atlas: Atlas, settings: &Settings) -> (Atlas, Report) {
    let bar = progress(atlas.grids().len() as u64);
    let report = check(&atlas, &Principal::open(), settings, &|| bar.inc(1));
    bar.finish_and_clear();
    (atlas, report)
}

/// A bar on a terminal; nothing to a pipe.
fn progress(length: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr()).with_style(style)
}
