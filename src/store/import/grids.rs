//! Grids into their versions.

use std::collections::HashSet;

use geo::Geometry;
use sqlx::Row;

use super::{GridCounts, ImportTransaction};
use crate::model::Grid;
use crate::store::StoreError;
use crate::store::copy::copy_in;

/// What the given grids are among the stored ones. A known code names its grid, whatever identity was given with it; a
/// retired one has a grid but no version in force.
const MATCH: &str = "
create temp table match_grid on commit drop as
select i.given, coalesce(c.county, g.county, i.county) as county, coalesce(c.grid_id, i.given) as id,
       c.grid_id is null and g.id is null as is_new, c.grid_id is null as new_code,
       v.revision as old_revision, v.valid as old_valid
from in_grid i
left join gewu.grid_code c on c.scheme = i.scheme and c.code = i.code
left join gewu.grid g on c.grid_id is null and g.id = i.given
left join gewu.grid_version v on v.county = coalesce(c.county, g.county)
  and v.grid_id = coalesce(c.grid_id, g.id) and v.valid @> $1";

/// The rows as they are to be stored, and whether that differs from the version in force.
const RESOLVE: &str = "
create temp table put_grid on commit drop as
select m.county, m.id, m.is_new, m.new_code, m.old_revision, i.scheme, i.code, i.level, p.county as parent_county, p.id as parent_id,
       i.kind, i.name, i.households, i.invented, i.geom,
       tstzrange($1, upper(m.old_valid)) as valid,
       v.grid_id is null or (v.scheme, v.code, v.level, v.parent_county, v.parent_id, v.kind, v.name, v.households, v.invented)
         is distinct from (i.scheme, i.code, i.level, p.county, p.id, i.kind, i.name, i.households, i.invented)
         or st_asbinary(v.geom) <> st_asbinary(i.geom) as differs
from in_grid i
join match_grid m on m.given = i.given
left join given_grid p on p.given = i.parent_given
left join gewu.grid_version v on v.county = m.county and v.grid_id = m.id and v.revision = m.old_revision";

/// Ends the versions that change.
const CLOSE: &str = "
update gewu.grid_version v set valid = tstzrange(lower(v.valid), $1) from put_grid p
where p.differs and v.county = p.county and v.grid_id = p.id and v.revision = p.old_revision and v.revision <> $2";

/// A version that this same import began leaves no trace.
const FORGET: &str = "
delete from gewu.grid_version v using put_grid p
where p.differs and v.county = p.county and v.grid_id = p.id and v.revision = $1";

/// Along the curve of the versions: neighbours have numbers, the ids of their features, that pack well.
const NEW_GRIDS: &str = "
insert into gewu.grid (county, id, created_revision) select county, id, $1 from put_grid where is_new order by level, geom";

const NEW_CODES: &str = "
insert into gewu.grid_code (county, scheme, code, grid_id) select county, scheme, code, id from put_grid where new_code";

/// In the order of a space-filling curve (the order of `geometry`), so that the index is built of neighbours.
const NEW_VERSIONS: &str = "
insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, kind, name,
                               households, invented, geom)
select county, id, $1, valid, scheme, code, level, parent_county, parent_id, kind, name, households, invented, geom
from put_grid where differs order by geom";

impl ImportTransaction {
    /// Stores grids. A grid in force with the same scheme and code keeps its identity; where anything differs, its version
    /// ends and another begins. Parents may be in the batch or stored. The identities given are provisional: this and later
    /// calls may refer to the grids by them.
    ///
    /// A grid without a known code whose identity is stored is that grid with a new code. Grids that are not given stay as
    /// they are.
    pub async fn put_grids(&mut self, grids: &[Grid]) -> Result<GridCounts, StoreError> {
        refuse_twice(grids)?;
        self.copy_grids(grids).await?;
        let at = self.at;
        self.run("drop table if exists match_grid, put_grid").await?;
        sqlx::query(MATCH).bind(at).execute(self.connection()).await?;
        self.refuse_retired().await?;
        self.map_given().await?;
        sqlx::query(RESOLVE).bind(at).execute(self.connection()).await?;
        let counts = self.count_grids().await?;
        sqlx::query(CLOSE).bind(at).bind(self.revision).execute(&mut *self.tx).await?;
        sqlx::query(FORGET).bind(self.revision).execute(&mut *self.tx).await?;
        sqlx::query(NEW_GRIDS).bind(self.revision).execute(&mut *self.tx).await?;
        self.run(NEW_CODES).await?;
        sqlx::query(NEW_VERSIONS).bind(self.revision).execute(&mut *self.tx).await?;
        self.run("insert into changed_grid select id from put_grid where differs on conflict do nothing")
            .await?;
        for table in ["grid", "grid_code", "grid_version"] {
            self.grew(table, counts.inserted + counts.updated);
        }
        if counts.inserted + counts.updated > 0 {
            self.leaves_ready = false;
            self.placed_too_early |= self.placed;
        }
        Ok(counts)
    }

