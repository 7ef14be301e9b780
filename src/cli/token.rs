//! `gewu token`: API keys for services.

use std::fmt;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::open::{close, open_database};
use super::{Common, Failure, runtime, start_log};
use crate::access::{KeySecret, Role};
use crate::config::{Config, ServerSettings};
use crate::model::{ApiKey, GridId};
use crate::store::{CodeStatus, Store};

/// The area that is everywhere.
const EVERYWHERE: &str = "all";
/// Days that a key may last at most.
const LONGEST_DAYS: i64 = 1_100;
/// Characters of a name at most.
const LONGEST_NAME: usize = 100;

/// Make, list and revoke API keys.
#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    verb: TokenVerb,
}

#[derive(Debug, Subcommand)]
enum TokenVerb {
    /// Make a key, and print it on standard output: this once, since only its hash is kept
    Create(Create),
    /// List all keys: identity, name, roles, areas, when made, until when, and whether they hold
    List,
    /// Revoke a key: within a second no server takes it any more
    Revoke {
        /// Its identity, as `list` shows it
        id: Uuid,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// What the key is for: the name of the service that will hold it
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: String,
    /// What it is there for: public, integrator, worker, grid_office, analyst, commander, auditor, admin; several
    /// times for several
    #[arg(long, value_name = "ROLE", required = true, value_parser = role)]
    role: Vec<Role>,
    /// Code or UUID of a grid below which it opens, or all; several times for several
    #[arg(long, value_name = "GRID", required = true)]
    area: Vec<String>,
    /// When it ends: a number of hours or days such as 12h or 90d, or a date
    #[arg(long, value_name = "WHEN", default_value = "90d", value_parser = expiry)]
    expires: DateTime<Utc>,
}

impl TokenArgs {
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, ServerSettings::default())?;
        let _log = start_log(&config, "warn,sqlx=error")?;
        runtime()?.block_on(async {
            let (cluster, store) = open_database(&config).await?;
            let done = match self.verb {
                TokenVerb::Create(create) => create.run(&store).await,
                TokenVerb::List => list(&store).await,
                TokenVerb::Revoke { id } => revoke(&store, id).await,
            };
            close(cluster, store).await.and(done).map(|()| ExitCode::SUCCESS)
        })
    }
}

impl Create {
    async fn run(self, store: &Store) -> Result<(), Failure> {
        let areas = areas(store, &self.area).await?;
        let secret = KeySecret::new();
        let key = ApiKey {
            id: secret.id,
            hash: secret.hash(),
            name: self.name,
            roles: self.role.iter().map(|role| role.as_str().to_owned()).collect(),
            areas,
            // As the database keeps it.
            created: Utc::now().trunc_subsecs(6),
            expires: self.expires.trunc_subsecs(6),
            revoked: None,
        };
        store.create_api_key(&key).await?;
        let until = key.expires.format("%Y-%m-%d %H:%M UTC");
        eprintln!(
            "密钥只显示这一次，请妥善保存 this key is shown once and kept nowhere: {} ({}), until {until}",
            key.id, key.name
        );
        println!("{}", secret.reveal());
        Ok(())
    }
}

async fn list(store: &Store) -> Result<(), Failure> {
    let now = Utc::now();
    println!("id\tname\troles\tareas\tcreated\texpires\tstate");
    for key in store.api_keys().await? {
        let areas = match &key.areas {
            None => EVERYWHERE.to_owned(),
            Some(grids) => store.codes(grids).await?.join(","),
        };
        let state = match key.revoked {
            Some(revoked) => format!("revoked {}", Day(revoked)),
            None if key.expires <= now => "expired".to_owned(),
            None => "holds".to_owned(),
        };
        let (created, expires) = (Day(key.created), Day(key.expires));
        println!("{}\t{}\t{}\t{areas}\t{created}\t{expires}\t{state}", key.id, key.name, key.roles.join(","));
    }
    Ok(())
}

async fn revoke(store: &Store, id: Uuid) -> Result<(), Failure> {
    match store.revoke_api_key(id).await? {
        true => Ok(()),
        false => Err(Failure::Wanting(format!("there is no key {id}; `gewu token list` names them all"))),
    }
}

/// The grids of these names; `None`: everywhere.
async fn areas(store: &Store, names: &[String]) -> Result<Option<Vec<GridId>>, Failure> {
    if names.iter().any(|name| name == EVERYWHERE) {
        return match names {
            [_] => Ok(None),
            _ => Err(Failure::Usage("--area all is everywhere: give it alone".to_owned())),
        };
    }
    let mut grids = Vec::new();
    for name in names {
        let unknown = |why: &str| Failure::Wanting(format!("there is no grid {name:?} in force{why}"));
        let id = match Uuid::try_parse(name) {
            // Asked as a code, its own one: so it is known to be in force.
            Ok(id) => store.codes(&[GridId(id)]).await?.pop().unwrap_or_default(),
            Err(_) => name.clone(),
        };
        match store.find_code(&id).await? {
            CodeStatus::Current(grid) => grids.push(grid),
            CodeStatus::Retired { successors, .. } => {
                let codes: Vec<_> = successors.iter().map(|grid| grid.code.as_str()).collect();
                return Err(unknown(&format!(": it is retired; its successors are: {}", codes.join(", "))));
            }
            CodeStatus::Unknown => return Err(unknown("")),
        }
    }
    grids.sort_unstable();
    grids.dedup();
    Ok(Some(grids))
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| format!("the roles are {}", Role::ALL.map(Role::as_str).join(", ")))
}

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| format!("give 1 to {LONGEST_NAME} characters on one line"))
}

fn expiry(text: &str) -> Result<DateTime<Utc>, String> {
    let now = Utc::now();
    let hours = |unit: char, hours: i64| {
        let number: Option<i64> = text.strip_suffix(unit)?.parse().ok();
        number.filter(|n| (0..1_000_000).contains(n)).map(|number| now + TimeDelta::hours(hours * number))
    };
    let day = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN).and_utc());
    let instant = || Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc());
    let until = hours('h', 1).or_else(|| hours('d', 24)).or_else(day).or_else(instant);
    let until =
        until.ok_or("give hours or days such as 12h or 90d, a date such as 2027-01-31, or an instant")?;
    match until > now && until <= now + TimeDelta::days(LONGEST_DAYS) {
        true => Ok(until),
        false => Err(format!("a key ends in the future, within {LONGEST_DAYS} days")),
    }
}

/// A date as lists show it.
struct Day(DateTime<Utc>);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_and_not_too_late() {
        let in_days = |text: &str| expiry(text).map(|until| (until - Utc::now()).num_hours() + 1);
        assert_eq!((in_days("90d"), in_days("12h")), (Ok(90 * 24), Ok(12)));
        let day = (Utc::now() + TimeDelta::days(3)).format("%Y-%m-%d").to_string();
        assert!((24..=72).contains(&in_days(&day).unwrap()));
        for wrong in ["0d", "-1d", "2000d", "2020-01-01", "tomorrow", "d", "9999999999d", ""] {
            assert!(expiry(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_stands_on_one_line() {
        assert_eq!(name(" 12345 热线 ").unwrap(), "12345 热线");
        for wrong in ["", "  ", "a\nb", "a\tb", &"x".repeat(101)] {
            assert!(name(wrong).is_err());
        }
    }
}
