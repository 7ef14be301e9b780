//! Every kind of value and of geometry, absent ones too, and fields that are called like what a format adds.

use serde_json::json;

use crate::common::database;
use crate::readers::{export, oracle, read};

const THINGS: &str = r#"create table public.things (key bigint primary key, id text, geometry text, day date, at timestamptz, u uuid, n numeric,
      whole int8, truth bool, j jsonb, "名 ""称""" text, shape geometry(geometry, 4490));
    insert into public.things values
      (9007199254740993, 'a', 'b', '2026-02-28', '2026-03-03 08:00:00.123+08', '00000000-0000-0000-0000-000000000007', 1.5, -9007199254740993, true,
        '{"a": [1, null, "洱海"]}', E'=1+1\n"引号", 逗号', 'srid=4490;point(100 25)'),
      (-1, null, null, null, null, null, null, null, null, null, null, null),
      (2, '', 'x', '1900-01-01', '1969-12-31T23:59:59Z', null, -0.25, 0, false, '[]', '😀',
        'srid=4490;polygon((100 25, 100 26, 101 26, 101 25, 100 25), (100.4 25.4, 100.6 25.4, 100.6 25.6, 100.4 25.6, 100.4 25.4))'),
      (3, null, null, null, null, null, null, null, null, null, 'x', 'srid=4490;linestring(100 25, 101 26, 102 25)'),
      (4, null, null, null, null, null, null, null, null, null, 'x', 'srid=4490;multilinestring((100 25, 101 26), (102 25, 103 26, 104 25))'),
      (5, null, null, null, null, null, null, null, null, null, 'x', 'srid=4490;multipoint(100 25, 101 26)'),
      (6, null, null, null, null, null, null, null, null, null, 'x', 'srid=4490;multipolygon(((100 25, 101 25, 101 26, 100 25)),
        ((102 25, 103 25, 103 26, 102 26, 102 25), (102.5 25.5, 102.6 25.5, 102.6 25.6, 102.5 25.5)))'),
      (7, null, null, null, null, null, null, null, null, null, 'x', 'srid=4490;geometrycollection(point(100 25), polygon((100 25, 100 26, 101 26, 100 25)))');
    alter table public.things add tags text[], add sizes float8[];
    update public.things set tags = '{"a,\"b",洱海}', sizes = '{1,-2.5}' where key = 2"#;
const CATALOGUE: &str = r#"[[collection]]
id = "things"
title = "物"
fields = [["id", ""], ["geometry", ""], ["day", ""], ["at", ""], ["u", ""], ["n", ""], ["whole", ""], ["truth", ""], ["j", ""], ["tags", ""], ["sizes", ""], ['名 "称"', ""]]
[collection.source]
table = "public.things"
feature_id = "key"
"#;
/// What a spreadsheet would work out has an apostrophe before it, in CSV alone, and there an empty text is none.
const ORACLE: &str = "select json_build_object('id', key, 'properties', to_jsonb(t) - 'key' - 'shape', 'wkb', encode(st_asbinary(shape), 'hex'))::text \
    from public.things t";
const ORACLE_OF_CSV: &str = r#"select json_build_object('id', key, 'properties', to_jsonb(t) - 'key' - 'shape' || jsonb_build_object('id', nullif(id, ''),
    '名 "称"', case when key > 7 then '''' else '' end || "名 ""称"""), 'wkb', encode(st_asbinary(shape), 'hex'))::text from public.things t"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_value_and_of_geometry_comes_back_from_every_format() {
    let database = database().await;
    sqlx::raw_sql(THINGS).execute(&database.pool().await).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let collections = folder.path().join("collections");
    std::fs::create_dir(&collections).unwrap();
    std::fs::write(collections.join("things.toml"), CATALOGUE).unwrap();
    let catalogue = ["--catalogue", folder.path().to_str().unwrap()];
    for (extension, reader) in [
        ("parquet", "geoparquet"),
        ("parquet", "duckdb"),
        ("fgb", "pyogrio"),
        ("gpkg", "pyogrio"),
        ("csv", "csv"),
    ] {
        let expected = folder.path().join("oracle");
        oracle(&database, if reader == "csv" { ORACLE_OF_CSV } else { ORACLE }, &expected).await;
        let file = folder.path().join("things").with_extension(extension);
        export(&database, "things", &file, &catalogue);
        let about = read(reader, &file, &expected, &[]);
        assert_eq!(about["count"], 8, "{extension} by {reader}");
        if reader == "duckdb" {
            let types = &about["types"];
            for (field, kind) in
                [("day", "DATE"), ("at", "TIMESTAMP WITH TIME ZONE"), ("whole", "BIGINT"), ("n", "DOUBLE")]
            {
                assert_eq!(types[field], kind);
            }
        }
        if reader == "geoparquet" {
            let kinds = &about["geo"]["columns"]["_geometry"]["geometry_types"];
            let all = [
                "GeometryCollection",
                "LineString",
                "MultiLineString",
                "MultiPoint",
                "MultiPolygon",
                "Point",
                "Polygon",
            ];
            assert_eq!(kinds, &json!(all));
        }
    }
}
