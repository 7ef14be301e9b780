//! Which tilesets are there, and what does each carry? Read from `tiles/*.toml`, checked once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;

use super::attributes::Field;
use super::filter::Filter;

/// The deepest zoom that a tileset may have tiles of its own at. There the earth is 2³⁰ tile units wide, so that the
/// coordinates of anything, relative to any tile, fit 32 bits.
pub(super) const DEEPEST_ZOOM: u8 = 18;

const EMBEDDED: [&str; 4] = [
    include_str!("../../tiles/grids.toml"),
    include_str!("../../tiles/buildings.toml"),
    include_str!("../../tiles/facilities.toml"),
    include_str!("../../tiles/overview.toml"),
];

/// Why a tileset definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CatalogueError {
    /// The text is no tileset definition.
    #[error("a tileset definition cannot be read: {0}")]
    Syntax(String),
    /// A name that cannot stand in a URL beside others.
    #[error("the tileset name {0:?} must be 1 to 64 of a-z, 0-9, '_' and '-'")]
    Name(String),
    /// Two tilesets of one name, or two layers.
    #[error("{0:?} is defined twice; tilesets and layers need names of their own")]
    Duplicate(String),
    /// A zoom that is none, or a range that is empty.
    #[error(
        "layer {layer:?} of tileset {tileset:?} has the zooms {min} to {max}; give 0 to {DEEPEST_ZOOM}, the first not above the last"
    )]
    Zooms {
        /// The tileset.
        tileset: String,
        /// The layer.
        layer: String,
        /// The first zoom.
        min: u8,
        /// The last zoom.
        max: u8,
    },
    /// A field that its source does not have.
    #[error(
        "layer {layer:?} of tileset {tileset:?} asks for the field {field:?}, which its source does not have"
    )]
    Field {
        /// The tileset.
        tileset: String,
        /// The layer.
        layer: String,
        /// The field.
        field: &'static str,
    },
}

/// A name that is no tileset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no tileset {name:?}; there are: {known}")]
pub struct UnknownTileset {
    /// The name as given.
    pub name: String,
    /// The names that exist, separated by commas.
    pub known: String,
}

/// What the features of a layer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// Territories, one layer a level.
    Grids,
    /// Label points of grids.
    GridLabels,
    /// Footprints of buildings.
    Buildings,
    /// Buildings near one another as one, with how many they are.
    BuildingBlocks,
    /// Positions of facilities.
    Facilities,
    /// Facilities near one another as one point, with how many of each class there are.
    FacilityClusters,
}

impl Source {
    /// Does it show grids, or labels of them?
    pub(super) fn is_of_grids(self) -> bool {
        matches!(self, Self::Grids | Self::GridLabels)
    }
}

/// A layer as the catalogue writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayerDefinition {
    pub(super) id: String,
    pub(super) source: Source,
    pub(super) description: String,
    pub(super) min_zoom: u8,
    /// The last zoom; absent: that of the tileset.
    pub(super) max_zoom: Option<u8>,
    /// Labels only: how many zooms the label of a divided grid stays; absent: as long as its level.
    pub(super) label_zooms: Option<u8>,
    /// Attributes and what they mean.
    pub(super) fields: BTreeMap<Field, String>,
}

/// A tileset as the catalogue writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tileset {
    pub(super) name: String,
    pub(super) title: String,
    /// The deepest zoom that has tiles of its own; a map stretches these beyond it.
    pub(super) max_zoom: u8,
    #[serde(rename = "layer")]
    pub(super) layers: Vec<LayerDefinition>,
}

