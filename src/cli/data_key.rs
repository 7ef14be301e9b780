//! `gewu data-key`: the keys that seal names and phones: made, counted, and put in the place of older ones.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget};
use tokio::sync::watch;
use uuid::Uuid;

use super::open::{close, data_key_file, open_until};
use super::signals::watch_signals;
use super::{Common, Failure, runtime, start_log};
use crate::config::{Config, ServerSettings};
use crate::seal::{KeyId, Keyring};
use crate::store::{Cursor, SealedTable, Store};

/// Rows that are named where they cannot be opened; of more the number is told.
const NAMED: usize = 20;

/// Make the keys that seal names and phones, and seal anew.
#[derive(Debug, Args)]
pub(super) struct DataKeyArgs {
    #[command(subcommand)]
    verb: DataKeyVerb,
}

#[derive(Debug, Subcommand)]
enum DataKeyVerb {
    /// Put a new key before those of a file, or make the file (mode 0600) with one; the database is not touched. Give the file to
    /// every server, then run `gewu data-key rekey`
    New {
        /// The file [default: that of the settings]
        file: Option<PathBuf>,
    },
    /// Count, column by column, what which key sealed and what is in the clear
    Status,
    /// Seal with the newest key whatever another key sealed or is in the clear: a thousand rows at a time, while servers answer; it may be
    /// ended and begun again at any time
    Rekey,
}

impl DataKeyArgs {
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        let rekey = match self.verb {
            DataKeyVerb::New { file } => return new(&file.unwrap_or_else(|| data_key_file(&config))),
            DataKeyVerb::Status => false,
            DataKeyVerb::Rekey => true,
        };
        let runtime = runtime()?;
        let mut end = runtime.block_on(async { watch_signals() })?;
        let (runtime, cluster, store) = open_until(runtime, &config, &mut end)?;
        runtime.block_on(async {
            let done = match rekey {
                true => reseal(&store, &mut end).await,
                false => status(&store).await,
            };
            close(cluster, store).await.and(done)
        })
    }
}

fn new(file: &std::path::Path) -> Result<ExitCode, Failure> {
    println!("{}", Keyring::add_key(file)?);
    eprintln!("写入 {}; 请另存副本 keep a copy of it, apart from copies of the database", file.display());
    Ok(ExitCode::SUCCESS)
}

async fn status(store: &Store) -> Result<ExitCode, Failure> {
    let newest = store.sealer().keys().map(Keyring::newest);
    println!("column\tkey\tvalues");
    for found in store.sealed_columns().await? {
        let key = match found.key {
            None => "none".to_owned(),
            Some(key) if Some(key) == newest => format!("{key} (newest)"),
            Some(key) => key.to_string(),
        };
        println!("{}\t{key}\t{}", found.column, found.values);
    }
    Ok(ExitCode::SUCCESS)
}

async fn reseal(store: &Store, end: &mut watch::Receiver<bool>) -> Result<ExitCode, Failure> {
    let mut rows = 0;
    let mut broken = Vec::new();
    for table in SealedTable::ALL {
        let progress = progress(store.count_to_reseal(table).await?);
        let done = reseal_table(store, table, end, &progress, &mut broken).await;
        progress.finish_and_clear();
        rows += done?;
    }
    let left = store.settle_keys().await?;
    println!("{rows}");
    tell(&left, store.sealer().keys().map(Keyring::newest), &broken)
}

/// How many rows of a table were sealed anew; what cannot be opened is added to `broken`. What was done is noted, whether to the end or not.
async fn reseal_table(
    store: &Store,
    table: SealedTable,
    end: &mut watch::Receiver<bool>,
    progress: &ProgressBar,
    broken: &mut Vec<Uuid>,
) -> Result<u64, Failure> {
    let (mut rows, mut next, mut ended) = (0, Some(Cursor::default()), false);
    while let (Some(cursor), false) = (next, ended) {
        // A batch that was begun is ended: it is short.
        let batch = store.reseal(table, cursor).await?;
        rows += batch.rows;
        broken.extend(batch.broken);
        progress.inc(batch.rows);
        next = batch.next;
        ended = *end.borrow_and_update();
    }
    if rows > 0 {
        store.append_audit_of_login("rekey", table.entity(), rows).await?;
    }
    if ended { Err(Failure::Interrupted) } else { Ok(rows) }
}

/// What is left to say after all rows were gone through.
fn tell(used: &[KeyId], newest: Option<KeyId>, broken: &[Uuid]) -> Result<ExitCode, Failure> {
    if broken.is_empty() {
        let former: Vec<_> =
            used.iter().filter(|key| Some(**key) != newest).map(ToString::to_string).collect();
        match former.is_empty() {
            true => eprintln!(
                "旧密钥不再使用 no older key seals anything here; copies of the database from before still need theirs"
            ),
            false => eprintln!("仍在使用 still in use: {}", former.join(", ")),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let named: Vec<_> = broken.iter().take(NAMED).map(ToString::to_string).collect();
    Err(Failure::Wanting(format!(
        "{} rows are not as they were sealed, and stay as they are: {}; import them again",
        broken.len(),
        named.join(", ")
    )))
}

/// A bar on a terminal, silence in a pipe.
fn progress(rows: u64) -> ProgressBar {
    match std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        true => ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr()),
        false => ProgressBar::hidden(),
    }
}
