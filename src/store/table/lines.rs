//! All lines of a registered table, to be made a network of.

use std::time::Duration;

use geo::{Geometry, LineString};
use sqlx::{AssertSqlSafe, Row};

use super::inspect::Shape;
use super::reading::Reading;
use super::{Table, TableError, quoted};
use crate::model::TableSource;
use crate::store::{Store, StoreError, ewkb};

/// How long it may take: a province of roads.
const LONGEST: Duration = Duration::from_secs(60);
/// The most lines: a network of more is no affair of one request.
const MOST: u32 = 2_000_000;

impl Store {
    /// The lines of a table, in degrees of CGCS2000, those of collections one by one; other geometries are left out.
    pub async fn table_lines(&self, table: &Table) -> Result<Vec<LineString<f64>>, TableError> {
        let source = TableSource { time_limit: LONGEST, ..table.source.clone() };
        if table.shape == Shape::Points {
            return Err(TableError::unfit(&source, "it holds points; a network is made of lines"));
        }
        let mut reading = Reading::begin(self, &source, LONGEST).await?;
        let (geometry, relation) = (quoted(&table.geometry), table.named());
        let statement = format!(
            "select st_asbinary((st_dump(st_transform(st_force2d(st_collectionextract(st_curvetoline({geometry}), 2)), 4490))).geom) \
             from {relation} where {geometry} is not null limit $1"
        );
        let rows = reading.rows(sqlx::query(AssertSqlSafe(statement)).bind(i64::from(MOST) + 1)).await?;
        reading.finish().await?;
        if rows.len() > MOST as usize {
            return Err(TableError::TooMany { relation: source.relation, most: MOST });
        }
        let line = |row: &sqlx::postgres::PgRow| match ewkb::read("a table of lines", row.try_get(0)?)? {
            Geometry::LineString(line) => Ok(line),
            other => Err(StoreError::stored("a table of lines", format!("{other:?} is no line"))),
        };
        Ok(rows.iter().map(line).collect::<Result<_, StoreError>>()?)
    }
}
