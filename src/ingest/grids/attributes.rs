//! A row's fields as a grid's attributes.

use crate::ingest::clean::codes::read_code;
use crate::ingest::mapping::{GridMapping, GridRules, ParentRule, parse_kind};
use crate::ingest::source::Source;
use crate::ingest::value::Value;
use crate::ingest::{Defect, IngestError};
use crate::model::{Code, GridKind, Level, scheme_of};

/// Where the fields of a source stand in [`crate::ingest::read::Row::values`].
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// Places in the source, to be read in this order.
    pub fields: Vec<usize>,
    names: Vec<String>,
    code: usize,
    name: usize,
    level: Option<usize>,
    kind: Option<usize>,
    households: Option<usize>,
    parent: Option<usize>,
}

impl Columns {
    /// Finds the mapped fields in a source.
    pub(super) fn find(
        source: &Source,
        mapping: &GridMapping,
        rules: &GridRules,
    ) -> Result<Self, IngestError> {
        if rules.level.is_none() && mapping.level_field.is_none() {
            return Err(missing(
                source,
                "level",
                "各网格的层级 the level of the grids: --level N or --level-field F",
            ));
        }
        let mut columns = Self::default();
        columns.code = columns.required(source, "code-field", mapping.code_field.as_deref(), "code")?;
        columns.name = columns.required(source, "name-field", mapping.name_field.as_deref(), "name")?;
        columns.level = columns.optional(source, "level-field", mapping.level_field.as_deref())?;
        columns.kind = columns.optional(source, "kind-field", mapping.kind_field.as_deref())?;
        columns.households =
            columns.optional(source, "households-field", mapping.households_field.as_deref())?;
        if let ParentRule::Field(field) = &rules.parent {
            columns.parent = columns.optional(source, "parent", Some(field))?;
        }
        Ok(columns)
    }

    fn add(&mut self, source: &Source, place: usize) -> usize {
        self.fields.push(place);
        self.names.push(source.fields[place].clone());
        self.fields.len() - 1
    }

    fn required(
        &mut self,
        source: &Source,
        key: &'static str,
        field: Option<&str>,
        usual: &str,
    ) -> Result<usize, IngestError> {
        let place = match field {
            Some(field) => source.field(key, field)?,
            None => source
                .field(key, usual)
                .map_err(|_| missing(source, key, "所在字段 the field that holds it"))?,
        };
        Ok(self.add(source, place))
    }

    fn optional(
        &mut self,
        source: &Source,
        key: &'static str,
        field: Option<&str>,
    ) -> Result<Option<usize>, IngestError> {
        let place = field.map(|field| source.field(key, field)).transpose()?;
        Ok(place.map(|place| self.add(source, place)))
    }
}

fn missing(source: &Source, key: &'static str, hint: &'static str) -> IngestError {
    IngestError::MissingSetting { key, hint, fields: source.fields.join(", ") }
}

/// The attributes of one grid; those that could not be read are `None`.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub code: Option<Code>,
    pub scheme: String,
    pub level: Option<Level>,
    pub kind: Option<GridKind>,
    pub name: String,
    pub households: Option<u32>,
    /// The parent's code, where a field holds it.
    pub parent: Option<String>,
    pub repairs: Vec<Defect>,
    pub reasons: Vec<Defect>,
}

/// Reads the fields of a row.
pub(super) fn read(
    values: &[Value],
    columns: &Columns,
    mapping: &GridMapping,
    rules: &GridRules,
    encoding: &str,
) -> Attributes {
    let mut attributes = Attributes::default();
    for (value, name) in values.iter().zip(&columns.names) {
        if value.is_garbled() {
            let field = name.clone();
            attributes.reasons.push(Defect::InvalidText { field, encoding: encoding.to_owned() });
        }
    }
    attributes.read_code(&values[columns.code]);
    attributes.scheme = mapping.scheme.clone().unwrap_or_else(|| {
        attributes.code.as_ref().map_or("local", |code| scheme_of(code.as_str())).to_owned()
    });
    attributes.level = rules.level;
    if let Some(column) = columns.level {
        attributes.read_level(&values[column]);
    }
    attributes.kind = rules.kind;
    if let Some(text) = columns.kind.and_then(|column| values[column].to_text()) {
        attributes.kind = parse_kind(&text);
        if attributes.kind.is_none() {
            attributes.reasons.push(Defect::UnknownKind { found: text });
        }
    }
    if let Some(column) = columns.households {
        attributes.read_households(&values[column]);
    }
    attributes.read_name(&values[columns.name]);
    if let Some(column) = columns.parent {
        attributes.read_parent(&values[column]);
    }
    attributes
}

impl Attributes {
    fn read_code(&mut self, value: &Value) {
        match read_code(value) {
            Ok((code, repairs)) => {
                self.code = Some(code);
                self.repairs.extend(repairs);
            }
            Err(reason) => self.reasons.push(reason),
        }
    }

    fn read_level(&mut self, value: &Value) {
        self.level = value.to_integer().and_then(|number| Level::new(number).ok());
        if self.level.is_none() {
            let found = value.to_text().unwrap_or_else(|| "(空 empty)".to_owned());
            self.reasons.push(Defect::LevelOutOfRange { found });
        }
    }

    fn read_households(&mut self, value: &Value) {
        let Some(found) = value.to_text() else { return };
        // The database keeps them in 32 bits with a sign.
        let number = value.to_integer().and_then(|number| i32::try_from(number).ok());
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => self.households = Some(number),
            None => self.reasons.push(Defect::BadHouseholds { found }),
        }
    }

    fn read_name(&mut self, value: &Value) {
        match (value.to_text(), &self.code) {
            (Some(name), _) => self.name = name,
            (None, Some(code)) => {
                self.name = code.to_string();
                self.repairs.push(Defect::NoName);
            }
            (None, None) => {}
        }
    }

    fn read_parent(&mut self, value: &Value) {
        // A parent's code suffers like any other; its repair is worth a word only where it is that of the grid itself.
        match read_code(value) {
            Ok((parent, _)) => self.parent = Some(parent.to_string()),
            Err(Defect::NoCode) => {}
            Err(_) => {
                let parent = value.to_text().unwrap_or_default();
                self.reasons.push(Defect::UnknownParent { parent });
            }
        }
    }
}
