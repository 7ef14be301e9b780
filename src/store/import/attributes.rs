//! Which properties of a resource become columns, and which may not be kept.

use geo::Geometry;
use serde_json::Value;

use super::resources::Table;
use crate::model::Resource;
use crate::store::StoreError;

/// The service tags that a person may have; the table's check says the same.
const TAGS: [&str; 3] = ["lives_alone", "mobility_impaired", "meal_delivery"];

/// The columns that come out of a resource's properties.
#[derive(Debug, Default, PartialEq)]
pub(in crate::store) struct Attributes {
    /// What is left, as JSON.
    pub(in crate::store) properties: String,
    pub(in crate::store) height_m: Option<f32>,
    pub(in crate::store) floors: Option<i16>,
    pub(in crate::store) households: Option<i32>,
    pub(in crate::store) household: Option<String>,
    pub(in crate::store) phone: Option<String>,
    pub(in crate::store) tags: Vec<String>,
    /// As it is stored: of a person it is sealed.
    pub(in crate::store) name: Option<String>,
    /// The same.
    pub(in crate::store) address: Option<String>,
}

impl Attributes {
    /// Takes the properties of a resource apart. An empty text and null count as absent in a column.
    pub(in crate::store) fn of(
        table: Table,
        collection: &str,
        resource: &Resource,
    ) -> Result<Self, StoreError> {
        let reader = Reader { collection, resource };
        let (name, address) = (resource.name.clone(), resource.address.clone());
        let mut columns = Self { name, address, ..Self::default() };
        let known: &[&str] = match table {
            Table::Building => {
                columns.height_m = reader.number("height_m", 10_000.0, "metres")?.map(|height| height as f32);
                columns.floors = reader.whole("floors", i16::MAX.into())?.and_then(|n| i16::try_from(n).ok());
                columns.households =
                    reader.whole("households", i32::MAX.into())?.and_then(|n| i32::try_from(n).ok());
                &["height_m", "floors", "households"]
            }
            Table::Person => {
                columns.household = reader.text("household")?;
                columns.phone = reader.text("phone")?;
                columns.tags = reader.tags()?;
                &["household", "phone", "tags"]
            }
            Table::Facility | Table::Resource => &[],
        };
        let rest: serde_json::Map<String, Value> = resource
            .properties
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        match rest.keys().next() {
            Some(property) if table == Table::Person => Err(StoreError::PersonProperty {
                source_id: resource.source_id.clone(),
                property: property.clone(),
            }),
            _ => Ok(Self { properties: Value::Object(rest).to_string(), ..columns }),
        }
    }
}

/// A person has an address point and a name; a building is a point or an area.
pub(in crate::store) fn geometry_fits(
    table: Table,
    collection: &str,
    resource: &Resource,
) -> Result<(), StoreError> {
    let reader = Reader { collection, resource };
    if table == Table::Person && resource.name.is_none() {
        return Err(reader.wrong("name", "missing".to_owned(), "a name"));
    }
    match (table, &resource.geometry) {
        (Table::Person, Geometry::Point(_)) => Ok(()),
        (Table::Person, _) => Err(reader.wrong("geometry", reader.kind(), "a point")),
        (Table::Building, Geometry::Point(_) | Geometry::Polygon(_) | Geometry::MultiPolygon(_)) => Ok(()),
        (Table::Building, _) => Err(reader.wrong("geometry", reader.kind(), "a polygon or a point")),
        _ => Ok(()),
    }
}

struct Reader<'a> {
    collection: &'a str,
    resource: &'a Resource,
}

impl Reader<'_> {
    fn value(&self, property: &str) -> Option<&Value> {
        let value = self.resource.properties.get(property)?;
        (!value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty())).then_some(value)
    }

    /// A number from 0 to a maximum, or a text that is one.
    fn number(
        &self,
        property: &'static str,
        max: f64,
        wanted: &'static str,
    ) -> Result<Option<f64>, StoreError> {
        let Some(value) = self.value(property) else { return Ok(None) };
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        match number.filter(|number| (0.0..=max).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(property, value.to_string(), wanted)),
        }
    }

    fn whole(&self, property: &'static str, max: i64) -> Result<Option<i64>, StoreError> {
        const WANTED: &str = "a whole number, 0 or more";
        match self.number(property, max as f64, WANTED)? {
            Some(number) if number.fract() == 0.0 => Ok(Some(number as i64)),
            Some(number) => Err(self.wrong(property, number.to_string(), WANTED)),
            None => Ok(None),
        }
    }

    fn text(&self, property: &'static str) -> Result<Option<String>, StoreError> {
        match self.value(property) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(self.wrong(property, other.to_string(), "a text")),
        }
    }

    /// An array of tags, or a text with tags between commas.
    fn tags(&self) -> Result<Vec<String>, StoreError> {
        const WANTED: &str = "among lives_alone, mobility_impaired, meal_delivery";
        let tags: Vec<String> = match self.value("tags") {
            None => Vec::new(),
            Some(Value::String(text)) => text.split(',').map(|tag| tag.trim().to_owned()).collect(),
            Some(Value::Array(tags)) => {
                tags.iter().map(|tag| tag.as_str().map_or_else(|| tag.to_string(), str::to_owned)).collect()
            }
            Some(other) => return Err(self.wrong("tags", other.to_string(), WANTED)),
        };
        match tags.iter().find(|tag| !TAGS.contains(&tag.as_str())) {
            Some(unknown) => Err(self.wrong("tags", unknown.clone(), WANTED)),
            None => Ok(tags),
        }
    }

    fn kind(&self) -> String {
        let shown = format!("{:?}", self.resource.geometry);
        shown.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_owned()
    }

    fn wrong(&self, property: &'static str, found: String, wanted: &'static str) -> StoreError {
        StoreError::Property {
            collection: self.collection.to_owned(),
            source_id: self.resource.source_id.clone(),
            property,
            found,
            wanted,
        }
    }
}
