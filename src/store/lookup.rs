//! Questions about the past and about codes that the picture in memory does not hold.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::postgres::types::PgRange;

use super::{Store, StoreError, span};
use crate::model::{Code, GridId, Level, Span};

/// One version of a grid, without its territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridVersionRow {
    /// Identity of the grid.
    pub id: GridId,
    /// Its code during the span.
    pub code: Code,
    /// Its level during the span.
    pub level: Level,
    /// Its name during the span.
    pub name: String,
    /// When the version holds.
    pub valid: Span,
    /// The revision that brought it.
    pub revision: i64,
}

/// A grid that took over from another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Successor {
    /// Identity of the newer grid.
    pub id: GridId,
    /// Its latest code.
    pub code: Code,
    /// Its latest name.
    pub name: String,
    /// The share of the older grid's area that it took, above 0 and at most 1.
    pub share: f64,
    /// The revision of the change.
    pub revision: i64,
}

/// What a code stands for today.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeStatus {
    /// A grid in force has it.
    Current(GridId),
    /// A grid had it and has ended.
    Retired {
        /// The grid that had it last.
        id: GridId,
        /// Who took over, if anybody.
        successors: Vec<Successor>,
    },
    /// No grid ever had it.
    Unknown,
}

/// A code may have passed to another grid of another scheme; what is in force comes first, then what ended last.
const FIND: &str = "
select c.grid_id, bool_or(v.valid @> now()) as in_force
from gewu.grid_code c join gewu.grid_version v on v.county = c.county and v.grid_id = c.grid_id
where c.code = $1 group by c.county, c.grid_id
order by in_force desc, max(upper(v.valid)) desc nulls first, c.grid_id limit 1";

const HISTORY: &str = "
select v.grid_id, v.code, v.level, v.name, v.valid, r.number as revision
from gewu.grid_version v join gewu.revision r on r.id = v.revision
where (v.county, v.grid_id) in (select county, grid_id from gewu.grid_code where code = $1)
order by lower(v.valid) desc nulls last, v.grid_id";

const SUCCESSORS: &str = "
select l.to_id, l.share, r.number as revision, v.code, v.name
from gewu.lineage l join gewu.revision r on r.id = l.revision
join lateral (select code, name from gewu.grid_version where county = l.to_county and grid_id = l.to_id
              order by lower(valid) desc nulls last limit 1) v on true
where l.from_id = $1 and l.from_county in (select county from gewu.grid where id = $1)
order by l.share desc, v.code";

impl Store {
    /// Every version of the grids that ever had this code, newest first; empty for an unknown code.
    pub async fn grid_history(&self, code: &str) -> Result<Vec<GridVersionRow>, StoreError> {
        let rows = sqlx::query(HISTORY).bind(code).fetch_all(&self.pool).await?;
        rows.iter().map(version).collect()
    }

    /// The grids that took over from this one directly, largest share first.
    pub async fn successors(&self, grid: GridId) -> Result<Vec<Successor>, StoreError> {
        let rows = sqlx::query(SUCCESSORS).bind(grid.0).fetch_all(&self.pool).await?;
        rows.iter().map(successor).collect()
    }

    /// What a code stands for now. The former code of a grid that has another one today counts as current.
    pub async fn find_code(&self, code: &str) -> Result<CodeStatus, StoreError> {
        let Some(row) = sqlx::query(FIND).bind(code).fetch_optional(&self.pool).await? else {
            return Ok(CodeStatus::Unknown);
        };
        let id = GridId(row.try_get("grid_id")?);
        if row.try_get("in_force")? {
            return Ok(CodeStatus::Current(id));
        }
        Ok(CodeStatus::Retired { id, successors: self.successors(id).await? })
    }
}

fn version(row: &PgRow) -> Result<GridVersionRow, StoreError> {
    let wrong = |what: String| StoreError::stored("grid_version", what);
    Ok(GridVersionRow {
        id: GridId(row.try_get("grid_id")?),
        code: Code::parse(row.try_get("code")?).map_err(|error| wrong(error.to_string()))?,
        level: Level::new(row.try_get::<i16, _>("level")?.into())
            .map_err(|error| wrong(error.to_string()))?,
        name: row.try_get("name")?,
        valid: span::of(row.try_get::<PgRange<DateTime<Utc>>, _>("valid")?),
        revision: row.try_get("revision")?,
    })
}

fn successor(row: &PgRow) -> Result<Successor, StoreError> {
    Ok(Successor {
        id: GridId(row.try_get("to_id")?),
        code: Code::parse(row.try_get("code")?).map_err(|error| StoreError::stored("grid_version", error))?,
        name: row.try_get("name")?,
        share: row.try_get("share")?,
        revision: row.try_get("revision")?,
    })
}
