//! A row's fields as a resource's attributes.

use serde_json::{Map, Number};

use crate::ingest::clean::tells_who;
use crate::ingest::source::Source;
use crate::ingest::value::Value;
use crate::ingest::{Defect, IngestError, ResourceMapping};

/// The service tags that a person may have.
const TAGS: [&str; 3] = ["lives_alone", "mobility_impaired", "meal_delivery"];

/// What a field is to a resource.
#[derive(Debug, Clone, PartialEq)]
enum Use {
    SourceId,
    Class,
    Name,
    Address,
    /// A property under the name that the store knows, holding a number from 0 up.
    Number(&'static str),
    /// The same, whole.
    Whole(&'static str),
    /// A property that is text whatever the file made of it.
    Text(&'static str),
    Tags,
    /// Any other property, under the field's own name.
    Property,
}

/// Fields of a source and what they are used for.
#[derive(Debug)]
pub(super) struct Columns {
    /// Places in the source, to be read in this order.
    pub fields: Vec<usize>,
    /// Fields that are left out of a person.
    pub not_kept: Vec<String>,
    /// True for the collection of people.
    pub people: bool,
    uses: Vec<(String, Use)>,
    class: Option<String>,
}

/// The attributes of one resource.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub source_id: Option<String>,
    pub class: String,
    pub name: Option<String>,
    pub address: Option<String>,
    pub properties: Map<String, serde_json::Value>,
    /// Values that were left out.
    pub dropped: Vec<Defect>,
    /// Reasons to reject the row.
    pub reasons: Vec<Defect>,
}

impl Columns {
    /// Finds what each field of a source is used for.
    pub(super) fn find(
        source: &Source,
        collection: &str,
        mapping: &ResourceMapping,
    ) -> Result<Self, IngestError> {
        let people = collection == "people";
        let mut columns = Self {
            fields: Vec::new(),
            not_kept: Vec::new(),
            people,
            uses: Vec::new(),
            class: mapping.class.clone(),
        };
        let mut uses: Vec<Option<Use>> = vec![None; source.fields.len()];
        for (key, given, usual, meaning) in wanted(collection, mapping) {
            match given {
                Some(field) => uses[source.field(key, field)?] = Some(meaning),
                None => {
                    let place =
                        usual.iter().find_map(|name| source.fields.iter().position(|field| field == name));
                    if let Some(place) = place.filter(|place| uses[*place].is_none()) {
                        uses[place] = Some(meaning);
                    }
                }
            }
        }
        if !uses.contains(&Some(Use::SourceId)) {
            return Err(missing(
                source,
                "source-id-field",
                "来源编号所在字段 the field with the identity in the owning system",
            ));
        }
        if !people && mapping.class.is_none() && !uses.contains(&Some(Use::Class)) {
            return Err(missing(source, "class-field", "类别 the class: --class C or --class-field F"));
        }
        for (place, (name, meaning)) in source.fields.iter().zip(uses).enumerate() {
            match meaning {
                None if people => columns.not_kept.push(name.clone()),
                meaning => {
                    columns.fields.push(place);
                    columns.uses.push((name.clone(), meaning.unwrap_or(Use::Property)));
                }
            }
        }
        Ok(columns)
    }

    /// Reads the fields of a row.
    pub(super) fn read(&self, values: &[Value], encoding: &str) -> Found {
        let mut found = Found { class: self.class.clone().unwrap_or_default(), ..Found::default() };
        for ((field, meaning), value) in self.uses.iter().zip(values) {
            if value.is_garbled() {
                let (field, encoding) = (field.clone(), encoding.to_owned());
                found.reasons.push(Defect::InvalidText { field, encoding });
                continue;
            }
            found.take(field, meaning, value);
        }
        if found.source_id.is_none() {
            found.reasons.push(Defect::NoSourceId);
        } else if self.people && found.source_id.as_deref().is_some_and(tells_who) {
            // The report does not name it either.
            found.source_id = None;
            found.reasons.push(Defect::TellingSourceId);
        }
        if found.class.is_empty() && !self.people {
            found.reasons.push(Defect::NoClass);
        }
        if found.name.is_none() && self.people {
            let reason = "姓名必填 a person has a name".to_owned();
            found.reasons.push(Defect::BadValue { field: "name".to_owned(), found: String::new(), reason });
        }
        found
    }
}

type Wanted<'a> = (&'static str, Option<&'a str>, &'static [&'static str], Use);

fn wanted<'a>(collection: &str, mapping: &'a ResourceMapping) -> Vec<Wanted<'a>> {
    let mut wanted: Vec<Wanted<'a>> = vec![
        ("source-id-field", mapping.source_id_field.as_deref(), &["source_id", "id"], Use::SourceId),
        ("name-field", mapping.name_field.as_deref(), &["name"], Use::Name),
        ("address-field", mapping.address_field.as_deref(), &["address"], Use::Address),
    ];
    if collection == "people" {
        wanted.push((
            "household-field",
            mapping.household_field.as_deref(),
            &["household"],
            Use::Text("household"),
        ));
        wanted.push(("phone-field", mapping.phone_field.as_deref(), &["phone"], Use::Text("phone")));
        wanted.push(("tags-field", mapping.tags_field.as_deref(), &["tags"], Use::Tags));
        return wanted;
    }
    wanted.push(("class-field", mapping.class_field.as_deref(), &["class"], Use::Class));
    if collection == "buildings" {
        let households = mapping.households_field.as_deref();
        wanted.push((
            "height-field",
            mapping.height_field.as_deref(),
            &["height_m", "height"],
            Use::Number("height_m"),
        ));
        wanted.push(("floors-field", mapping.floors_field.as_deref(), &["floors"], Use::Whole("floors")));
        wanted.push(("households-field", households, &["households"], Use::Whole("households")));
    }
    wanted
}

