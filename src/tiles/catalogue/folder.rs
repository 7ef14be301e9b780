//! The folder in which a deployment keeps its own tileset definitions.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CatalogueError, EMBEDDED, Tileset, Tilesets, check_names, layer_names, read};

impl Tilesets {
    /// The tilesets that come with the program, and those of a folder: of all `*.toml` in it, in the order of their names. One with the
    /// name of a built-in one takes its place.
    pub fn load(folder: Option<&Path>) -> Result<Self, CatalogueError> {
        let mut tilesets = EMBEDDED.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let built_in = tilesets.len();
        let mut from: Vec<Option<PathBuf>> = vec![None; built_in];
        for file in folder.map(definitions).transpose()?.unwrap_or_default() {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let tileset = read(&text).map_err(|fault| in_file(&file, fault))?;
            let place = tilesets.iter().position(|other| other.name == tileset.name);
            match place {
                Some(place) if from[place].is_some() => {
                    return Err(in_file(&file, CatalogueError::Duplicate(tileset.name)));
                }
                Some(place) => (tilesets[place], from[place]) = (tileset, Some(file)),
                None => {
                    tilesets.push(tileset);
                    from.push(Some(file));
                }
            }
        }
        check_names(&tilesets).map_err(|fault| located(fault, &tilesets, &from))?;
        Ok(Self { tilesets })
    }
}

/// Two layers of one name: told of the last file that has it.
fn located(fault: CatalogueError, tilesets: &[Tileset], from: &[Option<PathBuf>]) -> CatalogueError {
    let CatalogueError::Duplicate(name) = &fault else { return fault };
    let has_it = |tileset: &Tileset| layer_names(tileset).any(|layer| layer == *name);
    let mut files = tilesets.iter().zip(from).filter(|(tileset, _)| has_it(tileset));
    match files.rfind(|(_, file)| file.is_some()).and_then(|(_, file)| file.as_ref()) {
        Some(file) => in_file(file, fault),
        None => fault,
    }
}

fn in_file(file: &Path, fault: CatalogueError) -> CatalogueError {
    CatalogueError::InFile { file: file.to_owned(), fault: Box::new(fault) }
}

fn definitions(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = entries.map_err(|error| unreadable(folder, &error))?;
    let is_definition = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).filter(is_definition).collect();
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> CatalogueError {
    CatalogueError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}
