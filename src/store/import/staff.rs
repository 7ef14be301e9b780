//! Workers, who serves where, and who stands in.

use std::collections::HashSet;

use sqlx::Row;

use super::rows::counts;
use super::{Counts, ImportTransaction};
use crate::model::{Absence, Assignment, Role, Worker};
use crate::store::StoreError;
use crate::store::copy::copy_in;

/// An upsert that tells new rows from changed ones; a row that is returned by neither is unchanged.
const PUT_WORKERS: &str = "
with put as (
  insert into gewu.worker as w (id, source, source_id, name, phone, organisation, role, invented, masked_name, masked_phone)
  select given, source, source_id, name, phone, organisation, role, invented, masked_name, masked_phone from in_worker
  on conflict (source, source_id) do update
  set name = excluded.name, phone = excluded.phone, organisation = excluded.organisation, role = excluded.role,
      invented = excluded.invented, masked_name = excluded.masked_name, masked_phone = excluded.masked_phone
  where (gewu.content_of(w.name), gewu.content_of(w.phone), w.organisation, w.role, w.invented)
    is distinct from
    (gewu.content_of(excluded.name), gewu.content_of(excluded.phone), excluded.organisation, excluded.role, excluded.invented)
  returning xmax = 0 as is_new
)
select count(*) filter (where is_new) as inserted, count(*) filter (where not is_new) as updated,
       (select count(*) from in_worker) - count(*) as unchanged
from put";

/// A stored assignment of the same worker, grid and role is the given one if it has the same span, or else if their spans
/// overlap.
const MATCH_ASSIGNMENTS: &str = "
create temp table put_assignment on commit drop as
select i.given, g.county, g.id as grid_id, w.id as worker_id, i.role, i.rank, i.valid, s.id as stored_id,
       s.id is null or (s.rank, s.valid) is distinct from (i.rank, i.valid) as differs
from in_assignment i
join given_grid g on g.given = i.grid_given
join given_worker w on w.given = i.worker_given
left join lateral (
  select a.id, a.rank, a.valid from gewu.assignment a
  where a.county = g.county and a.grid_id = g.id and a.worker_id = w.id and a.role = i.role and a.valid && i.valid
  order by a.valid = i.valid desc, lower(a.valid) limit 1
) s on true";

const MATCH_ABSENCES: &str = "
create temp table put_absence on commit drop as
select i.given, w.id as worker_id, t.id as substitute_id, i.valid, s.id as stored_id,
       s.id is null or (s.substitute_id, s.valid) is distinct from (t.id, i.valid) as differs
from in_absence i
join given_worker w on w.given = i.worker_given
left join given_worker t on t.given = i.substitute_given
left join lateral (
  select a.id, a.substitute_id, a.valid from gewu.absence a
  where a.worker_id = w.id and a.valid && i.valid
  order by a.valid = i.valid desc, lower(a.valid) limit 1
) s on true";

const UPDATE_ASSIGNMENTS: &str = "
update gewu.assignment a set rank = p.rank, valid = p.valid from put_assignment p
where p.differs and a.county = p.county and a.id = p.stored_id";
const INSERT_ASSIGNMENTS: &str = "
insert into gewu.assignment (county, id, grid_id, worker_id, role, rank, valid)
select county, given, grid_id, worker_id, role, rank, valid from put_assignment where stored_id is null";

const UPDATE_ABSENCES: &str = "
update gewu.absence a set substitute_id = p.substitute_id, valid = p.valid from put_absence p
where p.differs and a.id = p.stored_id";
const INSERT_ABSENCES: &str = "
insert into gewu.absence (id, worker_id, substitute_id, valid)
select given, worker_id, substitute_id, valid from put_absence where stored_id is null";

impl ImportTransaction {
    /// Stores workers by (`source`, `source_id`); a stored worker keeps the identity. This and later calls may refer to the
    /// workers by the identities given.
    pub async fn put_workers(&mut self, workers: &[Worker]) -> Result<Counts, StoreError> {
        let mut seen = HashSet::new();
        if let Some(twice) = workers.iter().find(|worker| !seen.insert((&worker.source, &worker.source_id))) {
            return Err(StoreError::Twice {
                what: format!("the worker {}/{}", twice.source, twice.source_id),
            });
        }
        self.run("truncate in_worker").await?;
        let sealed = self.seal_workers(workers).await?;
        copy_in(self.connection(), "copy in_worker from stdin", &sealed, |row, (worker, sealed)| {
            row.identity(Some(worker.id.0));
            row.text(&worker.source);
            row.text(&worker.source_id);
            row.text(&sealed.name);
            row.optional_text(sealed.phone.as_deref());
            row.optional_text(worker.organisation.as_deref());
            row.text(worker.role.as_str());
            row.plain(worker.invented);
            row.optional_text(sealed.masked_name.as_deref());
            row.optional_text(sealed.masked_phone.as_deref());
            Ok(())
        })
        .await?;
        let row = sqlx::query(PUT_WORKERS).fetch_one(self.connection()).await?;
        self.run(
            "insert into given_worker select i.given, w.id from in_worker i join gewu.worker w using (source, source_id) \
             on conflict (given) do update set id = excluded.id",
        )
        .await?;
        let counts = counts(&row)?;
        self.grew("worker", counts.inserted + counts.updated);
        Ok(counts)
    }

