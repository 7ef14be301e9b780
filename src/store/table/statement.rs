//! The statement for a page of features: what is asked, behind which position, in which order. Whatever a caller wrote is a parameter.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

use super::filter::Written;
use super::inspect::{IdKind, Shape};
use super::items::{ItemsQuery, Position, SortKey};
use super::tile::{DEGREES, Place};
use super::{ColumnKind, Table, TableError, Window, filter, quoted};

/// The first parameter of a filter.
const FREE: usize = 1;
/// EPSG code of degrees, as `Window` names it.
const WGS84: i32 = DEGREES[0];

/// The column that tells features apart, quoted.
pub(super) fn identity(table: &Table) -> Result<(String, IdKind), TableError> {
    match &table.feature_id {
        Some((column, kind)) => Ok((quoted(column), *kind)),
        None => Err(TableError::unfit(
            &table.source,
            "its features have no identity; name the column that tells them apart: feature_id = \"...\"",
        )),
    }
}

pub(super) fn cast_of(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Whole => "::int8",
        IdKind::Uuid => "::uuid",
    }
}

/// A box as the tiles ask for theirs: the rows of it are found by the spatial index, whatever the system of the table.
pub(super) fn window(sides: [f64; 4]) -> Window {
    Window { srid: WGS84, envelope: sides, reach: sides, degrees: sides, is_last: [true; 2] }
}

/// A statement with its parameters.
#[derive(Clone)]
pub(super) struct Statement<'a> {
    pub(super) table: &'a Table,
    pub(super) where_: String,
    pub(super) filter: Written,
    has_geometry: bool,
}

impl<'a> Statement<'a> {
    pub(super) fn begin(
        table: &'a Table,
        query: &ItemsQuery,
        time: Option<&str>,
        boxes: &[([f64; 4], Place)],
    ) -> Result<Self, TableError> {
        let mut filter = filter::write(&query.filter, table, FREE)?;
        let mut where_ = format!("true{}", std::mem::take(&mut filter.text));
        if !boxes.is_empty() {
            let parts: Vec<_> =
                boxes.iter().map(|(sides, place)| meets(table, &mut filter, *sides, *place)).collect();
            where_ += &format!(" and ({})", parts.join(" or "));
        }
        if let (Some(column), Some(period)) = (time, query.period) {
            // A day is as long as it lasts: it meets every instant of it.
            let is_day = table.columns.iter().any(|c| c.name == column && c.kind == ColumnKind::Day);
            let (own, end) = if is_day {
                ("", "::timestamptz at time zone 'UTC')::date")
            } else {
                ("::timestamptz", "::timestamptz)")
            };
            let column = format!("t.{}{own}", quoted(column));
            let mut within = format!("{column} is null");
            let from = period.from.map(|from| format!("{column} >= ({}{end}", filter.instant(from)));
            let until = period.until.map(|until| format!("{column} <= ({}{end}", filter.instant(until)));
            let ends: Vec<_> = from.into_iter().chain(until).collect();
            within +=
                &format!(" or ({})", if ends.is_empty() { "true".to_owned() } else { ends.join(" and ") });
            where_ += &format!(" and ({within})");
        }
        Ok(Self { table, where_, filter, has_geometry: !query.is_without_geometry })
    }

    /// Lets only those pass that come behind a position.
    pub(super) fn go_behind(&mut self, after: Option<&Position>, order: &[SortKey]) {
        let Some(after) = after else { return };
        let Some((id, kind)) = &self.table.feature_id else { return };
        let (mut same, mut parts) = (String::new(), Vec::new());
        for (key, value) in order.iter().zip(&after.keys) {
            let column = sorted(self.table, key.field);
            let sign = if key.descending { "<" } else { ">" };
            match value {
                Some(value) => {
                    let value = self.filter.text_value(value.clone());
                    let value = format!("{value}::text{}", cast(self.table, key.field));
                    parts.push(format!("{same}({column} {sign} {value} or {column} is null)"));
                    same += &format!("{column} = {value} and ");
                }
                // Behind those without a value there are only others without one.
                None => same += &format!("{column} is null and "),
            }
        }
        let value = self.filter.text_value(after.id.to_string());
        parts.push(format!("{same}t.{} > {value}::text{}", quoted(id), cast_of(*kind)));
        self.where_ += &format!(" and ({})", parts.join(" or "));
    }

