//! What a stretch of the feed touched: each identity once.

use std::collections::HashMap;

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::store::StoreError;

/// Identities of a stretch of the feed, by entity, with every county that they were told under: the present row is in one of them.
#[derive(Debug, Default)]
pub(super) struct Touched {
    entities: HashMap<String, Identities>,
    /// Something was told as a whole, not row by row.
    pub(super) bulk: Option<String>,
}

/// The identities of one entity.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// Pairs of county and identity, as two columns; a county is empty where the table has none.
    pub(super) counties: Vec<String>,
    pub(super) ids: Vec<Uuid>,
}

/// One more than the limit tells that there are more.
const TOUCHED: &str = "
select distinct c.entity, coalesce(c.county, '') as county, c.entity_id, c.action = 'bulk' as bulk
from gewu.revision r join gewu.change c on c.revision_id = r.id
where r.number > $1 and r.number <= $2
limit $3";

impl Touched {
    /// Reads what was touched after `since` up to `latest`; `None` when that is more than `limit`.
    pub(super) async fn read(
        connection: &mut PgConnection,
        since: i64,
        latest: i64,
        limit: usize,
    ) -> Result<Option<Self>, StoreError> {
        let ask = sqlx::query(TOUCHED).bind(since).bind(latest);
        let ask = ask.bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1));
        let rows = ask.fetch_all(connection).await?;
        if rows.len() > limit {
            return Ok(None);
        }
        let mut touched = Self::default();
        for row in rows {
            let entity: String = row.try_get("entity")?;
            if row.try_get("bulk")? {
                touched.bulk = Some(entity);
                continue;
            }
            let identities = touched.entities.entry(entity).or_default();
            if let Some(id) = row.try_get("entity_id")? {
                identities.counties.push(row.try_get("county")?);
                identities.ids.push(id);
            }
        }
        Ok(Some(touched))
    }

    /// Those of an entity, if it was touched.
    pub(super) fn of(&self, entity: &str) -> Option<&Identities> {
        self.entities.get(entity)
    }
}
