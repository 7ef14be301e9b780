//! A reader reads the views and nothing else, and they lead to nobody but those on duty.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::common::{TestDatabase, database, sample_region};
use crate::place::witness;

async fn reader(database: &TestDatabase) -> PgConnection {
    let mut connection = witness(database).await;
    sqlx::query("set role gewu_reader").execute(&mut connection).await.unwrap();
    connection
}

async fn texts(connection: &mut PgConnection, question: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(question.to_owned())).fetch_all(connection).await.unwrap()
}

const RELATIONS: &str = "select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n on n.oid = relnamespace \
     where relkind in ('r', 'p', 'v', 'm', 'S') and nspname = ";

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_reads_every_view_and_no_table() {
    let database = sample_region().await;
    let mut reader = reader(&database).await;
    for view in texts(&mut reader, &format!("{RELATIONS}'gewu_read'")).await {
        texts(&mut reader, &format!("select count(*)::text from (select * from {view} limit 10) v")).await;
    }
    texts(&mut reader, "select code from gewu_read.grid_at('2026-03-03') limit 1").await;
    let hidden = texts(&mut reader, &format!("{RELATIONS}'gewu'")).await;
    for needed in
        ["gewu.person", "gewu.worker", "gewu.api_key", "gewu.audit", "gewu.person_07", "gewu.current_grid"]
    {
        assert!(hidden.iter().any(|relation| relation == needed), "{needed} is asked about");
    }
    for relation in hidden {
        let refused =
            sqlx::query(AssertSqlSafe(format!("select from {relation}"))).execute(&mut reader).await;
        assert_denied(refused, &relation);
    }
    for statement in [
        "insert into gewu_read.level values (6, 'x', 'x')",
        "update gewu_read.level set name = ''",
        "delete from gewu_read.level",
        "create view gewu_read.mine as select 1",
        "select gewu.let_read('gewu_reader')",
    ] {
        assert_denied(sqlx::query(statement).execute(&mut reader).await, statement);
    }
}

fn assert_denied<T>(outcome: Result<T, sqlx::Error>, what: &str) {
    let Err(sqlx::Error::Database(error)) = outcome else { panic!("{what} was done") };
    assert_eq!(error.code().as_deref(), Some("42501"), "{what}: {error}");
}

/// The tables that each view reads in the end, found by the dependencies of their rules.
const LEADS_TO: &str = "with recursive reads(view, oid) as (
      select relname, oid from pg_class where relnamespace = 'gewu_read'::regnamespace union
      select view, d.refobjid from reads join pg_rewrite w on w.ev_class = reads.oid
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass)
    select view || ' > ' || c.relname from reads join pg_class c using (oid)
    where c.relname in ('person', 'worker', 'assignment', 'absence', 'audit', 'api_key', 'break_glass', 'break_glass_end') order by 1";

#[tokio::test(flavor = "multi_thread")]
async fn no_view_leads_to_residents_and_only_that_of_duty_to_those_who_serve() {
    let database = database().await;
    let leads = texts(&mut witness(&database).await, LEADS_TO).await;
    assert_eq!(leads, ["duty > absence", "duty > assignment", "duty > worker"]);
    let definers = "select p.oid::regprocedure::text from pg_proc p where pronamespace = 'gewu_read'::regnamespace and prosecdef";
    assert_eq!(texts(&mut witness(&database).await, definers).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_of_a_reader_sees_masked_names_only() {
    let database = sample_region().await;
    let mut reader = reader(&database).await;
    sqlx::raw_sql(
        "create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0001 as \
         $$ begin if $1 !~ '[*]' then raise '%', $1; end if; return true; end $$",
    )
    .execute(&mut reader)
    .await
    .unwrap();
    let seen = texts(
        &mut reader,
        "select count(*)::text from gewu_read.duty where pg_temp.tell(name) and pg_temp.tell(phone)",
    )
    .await;
    assert!(seen[0].parse::<u32>().unwrap() > 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_owner_may_make_no_roles_is_migrated_and_the_reader_is_let_in_later() {
    let database = database().await;
    let mut admin = witness(&database).await;
    let (owner, later) = (format!("owner_{}", std::process::id()), format!("later_{}", std::process::id()));
    let name = format!("managed_{}", std::process::id());
    for statement in [
        format!("create role {owner} nocreaterole nosuperuser"),
        format!("create database {name} template template0 owner {owner}"),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
    let mut managed = PgConnection::connect_with(&database.options().database(&name)).await.unwrap();
    for extension in ["postgis", "btree_gist", "pg_trgm"] {
        sqlx::query(AssertSqlSafe(format!("create extension {extension}")))
            .execute(&mut managed)
            .await
            .unwrap();
    }
    sqlx::query(AssertSqlSafe(format!("grant create on schema public to {owner}")))
        .execute(&mut managed)
        .await
        .unwrap();
    sqlx::query(AssertSqlSafe(format!("set role {owner}"))).execute(&mut managed).await.unwrap();
    sqlx::migrate!("./migrations").run(&mut managed).await.unwrap();
    let let_in = |reader: &str| format!("select gewu.let_read('{reader}')::text");
    assert_eq!(texts(&mut managed, &let_in(&later)).await, ["false"], "it says so and goes on");
    sqlx::query(AssertSqlSafe(format!("create role {later}"))).execute(&mut admin).await.unwrap();
    assert_eq!(texts(&mut managed, &let_in(&later)).await, ["true"]);
    sqlx::query(AssertSqlSafe("reset role".to_owned())).execute(&mut managed).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("set role {later}"))).execute(&mut managed).await.unwrap();
    assert_eq!(texts(&mut managed, "select count(*)::text from gewu_read.grid").await, ["0"]);
    managed.close().await.unwrap();
    for statement in [
        format!("drop database {name} with (force)"),
        format!("drop role {owner}"),
        format!("drop role {later}"),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
}