    /// Stores assignments; one of the same worker in the same grid and role whose span overlaps is replaced.
    ///
    /// Grids and workers are stored ones, or given earlier in this import.
    pub async fn put_assignments(&mut self, assignments: &[Assignment]) -> Result<Counts, StoreError> {
        if let Some(wrong) = assignments.iter().find(|assignment| assignment.role == Role::Reporter) {
            return Err(StoreError::Property {
                collection: "assignments".to_owned(),
                source_id: wrong.id.to_string(),
                property: "role",
                found: Role::Reporter.as_str().to_owned(),
                wanted: "head, full_time, part_time or instructor: a reporter has no grid",
            });
        }
        self.run("truncate in_assignment").await?;
        copy_in(self.connection(), "copy in_assignment from stdin", assignments, |row, assignment| {
            row.identity(Some(assignment.id));
            row.identity(Some(assignment.worker.0));
            row.identity(Some(assignment.grid.0));
            row.text(assignment.role.as_str());
            row.plain(assignment.rank);
            row.span(&assignment.span);
            Ok(())
        })
        .await?;
        self.know_grids_of_assignments().await?;
        self.know_workers("in_assignment").await?;
        self.run("drop table if exists put_assignment").await?;
        self.run(MATCH_ASSIGNMENTS).await?;
        self.refuse_two_for_one("assignment").await?;
        self.put_matched("assignment", UPDATE_ASSIGNMENTS, INSERT_ASSIGNMENTS).await
    }

    /// Stores absences; one of the same worker whose span overlaps is replaced.
    pub async fn put_absences(&mut self, absences: &[Absence]) -> Result<Counts, StoreError> {
        self.run("truncate in_absence").await?;
        copy_in(self.connection(), "copy in_absence from stdin", absences, |row, absence| {
            row.identity(Some(absence.id));
            row.identity(Some(absence.worker.0));
            row.identity(absence.substitute.map(|substitute| substitute.0));
            row.span(&absence.span);
            Ok(())
        })
        .await?;
        self.know_workers("in_absence").await?;
        self.run("drop table if exists put_absence").await?;
        self.run(MATCH_ABSENCES).await?;
        self.refuse_two_for_one("absence").await?;
        self.put_matched("absence", UPDATE_ABSENCES, INSERT_ABSENCES).await
    }

    async fn know_grids_of_assignments(&mut self) -> Result<(), StoreError> {
        self.run(
            "insert into given_grid select distinct g.id, g.county, g.id from gewu.grid g join in_assignment i on i.grid_given = g.id \
             on conflict do nothing",
        )
        .await?;
        let unknown = sqlx::query(
            "select given, grid_given from in_assignment i \
             where not exists (select from given_grid g where g.given = i.grid_given) limit 1",
        )
        .fetch_optional(self.connection())
        .await?;
        match unknown {
            Some(row) => {
                let given: uuid::Uuid = row.try_get("given")?;
                Err(StoreError::UnknownGrid {
                    what: format!("assignment {given}"),
                    id: row.try_get("grid_given")?,
                })
            }
            None => Ok(()),
        }
    }

    /// Completes the map of workers by stored ones that the rows name, and refuses names that mean nobody.
    async fn know_workers(&mut self, table: &'static str) -> Result<(), StoreError> {
        let named = match table {
            "in_absence" => {
                "select given, worker_given as named from in_absence union all \
                 select given, substitute_given from in_absence where substitute_given is not null"
            }
            _ => "select given, worker_given as named from in_assignment",
        };
        let learn = format!(
            "insert into given_worker select distinct w.id, w.id from gewu.worker w join ({named}) n on n.named = w.id \
             on conflict do nothing"
        );
        sqlx::query(sqlx::AssertSqlSafe(learn)).execute(self.connection()).await?;
        let ask = format!(
            "select n.given, n.named from ({named}) n \
             where not exists (select from given_worker g where g.given = n.named) limit 1"
        );
        let unknown = sqlx::query(sqlx::AssertSqlSafe(ask)).fetch_optional(self.connection()).await?;
        match unknown {
            Some(row) => {
                let given: uuid::Uuid = row.try_get("given")?;
                let what = format!("{} {given}", table.trim_start_matches("in_"));
                Err(StoreError::UnknownWorker { what, id: row.try_get("named")? })
            }
            None => Ok(()),
        }
    }

    /// Two given rows that mean one stored row overlap each other, or are the same.
    async fn refuse_two_for_one(&mut self, what: &'static str) -> Result<(), StoreError> {
        let ask = format!(
            "select min(given::text) || ' and ' || max(given::text) from put_{what} where stored_id is not null \
             group by stored_id having count(*) > 1 limit 1"
        );
        let both: Option<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(ask)).fetch_optional(self.connection()).await?;
        both.map_or(Ok(()), |both| {
            Err(StoreError::Overlap { what, detail: format!("{both} mean the same stored one") })
        })
    }

    async fn put_matched(
        &mut self,
        table: &'static str,
        update: &'static str,
        insert: &'static str,
    ) -> Result<Counts, StoreError> {
        for statement in [update, insert] {
            let done = sqlx::query(statement).execute(self.connection()).await;
            done.map_err(|error| overlap(table, error))?;
        }
        let ask = format!(
            "select count(*) filter (where stored_id is null) as inserted, \
             count(*) filter (where stored_id is not null and differs) as updated, \
             count(*) filter (where not differs) as unchanged from put_{table}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(ask)).fetch_one(self.connection()).await?;
        let counts = counts(&row)?;
        self.grew(table, counts.inserted + counts.updated);
        Ok(counts)
    }
}

/// `23P01`: an exclusion constraint; its detail names the two rows.
fn overlap(what: &'static str, error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(said) if said.code().as_deref() == Some("23P01") => {
            let detail = said
                .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
                .and_then(|said| said.detail())
                .unwrap_or_else(|| said.message());
            StoreError::Overlap { what, detail: detail.to_owned() }
        }
        _ => error.into(),
    }
}