    async fn copy_grids(&mut self, grids: &[Grid]) -> Result<(), StoreError> {
        self.run("truncate in_grid").await?;
        copy_in(self.connection(), "copy in_grid from stdin", grids, |row, grid| {
            row.identity(Some(grid.id.0));
            row.text(grid.county.as_str());
            row.text(&grid.scheme);
            row.text(grid.code.as_str());
            row.plain(grid.level);
            row.identity(grid.parent.map(|parent| parent.0));
            row.optional_text(grid.kind.map(|kind| kind.as_str()));
            row.text(&grid.name);
            row.optional(grid.households);
            row.plain(grid.invented);
            row.geometry(&Geometry::MultiPolygon(grid.geometry.clone()))
        })
        .await?;
        self.run("analyze in_grid").await
    }

    async fn refuse_retired(&mut self) -> Result<(), StoreError> {
        let retired = sqlx::query(
            "select i.code, i.scheme from match_grid m join in_grid i on i.given = m.given \
             where not m.is_new and m.old_revision is null order by i.code limit 1",
        )
        .fetch_optional(self.connection())
        .await?;
        if let Some(row) = retired {
            return Err(StoreError::RetiredCode {
                code: row.try_get("code")?,
                scheme: row.try_get("scheme")?,
            });
        }
        let unknown: Option<i16> = sqlx::query_scalar(
            "select level from in_grid where level not in (select level from gewu.level_scheme) limit 1",
        )
        .fetch_optional(self.connection())
        .await?;
        unknown.map_or(Ok(()), |level| Err(StoreError::UnknownLevel(level)))
    }

    /// Writes down which stored grid each given identity means, parents that are stored already included.
    async fn map_given(&mut self) -> Result<(), StoreError> {
        self.run(
            "insert into given_grid select given, county, id from match_grid \
             on conflict (given) do update set county = excluded.county, id = excluded.id",
        )
        .await?;
        self.run(
            "insert into given_grid select distinct g.id, g.county, g.id from gewu.grid g join in_grid i on i.parent_given = g.id \
             on conflict do nothing",
        )
        .await?;
        let orphan = sqlx::query(
            "select i.code, i.parent_given from in_grid i where i.parent_given is not null \
             and not exists (select from given_grid g where g.given = i.parent_given) order by i.code limit 1",
        )
        .fetch_optional(self.connection())
        .await?;
        match orphan {
            Some(row) => {
                let code: String = row.try_get("code")?;
                Err(StoreError::UnknownGrid {
                    what: format!("the parent of grid {code}"),
                    id: row.try_get("parent_given")?,
                })
            }
            None => Ok(()),
        }
    }

    async fn count_grids(&mut self) -> Result<GridCounts, StoreError> {
        let twice: Option<String> = sqlx::query_scalar(
            "select string_agg(code, ' and ') from put_grid group by id having count(*) > 1 limit 1",
        )
        .fetch_optional(self.connection())
        .await?;
        if let Some(codes) = twice {
            return Err(StoreError::Twice { what: format!("the grid with the codes {codes}") });
        }
        let row = sqlx::query(
            "select count(*) filter (where is_new) as inserted, count(*) filter (where differs and not is_new) as updated, \
             count(*) filter (where not differs) as unchanged from put_grid",
        )
        .fetch_one(self.connection())
        .await?;
        super::rows::counts(&row)
    }

    /// One statement without values.
    pub(super) async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        sqlx::query(statement).execute(self.connection()).await?;
        Ok(())
    }
}

fn refuse_twice(grids: &[Grid]) -> Result<(), StoreError> {
    let (mut codes, mut ids) = (HashSet::new(), HashSet::new());
    for grid in grids {
        if !codes.insert((&grid.scheme, &grid.code)) {
            return Err(StoreError::CodeTwice { code: grid.code.to_string(), scheme: grid.scheme.clone() });
        }
        if !ids.insert(grid.id) {
            return Err(StoreError::Twice {
                what: format!("the identity {} of grid {}", grid.id.0, grid.code),
            });
        }
    }
    Ok(())
}
