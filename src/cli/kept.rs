//! The saved atlas as a file of the data directory: read at the start, written while the server follows.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};

use super::follow::Footing;
use super::keep::Written;
use crate::atlas::{Atlas, Purpose, Saved, Stamp};
use crate::config::Config;
use crate::model::Delta;
use crate::seal::{Sealer, is_sealed_file};
use crate::store::Store;

/// The file.
const NAME: &str = "atlas.bin";
/// What unfinished ones are called: this, something by chance, [`UNFINISHED`].
const PREFIX: &str = ".atlas-";
const UNFINISHED: &str = ".new";
/// Nobody is still writing an unfinished file that has not grown for so long.
const LEFT_BEHIND: Duration = Duration::from_secs(600);

/// Where the atlas is kept, and whose it must be.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    directory: PathBuf,
    origin: String,
    /// What it is sealed with, since it holds the names of those who serve.
    sealer: Sealer,
}

/// An atlas that was kept.
#[derive(Debug)]
pub(super) struct Resumed {
    pub(super) atlas: Atlas,
    pub(super) footing: Footing,
    /// When the database last confirmed it.
    pub(super) confirmed: DateTime<Utc>,
}

impl Kept {
    /// Where the settings want it; `None`: nowhere.
    pub(super) fn of(config: &Config, sealer: Sealer) -> Option<Self> {
        let (directory, origin) = (config.data_dir.clone(), origin(config));
        config.saved_atlas.then_some(Self { directory, origin, sealer })
    }

    /// The file.
    pub(super) fn file(&self) -> PathBuf {
        self.directory.join(NAME)
    }

    /// The atlas of the file, as it is now; `None` when there is none, or none that may be shown: the log says why.
    pub(super) fn read(&self, purpose: Purpose) -> Option<Resumed> {
        let begun = Instant::now();
        self.clear_away();
        let bytes = match fs::read(self.file()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return self.refuse(&error.to_string()),
        };
        let length = bytes.len();
        match self.restore(bytes, purpose) {
            Ok(resumed) => {
                let ms = begun.elapsed().as_millis();
                tracing::info!(
                    revision = resumed.footing.revision,
                    bytes = length,
                    is_prepared = resumed.atlas.is_prepared(),
                    ms,
                    "read the saved atlas"
                );
                Some(resumed)
            }
            Err(reason) => self.refuse(&reason),
        }
    }

    fn restore(&self, bytes: Vec<u8>, purpose: Purpose) -> Result<Resumed, String> {
        let bytes = match self.sealer.keys() {
            Some(keys) => keys.opened(bytes).map_err(|error| error.to_string())?,
            None if is_sealed_file(&bytes) => return Err("it is sealed, and no data key is set".to_owned()),
            None => bytes,
        };
        let saved = Saved::open(&bytes).map_err(|error| error.to_string())?;
        let stamp = saved.stamp().clone();
        if stamp.version != env!("CARGO_PKG_VERSION") {
            return Err(format!("it was written by version {}", stamp.version));
        }
        if stamp.origin != self.origin {
            return Err("it was read from another database than that of the settings".to_owned());
        }
        let kept = saved.read().map_err(|error| error.to_string())?;
        // Their room is needed for what is built now.
        drop(bytes);
        let atlas = Atlas::restore(kept, purpose).map_err(|error| error.to_string())?;
        // What has come into force meanwhile is in force.
        let now = Delta { revision: atlas.revision(), at: Utc::now(), ..Delta::default() };
        let atlas = atlas.apply(now).map_err(|error| error.to_string())?;
        let (revision, committed) = (atlas.revision(), Some(stamp.committed));
        let footing = Footing { database: stamp.database, revision, committed };
        Ok(Resumed { atlas, footing, confirmed: stamp.confirmed })
    }

    fn refuse(&self, reason: &str) -> Option<Resumed> {
        tracing::warn!(
            "已保存的图集不能使用，将从数据库重建 (the saved atlas {} is not used: {reason})",
            self.file().display()
        );
        None
    }

    /// Writes an atlas, all of it or nothing: beside the file, and from there into its place. Blocks.
    pub(super) fn write(&self, atlas: &Atlas, written: &Written) -> io::Result<()> {
        let Written { footing, confirmed, is_prepared } = written;
        let Some(committed) = footing.committed else { return Ok(()) };
        let begun = Instant::now();
        fs::create_dir_all(&self.directory)?;
        let stamp = Stamp {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            origin: self.origin.clone(),
            database: footing.database.clone(),
            committed,
            confirmed: *confirmed,
        };
        let mut unfinished = tempfile::Builder::new();
        unfinished.prefix(PREFIX).suffix(UNFINISHED).permissions(Permissions::from_mode(0o600));
        let mut unfinished = unfinished.tempfile_in(&self.directory)?;
        let bytes = match self.sealer.keys() {
            Some(keys) => {
                let mut sealing = keys.sealing(unfinished.as_file_mut())?;
                let bytes = atlas.save(&stamp, &mut sealing)?;
                sealing.finish()?;
                bytes
            }
            None => atlas.save(&stamp, unfinished.as_file_mut())?,
        };
        unfinished.as_file().sync_all()?;
        unfinished.persist(self.file()).map_err(|error| error.error)?;
        File::open(&self.directory)?.sync_all()?;
        tracing::info!(
            revision = footing.revision,
            bytes,
            is_prepared,
            ms = begun.elapsed().as_millis(),
            "saved the atlas"
        );
        Ok(())
    }

    /// Removes what killed processes were writing.
    fn clear_away(&self) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()).filter(|path| is_unfinished(path)) {
            let written = fs::metadata(&path).and_then(|file| file.modified());
            let age = written.ok().and_then(|written| SystemTime::now().duration_since(written).ok());
            if age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(UNFINISHED))
}

/// Where the settings say that the database is.
fn origin(config: &Config) -> String {
    match &config.database_url {
        Some(url) => Store::address(url.reveal()).unwrap_or_default(),
        None => "private".to_owned(),
    }
}
