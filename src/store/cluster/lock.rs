//! Locks that the kernel takes back when their holder dies, however it dies.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::ClusterError;
use super::wanted::Wanted;

/// How often a taken lock is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// A held lock; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Alone: waits for everybody else to leave, up to a limit and as long as somebody waits for it.
    pub(super) fn alone(path: &Path, limit: Duration, wanted: &Wanted) -> Result<Self, ClusterError> {
        let file = open(path)?;
        let started = Instant::now();
        while !attempt(&file, path, FlockOperation::NonBlockingLockExclusive)? {
            if started.elapsed() > limit {
                return Err(ClusterError::Busy { seconds: limit.as_secs(), lock: path.to_owned() });
            }
            wanted.check()?;
            std::thread::sleep(RETRY);
        }
        Ok(Self { file })
    }

    /// Together with others. The caller must know that nobody holds it alone.
    pub(super) fn shared(path: &Path) -> Result<Self, ClusterError> {
        let file = open(path)?;
        flock(&file, FlockOperation::LockShared)
            .map_err(|error| ClusterError::file("cannot lock", path)(error.into()))?;
        Ok(Self { file })
    }

    /// Is nobody else left? If so, the lock is held alone from now on.
    pub(super) fn is_last(&self, path: &Path) -> Result<bool, ClusterError> {
        attempt(&self.file, path, FlockOperation::NonBlockingLockExclusive)
    }
}

fn open(path: &Path) -> Result<File, ClusterError> {
    // Rust opens files close-on-exec, so the server does not inherit the lock.
    let opened = File::options().create(true).truncate(false).read(true).write(true).open(path);
    opened.map_err(ClusterError::file("cannot open the lock file", path))
}

fn attempt(file: &File, path: &Path, operation: FlockOperation) -> Result<bool, ClusterError> {
    match flock(file, operation) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(ClusterError::file("cannot lock", path)(error.into())),
    }
}
