//! Which features of a selection are shown? Those of some levels or classes, those below a grid, those that a CQL2 filter lets pass.
//!
//! A filter asks what the source knows, whether a layer shows it or not, so that grids and their labels are filtered alike;
//! facilities are asked one by one before they are put together in clusters. A count that is withheld is absent to a filter, too.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;

use geo::{BoundingRect, Geometry, Rect};

use super::attributes::{Attributes, Field, Value};
use super::catalogue::{Selection, Source, Tileset};
use super::select::Item;
use crate::atlas::{Atlas, GridIndex};
use crate::cql::{self, Condition, CqlError, Feature, Kind, Language, Property, Queryable};
use crate::model::{GridId, Level};

/// The property that is the geometry of a feature: the territory of a grid also where its label is shown.
const GEOMETRY: Queryable = Queryable { name: "geometry", kind: Kind::Geometry, key: Field::ALL.len() };

/// What a caller asks for; nothing is asked where nothing is given.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Grids of these levels.
    pub levels: BTreeSet<Level>,
    /// Buildings and facilities of these classes.
    pub classes: BTreeSet<String>,
    /// This grid and what lies below it: grids by the tree, buildings and facilities by their leaf.
    pub within: Option<GridId>,
    /// What is true of this filter.
    pub filter: Option<(String, Language)>,
}

/// What is wrong with what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// `level`, `class` or `filter`.
    pub parameter: &'static str,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

/// What was asked, held against the layers that it is asked of.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    levels: BTreeSet<Level>,
    classes: BTreeSet<String>,
    within: Option<GridId>,
    condition: Option<Condition>,
    canonical: String,
}

impl<'a> Selection<'a> {
    /// Shows only what is asked for. Every layer must know what it is asked, or the selection would show what nobody asked for.
    pub fn filtered(mut self, asked: &Asked) -> Result<Self, Vec<FilterError>> {
        let mut errors = Vec::new();
        if !asked.levels.is_empty() {
            errors.extend(self.ignorant_of(Field::Level, "level"));
        }
        if !asked.classes.is_empty() {
            errors.extend(self.ignorant_of(Field::Class, "class"));
        }
        let condition = match &asked.filter {
            Some((text, language)) => {
                self.condition(text, *language).map_err(|error| errors.push(error)).ok()
            }
            None => None,
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let Asked { levels, classes, within, .. } = asked.clone();
        let is_asked = !levels.is_empty() || !classes.is_empty() || within.is_some() || condition.is_some();
        let canonical = canonical(&levels, &classes, within, condition.as_ref());
        self.filter = is_asked.then_some(Filter { levels, classes, within, condition, canonical });
        Ok(self)
    }

    /// What is filtered, in one canonical text; none: nothing is.
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_ref().map(|filter| filter.canonical.as_str())
    }

    /// Those of the items that the filter lets pass.
    pub(super) fn passing<'b>(
        &self,
        atlas: &'b Atlas,
        attributes: &Attributes<'b>,
        mut items: Vec<Item<'b>>,
    ) -> Vec<Item<'b>> {
        let Some(filter) = &self.filter else { return items };
        let top = filter.within.map(|id| atlas.grids().find_id(id));
        items.retain(|item| {
            filter.passes(&Candidate { atlas, attributes, item, territory: OnceCell::new() }, top)
        });
        items
    }

    fn ignorant_of(&self, field: Field, parameter: &'static str) -> Option<FilterError> {
        let ignorant = self.tilesets.iter().find(|tileset| !known(tileset).any(|known| known == field))?;
        let (name, has) = (&ignorant.name, names(ignorant));
        let detail = format!("the tileset {name:?} has no {parameter}; its features have: {has}");
        Some(FilterError { parameter, detail })
    }

    /// The condition that a filter says. What is known has the same key in every tileset, hence the condition is the same of each.
    fn condition(&self, text: &str, language: Language) -> Result<Condition, FilterError> {
        let refused = |detail: String| FilterError { parameter: "filter", detail };
        let unknown = |tileset: &Tileset, name: &str| {
            refused(format!(
                "the tileset {:?} has no property {name}; it has: {}",
                tileset.name,
                names(tileset)
            ))
        };
        let Some((first, others)) = self.tilesets.split_first() else { return Ok(Condition::Always(true)) };
        let condition = cql::parse(text, language, &queryables(first)).map_err(|error| match error {
            CqlError::UnknownProperty { name, .. } => unknown(first, &name),
            other => refused(other.to_string()),
        })?;
        for tileset in others {
            let known = queryables(tileset);
            let is_strange = |property: &&Property| known.iter().all(|known| known.key != property.key);
            if let Some(property) = condition.properties().into_iter().find(is_strange) {
                return Err(unknown(tileset, &format!("{:?}", property.name)));
            }
        }
        Ok(condition)
    }
}

/// The fields that every layer of a tileset can be asked for.
fn known(tileset: &Tileset) -> impl Iterator<Item = Field> {
    let of_source = |field: Field, source: Source| match source {
        Source::FacilityClusters => field.belongs_to(Source::Facilities),
        Source::BuildingBlocks => field.belongs_to(Source::Buildings),
        other => field.belongs_to(other),
    };
    let fields = Field::ALL.into_iter();
    // What tables know, only the database knows.
    let sources =
        || tileset.layers.iter().map(|layer| layer.source).filter(|source| *source != Source::Table);
    fields.filter(move |field| sources().all(|source| of_source(*field, source)))
}

