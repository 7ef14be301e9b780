//! Filters made by chance give the same features as SQL made by hand, from the atlas and from tables alike.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::AssertSqlSafe;

use crate::support::{ids, pages, query, region};

/// What can be asked of a collection, in CQL2 and in SQL.
struct Grammar {
    numbers: &'static [(&'static str, &'static str, f64, f64)],
    texts: &'static [(&'static str, &'static str, &'static [&'static str])],
    truths: &'static [(&'static str, &'static str)],
    geometry: &'static str,
}

const GRIDS: Grammar = Grammar {
    numbers: &[("level", "g.level", 1.0, 6.0), ("households", "g.households", 0.0, 600.0)],
    texts: &[
        ("code", "g.code", &["5329", "532901", "53290100300600205", "5329%1_0%", "%05"]),
        ("name", "g.name", &["大理市", "%社区%", "%网格", "下关%", "_", "第%"]),
        ("kind", "g.kind", &["base", "micro", "dedicated"]),
        ("parent", "p.code", &["5329", "532901%", "53290100%"]),
    ],
    truths: &[(
        "leaf",
        "(not exists (select from gewu.grid_version c where c.parent_id = g.grid_id and c.valid @> now()))",
    )],
    geometry: "g.geom",
};
const BUILDINGS: Grammar = Grammar {
    numbers: &[
        ("height_m", "t.height_m::text::float8", 0.0, 60.0),
        ("floors", "t.floors", 0.0, 20.0),
        ("households", "t.households", 0.0, 80.0),
    ],
    texts: &[
        ("class", "t.class", &["residential", "school", "%al", "com%", "_____"]),
        ("name", "t.name", &["%小区%", "%1%", "大理%", ""]),
        ("source_id", "t.source_id", &["B00%", "%7", "B000123"]),
    ],
    truths: &[("invented", "t.invented")],
    geometry: "t.geom",
};

impl Grammar {
    fn condition(&self, random: &mut ChaCha8Rng, depth: u32) -> (String, String) {
        if depth == 0 || random.random_bool(0.3) {
            return self.atom(random);
        }
        let (cql, sql) = self.condition(random, depth - 1);
        match random.random_range(0..5) {
            0 => (format!("NOT ({cql})"), format!("(not {sql})")),
            which => {
                let (other, other_sql) = self.condition(random, depth - 1);
                let word = if which < 3 { "AND" } else { "OR" };
                (format!("({cql}) {word} ({other})"), format!("({sql} {word} {other_sql})"))
            }
        }
    }

    fn atom(&self, random: &mut ChaCha8Rng) -> (String, String) {
        match random.random_range(0..10) {
            0..=3 => self.number(random),
            4..=6 => self.text(random),
            7 => {
                let (cql, sql) = self.truths[random.random_range(0..self.truths.len())];
                (cql.to_owned(), sql.to_owned())
            }
            _ => self.place(random),
        }
    }

    fn number(&self, random: &mut ChaCha8Rng) -> (String, String) {
        let (cql, sql, low, high) = self.numbers[random.random_range(0..self.numbers.len())];
        let value = |random: &mut ChaCha8Rng| f64::from(random.random_range(low as i32..=high as i32));
        let (one, other) = (value(random), value(random));
        match random.random_range(0..5) {
            0 => (format!("{cql} BETWEEN {one} AND {other}"), format!("({sql} between {one} and {other})")),
            1 => (format!("{cql} IN ({one}, {other})"), format!("({sql} in ({one}, {other}))")),
            2 => (format!("{cql} IS NULL"), format!("({sql} is null)")),
            3 => (format!("{cql} * 2 - 1 > {one} + {other}"), format!("({sql} * 2 - 1 > {one} + {other})")),
            _ => {
                let sign = ["=", "<>", "<", "<=", ">", ">="][random.random_range(0..6)];
                (format!("{cql} {sign} {one}"), format!("({sql} {sign} {one})"))
            }
        }
    }

    fn text(&self, random: &mut ChaCha8Rng) -> (String, String) {
        let (cql, sql, samples) = self.texts[random.random_range(0..self.texts.len())];
        let sample = samples[random.random_range(0..samples.len())];
        match random.random_range(0..4) {
            0 => (format!("{cql} LIKE '{sample}'"), format!("({sql} like '{sample}')")),
            1 => (format!("{cql} >= '{sample}'"), format!("({sql} collate \"C\" >= '{sample}')")),
            2 => (format!("{cql} IS NOT NULL"), format!("({sql} is not null)")),
            _ => (format!("{cql} = '{sample}'"), format!("({sql} = '{sample}')")),
        }
    }

