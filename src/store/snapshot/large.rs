//! The large collections of a snapshot, read over several connections that see the same instant: each keeps a core of the database and one
//! of ours at work.

use std::num::NonZero;
use std::thread::available_parallelism;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, query, query_scalar};
use tokio::task::JoinSet;

use crate::model::{Building, Facility, GridVersion, Person};
use crate::store::{Store, StoreError, rows};

/// More connections would only wait for each other.
const MOST: u32 = 4;

/// Of the collections that may be large, everything or a part.
#[derive(Debug, Default)]
pub(super) struct Large {
    pub(super) grids: Vec<GridVersion>,
    pub(super) buildings: Vec<Building>,
    pub(super) facilities: Vec<Facility>,
    pub(super) people: Vec<Person>,
}

/// The rows whose identity has a hash that ends in these bits. Of a mask, all parts together are all rows, each once.
#[derive(Debug, Clone, Copy)]
struct Part {
    mask: i32,
    bits: i32,
}

impl Large {
    /// Reads everything in a transaction that [`Store::begin_reading`] began, and beside it in others that see the same.
    pub(super) async fn read(store: &Store, tx: &mut PgConnection) -> Result<Self, StoreError> {
        let parts = parts(store.pool.options().get_max_connections());
        if parts.len() == 1 {
            return Self::read_part(tx, parts[0]).await;
        }
        let instant: String = query_scalar("select pg_export_snapshot()").fetch_one(&mut *tx).await?;
        // Those that are not awaited to the end, end with this.
        let mut others: JoinSet<_> =
            parts[1..].iter().map(|part| beside(store.clone(), instant.clone(), *part)).collect();
        let mut all = Self::read_part(tx, parts[0]).await?;
        while let Some(other) = others.join_next().await {
            let (part, read) = other.map_err(|error| StoreError::stored("snapshot", error))?;
            all.append(match read {
                // There was no connection to spare: the one that is there reads it all.
                Err(StoreError::Unavailable(_)) => Self::read_part(tx, part).await?,
                read => read?,
            });
        }
        Ok(all)
    }

    async fn read_part(tx: &mut PgConnection, part: Part) -> Result<Self, StoreError> {
        Ok(Self {
            grids: part.of(tx, rows::GRIDS, "grid_id", rows::grid).await?,
            buildings: part.of(tx, rows::BUILDINGS, "id", rows::building).await?,
            facilities: part.of(tx, rows::FACILITIES, "id", rows::facility).await?,
            people: part.of(tx, rows::PEOPLE, "id", rows::person).await?,
        })
    }

    fn append(&mut self, mut other: Self) {
        self.grids.append(&mut other.grids);
        self.buildings.append(&mut other.buildings);
        self.facilities.append(&mut other.facilities);
        self.people.append(&mut other.people);
    }
}

impl Part {
    async fn of<T: Send>(
        self,
        tx: &mut PgConnection,
        from: &'static str,
        identity: &'static str,
        convert: impl Fn(&PgRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let part = format!("{from} where uuid_hash(t.{identity}) & $1 = $2");
        let query = query(AssertSqlSafe(part)).bind(self.mask).bind(self.bits);
        rows::read(tx, query, convert).await
    }
}

/// As many parts as there are cores, connections to be had, and sense in it; a power of two.
fn parts(connections: u32) -> Vec<Part> {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let most = connections.min(MOST).min(u32::try_from(cores).unwrap_or(MOST)).max(1);
    let count = 1_i32 << most.ilog2();
    (0..count).map(|bits| Part { mask: count - 1, bits }).collect()
}

/// Reads a part over a connection of its own, as of an instant that another transaction exported.
async fn beside(store: Store, instant: String, part: Part) -> (Part, Result<Large, StoreError>) {
    let read = async {
        let mut tx = store.begin_reading().await?;
        // A name that the database gave: digits and hyphens.
        let join = AssertSqlSafe(format!("set transaction snapshot '{instant}'"));
        sqlx::raw_sql(join).execute(&mut *tx).await?;
        let read = Large::read_part(&mut tx, part).await?;
        tx.commit().await?;
        Ok(read)
    };
    (part, read.await)
}