fn queryables(tileset: &Tileset) -> Vec<Queryable<'static>> {
    let of_field = |field: Field| Queryable { name: field.as_str(), kind: field.kind(), key: field as usize };
    known(tileset).map(of_field).chain([GEOMETRY]).collect()
}

/// What a tileset can be asked for, in words.
fn names(tileset: &Tileset) -> String {
    queryables(tileset).iter().map(|queryable| queryable.name).collect::<Vec<_>>().join(", ")
}

/// The same text for the same filter, whatever the order and the way in which it was written.
fn canonical(
    levels: &BTreeSet<Level>,
    classes: &BTreeSet<String>,
    within: Option<GridId>,
    condition: Option<&Condition>,
) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(classes.iter().map(|class| ("class", class)));
    pairs.extend_pairs(condition.map(|condition| ("filter", condition.to_string())));
    pairs.extend_pairs(levels.iter().map(|level| ("level", level.to_string())));
    pairs.extend_pairs(within.map(|grid| ("within", grid.0.to_string())));
    pairs.finish()
}

impl Filter {
    /// Does it depend on the tree of grids, or on where else something lies?
    pub(super) fn asks_the_tree(&self) -> bool {
        self.within.is_some()
    }

    /// Does it read one of these fields?
    pub(super) fn reads(&self, which: impl Fn(Field) -> bool) -> bool {
        let properties = self.condition.iter().flat_map(Condition::properties);
        properties.filter_map(field_of).any(which)
    }

    /// `top`: the grid that everything must lie in; none inside: it is not there any more.
    fn passes(&self, candidate: &Candidate, top: Option<Option<GridIndex>>) -> bool {
        let level = || candidate.grid().map(|grid| candidate.atlas.grids().level(grid));
        (self.levels.is_empty() || level().is_some_and(|level| self.levels.contains(&level)))
            && (self.classes.is_empty()
                || candidate.class().is_some_and(|class| self.classes.contains(class)))
            && top.is_none_or(|top| top.is_some_and(|top| candidate.lies_in(top)))
            && self.condition.as_ref().is_none_or(|condition| condition.holds(candidate))
    }
}

fn field_of(property: &Property) -> Option<Field> {
    Field::ALL.get(property.key).copied()
}

/// A feature that is asked whether it is shown.
struct Candidate<'a, 'b> {
    atlas: &'a Atlas,
    attributes: &'b Attributes<'a>,
    item: &'b Item<'a>,
    /// Put together of borders when it is first asked for.
    territory: OnceCell<Geometry<f64>>,
}

impl Candidate<'_, '_> {
    /// The grid that it is, or the leaf that holds it.
    fn grid(&self) -> Option<GridIndex> {
        let leaf = |leaf: Option<GridId>| self.atlas.grids().find_id(leaf?);
        match self.item {
            Item::Grid(grid) | Item::Label(grid) => Some(*grid),
            Item::Building(building) => leaf(building.leaf),
            Item::Facility(facility) => leaf(facility.leaf),
        }
    }

    fn class(&self) -> Option<&str> {
        match self.item {
            Item::Grid(_) | Item::Label(_) => None,
            Item::Building(building) => Some(&building.class),
            Item::Facility(facility) => Some(&facility.class),
        }
    }

    fn lies_in(&self, top: GridIndex) -> bool {
        self.grid().is_some_and(|grid| self.atlas.grids().is_within(grid, top))
    }
}

impl Feature for Candidate<'_, '_> {
    fn value(&self, property: &Property) -> Option<cql::Value<'_>> {
        let value = self.attributes.value(self.item, field_of(property)?)?;
        match value {
            Value::Text(text) | Value::Code(text) => Some(cql::Value::Text(Cow::Borrowed(text))),
            Value::Count(count) => Some(cql::Value::Number(count as f64)),
            Value::Measure(measure) => decimal(measure).map(cql::Value::Number),
            Value::Truth(truth) => Some(cql::Value::Truth(truth)),
        }
    }

    fn geometry(&self, _: &Property) -> Option<Cow<'_, Geometry<f64>>> {
        let territory = |grid: GridIndex| Geometry::MultiPolygon(self.atlas.grids().geometry(grid));
        let geometry = self.territory.get_or_init(|| match self.item {
            Item::Grid(grid) | Item::Label(grid) => territory(*grid),
            Item::Building(building) => Geometry::Polygon(building.footprint.clone()),
            Item::Facility(facility) => Geometry::Point(facility.position),
        });
        Some(Cow::Borrowed(geometry))
    }

    fn envelope(&self, _: &Property) -> Option<Rect<f64>> {
        match self.item {
            Item::Grid(grid) | Item::Label(grid) => {
                let envelope = self.atlas.grids().envelope(*grid);
                Some(Rect::new(envelope.min, envelope.max))
            }
            Item::Building(building) => building.footprint.bounding_rect(),
            Item::Facility(facility) => Some(facility.position.bounding_rect()),
        }
    }
}

/// A measure as the decimal that it was given as: 12.3, where the nearest single lies a little beside.
fn decimal(measure: f32) -> Option<f64> {
    measure.to_string().parse().ok().filter(|number: &f64| number.is_finite())
}
