//! Generated filters over the sample region: a filtered tile holds those of its features that hand-made SQL finds, and no others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gewu::geom::Tile;
use gewu::model::GridId;
use gewu::tiles::Asked;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::common::{TestDatabase, sample_region};
use crate::postgis::grid_number;
use crate::region::{asked, render_asked};
use crate::sample::{Layers, Sampled, decode, world};

/// How many filters of each tileset, and how many tiles each is held against.
const FILTERS: usize = 500;
const TILES: usize = 6;

/// A filter in CQL2, and the same in SQL.
type Pair = (String, String);

/// What is written of one kind of feature.
struct Table {
    tileset: &'static str,
    from: &'static str,
    /// The feature id of a row.
    id: fn() -> String,
    /// Name in CQL2, expression in SQL, values from the data.
    texts: &'static [(&'static str, &'static str, &'static [&'static str])],
    numbers: &'static [(&'static str, &'static str, f64)],
    truths: &'static [&'static str],
}

const GRIDS: Table = Table {
    tileset: "grids",
    from: "gewu.current_grid",
    id: || grid_number("grid_id"),
    texts: &[
        ("code", "code", &["5329", "532901", "532923105", "5329%", "%001", "53292_%", "532932201003"]),
        ("name", "name", &["大理市", "%社区%", "%镇", "祥云县", "%第%", "___", "%第_网格"]),
        ("kind", "kind", &["base", "dedicated", "micro", "%e%"]),
    ],
    numbers: &[("level", "level", 4.0), ("households", "households", 350.0)],
    truths: &["invented"],
};
const BUILDINGS: Table = Table {
    tileset: "buildings",
    from: "gewu.building",
    id: || "number".to_owned(),
    texts: &[
        ("class", "class", &["residential", "%i%", "school", "commercial"]),
        ("name", "name", &["%楼", "%1%", "a"]),
    ],
    // A single-precision number is the decimal that it was given as.
    numbers: &[
        ("height_m", "(height_m::text::float8)", 12.3),
        ("floors", "floors", 3.0),
        ("households", "households", 6.0),
    ],
    truths: &[],
};
const FACILITIES: Table = Table {
    tileset: "facilities",
    from: "gewu.facility",
    id: || "number".to_owned(),
    texts: &[
        ("class", "class", &["school", "hydrant", "%o%", "clinic", "_______"]),
        ("name", "name", &["%校%", "%1", "%站", "%第_%"]),
    ],
    numbers: &[],
    truths: &[],
};

struct Writer<'a> {
    random: ChaCha8Rng,
    table: &'a Table,
    /// Places in the region to draw boxes and triangles around, degrees.
    middle: [f64; 2],
}

