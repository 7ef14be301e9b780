//! The rows of what was touched, as they are now.

use std::collections::BTreeMap;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::touched::{Identities, Touched};
use crate::model::{Delta, GridId, LevelScheme, ResourceId, WorkerId};
use crate::seal::Sealer;
use crate::store::snapshot::read_levels;
use crate::store::{StoreError, rows};

/// Picks rows of a table that has a county in its key; what is given are two columns of the same length.
const OF_COUNTIES: &str =
    "join unnest($1::text[], $2::uuid[]) k (county, id) on t.county = k.county and t.id = k.id";
/// The same of grids, whose versions each have a row.
const OF_GRIDS: &str =
    "join unnest($1::text[], $2::uuid[]) k (county, id) on t.county = k.county and t.grid_id = k.id";
/// Picks rows of a table without counties.
const OF_ALL: &str = "join unnest($1::text[], $2::uuid[]) k (county, id) on t.id = k.id";

/// Fills a delta.
pub(super) async fn read_present(
    tx: &mut PgConnection,
    touched: &Touched,
    delta: &mut Delta,
    sealer: &Sealer,
) -> Result<(), StoreError> {
    if touched.of("level").is_some() {
        delta.levels = Some(LevelScheme { levels: read_levels(tx).await? });
    }
    let of = |entity: &str| touched.of(entity);
    let grids = pick(tx, of("grid"), [rows::GRIDS, OF_GRIDS], rows::grid, |row| row.grid.id.0).await?;
    delta.grids = grids.into_iter().map(|(id, versions)| (GridId(id), versions)).collect();
    let found =
        pick(tx, of("worker"), [rows::WORKERS, OF_ALL], |row| rows::worker(row, sealer), |row| row.id.0)
            .await?;
    delta.workers = single(found, WorkerId);
    let found =
        pick(tx, of("assignment"), [rows::ASSIGNMENTS, OF_COUNTIES], rows::assignment, |row| row.id).await?;
    delta.assignments = single(found, |id| id);
    let found = pick(tx, of("absence"), [rows::ABSENCES, OF_ALL], rows::absence, |row| row.id).await?;
    delta.absences = single(found, |id| id);
    let found =
        pick(tx, of("building"), [rows::BUILDINGS, OF_COUNTIES], rows::building, |row| row.id.0).await?;
    delta.buildings = single(found, ResourceId);
    let found =
        pick(tx, of("facility"), [rows::FACILITIES, OF_COUNTIES], rows::facility, |row| row.id.0).await?;
    delta.facilities = single(found, ResourceId);
    let found = pick(tx, of("person"), [rows::PEOPLE, OF_COUNTIES], rows::person, |row| row.id.0).await?;
    delta.people = single(found, ResourceId);
    Ok(())
}

/// The rows of these identities; an identity without a row has an empty list. A county that a row has left finds nothing.
async fn pick<T: Send>(
    tx: &mut PgConnection,
    identities: Option<&Identities>,
    statement: [&'static str; 2],
    convert: impl Fn(&PgRow) -> Result<T, StoreError>,
    id: fn(&T) -> Uuid,
) -> Result<BTreeMap<Uuid, Vec<T>>, StoreError> {
    let Some(identities) = identities else { return Ok(BTreeMap::new()) };
    let mut found: BTreeMap<Uuid, Vec<T>> = identities.ids.iter().map(|id| (*id, Vec::new())).collect();
    let query =
        sqlx::query(AssertSqlSafe(statement.join(" "))).bind(&identities.counties).bind(&identities.ids);
    for row in rows::read(tx, query, convert).await? {
        found.entry(id(&row)).or_default().push(row);
    }
    Ok(found)
}

/// Of tables with a row an identity.
fn single<K, T>(found: BTreeMap<Uuid, Vec<T>>, key: fn(Uuid) -> K) -> Vec<(K, Option<T>)> {
    found.into_iter().map(|(id, mut rows)| (key(id), rows.pop())).collect()
}
