//! A small region, written to real files on the spot, and what the database holds of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use gewu::ingest::{GridMapping, ImportOptions, Report, import_grids};
use sqlx::{AssertSqlSafe, PgPool};

use crate::common::TestDatabase;

/// One feature of a GeoJSON file: properties and geometry as JSON text.
pub(crate) fn feature(properties: &str, geometry: &str) -> String {
    format!("{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":{geometry}}}")
}

/// Writes features as GeoJSON.
pub(crate) fn geojson(path: &Path, features: &[String]) -> PathBuf {
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"));
    std::fs::write(path, text).unwrap();
    path.to_owned()
}

/// A rectangle from its west, south, east and north, each vertex moved.
pub(crate) fn rectangle(bounds: [f64; 4], place: impl Fn(f64, f64) -> (f64, f64)) -> String {
    let [w, s, e, n] = bounds;
    let corners = [(w, s), (e, s), (e, n), (w, n), (w, s)].map(|(x, y)| {
        let (x, y) = place(x, y);
        format!("[{x},{y}]")
    });
    format!("{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}", corners.join(","))
}

/// Where it is.
pub(crate) fn same(x: f64, y: f64) -> (f64, f64) {
    (x, y)
}

type Row = (&'static str, &'static str, u8, &'static str, Option<u32>, &'static str, [f64; 4]);

/// Code, name, level, kind, households, parent, bounds.
pub(crate) const REGION: [Row; 7] = [
    ("532901000000", "大理市", 1, "", None, "", [100.0, 25.0, 100.4, 25.2]),
    ("532901001000", "下关街道", 2, "", None, "532901000000", [100.0, 25.0, 100.2, 25.2]),
    ("532901002000", "太和街道", 2, "", None, "532901000000", [100.2, 25.0, 100.4, 25.2]),
    ("532901001001001", "兴盛网格", 3, "基础网格", Some(320), "532901001000", [100.0, 25.0, 100.1, 25.2]),
    ("532901001001002", "龙溪网格", 3, "base", Some(410), "532901001000", [100.1, 25.0, 100.2, 25.2]),
    ("532901002001001", "洱河网格", 3, "dedicated", Some(0), "532901002000", [100.2, 25.0, 100.3, 25.2]),
    ("532901002001002", "\u{3400}山网格", 3, "微网格", None, "532901002000", [100.3, 25.0, 100.4, 25.2]),
];

/// The region as GeoJSON, each vertex moved.
pub(crate) fn write_region(path: &Path, place: impl Fn(f64, f64) -> (f64, f64) + Copy) -> PathBuf {
    let features: Vec<String> = REGION
        .iter()
        .map(|(code, name, level, kind, households, parent, bounds)| {
            let properties = serde_json::json!({
                "code": code, "name": name, "level": level, "kind": kind, "households": households, "parent": parent,
            });
            feature(&properties.to_string(), &rectangle(*bounds, place))
        })
        .collect();
    geojson(path, &features)
}

/// Converts with GDAL's own tool.
pub(crate) fn ogr2ogr(from: &Path, to: &Path, arguments: &[&str]) -> PathBuf {
    let output = Command::new("ogr2ogr").args(arguments).arg(to).arg(from).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    to.to_owned()
}

/// The mapping that fits the region.
pub(crate) fn mapping() -> GridMapping {
    GridMapping {
        level_field: Some("level".into()),
        kind_field: Some("kind".into()),
        households_field: Some("households".into()),
        ..GridMapping::default()
    }
}

/// [`mapping`] with a coordinate system.
pub(crate) fn mapping_in(crs: &str) -> GridMapping {
    let mut mapping = mapping();
    mapping.file.crs = Some(crs.into());
    mapping
}

/// Imports, and expects that the import could run.
pub(crate) async fn import(database: &TestDatabase, file: &Path, mapping: GridMapping) -> Report {
    import_grids(&database.store, vec![file.to_owned()], mapping, &ImportOptions::default()).await.unwrap()
}

/// The rows and kinds of findings, in order of rows.
pub(crate) fn kinds(findings: &[gewu::ingest::Finding]) -> Vec<(usize, String)> {
    findings.iter().map(|finding| (finding.place.row, finding.defect.kind())).collect()
}

/// The rows and kinds of what was repaired in rows by themselves: not the vertices that they share with their neighbours.
pub(crate) fn mended(report: &Report) -> Vec<(usize, String)> {
    let mut mended = kinds(&report.repaired);
    mended.retain(|(_, kind)| kind != "vertices_shared");
    mended
}

/// Every grid in force as text, to a thousandth of a metre.
pub(crate) async fn grids(database: &TestDatabase) -> Vec<String> {
    let question = "select concat_ws('|', g.scheme, g.code, g.name, g.level, g.kind, g.households, p.code,
        st_astext(st_normalize(st_snaptogrid(g.geom, 1e-8))))
        from gewu.current_grid g left join gewu.current_grid p on p.grid_id = g.parent_id order by g.code";
    sqlx::query_scalar(question).fetch_all(&database.pool().await).await.unwrap()
}

/// The farthest that a grid's border lies from where the region has it, degrees.
pub(crate) async fn farthest_from_region(database: &TestDatabase) -> f64 {
    let pool = database.pool().await;
    let mut farthest: f64 = 0.0;
    for (code, .., [w, s, e, n]) in REGION {
        let question = "select st_hausdorffdistance(geom, st_makeenvelope($2, $3, $4, $5, 4490))
            from gewu.current_grid where code = $1";
        let distance: f64 = sqlx::query_scalar(question)
            .bind(code)
            .bind(w)
            .bind(s)
            .bind(e)
            .bind(n)
            .fetch_one(&pool)
            .await
            .unwrap();
        farthest = farthest.max(distance);
    }
    farthest
}

const TABLES: [&str; 13] = [
    "level_scheme",
    "revision",
    "grid",
    "grid_code",
    "grid_version",
    "lineage",
    "worker",
    "assignment",
    "building",
    "facility",
    "person",
    "resource",
    "change",
];

/// Everything that the tables hold, to compare before and after.
pub(crate) async fn dump(database: &TestDatabase) -> Vec<String> {
    let pool: PgPool = database.pool().await;
    let mut dump = Vec::new();
    for table in TABLES {
        let question = format!("select t::text from gewu.{table} t order by 1");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(question)).fetch_all(&pool).await.unwrap();
        dump.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    dump
}
