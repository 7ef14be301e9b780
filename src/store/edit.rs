//! One resource at a time: put in, replaced, taken away, and given the leaf that holds it, in one transaction.

use geozero::{CoordDimensions, ToWkb};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres};

use super::import::{Attributes, REVISION_LOCK, ResourceTable, geometry_fits};
use super::table::{Table, TableError};
use super::{Store, StoreError};
use crate::model::{Feature, FeatureId, Resource, ResourceId};

/// What is done to a resource.
#[derive(Debug, Clone, Copy)]
pub enum Edit<'a> {
    /// It is put in.
    Create(&'a Resource),
    /// It takes the place of the one with its identity.
    Replace(&'a Resource),
    /// It is taken away.
    Delete(ResourceId),
}

/// What came of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It was done.
    Done,
    /// There is no such resource.
    Missing,
    /// The resource is not as the caller expects it.
    Unexpected,
    /// Another resource has its source and its identity there.
    Taken,
}

/// Which leaf holds a position: of a footprint a point on its surface, on a shared border the leaf with the lowest code.
const PLACED: &str = "with given as (select st_setsrid(st_geomfromwkb($1), 4490) as geom), \
     anchored as (select geom, case when geometrytype(geom) = 'POINT' then geom else st_pointonsurface(geom) end as anchor from given), \
     placed as (select a.geom, h.county, h.grid_id from anchored a left join lateral ( \
       select v.county, v.grid_id from gewu.current_grid v where v.geom && a.anchor and st_covers(v.geom, a.anchor) \
       and not exists (select from gewu.current_grid c where c.parent_county = v.county and c.parent_id = v.grid_id) \
       order by v.code limit 1) h on true) ";

impl Store {
    /// Edits a resource of a collection, whose features `table` shows. `expected`: is the one that is replaced or taken away as the caller
    /// thinks that it is? Waits for an import that is under way.
    pub async fn edit_resource(
        &self,
        table: &Table,
        collection: &str,
        edit: Edit<'_>,
        expected: &(dyn Fn(&Feature) -> bool + Sync),
    ) -> Result<Edited, TableError> {
        let mut tx = self.pool.begin().await.map_err(StoreError::from)?;
        let settings = format!(
            "set local statement_timeout = {}; set local gewu.leaves = 'given'",
            table.time_limit().as_millis()
        );
        table.check(sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut *tx).await)?;
        // An import gives leaves to what it sees.
        table.check(
            sqlx::query("select pg_advisory_xact_lock($1)").bind(REVISION_LOCK).execute(&mut *tx).await,
        )?;
        let kept = ResourceTable::of(collection);
        let outcome = match edit {
            Edit::Create(resource) => create(&mut tx, table, kept, collection, resource).await?,
            Edit::Replace(resource) => match find(&mut tx, table, kept, resource.id, expected).await? {
                Edited::Done => replace(&mut tx, table, kept, collection, resource).await?,
                other => other,
            },
            Edit::Delete(id) => match find(&mut tx, table, kept, id, expected).await? {
                Edited::Done => {
                    let text = format!("delete from gewu.{} where id = $1", kept.name());
                    table.check(sqlx::query(AssertSqlSafe(text)).bind(id.0).execute(&mut *tx).await)?;
                    Edited::Done
                }
                other => other,
            },
        };
        if outcome == Edited::Done {
            table.check(tx.commit().await)?;
        }
        Ok(outcome)
    }
}

impl Store {
    /// Places what lies in boundaries that were written ahead of their time, and have come into force or gone out of it since. How many instants that were.
    pub async fn settle_due(&self) -> Result<i32, StoreError> {
        Ok(sqlx::query_scalar("select gewu.settle_due()").fetch_one(&self.pool).await?)
    }
}

/// Finds a resource, and holds it until the end of the transaction.
async fn find(
    connection: &mut PgConnection,
    table: &Table,
    kept: ResourceTable,
    id: ResourceId,
    expected: &(dyn Fn(&Feature) -> bool + Sync),
) -> Result<Edited, TableError> {
    let text = format!("select 1 from gewu.{} where id = $1 for update", kept.name());
    let held = sqlx::query(AssertSqlSafe(text)).bind(id.0).fetch_optional(&mut *connection).await;
    if table.check(held)?.is_none() {
        return Ok(Edited::Missing);
    }
    Ok(match table.item(connection, FeatureId::Uuid(id.0)).await? {
        Some(feature) if expected(&feature) => Edited::Done,
        Some(_) => Edited::Unexpected,
        None => Edited::Missing,
    })
}

