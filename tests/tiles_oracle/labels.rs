//! Every grid has its label once at a zoom, inside it.

use std::collections::{BTreeMap, HashMap};

use geo::Coord;
use gewu::geom::Tile;
use rayon::prelude::*;
use sqlx::{Connection, PgConnection};

use crate::common::{TestDatabase, sample_region};
use crate::region::{geographic_tiles, render, tiles};
use crate::rings::point;
use crate::sample::{decode, world};

/// A label: feature id and where it stands, in degrees.
type Label = (i64, f64, f64);

fn labels_of(tile: Tile, bytes: Vec<u8>) -> Vec<Label> {
    let mut layers = decode(bytes);
    let place = |feature| {
        let (x, y) = point(&feature);
        let at = tile.from_units(Coord { x: x.into(), y: y.into() }, 4096.0);
        (feature.id.unwrap() as i64, at.x, at.y)
    };
    layers.remove("grid_label").into_iter().flatten().map(place).collect()
}

/// The grids that have a label at a zoom, each with the distance in tile units of the label given for it: of a level, from
/// its first zoom for six zooms where the grid is divided further, to the end of the level where it is not.
async fn expected(database: &TestDatabase, z: u8, labels: &[Label]) -> HashMap<i64, Option<f64>> {
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    let ids: Vec<i64> = labels.iter().map(|label| label.0).collect();
    let lons: Vec<f64> = labels.iter().map(|label| label.1).collect();
    let lats: Vec<f64> = labels.iter().map(|label| label.2).collect();
    let rows: Vec<(i64, Option<f64>)> = sqlx::query_as(
        "with grid as (
           select i.number as id, geom
           from gewu.current_grid g join gewu.grid i on i.id = g.grid_id join gewu.level_scheme using (level)
           where $1 between least(min_zoom, 16) and max_zoom
             and ($1 < least(min_zoom, 16) + 6
                  or not exists (select from gewu.current_grid c where c.parent_county = g.county and c.parent_id = g.grid_id))
         )
         select id, st_distance(geom, st_setsrid(st_makepoint(lon, lat), 4490)) * 2 ^ $1 * 4096 / 360
         from grid left join unnest($2::bigint[], $3::float8[], $4::float8[]) as label (id, lon, lat) using (id)",
    )
    .bind(i32::from(z))
    .bind(ids)
    .bind(lons)
    .bind(lats)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_grid_of_the_region_has_its_label_in_exactly_one_tile_of_a_zoom_and_inside_its_border() {
    let database = sample_region().await;
    let world = world(&database).await;
    let mercator = (0..=16).map(|z| tiles(&world.atlas, z).into_iter().map(Tile::from).collect::<Vec<_>>());
    let geographic = [4, 7, 9, 11].map(|z| geographic_tiles(&world.atlas, z));
    for tiles in mercator.chain(geographic) {
        let z = tiles[0].detail();
        let labels: Vec<Label> = tiles
            .par_iter()
            .flat_map_iter(|tile| labels_of(*tile, render(&world.atlas, "grids", *tile)))
            .collect();
        let mut count: BTreeMap<i64, usize> = BTreeMap::new();
        labels.iter().for_each(|label| *count.entry(label.0).or_default() += 1);
        let expected = expected(&database, z, &labels).await;
        println!("{}: {} tiles, {} labels, {} expected", tiles[0], tiles.len(), labels.len(), expected.len());
        for (id, distance) in &expected {
            assert_eq!(count.get(id), Some(&1), "{id} at zoom {z}");
            assert!(distance.unwrap() <= 1.0, "{id} at zoom {z}: {distance:?} units off its grid");
        }
        assert_eq!(count.len(), expected.len(), "no label of a level that is not shown");
    }
}
