//! `gewu audit`: is the log of who looked at what whole, and what does it say?

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::open::{close, open_database};
use super::{Common, Failure, runtime, start_log};
use crate::access::{AuditAction, Broken, Chain, Head};
use crate::config::{Config, ServerSettings};
use crate::model::{AuditEntry, AuditQuery, rfc3339};
use crate::store::{Store, StoreError};

/// Entries that are read at a time.
const PAGE: usize = 500;
/// Entries that are listed, unless more are asked for.
const LISTED: usize = 1_000;

/// Check and read the log of who looked at what.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    /// Find out whether a row was removed, changed or moved, and print the head of the log: keep it elsewhere, since only
    /// a head from before tells that the end was cut off
    Verify {
        /// A head that was printed before, NUMBER:HASH
        #[arg(long, value_name = "HEAD")]
        head: Option<Head>,
    },
    /// Print the log, a line an entry; this is itself noted in it
    List(List),
}

#[derive(Debug, Args)]
struct List {
    /// Entries behind this number
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: i64,
    /// Entries of one subject
    #[arg(long)]
    subject: Option<String>,
    /// Entries about one kind of thing: people, workers, assignments, absences, api_key, break_glass, audit
    #[arg(long)]
    entity: Option<String>,
    /// So many at most
    #[arg(long, value_name = "NUMBER", default_value_t = LISTED)]
    limit: usize,
}

impl AuditArgs {
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        runtime()?.block_on(async {
            let (cluster, store) = open_database(&config).await?;
            let done = match self.verb {
                AuditVerb::Verify { head } => verify(&store, head).await,
                AuditVerb::List(list) => list.run(&store).await,
            };
            close(cluster, store).await.and(done).map(|()| ExitCode::SUCCESS)
        })
    }
}

async fn verify(store: &Store, known: Option<Head>) -> Result<(), Failure> {
    let head = check(store, known)
        .await?
        .map_err(|broken| Failure::Wanting(format!("审计日志不完整 the audit log is not whole: {broken}")))?;
    eprintln!("审计日志完整 the audit log is whole: {} rows; keep this head elsewhere", head.id);
    println!("{head}");
    Ok(())
}

async fn check(store: &Store, known: Option<Head>) -> Result<Result<Head, Broken>, StoreError> {
    let mut chain = Chain::new(known);
    let followed = store.read_audit(|entry| chain.follow(&entry)).await?;
    Ok(followed.and_then(|()| chain.end()))
}

impl List {
    async fn run(self, store: &Store) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let mut query =
            AuditQuery { after: self.after, subject: self.subject, entity: self.entity, limit: 0 };
        let mut left = self.limit;
        let printed =
            writeln!(out, "id\tat\tsubject\troles\tpurpose\taction\tentity\trows\tids\tarea\torigin");
        let mut printed = printed.map_err(|error| not_printed(&error));
        while left > 0 && printed.is_ok() {
            query.limit = left.min(PAGE);
            let page = store.audit_page(&query).await?;
            let Some(last) = page.last() else { break };
            // First it is noted, then it is shown.
            store.append_audit_of_login(AuditAction::Read.as_str(), "audit", page.len() as u64).await?;
            query.after = last.id;
            let is_last = page.len() < query.limit;
            left -= page.len();
            printed = page
                .iter()
                .try_for_each(|entry| writeln!(out, "{}", line(entry)))
                .map_err(|error| not_printed(&error));
            if is_last {
                break;
            }
        }
        printed.and_then(|()| out.flush().map_err(|error| not_printed(&error)))
    }
}

fn not_printed(error: &io::Error) -> Failure {
    Failure::Environment(format!("the list cannot be printed: {error}"))
}

fn line(entry: &AuditEntry) -> String {
    let event = &entry.event;
    let ids = |ids: &[uuid::Uuid]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let area = event.area.as_deref().map_or_else(|| "all".to_owned(), ids);
    [
        entry.id.to_string(),
        rfc3339(entry.at),
        plain(&event.subject),
        plain(&event.roles.join(",")),
        plain(event.purpose.as_deref().unwrap_or_default()),
        plain(&event.action),
        plain(&event.entity),
        event.rows.to_string(),
        ids(&event.ids),
        area,
        plain(&event.origin),
    ]
    .join("\t")
}

/// A subject comes from a provider: nothing in it moves the cursor or begins a line.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}
