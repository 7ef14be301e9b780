//! Neighbours that were drawn one by one: afterwards they share their borders, as PostGIS and the atlas see them.

use std::path::Path;

use gewu::atlas::{Atlas, Sharing};
use gewu::ingest::{Borders, GridMapping, Language};
use tempfile::tempdir;

use crate::common::{self, TestDatabase};
use crate::region::*;

/// A tenth of a millimetre.
const JITTER: f64 = 1e-9;

fn grid(code: &str, ring: &[(f64, f64)]) -> String {
    let level = code.len() / 6 + 1;
    let properties = format!("{{\"code\":\"{code}\",\"name\":\"甲\",\"level\":{level}}}");
    let corners: Vec<String> = ring.iter().chain(&ring[..1]).map(|(x, y)| format!("[{x},{y}]")).collect();
    feature(&properties, &format!("{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}", corners.join(",")))
}

/// West of the border stands one grid.
fn west() -> String {
    grid("532901001", &[(100.0, 25.0), (100.1, 25.0), (100.1 + JITTER, 25.1), (100.0, 25.1)])
}

/// East of it two, whose common corner lies in the middle of its edge: the one overlaps it, the other leaves a gap.
fn east() -> [String; 2] {
    [
        grid("532901002", &[(100.1 - JITTER, 25.0), (100.2, 25.0), (100.2, 25.04), (100.1 - JITTER, 25.04)]),
        grid(
            "532901003",
            &[
                (100.1 + JITTER, 25.04 + JITTER),
                (100.2, 25.04 + JITTER),
                (100.2, 25.1),
                (100.1 + 2.0 * JITTER, 25.1 - JITTER),
            ],
        ),
    ]
}

/// The whole of them, above.
fn above() -> String {
    grid("5329", &[(100.0, 25.0), (100.2, 25.0), (100.2, 25.1), (100.0, 25.1)])
}

fn levels() -> GridMapping {
    GridMapping { level_field: Some("level".into()), ..GridMapping::default() }
}

fn write(directory: &Path, name: &str, features: &[String]) -> std::path::PathBuf {
    geojson(&directory.join(name), features)
}

async fn sharing(database: &TestDatabase) -> Sharing {
    Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap().grids().sharing()
}

/// Of the grids of the lower level, two by two: how PostGIS relates those that are not apart.
async fn relations(database: &TestDatabase) -> Vec<String> {
    let question =
        "select concat_ws(' ', right(a.code, 1) || right(b.code, 1), st_touches(a.geom, b.geom)::text,
        st_relate(a.geom, b.geom)) from gewu.current_grid a join gewu.current_grid b on a.code < b.code
        where a.level = 2 and b.level = 2 order by 1";
    sqlx::query_scalar(question).fetch_all(&database.pool().await).await.unwrap()
}

