//! Buildings, facilities, people and further resources into their tables.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;

use super::attributes::{Attributes, geometry_fits};
use super::rows::counts;
use super::{Counts, ImportTransaction};
use crate::model::Resource;
use crate::store::StoreError;
use crate::store::copy::copy_in;

/// The table of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Table {
    Building,
    Facility,
    Person,
    Resource,
}

impl Table {
    pub(super) const ALL: [Self; 4] = [Self::Building, Self::Facility, Self::Person, Self::Resource];

    pub(in crate::store) fn of(collection: &str) -> Self {
        match collection {
            "buildings" => Self::Building,
            "facilities" => Self::Facility,
            "people" => Self::Person,
            _ => Self::Resource,
        }
    }

    pub(in crate::store) fn name(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Facility => "facility",
            Self::Person => "person",
            Self::Resource => "resource",
        }
    }

    /// What the rows hold beside identity, place and leaf.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Building => {
                &["class", "name", "address", "properties", "invented", "height_m", "floors", "households"]
            }
            Self::Facility | Self::Resource => &["class", "name", "address", "properties", "invented"],
            Self::Person => &["name", "address", "invented", "household", "phone", "tags"],
        }
    }

    /// SQL for the position by which a geometry belongs to a leaf.
    pub(in crate::store) fn anchor(self, geometry: &str) -> String {
        match self {
            Self::Person => geometry.to_owned(),
            _ => format!(
                "case when geometrytype({geometry}) = 'POINT' then {geometry} else st_pointonsurface({geometry}) end"
            ),
        }
    }

    fn same_row(self) -> &'static str {
        match self {
            Self::Resource => {
                "s.collection = i.collection and s.source = i.source and s.source_id = i.source_id"
            }
            _ => "s.source = i.source and s.source_id = i.source_id",
        }
    }
}

/// Columns of a person that are sealed: two that say the same are not the same.
const SEALED: [&str; 4] = ["name", "address", "household", "phone"];

/// Which leaf holds each row. The leaves are the outer side, so that PostGIS prepares each polygon once.
const HOLD: &str = "
create temp table held on commit drop as
select distinct on (a.ordinal) a.ordinal, l.county, l.id
from leaf l join anchored a on l.geom && a.anchor and st_covers(l.geom, a.anchor)
order by a.ordinal, l.code";

impl ImportTransaction {
    /// Stores resources of `buildings`, `facilities`, `people` or a collection of the catalogue by (`source`, `source_id`).
    ///
    /// Their leaf and county are found here, from the leaf grids in force; those given are not looked at. Of a building's properties
    /// `height_m`, `floors` and `households` become columns; of a person's, `household`, `phone` and `tags`, and any other one
    /// is an error, because nothing else about a person is kept. A person's class is not kept either.
    pub async fn put_resources(
        &mut self,
        collection: &str,
        resources: &[Resource],
    ) -> Result<Counts, StoreError> {
        let table = Table::of(collection);
        self.know_collection(table, collection).await?;
        refuse_twice(collection, resources)?;
        self.copy_resources(table, collection, resources).await?;
        self.place(table).await?;
        let counts = self.merge(table).await?;
        self.placed = true;
        self.grew(table.name(), counts.inserted + counts.updated);
        Ok(counts)
    }

    async fn know_collection(&mut self, table: Table, collection: &str) -> Result<(), StoreError> {
        if table != Table::Resource {
            return Ok(());
        }
        let known: bool = sqlx::query_scalar("select exists (select from gewu.collection where id = $1)")
            .bind(collection)
            .fetch_one(self.connection())
            .await?;
        if known { Ok(()) } else { Err(StoreError::UnknownCollection(collection.to_owned())) }
    }

    async fn copy_resources(
        &mut self,
        table: Table,
        collection: &str,
        resources: &[Resource],
    ) -> Result<(), StoreError> {
        self.run("truncate in_resource").await?;
        // All rows are read before the first is sent: one that cannot be taken leaves the transaction usable.
        let checked: Result<Vec<(usize, &Resource, Attributes)>, StoreError> = resources
            .iter()
            .enumerate()
            .map(|(ordinal, resource)| {
                geometry_fits(table, collection, resource)?;
                Ok((ordinal, resource, Attributes::of(table, collection, resource)?))
            })
            .collect();
        let mut checked = checked?;
        if table == Table::Person {
            self.seal_people(&mut checked).await?;
        }
        let statement = "copy in_resource (ordinal, given, collection, source, source_id, class, name, address, properties, invented, \
                         height_m, floors, households, household, phone, tags, geom) from stdin";
        copy_in(self.connection(), statement, &checked, |row, (ordinal, resource, attributes)| {
            row.plain(ordinal);
            row.identity(Some(resource.id.0));
            row.text(collection);
            row.text(&resource.source);
            row.text(&resource.source_id);
            row.text(&resource.class);
            row.optional_text(attributes.name.as_deref());
            row.optional_text(attributes.address.as_deref());
            row.text(&attributes.properties);
            row.plain(resource.invented);
            row.optional(attributes.height_m);
            row.optional(attributes.floors);
            row.optional(attributes.households);
            row.optional_text(attributes.household.as_deref());
            row.optional_text(attributes.phone.as_deref());
            row.texts(&attributes.tags);
            row.geometry(&resource.geometry)
        })
        .await?;
        Ok(())
    }

