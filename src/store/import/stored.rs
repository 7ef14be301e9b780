//! What is stored already: importers look for parents and staff among it.

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{ImportTransaction, StoredGrid, StoredTerritory, StoredWorker};
use crate::model::{Code, County, GridId, Level, WorkerId};
use crate::seal::Field;
use crate::store::{StoreError, ewkb};

impl ImportTransaction {
    /// The grids in force, those of this import included, by level and code.
    pub async fn stored_grids(&mut self) -> Result<Vec<StoredGrid>, StoreError> {
        let at = self.at;
        sqlx::query(
            "select grid_id, county, code, scheme, level, parent_id, name from gewu.grid_version \
             where valid @> $1 order by level, code",
        )
        .bind(at)
        .fetch_all(self.connection())
        .await?
        .iter()
        .map(stored_grid)
        .collect()
    }

    /// The grids in force on some levels, with their territories, by level and code.
    pub async fn stored_territories(&mut self, levels: &[Level]) -> Result<Vec<StoredTerritory>, StoreError> {
        let levels: Vec<i16> = levels.iter().map(|level| i16::from(level.number())).collect();
        let at = self.at;
        sqlx::query(
            "select grid_id, county, code, scheme, level, parent_id, name, st_asbinary(geom) as territory \
             from gewu.grid_version where valid @> $1 and level = any($2) order by level, code",
        )
        .bind(at)
        .bind(levels)
        .fetch_all(self.connection())
        .await?
        .iter()
        .map(stored_territory)
        .collect()
    }

    /// The grids in force of every level whose envelopes meet one (west, south, east, north; degrees), but for some, with
    /// their territories, by level and code.
    pub async fn stored_territories_around(
        &mut self,
        [west, south, east, north]: [f64; 4],
        but: &[GridId],
    ) -> Result<Vec<StoredTerritory>, StoreError> {
        let at = self.at;
        let but: Vec<uuid::Uuid> = but.iter().map(|grid| grid.0).collect();
        sqlx::query(
            "select grid_id, county, code, scheme, level, parent_id, name, st_asbinary(geom) as territory \
             from gewu.grid_version where valid @> $1 and geom && st_makeenvelope($2, $3, $4, $5, 4490) \
             and not exists (select from unnest($6) but (id) where but.id = grid_id) order by level, code",
        )
        .bind(at)
        .bind(west)
        .bind(south)
        .bind(east)
        .bind(north)
        .bind(but)
        .fetch_all(self.connection())
        .await?
        .iter()
        .map(stored_territory)
        .collect()
    }

    /// All workers, those of this import included.
    pub async fn stored_workers(&mut self) -> Result<Vec<StoredWorker>, StoreError> {
        let sealer = self.sealer.clone();
        sqlx::query("select id, source, source_id, name, phone from gewu.worker order by source, source_id")
            .fetch_all(self.connection())
            .await?
            .iter()
            .map(|row| {
                let id = row.try_get("id")?;
                Ok(StoredWorker {
                    id: WorkerId(id),
                    source: row.try_get("source")?,
                    source_id: row.try_get("source_id")?,
                    name: sealer.open(Field::WorkerName, id, row.try_get("name")?)?,
                    phone: sealer.open_optional(Field::WorkerPhone, id, row.try_get("phone")?)?,
                })
            })
            .collect()
    }
}

fn stored_territory(row: &PgRow) -> Result<StoredTerritory, StoreError> {
    let geometry = ewkb::read_territory(row.try_get("territory")?)?;
    Ok(StoredTerritory { grid: stored_grid(row)?, geometry })
}

fn stored_grid(row: &PgRow) -> Result<StoredGrid, StoreError> {
    let wrong = |what: String| StoreError::stored("grid_version", what);
    Ok(StoredGrid {
        id: GridId(row.try_get("grid_id")?),
        county: County::from_stored(row.try_get("county")?),
        code: Code::parse(row.try_get("code")?).map_err(|e| wrong(e.to_string()))?,
        scheme: row.try_get("scheme")?,
        level: Level::new(row.try_get::<i16, _>("level")?.into()).map_err(|e| wrong(e.to_string()))?,
        parent: row.try_get::<Option<uuid::Uuid>, _>("parent_id")?.map(GridId),
        name: row.try_get("name")?,
    })
}
