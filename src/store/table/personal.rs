//! What a relation leads to: no table or view that leads to personal data is registered.

use sqlx::Row;

use super::TableError;
use super::reading::Reading;
use crate::model::TableSource;
use crate::store::StoreError;

/// Everything that a relation reads: the relations of its rules when it is a view, of theirs and so on, and its partitions and what it is
/// a partition of.
const READS: &str = "with recursive reads(oid) as ( \
     select $1::int8::oid union \
     select other.oid from reads cross join lateral ( \
       select d.refobjid as oid from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid \
         and d.refclassid = 'pg_class'::regclass where w.ev_class = reads.oid \
       union all select inhparent from pg_inherits where inhrelid = reads.oid \
       union all select inhrelid from pg_inherits where inhparent = reads.oid) other) ";

/// The relations of Gewu with people, with those who serve, with who asked for what, and with keys.
const PERSONAL: &str = "select n.nspname || '.' || c.relname from reads join pg_class c on c.oid = reads.oid \
     join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'gewu' \
     and c.relname in ('person', 'worker', 'assignment', 'absence', 'audit', 'api_key', 'break_glass', 'break_glass_end') order by 1 limit 1";

/// Functions that a view calls and that nobody can look through: an immutable one promises to read no table; those of extensions are known.
const OPAQUE: &str = "select p.oid::regprocedure::text from reads join pg_rewrite w on w.ev_class = reads.oid \
     join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_proc'::regclass \
     join pg_proc p on p.oid = d.refobjid where p.provolatile <> 'i' and not exists (select from pg_depend e \
       where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e') order by 1 limit 1";

/// Tables among them with a geometry that no spatial index serves.
const UNINDEXED: &str = "select n.nspname || '.' || c.relname from reads join pg_class c on c.oid = reads.oid \
     join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm') and exists (select from pg_attribute a \
       join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and not a.attisdropped and t.typname = 'geometry') \
     and not exists (select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam \
       where i.indrelid = c.oid and i.indisvalid and m.amname in ('gist', 'spgist', 'brin')) order by 1";

/// Refuses a relation that leads to personal data.
pub(super) async fn refuse_personal(
    reading: &mut Reading<'_>,
    source: &TableSource,
    relation: i64,
) -> Result<(), TableError> {
    if let Some(personal) = names(reading, PERSONAL, relation).await?.pop() {
        return Err(TableError::Personal { relation: source.relation.clone(), personal });
    }
    match names(reading, OPAQUE, relation).await?.pop() {
        None => Ok(()),
        Some(function) => Err(TableError::unfit(
            source,
            format!(
                "the view calls {function}, which may read any table, personal data included; declare it immutable if it reads none, \
                 or register a table with its results"
            ),
        )),
    }
}

/// The tables that a relation reads by their geometry without a spatial index.
pub(super) async fn unindexed(reading: &mut Reading<'_>, relation: i64) -> Result<Vec<String>, TableError> {
    names(reading, UNINDEXED, relation).await
}

async fn names(
    reading: &mut Reading<'_>,
    question: &'static str,
    relation: i64,
) -> Result<Vec<String>, TableError> {
    let statement = sqlx::AssertSqlSafe(format!("{READS}{question}"));
    let rows = reading.rows(sqlx::query(statement).bind(relation)).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(StoreError::from)?)
}
