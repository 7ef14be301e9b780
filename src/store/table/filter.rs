//! A condition as SQL, with the meaning that `cql::Condition` gives it: names come from the declared columns and are quoted, and whatever
//! a caller wrote is a parameter.

use chrono::{DateTime, NaiveDate, Utc};
use geo::{Geometry, MultiPolygon};
use geozero::{CoordDimensions, ToWkb};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::tile::DEGREES;
use super::{ColumnKind, Table, quoted};
use crate::cql::{
    Arithmetic, Comparison, Condition, Kind, Literal, Property, Queryable, Relation, Scalar, Set, SetRelation,
};
use crate::store::StoreError;

/// Which features of a table are shown.
#[derive(Debug, Clone, Default)]
pub struct TableFilter {
    /// Those of which this is true; of the queryables of the table.
    pub condition: Option<Condition>,
    /// Those whose column `class` says one of these; empty: all.
    pub classes: Vec<String>,
    /// Those that touch this territory, in degrees.
    pub within: Option<MultiPolygon<f64>>,
}

/// The name of the column that says of which class a feature is.
const CLASS: &str = "class";

impl Table {
    /// What can be asked of its features: its columns, and `geometry`.
    pub fn queryables(&self) -> Vec<Queryable<'_>> {
        let columns = self.columns.iter().enumerate();
        let columns =
            columns.map(|(key, column)| Queryable { name: &column.name, kind: kind(column.kind), key });
        columns
            .chain([Queryable { name: "geometry", kind: Kind::Geometry, key: self.columns.len() }])
            .collect()
    }

    /// Do its features have classes?
    pub fn has_classes(&self) -> bool {
        self.columns.iter().any(|column| column.name == CLASS && kind(column.kind) == Kind::Text)
    }
}

fn kind(kind: ColumnKind) -> Kind {
    match kind {
        ColumnKind::Whole | ColumnKind::Single | ColumnKind::Real => Kind::Number,
        ColumnKind::Truth => Kind::Truth,
        ColumnKind::Day => Kind::Date,
        ColumnKind::Instant => Kind::Timestamp,
        ColumnKind::Text | ColumnKind::Uuid | ColumnKind::Json | ColumnKind::Other => Kind::Text,
        ColumnKind::Texts => Kind::Texts,
        ColumnKind::Numbers => Kind::Numbers,
    }
}

/// What a caller wrote.
#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Text(String),
    Texts(Vec<String>),
    Number(f64),
    Numbers(Vec<f64>),
    Truth(bool),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    Geometry(Vec<u8>),
}

/// A filter written as SQL.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// What stands behind `where ...`: nothing, or parts with `and` before each.
    pub(super) text: String,
    /// The number of the first parameter.
    first: usize,
    values: Vec<Bound>,
}

impl Written {
    /// Binds the values, in the order of their parameters.
    pub(super) fn bind(self, query: Query<'_, Postgres, PgArguments>) -> Query<'_, Postgres, PgArguments> {
        self.values.into_iter().fold(query, |query, value| match value {
            Bound::Text(text) => query.bind(text),
            Bound::Texts(texts) => query.bind(texts),
            Bound::Number(number) => query.bind(number),
            Bound::Numbers(numbers) => query.bind(numbers),
            Bound::Truth(truth) => query.bind(truth),
            Bound::Date(date) => query.bind(date),
            Bound::Instant(instant) => query.bind(instant),
            Bound::Geometry(bytes) => query.bind(bytes),
        })
    }

    /// Does it let everything pass?
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes a text as one more parameter, and gives its name.
    pub(super) fn text_value(&mut self, text: String) -> String {
        self.value(Bound::Text(text))
    }

    /// The same of an instant.
    pub(super) fn instant(&mut self, instant: DateTime<Utc>) -> String {
        self.value(Bound::Instant(instant))
    }

    /// The same of a box: west, south, east and north.
    pub(super) fn envelope(&mut self, sides: [f64; 4], srid: i32) -> String {
        let sides = sides.map(|side| format!("{}::float8", self.value(Bound::Number(side))));
        format!("st_makeenvelope({}, {srid})", sides.join(", "))
    }

    fn value(&mut self, value: Bound) -> String {
        self.values.push(value);
        format!("${}", self.first + self.values.len() - 1)
    }
}

/// Writes a filter; `first` is the number of the first parameter that is free.
pub(super) fn write(filter: &TableFilter, table: &Table, first: usize) -> Result<Written, StoreError> {
    let mut writer = Writer { table, written: Written { text: String::new(), first, values: Vec::new() } };
    let mut text = String::new();
    for (column, value) in &table.source.only {
        let value = writer.value(Bound::Text(value.clone()));
        text += &format!(" and t.{}::text = {value}::text", quoted(column));
    }
    if !filter.classes.is_empty() {
        let classes = writer.value(Bound::Texts(filter.classes.clone()));
        text += &format!(" and t.{}::text = any({classes}::text[])", quoted(CLASS));
    }
    if let Some(territory) = &filter.within {
        let territory = writer.shape(&Geometry::MultiPolygon(territory.clone()))?;
        text += &format!(" and st_intersects({}, {territory})", writer.degrees());
    }
    if let Some(condition) = &filter.condition {
        text += &format!(" and {}", writer.condition(condition)?);
    }
    Ok(Written { text, ..writer.written })
}

struct Writer<'a> {
    table: &'a Table,
    written: Written,
}

