//! Where an export goes: standard output, or a file that takes its name when it is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::cli::Failure;

/// A file in the making, or standard output.
pub(super) enum Target {
    Pipe,
    File {
        /// The name that it takes.
        out: PathBuf,
        /// A folder beside it, which goes away with whatever is in it.
        folder: TempDir,
        /// Where it is until then.
        path: PathBuf,
        /// `None` where the format writes the file itself.
        file: Option<File>,
    },
}

impl Target {
    /// Makes a place for it. `is_streamed`: its bytes are given to [`Target::write`]; otherwise the format writes [`Target::path`].
    pub(super) fn new(out: &Path, is_streamed: bool) -> Result<Self, Failure> {
        if out == Path::new("-") {
            return match is_streamed {
                true => Ok(Self::Pipe),
                false => Err(Failure::Usage(
                    "--out -: a GeoPackage cannot be written to a pipe; name a file".to_owned(),
                )),
            };
        }
        let name = out.file_name().ok_or_else(|| {
            Failure::Usage(format!("--out {}: name a file, or - for standard output", out.display()))
        })?;
        if out.is_dir() {
            return Err(Failure::Usage(format!("--out {}: it is a folder", out.display())));
        }
        let beside = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix(".gewu-export-").tempdir_in(beside);
        let folder = folder.map_err(|error| not_written(out, &error))?;
        let path = folder.path().join(name);
        let file = is_streamed.then(|| File::create(&path)).transpose();
        let file = file.map_err(|error| not_written(out, &error))?;
        Ok(Self::File { out: out.to_owned(), folder, path, file })
    }

    /// Where the file is until it is whole.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Pipe => Path::new("-"),
            Self::File { path, .. } => path,
        }
    }

    /// Appends bytes; `false`: whoever read them has seen enough, as `head` does.
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<bool, Failure> {
        let sink = match self {
            Self::Pipe => None,
            Self::File { file: None, .. } => return Ok(true),
            Self::File { file: Some(file), out, .. } => {
                Some(file.try_clone().map_err(|error| not_written(out, &error))?)
            }
        };
        let written = spawn_blocking(move || match sink {
            Some(mut file) => file.write_all(&bytes),
            None => {
                let mut pipe = io::stdout().lock();
                pipe.write_all(&bytes).and_then(|()| pipe.flush())
            }
        });
        match written.await.map_err(io::Error::other).flatten() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(not_written(self.out(), &error)),
        }
    }

    /// Gives the file its name; how long it is, `None` for a pipe.
    pub(super) async fn finish(self) -> Result<Option<u64>, Failure> {
        let Self::File { out, folder, path, .. } = self else { return Ok(None) };
        let named = out.clone();
        let finished = spawn_blocking(move || {
            let file = File::open(&path)?;
            file.sync_all()?;
            let length = file.metadata()?.len();
            fs::rename(&path, &named)?;
            folder.close()?;
            Ok(length)
        });
        let length = finished.await.map_err(io::Error::other).flatten();
        length.map(Some).map_err(|error| not_written(&out, &error))
    }

    fn out(&self) -> &Path {
        match self {
            Self::Pipe => Path::new("-"),
            Self::File { out, .. } => out,
        }
    }
}

fn not_written(out: &Path, error: &io::Error) -> Failure {
    Failure::Environment(format!("cannot write {}: {error}", out.display()))
}
