//! What is in the tiles of tables is what PostGIS says that lies there.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, Geometry};
use sqlx::Row;

use crate::place::{Feature, Place, tileset};

/// Roads about Dali: lines of ten vertices, some longer than a tile, some shorter than a unit.
const ROADS: &str = "select setseed(0.4); create table public.roads (gid int primary key, name text, lanes smallint, width numeric(5,2), \
    toll boolean, built date, geom geometry(linestring, 4326)); \
    insert into roads select n, case when n % 7 > 0 then '道路' || n end, n % 5, n / 8.0, n % 2 = 0, '2020-01-01'::date + n, \
    st_makeline(array(select st_setsrid(st_makepoint(100 + random() * 0.5 + k * random() * 0.03, 25.3 + random() * 0.5), 4326) \
      from generate_series(0, 9) k where n = n)) from generate_series(1, 300) n; \
    create index on roads using gist (geom); analyze roads";

/// The tiles of a zoom that an envelope in degrees touches.
fn tiles(z: u8, [west, south, east, north]: [f64; 4]) -> Vec<(u8, u32, u32)> {
    let (a, b) = (geo::Coord { x: west, y: south }, geo::Coord { x: east, y: north });
    let range = gewu::geom::TileRange::covering(geo::Rect::new(a, b), z).unwrap();
    range.tiles().map(|tile| (tile.z(), tile.x(), tile.y())).collect()
}

/// A query about the geometry `g` of each row of a table in the units of a tile: y grows southwards.
fn in_units(table: &str, (z, x, y): (u8, u32, u32), what: &str, buffer: f64) -> String {
    let tile = format!("st_tileenvelope({z}, {x}, {y})");
    let share = buffer / 4096.0;
    format!(
        "with b as (select {tile} as t, st_tileenvelope({z}, {x}, {y}, margin => {share}) as r, 4096 / (st_xmax({tile}) - st_xmin({tile})) as s), \
         m as (select {table}.*, st_intersection(st_transform(geom, 3857), r) as c, t, s from {table}, b \
           where st_intersects(st_transform(geom, 3857), r)) \
         select {what} from (select m.*, st_affine(c, s, 0, 0, -s, -st_xmin(t) * s, st_ymax(t) * s) as g from m) u"
    )
}

fn well_known(line: &Geometry<f32>) -> String {
    let part = |line: &geo::LineString<f32>| {
        let vertices: Vec<_> = line.coords().map(|at| format!("{} {}", at.x, at.y)).collect();
        format!("({})", vertices.join(","))
    };
    match line {
        Geometry::LineString(line) => format!("multilinestring({})", part(line)),
        Geometry::MultiLineString(lines) => {
            format!("multilinestring({})", lines.iter().map(part).collect::<Vec<_>>().join(","))
        }
        other => panic!("{other:?}"),
    }
}

/// Is what is drawn of a road nowhere further than rounding from the road, and what of the road lies well in the tile from what is drawn? A
/// road that grazes the buffer may leave it sooner or later.
fn is_near(gid: i64, (z, x, y): (u8, u32, u32), drawn: &str) -> String {
    let tile = format!("st_tileenvelope({z}, {x}, {y})");
    format!(
        "select (st_covers(st_buffer(whole, 1.5), drawn) and (st_isempty(inner_part) or st_covers(st_buffer(drawn, 1.5), inner_part)))::int::float8 \
         from (select *, st_intersection(whole, st_makeenvelope(-60, -60, 4156, 4156)) as inner_part \
         from (select st_affine(st_setsrid(st_transform(geom, 3857), 0), s, 0, 0, -s, -st_xmin(t) * s, st_ymax(t) * s) as whole, '{drawn}'::geometry as drawn \
           from public.roads, (select {tile} as t, 4096 / (st_xmax({tile}) - st_xmin({tile})) as s) b where gid = {gid}) g) i"
    )
}