    fn place(&self, random: &mut ChaCha8Rng) -> (String, String) {
        let (x, y) = (100.1 + random.random_range(0.0..0.3), 25.5 + random.random_range(0.0..0.3));
        let (width, height) = (random.random_range(0.001..0.1), random.random_range(0.001..0.1));
        let text = format!(
            "POLYGON(({x:.6} {y:.6}, {:.6} {y:.6}, {:.6} {:.6}, {x:.6} {y:.6}))",
            x + width,
            x + width,
            y + height
        );
        let (word, function) =
            [("S_INTERSECTS", "st_intersects"), ("S_WITHIN", "st_within"), ("S_DISJOINT", "st_disjoint")]
                [random.random_range(0..3)];
        (
            format!("{word}(geometry, {text})"),
            format!("{function}({}, st_geomfromtext('{text}', 4490))", self.geometry),
        )
    }
}

fn compare(grammar: &Grammar, seed: u64, path: &str, bbox: &str, sql: impl Fn(&str) -> String) {
    let world = region();
    let pool = world.wait(world.database.pool());
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut some, mut none) = (0, 0);
    for number in 0..250 {
        let (cql, condition) = grammar.condition(&mut random, 3);
        let pairs = [
            ("filter", cql.as_str()),
            ("limit", "10000"),
            ("skipGeometry", "true"),
            ("bbox", bbox),
            ("properties", "invented"),
        ];
        let found: BTreeSet<String> =
            pages(world, &format!("{path}?{}", query(&pairs))).iter().flat_map(ids).collect();
        let statement = sql(&condition);
        let expected: Vec<uuid::Uuid> =
            world.wait(sqlx::query_scalar(AssertSqlSafe(statement.clone())).fetch_all(&pool)).unwrap();
        let expected: BTreeSet<String> = expected.iter().map(ToString::to_string).collect();
        let missing: Vec<_> = expected.difference(&found).take(3).collect();
        let surplus: Vec<_> = found.difference(&expected).take(3).collect();
        assert!(found == expected, "{number}: {cql}\n{statement}\nmissing {missing:?}, surplus {surplus:?}");
        if found.is_empty() { none += 1 } else { some += 1 }
    }
    assert!(some > 100 && none > 10, "{some} filters found something, {none} nothing: too much of one");
}

const BOX: [f64; 4] = [100.15, 25.55, 100.3, 25.7];

fn boxed() -> (String, String) {
    let [west, south, east, north] = BOX;
    (
        format!("{west},{south},{east},{north}"),
        format!("st_makeenvelope({west}, {south}, {east}, {north}, 4490)"),
    )
}

#[test]
fn two_hundred_and_fifty_filters_find_the_same_grids_as_sql() {
    let (bbox, envelope) = boxed();
    compare(&GRIDS, 20_261_126, "/collections/grids/items", &bbox, |condition| {
        format!(
            "select g.grid_id from gewu.current_grid g left join gewu.current_grid p on p.grid_id = g.parent_id \
             where st_intersects(g.geom, {envelope}) and {condition}"
        )
    });
}

#[test]
fn two_hundred_and_fifty_filters_find_the_same_buildings_as_sql() {
    let (bbox, envelope) = boxed();
    compare(&BUILDINGS, 20_261_127, "/collections/buildings/items", &bbox, |condition| {
        format!("select t.id from gewu.building t where st_intersects(t.geom, {envelope}) and {condition}")
    });
}

#[test]
fn boxes_of_any_size_find_the_same_features_as_postgis() {
    let world = region();
    let pool = world.wait(world.database.pool());
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for number in 0..120 {
        let size = 10_f64.powf(random.random_range(-4.0..-0.5));
        let (west, south) = (random.random_range(99.9..100.4), random.random_range(25.4..25.9));
        let (east, north) = (west + size, south + size * random.random_range(0.3..2.0));
        let envelope = format!("st_makeenvelope({west}, {south}, {east}, {north}, 4490)");
        let [grids, facilities] =
            [("grids", "grid_id", "gewu.current_grid"), ("facilities", "id", "gewu.facility")].map(
                |(collection, id, table)| {
                    let bbox = format!("{west},{south},{east},{north}");
                    let pairs = [("bbox", bbox.as_str()), ("limit", "10000"), ("skipGeometry", "true")];
                    let found: BTreeSet<String> =
                        pages(world, &format!("/collections/{collection}/items?{}", query(&pairs)))
                            .iter()
                            .flat_map(ids)
                            .collect();
                    let statement = format!("select {id} from {table} where st_intersects(geom, {envelope})");
                    let expected: Vec<uuid::Uuid> =
                        world.wait(sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&pool)).unwrap();
                    let expected: BTreeSet<String> = expected.iter().map(ToString::to_string).collect();
                    assert_eq!(found, expected, "{number}: {collection} in {bbox}");
                    found.len()
                },
            );
        assert!(grids > 0 || facilities == 0, "a facility in no grid: {number}");
    }
}