    /// Finds the leaves of the rows that came in.
    async fn place(&mut self, table: Table) -> Result<(), StoreError> {
        self.prepare_leaves().await?;
        self.run("drop table if exists anchored, held").await?;
        let anchor = format!(
            "create temp table anchored on commit drop as select ordinal, {} as anchor from in_resource",
            table.anchor("geom")
        );
        sqlx::query(AssertSqlSafe(anchor)).execute(self.connection()).await?;
        self.run("create index on anchored using gist (anchor)").await?;
        self.run("analyze in_resource, anchored").await?;
        self.run(HOLD).await?;
        self.run("analyze held").await
    }

    async fn merge(&mut self, table: Table) -> Result<Counts, StoreError> {
        self.run("drop table if exists put_resource").await?;
        sqlx::query(AssertSqlSafe(matching(table))).execute(self.connection()).await?;
        for statement in [updating(table), inserting(table)] {
            sqlx::query(AssertSqlSafe(statement)).execute(self.connection()).await?;
        }
        let row = sqlx::query(
            "select count(*) filter (where stored_id is null) as inserted, \
             count(*) filter (where stored_id is not null and differs) as updated, \
             count(*) filter (where not differs) as unchanged from put_resource",
        )
        .fetch_one(self.connection())
        .await?;
        counts(&row)
    }
}

/// Which given rows are stored, under which identity, and do they differ?
fn matching(table: Table) -> String {
    let content = |of: &str, column: &&str| match table {
        Table::Person if SEALED.contains(column) => format!("gewu.content_of({of}.{column})"),
        _ => format!("{of}.{column}"),
    };
    let list = |of: &str| table.columns().iter().map(|c| content(of, c)).collect::<Vec<_>>().join(", ");
    format!(
        "create temp table put_resource on commit drop as \
         select i.ordinal, coalesce(h.county, '000000') as county, h.id as leaf_id, s.county as stored_county, s.id as stored_id, \
         s.id is null or (s.county, s.leaf_id, {stored}) is distinct from (coalesce(h.county, '000000'), h.id, {given}) \
         or st_asbinary(s.geom) <> st_asbinary(i.geom) as differs \
         from in_resource i left join held h using (ordinal) left join gewu.{name} s on {same_row}",
        stored = list("s"),
        given = list("i"),
        name = table.name(),
        same_row = table.same_row(),
    )
}

/// A row that lies in another county now moves to that partition by itself.
fn updating(table: Table) -> String {
    let sets: Vec<String> = table.columns().iter().map(|column| format!("{column} = i.{column}")).collect();
    format!(
        "update gewu.{name} s set county = p.county, leaf_id = p.leaf_id, geom = i.geom, {sets} \
         from put_resource p join in_resource i using (ordinal) \
         where p.differs and s.county = p.stored_county and s.id = p.stored_id",
        name = table.name(),
        sets = sets.join(", "),
    )
}

/// In the order of a space-filling curve, so that indexes and pages hold neighbours.
fn inserting(table: Table) -> String {
    let columns = table.columns().join(", ");
    let collection = if table == Table::Resource { "collection, " } else { "" };
    format!(
        "insert into gewu.{name} (county, id, source, source_id, {collection}leaf_id, geom, {columns}) \
         select p.county, i.given, i.source, i.source_id, {collection}p.leaf_id, i.geom, {columns} \
         from put_resource p join in_resource i using (ordinal) join anchored a using (ordinal) \
         where p.stored_id is null order by a.anchor",
        name = table.name(),
    )
}

fn refuse_twice(collection: &str, resources: &[Resource]) -> Result<(), StoreError> {
    let mut seen = HashSet::new();
    match resources.iter().find(|resource| !seen.insert((&resource.source, &resource.source_id))) {
        Some(twice) => Err(StoreError::Twice {
            what: format!("the {collection} row {}/{}", twice.source, twice.source_id),
        }),
        None => Ok(()),
    }
}
