//! By which keys is what sealed?

use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::SealedTable;
use crate::seal::KeyId;
use crate::store::{Store, StoreError};

/// How many values of a column one key sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedColumn {
    /// Table and column.
    pub column: String,
    /// The key; `None`: they are in the clear.
    pub key: Option<KeyId>,
    /// How many.
    pub values: u64,
}

/// Remembers that a key seals in this database.
pub(in crate::store) async fn note_key(connection: &mut PgConnection, key: KeyId) -> Result<(), StoreError> {
    let note = "insert into gewu.data_key (id) values ($1) on conflict do nothing";
    sqlx::query(note).bind(key.to_string()).execute(connection).await?;
    Ok(())
}

impl Store {
    /// Are the keys there with which this database was written?
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], which names the one that is missing; that there is no key at all is
    /// [`SealError::NoKey`](crate::seal::SealError::NoKey).
    pub async fn check_keys(&self) -> Result<(), StoreError> {
        let used: Vec<String> =
            sqlx::query_scalar("select id from gewu.data_key order by since").fetch_all(&self.pool).await?;
        let Some(keys) = self.sealer.keys() else {
            return if used.is_empty() { Ok(()) } else { Err(crate::seal::SealError::NoKey.into()) };
        };
        let known: Vec<_> = keys.ids().iter().map(ToString::to_string).collect();
        match used.into_iter().find(|id| !known.contains(id)) {
            Some(missing) => Err(StoreError::WrongKey(missing)),
            None => Ok(()),
        }
    }

    /// Is a name or phone in the clear? Reads all of them where none is.
    pub async fn has_plain_names(&self) -> Result<bool, StoreError> {
        let ask = "select exists (select from gewu.worker where not gewu.is_sealed(name) or not gewu.is_sealed(phone)) \
                   or exists (select from gewu.person where not gewu.is_sealed(name) or not gewu.is_sealed(phone))";
        Ok(sqlx::query_scalar(ask).fetch_one(&self.pool).await?)
    }

    /// How many values of each column each key sealed, and how many are in the clear. Reads all of them.
    pub async fn sealed_columns(&self) -> Result<Vec<SealedColumn>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let all = count(&mut tx).await?;
        tx.commit().await?;
        Ok(all)
    }

    /// Forgets the keys that seal nothing any more; gives those that still do.
    pub async fn settle_keys(&self) -> Result<Vec<KeyId>, StoreError> {
        let mut tx = self.pool.begin().await?;
        // No import seals meanwhile.
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *tx).await?;
        sqlx::query("select pg_advisory_xact_lock($1)")
            .bind(crate::store::import::REVISION_LOCK)
            .execute(&mut *tx)
            .await?;
        let mut used: Vec<_> = count(&mut tx).await?.into_iter().filter_map(|found| found.key).collect();
        used.sort_unstable();
        used.dedup();
        let kept: Vec<_> = used.iter().map(ToString::to_string).collect();
        sqlx::query("delete from gewu.data_key where id <> all ($1)").bind(&kept).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(used)
    }
}

async fn count(connection: &mut PgConnection) -> Result<Vec<SealedColumn>, StoreError> {
    let mut all = Vec::new();
    for table in SealedTable::ALL {
        for (column, field) in table.columns() {
            let ask = format!(
                "select case when gewu.is_sealed({column}) then substr({column}, 7, 8) end as key, count(*) from gewu.{} \
                 where {column} is not null group by 1 order by 1",
                table.name()
            );
            for row in sqlx::query(AssertSqlSafe(ask)).fetch_all(&mut *connection).await? {
                let key: Option<String> = row.try_get(0)?;
                let key = key
                    .map(|key| KeyId::read(&key).ok_or_else(|| StoreError::stored(table.name(), "no key")))
                    .transpose()?;
                let values = u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0);
                all.push(SealedColumn { column: field.label().to_owned(), key, values });
            }
        }
    }
    Ok(all)
}
