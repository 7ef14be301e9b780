//! What is said of a feature: the fields that a catalogue may choose from, and their values.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::catalogue::Source;
use super::select::Item;
use crate::access::{PolicyClass, Principal};
use crate::atlas::{Atlas, GridIndex};
use crate::cql::Kind;
use crate::query::WithheldNear;

/// An attribute of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Code,
    Name,
    Level,
    Kind,
    Households,
    Invented,
    Rank,
    Class,
    HeightM,
    Floors,
    Workers,
    DutyGap,
    Buildings,
    Facilities,
    People,
    PeopleWithheld,
    PointCount,
    Coverage,
}

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    /// A text that no other feature of the layer has.
    Code(&'a str),
    Count(u64),
    Measure(f32),
    Truth(bool),
}

impl Value<'_> {
    /// Is it the same without a doubt and at a glance? Texts are when they lie at the same place.
    pub(super) fn is_the_very(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => std::ptr::eq(*a, *b),
            (Self::Count(a), Self::Count(b)) => a == b,
            (Self::Measure(a), Self::Measure(b)) => a.to_bits() == b.to_bits(),
            (Self::Truth(a), Self::Truth(b)) => a == b,
            _ => false,
        }
    }
}

impl Field {
    /// All of them, each at the place of its number.
    pub(super) const ALL: [Self; 18] = [
        Self::Code,
        Self::Name,
        Self::Level,
        Self::Kind,
        Self::Households,
        Self::Invented,
        Self::Rank,
        Self::Class,
        Self::HeightM,
        Self::Floors,
        Self::Workers,
        Self::DutyGap,
        Self::Buildings,
        Self::Facilities,
        Self::People,
        Self::PeopleWithheld,
        Self::PointCount,
        Self::Coverage,
    ];

    /// Is it counted below a grid?
    pub(super) fn is_count(self) -> bool {
        matches!(self, Self::Buildings | Self::Facilities | Self::People | Self::PeopleWithheld)
    }

    /// The type of its values.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Code | Self::Name | Self::Kind | Self::Class => Kind::Text,
            Self::Invented | Self::DutyGap | Self::PeopleWithheld => Kind::Truth,
            Self::Level | Self::Households | Self::Rank | Self::HeightM | Self::Floors | Self::Workers => {
                Kind::Number
            }
            Self::Buildings | Self::Facilities | Self::People | Self::PointCount | Self::Coverage => {
                Kind::Number
            }
        }
    }

    /// The key in the tile.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Name => "name",
            Self::Level => "level",
            Self::Kind => "kind",
            Self::Households => "households",
            Self::Invented => "invented",
            Self::Rank => "rank",
            Self::Class => "class",
            Self::HeightM => "height_m",
            Self::Floors => "floors",
            Self::Workers => "workers",
            Self::DutyGap => "duty_gap",
            Self::Buildings => "buildings",
            Self::Facilities => "facilities",
            Self::People => "people",
            Self::PeopleWithheld => "people_withheld",
            Self::PointCount => "point_count",
            Self::Coverage => "coverage",
        }
    }

    /// Do the features of a source have it?
    pub(super) fn belongs_to(self, source: Source) -> bool {
        match source {
            Source::Grids | Source::GridLabels => matches!(
                self,
                Self::Code
                    | Self::Name
                    | Self::Level
                    | Self::Kind
                    | Self::Households
                    | Self::Invented
                    | Self::Rank
                    | Self::Workers
                    | Self::DutyGap
                    | Self::Buildings
                    | Self::Facilities
                    | Self::People
                    | Self::PeopleWithheld
            ),
            Source::Buildings => {
                matches!(self, Self::Class | Self::Name | Self::HeightM | Self::Floors | Self::Households)
            }
            Source::BuildingBlocks => {
                matches!(self, Self::Buildings | Self::HeightM | Self::Floors | Self::Coverage)
            }
            Source::Facilities => matches!(self, Self::Class | Self::Name),
            Source::FacilityClusters => matches!(self, Self::PointCount),
            Source::Table => false,
        }
    }
}

