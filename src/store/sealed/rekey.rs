//! Seals anew what the newest key has not sealed: in batches, each a transaction of its own, so it may end at any time and begin again.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use crate::seal::{Field, Keyring, SealError};
use crate::store::import::{REVISION_LOCK, SealedWorker};
use crate::store::sealed::note_key;
use crate::store::{Store, StoreError};

/// Rows of a batch at most.
const BATCH: i64 = 1_000;

/// A table with sealed columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedTable {
    /// Those who serve.
    Worker,
    /// Residents.
    Person,
}

/// The row up to which a table was gone through: county and identity; before all rows by default.
pub type Cursor = (String, Uuid);

/// What came of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// Rows that the newest key sealed now.
    pub rows: u64,
    /// Rows that could not be opened: they stay as they are.
    pub broken: Vec<Uuid>,
    /// Where the next batch begins; `None`: that was the last one.
    pub next: Option<Cursor>,
}

impl SealedTable {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Worker, Self::Person];

    /// What the audit log calls its rows.
    pub fn entity(self) -> &'static str {
        match self {
            Self::Worker => "workers",
            Self::Person => "people",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Person => "person",
        }
    }

    pub(super) fn columns(self) -> &'static [(&'static str, Field)] {
        match self {
            Self::Worker => &[("name", Field::WorkerName), ("phone", Field::WorkerPhone)],
            Self::Person => &[
                ("name", Field::PersonName),
                ("phone", Field::PersonPhone),
                ("address", Field::PersonAddress),
                ("household", Field::PersonHousehold),
            ],
        }
    }

    /// SQL for the county of a row; those who serve have none.
    fn county(self) -> &'static str {
        match self {
            Self::Worker => "''::text",
            Self::Person => "t.county",
        }
    }

    /// Rows of which something is not sealed by the key whose values begin with $1.
    fn to_do(self) -> String {
        let parts: Vec<_> =
            self.columns().iter().map(|(column, _)| format!("not starts_with(t.{column}, $1)")).collect();
        format!("({})", parts.join(" or "))
    }

    fn batch(self) -> String {
        let columns: Vec<_> = self.columns().iter().map(|(column, _)| format!("t.{column}")).collect();
        let behind = match self {
            Self::Worker => "$2::text is not null and t.id > $3",
            Self::Person => "(t.county, t.id) > ($2, $3)",
        };
        format!(
            "select {county}, t.id, {} from gewu.{} t where {behind} and {} order by {order} limit {BATCH} for update",
            columns.join(", "),
            self.name(),
            self.to_do(),
            county = self.county(),
            order = if self == Self::Worker { "t.id" } else { "t.county, t.id" },
        )
    }

    fn update(self) -> String {
        match self {
            Self::Worker => "update gewu.worker t set name = n.name, phone = n.phone, masked_name = n.third, masked_phone = n.fourth \
                from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) n (county, id, name, phone, third, fourth) \
                where t.id = n.id"
                .to_owned(),
            Self::Person => "update gewu.person t set name = n.name, phone = n.phone, address = n.third, household = n.fourth \
                from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) n (county, id, name, phone, third, fourth) \
                where t.county = n.county and t.id = n.id"
                .to_owned(),
        }
    }
}

/// Rows on their way back.
#[derive(Default)]
struct Columns {
    counties: Vec<String>,
    ids: Vec<Uuid>,
    names: Vec<String>,
    phones: Vec<Option<String>>,
    thirds: Vec<Option<String>>,
    fourths: Vec<Option<String>>,
}

