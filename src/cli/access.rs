//! `gewu access`: why a caller sees what it sees.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::token::role;
use super::{Common, Failure};
use crate::access::{Areas, Identity, Means, PersonalField, Policy, Purpose, Role};
use crate::config::{AccessSettings, Config, ServerSettings};

/// 说明谁能看到什么。Explain who may see what of people and workers.
#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    #[command(subcommand)]
    verb: AccessVerb,
}

#[derive(Debug, Subcommand)]
enum AccessVerb {
    /// 说明某类调用者能否看到某个字段，依据是什么。What a caller with these roles sees of a field, in its areas and beyond, and by which lines of which file
    Explain(Explain),
}

#[derive(Debug, Args)]
struct Explain {
    /// 角色。The role of the caller: public, integrator, worker, grid_office, analyst, commander, auditor, admin; several times for several
    #[arg(long = "as", value_name = "ROLE", required = true, value_parser = role)]
    roles: Vec<Role>,
    /// 字段，缺省为全部。A field such as people.name; by default all of them
    #[arg(long, value_name = "FIELD", value_parser = field)]
    field: Option<PersonalField>,
    /// 用途。The purpose that the caller names
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<String>,
    /// 不限区域。The areas of the caller are everywhere
    #[arg(long)]
    everywhere: bool,
    /// 权限文件。The policy that is in force [default: that of the settings]
    #[arg(long, value_name = "FILE", env = "GEWU_ACCESS_POLICY")]
    access_policy: Option<std::path::PathBuf>,
}

fn field(text: &str) -> Result<PersonalField, String> {
    let known = || PersonalField::ALL.map(|field| [field.path().0, field.path().1].join("."));
    PersonalField::parse(text).ok_or_else(|| format!("the fields are {}", known().join(", ")))
}

impl AccessArgs {
    pub(super) fn run(self, common: Common) -> Result<ExitCode, Failure> {
        let AccessVerb::Explain(asked) = self.verb;
        let access =
            AccessSettings { access_policy: asked.access_policy.clone(), ..AccessSettings::default() };
        let server = ServerSettings { access, ..ServerSettings::default() };
        let config = Config::load(common.config.as_deref(), common.settings, server)?;
        asked.tell(&config)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Explain {
    fn tell(&self, config: &Config) -> Result<(), Failure> {
        let loaded = config.access.policy.as_deref().map(Policy::load).transpose();
        let loaded = loaded.map_err(|error| Failure::Usage(error.to_string()))?;
        let policy = loaded.as_ref().unwrap_or(Policy::embedded());
        let purpose = self.purpose.as_deref().map(|name| {
            Purpose::of(name, &config.access.purposes).ok_or_else(|| {
                Failure::Usage(format!(
                    "--purpose {name}: the purposes are {}",
                    config.access.purposes.join(", ")
                ))
            })
        });
        let purpose = purpose.transpose()?;
        let identity = Identity {
            subject: "explained".to_owned(),
            means: Means::Token,
            roles: self.roles.iter().copied().collect(),
            areas: if self.everywhere { Areas::All } else { Areas::none() },
            worker: None,
            until: None,
        };
        let all = PersonalField::ALL;
        for field in all.iter().filter(|field| self.field.is_none_or(|one| one == **field)) {
            print!("{}", policy.explain(&identity, purpose.as_ref(), *field));
        }
        Ok(())
    }
}
