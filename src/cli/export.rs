//! `gewu export`: a collection in a file, in the formats that analysts' tools read.

mod asked;
mod target;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::asked::Asked;
use self::target::Target;
use super::open::{close, open_until};
use super::signals::watch_signals;
use super::{Common, Failure, runtime, start_log};
use crate::config::{Config, ServerSettings};
use crate::features::format::{
    CsvEncoder, EncodeError, FeatureCollectionEncoder, FeatureEncoder, FlatGeobufEncoder, GeoJsonSeqEncoder,
    GeoPackageEncoder, GeoParquetEncoder, Shown,
};
use crate::features::{Collections, Export, ExportError};
use crate::store::{Store, TableError};

/// 导出一个集合：网格、建筑、设施或目录中定义的集合。Writes a collection to a file: grids, buildings, facilities, or one that the catalogue defines.
///
/// The features and their order are those of the same request over HTTP. People and workers are never exported.
#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    /// 集合名。Name of the collection
    collection: String,
    /// 格式。Format
    #[arg(long, value_enum)]
    format: Format,
    /// 输出文件，- 为标准输出；完成后才出现。Where to write, - for standard output; a file appears when it is whole
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 过滤条件（CQL2 文本或 JSON）。Only features of which this is true, in CQL2 (text or JSON)
    #[arg(long, value_name = "CQL2")]
    filter: Option<String>,
    /// 经纬度范围：西,南,东,北。Only features that meet this box, in degrees
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// 时刻、日期或时段。Only features of this instant, day or interval; grids as they were then
    #[arg(long, value_name = "TIME")]
    datetime: Option<String>,
    /// 坐标系：OGC:CRS84 或 EPSG:4326、4490、3857、4513–4554。Reference system of the coordinates [default: OGC:CRS84]
    #[arg(long, value_name = "EPSG:N")]
    crs: Option<String>,
    /// 只要这些字段，以逗号分隔。Only these fields, separated by commas
    #[arg(long, value_name = "NAMES")]
    properties: Option<String>,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One GeoJSON document
    Geojson,
    /// GeoJSON text sequence
    Geojsonseq,
    /// CSV, geometries as WKT
    Csv,
    /// GeoPackage
    Gpkg,
    /// FlatGeobuf, without an index
    Fgb,
    /// GeoParquet 1.1
    Parquet,
}

impl ExportArgs {
    /// Opens the store, exports, and closes it again; SIGINT or SIGTERM before the end, and no file is there.
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config =
            Config::load(common.config.as_deref(), common.settings.clone(), ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        let collections = Collections::load(config.catalogue.as_deref())?;
        let target = Target::new(&self.out, self.format != Format::Gpkg)?;
        let runtime = runtime()?;
        let mut end = runtime.block_on(async { watch_signals() })?;
        let (runtime, cluster, store) = open_until(runtime, &config, &mut end)?;
        let outcome = runtime.block_on(async {
            let outcome = tokio::select! {
                outcome = self.export(&collections, &store, target) => outcome,
                _ = end.changed() => Err(Failure::Interrupted),
            };
            close(cluster, store).await?;
            outcome
        });
        runtime.shutdown_background();
        if let Some(done) = outcome? {
            println!("{done}");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What is to be said of it; `None`: the result itself is on standard output.
    async fn export(
        &self,
        collections: &Collections,
        store: &Store,
        mut target: Target,
    ) -> Result<Option<String>, Failure> {
        let Asked { pages, mut query, shown } = Asked::read(self, collections, store).await?;
        let bar = progress();
        query.is_counted = !bar.is_hidden();
        let encoder = self.encoder(&shown, &target)?;
        let mut export = Export::new(pages, encoder, query);
        while let Some(bytes) = export.next().await? {
            if !target.write(bytes).await? {
                return Ok(None);
            }
            export.matched().into_iter().for_each(|matched| bar.set_length(matched));
            bar.set_position(export.written());
        }
        bar.finish_and_clear();
        let bytes = target.finish().await?;
        let said = |bytes| format!("{}: {} features, {bytes} bytes", self.out.display(), export.written());
        Ok(bytes.map(said))
    }

    fn encoder(&self, shown: &Shown, target: &Target) -> Result<Box<dyn FeatureEncoder>, Failure> {
        let is_geojson = matches!(self.format, Format::Geojson | Format::Geojsonseq);
        if is_geojson && !shown.crs.is_as_kept() {
            return Err(Failure::Usage(
                "--crs: GeoJSON 只用经纬度，请用 gpkg、fgb 或 parquet a GeoJSON file is in longitude and latitude (RFC 7946); take gpkg, fgb or parquet"
                    .to_owned(),
            ));
        }
        Ok(match self.format {
            Format::Geojson => Box::new(FeatureCollectionEncoder::new(shown)),
            Format::Geojsonseq => Box::new(GeoJsonSeqEncoder::new(shown)),
            Format::Csv => Box::new(CsvEncoder::new(shown)),
            Format::Gpkg => Box::new(GeoPackageEncoder::create(target.path(), shown)?),
            Format::Fgb => Box::new(FlatGeobufEncoder::new(shown)),
            Format::Parquet => Box::new(GeoParquetEncoder::new(shown)?),
        })
    }
}

/// A bar on a terminal; nothing to a pipe.
fn progress() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style)
}

impl From<EncodeError> for Failure {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Crs(error) => Self::Wanting(format!(
                "--crs: 有要素超出此坐标系的范围 a feature lies where this reference system does not reach: {error}"
            )),
            EncodeError::Format(_) => Self::Environment(error.to_string()),
        }
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Unfit { .. } | TableError::Personal { .. } => Self::Usage(error.to_string()),
            TableError::TooSlow { .. } => {
                Self::Environment(format!("{error} for a page of features (time_limit_ms of the catalogue)"))
            }
            _ => Self::Environment(error.to_string()),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Table(error) => error.into(),
            ExportError::Encode(error) => error.into(),
            ExportError::Ended(_) => Self::Environment(error.to_string()),
        }
    }
}
