//! Names, types and meanings of the views are a promise to whoever wrote a query or a QGIS project.

use std::process::Command;
use std::time::Duration;

use gewu::model::{Relation, TableSource};
use gewu::store::TableError;

use crate::common::{TestDatabase, database, sample_region};

/// Name and type of every column, in the order of the views and their columns.
const PROMISED: &str = "\
building: id uuid, source text, source_id text, class text, name text, address text, height_m real, floors smallint, households integer, \
properties jsonb, grid_id uuid, grid_code text, code_1 text, code_2 text, code_3 text, code_4 text, code_5 text, code_6 text, invented boolean, \
geom geometry(Geometry,4490)
duty: id uuid, grid_id uuid, grid_code text, level smallint, worker_id uuid, name text, phone text, role text, rank smallint, acting_for uuid
facility: id uuid, source text, source_id text, class text, name text, address text, properties jsonb, grid_id uuid, grid_code text, \
code_1 text, code_2 text, code_3 text, code_4 text, code_5 text, code_6 text, invented boolean, geom geometry(Geometry,4490)
grid: id uuid, scheme text, code text, level smallint, name text, kind text, households integer, parent_id uuid, leaf boolean, \
code_1 text, code_2 text, code_3 text, code_4 text, code_5 text, code_6 text, invented boolean, valid_from timestamp with time zone, \
valid_until timestamp with time zone, geom geometry(MultiPolygon,4490)
grid_version: id text, grid_id uuid, county text, scheme text, code text, level smallint, name text, kind text, households integer, \
parent_id uuid, parent_county text, invented boolean, valid tstzrange, revision bigint, geom geometry(MultiPolygon,4490)
level: id smallint, name text, name_en text
resource: id uuid, collection text, source text, source_id text, class text, name text, address text, properties jsonb, grid_id uuid, \
grid_code text, code_1 text, code_2 text, code_3 text, code_4 text, code_5 text, code_6 text, invented boolean, geom geometry(Geometry,4490)";

const COLUMNS: &str = "select string_agg(name || ': ' || columns, e'\\n' order by name) from (
    select c.relname::text as name, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'gewu_read'::regnamespace and a.attnum > 0 group by 1) v";

const UNDESCRIBED: &str =
    "select c.relname || '.' || coalesce(a.attname, '*') from pg_class c left join pg_attribute a
    on a.attrelid = c.oid and a.attnum > 0 where c.relnamespace = 'gewu_read'::regnamespace
    and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)";

async fn texts(database: &TestDatabase, question: &'static str) -> Vec<String> {
    sqlx::query_scalar(question).fetch_all(&database.pool().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_has_the_columns_that_it_promises_and_says_what_they_mean() {
    let database = database().await;
    assert_eq!(texts(&database, COLUMNS).await.join(""), PROMISED);
    assert_eq!(texts(&database, UNDESCRIBED).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn ogr_reads_the_layers_as_a_reader_with_their_geometry_type_reference_system_and_count() {
    let database = sample_region().await;
    let (layer, number) = ("gewu_read.grid", "select count(*)::text from gewu_read.grid");
    let grids = &texts(&database, number).await[0];
    let told = ogrinfo(&database, &["-so", layer]);
    assert!(told.contains("Geometry: Multi Polygon") && told.contains("EPSG\",4490"), "{told}");
    assert!(told.contains(&format!("Feature Count: {grids}")), "{told}");
    assert!(told.contains("code_6: String") && told.contains("valid_from: DateTime"), "{told}");
    let places = "select count(*)::text from gewu_read.facility where code_2 = '532901'";
    let told = ogrinfo(
        &database,
        &["-so", "gewu_read.facility", "-where", "code_2 = '532901'", "-spat", "90", "20", "110", "30"],
    );
    assert!(told.contains(&format!("Feature Count: {}", texts(&database, places).await[0])), "{told}");
    let day = "select code, geom from gewu_read.grid_at(now()) where level = 2";
    let told = ogrinfo(&database, &["-so", "-sql", day]);
    assert!(told.contains("Feature Count: 12"), "{told}");
}

/// What `ogrinfo` tells of the database to whoever is a reader and nothing else.
fn ogrinfo(database: &TestDatabase, arguments: &[&str]) -> String {
    let options = database.options();
    let socket = options.get_socket().unwrap().display().to_string();
    let name = options.get_database().unwrap();
    let place = format!("PG:host={socket} port={} user=gewu dbname={name}", options.get_port());
    let (flags, layer) = match arguments {
        [so, layer, rest @ ..] if layer.starts_with("gewu") => ([&[*so], rest].concat(), vec![*layer]),
        all => (all.to_vec(), Vec::new()),
    };
    let output = Command::new("ogrinfo")
        .env("PGOPTIONS", "-c role=gewu_reader")
        .args(flags)
        .arg(&place)
        .args(layer)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_takes_the_views_of_grids_and_resources_and_refuses_the_one_of_people_on_duty() {
    let database = database().await;
    for name in ["grid", "grid_version", "building", "facility", "resource"] {
        let is_of_grids = name.starts_with("grid");
        let column = if is_of_grids { "code" } else { "code_3" };
        let feature_id = if name == "grid_version" { "grid_id" } else { "id" };
        let table = database.store.inspect_table(&source(name, Some(feature_id), &[column])).await;
        let table = table.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(table.unindexed().is_empty(), "tiles of {name} go by the index");
    }
    let refused = database.store.inspect_table(&source("duty", None, &[])).await;
    assert!(matches!(refused, Err(TableError::Personal { .. })), "{refused:?}");
}

fn source(name: &str, feature_id: Option<&str>, columns: &[&str]) -> TableSource {
    TableSource {
        relation: Relation { schema: "gewu_read".into(), name: name.into() },
        geometry: None,
        feature_id: feature_id.map(str::to_owned),
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        time_limit: Duration::from_secs(5),
        max_features: 1_000,
    }
}
