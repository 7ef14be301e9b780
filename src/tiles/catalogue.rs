//! Which tilesets are there, and what does each carry? Read from `tiles/*.toml` and from the folder of the deployment, checked once.

mod definition;
mod error;
mod folder;

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::filter::Filter;
use crate::model::Level;
pub(super) use definition::{LayerDefinition, Source, Tileset};
pub use error::{CatalogueError, UnknownTileset};

/// The deepest zoom that a tileset may have tiles of its own at. There the earth is 2³⁰ tile units wide, so that the
/// coordinates of anything, relative to any tile, fit 32 bits.
pub(super) const DEEPEST_ZOOM: u8 = 18;

const EMBEDDED: [&str; 4] = [
    include_str!("../../tiles/grids.toml"),
    include_str!("../../tiles/buildings.toml"),
    include_str!("../../tiles/facilities.toml"),
    include_str!("../../tiles/overview.toml"),
];

/// The tilesets of a deployment.
#[derive(Debug, Clone)]
pub struct Tilesets {
    pub(super) tilesets: Vec<Tileset>,
}

/// One or several tilesets, served as one.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    pub(super) tilesets: Vec<&'a Tileset>,
    /// Which features are shown; none: all of them.
    pub(super) filter: Option<Filter>,
}

impl Tilesets {
    /// The tilesets that come with the program: `grids`, `buildings`, `facilities`, `overview`.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::parse(EMBEDDED)
    }

    /// Reads and checks tileset definitions in TOML.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, CatalogueError> {
        let tilesets = texts.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        check_names(&tilesets)?;
        Ok(Self { tilesets })
    }

    /// The names of all tilesets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tilesets.iter().map(|tileset| tileset.name.as_str())
    }

    /// The tilesets named, separated by commas, in the order given; a name given twice counts once.
    pub fn select(&self, names: &str) -> Result<Selection<'_>, UnknownTileset> {
        let mut tilesets: Vec<&Tileset> = Vec::new();
        for name in names.split(',') {
            let tileset = self.tilesets.iter().find(|t| t.name == name).ok_or_else(|| UnknownTileset {
                name: name.to_owned(),
                known: self.names().collect::<Vec<_>>().join(", "),
            })?;
            if !tilesets.iter().any(|t| t.name == name) {
                tilesets.push(tileset);
            }
        }
        Ok(Selection { tilesets, filter: None })
    }
}

impl Selection<'_> {
    /// The names of the selection as they stand in its URLs: `grids,buildings`.
    pub fn names(&self) -> SmolStr {
        let commas = std::iter::once("").chain(std::iter::repeat(","));
        commas.zip(&self.tilesets).flat_map(|(comma, tileset)| [comma, &tileset.name]).collect()
    }

    /// What the tilesets are called.
    pub(super) fn titles(&self) -> String {
        self.tilesets.iter().map(|t| t.title.as_str()).collect::<Vec<_>>().join(" · ")
    }

    /// The deepest zoom at which any of the tilesets has tiles of its own.
    pub fn deepest_zoom(&self) -> u8 {
        self.tilesets.iter().map(|t| t.max_zoom).max().unwrap_or(0)
    }
}

/// Reads one definition and checks it by itself.
fn read(text: &str) -> Result<Tileset, CatalogueError> {
    let tileset: Tileset = toml::from_str(text).map_err(|error| CatalogueError::Syntax(error.to_string()))?;
    check_name(&tileset.name)?;
    check_layers(&tileset)?;
    Ok(tileset)
}

fn check_name(name: &str) -> Result<(), CatalogueError> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    match (1..=64).contains(&name.len()) && name.chars().all(fit) {
        true => Ok(()),
        false => Err(CatalogueError::Name(name.to_owned())),
    }
}

/// Layer names count across tilesets, since any of them may be served in one tile.
fn check_names(tilesets: &[Tileset]) -> Result<(), CatalogueError> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = tilesets.iter().find(|tileset| !seen.insert(tileset.name.as_str())) {
        return Err(CatalogueError::Duplicate(twice.name.clone()));
    }
    let mut seen = BTreeSet::new();
    match tilesets.iter().flat_map(layer_names).find(|layer| !seen.insert(layer.clone())) {
        Some(layer) => Err(CatalogueError::Duplicate(layer)),
        None => Ok(()),
    }
}

/// The names of layers as they stand in tiles.
fn layer_names(tileset: &Tileset) -> impl Iterator<Item = String> {
    tileset.layers.iter().flat_map(|layer| match layer.source {
        Source::Grids => Level::all().map(|level| format!("{}_{level}", layer.id)).collect(),
        _ => vec![layer.id.clone()],
    })
}

fn check_layers(tileset: &Tileset) -> Result<(), CatalogueError> {
    for layer in &tileset.layers {
        let (tileset_name, layer_id) = (tileset.name.clone(), layer.id.clone());
        let last = layer.max_zoom.unwrap_or(tileset.max_zoom);
        if layer.min_zoom > last || last > tileset.max_zoom || tileset.max_zoom > DEEPEST_ZOOM {
            let (min, max) = (layer.min_zoom, last);
            return Err(CatalogueError::Zooms { tileset: tileset_name, layer: layer_id, min, max });
        }
        if let Some(field) = layer.fields.keys().find(|field| !field.belongs_to(layer.source)) {
            let field = field.as_str();
            return Err(CatalogueError::Field { tileset: tileset_name, layer: layer_id, field });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
