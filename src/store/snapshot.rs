//! Everything that the atlas is built from, read at one instant.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use geo::Point;
use sqlx::postgres::PgRow;
use sqlx::postgres::types::PgRange;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::{Store, StoreError, ewkb, span};
use crate::model::{
    Absence, Assignment, Building, Code, County, Facility, Grid, GridId, GridKind, GridVersion, Level,
    LevelName, LevelScheme, Person, ResourceId, Role, Snapshot, Worker, WorkerId,
};

/// The number of the latest revision and the instant to read at: now, but never before that revision.
const INSTANT: &str =
    "select coalesce(max(id), 0) as revision, greatest(clock_timestamp(), max(at)) as at from gewu.revision";
const LEVELS: &str = "select level, name, name_en, min_zoom, max_zoom from gewu.level_scheme order by level";
const GRIDS: &str = "select grid_id, county, code, scheme, level, parent_id, kind, name, households, invented, st_asbinary(geom), valid \
                     from gewu.grid_version";
const WORKERS: &str =
    "select id, source, source_id, name, phone, organisation, role, invented from gewu.worker";
const ASSIGNMENTS: &str = "select id, worker_id, grid_id, county, role, rank, valid from gewu.assignment";
const ABSENCES: &str = "select id, worker_id, substitute_id, valid from gewu.absence";
const BUILDINGS: &str =
    "select id, class, name, height_m, floors, households, leaf_id, st_asbinary(geom) from gewu.building";
const FACILITIES: &str = "select id, class, name, leaf_id, st_x(at), st_y(at) from gewu.facility, \
     lateral (select case when geometrytype(geom) = 'POINT' then geom else st_pointonsurface(geom) end as at) p";
const PEOPLE: &str = "select id, leaf_id, st_x(geom), st_y(geom) from gewu.person";

impl Store {
    /// The number of the latest revision; 0 before anything was imported.
    pub async fn latest_revision(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("select coalesce(max(id), 0) from gewu.revision").fetch_one(&self.pool).await?)
    }

    /// Reads what holds, held and is to hold, all at one instant: a publication or import that is committed meanwhile is either wholly in
    /// it or not at all.
    pub async fn read_snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(
            "set transaction isolation level repeatable read, read only; set local statement_timeout = 0; set local jit = off",
        )
        .execute(&mut *tx)
        .await?;
        let instant = sqlx::query(INSTANT).fetch_one(&mut *tx).await?;
        let snapshot = Snapshot {
            revision: instant.try_get("revision")?,
            at: instant.try_get("at")?,
            levels: LevelScheme { levels: read(&mut tx, LEVELS, level).await? },
            grids: read(&mut tx, GRIDS, grid).await?,
            workers: read(&mut tx, WORKERS, worker).await?,
            assignments: read(&mut tx, ASSIGNMENTS, assignment).await?,
            absences: read(&mut tx, ABSENCES, absence).await?,
            buildings: read(&mut tx, BUILDINGS, building).await?,
            facilities: read(&mut tx, FACILITIES, facility).await?,
            people: read(&mut tx, PEOPLE, person).await?,
        };
        tx.commit().await?;
        Ok(snapshot)
    }
}

/// Reads rows as they come, without holding them all twice.
async fn read<T: Send>(
    connection: &mut PgConnection,
    statement: &'static str,
    convert: fn(&PgRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = sqlx::query(statement).fetch(connection);
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(convert(&row)?);
    }
    Ok(all)
}

// Columns are read by their place: looking up names costs more than the rest.

fn level(row: &PgRow) -> Result<LevelName, StoreError> {
    Ok(LevelName {
        level: stored_level("level_scheme", row.try_get(0)?)?,
        name: row.try_get(1)?,
        name_en: row.try_get(2)?,
        min_zoom: small("level_scheme", row.try_get::<i16, _>(3)?)?,
        max_zoom: small("level_scheme", row.try_get::<i16, _>(4)?)?,
    })
}

