//! PMTiles files that are served as they are, beside the tilesets: a baked pyramid, or somebody else's map.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use pmtiles::{
    AsyncBackend, AsyncPmTilesReader, BackendResponse, Compression, HashMapCache, PmtError, PmtResult,
    TileCoord,
};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::geom::TileId;

/// No tile and no directory is larger: a longer one is damage.
const LONGEST: usize = 1 << 28;

/// Why a file cannot be served.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// It cannot be read, or is no PMTiles.
    #[error("pmtiles {name} = {}: {reason}", path.display())]
    Unreadable {
        /// The name under which it was to be served.
        name: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: PmtError,
    },
    /// A tileset has the name.
    #[error("pmtiles {0}: a tileset has this name; choose another")]
    Taken(String),
}

/// The files that are served, by name.
#[derive(Default)]
pub struct Archives(BTreeMap<String, Archive>);

/// One file.
pub struct Archive {
    reader: AsyncPmTilesReader<Local, HashMapCache>,
    metadata: Map<String, Value>,
}

impl Archives {
    /// Opens files, each under a name that none of `taken` is.
    pub async fn open<'a>(
        files: &[(String, PathBuf)],
        taken: impl Iterator<Item = &'a str>,
    ) -> Result<Self, ArchiveError> {
        let taken: Vec<&str> = taken.collect();
        let mut archives = BTreeMap::new();
        for (name, path) in files {
            if taken.contains(&name.as_str()) {
                return Err(ArchiveError::Taken(name.clone()));
            }
            let opened = Archive::open(path).await;
            let told = |reason| ArchiveError::Unreadable { name: name.clone(), path: path.clone(), reason };
            archives.insert(name.clone(), opened.map_err(told)?);
        }
        Ok(Self(archives))
    }

    /// The file under a name.
    pub fn get(&self, name: &str) -> Option<&Archive> {
        self.0.get(name)
    }

    /// The names of all files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Archive {
    async fn open(path: &Path) -> PmtResult<Self> {
        let file = Local(Arc::new(File::open(path)?));
        let reader = AsyncPmTilesReader::try_from_cached_source(file, HashMapCache::default()).await?;
        let metadata = match reader.get_metadata().await {
            Ok(text) => serde_json::from_str(&text).map_err(|_| PmtError::InvalidMetadata)?,
            // A file may say nothing of itself.
            Err(PmtError::InvalidMetadata) => Map::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { reader, metadata })
    }

    /// A tile as it is stored; `None` where there is none.
    pub async fn tile(&self, tile: TileId) -> PmtResult<Option<Bytes>> {
        self.reader.get_tile(TileCoord::new(tile.z(), tile.x(), tile.y())?).await
    }

    /// The media type of the tiles.
    pub fn media(&self) -> &'static str {
        self.reader.get_header().tile_type.content_type()
    }

    /// How the tiles are compressed, as HTTP names it; `None`: they are not.
    pub fn encoding(&self) -> Option<&'static str> {
        Compression::content_encoding(self.reader.get_header().tile_compression)
    }

    /// TileJSON 3.0.0 from the header and the metadata. `origin` is scheme and authority of the server as its callers reach it.
    pub fn tilejson(&self, name: &str, origin: &str) -> Value {
        let header = self.reader.get_header();
        let mut json = json!({
            "tilejson": "3.0.0",
            "name": name,
            "scheme": "xyz",
            "tiles": [format!("{origin}/tiles/{name}/{{z}}/{{x}}/{{y}}")],
            "minzoom": header.min_zoom,
            "maxzoom": header.max_zoom,
            "bounds": [header.min_longitude, header.min_latitude, header.max_longitude, header.max_latitude],
            "center": [header.center_longitude, header.center_latitude, header.center_zoom],
        });
        for key in ["description", "attribution", "version", "vector_layers", "budget"] {
            if let Some(value) = self.metadata.get(key) {
                json[key] = value.clone();
            }
        }
        json
    }
}

/// A file on this machine. It is read, not mapped: one that is cut off under us then gives an error, not the end of the process.
struct Local(Arc<File>);

impl AsyncBackend for Local {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        if length > LONGEST {
            return Err(PmtError::InvalidEntry);
        }
        let file = Arc::clone(&self.0);
        let read = tokio::task::spawn_blocking(move || read_up_to(&file, offset, length)).await;
        let bytes = read.map_err(io::Error::other)??;
        Ok(BackendResponse::new(bytes.into()))
    }
}

/// So many bytes, or as many as there are.
fn read_up_to(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