/// The tilesets of a deployment.
#[derive(Debug, Clone)]
pub struct Tilesets {
    tilesets: Vec<Tileset>,
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
        let read = |text| toml::from_str::<Tileset>(text).map_err(|e| CatalogueError::Syntax(e.to_string()));
        let tilesets = texts.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        check_names(&tilesets)?;
        tilesets.iter().try_for_each(check_layers)?;
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
    pub fn names(&self) -> String {
        self.tilesets.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(",")
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

/// Layer names count across tilesets, since any of them may be served in one tile.
fn check_names(tilesets: &[Tileset]) -> Result<(), CatalogueError> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let mut seen = BTreeSet::new();
    for tileset in tilesets {
        if !(1..=64).contains(&tileset.name.len()) || !tileset.name.chars().all(fit) {
            return Err(CatalogueError::Name(tileset.name.clone()));
        }
        if !seen.insert(tileset.name.as_str()) {
            return Err(CatalogueError::Duplicate(tileset.name.clone()));
        }
    }
    let mut seen = BTreeSet::new();
    match tilesets.iter().flat_map(|t| &t.layers).find(|layer| !seen.insert(layer.id.as_str())) {
        Some(layer) => Err(CatalogueError::Duplicate(layer.id.clone())),
        None => Ok(()),
    }
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
mod tests {
    use super::*;

    fn definition(name: &str, layer: &str, min_zoom: u8, field: &str) -> String {
        format!(
            "name = {name:?}\ntitle = 't'\nmax_zoom = 16\n[[layer]]\nid = {layer:?}\nsource = 'facilities'\n\
             description = 'd'\nmin_zoom = {min_zoom}\n[layer.fields]\n{field} = 'what'\n"
        )
    }

    fn parse(texts: &[String]) -> Result<Tilesets, CatalogueError> {
        Tilesets::parse(texts.iter().map(String::as_str))
    }

    #[test]
    fn the_embedded_catalogue_has_the_four_tilesets() {
        let tilesets = Tilesets::embedded().unwrap();
        assert_eq!(tilesets.names().collect::<Vec<_>>(), ["grids", "buildings", "facilities", "overview"]);
    }

    #[test]
    fn several_tilesets_are_chosen_in_the_order_given_and_once() {
        let tilesets = Tilesets::embedded().unwrap();
        let selection = tilesets.select("facilities,grids,facilities").unwrap();
        assert_eq!(selection.names(), "facilities,grids");
    }

    #[test]
    fn an_unknown_or_empty_name_is_refused_and_the_known_ones_are_told() {
        let tilesets = Tilesets::embedded().unwrap();
        for (asked, missing) in
            [("people", "people"), ("", ""), ("grids,", ""), ("grids, buildings", " buildings")]
        {
            let error = tilesets.select(asked).unwrap_err();
            assert_eq!(error.name, missing);
            assert_eq!(error.known, "grids, buildings, facilities, overview");
        }
    }

    #[test]
    fn a_definition_with_a_fault_is_refused_by_name() {
        assert!(parse(&[definition("a", "x", 3, "class")]).is_ok());
        assert!(matches!(parse(&["name = 3".to_owned()]), Err(CatalogueError::Syntax(_))));
        assert_eq!(
            parse(&[definition("a,b", "x", 3, "class")]).unwrap_err(),
            CatalogueError::Name("a,b".into())
        );
        let twice = [definition("a", "x", 3, "class"), definition("b", "x", 3, "class")];
        assert_eq!(parse(&twice).unwrap_err(), CatalogueError::Duplicate("x".into()));
        assert!(matches!(
            parse(&[definition("a", "x", 17, "class")]),
            Err(CatalogueError::Zooms { min: 17, .. })
        ));
        let error = parse(&[definition("a", "x", 3, "households")]).unwrap_err();
        assert!(matches!(error, CatalogueError::Field { field: "households", .. }));
    }

    #[test]
    fn only_grids_have_counts_of_people_and_nothing_has_their_names() {
        let refused = parse(&[definition("a", "x", 3, "people")]).unwrap_err();
        assert!(matches!(refused, CatalogueError::Field { field: "people", .. }));
        assert!(matches!(parse(&[definition("a", "x", 3, "person_name")]), Err(CatalogueError::Syntax(_))));
    }
}
