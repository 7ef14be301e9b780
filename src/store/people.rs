//! Residents, for whoever serves them. The only statement that reads names, homes and phones; it asks for rows in the
//! areas of the caller only, the second wall shows no others (`migrations/0012_second_wall.sql`), and what is not to be seen does not leave the database.

use geo::Point;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{Store, StoreError};
use crate::model::{GridId, Resident, ResourceId};

/// The scope, then the fields that are to be seen, then which rows.
const RESIDENTS: &str = "select p.id, \
     case when $1 then st_x(p.geom) end, case when $1 then st_y(p.geom) end, \
     case when $2 then p.household end, case when $3 then p.address end, case when $4 then p.name end, \
     case when $5 then p.phone end, case when $6 then p.tags end, \
     (select g.code from gewu.current_grid g where g.county = p.county and g.grid_id = p.leaf_id) \
     from gewu.person p where ($7::uuid is null or p.id > $7) and ($8::uuid[] is null or p.id = any ($8)) \
     and (current_setting('gewu.areas', true) = '*' or p.leaf_id = any ((select gewu.caller_grids())::uuid[])) \
     and ($9::uuid[] is null or p.leaf_id = any ($9)) order by p.id limit $10";

/// Somebody who is there, whoever it is.
const ANYBODY: &str = "select id from gewu.person_place limit 1";

/// Which residents, and what of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidentsQuery {
    /// In and below these grids, as the policy opens them to the caller; `None`: everywhere. The database shows no others, whatever else is asked.
    pub areas: Option<Vec<GridId>>,
    /// Of those, only in these very grids.
    pub within: Option<Vec<GridId>>,
    /// What is read of each; whatever is not is absent.
    pub fields: ResidentFields,
    /// Only this one.
    pub id: Option<ResourceId>,
    /// Behind this one, in the order of identities.
    pub after: Option<ResourceId>,
    /// How many at most.
    pub limit: u32,
}

/// What is read of residents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResidentFields {
    /// Where they live.
    pub position: bool,
    /// Their household.
    pub household: bool,
    /// Their address.
    pub address: bool,
    /// Their name.
    pub name: bool,
    /// Their telephone.
    pub phone: bool,
    /// Their service tags.
    pub tags: bool,
}

impl Store {
    /// Residents, in the order of their identities.
    ///
    /// An identity is looked up beside that of somebody who is there. The second wall works out the areas of a caller only when it has a row to hold
    /// against them, and the time that this takes would tell whether the one who was asked for lives elsewhere or nowhere.
    pub async fn residents(&self, query: &ResidentsQuery) -> Result<Vec<Resident>, StoreError> {
        let areas = match &query.areas {
            None => "*".to_owned(),
            Some(grids) => grids.iter().map(|grid| grid.0.to_string()).collect::<Vec<_>>().join(","),
        };
        let mut tx = self.pool.begin_with("begin read only").await?;
        sqlx::query("select set_config('gewu.areas', $1, true)").bind(areas).execute(&mut *tx).await?;
        let wanted = match query.id {
            None => None,
            Some(id) => {
                let anybody: Option<Uuid> = sqlx::query_scalar(ANYBODY).fetch_optional(&mut *tx).await?;
                Some(std::iter::once(id.0).chain(anybody).collect::<Vec<_>>())
            }
        };
        let beside = i64::from(wanted.is_some());
        let fields = query.fields;
        let rows = sqlx::query(RESIDENTS)
            .bind(fields.position)
            .bind(fields.household)
            .bind(fields.address)
            .bind(fields.name)
            .bind(fields.phone)
            .bind(fields.tags)
            .bind(query.after.map(|id| id.0))
            .bind(wanted)
            .bind(query.within.as_ref().map(|grids| grids.iter().map(|grid| grid.0).collect::<Vec<_>>()))
            .bind(i64::from(query.limit) + beside)
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        let found = rows.iter().map(resident).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().filter(|one| query.id.is_none_or(|id| one.id == id)).collect())
    }
}

fn resident(row: &PgRow) -> Result<Resident, StoreError> {
    let position = row.try_get::<Option<f64>, _>(1)?.zip(row.try_get(2)?);
    Ok(Resident {
        id: ResourceId(row.try_get::<Uuid, _>(0)?),
        position: position.map(|(lon, lat)| Point::new(lon, lat)),
        household: row.try_get(3)?,
        address: row.try_get(4)?,
        name: row.try_get(5)?,
        phone: row.try_get(6)?,
        tags: row.try_get(7)?,
        grid: row.try_get(8)?,
    })
}
