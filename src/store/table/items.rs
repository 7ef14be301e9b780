//! The rows of a registered table as features: page after page, in an order that writes do not disturb.
//!
//! A page begins behind the position at which the last one ended, a position being the values that the order asks for and the identity. So what is
//! inserted or deleted meanwhile moves nothing: every row that was there throughout comes exactly once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use geo::Geometry;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row};
use uuid::Uuid;

use super::filter::Written;
use super::inspect::{IdKind, Shape};
use super::reading::Reading;
use super::tile::{DEGREES, Place, place};
use super::{ColumnKind, Table, TableError, TableFilter, Window, filter, quoted};
use crate::model::{Feature, FeatureId};
use crate::store::{Store, StoreError, ewkb};

/// One key of an order: the features that have no value come last, whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// The place of the field among those of the collection.
    pub field: usize,
    /// From the highest down?
    pub descending: bool,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The values of the last feature, one a sort key, as text that the field can hold; `None`: it has none.
    pub keys: Vec<Option<String>>,
    /// Its identity.
    pub id: FeatureId,
}

/// A span of time, either end of which may be open; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant; `None`: since always.
    pub from: Option<DateTime<Utc>>,
    /// The last instant; `None`: for ever.
    pub until: Option<DateTime<Utc>>,
}

/// Which features of a collection, in which order, and how many.
#[derive(Debug, Clone, Default)]
pub struct ItemsQuery {
    /// What is asked of them.
    pub filter: TableFilter,
    /// West, south, east and north, degrees: those that meet one of these boxes; none given: all.
    pub boxes: Vec<[f64; 4]>,
    /// Those whose time meets this period; what has no time has any.
    pub period: Option<Period>,
    /// The order; behind all keys that of the identities.
    pub order: Vec<SortKey>,
    /// Those behind this position.
    pub after: Option<Position>,
    /// The most features of the page.
    pub limit: usize,
    /// Are all to be counted that match?
    pub is_counted: bool,
    /// Are the geometries left out?
    pub is_without_geometry: bool,
}

/// One page of features.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The features.
    pub features: Vec<Feature>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<Position>,
    /// How many match, whatever the page; `None`: they were not counted, or it would have taken too long.
    pub matched: Option<u64>,
}

/// The first parameter of a filter.
const FREE: usize = 1;
/// EPSG code of degrees, as `Window` names it.
const WGS84: i32 = DEGREES[0];

impl Store {
    /// One page of the features of a table. `time`: the column that says when they are.
    pub async fn table_items(
        &self,
        table: &Table,
        time: Option<&str>,
        query: &ItemsQuery,
    ) -> Result<Page, TableError> {
        let mut reading = Reading::begin(self, &table.source, table.source.time_limit).await?;
        let (_, kind) = identity(table)?;
        let mut boxes = Vec::new();
        for sides in &query.boxes {
            boxes.push((*sides, place(&mut reading, table, &window(*sides)).await?));
        }
        let mut statement = Statement::begin(table, query, time, &boxes)?;
        let all = statement.clone();
        statement.go_behind(query.after.as_ref(), &query.order);
        let rows = statement.rows(&query.order, query.limit);
        let rows = reading.rows(statement.bind(&rows)).await?;
        let mut page = Page::default();
        for row in rows.iter().take(query.limit) {
            page.features.push(feature(table, kind, row)?);
        }
        if rows.len() > query.limit {
            page.next = page.features.last().map(|last| position(last, &query.order));
        }
        if query.is_counted {
            let is_all = query.after.is_none() && page.next.is_none();
            page.matched = match is_all {
                true => Some(page.features.len() as u64),
                false => count_rows(&mut reading, &all).await?,
            };
        }
        // A count that took too long has ended the transaction already.
        match reading.finish().await {
            Err(error) if page.matched.is_some() || !query.is_counted => Err(error),
            _ => Ok(page),
        }
    }

    /// One feature of a table; `None`: it has none with this identity.
    pub async fn table_item(&self, table: &Table, id: FeatureId) -> Result<Option<Feature>, TableError> {
        let mut reading = Reading::begin(self, &table.source, table.source.time_limit).await?;
        let (text, statement) = one(table, id)?;
        let row = reading.rows(statement.bind(&text)).await?.pop();
        reading.finish().await?;
        row.map(|row| feature(table, identity(table)?.1, &row)).transpose()
    }
}

