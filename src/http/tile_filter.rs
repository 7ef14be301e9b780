//! The parameters by which tiles are filtered.

use std::collections::BTreeSet;

use super::endpoint::Param;
use super::grids::{find, read_level};
use super::params::{Query, cut};
use super::{AppState, FieldError, Problem};
use crate::atlas::Atlas;
use crate::cql::Language;
use crate::model::Level;
use crate::tiles::{Asked, FilterError, Selection};

pub(super) const LEVEL: Param = Param::optional(
    "level",
    "string",
    "Only grids of this level, or of these, joined by commas: 4,5.",
    "1,2,3,4,5,6",
);
pub(super) const WITHIN: Param = Param::optional(
    "within",
    "string",
    "Only this grid (code or UUID) and everything below it; buildings and facilities by the leaf that holds them.",
    "{grid}",
);
pub(super) const CLASS: Param = Param::optional(
    "class",
    "string",
    "Only buildings or facilities of this class, or of these, joined by commas: school,hospital.",
    "",
);
pub(super) const FILTER: Param = Param::optional(
    "filter",
    "string",
    "Only features of which this is true, in CQL2: comparison, BETWEEN, IN, LIKE, IS NULL, AND, OR, NOT, CASEI, arithmetic, and the spatial \
     operators on geometry. All that the tilesets know of their features can be asked, shown in the tile or not; what is unknown or \
     withheld is null.",
    "workers >= 0 AND name NOT LIKE '_'",
);
pub(super) const FILTER_LANG: Param = Param::optional(
    "filter-lang",
    "string",
    "How filter is written: cql2-text (by default) or cql2-json.",
    "",
);

/// Bytes of a list of classes.
const LONGEST_CLASSES: usize = 1_024;

/// What was asked, as it was written.
pub(super) struct Wanted {
    asked: Asked,
    within: Option<String>,
    /// The parameters as they stand in a URL, `&` before each.
    address: String,
}

impl Wanted {
    /// Reads the parameters; what is wrong is noted.
    pub(super) fn read(query: &mut Query) -> Self {
        let mut address = form_urlencoded::Serializer::new(String::new());
        for param in [&LEVEL, &WITHIN, &CLASS, &FILTER, &FILTER_LANG] {
            address.extend_pairs(query.text(param.name).map(|text| (param.name, text)));
        }
        let address = match address.finish() {
            none if none.is_empty() => none,
            some => format!("&{some}"),
        };
        let levels = query.optional(LEVEL.name, read_levels).unwrap_or_default();
        let classes = query.optional(CLASS.name, read_classes).unwrap_or_default();
        let language = query.optional(FILTER_LANG.name, read_language).unwrap_or_default();
        let filter = query.text(FILTER.name).map(|text| (text.to_owned(), language));
        let within = query.text(WITHIN.name).map(str::to_owned);
        Self { asked: Asked { levels, classes, within: None, filter }, within, address }
    }

    /// The parameters for a URL that has others before them.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// An archive is served as it is.
    pub(super) fn refuse_for_archive(&self, name: &str) -> Result<(), Problem> {
        let Some(first) = self.address.strip_prefix('&') else { return Ok(()) };
        let field = first.split('=').next().unwrap_or_default().to_owned();
        let detail = format!("{:?} is a file of tiles, which cannot be filtered", cut(name));
        Err(Problem::fields(vec![FieldError { field, detail }]))
    }

    /// With the grid found, or why it is not.
    pub(super) async fn settle(mut self, state: &AppState, atlas: &Atlas) -> Result<Asked, Problem> {
        if let Some(name) = &self.within {
            self.asked.within = Some(atlas.grids().id(find(state, atlas, name).await?));
        }
        Ok(self.asked)
    }
}

/// The selection with only what is asked for.
pub(super) fn filtered<'a>(selection: Selection<'a>, asked: &Asked) -> Result<Selection<'a>, Problem> {
    let named = |FilterError { parameter, detail }| FieldError { field: parameter.to_owned(), detail };
    selection.filtered(asked).map_err(|errors| Problem::fields(errors.into_iter().map(named).collect()))
}

fn read_levels(text: &str) -> Result<BTreeSet<Level>, String> {
    text.split(',').map(|level| read_level(level.trim())).collect()
}

fn read_classes(text: &str) -> Result<BTreeSet<String>, String> {
    if text.len() > LONGEST_CLASSES {
        return Err(format!("the classes may have {LONGEST_CLASSES} bytes together"));
    }
    Ok(text.split(',').map(|class| class.trim().to_owned()).filter(|class| !class.is_empty()).collect())
}

fn read_language(text: &str) -> Result<Language, String> {
    match text {
        "cql2-text" => Ok(Language::Text),
        "cql2-json" => Ok(Language::Json),
        other => Err(format!("{:?} is not known; known are cql2-text, cql2-json", cut(other))),
    }
}