/// What the lower level leaves of the upper one, and what it holds beyond it, in square degrees, as PostGIS measures it;
/// how many pieces it is, and whether all of it is valid.
async fn fit(database: &TestDatabase) -> (f64, f64, i32, bool) {
    let question = "with whole as (select geom from gewu.current_grid where level = 1),
        parts as (select st_union(geom) as geom from gewu.current_grid where level = 2)
        select st_area(st_difference(w.geom, p.geom)), st_area(st_difference(p.geom, w.geom)), st_numgeometries(p.geom),
        (select bool_and(st_isvalid(geom)) from gewu.current_grid) from whole w, parts p";
    sqlx::query_as(question).fetch_one(&database.pool().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_with_corners_a_hair_apart_and_in_each_others_edges_touch_after_the_import() {
    let directory = tempdir().unwrap();
    let [south, north] = east();
    let file = write(directory.path(), "drawn.geojson", &[above(), west(), south, north]);

    let database = common::database().await;
    let report = import(&database, &file, GridMapping { snap: Some(0.0), ..levels() }).await;
    assert!(report.committed && report.repaired.is_empty(), "{report:?}");
    assert!(relations(&database).await.iter().any(|relation| relation.contains("false 2")));
    let apart = sharing(&database).await;
    assert!(apart.shared_edges <= 2, "only the rim of the whole is that of a part: {apart:?}");

    let database = common::database().await;
    let report = import(&database, &file, levels()).await;
    assert_eq!(
        relations(&database).await,
        ["12 true FF2F11212", "13 true FF2F11212", "23 true FF2F11212"],
        "no interior meets another, and borders meet in lines"
    );
    assert_eq!(fit(&database).await, (0.0, 0.0, 1, true));
    let shared = sharing(&database).await;
    assert_eq!((shared.shared_edges, shared.single_edges), (10, 0), "{shared:?}");
    let borders = report.borders.unwrap();
    assert_eq!((borders.shared_edges, borders.single_edges), (10, 0));
    // The eastern corners in the edge of the one in the west; three corners of the parts in the edges of the whole.
    assert_eq!(borders.noded, 4, "{report:?}");
    assert_eq!(
        borders.snapped, 4,
        "one of the two at each end of the border, and one of the two in its middle and at the rim"
    );
    assert!(report.repaired.iter().all(|finding| finding.defect.kind() == "vertices_shared"));
    assert!(report.repaired.len() <= 4, "one line a row: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_imported_again_is_unchanged_and_what_it_made_is_told_in_both_languages() {
    let directory = tempdir().unwrap();
    let [south, north] = east();
    let file = write(directory.path(), "drawn.geojson", &[above(), west(), south, north]);
    let database = common::database().await;
    let report = import(&database, &file, levels()).await;
    let Borders { snapped, noded, shared_edges, single_edges } = report.borders.unwrap();
    let text = report.to_text(Language::Zh);
    for words in [
        format!("吸附顶点 {snapped}，补入顶点 {noded}；共用边 {shared_edges}，独有边 {single_edges}"),
        format!(
            "snapped {snapped}, put into edges {noded}; edges shared {shared_edges}, single {single_edges}"
        ),
    ] {
        assert!(text.contains(&words), "{text}");
    }
    let json = report.to_json(Language::En);
    assert_eq!(json["borders"]["shared_edges"], shared_edges);
    assert_eq!(json["repaired"][0]["kind"], "vertices_shared");
    let full = dump(&database).await;
    let again = import(&database, &file, levels()).await;
    assert_eq!((again.inserted, again.updated, again.unchanged), (0, 0, 4));
    assert_eq!(again.borders, report.borders);
    assert_eq!(dump(&database).await, full);
}

#[tokio::test(flavor = "multi_thread")]
async fn grids_of_a_second_file_meet_stored_ones_where_these_are() {
    let directory = tempdir().unwrap();
    let first = write(directory.path(), "first.geojson", &[above(), west()]);
    let second = write(directory.path(), "second.geojson", &east());
    let database = common::database().await;
    import(&database, &first, levels()).await;
    let question = "select code || ' ' || st_astext(geom) from gewu.current_grid where right(code, 3) in ('329', '001') order by 1";
    let stored = async || -> Vec<String> {
        sqlx::query_scalar(question).fetch_all(&database.pool().await).await.unwrap()
    };
    let before = stored().await;
    let report = import(&database, &second, levels()).await;
    assert_eq!((report.inserted, report.updated), (2, 0));
    assert_eq!(stored().await, before, "what is stored stays");
    let apart = sharing(&database).await;
    // The stored edge does not have the corner of the two: it is theirs only once its own file comes again.
    let report = import(&database, &first, levels()).await;
    assert_eq!((report.inserted, report.updated), (0, 2));
    assert_eq!(fit(&database).await, (0.0, 0.0, 1, true));
    let together = sharing(&database).await;
    assert_eq!((together.shared_edges, together.single_edges), (10, 0), "{apart:?}");
    assert!(apart.shared_edges < 10);
    for file in [&second, &first, &second] {
        let report = import(&database, file, levels()).await;
        assert_eq!((report.inserted, report.updated, report.unchanged), (0, 0, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_distance_beyond_a_metre_is_refused_before_anything_is_read() {
    let database = common::database().await;
    let mapping = GridMapping { snap: Some(3.0), ..levels() };
    let options = gewu::ingest::ImportOptions::default();
    let files = vec!["nothing.geojson".into()];
    let error = gewu::ingest::import_grids(&database.store, files, mapping, &options).await.unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--snap \"3\""), "{error}");
}