fn grid(row: &PgRow) -> Result<GridVersion, StoreError> {
    let kind: Option<&str> = row.try_get(6)?;
    let grid = Grid {
        id: GridId(row.try_get(0)?),
        county: County::from_stored(row.try_get(1)?),
        code: Code::parse(row.try_get(2)?).map_err(|error| StoreError::stored("grid_version", error))?,
        scheme: row.try_get(3)?,
        level: stored_level("grid_version", row.try_get(4)?)?,
        parent: row.try_get::<Option<Uuid>, _>(5)?.map(GridId),
        kind: kind.and_then(GridKind::parse),
        name: row.try_get(7)?,
        households: count(row.try_get(8)?),
        invented: row.try_get(9)?,
        geometry: ewkb::read_territory(row.try_get(10)?)?,
    };
    Ok(GridVersion { grid, valid: span::of(row.try_get::<PgRange<DateTime<Utc>>, _>(11)?) })
}

fn worker(row: &PgRow) -> Result<Worker, StoreError> {
    Ok(Worker {
        id: WorkerId(row.try_get(0)?),
        source: row.try_get(1)?,
        source_id: row.try_get(2)?,
        name: row.try_get(3)?,
        phone: row.try_get(4)?,
        organisation: row.try_get(5)?,
        role: role("worker", row.try_get(6)?)?,
        invented: row.try_get(7)?,
    })
}

fn assignment(row: &PgRow) -> Result<Assignment, StoreError> {
    Ok(Assignment {
        id: row.try_get(0)?,
        worker: WorkerId(row.try_get(1)?),
        grid: GridId(row.try_get(2)?),
        county: County::from_stored(row.try_get(3)?),
        role: role("assignment", row.try_get(4)?)?,
        rank: small("assignment", row.try_get::<i16, _>(5)?)?,
        span: span::of(row.try_get::<PgRange<DateTime<Utc>>, _>(6)?),
    })
}

fn absence(row: &PgRow) -> Result<Absence, StoreError> {
    Ok(Absence {
        id: row.try_get(0)?,
        worker: WorkerId(row.try_get(1)?),
        substitute: row.try_get::<Option<Uuid>, _>(2)?.map(WorkerId),
        span: span::of(row.try_get::<PgRange<DateTime<Utc>>, _>(3)?),
    })
}

fn building(row: &PgRow) -> Result<Building, StoreError> {
    Ok(Building {
        id: ResourceId(row.try_get(0)?),
        class: row.try_get(1)?,
        name: row.try_get(2)?,
        height_m: row.try_get(3)?,
        floors: row.try_get::<Option<i16>, _>(4)?.and_then(|floors| u16::try_from(floors).ok()),
        households: count(row.try_get(5)?),
        leaf: row.try_get::<Option<Uuid>, _>(6)?.map(GridId),
        footprint: ewkb::read_footprint(row.try_get(7)?)?,
    })
}

fn facility(row: &PgRow) -> Result<Facility, StoreError> {
    Ok(Facility {
        id: ResourceId(row.try_get(0)?),
        class: row.try_get(1)?,
        name: row.try_get(2)?,
        leaf: row.try_get::<Option<Uuid>, _>(3)?.map(GridId),
        position: Point::new(row.try_get(4)?, row.try_get(5)?),
    })
}

fn person(row: &PgRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: ResourceId(row.try_get(0)?),
        leaf: row.try_get::<Option<Uuid>, _>(1)?.map(GridId),
        position: Point::new(row.try_get(2)?, row.try_get(3)?),
    })
}

fn stored_level(table: &'static str, number: i16) -> Result<Level, StoreError> {
    Level::new(number.into()).map_err(|error| StoreError::stored(table, error))
}

fn role(table: &'static str, text: &str) -> Result<Role, StoreError> {
    Role::parse(text).map_err(|error| StoreError::stored(table, error))
}

fn small(table: &'static str, number: i16) -> Result<u8, StoreError> {
    u8::try_from(number).map_err(|error| StoreError::stored(table, error))
}

/// The tables check that counts are not negative.
fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}
