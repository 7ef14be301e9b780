//! How far a registered table reaches.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Row};

use super::reading::Reading;
use super::{Table, TableError, quoted};
use crate::store::Store;

/// How long it may take to find out.
const LONGEST: Duration = Duration::from_millis(1_000);

impl Store {
    /// West, south, east and north of everything in a table, in degrees; a little more than that is possible, less is not. `None`: nothing is in
    /// it, or it would take too long to find out.
    pub async fn table_extent(&self, table: &Table) -> Result<Option<[f64; 4]>, TableError> {
        let mut reading = Reading::begin(self, &table.source, LONGEST).await?;
        let relation = &table.source.relation;
        let geometry = quoted(&table.geometry);
        let found = match table.has_own_index {
            // That of the index: all that is in the table, and perhaps what was.
            true => {
                let statement = in_degrees("select st_estimatedextent($2, $3, $4)::geometry as g");
                let query = sqlx::query(AssertSqlSafe(statement)).bind(table.srid);
                let query = query.bind(&relation.schema).bind(&relation.name).bind(&table.geometry);
                reading.try_row(query).await
            }
            false => {
                let statement = in_degrees(&format!(
                    "select st_extent({geometry})::geometry as g from {}",
                    table.named()
                ));
                reading.try_row(sqlx::query(AssertSqlSafe(statement)).bind(table.srid)).await
            }
        };
        let row = match found {
            Ok(row) => row,
            Err(TableError::TooSlow { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        reading.finish().await?;
        let side = |at| row.as_ref().and_then(|row| row.try_get::<f64, _>(at).ok()).filter(|n| n.is_finite());
        let sides = [side(0), side(1), side(2), side(3)];
        Ok(match sides {
            [Some(west), Some(south), Some(east), Some(north)] => Some([west, south, east, north]),
            _ => None,
        })
    }
}

/// The envelope in degrees of the geometry `g` of a statement; parameter 1 is its system.
fn in_degrees(statement: &str) -> String {
    format!(
        "select st_xmin(d), st_ymin(d), st_xmax(d), st_ymax(d) from ({statement}) e cross join lateral ( \
         select greatest(st_xmax(g) - st_xmin(g), st_ymax(g) - st_ymin(g)) as breadth offset 0) b cross join lateral ( \
         select st_transform(st_segmentize(st_setsrid(g, $1::int), case when breadth > 0 then breadth / 32 else 1 end), 4326) as d) t"
    )
}
