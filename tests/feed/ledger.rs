//! A witness independent of the feed: each test transaction writes down, in itself, what it did. What is in the ledger was committed,
//! whether or not the writer was told so before the database died.

use std::collections::BTreeMap;

use gewu::store::Change;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

pub(crate) async fn create(pool: &PgPool) {
    sqlx::query(
        "create table public.ledger (xid xid8 not null default pg_current_xact_id(), step bigint generated always as identity, \
         entity text not null, county text, id uuid not null, action text not null, value bigint)",
    )
    .execute(pool)
    .await
    .unwrap();
}

/// Notes one row of the feed that is to come.
pub(crate) async fn note(
    connection: &mut PgConnection,
    entity: &str,
    county: Option<&str>,
    id: Uuid,
    action: &str,
    value: Option<i64>,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into public.ledger (entity, county, id, action, value) values ($1, $2, $3, $4, $5)")
        .bind(entity)
        .bind(county)
        .bind(id)
        .bind(action)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(())
}

/// A row told or noted: entity, county, identity, action.
type Told = (String, Option<String>, Uuid, String);

/// The feed as it was read must be the ledger: each transaction one revision, with its rows and no others.
pub(crate) async fn assert_told_exactly(pool: &PgPool, feed: &[Change], since: i64) {
    let mut noted: BTreeMap<i64, Vec<Told>> = BTreeMap::new();
    let rows = "select r.number, l.entity, l.county, l.id, l.action from public.ledger l \
                left join gewu.revision r on r.xid = l.xid order by l.step";
    for row in sqlx::query(rows).fetch_all(pool).await.unwrap() {
        let number: Option<i64> = row.get("number");
        let number = number.expect("a committed transaction has a revision with a number");
        noted.entry(number).or_default().push((
            row.get("entity"),
            row.get("county"),
            row.get("id"),
            row.get("action"),
        ));
    }
    let mut told: BTreeMap<i64, Vec<Told>> = BTreeMap::new();
    for change in feed {
        told.entry(change.position.number).or_default().push((
            change.entity.clone(),
            change.county.as_ref().map(|county| county.as_str().to_owned()),
            change.id.unwrap(),
            format!("{:?}", change.action).to_lowercase(),
        ));
    }
    noted.values_mut().chain(told.values_mut()).for_each(|rows| rows.sort());
    let numbers: Vec<i64> =
        sqlx::query_scalar("select number from gewu.revision where number > $1 order by number")
            .bind(since)
            .fetch_all(pool)
            .await
            .unwrap();
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), numbers, "every revision is told");
    assert_eq!(told, noted);
}

/// The values that writers counted up in one row, in the order of the feed, are 1, 2, 3...
pub(crate) async fn assert_in_order(pool: &PgPool) -> usize {
    let rows = "select l.id, l.value from public.ledger l join gewu.revision r on r.xid = l.xid \
                where l.value is not null order by l.id, r.number, l.step";
    let mut last: Option<(Uuid, i64)> = None;
    let rows = sqlx::query(rows).fetch_all(pool).await.unwrap();
    for row in &rows {
        let (id, value): (Uuid, i64) = (row.get("id"), row.get("value"));
        let wanted = match last {
            Some((same, before)) if same == id => before + 1,
            _ => 1,
        };
        assert_eq!(value, wanted, "of {id}");
        last = Some((id, value));
    }
    rows.len()
}