impl Writer<'_> {
    /// Takes a value, and gives the name of its parameter.
    fn value(&mut self, value: Bound) -> String {
        self.written.value(value)
    }

    /// The geometry of a row in degrees: rows are brought to the system of the filter, since not every geometry of the earth has a place
    /// in that of the table.
    fn degrees(&self) -> String {
        let geometry = quoted(&self.table.geometry);
        match DEGREES.contains(&self.table.srid) {
            true => format!("t.{geometry}"),
            false => format!("st_transform(t.{geometry}, {})", DEGREES[0]),
        }
    }

    /// A geometry in degrees, in the system that [`Writer::degrees`] gives.
    fn shape(&mut self, geometry: &Geometry<f64>) -> Result<String, StoreError> {
        let bytes =
            geometry.to_wkb(CoordDimensions::xy()).map_err(|error| StoreError::stored("geometry", error))?;
        let srid = if DEGREES.contains(&self.table.srid) { self.table.srid } else { DEGREES[0] };
        Ok(format!("st_geomfromwkb({}, {srid})", self.value(Bound::Geometry(bytes))))
    }

    fn condition(&mut self, condition: &Condition) -> Result<String, StoreError> {
        Ok(match condition {
            Condition::Always(truth) => truth.to_string(),
            Condition::All(parts) => self.joined(parts, " and ")?,
            Condition::Any(parts) => self.joined(parts, " or ")?,
            Condition::Not(part) => format!("(not {})", self.condition(part)?),
            Condition::Compare(left, comparison, right) => {
                format!("({} {} {})", self.scalar(left), symbol(*comparison), self.scalar(right))
            }
            Condition::In(value, list) => {
                let value = self.scalar(value);
                let list: Vec<_> = list.iter().map(|one| self.scalar(one)).collect();
                format!("({value} in ({}))", list.join(", "))
            }
            Condition::Like(value, pattern) => {
                let value = self.scalar(value);
                format!("({value} like {}::text)", self.value(Bound::Text(closed(pattern))))
            }
            Condition::IsNull(Scalar::Property(property)) if property.kind == Kind::Geometry => {
                format!("(t.{} is null)", quoted(&self.table.geometry))
            }
            Condition::IsNull(value) => format!("({} is null)", self.scalar(value)),
            Condition::Spatial(_, relation, shape) => {
                let shape = self.shape(shape.geometry())?;
                format!("{}({}, {shape})", predicate(*relation), self.degrees())
            }
            // A table has one geometry.
            Condition::Related(_, relation, _) => {
                format!("{}({own}, {own})", predicate(*relation), own = self.degrees())
            }
            Condition::Sets(property, relation, set) => self.sets(property, *relation, set),
        })
    }

    fn joined(&mut self, parts: &[Condition], between: &str) -> Result<String, StoreError> {
        let parts = parts.iter().map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("({})", parts.join(between)))
    }

    fn scalar(&mut self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::Property(property) => self.property(property),
            Scalar::Literal(Literal::Text(text)) => {
                format!("{}::text collate \"C\"", self.value(Bound::Text(text.clone())))
            }
            Scalar::Literal(Literal::Number(number)) => {
                format!("{}::float8", self.value(Bound::Number(*number)))
            }
            Scalar::Literal(Literal::Truth(truth)) => format!("{}::bool", self.value(Bound::Truth(*truth))),
            Scalar::Literal(Literal::Date(date)) => format!("{}::date", self.value(Bound::Date(*date))),
            Scalar::Literal(Literal::Timestamp(instant)) => {
                format!("{}::timestamptz", self.value(Bound::Instant(*instant)))
            }
            // As `cql::fold`: the last sigma of a word is one like all others.
            Scalar::Folded(text) => format!(
                "(translate(lower(upper(lower({} collate \"und-x-icu\"))), 'ς', 'σ') collate \"C\")",
                self.scalar(text)
            ),
            // A subquery, since each side is named more than once.
            Scalar::Arithmetic(left, arithmetic, right) => format!(
                "(select case when x is null or y is null then null {} end from (select {} as x, {} as y offset 0) a)",
                guarded(*arithmetic),
                self.scalar(left),
                self.scalar(right)
            ),
        }
    }

    /// Lists as sets. An element that is absent keeps a list of PostgreSQL from being a part of another one, so it is taken away where that is asked; elsewhere the
    /// column stands as it is, for the sake of an index.
    fn sets(&mut self, property: &Property, relation: SetRelation, set: &Set) -> String {
        let own = self.property(property);
        let present = |list: &str| format!("array_remove({list}, null)");
        let other = match set {
            Set::Property(other) => present(&self.property(other)),
            Set::Literals(literals) => self.literals(property.kind, literals),
        };
        match relation {
            SetRelation::Contains => format!("({own} @> {other})"),
            SetRelation::ContainedBy => format!("({} <@ {other})", present(&own)),
            SetRelation::Equals => format!("({own} @> {other} and {} <@ {other})", present(&own)),
            SetRelation::Overlaps => format!("({own} && {other})"),
        }
    }

    fn literals(&mut self, kind: Kind, literals: &[Literal]) -> String {
        let text = |literal: &Literal| match literal {
            Literal::Text(text) => Some(text.clone()),
            _ => None,
        };
        let number = |literal: &Literal| match literal {
            Literal::Number(number) => Some(*number),
            _ => None,
        };
        match kind {
            Kind::Texts => {
                let texts = literals.iter().filter_map(text).collect();
                format!("{}::text[]", self.value(Bound::Texts(texts)))
            }
            _ => {
                let numbers = literals.iter().filter_map(number).collect();
                format!("{}::float8[]", self.value(Bound::Numbers(numbers)))
            }
        }
    }

    fn property(&self, property: &Property) -> String {
        let Some(column) = self.table.columns.get(property.key) else { return "null".to_owned() };
        let name = format!("t.{}", quoted(&column.name));
        match column.kind {
            ColumnKind::Whole => format!("{name}::float8"),
            // What is no finite number is absent.
            ColumnKind::Real => format!("(case when abs({name}) < 1e308 then {name}::float8 end)"),
            // As the decimal that it was given as.
            ColumnKind::Single => format!("(case when abs({name}) < 1e308 then {name}::text::float8 end)"),
            ColumnKind::Truth | ColumnKind::Day => name,
            ColumnKind::Instant => format!("{name}::timestamptz"),
            ColumnKind::Texts => format!("{name}::text[]"),
            // As the decimals that they were given as.
            ColumnKind::Numbers => format!("{name}::text[]::float8[]"),
            ColumnKind::Text | ColumnKind::Uuid | ColumnKind::Json | ColumnKind::Other => {
                format!("{name}::text collate \"C\"")
            }
        }
    }
}