    pub(super) fn select(&self) -> String {
        let geometry = format!("t.{}", quoted(&self.table.geometry));
        let flat = match self.table.shape {
            Shape::Any => format!("st_curvetoline(st_force2d({geometry}))"),
            _ => format!("st_force2d({geometry})"),
        };
        let degrees = match DEGREES.contains(&self.table.srid) {
            true => flat,
            false => format!("st_transform({flat}, {WGS84})"),
        };
        let id =
            self.table.feature_id.as_ref().map_or("null".to_owned(), |(column, kind)| {
                format!("t.{}{}", quoted(column), cast_of(*kind))
            });
        let geometry =
            if self.has_geometry { format!("st_asbinary({degrees})") } else { "null::bytea".to_owned() };
        let mut columns = vec![id, geometry];
        columns.extend(self.table.columns.iter().map(super::Column::value));
        format!("select {} from {} t where {}", columns.join(", "), self.table.named(), self.where_)
    }

    /// The rows of a page, and one more.
    pub(super) fn rows(&self, order: &[SortKey], limit: usize) -> String {
        let mut keys: Vec<String> = order
            .iter()
            .map(|key| {
                let direction = if key.descending { "desc" } else { "asc" };
                format!("{} {direction} nulls last", sorted(self.table, key.field))
            })
            .collect();
        keys.extend(self.table.feature_id.as_ref().map(|(column, _)| format!("t.{}", quoted(column))));
        format!("{} order by {} limit {}", self.select(), keys.join(", "), limit.saturating_add(1))
    }

    pub(super) fn bind<'q>(&self, text: &'q str) -> Query<'q, Postgres, PgArguments> {
        self.filter.clone().bind(sqlx::query(AssertSqlSafe(text.to_owned())).persistent(false))
    }
}

/// A column as it is sorted and compared: text by code points, numbers as numbers.
fn sorted(table: &Table, field: usize) -> String {
    match table.columns.get(field) {
        Some(column) => format!("({}){}", column.value(), collation(column.kind)),
        None => "null".to_owned(),
    }
}

fn cast(table: &Table, field: usize) -> &'static str {
    table.columns.get(field).map_or("", |column| match column.kind {
        ColumnKind::Whole => "::int8",
        ColumnKind::Real | ColumnKind::Single => "::float8",
        ColumnKind::Truth => "::bool",
        ColumnKind::Day => "::date",
        ColumnKind::Instant => "::timestamptz",
        ColumnKind::Json | ColumnKind::Texts | ColumnKind::Numbers => "::jsonb",
        ColumnKind::Text | ColumnKind::Uuid | ColumnKind::Other => " collate \"C\"",
    })
}

fn collation(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text | ColumnKind::Uuid | ColumnKind::Other => " collate \"C\"",
        _ => "",
    }
}

/// Does a row meet a box? Its envelope by the index first, then the geometry itself, in degrees.
fn meets(table: &Table, filter: &mut Written, sides: [f64; 4], place: Place) -> String {
    let geometry = format!("t.{}", quoted(&table.geometry));
    let (srid, own) = match DEGREES.contains(&table.srid) {
        true => (table.srid, geometry.clone()),
        false => (WGS84, format!("st_transform({geometry}, {WGS84})")),
    };
    let exact = format!("st_intersects({own}, {})", filter.envelope(sides, srid));
    match place {
        Place::Index(around, srid) => {
            format!("({geometry} && {} and {exact})", filter.envelope(around, srid))
        }
        Place::Rows(_) => exact,
    }
}
