//! A file with every defect: each is named by row, and what is not accepted changes nothing.

use gewu::ingest::{GridMapping, ImportOptions, import_grids};
use tempfile::tempdir;

use crate::common;
use crate::region::*;

/// A feature of the file, and what the report must say of it: repaired, rejected.
type Defect = (String, Vec<&'static str>, Vec<&'static str>);

/// Properties of a grid of the lowest level.
fn properties(code: &str) -> String {
    format!("{{\"code\":{code},\"name\":\"甲\",\"level\":3,\"kind\":\"base\",\"households\":300}}")
}

fn polygon(ring: &str) -> String {
    format!("{{\"type\":\"Polygon\",\"coordinates\":[[{ring}]]}}")
}

fn square() -> String {
    rectangle([100.01, 25.01, 100.02, 25.02], same)
}

/// The features of the file, and what the report must say of each: repaired, rejected.
fn features() -> Vec<Defect> {
    let ok = |code: &str| feature(&properties(code), &square());
    let with = |properties: String| feature(&properties, &square());
    let shaped = |code: &str, geometry: &str| feature(&properties(code), geometry);
    let tie = "[100.01,25.01],[100.02,25.02],[100.02,25.01],[100.01,25.02],[100.01,25.01]";
    let loops = "[100.01,25.01],[100.11,25.01],[100.11,25.11],[100.06,25.11],[100.061,25.111],[100.06,25.111],\
                 [100.061,25.11],[100.01,25.11],[100.01,25.01]";
    let open = "[100.01,25.01],[100.02,25.01],[100.02,25.01],[100.02,25.02],[100.01,25.02]";
    let nan = "[100.01,25.01],[NaN,25.01],[100.02,25.02],[100.01,25.01]";
    vec![
        (ok("\"532901001001011\""), vec![], vec![]),
        (
            shaped("\"532901001001012\"", &rectangle([25.01, 100.01, 25.02, 100.02], same)),
            vec!["swapped_axes"],
            vec![],
        ),
        (shaped("\"532901001001013\"", "null"), vec![], vec!["null_geometry"]),
        (shaped("\"532901001001014\"", &polygon(tie)), vec![], vec!["unrepairable"]),
        (shaped("\"532901001001015\"", &polygon(loops)), vec!["self_crossing"], vec![]),
        (ok("5.32901001001016E+14"), vec!["float_code"], vec![]),
        (ok("\"5.32901E+14\""), vec![], vec!["lost_digits"]),
        (ok("\"532901001001011\""), vec![], vec!["duplicate_code"]),
        (ok("\"５３２９０１００１００１０１９ \""), vec!["wide_characters"], vec![]),
        (with(properties("\"532901001001020\"").replace(":3,", ":9,")), vec![], vec!["level_out_of_range"]),
        (with(properties("\"532901001001021\"").replace("base", "boss")), vec![], vec!["unknown_kind"]),
        (with(properties("\"532901001001022\"").replace("300", "-3")), vec![], vec!["bad_households"]),
        (
            shaped("\"532901001001023\"", "{\"type\":\"Point\",\"coordinates\":[100.01,25.01]}"),
            vec![],
            vec!["not_polygon"],
        ),
        (shaped("\"532901001001024\"", &polygon(open)), vec!["unclosed_ring", "duplicate_vertices"], vec![]),
        (shaped("\"532901001001025\"", &polygon(nan)), vec![], vec!["not_finite"]),
        (ok("\"640323001001001\""), vec![], vec!["no_parent"]),
        (
            shaped("\"532901001001027\"", "{\"type\":\"GeometryCollection\",\"geometries\":[]}"),
            vec![],
            vec!["empty_geometry"],
        ),
        (
            shaped("\"532901001001028\"", &rectangle([10.0, 50.0, 10.1, 50.1], same)),
            vec![],
            vec!["outside_china"],
        ),
        (with(properties("\"532901001001029\"").replace("甲", "BROKEN")), vec![], vec!["invalid_text"]),
        (ok("null"), vec![], vec!["no_code"]),
        (ok("\"53290100100131\""), vec![], vec!["lost_zero_unproven"]),
        (
            shaped("\"532901001001032\"", &rectangle([3.34e7, 2.7e6, 3.35e7, 2.8e6], same)),
            vec![],
            vec!["metres_as_degrees"],
        ),
        (with(properties("\"532901001001033\"").replace("\"甲\"", "null")), vec!["no_name"], vec![]),
        (
            shaped("\"532901001001034\"", &polygon(tie)).replace("base", "boss"),
            vec![],
            vec!["unknown_kind", "unrepairable"],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_is_named_by_row_and_what_is_not_accepted_changes_nothing() {
    let directory = tempdir().unwrap();
    let region = write_region(&directory.path().join("region.geojson"), same);
    let rows = features();
    let file = geojson(
        &directory.path().join("defects.geojson"),
        &rows.iter().map(|(feature, ..)| feature.clone()).collect::<Vec<_>>(),
    );
    // GBK bytes in a file that must be UTF-8.
    let bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(6).position(|window| window == b"BROKEN").unwrap();
    let bytes = [&bytes[..place], &b"\xb4\xf3\xc0\xed"[..], &bytes[place + 6..]].concat();
    std::fs::write(&file, bytes).unwrap();

    let database = common::database().await;
    import(&database, &region, mapping()).await;
    let before = dump(&database).await;
    let report = import(&database, &file, mapping()).await;
    let expected = |pick: fn(&Defect) -> Vec<&'static str>| {
        let of_row = |(index, row)| pick(row).into_iter().map(move |kind: &str| (index + 1, kind.to_owned()));
        rows.iter().enumerate().flat_map(of_row).collect::<Vec<_>>()
    };
    assert_eq!(mended(&report), expected(|row| row.1.clone()));
    assert_eq!(kinds(&report.rejected), expected(|row| row.2.clone()));
    assert_eq!((report.read, report.accepted, report.rejected_rows), (24, 7, 17));
    assert!(!report.committed);
    assert_eq!(dump(&database).await, before);

    let options = ImportOptions { allow_rejects: true, ..ImportOptions::default() };
    let report = import_grids(&database.store, vec![file], mapping(), &options).await.unwrap();
    assert_eq!((report.inserted, report.committed), (7, true));
    let found = grids(&database).await;
    let numbers = ["011", "012", "015", "016", "019", "024", "033"];
    for number in numbers {
        assert!(
            found.iter().any(|grid| grid.contains(&format!("|532901001001{number}|"))),
            "{number}: {found:?}"
        );
    }
    assert_eq!(found.len(), REGION.len() + numbers.len());
    let valid: bool = sqlx::query_scalar("select bool_and(st_isvalid(geom)) from gewu.current_grid")
        .fetch_one(&database.pool().await)
        .await
        .unwrap();
    assert!(valid);
}

fn linked(rows: &[(&str, u8, &str, [f64; 4])]) -> Vec<String> {
    let properties = |(code, level, parent, _): &(&str, u8, &str, [f64; 4])| {
        format!("{{\"code\":\"{code}\",\"name\":\"甲\",\"level\":{level},\"parent\":\"{parent}\"}}")
    };
    rows.iter().map(|row| feature(&properties(row), &rectangle(row.3, same))).collect()
}

fn by_field() -> GridMapping {
    GridMapping {
        level_field: Some("level".into()),
        parent: Some("field:parent".into()),
        ..GridMapping::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_that_are_unknown_circular_not_above_or_rejected_are_named() {
    let directory = tempdir().unwrap();
    let at = [100.0, 25.0, 100.1, 25.1];
    let file = geojson(
        &directory.path().join("parents.geojson"),
        &linked(&[
            ("top", 1, "", at),
            ("a", 2, "b", at),
            ("b", 3, "a", at),
            ("c", 3, "nobody", at),
            ("d", 2, "e", at),
            ("e", 3, "top", at),
            ("f", 4, "c", at),
            ("g", 2, "", at),
        ]),
    );
    let database = common::database().await;
    let report = import(&database, &file, by_field()).await;
    let expected = [
        (2, "parent_cycle"),
        (3, "parent_cycle"),
        (4, "unknown_parent"),
        (5, "parent_not_above"),
        (7, "parent_rejected"),
        (8, "no_parent"),
    ];
    assert_eq!(kinds(&report.rejected), expected.map(|(row, kind)| (row, kind.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_zero_is_put_back_where_the_parent_proves_it() {
    let directory = tempdir().unwrap();
    let square = |west: f64| [west, 25.0, west + 0.1, 25.1];
    let file = geojson(
        &directory.path().join("zeros.geojson"),
        &linked(&[
            ("012345678", 1, "", [100.0, 25.0, 100.3, 25.1]),
            ("012345678001", 2, "", square(100.0)),
            ("12345678002", 2, "", square(100.1)),
            ("012345678003", 2, "", square(100.2)),
        ]),
    );
    let database = common::database().await;
    let mapping = GridMapping { level_field: Some("level".into()), ..GridMapping::default() };
    let report = import(&database, &file, mapping).await;
    assert_eq!(mended(&report), [(3, "lost_zero".to_owned())]);
    assert!(grids(&database).await.iter().any(|grid| grid.contains("|012345678002|")));
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_that_do_not_share_vertices_are_named() {
    let directory = tempdir().unwrap();
    // The second grid begins 2e-6 degrees, some 20 cm, east of where the first one ends.
    let file = geojson(
        &directory.path().join("gap.geojson"),
        &linked(&[("1", 1, "", [100.0, 25.0, 100.1, 25.1]), ("2", 1, "", [100.100002, 25.0, 100.2, 25.1])]),
    );
    let database = common::database().await;
    let report = import(&database, &file, by_field()).await;
    assert_eq!(kinds(&report.warnings), [(1, "unshared_vertices".to_owned())]);
    assert!(report.committed);
}
