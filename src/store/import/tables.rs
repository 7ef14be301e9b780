//! The temporary tables that an import works with; they vanish with its transaction.

use sqlx::PgConnection;

use crate::store::StoreError;

/// Given rows as they came (`in_*`), and what given identities mean among the stored ones (`given_*`).
const TABLES: &str = "
create temp table given_grid (given uuid primary key, county text not null, id uuid not null) on commit drop;
create temp table given_worker (given uuid primary key, id uuid not null) on commit drop;
create temp table changed_grid (id uuid primary key) on commit drop;
create temp table leaf (
  county text not null, id uuid not null, code text not null collate \"C\", changed boolean not null, geom geometry not null
) on commit drop;

create temp table in_grid (
  given uuid not null, county text not null, scheme text not null, code text not null, level smallint not null,
  parent_given uuid, kind text, name text not null, households integer, invented boolean not null, geom geometry not null
) on commit drop;
create temp table in_worker (
  given uuid not null, source text not null, source_id text not null, name text not null, phone text, organisation text,
  role text not null, invented boolean not null, masked_name text, masked_phone text
) on commit drop;
create temp table in_assignment (
  given uuid not null, worker_given uuid not null, grid_given uuid not null, role text not null, rank smallint not null,
  valid tstzrange not null
) on commit drop;
create temp table in_absence (
  given uuid not null, worker_given uuid not null, substitute_given uuid, valid tstzrange not null
) on commit drop;
create temp table in_resource (
  ordinal integer not null, given uuid not null, collection text, source text not null, source_id text not null,
  class text not null, name text, address text, properties jsonb, invented boolean not null,
  height_m real, floors smallint, households integer, household text, phone text, tags text[],
  geom geometry not null
) on commit drop;
";

pub(super) async fn create(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(TABLES).execute(connection).await?;
    Ok(())
}
