//! `gewu person`: all that is held of one person, and taking it away, when that person asks.

use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::open::{close, open_store};
use super::{Common, Failure, runtime, start_log};
use crate::config::{Config, ServerSettings};
use crate::model::rfc3339;
use crate::store::{Erased, ResidentFields, ResidentsQuery, Store};

/// Residents that a search by name or phone names at most.
const MOST: u32 = 100;

/// Give out or take away all that is held of one person.
#[derive(Debug, Args)]
pub(super) struct PersonArgs {
    #[command(subcommand)]
    verb: PersonVerb,
}

#[derive(Debug, Subcommand)]
enum PersonVerb {
    /// Write all that is held of a resident or worker as JSON: the row, its changes, and who read it
    Export(Export),
    /// Take residents or workers away for good: rows and traces; the audit log keeps that it was done
    Erase(Erase),
    /// List who was erased, by identities that mean nothing any more: keep the list outside the database, and after a backup was restored erase
    /// the same again by `gewu person erase --again`
    Erased,
}

#[derive(Debug, Args)]
struct Export {
    /// The identity of a resident or worker
    #[arg(required_unless_present_any = ["phone", "name"], conflicts_with_all = ["phone", "name"])]
    id: Option<Uuid>,
    /// A resident by exactly this phone; - reads it from standard input, where no other program sees it
    #[arg(long, value_name = "PHONE")]
    phone: Option<String>,
    /// A resident by exactly this name; - reads it from standard input
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The file to write, for its owner only [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Erase {
    /// Their identities
    #[arg(required_unless_present = "again", conflicts_with = "again")]
    ids: Vec<Uuid>,
    /// Erase again all that a list names which `gewu person erased` wrote: after a backup was restored
    #[arg(long, value_name = "FILE")]
    again: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl PersonArgs {
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        if let PersonVerb::Erase(erase) = &self.verb {
            erase.confirm()?;
        }
        runtime()?.block_on(async {
            let (cluster, store) = open_store(&config).await?;
            let done = match self.verb {
                PersonVerb::Export(export) => export.run(&store).await,
                PersonVerb::Erase(erase) => erase.run(&store).await,
                PersonVerb::Erased => list(&store).await,
            };
            close(cluster, store).await.and(done).map(|()| ExitCode::SUCCESS)
        })
    }
}

impl Export {
    async fn run(self, store: &Store) -> Result<(), Failure> {
        let id = match self.id {
            Some(id) => id,
            None => self.find(store).await?,
        };
        let person = store.export_person(id).await?.ok_or_else(|| unknown(id))?;
        let text = format!("{person:#}\n");
        let written = match &self.out {
            Some(file) => own_file(file).and_then(|mut out| out.write_all(text.as_bytes())),
            None => io::stdout().write_all(text.as_bytes()),
        };
        written.map_err(|error| Failure::Environment(format!("the export cannot be written: {error}")))
    }

    /// The one resident with this name and phone.
    async fn find(&self, store: &Store) -> Result<Uuid, Failure> {
        let query = ResidentsQuery {
            areas: None,
            within: None,
            fields: ResidentFields { name: true, phone: true, ..ResidentFields::default() },
            id: None,
            name: typed("name", self.name.as_deref())?,
            phone: typed("phone", self.phone.as_deref())?,
            after: None,
            limit: MOST,
        };
        let found = store.residents(&query).await?;
        match found.as_slice() {
            [only] => Ok(only.id.0),
            [] => Err(Failure::Wanting("查无此人 no resident has this name or phone".to_owned())),
            several => {
                let ids: Vec<_> = several.iter().map(|one| one.id.0.to_string()).collect();
                Err(Failure::Wanting(format!(
                    "several residents have it; give one identity: {}",
                    ids.join(", ")
                )))
            }
        }
    }
}

impl Erase {
    /// Asks on a terminal; elsewhere only `--yes` will do.
    fn confirm(&self) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::Usage("不可恢复 this cannot be undone: add --yes".to_owned()));
        }
        let whom = match &self.again {
            Some(file) => format!("all of {}", file.display()),
            None => self.ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", "),
        };
        eprint!("不可恢复 this cannot be undone. Erase {whom}? (yes/no) ");
        match line("an answer")?.as_str() {
            "yes" => Ok(()),
            _ => Err(Failure::Usage("nothing was erased".to_owned())),
        }
    }

    async fn run(self, store: &Store) -> Result<(), Failure> {
        let (ids, again) = match &self.again {
            Some(file) => (read_list(file)?, true),
            None => (self.ids, false),
        };
        let (mut done, mut wanting) = (0_u64, Vec::new());
        for id in ids {
            match store.erase_person(id).await? {
                Erased::Resident { source, source_id } => {
                    done += 1;
                    eprintln!(
                        "已删除 erased {id}; the source {source:?} has them as {source_id:?}: an import from there would bring them back"
                    );
                }
                Erased::Worker => {
                    done += 1;
                    eprintln!("已删除 erased {id}: who answered for which grid when stays, without a name");
                }
                Erased::Nobody if again => {}
                Erased::Nobody => wanting.push(unknown(id).to_string()),
                Erased::Serving(grids) => wanting
                    .push(format!("{id} serves in {grids} grids now or later: end these assignments first")),
            }
        }
        if done > 0
            && let Err(error) = store.vacuum_people().await
        {
            tracing::warn!(
                "the space of what was erased is not yet free to be written over; run: vacuum gewu.person: {error}"
            );
        }
        println!("{done}");
        if wanting.is_empty() { Ok(()) } else { Err(Failure::Wanting(wanting.join("\n"))) }
    }
}

async fn list(store: &Store) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written =
        store.erased().await?.iter().try_for_each(|(id, at)| writeln!(out, "{id}\t{}", rfc3339(*at)));
    written.map_err(|error| Failure::Environment(format!("the list cannot be printed: {error}")))
}

fn unknown(id: Uuid) -> Failure {
    Failure::Wanting(format!("查无此人 nobody has the identity {id}: neither a resident nor a worker"))
}

fn read_list(file: &Path) -> Result<Vec<Uuid>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let id = line.split_whitespace().next().unwrap_or_default();
            Uuid::try_parse(id).map_err(|_| {
                let line = number + 1;
                Failure::Usage(format!(
                    "{}, line {line}: {id:?} is no identity; give the list of `gewu person erased`",
                    file.display()
                ))
            })
        })
        .collect()
}

/// What was typed, or a line of standard input.
fn typed(what: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    match text {
        None => Ok(None),
        Some("-") => line(what).map(Some),
        Some(text) => Ok(Some(text.to_owned())),
    }
}

fn line(what: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin().lock().read_line(&mut text);
    read.map_err(|error| Failure::Environment(format!("{what} cannot be read: {error}")))?;
    Ok(text.trim().to_owned())
}

fn own_file(file: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}
