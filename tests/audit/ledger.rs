//! Events, and the log as SQL shows it.

use gewu::access::{Broken, Chain, Head};
use gewu::model::{AuditEntry, AuditEvent};
use gewu::store::Store;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::common::{gewu, output};

/// Somebody reads one person.
pub(crate) fn event(number: u128) -> AuditEvent {
    AuditEvent {
        subject: format!("subject {number}"),
        roles: vec!["worker".into()],
        purpose: Some("duty".into()),
        action: "read".into(),
        entity: "people".into(),
        ids: vec![Uuid::from_u128(number)],
        rows: 1,
        area: Some(vec![Uuid::from_u128(number)]),
        origin: "192.0.2.1".into(),
    }
}

/// All of the log, and whether it is whole.
pub(crate) async fn read(store: &Store) -> (Vec<AuditEntry>, Result<Head, Broken>) {
    let (mut all, mut chain) = (Vec::new(), Chain::new(None));
    let followed = store.read_audit(|entry| {
        let followed = chain.follow(&entry);
        all.push(entry);
        followed
    });
    let verdict = followed.await.unwrap().and_then(|()| chain.end());
    (all, verdict)
}

/// Runs statements of the owner.
pub(crate) async fn run(pool: &PgPool, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(pool).await.unwrap();
}

/// Runs `gewu audit` on a database.
pub(crate) fn audit(database: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    output(gewu(&["audit"]).args(arguments).env("GEWU_DATABASE_URL", database))
}
