//! The service circle on real buildings and roads: those of Vaduz.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::model::{Relation, TableSource};
use gewu::query::{Coverage, CoverageQuestion, RoadNetwork, Withheld, coverage, coverage_by_road};
use sqlx::PgConnection;

use crate::common::{TestDatabase, database};
use crate::place::witness;

const ROADS: &[u8] = include_bytes!("../../data/liechtenstein/vaduz-roads.geojsonl.gz");
const BUILDINGS: &[u8] = include_bytes!("../../data/liechtenstein/vaduz-buildings.geojsonl.gz");

fn lines(packed: &[u8]) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// 64 grids over the town, its buildings in them, and a clinic in every two hundredth of these.
const GRIDS: &str = "
insert into gewu.level_scheme values (1, '格', 'cell');
insert into gewu.revision (kind, title) values ('other', 'test');
insert into gewu.grid select '999999', md5('g' || n)::uuid, 1 from generate_series(0, 63) n;
insert into gewu.grid_code select '999999', 's', '999999' || n, md5('g' || n)::uuid from generate_series(0, 63) n;
insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, name, geom)
  select '999999', md5('g' || n)::uuid, 1, '(,)', 's', '999999' || n, 1, 'cell', st_multi(st_makeenvelope(
    9.48 + n % 8 * 0.01, 47.10 + n / 8 * 0.01, 9.49 + n % 8 * 0.01, 47.11 + n / 8 * 0.01, 4490)) from generate_series(0, 63) n;";
const FILL: &str = "
insert into gewu.building (county, id, source, source_id, class, households, leaf_id, geom)
  select '999999', md5('b' || n)::uuid, 'osm', n, 'house', 1 + n % 3, md5('g' || x + 8 * y)::uuid, g
  from unnest($1::text[]) with ordinality as t (json, n), lateral (select st_setsrid(st_geomfromgeojson(json), 4490) as g) s,
    lateral (select floor((st_x(st_centroid(g)) - 9.48) * 100)::int as x, floor((st_y(st_centroid(g)) - 47.10) * 100)::int as y) p";
const CLINICS: &str = "
insert into gewu.facility (county, id, source, source_id, class, geom)
  select '999999', md5('f' || source_id)::uuid, 'test', source_id, 'clinic', st_centroid(geom)
  from gewu.building where source_id::int % 200 = 0";
const TABLE: &str = "create table public.roads as
  select n as gid, st_geomfromgeojson(json)::geometry(linestring, 4326) as geom from unnest($1::text[]) with ordinality as t (json, n)";

pub(crate) async fn vaduz() -> (TestDatabase, PgConnection, Atlas) {
    let database = database().await;
    let mut witness = witness(&database).await;
    sqlx::raw_sql(GRIDS).execute(&mut witness).await.unwrap();
    for (statement, packed) in [(FILL, BUILDINGS), (TABLE, ROADS)] {
        sqlx::query(statement).bind(lines(packed)).execute(&mut witness).await.unwrap();
    }
    sqlx::query(CLINICS).execute(&mut witness).await.unwrap();
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    assert_eq!((atlas.resources().building_count(), atlas.resources().facility_count()), (2_378, 11));
    (database, witness, atlas)
}

fn question(minutes: f64) -> CoverageQuestion {
    CoverageQuestion {
        classes: ["clinic".to_owned()].into(),
        minutes,
        speed_kmh: 6.0,
        level: None,
        within: None,
        limit: usize::MAX,
    }
}

/// How many more or fewer buildings are outside than may be, all leaves together. `metres`: code of the leaf, distance.
fn off(answer: &Coverage, metres: &[(String, f64)], radius_m: f64, same_m: f64) -> u32 {
    let mut expected: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (code, metres) in metres {
        let own = expected.entry(code).or_default();
        own.0 += u32::from(*metres > radius_m + same_m);
        own.1 += u32::from(*metres > radius_m - same_m);
    }
    let rows = answer.rows.iter().filter(|row| row.grid.is_some());
    rows.map(|row| {
        let (surely, perhaps) = expected.get(row.grid.as_ref().unwrap().code).copied().unwrap_or_default();
        let found = row.buildings.outside;
        found.saturating_sub(perhaps) + surely.saturating_sub(found)
    })
    .sum()
}

const STRAIGHT: &str = "
select g.code, min(st_distance(b.geom::geography, f.geom::geography))
from gewu.building b join gewu.current_grid g on g.grid_id = b.leaf_id cross join gewu.facility f group by g.code, b.id";

#[tokio::test(flavor = "multi_thread")]
async fn in_a_straight_line_the_buildings_outside_are_those_that_postgis_measures_to_be() {
    let (_database, mut witness, atlas) = vaduz().await;
    let metres: Vec<(String, f64)> = sqlx::query_as(STRAIGHT).fetch_all(&mut witness).await.unwrap();
    assert_eq!(metres.len(), 2_378);
    for minutes in [1.0, 4.0, 9.0] {
        let asked = question(minutes);
        let answer = coverage(&atlas, &Principal::open(), &Withheld::of(&atlas), &asked);
        let outside = answer.total.buildings.outside;
        assert!(outside > 20 && outside < 2_350, "{outside}: a test of both sides");
        assert_eq!(off(&answer, &metres, asked.radius_m(), 0.5), 0, "{minutes} minutes");
    }
}

/// A straight piece of road: its number, its ends, its length.
type Piece = (i64, String, String, f64);

const PIECES: &str = "
create table pieces as select row_number() over () as id, geom, st_transform(geom, 32632) as flat
  from (select (st_dumpsegments(geom)).geom from public.roads) s where st_length(geom) > 0;
