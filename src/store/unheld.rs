//! What no grid holds: resources without a leaf, or with one that is no longer in force.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::import::ResourceTable;
use super::{Store, StoreError};
use crate::model::ResourceId;

/// What no grid holds. Of people only how many they are: nothing about a person is read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unheld {
    /// Collections with at least one such resource, by name.
    pub collections: Vec<UnheldCollection>,
    /// How many people.
    pub people: u64,
}

/// The resources of one collection that no grid holds.
#[derive(Debug, Clone, PartialEq)]
pub struct UnheldCollection {
    /// The collection.
    pub collection: String,
    /// How many they are.
    pub count: u64,
    /// The first of them, by identity.
    pub listed: Vec<UnheldResource>,
}

/// A resource that no grid holds.
#[derive(Debug, Clone, PartialEq)]
pub struct UnheldResource {
    /// Its identity.
    pub id: ResourceId,
    /// Its class.
    pub class: String,
    /// Longitude and latitude of the position by which it would belong to a leaf, degrees.
    pub position: [f64; 2],
}

/// Of the rows `t`.
const IN_NO_GRID: &str =
    "not exists (select from gewu.current_grid g where g.county = t.county and g.grid_id = t.leaf_id)";

impl Store {
    /// What no grid holds now, of each collection at most so many resources.
    pub async fn read_unheld(&self, most: usize) -> Result<Unheld, StoreError> {
        let mut tx = self.begin_reading().await?;
        let mut unheld = Unheld::default();
        for table in [ResourceTable::Building, ResourceTable::Facility, ResourceTable::Resource] {
            read_table(&mut tx, table, most, &mut unheld.collections).await?;
        }
        unheld.collections.sort_by(|a, b| a.collection.cmp(&b.collection));
        let people = format!("select count(*) from gewu.person t where {IN_NO_GRID}");
        let people: i64 = sqlx::query_scalar(AssertSqlSafe(people)).fetch_one(&mut *tx).await?;
        unheld.people = people.unsigned_abs();
        tx.commit().await?;
        Ok(unheld)
    }
}

async fn read_table(
    connection: &mut PgConnection,
    table: ResourceTable,
    most: usize,
    found: &mut Vec<UnheldCollection>,
) -> Result<(), StoreError> {
    let collection = match table {
        ResourceTable::Building => "'buildings'",
        ResourceTable::Facility => "'facilities'",
        ResourceTable::Person => "'people'",
        ResourceTable::Resource => "t.collection",
    };
    let text = format!(
        "select collection, found, id, class, st_x({anchor}) as lon, st_y({anchor}) as lat from ( \
           select *, count(*) over (partition by collection) as found, \
             row_number() over (partition by collection order by id) as place \
           from (select {collection}::text as collection, t.id, t.class, t.geom from gewu.{name} t where {IN_NO_GRID}) t) t \
         where place <= $1 order by collection, place",
        anchor = table.anchor("t.geom"),
        name = table.name(),
    );
    let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
    for row in sqlx::query(AssertSqlSafe(text)).bind(most).fetch_all(connection).await? {
        let collection: String = row.try_get("collection")?;
        let resource = UnheldResource {
            id: ResourceId(row.try_get("id")?),
            class: row.try_get("class")?,
            position: [row.try_get("lon")?, row.try_get("lat")?],
        };
        match found.last_mut() {
            Some(last) if last.collection == collection => last.listed.push(resource),
            _ => found.push(UnheldCollection {
                collection,
                count: row.try_get::<i64, _>("found")?.unsigned_abs(),
                listed: vec![resource],
            }),
        }
    }
    Ok(())
}
