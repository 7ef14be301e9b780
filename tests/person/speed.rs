//! What sealing costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use geo::{Geometry, Point, Rect};
use gewu::model::{County, Level, LevelName, LevelScheme, Resource, ResourceId, Role, Worker, WorkerId};
use gewu::seal::{Keyring, Sealer};
use gewu::store::{ImportKind, Store};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::common::{database, grid};

const PEOPLE: usize = 100_000;
/// As many as Dali has.
const WORKERS: usize = 25_884;

fn person(number: usize) -> Resource {
    let (column, row) = ((number % 1_000) as f64, (number / 1_000) as f64);
    Resource {
        id: ResourceId(Uuid::now_v7()),
        county: County::none(),
        source: "speed".to_owned(),
        source_id: number.to_string(),
        class: "person".to_owned(),
        name: Some(format!("张三{number}")),
        address: Some(format!("下关街道幸福路{number}号2单元301")),
        properties: Map::from_iter([
            ("household".to_owned(), json!(format!("532901001-{number}"))),
            ("phone".to_owned(), json!(format!("138{number:08}"))),
        ]),
        geometry: Geometry::Point(Point::new(100.0 + column * 0.000_29, 25.5 + row * 0.002_9)),
        leaf: None,
        invented: true,
    }
}

fn worker(number: usize) -> Worker {
    Worker {
        id: WorkerId(Uuid::now_v7()),
        source: "speed".to_owned(),
        source_id: number.to_string(),
        name: format!("李四{number}"),
        phone: Some(format!("139{number:08}")),
        organisation: None,
        role: Role::FullTime,
        invented: true,
    }
}

async fn put(store: &Store, people: &[Resource], workers: &[Worker]) -> [Duration; 2] {
    let mut import = store.begin_import(ImportKind::Sample, "speed").await.unwrap();
    let (name, name_en) = ("县".to_owned(), "county".to_owned());
    let level = LevelName { level: Level::new(1).unwrap(), name, name_en, min_zoom: 0, max_zoom: 22 };
    import.put_level_scheme(&LevelScheme { levels: vec![level] }).await.unwrap();
    import
        .put_grids(&[grid("532901", 1, None, Rect::new((100.0, 25.5), (100.3, 25.8)).to_polygon())])
        .await
        .unwrap();
    let begun = Instant::now();
    for batch in people.chunks(50_000) {
        import.put_resources("people", batch).await.unwrap();
    }
    let residents = begun.elapsed();
    let begun = Instant::now();
    import.put_workers(workers).await.unwrap();
    let staff = begun.elapsed();
    import.commit().await.unwrap();
    [residents, staff]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: run it alone, with --nocapture"]
async fn what_sealing_costs_an_import_and_the_reading_of_an_atlas() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.key");
    Keyring::add_key(&file).unwrap();
    let sealer = Sealer::new(Arc::new(Keyring::read(&file).unwrap()));
    let (people, workers): (Vec<_>, Vec<_>) =
        ((0..PEOPLE).map(person).collect(), (0..WORKERS).map(worker).collect());
    for sealer in [Sealer::default(), sealer.clone(), Sealer::default(), sealer] {
        let sealed = sealer.keys().is_some();
        let database = database().await;
        let store = database.store.clone().with_sealer(sealer);
        let [residents, staff] = put(&store, &people, &workers).await;
        let [again, _] = put(&store, &people, &workers).await;
        let begun = Instant::now();
        let read = store.read_snapshot().await.unwrap();
        let reading = begun.elapsed();
        assert_eq!((read.people.len(), read.workers.len()), (PEOPLE, WORKERS));
        assert_eq!(read.workers.iter().filter(|worker| worker.name.starts_with("李四")).count(), WORKERS);
        let size =
            "select sum(pg_total_relation_size(oid))::bigint from pg_class where relname ~ '^person_[0-9]'";
        let size: i64 = sqlx::query_scalar(size).fetch_one(&database.pool().await).await.unwrap();
        println!(
            "sealed: {sealed}; {PEOPLE} residents {residents:?}, the same again {again:?}; {WORKERS} workers {staff:?}; \
             read for an atlas {reading:?}; {} MiB",
            size >> 20
        );
    }
}