/// PostgreSQL refuses a pattern that ends in the middle of an escape; there, a backslash stands for itself.
fn closed(pattern: &str) -> String {
    let open = pattern.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
    format!("{pattern}{}", if open { "\\" } else { "" })
}

fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::Unequal => "<>",
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
    }
}

fn predicate(relation: Relation) -> &'static str {
    match relation {
        Relation::Intersects => "st_intersects",
        Relation::Disjoint => "st_disjoint",
        Relation::Within => "st_within",
        Relation::Contains => "st_contains",
        Relation::Equals => "st_equals",
        Relation::Touches => "st_touches",
        Relation::Overlaps => "st_overlaps",
        Relation::Crosses => "st_crosses",
    }
}

/// The cases of arithmetic on `x` and `y`, neither of which is absent. The result is absent where PostgreSQL would end the query: at what is
/// undefined, and outside 1e-307 to 1e307.
fn guarded(arithmetic: Arithmetic) -> &'static str {
    match arithmetic {
        Arithmetic::Plus => "when abs(x) < 5e307 and abs(y) < 5e307 then x + y",
        Arithmetic::Minus => "when abs(x) < 5e307 and abs(y) < 5e307 then x - y",
        Arithmetic::Times => {
            "when x = 0 or y = 0 then 0 when abs(log(abs(x)) + log(abs(y))) < 307 then x * y"
        }
        Arithmetic::Over => {
            "when y = 0 then null when x = 0 then 0 when abs(log(abs(x)) - log(abs(y))) < 307 then x / y"
        }
        Arithmetic::Whole => {
            "when y = 0 then null when x = 0 then 0 when abs(log(abs(x)) - log(abs(y))) < 307 then trunc(x / y)"
        }
        Arithmetic::Modulo => "when y <> 0 then mod(x::text::numeric, y::text::numeric)::float8",
        Arithmetic::Power => {
            "when y = 0 then 1 when x = 0 then case when y > 0 then 0 end when x < 0 and y <> trunc(y) then null \
             when abs(y) between 1e-300 and 1e15 and abs(y * log(abs(x))) < 307 then power(x, y)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_never_ends_in_the_middle_of_an_escape() {
        assert_eq!(closed(r"a\"), r"a\\");
        assert_eq!(closed(r"a\\"), r"a\\");
        assert_eq!(closed(r"\%"), r"\%");
        assert_eq!(closed(""), "");
    }
}