impl Writer<'_> {
    fn condition(&mut self, depth: usize) -> Pair {
        if depth == 0 || self.random.random_bool(0.4) {
            return self.leaf();
        }
        match self.random.random_range(0..3) {
            0 => {
                let (cql, sql) = self.condition(depth - 1);
                (format!("NOT ({cql})"), format!("(not {sql})"))
            }
            number => {
                let word = ["and", "or"][number - 1];
                let parts: Vec<_> =
                    (0..self.random.random_range(2..4)).map(|_| self.condition(depth - 1)).collect();
                let joined = |which: fn(&Pair) -> &str| {
                    parts.iter().map(which).collect::<Vec<_>>().join(&format!(" {word} "))
                };
                (format!("({})", joined(|pair| &pair.0)), format!("({})", joined(|pair| &pair.1)))
            }
        }
    }

    fn leaf(&mut self) -> Pair {
        match self.random.random_range(0..10) {
            0..=2 => self.of_text(),
            3..=5 if !self.table.numbers.is_empty() => self.of_number(),
            6 if !self.table.truths.is_empty() => {
                let name = self.table.truths.choose(&mut self.random).unwrap();
                (format!("{name} = TRUE"), (*name).to_owned())
            }
            7 => {
                let (name, column, _) = self.table.texts.choose(&mut self.random).unwrap();
                (format!("{name} IS NULL"), format!("({column} is null)"))
            }
            8 | 9 => self.of_space(),
            _ => self.of_text(),
        }
    }

    fn of_text(&mut self) -> Pair {
        let (name, column, values) = self.table.texts.choose(&mut self.random).unwrap();
        let column = format!("{column} collate \"C\"");
        let value = *values.choose(&mut self.random).unwrap();
        let other = *values.choose(&mut self.random).unwrap();
        match self.random.random_range(0..5) {
            0 => (format!("{name} = '{value}'"), format!("({column} = '{value}')")),
            1 => (format!("{name} < '{value}'"), format!("({column} < '{value}')")),
            2 => {
                (format!("{name} IN ('{value}', '{other}')"), format!("({column} in ('{value}', '{other}'))"))
            }
            3 => {
                let upper = value.to_uppercase();
                (
                    format!("CASEI({name}) LIKE CASEI('{upper}')"),
                    format!("(lower({column}) like lower('{upper}'))"),
                )
            }
            _ => (format!("{name} LIKE '{value}'"), format!("({column} like '{value}')")),
        }
    }

    fn of_number(&mut self) -> Pair {
        let (name, column, around) = *self.table.numbers.choose(&mut self.random).unwrap();
        let value = self.random.random_range(0..=20) as f64 * around / 10.0;
        let more = value + around;
        let operator = *["=", "<>", "<", "<=", ">", ">="].choose(&mut self.random).unwrap();
        match self.random.random_range(0..5) {
            0 => (format!("{name} {operator} {value}"), format!("({column} {operator} {value})")),
            1 => (
                format!("{name} BETWEEN {value} AND {more}"),
                format!("({column} between {value} and {more})"),
            ),
            2 => (
                format!("{name} * 2 - 1 {operator} {value} + {more}"),
                format!("({column} * 2 - 1 {operator} {value} + {more})"),
            ),
            3 => (format!("{name} IS NOT NULL"), format!("({column} is not null)")),
            _ => {
                let rounded = value.round();
                (
                    format!("({name} IN ({rounded}, {around}) OR {name} / 2 = {rounded})"),
                    format!("({column} in ({rounded}, {around}) or {column}::float8 / 2 = {rounded})"),
                )
            }
        }
    }

    fn of_space(&mut self) -> Pair {
        let mut place = |wide: f64| {
            let at = self.middle;
            [at[0] + self.random.random_range(-wide..wide), at[1] + self.random.random_range(-wide..wide)]
        };
        let [west, south] = place(0.8);
        let side = 0.02 + (place(0.8)[0] - self.middle[0]).abs();
        let (east, north) = (west + side, south + side);
        let (shape, box_) = match (place(1.0)[0] > self.middle[0], place(1.0)[1] > self.middle[1]) {
            (true, true) => {
                let triangle =
                    format!("POLYGON(({west} {south}, {east} {south}, {west} {north}, {west} {south}))");
                (triangle.clone(), format!("st_geomfromtext('{triangle}', 4490)"))
            }
            (true, false) => {
                let line = format!("LINESTRING({west} {south}, {east} {north})");
                (line.clone(), format!("st_geomfromtext('{line}', 4490)"))
            }
            _ => (
                format!("BBOX({west}, {south}, {east}, {north})"),
                format!("st_makeenvelope({west}, {south}, {east}, {north}, 4490)"),
            ),
        };
        let relations = ["INTERSECTS", "DISJOINT", "WITHIN", "CONTAINS", "TOUCHES", "OVERLAPS", "CROSSES"];
        let relation = *relations.choose(&mut self.random).unwrap();
        let sql = relation.to_lowercase();
        match self.random.random_bool(0.3) && ["INTERSECTS", "DISJOINT"].contains(&relation) {
            true => (format!("S_{relation}({shape}, geometry)"), format!("st_{sql}({box_}, geom)")),
            false => (format!("S_{relation}(geometry, {shape})"), format!("st_{sql}(geom, {box_})")),
        }
    }
}

/// The feature ids of each layer.
fn ids(layers: &Layers) -> BTreeMap<String, BTreeSet<u64>> {
    let of =
        |features: &Vec<mvt_reader::feature::Feature<i32>>| features.iter().map(|f| f.id.unwrap()).collect();
    let all = layers.iter().map(|(name, features)| (name.clone(), of(features)));
    all.filter(|(_, ids): &(String, BTreeSet<u64>)| !ids.is_empty()).collect()
}

/// Tiles of which something can be kept back: those with the most features, some of each zoom.
fn full<'a>(tiles: impl Iterator<Item = &'a Sampled>) -> Vec<&'a Sampled> {
    let mut by_zoom: BTreeMap<u8, Vec<&Sampled>> = BTreeMap::new();
    tiles.for_each(|sampled| by_zoom.entry(sampled.tile.z()).or_default().push(sampled));
    let count = |sampled: &&Sampled| sampled.layers.values().map(Vec::len).sum::<usize>();
    by_zoom.values_mut().for_each(|tiles| tiles.sort_by_key(|sampled| std::cmp::Reverse(count(sampled))));
    let mut best: Vec<_> = by_zoom.into_values().flat_map(|tiles| tiles.into_iter().take(3)).collect();
    best.sort_by_key(|sampled| std::cmp::Reverse(count(sampled)));
    best.truncate(TILES);
    best
}

