//! What PostGIS says of the sampled tiles: the witness that shares nothing with the program but the rows.

use std::collections::HashMap;

use gewu::geom::Tile;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::common::TestDatabase;
use crate::sample::Sampled;

/// The feature id of a row with the identity of a grid: its number.
pub(crate) fn grid_number(column: &str) -> String {
    format!("(select number from gewu.grid numbered where numbered.id = {column})")
}

/// The sampled tiles of one tileset (by their place in the sample) and the shapes that they may show, in the plane of the tiles.
pub(crate) struct Witness(PgConnection);

/// A shape as a tile draws it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Drawn {
    pub(crate) number: i32,
    pub(crate) id: i64,
    /// What `ST_AsMVTGeom` draws: area and perimeter in tile units, none when it draws nothing.
    pub(crate) area: Option<f64>,
    pub(crate) perimeter: Option<f64>,
    /// The area before rounding, when the shape is wholly inside the tile.
    pub(crate) exact: Option<f64>,
}

impl Witness {
    /// Tells PostGIS the tiles.
    async fn new(database: &TestDatabase, tiles: &[&Sampled]) -> Self {
        let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
        let numbers = |number: fn(Tile) -> u32| -> Vec<i32> {
            tiles.iter().map(|sampled| number(sampled.tile).try_into().unwrap()).collect()
        };
        sqlx::raw_sql(
            "set statement_timeout = 0;
             create temp table asked (number int, z int, unit float8, tile geometry, buffered geometry)",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        // In degrees, a zoom and its columns are those of a square of 360 degrees that hangs from the north pole, one zoom deeper.
        let bounds = match srid(tiles) {
            3857 => "",
            _ => ", bounds => st_makeenvelope(-180, -270, 180, 90, 4490)",
        };
        let ask = format!(
            "insert into asked
             select number - 1, z, (st_xmax(tile) - st_xmin(tile)) / 4096, tile, st_tileenvelope(z, x, y{bounds}, margin => 64.0 / 4096)
             from unnest($1::int[], $2::int[], $3::int[]) with ordinality as t (z, x, y, number),
                  st_tileenvelope(z, x, y{bounds}) as tile"
        );
        sqlx::query(AssertSqlSafe(ask))
            .bind(numbers(|tile| tile.detail().into()))
            .bind(numbers(Tile::x))
            .bind(numbers(Tile::y))
            .execute(&mut connection)
            .await
            .unwrap();
        Self(connection)
    }

    /// With the grids as shapes, each at the zooms of its level. Zoom 16 is the deepest of the tileset.
    pub(crate) async fn of_grids(database: &TestDatabase, tiles: &[&Sampled]) -> Self {
        let id = grid_number("grid_id");
        let shapes = format!(
            "select {id} as id, 'grid_' || level as layer, least(min_zoom, 16) as min_zoom, max_zoom,
                    st_transform(geom, {}) as geom
             from gewu.current_grid join gewu.level_scheme using (level)",
            srid(tiles)
        );
        Self::new(database, tiles).await.with_shapes(shapes).await
    }

    /// With the buildings near the tiles as shapes.
    pub(crate) async fn of_buildings(database: &TestDatabase, tiles: &[&Sampled]) -> Self {
        let shapes =
            "select b.number as id, 'buildings' as layer, 13 as min_zoom, 22 as max_zoom, st_transform(geom, 3857) as geom
             from gewu.building b where exists (
               select from asked where b.geom && st_expand(st_transform(buffered, 4490), 1e-3))";
        Self::new(database, tiles).await.with_shapes(shapes.to_owned()).await
    }

    async fn with_shapes(mut self, shapes: String) -> Self {
        let create = format!("create temp table shape as {shapes}");
        sqlx::query(AssertSqlSafe(create)).execute(&mut self.0).await.unwrap();
        sqlx::raw_sql("create index on shape using gist (geom); create index on shape (id); analyze shape; analyze asked")
            .execute(&mut self.0)
            .await
            .unwrap();
        self
    }

    /// The shapes that touch each tile or its buffer: tile, layer, feature id.
    pub(crate) async fn touching(&mut self) -> Vec<(i32, String, i64)> {
        sqlx::query_as(
            "select number, layer, id from asked join shape on st_intersects(geom, buffered)
             where z between min_zoom and max_zoom",
        )
        .fetch_all(&mut self.0)
        .await
        .unwrap()
    }

    /// Those of the pairs of tile and feature whose shape, inside the tile with its buffer, holds a disc of some radius
    /// in tile units.
    pub(crate) async fn holding_a_disc(&mut self, pairs: &[(i32, i64)], radius: f64) -> Vec<(i32, i64)> {
        let (numbers, ids) = unzip(pairs);
        sqlx::query_as(
            "select number, id from unnest($1::int[], $2::bigint[]) as pair (number, id)
             join asked using (number) join shape using (id)
             where not st_isempty(st_buffer(st_intersection(geom, buffered), -$3 * unit))",
        )
        .bind(numbers)
        .bind(ids)
        .bind(radius)
        .fetch_all(&mut self.0)
        .await
        .unwrap()
    }

    /// Those of the pairs of tile and feature whose shape is further than so many tile units from the tile with its buffer.
    pub(crate) async fn further_than(&mut self, pairs: &[(i32, i64)], distance: f64) -> Vec<(i32, i64)> {
        let (numbers, ids) = unzip(pairs);
        sqlx::query_as(
            "select number, id from unnest($1::int[], $2::bigint[]) as pair (number, id)
             join asked using (number) join shape using (id)
             where not st_dwithin(geom, buffered, $3 * unit)",
        )
        .bind(numbers)
        .bind(ids)
        .bind(distance)
        .fetch_all(&mut self.0)
        .await
        .unwrap()
    }

    /// How PostGIS draws pairs of tile and feature.
    pub(crate) async fn draw(&mut self, pairs: &[(i32, i64)]) -> Vec<Drawn> {
        let (numbers, ids) = unzip(pairs);
        sqlx::query_as(
            "with drawn as materialized (
               select number, id, st_asmvtgeom(geom, tile::box2d, 4096, 64, true) as drawn,
                      case when st_contains(tile, st_envelope(geom)) then st_area(geom) / unit ^ 2 end as exact
               from unnest($1::int[], $2::bigint[]) as pair (number, id)
               join asked using (number) join shape using (id))
             select number, id, st_area(drawn) as area, st_perimeter(drawn) as perimeter, exact from drawn",
        )
        .bind(numbers)
        .bind(ids)
        .fetch_all(&mut self.0)
        .await
        .unwrap()
    }
}

