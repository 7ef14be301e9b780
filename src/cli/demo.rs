//! `gewu demo`: prepares the sample region and serves it.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{NaiveTime, Utc};
use indicatif::ProgressBar;

use super::open::{data_key_file, make_data_key};
use super::serve::serve;
use super::{Common, Failure, start_log};
use crate::config::{Config, ServerSettings};
use crate::store::{ImportKind, Store};
use crate::synth::{Plan, Provenance, Region, SynthError, sample_inputs, sample_region};

/// Prepare the sample region, then serve it.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    #[command(flatten)]
    settings: ServerSettings,
}

impl Demo {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, self.settings)?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        let data_dir = config.data_dir.clone();
        let key = data_key_file(&config);
        if !key.exists() {
            make_data_key(&key)?;
        }
        serve(config, |store| async move { prepare(&store, &data_dir).await })
    }
}

/// Loads the sample region into a store that holds no grids yet; one that holds some is left as it is.
pub async fn prepare(store: &Store, data_dir: &Path) -> Result<(), Failure> {
    if store.latest_revision().await? > 0 {
        return Ok(());
    }
    let progress = progress_bar();
    let region = invent(data_dir.to_owned(), progress.clone()).await?;
    let loading = Instant::now();
    load(store, &region, &progress).await?;
    progress.finish_and_clear();
    tracing::info!(seconds = loading.elapsed().as_secs_f32(), "the sample region is stored");
    Ok(())
}

async fn invent(data_dir: std::path::PathBuf, progress: ProgressBar) -> Result<Region, Failure> {
    let work = move || {
        progress.set_message("正在获取大理的区划边界与名称 fetching boundaries and names of Dali");
        let (inputs, provenance) = sample_inputs(&data_dir)?;
        let mut plan = Plan::dali();
        if let Provenance::BuiltIn(reason) = provenance {
            tracing::warn!("a small invented region takes the place of Dali: {reason}");
            plan = Plan::small();
        }
        // Absences and assignments are dated around today, so that substitutes are on duty when one looks.
        plan.today = Utc::now().date_naive().and_time(NaiveTime::MIN).and_utc();
        sample_region(&inputs, &plan, &|step, share| {
            progress.set_message(format!(
                "正在生成示例数据 inventing the sample: {step:?} {:.0}%",
                share * 100.0
            ));
        })
    };
    let invented: Result<Region, SynthError> =
        tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Environment(error.to_string()))?;
    Ok(invented?)
}

/// Stores a region in one transaction, as one revision.
pub async fn load(store: &Store, region: &Region, progress: &ProgressBar) -> Result<i64, Failure> {
    let mut import = store.begin_import(ImportKind::Sample, "示例数据 sample region").await?;
    let say = |what: &str, rows: usize| progress.set_message(format!("正在入库 storing: {rows} {what}"));
    import.put_level_scheme(&region.levels).await?;
    say("grids", region.grids.len());
    import.put_grids(&region.grids).await?;
    say("workers", region.workers.len());
    import.put_workers(&region.workers).await?;
    import.put_assignments(&region.assignments).await?;
    import.put_absences(&region.absences).await?;
    for (collection, rows) in
        [("buildings", &region.buildings), ("facilities", &region.facilities), ("people", &region.people)]
    {
        say(collection, rows.len());
        import.put_resources(collection, rows).await?;
    }
    Ok(import.commit().await?)
}

/// A spinner on a terminal, silence in a pipe.
fn progress_bar() -> ProgressBar {
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(120));
    progress
}
