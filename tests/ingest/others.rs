//! Resources, workers and assignments.

use gewu::ingest::{
    ImportOptions, ResourceMapping, StaffMapping, import_assignments, import_resources, import_workers,
};
use tempfile::tempdir;

use crate::common::{self, TestDatabase};
use crate::region::*;

async fn region(directory: &std::path::Path) -> TestDatabase {
    let database = common::database().await;
    let file = write_region(&directory.join("region.geojson"), same);
    assert!(import(&database, &file, mapping()).await.committed);
    database
}

async fn texts(database: &TestDatabase, question: &'static str) -> Vec<String> {
    sqlx::query_scalar(question).fetch_all(&database.pool().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_find_their_leaf_keep_their_columns_and_are_told_apart_by_source_id() {
    let directory = tempdir().unwrap();
    let database = region(directory.path()).await;
    let csv = directory.path().join("hydrants.csv");
    std::fs::write(
        &csv,
        "id,class,name,lon,lat,水压\nH1,hydrant,一号,100.05,25.1,0.4\nH2,hydrant,二号,100.35,25.1,\n",
    )
    .unwrap();
    let mut mapping = ResourceMapping::default();
    mapping.file.crs = Some("wgs84".into());
    let run = async || {
        let options = ImportOptions::default();
        import_resources(&database.store, "facilities".into(), vec![csv.clone()], mapping.clone(), &options)
            .await
            .unwrap()
    };
    let report = run().await;
    assert_eq!((report.inserted, report.committed), (2, true), "{report:?}");
    let question = "select concat_ws('|', f.source, f.source_id, f.class, f.name, f.properties, g.code)
        from gewu.facility f left join gewu.current_grid g on g.grid_id = f.leaf_id order by f.source_id";
    assert_eq!(
        texts(&database, question).await,
        [
            "hydrants|H1|hydrant|一号|{\"水压\": \"0.4\"}|532901001001001",
            "hydrants|H2|hydrant|二号|{}|532901002001002"
        ]
    );
    assert_eq!(run().await.unchanged, 2);
    std::fs::write(
        &csv,
        "id,class,name,lon,lat\nH1,hydrant,一号,100.15,25.1\nH1,hydrant,又一号,100.15,25.1\n",
    )
    .unwrap();
    assert_eq!(kinds(&run().await.rejected), [(2, "duplicate_source_id".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_people_only_what_service_needs_is_kept_and_the_rest_is_named() {
    let directory = tempdir().unwrap();
    let database = region(directory.path()).await;
    let json = directory.path().join("people.geojson");
    let properties = "{\"id\":\"P1\",\"name\":\"张三\",\"phone\":\"13800000000\",\"household\":\"7\",\"tags\":\"lives_alone,rich\",\
                      \"religion\":\"x\",\"ethnicity\":\"y\"}";
    geojson(&json, &[feature(properties, "{\"type\":\"Point\",\"coordinates\":[100.05,25.1]}")]);
    let options = ImportOptions::default();
    let report =
        import_resources(&database.store, "people".into(), vec![json], ResourceMapping::default(), &options)
            .await
            .unwrap();
    assert!(report.committed, "{report:?}");
    let text = report.to_text(gewu::ingest::Language::En);
    for word in ["religion", "ethnicity", "rich"] {
        assert!(text.contains(word), "{text}");
    }
    let question = "select concat_ws('|', name, phone, household, tags) from gewu.person";
    assert_eq!(texts(&database, question).await, ["张三|13800000000|7|{lives_alone}"]);
    let whole = texts(&database, "select t::text from gewu.person t").await;
    assert!(!whole[0].contains("rich") && !whole[0].contains("ethnicity"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_known_by_an_identity_card_or_a_phone_is_rejected_and_not_named() {
    let directory = tempdir().unwrap();
    let database = region(directory.path()).await;
    let json = directory.path().join("people.geojson");
    let person = |id: &str| {
        let properties = format!("{{\"id\":\"{id}\",\"name\":\"张三\"}}");
        feature(&properties, "{\"type\":\"Point\",\"coordinates\":[100.05,25.1]}")
    };
    geojson(&json, &[person("11010519491231002X"), person("13812345678"), person("P1")]);
    let options = ImportOptions { allow_rejects: true, ..ImportOptions::default() };
    let mapping = ResourceMapping::default();
    let report =
        import_resources(&database.store, "people".into(), vec![json], mapping, &options).await.unwrap();
    let telling = |row| (row, "telling_source_id".to_owned());
    assert_eq!((report.inserted, kinds(&report.rejected)), (1, vec![telling(1), telling(2)]), "{report:?}");
    let workers = directory.path().join("workers.csv");
    std::fs::write(&workers, "source_id,name,role\n13812345678,李四,head\nW1,王五,head\n").unwrap();
    let mapping = StaffMapping { encoding: None, source: "staff".into() };
    let staff = import_workers(&database.store, vec![workers], mapping, &options).await.unwrap();
    assert_eq!((staff.inserted, kinds(&staff.rejected)), (1, vec![telling(1)]), "{staff:?}");
    for text in [report.to_text(gewu::ingest::Language::Zh), staff.to_text(gewu::ingest::Language::En)] {
        assert!(!text.contains("1949") && !text.contains("13812345678"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_comes_from_csv_in_gbk_or_utf_8_and_bad_rows_are_named() {
    let directory = tempdir().unwrap();
    let database = region(directory.path()).await;
    let workers = directory.path().join("workers.csv");
    let (gbk, _, _) =
        encoding_rs::GBK.encode("工号,姓名,角色,电话\nW1,李四,专职网格员,13900000000\nW2,王五,网格长,\n");
    std::fs::write(&workers, &gbk).unwrap();
    let mapping = StaffMapping { encoding: None, source: "staff".into() };
    let options = ImportOptions::default();
    let report = import_workers(&database.store, vec![workers], mapping.clone(), &options).await.unwrap();
    assert_eq!(
        (report.inserted, kinds(&report.warnings)),
        (2, vec![(0, "encoding_guessed".to_owned())]),
        "{report:?}"
    );

    let file = directory.path().join("assignments.csv");
    let good = "\u{feff}worker,grid,role,rank,from,until\nW1,532901001001001,full_time,1,2026-03-01,\n";
    let bad = "W9,532901001001001,head,,,\nW2,9,head,,,\nW2,532901001001001,boss,0,spring,\nW1,532901001001001,full_time,1,2026-06-01,\nW2,x\nW2,532901001001002,reporter,,2026-03-02,2026-03-01\n";
    std::fs::write(&file, format!("{good}{bad}")).unwrap();
    let before = dump(&database).await;
    let run = async || {
        import_assignments(&database.store, vec![file.clone()], mapping.clone(), &options).await.unwrap()
    };
    let report = run().await;
    let expected = [
        (2, "unknown_worker"),
        (3, "unknown_grid"),
        (4, "unknown_role"),
        (4, "bad_number"),
        (4, "bad_date"),
        (5, "overlapping"),
        (6, "bad_row"),
        (7, "reporter_assigned"),
        (7, "empty_span"),
    ];
    assert_eq!(kinds(&report.rejected), expected.map(|(row, kind)| (row, kind.to_owned())));
    assert_eq!(dump(&database).await, before);
    std::fs::write(&file, good).unwrap();
    assert_eq!(run().await.inserted, 1);
    assert_eq!(run().await.unchanged, 1);
    let question = "select concat_ws('|', w.name, a.role, a.rank, a.valid) from gewu.assignment a join gewu.worker w on w.id = a.worker_id";
    assert_eq!(texts(&database, question).await, ["李四|full_time|1|[\"2026-02-28 16:00:00+00\",)"]);
}