async fn create(
    connection: &mut PgConnection,
    table: &Table,
    kept: ResourceTable,
    collection: &str,
    resource: &Resource,
) -> Result<Edited, TableError> {
    let columns = columns(kept);
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let numbers: Vec<_> = columns.iter().map(|(_, number)| number.as_str()).collect();
    let text = format!(
        "{PLACED} insert into gewu.{} (county, id, leaf_id, geom, {}) \
         select coalesce(county, '000000'), $2, grid_id, geom, {} from placed",
        kept.name(),
        names.join(", "),
        numbers.join(", ")
    );
    put(connection, table, kept, collection, resource, text).await
}

async fn replace(
    connection: &mut PgConnection,
    table: &Table,
    kept: ResourceTable,
    collection: &str,
    resource: &Resource,
) -> Result<Edited, TableError> {
    let sets: Vec<_> = columns(kept).iter().map(|(name, number)| format!("{name} = {number}")).collect();
    let text = format!(
        "{PLACED} update gewu.{} t set county = coalesce(p.county, '000000'), leaf_id = p.grid_id, geom = p.geom, {} \
         from placed p where t.id = $2",
        kept.name(),
        sets.join(", ")
    );
    put(connection, table, kept, collection, resource, text).await
}

/// Runs the statement of one of the two, unless another resource stands in the way.
async fn put(
    connection: &mut PgConnection,
    table: &Table,
    kept: ResourceTable,
    collection: &str,
    resource: &Resource,
    text: String,
) -> Result<Edited, TableError> {
    if is_taken(connection, table, kept, collection, resource).await? {
        return Ok(Edited::Taken);
    }
    let query = bound(sqlx::query(AssertSqlSafe(text)), kept, collection, resource)?;
    table.check(query.execute(connection).await)?;
    Ok(Edited::Done)
}

/// Has another resource its source and its identity there?
async fn is_taken(
    connection: &mut PgConnection,
    table: &Table,
    kept: ResourceTable,
    collection: &str,
    resource: &Resource,
) -> Result<bool, TableError> {
    let of_collection =
        if kept == ResourceTable::Resource { "and collection = $4" } else { "and $4::text is not null" };
    let text = format!(
        "select exists (select from gewu.{} where source = $1 and source_id = $2 and id <> $3 {of_collection})",
        kept.name()
    );
    let query = sqlx::query_scalar(AssertSqlSafe(text)).bind(&resource.source).bind(&resource.source_id);
    table.check(query.bind(resource.id.0).bind(collection).fetch_one(connection).await)
}

/// The columns of a table with their parameters, which are those after the geometry and the identity.
fn columns(kept: ResourceTable) -> Vec<(&'static str, String)> {
    let mut names = vec!["source", "source_id", "class", "name", "address", "properties", "invented"];
    match kept {
        ResourceTable::Building => names.extend(["height_m", "floors", "households"]),
        ResourceTable::Resource => names.push("collection"),
        ResourceTable::Facility | ResourceTable::Person => {}
    }
    names.into_iter().zip(3..).map(|(name, number)| (name, format!("${number}"))).collect()
}

fn bound<'q>(
    query: Query<'q, Postgres, PgArguments>,
    kept: ResourceTable,
    collection: &'q str,
    resource: &'q Resource,
) -> Result<Query<'q, Postgres, PgArguments>, TableError> {
    geometry_fits(kept, collection, resource)?;
    let attributes = Attributes::of(kept, collection, resource)?;
    let bytes = resource
        .geometry
        .to_wkb(CoordDimensions::xy())
        .map_err(|error| StoreError::stored("geometry", error))?;
    let properties: serde_json::Value = serde_json::from_str(&attributes.properties)
        .map_err(|error| StoreError::stored("resource", error))?;
    let query = query
        .bind(bytes)
        .bind(resource.id.0)
        .bind(&resource.source)
        .bind(&resource.source_id)
        .bind(&resource.class)
        .bind(&resource.name)
        .bind(&resource.address)
        .bind(properties)
        .bind(resource.invented);
    Ok(match kept {
        ResourceTable::Building => {
            query.bind(attributes.height_m).bind(attributes.floors).bind(attributes.households)
        }
        ResourceTable::Resource => query.bind(collection),
        ResourceTable::Facility | ResourceTable::Person => query,
    })
}
