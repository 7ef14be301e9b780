//! Is a registered table there, and is it what its definition says?

use std::time::Duration;

use sqlx::{AssertSqlSafe, Row};

use super::column::{Column, ColumnKind};
use super::reading::Reading;
use super::{TableError, personal, quoted};
use crate::model::TableSource;
use crate::store::{Store, StoreError};

/// How long one question about a table may take.
const LONGEST: Duration = Duration::from_secs(5);

/// A table that was looked at: it is there with its columns, and leads to no personal data.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) source: TableSource,
    /// The column with the geometry.
    pub(super) geometry: String,
    pub(super) shape: Shape,
    /// EPSG code.
    pub(super) srid: i32,
    pub(super) feature_id: Option<(String, IdKind)>,
    pub(super) columns: Vec<Column>,
    /// Has it a spatial index of its own, that tells how far it reaches?
    pub(super) has_own_index: bool,
    unindexed: Vec<String>,
}

/// What the geometries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Points,
    /// Lines or polygons.
    Extended,
    Any,
}

/// What tells features apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    Whole,
    Uuid,
}

impl Table {
    /// The attributes of its features.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// EPSG code of the system of its geometries.
    pub fn srid(&self) -> i32 {
        self.srid
    }

    /// Tables that it reads by their geometry without a spatial index: each tile reads them from one end to the other.
    pub fn unindexed(&self) -> &[String] {
        &self.unindexed
    }

    /// Its name as SQL reads it.
    pub(super) fn named(&self) -> String {
        let relation = &self.source.relation;
        format!("{}.{}", quoted(&relation.schema), quoted(&relation.name))
    }
}

/// A column as the database describes it.
struct Described {
    name: String,
    type_name: String,
    srid: i32,
    geometry_type: String,
}

const RELATION: &str = "select c.oid::int8, has_table_privilege(c.oid, 'select') and has_schema_privilege(n.oid, 'usage'), current_user::text, \
     c.relkind in ('r', 'm') and exists (select from pg_index i join pg_class x on x.oid = i.indexrelid \
       join pg_am m on m.oid = x.relam where i.indrelid = c.oid and i.indisvalid and m.amname = 'gist' and i.indpred is null \
       and i.indkey[0] in (select attnum from pg_attribute a join pg_type t on t.oid = a.atttypid \
         where a.attrelid = c.oid and t.typname = 'geometry')) \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')";

const COLUMNS: &str = "select a.attname::text, t.typname::text, \
     case when t.typname = 'geometry' then postgis_typmod_srid(a.atttypmod) else 0 end, \
     case when t.typname = 'geometry' then postgis_typmod_type(a.atttypmod) else '' end \
     from pg_attribute a join pg_type d on d.oid = a.atttypid join pg_type t on t.oid = coalesce(nullif(d.typbasetype, 0), d.oid) \
     where a.attrelid = $1::int8::oid and a.attnum > 0 and not a.attisdropped order by a.attnum";

const OTHERS: &str = "select distinct n.nspname || '.' || c.relname from pg_attribute a join pg_type t on t.oid = a.atttypid \
     join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace \
     where t.typname = 'geometry' and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and not a.attisdropped \
     and n.nspname not in ('gewu', 'pg_catalog', 'information_schema') and has_table_privilege(session_user, c.oid, 'select') order by 1 limit 20";

impl Store {
    /// Looks at a table; what is wrong is told with what there is.
    pub async fn inspect_table(&self, source: &TableSource) -> Result<Table, TableError> {
        let mut reading = Reading::begin(self, source, LONGEST).await?;
        let table = inspect(&mut reading, source).await?;
        reading.finish().await?;
        Ok(table)
    }
}

async fn inspect(reading: &mut Reading<'_>, source: &TableSource) -> Result<Table, TableError> {
    let (relation, has_own_index) = relation(reading, source).await?;
    personal::refuse_personal(reading, source, relation).await?;
    let described = described(reading, relation).await?;
    let geometry = geometry(source, &described)?;
    let srid = srid(reading, source, geometry).await?;
    let columns = source.columns.iter().map(|column| attribute(source, &described, column));
    Ok(Table {
        geometry: geometry.name.clone(),
        shape: shape(&geometry.geometry_type),
        srid,
        feature_id: source
            .feature_id
            .as_ref()
            .map(|column| identity(source, &described, column))
            .transpose()?,
        columns: columns.collect::<Result<_, _>>()?,
        has_own_index,
        unindexed: personal::unindexed(reading, relation).await?,
        source: source.clone(),
    })
}

/// The number of the relation in the database, and whether it has a spatial index.
async fn relation(reading: &mut Reading<'_>, source: &TableSource) -> Result<(i64, bool), TableError> {
    let name = &source.relation;
    let found = reading.rows(sqlx::query(RELATION).bind(&name.schema).bind(&name.name)).await?;
    let Some(row) = found.first() else {
        let rows = reading.rows(sqlx::query(OTHERS)).await?;
        let others: Vec<String> =
            rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(StoreError::from)?;
        let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
        return Err(TableError::unfit(
            source,
            format!("there is no such table or view; with a geometry there are: {others}"),
        ));
    };
    let read = |error| TableError::from(StoreError::from(error));
    if !row.try_get::<bool, _>(1).map_err(read)? {
        let role: String = row.try_get(2).map_err(read)?;
        let what =
            format!("the role {role} may not read it; grant usage on the schema and select on the table");
        return Err(TableError::unfit(source, what));
    }
    Ok((row.try_get(0).map_err(read)?, row.try_get(3).map_err(read)?))
}

