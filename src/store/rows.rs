//! Rows of the store's tables as the things that they tell of: the same for a snapshot and for a delta.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use foldhash::fast::RandomState;
use futures::TryStreamExt;
use geo::Point;
use sqlx::postgres::types::PgRange;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Decode, PgConnection, Postgres, Row};
use uuid::Uuid;

use super::{StoreError, ewkb, span};
use crate::model::{
    Absence, Assignment, Building, Code, County, Facility, Grid, GridId, GridKind, GridVersion, Level,
    LevelName, Person, ResourceId, Role, Worker, WorkerId,
};
use crate::seal::{Field, SealError, Sealer};

pub(super) const LEVELS: &str =
    "select level, name, name_en, min_zoom, max_zoom from gewu.level_scheme order by level";
/// The columns of a version.
macro_rules! of_version {
    () => {
        "select t.grid_id, t.county, t.code, t.scheme, t.level, t.parent_id, t.kind, t.name, t.households, t.invented, \
         st_asbinary(t.geom), t.valid"
    };
}
pub(super) const GRIDS: &str =
    concat!(of_version!(), ", g.number from gewu.grid_version t join gewu.grid g on g.id = t.grid_id");
/// All of them, without their numbers: to join those takes as long again as to read the rest.
pub(super) const VERSIONS: &str = concat!(of_version!(), " from gewu.grid_version t");
/// The numbers of all grids, in one value: the 16 bytes of an identity, then the 8 of its number.
pub(super) const NUMBERS: &str =
    "select coalesce(string_agg(uuid_send(id) || int8send(number), ''), '') from gewu.grid";
pub(super) const WORKERS: &str = "select t.id, t.source, t.source_id, t.name, t.phone, t.organisation, t.role, t.invented from gewu.worker t";
pub(super) const ASSIGNMENTS: &str =
    "select t.id, t.worker_id, t.grid_id, t.county, t.role, t.rank, t.valid from gewu.assignment t";
pub(super) const ABSENCES: &str = "select t.id, t.worker_id, t.substitute_id, t.valid from gewu.absence t";
pub(super) const BUILDINGS: &str = "select t.id, t.class, t.name, t.height_m, t.floors, t.households, t.leaf_id, st_asbinary(t.geom), \
     t.source_id, t.address, t.number \
     from gewu.building t";
pub(super) const FACILITIES: &str = "select t.id, t.class, t.name, t.leaf_id, st_x(at), st_y(at), t.source_id, t.address, t.number from gewu.facility t \
     cross join lateral (select case when geometrytype(t.geom) = 'POINT' then t.geom else st_pointonsurface(t.geom) end as at) p";
pub(super) const PEOPLE: &str = "select t.id, t.leaf_id, st_x(t.geom), st_y(t.geom) from gewu.person_place t";

/// In the place of a name that was spoilt.
const UNREADABLE: &str = "—";

/// Reads rows as they come, without holding them all twice.
pub(super) async fn read<T: Send>(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
    convert: impl Fn(&PgRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = query.fetch(connection);
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(convert(&row)?);
    }
    Ok(all)
}

// Columns are read by their place: looking up names costs more than the rest.

pub(super) fn level(row: &PgRow) -> Result<LevelName, StoreError> {
    Ok(LevelName {
        level: stored_level("level_scheme", row.try_get(0)?)?,
        name: row.try_get(1)?,
        name_en: row.try_get(2)?,
        min_zoom: small("level_scheme", row.try_get::<i16, _>(3)?)?,
        max_zoom: small("level_scheme", row.try_get::<i16, _>(4)?)?,
    })
}

pub(super) fn grid(row: &PgRow) -> Result<GridVersion, StoreError> {
    version(row, number("grid", row.try_get(12)?)?)
}

/// A version of the grid that has this number.
fn version(row: &PgRow, number: u64) -> Result<GridVersion, StoreError> {
    let kind: Option<&str> = get(row, 6)?;
    let grid = Grid {
        id: GridId(get(row, 0)?),
        county: County::from_stored(get(row, 1)?),
        code: Code::parse(get(row, 2)?).map_err(|error| StoreError::stored("grid_version", error))?,
        scheme: get(row, 3)?,
        level: stored_level("grid_version", get(row, 4)?)?,
        parent: get::<Option<Uuid>>(row, 5)?.map(GridId),
        kind: kind.and_then(GridKind::parse),
        name: get(row, 7)?,
        households: count(get(row, 8)?),
        invented: get(row, 9)?,
        geometry: ewkb::read_territory(get(row, 10)?)?,
    };
    let valid = span::of(get::<PgRange<DateTime<Utc>>>(row, 11)?);
    Ok(GridVersion { grid, number, valid })
}

/// A column of a type that the schema says: to ask each row anew takes as long as to read it.
fn get<'r, T: Decode<'r, Postgres>>(row: &'r PgRow, column: usize) -> Result<T, sqlx::Error> {
    row.try_get_unchecked(column)
}

