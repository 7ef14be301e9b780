//! A small place to write into: two grids side by side, two workers, one assignment, and facilities of two counties.

use geo::Rect;
use gewu::model::{Assignment, Grid, Level, LevelName, LevelScheme, Role, Span, Worker, WorkerId};
use gewu::store::{ImportKind, PgConnectOptions, Store};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::common;

/// Identities of the place.
pub(crate) struct Place {
    pub(crate) west: Uuid,
    pub(crate) east: Uuid,
    pub(crate) workers: [Uuid; 2],
    pub(crate) assignment: Uuid,
    /// The number of the import.
    pub(crate) revision: i64,
}

/// Imports it.
pub(crate) async fn import(store: &Store) -> Place {
    let mut import = store.begin_import(ImportKind::Import, "a test").await.unwrap();
    import.put_level_scheme(&levels()).await.unwrap();
    let county = grid("532901", 2, None, 100.0, 101.0);
    let west = grid("532901001", 5, Some(&county), 100.0, 100.5);
    let east = grid("532901002", 5, Some(&county), 100.5, 101.0);
    import.put_grids(&[county, west.clone(), east.clone()]).await.unwrap();
    let workers = [worker("张伟"), worker("李敏")];
    import.put_workers(&workers).await.unwrap();
    let assignment = Assignment {
        id: Uuid::now_v7(),
        worker: workers[0].id,
        grid: west.id,
        county: west.county.clone(),
        role: Role::FullTime,
        rank: 1,
        span: Span::ALWAYS,
    };
    import.put_assignments(std::slice::from_ref(&assignment)).await.unwrap();
    let revision = import.commit().await.unwrap();
    Place {
        west: west.id.0,
        east: east.id.0,
        workers: workers.map(|worker| worker.id.0),
        assignment: assignment.id,
        revision,
    }
}

/// Connections for writers who give the leaves of what they write: so nothing but what they write is told.
pub(crate) async fn giving_leaves(options: PgConnectOptions) -> PgPool {
    let options = options.options([("gewu.leaves", "given")]);
    PgPoolOptions::new().max_connections(20).connect_with(options).await.unwrap()
}

/// Inserts a facility by hand.
pub(crate) async fn facility(pool: &PgPool, county: &str) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into gewu.facility (county, id, source, source_id, class, geom) \
         values ($1, $2, 'hand', $2::text, 'school', st_setsrid(st_point(100.1, 25.1), 4490))",
    )
    .bind(county)
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
    id
}

fn levels() -> LevelScheme {
    let level = |number: i64| LevelName {
        level: Level::new(number).unwrap(),
        name: format!("第{number}级"),
        name_en: format!("level {number}"),
        min_zoom: 0,
        max_zoom: 22,
    };
    LevelScheme { levels: vec![level(2), level(5)] }
}

fn grid(code: &str, level: i64, parent: Option<&Grid>, west: f64, east: f64) -> Grid {
    common::grid(code, level, parent, Rect::new((west, 25.0), (east, 26.0)).to_polygon())
}

fn worker(name: &str) -> Worker {
    Worker {
        id: WorkerId(Uuid::now_v7()),
        source: "hr".to_owned(),
        source_id: name.to_owned(),
        name: name.to_owned(),
        phone: Some("13800001111".to_owned()),
        organisation: None,
        role: Role::FullTime,
        invented: true,
    }
}
