//! Which leaf grid holds what?
//!
//! A leaf is a grid in force without children in force. A resource belongs to the leaf that covers its position (of a footprint:
//! a point on its surface), on a shared border to the one with the lowest code; DOMAIN's rule, and the same as resolve's.

use sqlx::{AssertSqlSafe, Row};

use super::resources::Table;
use super::{ImportTransaction, LeafCounts};
use crate::store::StoreError;

const FIND_LEAVES: &str = "
insert into leaf
select v.county, v.grid_id, v.code, exists (select from changed_grid c where c.id = v.grid_id), v.geom
from gewu.grid_version v
where v.valid @> $1
  and not exists (select from gewu.grid_version child
                  where child.parent_county = v.county and child.parent_id = v.grid_id and child.valid @> $1)";

/// A grid that lost its last child is a leaf now, though nothing of itself changed; so is a grid that got a child, no more. Both
/// are found by the resources: theirs are in no leaf, or lie in a leaf that changed.
const CHANGED_LEAVES: &str =
    "create temp table changed_leaf on commit drop as select geom from leaf where changed";

impl ImportTransaction {
    /// Gives every resource its leaf grid again where this import may have changed it.
    pub async fn assign_leaves(&mut self) -> Result<LeafCounts, StoreError> {
        self.prepare_leaves().await?;
        self.run("drop table if exists changed_leaf").await?;
        self.run(CHANGED_LEAVES).await?;
        self.run("create index on changed_leaf using gist (geom)").await?;
        self.run("analyze changed_leaf").await?;
        let mut counts = LeafCounts::default();
        for table in Table::ALL {
            let (assigned, lost) = self.assign_in(table).await?;
            counts.assigned += assigned;
            counts.lost += lost;
            let ask = format!("select count(*) from gewu.{} where leaf_id is null", table.name());
            let none: i64 = sqlx::query_scalar(AssertSqlSafe(ask)).fetch_one(self.connection()).await?;
            counts.unassigned += u64::try_from(none).unwrap_or(0);
        }
        self.run("truncate changed_grid").await?;
        self.run("update leaf set changed = false where changed").await?;
        self.placed_too_early = false;
        Ok(counts)
    }

    /// Fills the table of leaves as the grids are now.
    pub(super) async fn prepare_leaves(&mut self) -> Result<(), StoreError> {
        if self.leaves_ready {
            return Ok(());
        }
        let at = self.at;
        self.run("truncate leaf").await?;
        sqlx::query(FIND_LEAVES).bind(at).execute(self.connection()).await?;
        self.run("analyze leaf").await?;
        self.leaves_ready = true;
        Ok(())
    }

    /// Rows that this import placed are right already, unless grids changed after them; `xmin` tells them.
    async fn assign_in(&mut self, table: Table) -> Result<(u64, u64), StoreError> {
        let (name, stale) = (table.name(), self.placed_too_early);
        self.run("drop table if exists moving").await?;
        let find = format!(
            "create temp table moving on commit drop as \
             select r.county, r.id, r.leaf_id, {anchor} as anchor from gewu.{name} r \
             left join leaf l on l.county = r.county and l.id = r.leaf_id \
             where ({stale} or r.xmin <> pg_current_xact_id()::xid) \
             and (l.id is null or l.changed or exists (select from changed_leaf c where c.geom && r.geom))",
            anchor = table.anchor("r.geom"),
        );
        sqlx::query(AssertSqlSafe(find)).execute(self.connection()).await?;
        self.run("create index on moving using gist (anchor)").await?;
        self.run("analyze moving").await?;
        let apply = format!(
            "with found as ( \
               select distinct on (m.id) m.id, l.county, l.id as leaf_id from leaf l \
               join moving m on l.geom && m.anchor and st_covers(l.geom, m.anchor) order by m.id, l.code \
             ), wanted as ( \
               select m.county, m.id, m.leaf_id as old_leaf, coalesce(f.county, '000000') as new_county, f.leaf_id as new_leaf \
               from moving m left join found f on f.id = m.id \
             ), done as ( \
               update gewu.{name} r set county = w.new_county, leaf_id = w.new_leaf from wanted w \
               where r.county = w.county and r.id = w.id and (w.old_leaf, w.county) is distinct from (w.new_leaf, w.new_county) \
               returning w.new_leaf \
             ) \
             select count(*) filter (where new_leaf is not null) as assigned, count(*) filter (where new_leaf is null) as lost \
             from done"
        );
        let row = sqlx::query(AssertSqlSafe(apply)).fetch_one(self.connection()).await?;
        let count = |name: &str| -> Result<u64, StoreError> {
            Ok(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0))
        };
        Ok((count("assigned")?, count("lost")?))
    }
}