/// Every version of every grid.
pub(super) async fn read_grids(connection: &mut PgConnection) -> Result<Vec<GridVersion>, StoreError> {
    let row = sqlx::query(NUMBERS).fetch_one(&mut *connection).await?;
    let (each, _) = row.try_get::<&[u8], _>(0)?.as_chunks::<24>();
    let numbers: HashMap<Uuid, i64, RandomState> = each.iter().map(numbered).collect();
    let convert = |row: &PgRow| {
        let of = numbers.get(&row.try_get(0)?);
        version(row, number("grid", *of.ok_or_else(|| StoreError::stored("grid_version", "of no grid"))?)?)
    };
    read(connection, sqlx::query(VERSIONS), convert).await
}

/// An identity and its number, as [`NUMBERS`] puts them side by side.
fn numbered(bytes: &[u8; 24]) -> (Uuid, i64) {
    let id = Uuid::from_bytes(std::array::from_fn(|at| bytes[at]));
    (id, i64::from_be_bytes(std::array::from_fn(|at| bytes[16 + at])))
}

pub(super) fn worker(row: &PgRow, sealer: &Sealer) -> Result<Worker, StoreError> {
    let id = row.try_get(0)?;
    Ok(Worker {
        id: WorkerId(id),
        source: row.try_get(1)?,
        source_id: row.try_get(2)?,
        name: opened(sealer, Field::WorkerName, id, row.try_get(3)?)?
            .unwrap_or_else(|| UNREADABLE.to_owned()),
        phone: match row.try_get::<Option<String>, _>(4)? {
            Some(stored) => opened(sealer, Field::WorkerPhone, id, stored)?,
            None => None,
        },
        organisation: row.try_get(5)?,
        role: role("worker", row.try_get(6)?)?,
        invented: row.try_get(7)?,
    })
}

pub(super) fn assignment(row: &PgRow) -> Result<Assignment, StoreError> {
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

pub(super) fn absence(row: &PgRow) -> Result<Absence, StoreError> {
    Ok(Absence {
        id: row.try_get(0)?,
        worker: WorkerId(row.try_get(1)?),
        substitute: row.try_get::<Option<Uuid>, _>(2)?.map(WorkerId),
        span: span::of(row.try_get::<PgRange<DateTime<Utc>>, _>(3)?),
    })
}

pub(super) fn building(row: &PgRow) -> Result<Building, StoreError> {
    Ok(Building {
        id: ResourceId(row.try_get(0)?),
        class: row.try_get(1)?,
        name: row.try_get(2)?,
        height_m: row.try_get(3)?,
        floors: row.try_get::<Option<i16>, _>(4)?.and_then(|floors| u16::try_from(floors).ok()),
        households: count(row.try_get(5)?),
        leaf: row.try_get::<Option<Uuid>, _>(6)?.map(GridId),
        footprint: ewkb::read_footprint(row.try_get(7)?)?,
        source_id: row.try_get(8)?,
        address: row.try_get(9)?,
        number: number("building", row.try_get(10)?)?,
    })
}

pub(super) fn facility(row: &PgRow) -> Result<Facility, StoreError> {
    Ok(Facility {
        id: ResourceId(row.try_get(0)?),
        class: row.try_get(1)?,
        name: row.try_get(2)?,
        leaf: row.try_get::<Option<Uuid>, _>(3)?.map(GridId),
        position: Point::new(row.try_get(4)?, row.try_get(5)?),
        source_id: row.try_get(6)?,
        address: row.try_get(7)?,
        number: number("facility", row.try_get(8)?)?,
    })
}

pub(super) fn person(row: &PgRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: ResourceId(row.try_get(0)?),
        leaf: row.try_get::<Option<Uuid>, _>(1)?.map(GridId),
        position: Point::new(row.try_get(2)?, row.try_get(3)?),
    })
}

/// One value that somebody spoilt must not keep all others from being read: the log names it, and it is absent.
fn opened(sealer: &Sealer, field: Field, row: Uuid, stored: String) -> Result<Option<String>, StoreError> {
    match sealer.open(field, row, stored) {
        Ok(text) => Ok(Some(text)),
        Err(broken @ SealError::Broken { .. }) => {
            tracing::error!("{broken}");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn stored_level(table: &'static str, number: i16) -> Result<Level, StoreError> {
    Level::new(number.into()).map_err(|error| StoreError::stored(table, error))
}

fn role(table: &'static str, text: &str) -> Result<Role, StoreError> {
    Role::parse(text).map_err(|error| StoreError::stored(table, error))
}

fn number(table: &'static str, number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|error| StoreError::stored(table, error))
}

fn small(table: &'static str, number: i16) -> Result<u8, StoreError> {
    u8::try_from(number).map_err(|error| StoreError::stored(table, error))
}

/// The tables check that counts are not negative.
fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}
