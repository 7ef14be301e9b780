//! Writers of all kinds; each transaction notes in the ledger what the feed is to tell of it.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};
use tokio::time::sleep;
use uuid::Uuid;

use crate::ledger::note;

/// What one writer did.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) committed: usize,
    pub(crate) failed: usize,
}

/// Writes until the end is asked for.
pub(crate) async fn write(
    pool: PgPool,
    seed: u64,
    workers: Vec<Uuid>,
    end: tokio::sync::watch::Receiver<bool>,
) -> Tally {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut tally = Tally::default();
    while !*end.borrow() {
        match transaction(&pool, &mut chance, &workers).await {
            Ok(()) => tally.committed += 1,
            Err(_) => {
                tally.failed += 1;
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
    tally
}

async fn transaction(pool: &PgPool, chance: &mut ChaCha8Rng, workers: &[Uuid]) -> Result<(), sqlx::Error> {
    let worker = workers[chance.random_range(0..workers.len())];
    let other = workers[chance.random_range(0..workers.len())];
    let pause = Duration::from_millis(chance.random_range(1..150));
    let county = ["532901", "532902", "532903", "000000"][chance.random_range(0..4)];
    let kind = chance.random_range(0..12);
    let mut tx = pool.begin().await?;
    match kind {
        0..=2 => count(&mut tx, worker).await?,
        3 => {
            count(&mut tx, worker).await?;
            sleep(pause).await;
            count(&mut tx, other).await?;
        }
        4 => {
            open_facility(&mut tx, county).await?;
            sleep(pause * 4).await;
            open_facility(&mut tx, county).await?;
        }
        5 => {
            open_facility(&mut tx, county).await?;
            sqlx::raw_sql("savepoint s").execute(&mut *tx).await?;
            count(&mut tx, worker).await?;
            sqlx::raw_sql("rollback to s").execute(&mut *tx).await?;
            count(&mut tx, other).await?;
        }
        6 => {
            sqlx::raw_sql("savepoint s").execute(&mut *tx).await?;
            count(&mut tx, worker).await?;
            sqlx::raw_sql("rollback to s; savepoint t").execute(&mut *tx).await?;
            open_facility(&mut tx, county).await?;
            sqlx::raw_sql("release t").execute(&mut *tx).await?;
        }
        7 => {
            sqlx::raw_sql("set transaction isolation level repeatable read").execute(&mut *tx).await?;
            let _: i64 = sqlx::query_scalar("select count(*) from gewu.facility").fetch_one(&mut *tx).await?;
            sleep(pause).await;
            count(&mut tx, worker).await?;
        }
        8 => move_facility(&mut tx, county).await?,
        9 => write_to_partition(&mut tx).await?,
        10 => hire(&mut tx, chance.random_range(0..20)).await?,
        _ => {
            count(&mut tx, worker).await?;
            open_facility(&mut tx, county).await?;
            sleep(pause).await;
            return tx.rollback().await;
        }
    }
    tx.commit().await
}

/// Counts up in the name of a worker.
async fn count(tx: &mut PgConnection, worker: Uuid) -> Result<(), sqlx::Error> {
    let update =
        "update gewu.worker set name = (name::bigint + 1)::text where id = $1 returning name::bigint";
    let value = sqlx::query_scalar(update).bind(worker).fetch_one(&mut *tx).await?;
    note(tx, "worker", None, worker, "update", Some(value)).await
}

async fn open_facility(tx: &mut PgConnection, county: &str) -> Result<(), sqlx::Error> {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into gewu.facility (county, id, source, source_id, class, geom) \
         values ($1, $2, 'fire', $2::text, 'school', st_setsrid(st_point(100.1, 25.1), 4490))",
    )
    .bind(county)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    note(tx, "facility", Some(county), id, "insert", None).await
}

/// Some facility that nobody else has locked.
const SOME: &str = "select id, county, 'gewu.' || (select relname from pg_class c where c.oid = f.tableoid) as part \
                    from gewu.facility f where source = 'fire' order by random() limit 1 for update skip locked";

async fn move_facility(tx: &mut PgConnection, county: &str) -> Result<(), sqlx::Error> {
    let Some(row) = sqlx::query(SOME).fetch_optional(&mut *tx).await? else { return Ok(()) };
    let (id, from): (Uuid, String) = (row.get("id"), row.get("county"));
    let update = "update gewu.facility set county = $1 where county = $2 and id = $3";
    sqlx::query(update).bind(county).bind(&from).bind(id).execute(&mut *tx).await?;
    if county != from {
        note(tx, "facility", Some(&from), id, "update", None).await?;
    }
    note(tx, "facility", Some(county), id, "update", None).await
}

async fn write_to_partition(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    let Some(row) = sqlx::query(SOME).fetch_optional(&mut *tx).await? else { return Ok(()) };
    let (id, county, part): (Uuid, String, String) = (row.get("id"), row.get("county"), row.get("part"));
    let update = format!("update {part} set class = class || 'x' where id = $1");
    sqlx::query(AssertSqlSafe(update)).bind(id).execute(&mut *tx).await?;
    note(tx, "facility", Some(&county), id, "update", None).await?;
    sqlx::query(AssertSqlSafe(format!("delete from {part} where id = $1")))
        .bind(id)
        .execute(&mut *tx)
        .await?;
    note(tx, "facility", Some(&county), id, "delete", None).await
}

/// An upsert: whoever comes second updates.
async fn hire(tx: &mut PgConnection, number: u32) -> Result<(), sqlx::Error> {
    let upsert = "insert into gewu.worker (id, source, source_id, name, role) values (gen_random_uuid(), 'hired', $1, '0', 'head') \
                  on conflict (source, source_id) do update set phone = clock_timestamp()::text returning id, xmax = 0 as new";
    let row = sqlx::query(upsert).bind(number.to_string()).fetch_one(&mut *tx).await?;
    let action = if row.get("new") { "insert" } else { "update" };
    note(tx, "worker", None, row.get("id"), action, None).await
}