/// The plane of tiles.
fn srid(tiles: &[&Sampled]) -> i32 {
    match tiles[0].tile {
        Tile::WebMercator(_) => 3857,
        Tile::Geographic(_) => 4490,
    }
}

fn unzip(pairs: &[(i32, i64)]) -> (Vec<i32>, Vec<i64>) {
    pairs.iter().copied().unzip()
}

/// Where each facility near a tile lies: (place of the tile, feature id) > tile units from its north-western corner.
pub(crate) async fn facilities(
    database: &TestDatabase,
    tiles: &[&Sampled],
) -> HashMap<(i32, i64), (f64, f64)> {
    let mut witness = Witness::new(database, tiles).await;
    let near =
        "select asked.number, f.number, (st_x(at) - st_xmin(tile)) / unit, (st_ymax(tile) - st_y(at)) / unit
         from asked join gewu.facility f on f.geom && st_expand(st_transform(tile, 4490), 1e-3),
              st_transform(f.geom, 3857) as at";
    let rows: Vec<(i32, i64, f64, f64)> = sqlx::query_as(near).fetch_all(&mut witness.0).await.unwrap();
    rows.into_iter().map(|(number, id, x, y)| ((number, id), (x, y))).collect()
}

/// A row as JSON, without the columns that are null, by feature id.
pub(crate) async fn rows(
    database: &TestDatabase,
    table: &str,
    id: &str,
    columns: &str,
) -> HashMap<u64, serde_json::Value> {
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    let query = format!(
        "select {id}, (select jsonb_strip_nulls(to_jsonb(c)) from (select {columns}) c) from gewu.{table}"
    );
    let rows: Vec<(i64, serde_json::Value)> =
        sqlx::query_as(AssertSqlSafe(query)).fetch_all(&mut connection).await.unwrap();
    let count = rows.len();
    let by_id: HashMap<_, _> = rows.into_iter().map(|(id, row)| (id as u64, row)).collect();
    assert_eq!(by_id.len(), count, "feature ids of {table} are all different");
    by_id
}
