//! A county of six by six square leaves of a hundredth of a degree, in two halves, with resources in, beside and between them.

use geo::Rect;
use gewu::model::{Level, LevelName, LevelScheme};
use gewu::store::ImportKind;
use sqlx::{AssertSqlSafe, PgPool};

use crate::common::{TestDatabase, database, grid};

pub(crate) const SIDE: usize = 6;
/// Where what may be moved lies: the county and a little around it.
pub(crate) const WEST: f64 = 99.98;
pub(crate) const SOUTH: f64 = 24.98;
pub(crate) const REACH: f64 = 0.1;

/// How many rows of a table are not in the leaf that covers them: of a footprint a point on its surface, on a border the lowest code. Rows in no leaf have
/// the county 000000.
const WRONG: &str = "
    with leaf as materialized (
      select g.county, g.grid_id, g.code, g.geom from gewu.current_grid g
      where not exists (select from gewu.current_grid child where child.parent_id = g.grid_id))
    select count(*) from gewu.{table} t left join lateral (
      select g.county, g.grid_id from leaf g
      where st_covers(g.geom, case when geometrytype(t.geom) = 'POINT' then t.geom else st_pointonsurface(t.geom) end)
      order by g.code limit 1) l on true
    where t.leaf_id is distinct from l.grid_id or t.county <> coalesce(l.county, '000000')";

pub(crate) struct Region {
    pub(crate) database: TestDatabase,
    pub(crate) pool: PgPool,
}

impl Region {
    /// With so many facilities, and half as many buildings, parcels and people each.
    pub(crate) async fn new(resources: usize) -> Self {
        let database = database().await;
        let square = |x: f64, y: f64, width: f64, height: f64| {
            let corner = (100.0 + x * 0.01, 25.0 + y * 0.01);
            Rect::new(corner, (corner.0 + width * 0.01, corner.1 + height * 0.01)).to_polygon()
        };
        let whole = SIDE as f64;
        let county = grid("532901", 1, None, square(0.0, 0.0, whole, whole));
        let halves = [0, 1].map(|half| {
            let code = format!("53290100{}", half + 1);
            grid(&code, 2, Some(&county), square(whole / 2.0 * half as f64, 0.0, whole / 2.0, whole))
        });
        let cells = (0..SIDE * SIDE).map(|n| {
            let (x, y) = (n % SIDE, n / SIDE);
            let half = &halves[usize::from(x >= SIDE / 2)];
            grid(&format!("{}{n:03}", half.code), 3, Some(half), square(x as f64, y as f64, 1.0, 1.0))
        });
        let mut grids: Vec<_> = cells.collect();
        grids.splice(0..0, std::iter::once(county.clone()).chain(halves.iter().cloned()));
        let mut import = database.store.begin_import(ImportKind::Sample, "test").await.unwrap();
        let levels = (1..=4).map(|number| LevelName {
            level: Level::new(number).unwrap(),
            name: format!("{number}级"),
            name_en: format!("level {number}"),
            min_zoom: 0,
            max_zoom: 22,
        });
        import.put_level_scheme(&LevelScheme { levels: levels.collect() }).await.unwrap();
        import.put_grids(&grids).await.unwrap();
        import.commit().await.unwrap();
        let pool = database.pool().await;
        let region = Self { database, pool };
        region.run("select setseed(0.7)").await;
        for (table, columns, values, share) in [
            ("facility", "class, geom", "'school', at", 1),
            ("building", "class, geom", "'house', st_buffer(at, 0.0004, 2)", 2),
            ("resource", "collection, class, geom", "'land', 'field', st_expand(at, 0.003)", 2),
            ("person", "name, geom", "'某', at", 2),
        ] {
            region
                .run(&format!(
                    "insert into gewu.{table} (county, id, source, source_id, {columns}) \
                     select '000000', gen_random_uuid(), 's', n::text, {values} from ( \
                       select n, case when n % 5 = 0 then st_snaptogrid({at}, 0.005) else {at} end as at from generate_series(1, {}) n) p",
                    resources / share,
                    at = at(),
                ))
                .await;
        }
        region
    }

    pub(crate) async fn run(&self, statements: &str) -> u64 {
        let done = sqlx::raw_sql(AssertSqlSafe(statements)).execute(&self.pool).await;
        done.unwrap_or_else(|error| panic!("{statements}: {error}")).rows_affected()
    }

    pub(crate) async fn count(&self, statement: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&self.pool).await.unwrap()
    }

    /// Everything is where PostGIS says.
    pub(crate) async fn assert_settled(&self, after: &str) {
        for table in ["facility", "building", "resource", "person"] {
            let wrong = self.count(&WRONG.replace("{table}", table)).await;
            assert_eq!(wrong, 0, "in gewu.{table} after {after}");
        }
    }
}

/// SQL for a position by chance; every row has its own.
pub(crate) fn at() -> String {
    format!("st_setsrid(st_point({WEST} + random() * {REACH}, {SOUTH} + random() * {REACH}), 4490)")
}
