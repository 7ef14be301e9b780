//! `gewu bake`: the tile pyramid in one file.

use std::io::{self, IsTerminal};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::follow::Reading;
use super::offline::on_atlas;
use super::{Common, Failure, start_log};
use crate::access::{Policy, Principal};
use crate::atlas::{Atlas, Purpose};
use crate::config::{AccessSettings, Config, ServerSettings};
use crate::geom::TileId;
use crate::tiles::bake::{BakeError, Baked, Job, Kind, Step, bake};
use crate::tiles::{Budget, Selection, Tilesets};

/// 把全部矢量瓦片写成一个 PMTiles 或 MBTiles 文件；中断后再次运行即可续作。Writes all vector tiles into one file.
///
/// An interrupted bake leaves FILE.unfinished and FILE.contents (and of MBTiles it may leave FILE.growing, which the next one writes over); the same
/// command goes on from there, as long as the data are of the same revision.
#[derive(Debug, Clone, Args)]
pub(super) struct BakeArgs {
    /// 输出文件：.pmtiles 或 .mbtiles。Where to write: a name that ends in .pmtiles or .mbtiles; appears when done
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 级别范围。The zooms, first and last
    #[arg(long, value_name = "FIRST-LAST", default_value = "0-14", value_parser = zooms)]
    zoom: RangeInclusive<u8>,
    /// 瓦片集，以逗号分隔；缺省为全部（数据库表除外）。Tilesets, separated by commas; by default all but those of tables
    #[arg(long, value_name = "NAMES")]
    tilesets: Option<String>,
    /// 单块瓦片的字节预算（千字节，未压缩）。Kilobytes that a tile may have, not compressed [default: 500]
    #[arg(long, value_name = "KB", env = "GEWU_TILE_BUDGET_KB")]
    tile_budget_kb: Option<u64>,
    /// 谁可以看什么的规则文件。The policy of the servers that will show it: whether tiles count people at all
    #[arg(long, value_name = "FILE", env = "GEWU_ACCESS_POLICY", hide_short_help = true)]
    access_policy: Option<PathBuf>,
    /// 至多工作若干分钟，下次续作。Work so many minutes at most, and go on another time
    #[arg(long, value_name = "N", value_parser = minutes)]
    minutes: Option<Duration>,
}

fn zooms(text: &str) -> Result<RangeInclusive<u8>, String> {
    let zoom = |text: &str| text.trim().parse::<u8>().ok().filter(|zoom| *zoom <= TileId::MAX_ZOOM);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (zoom(first), zoom(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(format!("give zooms such as 0-14, within 0 to {}", TileId::MAX_ZOOM)),
    }
}

fn minutes(text: &str) -> Result<Duration, String> {
    let minutes = text.parse().ok().filter(|minutes: &f64| *minutes > 0.0 && *minutes < 1e6);
    let minutes = minutes.ok_or_else(|| "give minutes, more than 0".to_owned())?;
    Ok(Duration::from_secs_f64(minutes * 60.0))
}

impl BakeArgs {
    /// Opens the store, reads the atlas (or has the one that a server saved), leaves the store, and bakes from memory.
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let access =
            AccessSettings { access_policy: self.access_policy.clone(), ..AccessSettings::default() };
        let server =
            ServerSettings { tile_budget_kb: self.tile_budget_kb, access, ..ServerSettings::default() };
        let config = Config::load(common.config.as_deref(), common.settings, server)?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        let tilesets = Tilesets::load(config.catalogue.as_deref())?;
        let kind = Kind::of(&self.out).ok_or_else(|| {
            let out = self.out.display();
            Failure::Usage(format!("--out {out}: give a name that ends in .pmtiles or .mbtiles"))
        })?;
        let out = self.out.clone();
        let budget = Budget::bytes(config.tile_budget_bytes);
        let who = anybody_under(config.access.policy.as_deref())?;
        let scope = self.select(&tilesets)?.scope();
        let baked = on_atlas(&config, Reading { purpose: Purpose::Envelopes, scope }, move |atlas| {
            let baked = self.bake(&atlas, &who, &tilesets, kind, budget);
            // The process ends: to give the memory back piece by piece takes a while and helps nobody.
            std::mem::forget(atlas);
            baked
        });
        match baked {
            Err(Failure::Interrupted) => {
                eprintln!("gewu: 再次运行同一命令即可续作 the same command goes on where this one stopped");
                Err(Failure::Interrupted)
            }
            Err(failure) => Err(failure),
            Ok(baked) => conclude(&baked?, &out),
        }
    }

    /// The tilesets that were named, or all that are made from memory.
    fn select<'a>(&self, tilesets: &'a Tilesets) -> Result<Selection<'a>, Failure> {
        let all = || tilesets.names_from_memory().collect::<Vec<_>>().join(",");
        let names = self.tilesets.clone().unwrap_or_else(all);
        let selection = tilesets.select(&names).map_err(|error| Failure::Usage(error.to_string()))?;
        let table = selection.tables().next();
        match table {
            None => Ok(selection),
            Some((layer, table)) => Err(Failure::Usage(format!(
                "--tilesets {names}: the layer {layer} comes from the table {}; only tilesets made from memory are baked: {}",
                table.relation,
                all()
            ))),
        }
    }

    fn bake(
        &self,
        atlas: &Atlas,
        who: &Principal,
        tilesets: &Tilesets,
        kind: Kind,
        budget: Budget,
    ) -> Result<Baked, Failure> {
        let selection = self.select(tilesets)?;
        let deepest = selection.deepest_zoom();
        if *self.zoom.end() > deepest {
            return Err(Failure::Usage(format!(
                "--zoom: these tilesets have tiles of their own down to zoom {deepest}; a map stretches those beyond"
            )));
        }
        let until = self.minutes.map(|minutes| Instant::now() + minutes);
        let job = Job { selection, zooms: self.zoom.clone(), kind, out: self.out.clone(), budget, until };
        let bar = progress();
        let baked = bake(atlas, who, &job, &mut |step| tell(step, &bar));
        bar.finish_and_clear();
        Ok(baked?)
    }
}

