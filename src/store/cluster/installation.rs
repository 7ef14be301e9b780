//! Which of the machine's PostgreSQL installations serves?

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// The version that Debian 12 has; named when nothing is installed and nothing better is known.
const USUAL_VERSION: &str = "15";

/// A PostgreSQL installation with PostGIS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    /// Where `postgres`, `initdb` and `pg_ctl` are.
    pub(super) bin: PathBuf,
    /// The major version, such as `15`.
    pub(super) major: String,
}

impl Installation {
    /// The newest installation with PostGIS; for existing data, the one of the version that wrote them.
    pub(super) fn find(data: &Path) -> Result<Self, ClusterError> {
        let found = installed();
        let with_postgis: Vec<&Self> = found.iter().filter(|one| one.has_postgis()).collect();
        if let Some(needed) = version_of(data) {
            let same = with_postgis.into_iter().find(|one| one.major == needed);
            return same
                .cloned()
                .ok_or_else(|| ClusterError::OtherVersion { directory: data.to_owned(), needed });
        }
        match (with_postgis.first(), found.first()) {
            (Some(best), _) => Ok((*best).clone()),
            (None, Some(bare)) => Err(ClusterError::NoPostgis(bare.major.clone())),
            (None, None) => {
                Err(ClusterError::NoPostgres(packaged().unwrap_or_else(|| USUAL_VERSION.to_owned())))
            }
        }
    }

    /// A program of this installation.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    fn at(bin: &Path) -> Option<Self> {
        if !["postgres", "initdb", "pg_ctl"].iter().all(|name| bin.join(name).is_file()) {
            return None;
        }
        let version = output(Command::new(bin.join("postgres")).arg("--version"))?;
        Some(Self { bin: bin.to_owned(), major: major_of(&version)? })
    }

    /// Where extensions are described: Debian's place, or the one that `pg_config` names. Unknown counts as there: the
    /// migration says it then.
    fn has_postgis(&self) -> bool {
        let debian = PathBuf::from(format!("/usr/share/postgresql/{}", self.major));
        let told = output(Command::new(self.program("pg_config")).arg("--sharedir")).map(PathBuf::from);
        let mut known = [Some(debian), told].into_iter().flatten().filter(|dir| dir.is_dir()).peekable();
        known.peek().is_none() || known.any(|dir| dir.join("extension/postgis.control").is_file())
    }
}

/// Every installation, newest first: Debian's versioned directories, then what `pg_config` and `PATH` name.
fn installed() -> Vec<Installation> {
    let versioned = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places: Vec<PathBuf> = versioned.map(|entry| entry.path().join("bin")).collect();
    places.extend(output(Command::new("pg_config").arg("--bindir")).map(PathBuf::from));
    places.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let mut found: Vec<Installation> = Vec::new();
    for place in places {
        if let Some(one) = Installation::at(&place)
            && !found.iter().any(|other| other.major == one.major)
        {
            found.push(one);
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.major.parse::<u32>().unwrap_or(0)));
    found
}

/// The major version whose server wrote these data, if there are any.
fn version_of(data: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data.join("PG_VERSION")).ok()?;
    Some(text.trim().to_owned())
}

/// The version in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` or in `16beta1`.
fn major_of(text: &str) -> Option<String> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(number.chars().take_while(char::is_ascii_digit).collect())
}

/// The version that the machine's package lists would install.
fn packaged() -> Option<String> {
    let shown = output(Command::new("apt-cache").args(["show", "--no-all-versions", "postgresql"]))?;
    shown.lines().find_map(|line| line.strip_prefix("Version:")).and_then(major_of)
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_server_says_of_itself() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)").unwrap(), "15");
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1").unwrap(), "18");
        assert_eq!(major_of("15+248").unwrap(), "15");
        assert_eq!(major_of("postgres"), None);
    }

    #[test]
    fn data_of_a_version_that_is_not_installed_are_refused_by_name() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("PG_VERSION"), "8\n").unwrap();
        let error = Installation::find(data.path()).unwrap_err();
        assert!(error.to_string().contains("apt-get install postgresql-8 postgresql-8-postgis-3"), "{error}");
    }
}