async fn assert_as_sql_says(database: &TestDatabase, table: &Table, seed: u64) {
    let world = world(database).await;
    let tiles = full(world.of(table.tileset));
    let bounds = world.atlas.grids().bounds().unwrap();
    let middle = [0, 1].map(|axis| (bounds.min[axis] + bounds.max[axis]) / 2.0);
    let mut writer = Writer { random: ChaCha8Rng::seed_from_u64(seed), table, middle };
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    let (mut passed, mut kept_back, mut telling) = (0, 0, 0);
    for _ in 0..FILTERS {
        let (cql, sql) = writer.condition(3);
        let query = format!("select {} from {} where {sql}", (table.id)(), table.from);
        let found: Vec<i64> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut connection).await.unwrap();
        let found: BTreeSet<u64> = found.into_iter().map(|id| id as u64).collect();
        let before = (passed, kept_back);
        let shown: Vec<_> = tiles
            .par_iter()
            .map(|sampled| render_asked(&world.atlas, table.tileset, &asked(&cql), sampled.tile))
            .collect();
        for (sampled, tile) in tiles.iter().zip(shown) {
            let all = ids(&sampled.layers);
            let mut expected = all.clone();
            expected.values_mut().for_each(|features| features.retain(|id| found.contains(id)));
            let count =
                |layers: &BTreeMap<String, BTreeSet<u64>>| layers.values().map(BTreeSet::len).sum::<usize>();
            passed += count(&expected);
            kept_back += count(&all) - count(&expected);
            expected.retain(|_, features| !features.is_empty());
            assert_eq!(ids(&decode(tile)), expected, "{} {cql} {sql}", sampled.tile);
        }
        telling += usize::from(passed > before.0 && kept_back > before.1);
    }
    println!(
        "{}: {FILTERS} filters over {} tiles, {passed} features passed, {kept_back} did not; {telling} filters told some from others",
        table.tileset,
        tiles.len()
    );
    assert!(telling * 4 > FILTERS, "{telling}");
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_filters_find_the_grids_that_sql_finds() {
    assert_as_sql_says(&sample_region().await, &GRIDS, 4_490).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_filters_find_the_buildings_that_sql_finds() {
    assert_as_sql_says(&sample_region().await, &BUILDINGS, 4_491).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_filters_find_the_facilities_that_sql_finds() {
    let database = sample_region().await;
    assert_as_sql_says(&database, &FACILITIES, 4_492).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_within_a_grid_is_what_sql_finds_by_parents_and_leaves() {
    let database = sample_region().await;
    let world = world(&database).await;
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(4_493);
    let all: Vec<_> = world.atlas.grids().all().collect();
    let mut tops: Vec<GridId> = all[..20].iter().map(|grid| world.atlas.grids().id(*grid)).collect();
    tops.extend((0..20).map(|_| world.atlas.grids().id(*all.choose(&mut random).unwrap())));
    let mut found_in: HashMap<&str, usize> = HashMap::new();
    for top in tops {
        let query = format!(
            "with recursive below as (
               select grid_id from gewu.current_grid where grid_id = $1
               union all select g.grid_id from gewu.current_grid g join below on g.parent_id = below.grid_id)
             select {} from below
             union all select number from gewu.building join below on leaf_id = grid_id
             union all select number from gewu.facility join below on leaf_id = grid_id",
            grid_number("grid_id")
        );
        let found: Vec<i64> =
            sqlx::query_scalar(AssertSqlSafe(query)).bind(top.0).fetch_all(&mut connection).await.unwrap();
        let found: BTreeSet<u64> = found.into_iter().map(|id| id as u64).collect();
        let within = Asked { within: Some(top), ..Asked::default() };
        for tileset in ["grids", "buildings", "facilities"] {
            for sampled in full(world.of(tileset)) {
                let mut expected = ids(&sampled.layers);
                expected.values_mut().for_each(|features| features.retain(|id| found.contains(id)));
                expected.retain(|_, features| !features.is_empty());
                let tile: Tile = sampled.tile;
                let decoded = ids(&decode(render_asked(&world.atlas, tileset, &within, tile)));
                assert_eq!(decoded, expected, "{tileset} {tile} {top:?}");
                *found_in.entry(tileset).or_default() += expected.values().map(BTreeSet::len).sum::<usize>();
            }
        }
    }
    println!("{found_in:?}");
    assert!(found_in.values().all(|count| *count > 500), "{found_in:?}");
}
