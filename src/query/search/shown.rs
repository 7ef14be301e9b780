//! What was found, as an answer tells it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Hit;
use super::fold::fold_with_origin;
use super::pattern::Pattern;
use super::question::Searched;
use super::rank::{Fit, Rank};
use crate::atlas::{Atlas, NamedKey};
use crate::query::thing::place_inside;
use crate::resolve::{ChainLink, Place, chain};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SearchHit<'a> {
    /// grids, buildings, facilities.
    pub collection: &'static str,
    /// Identity.
    pub id: Uuid,
    /// The code of a grid; of a resource the identity that its owner gave it.
    pub code: &'a str,
    /// Name, where it has one.
    pub name: Option<&'a str>,
    /// Address, where known; grids have none.
    pub address: Option<&'a str>,
    /// Class; grids have none.
    pub class: Option<&'a str>,
    /// The level of a grid.
    pub level: Option<u8>,
    /// Where it is: the label point of a grid, a place inside a footprint.
    pub at: Place,
    /// From the top down to the grid, or to the leaf that holds it; empty: none does.
    pub chain: Vec<ChainLink<'a>>,
    /// How well it fits, from 1 (the code itself) down to 0.
    pub score: f64,
    /// What fits: code, name or address; of words and places, the name.
    pub field: &'static str,
    /// In which way: exact, start, part, words (each somewhere), apart (the place, then what is there), similar (but for a slip or two).
    pub fit: &'static str,
    /// Where in that text: from (included) and to (excluded), in UTF-16 units, as JavaScript counts; null where it is not one stretch.
    pub highlight: Option<[usize; 2]>,
}

/// What was found, the best first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SearchAnswer<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// How many fit. What fits word by word, apart or but for a slip is looked for only where the rest leaves room.
    pub total: usize,
    /// True: more fit than are listed, see `total` and `limit`.
    pub cut: bool,
    /// The best of them.
    pub results: Vec<SearchHit<'a>>,
}

/// Nothing is shown of what is not in the atlas any more.
pub(super) fn show<'a>(atlas: &'a Atlas, phrase: &Pattern, hit: &Hit) -> Option<SearchHit<'a>> {
    let grids = atlas.grids();
    let (field, fit) = match hit.rank.fit {
        Fit::Code => ("code", "exact"),
        Fit::CodeStart => ("code", "start"),
        Fit::Name => ("name", "exact"),
        Fit::NameStart => ("name", "start"),
        Fit::NamePart => ("name", "part"),
        Fit::AddressStart => ("address", "start"),
        Fit::AddressPart => ("address", "part"),
        Fit::Words => ("name", "words"),
        Fit::Apart => ("name", "apart"),
        Fit::Slips => ("name", "similar"),
    };
    let own = SearchHit {
        collection: Searched::of(hit.kind).as_str(),
        id: Uuid::nil(),
        code: "",
        name: None,
        address: None,
        class: None,
        level: None,
        at: Place { lon: 0.0, lat: 0.0 },
        chain: atlas.grid_of(hit.called.key).map(|grid| chain(atlas, grid)).unwrap_or_default(),
        score: hit.rank.score(),
        field,
        fit,
        highlight: None,
    };
    let mut shown = match hit.called.key {
        NamedKey::Grid(grid) => {
            let label = grids.label_point(grid);
            SearchHit {
                id: grids.id(grid).0,
                code: grids.code(grid).as_str(),
                name: Some(grids.name(grid)),
                level: Some(grids.level(grid).number()),
                at: Place { lon: label.lon(), lat: label.lat() },
                ..own
            }
        }
        NamedKey::Building(id) => {
            let building = atlas.resources().building(id)?;
            SearchHit {
                id: id.0,
                code: &building.source_id,
                name: building.name.as_deref(),
                address: building.address.as_deref(),
                class: Some(&building.class),
                at: place_inside(building),
                ..own
            }
        }
        NamedKey::Facility(id) => {
            let facility = atlas.resources().facility(id)?;
            SearchHit {
                id: id.0,
                code: &facility.source_id,
                name: facility.name.as_deref(),
                address: facility.address.as_deref(),
                class: Some(&facility.class),
                at: Place { lon: facility.position.x(), lat: facility.position.y() },
                ..own
            }
        }
    };
    let text = match field {
        "code" => Some(shown.code),
        "name" => shown.name,
        _ => shown.address,
    };
    let is_one_stretch = hit.rank.fit < Fit::Words;
    shown.highlight = text.filter(|_| is_one_stretch).and_then(|text| highlight(phrase, hit.rank, text));
    Some(shown)
}

/// From which character to which a text holds what was typed.
fn highlight(phrase: &Pattern, rank: Rank, text: &str) -> Option<[usize; 2]> {
    let (units, origin) = fold_with_origin(text);
    let (start, end) = phrase.span_in(&units, rank.spelling)?;
    Some([origin[start][0], origin[end - 1][1]])
}