/// The statement for one feature.
fn one(table: &Table, id: FeatureId) -> Result<(String, Statement<'_>), TableError> {
    let (column, kind) = identity(table)?;
    let mut statement = Statement::begin(table, &ItemsQuery::default(), None, &[])?;
    let value = statement.filter.text_value(id.to_string());
    let text = format!("{} and t.{column} = {value}::text{} limit 1", statement.select(), cast_of(kind));
    Ok((text, statement))
}

impl Table {
    /// Are the identities of its features whole numbers? Otherwise they are UUIDs, or there are none.
    pub fn has_whole_ids(&self) -> bool {
        matches!(&self.feature_id, Some((_, IdKind::Whole)))
    }

    /// One feature, as a transaction sees it that does more than read.
    pub(in crate::store) async fn item(
        &self,
        connection: &mut PgConnection,
        id: FeatureId,
    ) -> Result<Option<Feature>, TableError> {
        let (text, statement) = one(self, id)?;
        let row = self.check(statement.bind(&text).fetch_optional(connection).await)?;
        row.map(|row| feature(self, identity(self)?.1, &row)).transpose()
    }

    /// What an error of a statement means for this table.
    pub(in crate::store) fn check<T>(&self, outcome: Result<T, sqlx::Error>) -> Result<T, TableError> {
        outcome.map_err(|error| TableError::of(&self.source, error))
    }

    /// How long one query may take.
    pub(in crate::store) fn time_limit(&self) -> Duration {
        self.source.time_limit
    }

    /// Reads an identity; `None`: no feature of this table has it.
    pub fn read_id(&self, text: &str) -> Option<FeatureId> {
        match self.feature_id.as_ref()?.1 {
            IdKind::Whole => text.parse().ok().map(FeatureId::Whole),
            IdKind::Uuid => Uuid::try_parse(text).ok().map(FeatureId::Uuid),
        }
    }
}

/// The column that tells features apart, quoted.
fn identity(table: &Table) -> Result<(String, IdKind), TableError> {
    match &table.feature_id {
        Some((column, kind)) => Ok((quoted(column), *kind)),
        None => Err(TableError::unfit(
            &table.source,
            "its features have no identity; name the column that tells them apart: feature_id = \"...\"",
        )),
    }
}

fn cast_of(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Whole => "::int8",
        IdKind::Uuid => "::uuid",
    }
}

/// A box as the tiles ask for theirs: the rows of it are found by the spatial index, whatever the system of the table.
fn window(sides: [f64; 4]) -> Window {
    Window { srid: WGS84, envelope: sides, reach: sides, degrees: sides, is_last: [true; 2] }
}

/// A statement with its parameters.
#[derive(Clone)]
struct Statement<'a> {
    table: &'a Table,
    where_: String,
    filter: Written,
    has_geometry: bool,
}

impl<'a> Statement<'a> {
    fn begin(
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
    fn go_behind(&mut self, after: Option<&Position>, order: &[SortKey]) {
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

    fn select(&self) -> String {
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
    fn rows(&self, order: &[SortKey], limit: usize) -> String {
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

    fn bind<'q>(&self, text: &'q str) -> Query<'q, Postgres, PgArguments> {
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
        ColumnKind::Json => "::jsonb",
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

fn feature(table: &Table, kind: IdKind, row: &PgRow) -> Result<Feature, TableError> {
    let read = |error| TableError::from(StoreError::from(error));
    let id = match kind {
        IdKind::Whole => FeatureId::Whole(row.try_get(0).map_err(read)?),
        IdKind::Uuid => FeatureId::Uuid(row.try_get(0).map_err(read)?),
    };
    let bytes: Option<Vec<u8>> = row.try_get(1).map_err(read)?;
    let geometry: Option<Geometry<f64>> = bytes.map(|bytes| ewkb::read("table", &bytes)).transpose()?;
    let values = table.columns.iter().enumerate().map(|(at, column)| column.read(row, at + 2));
    Ok(Feature { id, geometry, values: values.collect::<Result<_, _>>().map_err(read)? })
}

fn position(last: &Feature, order: &[SortKey]) -> Position {
    let value = |key: &SortKey| last.values.get(key.field)?.as_ref().map(ToString::to_string);
    Position { keys: order.iter().map(value).collect(), id: last.id }
}

/// How many rows match; `None`: it would take too long to find out.
async fn count_rows(reading: &mut Reading<'_>, all: &Statement<'_>) -> Result<Option<u64>, TableError> {
    let text = format!("select count(*) from {} t where {}", all.table.named(), all.where_);
    match reading.row(all.bind(&text)).await {
        Ok(row) => {
            let count: i64 = row.try_get(0).map_err(StoreError::from)?;
            Ok(Some(count.unsigned_abs()))
        }
        Err(TableError::TooSlow { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
