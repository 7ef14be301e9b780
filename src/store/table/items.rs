//! The rows of a registered table as features: page after page, in an order that writes do not disturb.
//!
//! A page begins behind the position at which the last one ended, a position being the values that the order asks for and the identity. So what is
//! inserted or deleted meanwhile moves nothing: every row that was there throughout comes exactly once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use geo::{CoordsIter, Geometry};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::inspect::IdKind;
use super::reading::Reading;
use super::statement::{Statement, cast_of, identity, window};
use super::tile::place;
use super::{Table, TableError, TableFilter};
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

/// The vertices that the features of one page have together: the page ends before the feature with which there would be more. One feature it always has.
pub const MOST_PAGE_VERTICES: usize = 1_000_000;

/// The room of a page for vertices.
#[derive(Debug, Default)]
pub struct PageRoom {
    taken: usize,
}

impl PageRoom {
    /// Is there room for one more feature? It takes its room.
    pub fn takes(&mut self, feature: &Feature) -> bool {
        let is_first = self.taken == 0;
        self.taken += feature.geometry.as_ref().map_or(0, CoordsIter::coords_count);
        is_first || self.taken <= MOST_PAGE_VERTICES
    }
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
        let mut room = PageRoom::default();
        for row in rows.iter().take(query.limit) {
            let feature = feature(table, kind, row)?;
            if !room.takes(&feature) {
                break;
            }
            page.features.push(feature);
        }
        if rows.len() > page.features.len() {
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