/// The values of attributes for a principal: what is withheld is decided once a tile.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    atlas: &'a Atlas,
    class: PolicyClass,
    withheld: RefCell<WithheldNear<'a>>,
}

impl<'a> Attributes<'a> {
    /// Nothing of the principal counts but its policy class, under which tiles are kept.
    pub(super) fn new(atlas: &'a Atlas, who: &Principal) -> Self {
        Self { atlas, class: who.policy_class(), withheld: RefCell::new(WithheldNear::new(atlas)) }
    }

    /// The value of a field; `None` where it is not known or the item has no such field: the attribute is then absent.
    pub(super) fn value(&self, item: &Item<'a>, field: Field) -> Option<Value<'a>> {
        match item {
            Item::Grid(grid) | Item::Label(grid) => self.of_grid(*grid, field),
            Item::Building(building) => match field {
                Field::Class => Some(Value::Text(&building.class)),
                Field::Name => building.name.as_deref().map(Value::Text),
                Field::HeightM => building.height_m.map(Value::Measure),
                Field::Floors => building.floors.map(|n| Value::Count(n.into())),
                Field::Households => building.households.map(|n| Value::Count(n.into())),
                _ => None,
            },
            Item::Facility(facility) => match field {
                Field::Class => Some(Value::Text(&facility.class)),
                Field::Name => facility.name.as_deref().map(Value::Text),
                _ => None,
            },
        }
    }

    fn of_grid(&self, grid: GridIndex, field: Field) -> Option<Value<'a>> {
        let grids = self.atlas.grids();
        let duties = || self.atlas.staff().on_duty(grids.id(grid), self.atlas.as_of(), &[]).len();
        let counts = || self.atlas.resources().counts(grid);
        let total = |classes: &BTreeMap<String, u32>| {
            Some(Value::Count(classes.values().map(|n| u64::from(*n)).sum()))
        };
        let is_withheld = || !self.class.counts_people() || self.withheld.borrow_mut().contains(grid);
        match field {
            Field::Code => Some(Value::Code(grids.code(grid).as_str())),
            Field::Name => Some(Value::Text(grids.name(grid))),
            Field::Level => Some(Value::Count(grids.level(grid).number().into())),
            Field::Kind => grids.kind(grid).map(|kind| Value::Text(kind.as_str())),
            Field::Households => grids.households(grid).map(|n| Value::Count(n.into())),
            Field::Invented => Some(Value::Truth(grids.invented(grid))),
            Field::Rank => Some(Value::Count(rank(self.atlas, grid))),
            Field::Workers => Some(Value::Count(duties() as u64)),
            Field::DutyGap => Some(Value::Truth(duties() == 0)),
            Field::Buildings => total(&counts().buildings),
            Field::Facilities => total(&counts().facilities),
            Field::People => (!is_withheld()).then(|| Value::Count(counts().people.into())),
            Field::PeopleWithheld => Some(Value::Truth(is_withheld())),
            _ => None,
        }
    }
}

/// The order in which labels are placed, lower first: higher levels before lower ones, and within a level the large
/// before the small, size being the zoom (to a third) at which the envelope is as wide as a tile.
fn rank(atlas: &Atlas, grid: GridIndex) -> u64 {
    let envelope = atlas.grids().envelope(grid);
    let side = (0..2).map(|axis| envelope.max[axis] - envelope.min[axis]).fold(0.0, f64::max);
    let zoom = (360.0 / side.max(f64::MIN_POSITIVE)).log2();
    let size = (zoom * 3.0).clamp(0.0, 99.0) as u64;
    u64::from(atlas.grids().level(grid).number()) * 100 + size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_again_by_its_number() {
        for (number, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, number, "{}", field.as_str());
        }
    }
}