#[test]
fn a_table_of_roads_gives_the_lines_and_attributes_that_postgis_finds_in_each_tile() {
    let fields =
        "feature_id = 'gid'\n[layer.fields]\nname = 'n'\nlanes = 'l'\nwidth = 'w'\ntoll = 't'\nbuilt = 'b'";
    let place = Place::new(ROADS, &[tileset("roads", "public.roads", fields)]);
    let mut compared = 0;
    for tile in [9, 11, 13].into_iter().flat_map(|z| tiles(z, [100.2, 25.5, 100.3, 25.6])) {
        let found: BTreeMap<u64, Feature> =
            place.features("roads", "roads", tile).into_iter().map(|f| (f.id.unwrap(), f)).collect();
        let what = "gid::int8, st_length(g), name, lanes::text, width::float8::text, toll::text, built::text";
        let expected = place.rows(&in_units("public.roads", tile, what, 64.0));
        let mut seen = BTreeSet::new();
        for row in &expected {
            let (gid, length): (i64, f64) = (row.get(0), row.get(1));
            let Some(feature) = found.get(&(gid as u64)) else {
                assert!(length < 2.0, "{tile:?}: the road {gid}, {length} units long, is missing");
                continue;
            };
            seen.insert(gid as u64);
            assert!(
                place.number(&is_near(gid, tile, &well_known(&feature.geometry))) == 1.0,
                "{tile:?}: road {gid}"
            );
            let attributes: BTreeMap<String, String> = ["name", "lanes", "width", "toll", "built"]
                .into_iter()
                .enumerate()
                .filter_map(|(at, key)| Some((key.to_owned(), row.get::<Option<String>, _>(at + 2)?)))
                .collect();
            assert_eq!(feature.properties, attributes, "{tile:?}: road {gid}");
            compared += 1;
        }
        assert_eq!(found.keys().copied().collect::<BTreeSet<_>>(), seen, "{tile:?}: nothing else");
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn a_view_of_points_shows_each_point_in_exactly_one_tile_at_each_zoom() {
    // Some on the borders of tiles of many zooms, some within half a unit of one, one with two places.
    let preparation = "create table public.spots (id uuid primary key default gen_random_uuid(), place text, at geometry(point, 3857)); \
        insert into spots (place, at) select 'border ' || n, st_setsrid(st_makepoint(n * 20037508.342789244 / 512, n * 20037508.342789244 / 1024), 3857) \
          from generate_series(-40, 40) n; \
        insert into spots (place, at) select 'near ' || n, st_setsrid(st_makepoint(n * 0.37, n * 0.41), 3857) from generate_series(-200, 200) n; \
        create view public.places as select id, place, st_multi(at)::geometry(multipoint, 3857) as both from spots \
          union all select '00000000-0000-4000-8000-0000000007ff'::uuid, 'two', \
            st_setsrid('multipoint(-5000000 5000000, 5000000 -5000000)'::geometry, 3857)";
    let place = Place::new(
        preparation,
        &[tileset("places", "public.places", "feature_id = 'id'\n[layer.fields]\nplace = 'p'")],
    );
    for z in [1, 3, 6] {
        let mut seen: BTreeMap<(u64, String), usize> = BTreeMap::new();
        for tile in tiles(z, [-179.0, -80.0, 179.0, 80.0]) {
            for feature in place.features("places", "places", tile) {
                let points: Vec<geo::Point<f32>> = match feature.geometry {
                    Geometry::Point(point) => vec![point],
                    Geometry::MultiPoint(points) => points.0,
                    other => panic!("{other:?}"),
                };
                for point in &points {
                    assert!(
                        (0.0..4096.0).contains(&point.x()) && (0.0..4096.0).contains(&point.y()),
                        "{point:?}"
                    );
                }
                *seen.entry((feature.id.unwrap(), feature.properties["place"].clone())).or_default() +=
                    points.len();
            }
        }
        assert_eq!(seen.len(), 81 + 401 + 1, "zoom {z}");
        for ((_, name), count) in &seen {
            assert_eq!(*count, if name == "two" { 2 } else { 1 }, "{name} at zoom {z}");
        }
        assert!(seen.contains_key(&(0x7ff, "two".to_owned())), "the low 53 bits of the UUID");
    }
}

#[test]
fn polygons_in_gauss_kruger_agree_in_area_with_postgis_at_every_zoom_and_come_by_the_spatial_index() {
    // EPSG:4549 has its middle at 120° east: 20,000 fields of 80 m in Zhejiang, with lanes between them, and one estate of 100 km.
    let preparation = "create table public.fields (id int primary key, geom geometry(polygon, 4549)); \
        insert into fields select n, st_makeenvelope(e, s, e + 80, s + 80, 4549) from generate_series(0, 19999) n, \
          lateral (select 520000 + n % 200 * 100 as e, 3350000 + n / 200 * 100 as s) o; \
        insert into fields values (20000, st_makeenvelope(550000, 3300000, 650000, 3400000, 4549)); \
        create index fields_geom on fields using gist (geom); analyze fields";
    let place = Place::new(preparation, &[tileset("fields", "public.fields", "feature_id = 'id'")]);
    let [west, south]: [f64; 2] = [0, 1].map(|at| {
        let corner = "st_transform(st_setsrid(st_makepoint(525000, 3355000), 4549), 4326)";
        place.number(&format!("select {}({corner})", ["st_x", "st_y"][at]))
    });
    let agrees = |tile: (u8, u32, u32), which: &str, is_counted: fn(u64) -> bool| {
        let features = place.features("fields", "fields", tile).into_iter();
        let drawn: f32 =
            features.filter(|f| is_counted(f.id.unwrap())).map(|f| f.geometry.unsigned_area()).sum();
        let what =
            format!("sum(st_area(g)) filter (where {which}), sum(st_perimeter(g)) filter (where {which})");
        let expected = place.rows(&in_units("public.fields", tile, &what, 64.0));
        let (area, perimeter): (f64, f64) = (expected[0].get(0), expected[0].get(1));
        // Rounding moves each side by half a unit at most.
        assert!((f64::from(drawn) - area).abs() < 0.5 * perimeter + 1.0, "{tile:?}: {drawn} for {area}");
        assert!(area > 4_000.0, "{tile:?}: {area}");
    };
    [13, 15, 17].into_iter().for_each(|z| agrees(tiles(z, [west, south, west, south])[0], "true", |_| true));
    // Where the window is too broad to be brought to the system of the table; fields are smaller than a tile unit there.
    let estate = [121.0, 30.3, 121.0, 30.3];
    [3, 4, 5, 6].into_iter().for_each(|z| agrees(tiles(z, estate)[0], "id = 20000", |id| id == 20_000));
    assert_eq!(place.get("/tiles/fields/12/800/1500").status, 204, "on the other side of the earth");
    let scans = "select coalesce(sum(idx_scan), 0)::float8 from pg_stat_user_indexes where indexrelname = 'fields_geom'";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while place.number(scans) < 2.0 {
        assert!(std::time::Instant::now() < deadline, "the spatial index is not used");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[test]
fn curves_collections_and_geometries_of_no_declared_kind_are_drawn_and_empty_ones_are_not() {
    let preparation = "create table public.odd (id bigint, geom geometry); insert into odd values \
        (1, st_geomfromtext('circularstring(0 0, 1000000 1000000, 2000000 0)', 3857)), \
        (2, st_geomfromtext('point z (500000 500000 7)', 3857)), \
        (3, st_geomfromtext('geometrycollection(point(1 1), polygon((0 0, 900000 0, 900000 900000, 0 0)))', 3857)), \
        (4, st_geomfromtext('polygon empty', 3857)), (5, null), (-1, st_geomfromtext('point(700000 700000)', 3857))";
    let place = Place::new(preparation, &[tileset("odd", "public.odd", "feature_id = 'id'")]);
    let ids: BTreeSet<u64> = place.features("odd", "odd", (1, 1, 0)).iter().map(|f| f.id.unwrap()).collect();
    assert_eq!(ids, BTreeSet::from([1, 2, 3, (1 << 53) - 1]));
}

#[test]
fn in_degrees_too_a_point_is_in_exactly_one_tile_and_polygons_agree_with_postgis() {
    let preparation = "create table public.spots (id int, geom geometry(point, 4490)); \
        insert into spots select n, st_setsrid(st_makepoint(n * 180.0 / 64, n * 90.0 / 64), 4490) from generate_series(-63, 63) n; \
        create table public.fields (id int, geom geometry(polygon, 4549)); \
        insert into fields select n, st_makeenvelope(500000 + n * 3000, 3300000, 502000 + n * 3000, 3302000, 4549) from generate_series(0, 30) n";
    let place = Place::new(
        preparation,
        &[
            tileset("spots", "public.spots", "feature_id = 'id'"),
            tileset("fields", "public.fields", "feature_id = 'id'"),
        ],
    );
    let features = |id: &str, set: &str, z: u8, row: u32, column: u32| {
        let answer = place.get(&format!("/collections/{id}/tiles/{set}/{z}/{row}/{column}"));
        assert!([200, 204].contains(&answer.status), "{}", answer.text());
        if answer.status == 204 { Vec::new() } else { crate::place::decoded(answer.body, id) }
    };
    for set in ["WorldCRS84Quad", "CGCS2000Quad"] {
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        let all = (0..8).flat_map(|row| (0..16).map(move |column| (row, column)));
        for feature in all.flat_map(|(row, column)| features("spots", set, 3, row, column)) {
            *seen.entry(feature.id.unwrap()).or_default() += 1;
        }
        assert_eq!(seen.len(), 127, "{set}");
        assert!(seen.values().all(|count| *count == 1), "{set}: {seen:?}");
    }
    // Tiles of 180° / 2¹⁰ and of 180° / 2³: one by the spatial filter in metres, one row by row.
    for z in [10_u8, 3] {
        let side = 180.0 / f64::from(1_u32 << z);
        let (column, row) = (((120.1 + 180.0) / side) as u32, ((90.0 - 29.82) / side) as u32);
        let drawn: f32 = features("fields", "CGCS2000Quad", z, row, column)
            .iter()
            .map(|f| f.geometry.unsigned_area())
            .sum();
        let [west, north] = [f64::from(column) * side - 180.0, 90.0 - f64::from(row) * side];
        let margin = side / 64.0;
        let window = format!(
            "st_makeenvelope({}, {}, {}, {}, 4326)",
            west - margin,
            north - side - margin,
            west + side + margin,
            north + margin
        );
        let what = format!(
            "select sum(st_area(st_intersection(st_transform(geom, 4326), {window}))) from public.fields"
        );
        let area = place.number(&what) * (4096.0 / side).powi(2);
        let perimeters = area.sqrt() * 4.0 * 31_f64.sqrt();
        assert!(
            area > 50.0 && (f64::from(drawn) - area).abs() < 0.5 * perimeters + 31.0,
            "zoom {z}: {drawn} for {area}"
        );
    }
}