impl Store {
    /// How many rows of a table the newest key has not sealed wholly. Reads all of them.
    pub async fn count_to_reseal(&self, table: SealedTable) -> Result<u64, StoreError> {
        let beginning = self.keys_or_none()?.newest_beginning();
        let text = format!("select count(*) from gewu.{} t where {}", table.name(), table.to_do());
        let count: i64 =
            sqlx::query_scalar(AssertSqlSafe(text)).bind(beginning).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Seals the next rows of a table with the newest key. Waits for an import that is under way. Nothing that is shown changes, so the feed tells nobody.
    pub async fn reseal(&self, table: SealedTable, after: Cursor) -> Result<Resealed, StoreError> {
        let keys = self.keys_or_none()?;
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(
            "set local statement_timeout = 0; set local gewu.leaves = 'given'; set local gewu.sealing = 'on'; set local gewu.areas = '*'",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(REVISION_LOCK).execute(&mut *tx).await?;
        note_key(&mut tx, keys.newest()).await?;
        let (county, id) = after;
        let rows = sqlx::query(AssertSqlSafe(table.batch()))
            .bind(keys.newest_beginning())
            .bind(county)
            .bind(id)
            .fetch_all(&mut *tx)
            .await?;
        let (columns, broken) = self.seal_again(table, &rows)?;
        let done = columns.ids.len() as u64;
        put_back(&mut tx, table, columns).await?;
        tx.commit().await?;
        let last = rows.last().filter(|_| rows.len() as i64 == BATCH);
        let next = last.map(|row| Ok::<_, StoreError>((row.try_get(0)?, row.try_get(1)?))).transpose()?;
        Ok(Resealed { rows: done, broken, next })
    }

    fn seal_again(&self, table: SealedTable, rows: &[PgRow]) -> Result<(Columns, Vec<Uuid>), StoreError> {
        let (mut columns, mut broken) = (Columns::default(), Vec::new());
        for row in rows {
            let id: Uuid = row.try_get(1)?;
            let opened = table.columns().iter().enumerate().map(|(place, (_, field))| {
                let stored: Option<String> = row.try_get(place + 2)?;
                Ok(self.sealer.open_optional(*field, id, stored)?)
            });
            let opened = match opened.collect::<Result<Vec<Option<String>>, StoreError>>() {
                Ok(opened) => opened,
                Err(StoreError::Sealed(SealError::Broken { .. })) => {
                    broken.push(id);
                    continue;
                }
                Err(error) => return Err(error),
            };
            columns.counties.push(row.try_get(0)?);
            columns.ids.push(id);
            columns.add(self, table, id, &opened)?;
        }
        Ok((columns, broken))
    }

    fn keys_or_none(&self) -> Result<&Keyring, StoreError> {
        self.sealer.keys().ok_or_else(|| SealError::NoKey.into())
    }
}

impl Columns {
    fn add(
        &mut self,
        store: &Store,
        table: SealedTable,
        id: Uuid,
        opened: &[Option<String>],
    ) -> Result<(), StoreError> {
        let text = |place: usize| opened.get(place).and_then(Option::as_deref);
        let name = text(0).unwrap_or_default();
        if table == SealedTable::Worker {
            let sealed = SealedWorker::of(&store.sealer, id, name, text(1))?;
            self.names.push(sealed.name);
            self.phones.push(sealed.phone);
            self.thirds.push(sealed.masked_name);
            self.fourths.push(sealed.masked_phone);
        } else {
            self.names.push(store.sealer.seal(Field::PersonName, id, name)?);
            self.phones.push(store.sealer.seal_optional(Field::PersonPhone, id, text(1))?);
            self.thirds.push(store.sealer.seal_optional(Field::PersonAddress, id, text(2))?);
            self.fourths.push(store.sealer.seal_optional(Field::PersonHousehold, id, text(3))?);
        }
        Ok(())
    }
}

async fn put_back(
    connection: &mut PgConnection,
    table: SealedTable,
    columns: Columns,
) -> Result<(), StoreError> {
    sqlx::query(AssertSqlSafe(table.update()))
        .bind(columns.counties)
        .bind(columns.ids)
        .bind(columns.names)
        .bind(columns.phones)
        .bind(columns.thirds)
        .bind(columns.fourths)
        .execute(connection)
        .await?;
    Ok(())
}
