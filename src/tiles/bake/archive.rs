//! The result while it is made: a file beside its place, which it takes in one step.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::BakeError;
use super::kind::Kind;
use super::metadata::Metadata;
use super::work::Digest;
use super::{mbtiles, pmtiles};

/// A result that is being written; it is gone when it is dropped.
pub(super) struct Archive {
    out: PathBuf,
    file: NamedTempFile,
    form: Form,
}

enum Form {
    Pmtiles(pmtiles::Writer),
    Mbtiles(mbtiles::Writer),
}

impl Archive {
    /// Begins a result beside its place.
    pub(super) fn begin(out: &Path, kind: Kind) -> Result<Self, BakeError> {
        let told = BakeError::of(out);
        let file = beside(out).map_err(&told)?;
        let form = match kind {
            Kind::Pmtiles => Form::Pmtiles(pmtiles::Writer::new(file.as_file().try_clone().map_err(&told)?)?),
            Kind::Mbtiles => Form::Mbtiles(mbtiles::Writer::new(file.path())?),
        };
        Ok(Self { out: out.to_owned(), file, form })
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
    pub(super) fn publish(self, metadata: &Metadata) -> Result<u64, BakeError> {
        let told = BakeError::of(&self.out);
        match self.form {
            Form::Pmtiles(writer) => writer.finish(metadata)?,
            Form::Mbtiles(writer) => writer.finish(metadata)?,
        }
        self.file.as_file().sync_all().map_err(&told)?;
        let bytes = self.file.as_file().metadata().map_err(&told)?.len();
        self.file.persist(&self.out).map_err(|error| told(error.error))?;
        Ok(bytes)
    }
}

fn beside(out: &Path) -> std::io::Result<NamedTempFile> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".gewu-bake-")
        // The rights that any new file has: the umask still takes its part.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
}