fn missing(source: &Source, key: &'static str, hint: &'static str) -> IngestError {
    IngestError::MissingSetting { key, hint, fields: source.fields.join(", ") }
}

impl Found {
    fn take(&mut self, field: &str, meaning: &Use, value: &Value) {
        let Some(text) = value.to_text() else { return };
        match meaning {
            Use::SourceId => self.source_id = Some(text),
            Use::Class => self.class = text,
            Use::Name => self.name = Some(text),
            Use::Address => self.address = Some(text),
            Use::Text(name) => self.put(name, text.into()),
            Use::Number(name) => match value.to_real().filter(|number| (0.0..=10_000.0).contains(number)) {
                Some(number) => self.put(name, number.into()),
                None => self.reasons.push(Defect::BadNumber { field: field.to_owned(), found: text }),
            },
            Use::Whole(name) => match value.to_integer().and_then(|number| i16::try_from(number).ok()) {
                Some(number @ 0..) => self.put(name, number.into()),
                _ => self.reasons.push(Defect::BadNumber { field: field.to_owned(), found: text }),
            },
            Use::Tags => self.take_tags(&text),
            Use::Property => self.put(field, json(value)),
        }
    }

    fn put(&mut self, name: &str, value: serde_json::Value) {
        self.properties.insert(name.to_owned(), value);
    }

    fn take_tags(&mut self, text: &str) {
        let given =
            text.split([',', ';', '，', '；', '、', '|']).map(str::trim).filter(|tag| !tag.is_empty());
        let (known, unknown): (Vec<&str>, Vec<&str>) = given.partition(|tag| TAGS.contains(tag));
        self.dropped.extend(unknown.into_iter().map(|tag| Defect::UnknownTag { found: tag.to_owned() }));
        self.put("tags", known.into());
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) => text.clone().into(),
        Value::Integer(number) => (*number).into(),
        Value::Real(number) => Number::from_f64(*number).map_or(serde_json::Value::Null, Into::into),
    }
}