async fn described(reading: &mut Reading<'_>, relation: i64) -> Result<Vec<Described>, TableError> {
    let rows = reading.rows(sqlx::query(COLUMNS).bind(relation)).await?;
    let column = |row: &sqlx::postgres::PgRow| {
        Ok(Described {
            name: row.try_get(0)?,
            type_name: row.try_get(1)?,
            srid: row.try_get(2)?,
            geometry_type: row.try_get(3)?,
        })
    };
    let columns: Result<Vec<_>, sqlx::Error> = rows.iter().map(column).collect();
    Ok(columns.map_err(StoreError::from)?)
}

fn listed(columns: &[&Described]) -> String {
    let listed: Vec<_> =
        columns.iter().map(|column| format!("{} ({})", column.name, column.type_name)).collect();
    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
}

fn named<'a>(
    source: &TableSource,
    described: &'a [Described],
    name: &str,
) -> Result<&'a Described, TableError> {
    described.iter().find(|column| column.name == name).ok_or_else(|| {
        let all = listed(&described.iter().collect::<Vec<_>>());
        TableError::unfit(source, format!("it has no column {name:?}; it has: {all}"))
    })
}

fn geometry<'a>(source: &TableSource, described: &'a [Described]) -> Result<&'a Described, TableError> {
    let geometries: Vec<_> = described.iter().filter(|column| column.type_name == "geometry").collect();
    let wrong = |what: String| Err(TableError::unfit(source, what));
    if let Some(name) = &source.geometry {
        let column = named(source, described, name)?;
        return match column.type_name == "geometry" {
            true => Ok(column),
            false => {
                wrong(format!("its column {name:?} is no geometry; geometries are: {}", listed(&geometries)))
            }
        };
    }
    match geometries[..] {
        [only] => Ok(only),
        [] => wrong("it has no column of the type geometry (a geography can be read through a view: column::geometry)".to_owned()),
        _ => wrong(format!("it has several geometries: {}; choose by geometry = \"...\"", listed(&geometries))),
    }
}

/// The reference system: that of the column, or else that of the first row.
async fn srid(
    reading: &mut Reading<'_>,
    source: &TableSource,
    geometry: &Described,
) -> Result<i32, TableError> {
    let column = quoted(&geometry.name);
    let (schema, name) = (quoted(&source.relation.schema), quoted(&source.relation.name));
    let srid = match geometry.srid {
        0 => {
            let first =
                format!("select st_srid({column}) from {schema}.{name} where {column} is not null limit 1");
            let rows = reading.rows(sqlx::query(AssertSqlSafe(first))).await?;
            rows.first().map(|row| row.try_get(0)).transpose().map_err(StoreError::from)?.unwrap_or(0)
        }
        known => known,
    };
    let known = sqlx::query("select exists (select from spatial_ref_sys where srid = $1)").bind(srid);
    if reading.row(known).await?.try_get(0).map_err(StoreError::from)? {
        return Ok(srid);
    }
    Err(TableError::unfit(
        source,
        format!(
            "the reference system of its column {:?} is not known (SRID {srid}); say which one it is: in a table, alter column {column} \
             type geometry({kind}, EPSG) using st_setsrid({column}, EPSG); in a view, st_setsrid({column}, EPSG)::geometry({kind}, EPSG)",
            geometry.name,
            kind = geometry.geometry_type
        ),
    ))
}

/// A type as the database names it, with or without Z and M.
fn shape(geometry_type: &str) -> Shape {
    match geometry_type.trim_end_matches(['Z', 'M']) {
        "Point" | "MultiPoint" => Shape::Points,
        "LineString" | "MultiLineString" | "Polygon" | "MultiPolygon" => Shape::Extended,
        _ => Shape::Any,
    }
}

fn identity(
    source: &TableSource,
    described: &[Described],
    name: &str,
) -> Result<(String, IdKind), TableError> {
    let column = named(source, described, name)?;
    let kind = match ColumnKind::of(&column.type_name) {
        Some(ColumnKind::Whole) => IdKind::Whole,
        Some(ColumnKind::Uuid) => IdKind::Uuid,
        _ => {
            let what = format!(
                "feature_id = {name:?} is {}; an integer or a uuid tells features apart",
                column.type_name
            );
            return Err(TableError::unfit(source, what));
        }
    };
    Ok((column.name.clone(), kind))
}

fn attribute(source: &TableSource, described: &[Described], name: &str) -> Result<Column, TableError> {
    let column = named(source, described, name)?;
    match ColumnKind::of(&column.type_name) {
        Some(kind) => Ok(Column { name: column.name.clone(), kind }),
        None => {
            let what =
                format!("the field {name:?} is {}, which is no attribute; leave it out", column.type_name);
            Err(TableError::unfit(source, what))
        }
    }
}
