//! The result while it is made: a file beside its place, which it takes in one step.
//!
//! Its name is always the same, so that one whose process was killed is written over by the next; who may write it is whoever holds the work file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use super::error::BakeError;
use super::kind::Kind;
use super::metadata::Metadata;
use super::work::Digest;
use super::{mbtiles, pmtiles};

/// A result that is being written.
pub(super) struct Archive {
    file: Growing,
    form: Form,
}

/// A file that is gone when it is dropped.
struct Growing {
    path: PathBuf,
    file: File,
}

enum Form {
    Pmtiles(Box<pmtiles::Writer>),
    Mbtiles(mbtiles::Writer),
}

impl Archive {
    /// Begins a result beside its place.
    pub(super) fn begin(out: &Path, kind: Kind) -> Result<Self, BakeError> {
        let file = Growing::beside(out)?;
        let form = match kind {
            Kind::Pmtiles => {
                let own = file.file.try_clone().map_err(BakeError::of(&file.path))?;
                Form::Pmtiles(Box::new(pmtiles::Writer::new(own)?))
            }
            Kind::Mbtiles => Form::Mbtiles(mbtiles::Writer::new(&file.path)?),
        };
        Ok(Self { file, form })
    }

    /// Adds a tile; numbers rise. `content`: none where a tile before had the same.
    pub(super) fn add(
        &mut self,
        number: u64,
        digest: Digest,
        content: Option<&[u8]>,
    ) -> Result<(), BakeError> {
        match &mut self.form {
            Form::Pmtiles(writer) => writer.add(number, digest, content),
            Form::Mbtiles(writer) => writer.add(number, digest, content),
        }
    }

    /// Ends the result and puts it in its place. Gives its size.
    pub(super) fn publish(self, out: &Path, metadata: &Metadata) -> Result<u64, BakeError> {
        match self.form {
            Form::Pmtiles(writer) => writer.finish(metadata)?,
            Form::Mbtiles(writer) => writer.finish(metadata)?,
        }
        let told = BakeError::of(out);
        self.file.file.sync_all().map_err(&told)?;
        let bytes = self.file.file.metadata().map_err(&told)?.len();
        std::fs::rename(&self.file.path, out).map_err(&told)?;
        Ok(bytes)
    }
}

impl Growing {
    fn beside(out: &Path) -> Result<Self, BakeError> {
        let mut name = out.as_os_str().to_owned();
        name.push(".growing");
        let path = PathBuf::from(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path);
        let file = file.map_err(BakeError::of(&path))?;
        Ok(Self { path, file })
    }
}

impl Drop for Growing {
    /// After it took its place there is none of its name.
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.path);
    }
}
