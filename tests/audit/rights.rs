//! The log is only added to, and by one way; it is read by auditors only.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::common::{TestDatabase, database};
use crate::ledger::{event, read};

async fn as_role(database: &TestDatabase, role: &str) -> PgConnection {
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("set role {role}"))).execute(&mut connection).await.unwrap();
    connection
}

async fn assert_denied(connection: &mut PgConnection, statement: &str) {
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(connection).await;
    let Err(sqlx::Error::Database(error)) = done else { panic!("{statement} was done") };
    assert_eq!(error.code().as_deref(), Some("42501"), "{statement}: {error}");
}

async fn count(connection: &mut PgConnection, question: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(question.to_owned())).fetch_one(connection).await.unwrap()
}

const APPEND: &str = "select gewu.audit_append('s', '{}', null, 'read', 'people', '{}', 1, null, 'o')";
const OPEN: &str = "select count(*) from gewu.break_glass(gen_random_uuid(), 's', '{commander}', null, gen_random_uuid(), \
     'a reason that is long enough', 30, 'o')";

const END: &str = "select count(*) from gewu.end_break_glass(null, 's', 's', '{commander}', null, 'o')";

/// Whatever would change a row or take one away.
const CHANGES: [&str; 11] = [
    "update gewu.audit set rows = 2",
    "update gewu.audit set rows = 2 where false",
    "delete from gewu.audit",
    "truncate gewu.audit",
    "update gewu.break_glass set reason = 'another reason altogether'",
    "update gewu.break_glass set until = now()",
    "delete from gewu.break_glass",
    "truncate gewu.break_glass cascade",
    "update gewu.break_glass_end set subject = 'another'",
    "delete from gewu.break_glass_end",
    "truncate gewu.break_glass_end",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_adds_to_the_log_and_does_nothing_else_with_it() {
    let database = database().await;
    let mut server = as_role(&database, "gewu_server").await;
    assert_eq!(count(&mut server, APPEND).await, 1);
    assert_eq!(count(&mut server, OPEN).await, 1);
    for statement in CHANGES {
        assert_denied(&mut server, statement).await;
    }
    for statement in [
        "insert into gewu.audit select 3, at, subject, roles, purpose, action, entity, entity_ids, rows, area, origin, hash from gewu.audit",
        "insert into gewu.break_glass select gen_random_uuid(), subject, area, reason, granted, until from gewu.break_glass",
        "insert into gewu.break_glass_end select id, now(), 's' from gewu.break_glass",
        "select gewu.audit_login('rights', 'api_key', '{}', 1, null)",
        "select gewu.let_serve('gewu_reader')",
        "alter table gewu.audit disable trigger user",
        "drop table gewu.audit",
    ] {
        assert_denied(&mut server, statement).await;
    }
    // For a handler that does not say that it reads for an auditor there is nothing.
    for table in ["audit", "break_glass", "break_glass_end"] {
        assert_eq!(count(&mut server, &format!("select count(*) from gewu.{table}")).await, 0);
    }
    assert_eq!(count(&mut server, "select count(*) from gewu.open_glass").await, 1);
    sqlx::query("set gewu.auditor = 'on'").execute(&mut server).await.unwrap();
    assert_eq!(count(&mut server, "select count(*) from gewu.audit").await, 2);
    assert_eq!(count(&mut server, "select count(*) from gewu.break_glass").await, 1);
    for statement in ["select from gewu.audit", APPEND, OPEN, END, "select from gewu.open_glass"] {
        assert_denied(&mut as_role(&database, "gewu_reader").await, statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_the_owner_changes_a_row_in_passing() {
    let database = database().await;
    database.store.append_audit(&[event(1)]).await.unwrap();
    let mut owner = PgConnection::connect_with(&database.options()).await.unwrap();
    assert_eq!(count(&mut owner, OPEN).await, 1);
    for statement in CHANGES {
        assert_denied(&mut owner, statement).await;
    }
    assert_eq!(read(&database.store).await.1.map(|head| head.id), Ok(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_opened_for_a_reason_and_eight_hours_at_most() {
    let database = database().await;
    let mut server = as_role(&database, "gewu_server").await;
    for (reason, minutes) in
        [("too short", 30), ("a reason that is long enough", 481), ("a reason that is long enough", 0)]
    {
        let open = sqlx::query(
            "select gewu.break_glass(gen_random_uuid(), 's', '{}', null, gen_random_uuid(), $1, $2, 'o')",
        );
        let Err(sqlx::Error::Database(error)) = open.bind(reason).bind(minutes).execute(&mut server).await
        else {
            panic!("{reason:?} {minutes}")
        };
        assert_eq!(error.code().as_deref(), Some("23514"), "{error}");
    }
    assert_eq!(read(&database.store).await.1.map(|head| head.id), Ok(0), "what was not done is not noted");
}
