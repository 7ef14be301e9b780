//! Residents, for whoever serves them. The only statement that reads names, homes and phones; it asks for rows in the
//! areas of the caller only, the second wall shows no others (`migrations/0012_second_wall.sql`), and what is not to be seen does not leave the database.

use geo::Point;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::{Store, StoreError};
use crate::model::{GridId, Resident, ResourceId};
use crate::seal::{Field, Sealer};

/// The scope, then the fields that are to be seen, then which rows.
const RESIDENTS: &str = "select p.id, \
     case when $1 then st_x(p.geom) end, case when $1 then st_y(p.geom) end, \
     case when $2 then p.household end, case when $3 then p.address end, case when $4 then p.name end, \
     case when $5 then p.phone end, case when $6 then p.tags end, \
     (select g.code from gewu.current_grid g where g.county = p.county and g.grid_id = p.leaf_id) \
     from gewu.person p where ($7::uuid is null or p.id > $7) and ($8::uuid[] is null or p.id = any ($8)) \
     and (current_setting('gewu.areas', true) = '*' or p.leaf_id = any ((select gewu.caller_grids())::uuid[])) \
     and ($9::uuid[] is null or p.leaf_id = any ($9)) order by p.id limit $10";
/// Those whose name, or whose phone, may equal a text: the beginnings of sealed values find them by an index.
const NAMED: &str = "select t.id from gewu.person_tag t where t.name_tag = any ($1)";
const CALLED: &str = "select t.id from gewu.person_tag t where t.phone_tag = any ($1)";
const BOTH: &str =
    "select t.id from gewu.person_tag t where t.name_tag = any ($1) and t.phone_tag = any ($2)";
/// Somebody of the caller's own areas, as tags.
const NEIGHBOUR: &str = "select left(p.name, 34), left(p.phone, 34) from gewu.person p \
     where p.leaf_id = any ((select gewu.caller_grids())::uuid[]) limit 1";
/// Somebody who is there, whoever it is.
const ANYBODY: &str = "select id from gewu.person_place limit 1";

/// Which residents, and what of them.
#[derive(Clone, PartialEq, Eq)]
pub struct ResidentsQuery {
    /// In and below these grids, as the policy opens them to the caller; `None`: everywhere. The database shows no others, whatever else is asked.
    pub areas: Option<Vec<GridId>>,
    /// Of those, only in these very grids.
    pub within: Option<Vec<GridId>>,
    /// What is read of each; whatever is not is absent.
    pub fields: ResidentFields,
    /// Only this one.
    pub id: Option<ResourceId>,
    /// Only those with this name, however it is written; the field must be among those that are read.
    pub name: Option<String>,
    /// Only those with this phone; the field must be among those that are read.
    pub phone: Option<String>,
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
    /// Whoever is asked for by identity, name or phone is looked up beside somebody who is there. The second wall works
    /// out the areas of a caller only when it has a row to hold against them, and the time that this takes would tell
    /// whether the one who was asked for lives elsewhere or nowhere.
    pub async fn residents(&self, query: &ResidentsQuery) -> Result<Vec<Resident>, StoreError> {
        let areas = match &query.areas {
            None => "*".to_owned(),
            Some(grids) => grids.iter().map(|grid| grid.0.to_string()).collect::<Vec<_>>().join(","),
        };
        let mut tx = self.pool.begin_with("begin read only").await?;
        sqlx::query("select set_config('gewu.areas', $1, true)").bind(areas).execute(&mut *tx).await?;
        let wanted = self.wanted(&mut tx, query).await?;
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
        let mut found = rows.iter().map(|row| resident(row, &self.sealer)).collect::<Result<Vec<_>, _>>()?;
        // A beginning may be that of another one, by chance or where it is in the clear.
        found.retain(|one| {
            query.id.is_none_or(|id| one.id == id)
                && equals(Field::PersonName, &query.name, &one.name)
                && equals(Field::PersonPhone, &query.phone, &one.phone)
        });
        Ok(found)
    }
    /// The identities that may be those who are asked for, and that of somebody else; `None`: all are.
    async fn wanted(
        &self,
        tx: &mut PgConnection,
        query: &ResidentsQuery,
    ) -> Result<Option<Vec<Uuid>>, StoreError> {
        let tags = |field, wanted: &Option<String>| {
            wanted.as_ref().map(|text| self.sealer.beginnings(field, text)).transpose()
        };
        let mut names = tags(Field::PersonName, &query.name)?;
        let mut phones = tags(Field::PersonPhone, &query.phone)?;
        if names.is_some() || phones.is_some() {
            let neighbour: Option<(String, Option<String>)> =
                sqlx::query_as(NEIGHBOUR).fetch_optional(&mut *tx).await?;
            if let Some((name, phone)) = neighbour {
                names.iter_mut().for_each(|names| names.push(name.clone()));
                phones.iter_mut().for_each(|phones| phones.extend(phone.clone()));
            }
        }
        let mut wanted = match (query.id, names, phones) {
            (Some(id), _, _) => vec![id.0],
            (None, None, None) => return Ok(None),
            (None, Some(names), None) => sqlx::query_scalar(NAMED).bind(names).fetch_all(&mut *tx).await?,
            (None, None, Some(phones)) => sqlx::query_scalar(CALLED).bind(phones).fetch_all(&mut *tx).await?,
            (None, Some(names), Some(phones)) => {
                sqlx::query_scalar(BOTH).bind(names).bind(phones).fetch_all(&mut *tx).await?
            }
        };
        wanted.extend(sqlx::query_scalar::<_, Uuid>(ANYBODY).fetch_optional(&mut *tx).await?);
        Ok(Some(wanted))
    }
}

fn equals(field: Field, wanted: &Option<String>, found: &Option<String>) -> bool {
    wanted
        .as_ref()
        .is_none_or(|wanted| found.as_ref().is_some_and(|found| field.folded(found) == field.folded(wanted)))
}

fn resident(row: &PgRow, sealer: &Sealer) -> Result<Resident, StoreError> {
    let id = row.try_get::<Uuid, _>(0)?;
    let opened = |field, place: usize| -> Result<Option<String>, StoreError> {
        Ok(sealer.open_optional(field, id, row.try_get(place)?)?)
    };
    let position = row.try_get::<Option<f64>, _>(1)?.zip(row.try_get(2)?);
    Ok(Resident {
        id: ResourceId(id),
        position: position.map(|(lon, lat)| Point::new(lon, lat)),
        household: opened(Field::PersonHousehold, 3)?,
        address: opened(Field::PersonAddress, 4)?,
        name: opened(Field::PersonName, 5)?,
        phone: opened(Field::PersonPhone, 6)?,
        tags: row.try_get(7)?,
        grid: row.try_get(8)?,
    })
}