/// Whoever reads what a server gives to everybody, under the policy of a file or that of the program.
fn anybody_under(policy: Option<&Path>) -> Result<Principal, Failure> {
    let Some(file) = policy else { return Ok(Principal::open()) };
    let policy = Policy::load(file).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(Principal::open().under(&policy))
}

fn tell(step: Step, bar: &ProgressBar) {
    match step {
        Step::Anew => bar.suspend(|| {
            eprintln!(
                "gewu: 未完成的文件属于别的数据或选项，重新开始 the unfinished file is of other data or of another choice: starting anew"
            );
        }),
        Step::GoesOn(tiles) => bar.suspend(|| {
            eprintln!("gewu: 从已完成的 {tiles} 块瓦片续作 going on after {tiles} tiles");
        }),
        Step::Begins(ahead) => bar.set_length(ahead),
        Step::Made(more) => bar.inc(more),
        Step::Ordering => bar.set_message("整理 putting in order"),
    }
}

fn conclude(baked: &Baked, out: &Path) -> Result<ExitCode, Failure> {
    match baked {
        Baked::Whole { tiles, contents, coarsened, bytes } => {
            println!("{}: {tiles} tiles, {contents} different, {bytes} bytes", out.display());
            if *coarsened > 0 {
                println!(
                    "{coarsened} 块瓦片超出预算，已适当简化 tiles over their budget were drawn more coarsely"
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Baked::Unfinished { tiles } => Err(Failure::Environment(format!(
            "时间已到，已完成 {tiles} 块瓦片，再次运行即可续作 the time was up after {tiles} tiles; the same command goes on"
        ))),
    }
}

impl From<BakeError> for Failure {
    fn from(error: BakeError) -> Self {
        match error {
            BakeError::Nothing { .. } => Self::Wanting(error.to_string()),
            other => Self::Environment(other.to_string()),
        }
    }
}

/// A bar on a terminal; nothing to a pipe.
fn progress() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {per_sec} {eta} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooms_are_one_or_two_numbers_in_order() {
        assert_eq!(zooms("0-14"), Ok(0..=14));
        assert_eq!(zooms("7"), Ok(7..=7));
        for wrong in ["", "-", "14-0", "0-25", "a-b", "1-2-3", "0–14", "-3"] {
            assert!(zooms(wrong).is_err(), "{wrong:?}");
        }
    }
}
