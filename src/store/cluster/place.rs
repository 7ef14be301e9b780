//! Where does the cluster keep its data, its socket and its locks?

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ClusterError;
use super::account::Account;

/// The longest path of a unix socket in bytes: `sun_path` holds 108 with the closing zero.
const SOCKET_PATH_MAX: usize = 107;
/// The file that PostgreSQL makes in the socket directory for [`PORT`](super::server::PORT).
const SOCKET_NAME: &str = ".s.PGSQL.5432.lock";
/// Where the cluster of root lives when its server cannot enter the directory that was asked for.
const SYSTEM_STATE: &str = "/var/lib/gewu";

/// The directories and files of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// PostgreSQL's data directory.
    pub(super) data: PathBuf,
    /// The directory of the socket.
    pub(super) socket: PathBuf,
    /// The server's log.
    pub(super) log: PathBuf,
    /// Held for writing by who starts or stops the server.
    pub(super) gate: PathBuf,
    /// Held for reading by everyone who uses it.
    pub(super) users: PathBuf,
    /// What the operator should know.
    pub(super) notes: Vec<String>,
}

impl Place {
    /// `data_dir/postgres`, or for root a directory under `/var/lib/gewu` where the server's user cannot enter that.
    pub(super) fn prepare(data_dir: &Path) -> Result<(Self, Account), ClusterError> {
        std::fs::create_dir_all(data_dir)
            .map_err(ClusterError::file("cannot make the directory", data_dir))?;
        let data_dir =
            data_dir.canonicalize().map_err(ClusterError::file("cannot find the directory", data_dir))?;
        let mut root = data_dir.join("postgres");
        let mut notes = Vec::new();
        let mut account = Account::choose(&root.join("data"))?;
        if !account.can_enter(&data_dir) {
            root = Path::new(SYSTEM_STATE).join(short_hash(&data_dir));
            account = Account::choose(&root.join("data"))?;
            notes.push(format!(
                "root 启动时数据库以另一用户运行，该用户无法进入 {}，数据改存于 {} \
                 (the database server runs as another user, who cannot enter that directory)",
                data_dir.display(),
                root.display()
            ));
        }
        make(&root, &account)?;
        let socket = socket_directory(&root)?;
        if !socket.starts_with(&root) {
            notes.push(format!(
                "路径过长，数据库套接字改存于 {} (the path is too long for a unix socket)",
                socket.display()
            ));
        }
        make(&socket, &account)?;
        let place = Self {
            data: root.join("data"),
            socket,
            log: root.join("server.log"),
            gate: root.join("gate.lock"),
            users: root.join("users.lock"),
            notes,
        };
        Ok((place, account))
    }
}

/// A directory of the server's user, closed to everybody else but root.
fn make(directory: &Path, account: &Account) -> Result<(), ClusterError> {
    if let Some(above) = directory.parent() {
        std::fs::create_dir_all(above).map_err(ClusterError::file("cannot make the directory", above))?;
    }
    if !directory.is_dir() {
        let made = DirBuilder::new().mode(0o700).create(directory);
        made.map_err(ClusterError::file("cannot make the directory", directory))?;
    }
    // Somebody else's directory under the temporary one is refused here: only its owner and root may do this.
    std::fs::set_permissions(directory, Permissions::from_mode(0o700))
        .map_err(ClusterError::file("cannot close to others the directory", directory))?;
    account.give(directory)
}

/// Beside the data; where that is too long for a socket, a short one under the runtime or temporary directory.
fn socket_directory(root: &Path) -> Result<PathBuf, ClusterError> {
    let fits = |directory: &Path| directory.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_MAX;
    let beside = root.join("socket");
    if fits(&beside) {
        return Ok(beside);
    }
    let name = format!("gewu-{}", short_hash(root));
    let runtime = match rustix::process::geteuid().is_root() {
        true => Some(PathBuf::from("/run")).filter(|run| run.is_dir()),
        false => std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|run| run.is_dir()),
    };
    let places = [runtime, Some(std::env::temp_dir()), Some(PathBuf::from("/tmp"))];
    let short = places.into_iter().flatten().map(|place| place.join(&name)).find(|place| fits(place));
    short.ok_or_else(|| {
        let source = std::io::Error::other("no directory has a path that is short enough for a unix socket");
        ClusterError::file("cannot make a socket for", root)(source)
    })
}

/// Sixteen hexadecimal digits that stand for a path.
fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_beside_the_data_where_it_fits_and_short_where_not() {
        let near = Path::new("/srv/gewu/postgres");
        assert_eq!(socket_directory(near).unwrap(), near.join("socket"));
        let far = Path::new("/srv").join("长".repeat(40)).join("postgres");
        let socket = socket_directory(&far).unwrap();
        assert!(!socket.starts_with("/srv"));
        assert!(socket.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_MAX);
        assert_ne!(socket, socket_directory(&far.join("x")).unwrap());
    }
}
