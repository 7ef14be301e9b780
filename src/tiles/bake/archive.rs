//! The result while it is made: a file beside its place, which it takes in one step.
//!
//! PMTiles is what the file of contents becomes; MBTiles grows in a file of its own. The name of that is always the same, so that one whose process was
//! killed is written over by the next; who may write it is whoever holds the work files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::BakeError;
use super::kind::Kind;
use super::metadata::Metadata;
use super::work::{Digest, Work, beside};
use super::writeback::Writeback;
use super::{mbtiles, pmtiles};

/// A result that is being written.
pub(super) struct Archive {
    file: File,
    path: PathBuf,
    form: Form,
}

enum Form {
    Pmtiles(Box<pmtiles::Writer>),
    Mbtiles(mbtiles::Writer, Growing),
}

/// A file that is gone when this is dropped.
struct Growing(PathBuf);

impl Archive {
    /// Begins a result beside its place, of the contents of a work.
    pub(super) fn begin(out: &Path, kind: Kind, work: &Work) -> Result<Self, BakeError> {
        match kind {
            Kind::Pmtiles => {
                let (contents, path) = work.contents();
                let own = || contents.try_clone().map_err(BakeError::of(path));
                let form = Form::Pmtiles(Box::new(pmtiles::Writer::new(own()?)?));
                Ok(Self { file: own()?, path: path.to_owned(), form })
            }
            Kind::Mbtiles => {
                let path = beside(out, ".growing");
                let file = File::create(&path).map_err(BakeError::of(&path))?;
                let form = Form::Mbtiles(mbtiles::Writer::new(&path)?, Growing(path.clone()));
                Ok(Self { file, path, form })
            }
        }
    }

    /// Has it written out while it is made.
    pub(super) fn writeback(&self) -> io::Result<Writeback> {
        Ok(Writeback::of(self.file.try_clone()?))
    }

    /// Adds a tile that is in the work; numbers rise. `content`: none where a tile before had the same.
    pub(super) fn add(
        &mut self,
        number: u64,
        digest: Digest,
        content: Option<&[u8]>,
    ) -> Result<(), BakeError> {
        match &mut self.form {
            Form::Pmtiles(writer) => writer.add(number, digest, content),
            Form::Mbtiles(writer, _) => writer.add(number, digest, content),
        }
    }

    /// Ends the result of a whole work and puts it in its place. Gives its size.
    pub(super) fn publish(self, out: &Path, metadata: &Metadata, work: &Work) -> Result<u64, BakeError> {
        let _growing = match self.form {
            Form::Pmtiles(writer) => writer.finish(metadata, work.contents_end()).map(|()| None),
            Form::Mbtiles(writer, growing) => writer.finish(metadata).map(|()| Some(growing)),
        }?;
        let told = BakeError::of(out);
        self.file.sync_all().map_err(&told)?;
        let bytes = self.file.metadata().map_err(&told)?.len();
        std::fs::rename(&self.path, out).map_err(&told)?;
        Ok(bytes)
    }
}

impl Drop for Growing {
    /// After it took its place there is none of its name.
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}
