//! A data directory of one test, the programs that run in it, and what its database holds.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::region::{self, State};

/// For what must happen at some time: long, since the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The seed of [`Home::seeded`], made once and shared by the tests that run at the same time.
static SEED: Mutex<Weak<Home>> = Mutex::new(Weak::new());

/// Waits until something is there.
pub(crate) fn await_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until something is so.
pub(crate) fn await_that(what: &str, mut look: impl FnMut() -> bool) {
    await_some(what, || look().then_some(()));
}

/// Sends a signal by its name or number.
pub(crate) fn signal(process: i32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).output().unwrap();
    assert!(sent.status.success(), "{sent:?}");
}

/// The process of a child as a number.
pub(crate) fn pid(child: &Child) -> i32 {
    i32::try_from(child.id()).unwrap()
}

fn directory() -> TempDir {
    let directory = tempfile::Builder::new().prefix("gewu-survival-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    directory
}

/// A data directory that the server's user can enter. When dropped, whatever still runs in it is ended.
pub(crate) struct Home {
    directory: TempDir,
    _seed: Option<Arc<Home>>,
}

impl Home {
    /// An empty one.
    pub(crate) fn fresh() -> Self {
        Self { directory: directory(), _seed: None }
    }

    /// One whose database, which does not run, holds [`State::Old`] as revision 1.
    pub(crate) fn seeded() -> Self {
        let seed = {
            let mut shared = SEED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            shared.upgrade().unwrap_or_else(|| {
                let seed = Arc::new(Self::fresh());
                seed.import(State::Old);
                seed.assert_deserted();
                *shared = Arc::downgrade(&seed);
                seed
            })
        };
        let home = Self { _seed: Some(Arc::clone(&seed)), directory: directory() };
        let mut copy = Command::new("cp");
        copy.args(["-a", "--reflink=auto"]).arg(seed.path().join("postgres")).arg(home.path());
        assert!(copy.status().unwrap().success());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// PostgreSQL's data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("postgres/data")
    }

    /// The binary with this data directory, and no settings of the caller's.
    pub(crate) fn gewu(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gewu"));
        command.args(arguments).arg("--data-dir").arg(self.path()).current_dir(self.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GEWU_")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// An import of a state, not yet started.
    pub(crate) fn import_command(&self, state: State) -> Command {
        let file = region::write(self.path(), state);
        let mut command = self.gewu(&["import", "grids"]);
        command.arg(file).args(["--level-field", "level", "--parent", "field:parent"]);
        command
    }

    /// Imports a state and waits for the end.
    pub(crate) fn import(&self, state: State) {
        let Output { status, stdout, stderr } = self.import_command(state).output().unwrap();
        let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
        assert!(status.success(), "{said}");
    }

    /// The process of its PostgreSQL, as `postmaster.pid` tells, if it is alive.
    pub(crate) fn postmaster(&self) -> Option<i32> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let process = text.lines().next()?.trim().parse().ok()?;
        self.processes().contains(&process).then_some(process)
    }

    /// All living processes that name this directory in their command line or work in it, zombies and `except` left out.
    pub(crate) fn processes_but(&self, except: &[i32]) -> Vec<i32> {
        let name = self.path().as_os_str().as_encoded_bytes();
        let lives_here = |process: &i32| {
            let proc = PathBuf::from(format!("/proc/{process}"));
            let line = std::fs::read(proc.join("cmdline")).unwrap_or_default();
            line.windows(name.len()).any(|part| part == name)
                || std::fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd.starts_with(self.path()))
        };
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|process| !except.contains(process) && lives_here(process))
            .collect()
    }

    pub(crate) fn processes(&self) -> Vec<i32> {
        self.processes_but(&[])
    }

    /// No process is left in it. One that the kernel is still clearing away, which has a directory but no command line any
    /// more, is given a moment.
    pub(crate) fn assert_deserted(&self) {
        let deadline = Instant::now() + Duration::from_secs(2);
        while !self.processes().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        let describe = |process: i32| {
            let read = |file| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
            format!("{} {}", read("stat"), read("cmdline"))
        };
        let left: Vec<String> = self.processes().into_iter().map(describe).collect();
        assert!(left.is_empty(), "left behind in {}: {left:#?}", self.path().display());
    }

    /// Ends its PostgreSQL, children and all, as the kernel would when memory runs out. A server beside it may have begun another one
    /// when this returns.
    pub(crate) fn kill_postgres(&self, except: &[i32]) {
        let postmaster = self.postmaster().unwrap();
        signal(postmaster, "KILL");
        let killed = self.processes_but(except);
        for process in &killed {
            // It may have noticed by itself.
            let _ = Command::new("kill").args(["-9", &process.to_string()]).output();
        }
        let is_left = |process| process == postmaster || killed.contains(&process);
        await_that("the end of PostgreSQL", || !self.processes_but(except).into_iter().any(is_left));
    }

    /// A connection to the running database that is no user in the eyes of the cluster's locks.
    pub(crate) async fn connect(&self) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(self.path().join("postgres/socket"))
            .username("gewu")
            .database("gewu");
        options.connect().await.unwrap()
    }

    /// Answers a question with one text.
    pub(crate) fn ask(&self, question: &str) -> String {
        Runtime::new().unwrap().block_on(async {
            let mut connection = self.connect().await;
            let answer =
                sqlx::query_scalar(AssertSqlSafe(question.to_owned())).fetch_one(&mut connection).await;
            connection.close().await.unwrap();
            answer.unwrap()
        })
    }

    /// What the running database holds: every table of the import, row by row.
    pub(crate) fn contents(&self) -> String {
        let tables = ["revision", "grid", "grid_code", "grid_version", "change"];
        let parts = tables.map(|table| {
            format!(
                "(select '{table} ' || count(*) || ' ' || \
                 coalesce(md5(string_agg(row, E'\\n' order by row)), '') from (select t::text as row from gewu.{table} t) r)"
            )
        });
        self.ask(&format!("select concat_ws(', ', {})", parts.join(", ")))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for process in self.processes() {
            let _ = Command::new("kill").args(["-9", &process.to_string()]).output();
        }
    }
}
