//! Who runs the server? PostgreSQL refuses to run as root, so root hands it to another user.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::ClusterError;

/// The operating system user that runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Numeric user and group when the server runs as somebody else than gewu does.
    other: Option<(u32, u32)>,
    /// The names that may connect: the caller's, and the one that owns the data.
    pub(super) names: Vec<String>,
}

impl Account {
    /// The caller; for root, the owner of existing data, or else the user `postgres`.
    pub(super) fn choose(data: &Path) -> Result<Self, ClusterError> {
        let me = rustix::process::geteuid();
        let own_name = ask(&["-un"]).unwrap_or_else(|| me.as_raw().to_string());
        if !me.is_root() {
            return Ok(Self { other: None, names: vec![own_name] });
        }
        let owner = std::fs::metadata(data).ok().map(|data| (data.uid(), data.gid()));
        let (user, group) = match owner {
            Some(owner) if owner.0 != 0 => owner,
            _ => postgres().ok_or(ClusterError::NoServerUser)?,
        };
        let server_name = ask(&["-un", &user.to_string()]).filter(|name| name != "postgres");
        let names = [Some(own_name), server_name].into_iter().flatten().collect();
        Ok(Self { other: Some((user, group)), names })
    }

    /// A command that runs as this user, with nothing of the caller's environment but the search path.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8").current_dir("/");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }

    /// Can this user enter the directory? Asked by entering it, since access lists and mounts count too.
    pub(super) fn can_enter(&self, directory: &Path) -> bool {
        self.other.is_none()
            || self.command(Path::new("/bin/true")).current_dir(directory).status().is_ok_and(|s| s.success())
    }

    /// Makes a directory this user's own.
    pub(super) fn give(&self, directory: &Path) -> Result<(), ClusterError> {
        let Some((user, group)) = self.other else { return Ok(()) };
        std::os::unix::fs::chown(directory, Some(user), Some(group))
            .map_err(ClusterError::file("cannot give to the server's user", directory))
    }
}

fn postgres() -> Option<(u32, u32)> {
    let user = ask(&["-u", "postgres"])?.parse().ok()?;
    let group = ask(&["-g", "postgres"])?.parse().ok()?;
    Some((user, group))
}

/// `id` knows users of every kind of directory service, a file of users does not.
fn ask(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