create index on pieces using gist (flat)";
const ENDS: &str = "select id, st_astext(st_startpoint(geom)), st_astext(st_endpoint(geom)), st_length(geom::geography) from pieces";
/// Of a place: the nearest piece of road, how far along it, how far beside it.
const SNAPPED: &str = "
select code, id, st_linelocatepoint(flat, at), st_distance(
  st_transform(at, 4326)::geography, st_transform(st_closestpoint(flat, at), 4326)::geography)
from (select code, st_transform(place, 32632) as at from places) p
cross join lateral (select id, flat from pieces order by flat <-> at limit 1) n";
const PLACES: &str = "
create table places as
  select g.code, st_setsrid(st_centroid(st_envelope(b.geom)), 4326) as place from gewu.building b join gewu.current_grid g on g.grid_id = b.leaf_id
  union all select '', st_setsrid(geom, 4326) from gewu.facility";

/// How far everything is by road, by trying every piece again and again until nothing becomes nearer.
async fn by_road(witness: &mut PgConnection) -> Vec<(String, f64)> {
    for statement in [PIECES, PLACES] {
        sqlx::raw_sql(statement).execute(&mut *witness).await.unwrap();
    }
    let pieces: Vec<Piece> = sqlx::query_as(ENDS).fetch_all(&mut *witness).await.unwrap();
    let kept = long_ones(&pieces);
    sqlx::query("delete from pieces where id <> all ($1)").bind(&kept).execute(&mut *witness).await.unwrap();
    let pieces: BTreeMap<i64, Piece> =
        pieces.into_iter().filter(|piece| kept.contains(&piece.0)).map(|piece| (piece.0, piece)).collect();
    let snapped: Vec<(String, i64, f64, f64)> = sqlx::query_as(SNAPPED).fetch_all(witness).await.unwrap();
    let mut metres: BTreeMap<&str, f64> = BTreeMap::new();
    for (_, piece, share, beside) in snapped.iter().filter(|place| place.0.is_empty()) {
        let (_, from, to, length) = &pieces[piece];
        for (node, along) in [(from, share * length), (to, (1.0 - share) * length)] {
            let known = metres.entry(node).or_insert(f64::INFINITY);
            *known = known.min(beside + along);
        }
    }
    loop {
        let mut changed = false;
        for (_, from, to, length) in pieces.values() {
            for (a, b) in [(from, to), (to, from)] {
                let way = metres.get(a.as_str()).map_or(f64::INFINITY, |metres| metres + length);
                let known = metres.entry(b).or_insert(f64::INFINITY);
                if way < *known {
                    *known = way;
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    let services: Vec<_> = snapped.iter().filter(|place| place.0.is_empty()).collect();
    let distance = |(code, piece, share, beside): &(String, i64, f64, f64)| {
        let (_, from, to, length) = &pieces[piece];
        let by_ends =
            (metres[from.as_str()] + share * length).min(metres[to.as_str()] + (1.0 - share) * length);
        let same = services.iter().filter(|service| service.1 == *piece);
        let direct = same.map(|service| (service.2 - share).abs() * length + service.3);
        (code.clone(), beside + direct.fold(by_ends, f64::min))
    };
    snapped.iter().filter(|place| !place.0.is_empty()).map(distance).collect()
}

/// The pieces of road that belong to a kilometre and more, by giving everything the least label of its neighbours until nothing changes.
fn long_ones(pieces: &[Piece]) -> Vec<i64> {
    let mut labels: BTreeMap<&str, i64> = BTreeMap::new();
    loop {
        let mut changed = false;
        for (id, from, to, _) in pieces {
            let own =
                |labels: &BTreeMap<&str, i64>, node: &str| labels.get(node).copied().unwrap_or(i64::MAX);
            let least = own(&labels, from).min(own(&labels, to)).min(*id);
            for node in [from, to] {
                changed |= labels.insert(node, least) != Some(least);
            }
        }
        if !changed {
            break;
        }
    }
    let mut lengths: BTreeMap<i64, f64> = BTreeMap::new();
    pieces
        .iter()
        .for_each(|(_, from, _, length)| *lengths.entry(labels[from.as_str()]).or_default() += length);
    let kept = pieces.iter().filter(|(_, from, ..)| lengths[&labels[from.as_str()]] >= 1_000.0);
    kept.map(|piece| piece.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_road_the_buildings_outside_are_those_that_trying_every_way_finds() {
    let (database, mut witness, atlas) = vaduz().await;
    let source = TableSource {
        relation: Relation { schema: "public".into(), name: "roads".into() },
        geometry: None,
        feature_id: None,
        only: std::collections::BTreeMap::new(),
        columns: Vec::new(),
        time_limit: std::time::Duration::from_secs(5),
        max_features: 1,
    };
    let table = database.store.inspect_table(&source).await.unwrap();
    let network = RoadNetwork::new(&database.store.table_lines(&table).await.unwrap());
    let metres = by_road(&mut witness).await;
    assert_eq!(metres.len(), 2_378);
    for minutes in [3.0, 7.0, 12.0] {
        let asked = question(minutes);
        let answer = coverage_by_road(&atlas, &Principal::open(), &Withheld::of(&atlas), &asked, &network);
        let straight = coverage(&atlas, &Principal::open(), &Withheld::of(&atlas), &asked);
        let (by_road, by_air) = (answer.total.buildings.outside, straight.total.buildings.outside);
        println!("{minutes} minutes: {by_road} of 2378 outside by road, {by_air} in a straight line");
        assert!(by_road > by_air && by_road > 50 && by_road < 2_330, "{by_road} {by_air}");
        // Where two roads are equally near, each may be taken.
        assert!(off(&answer, &metres, asked.radius_m(), 1.0) <= 3, "{minutes} minutes");
    }
}
