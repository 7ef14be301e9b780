//! Filters on tables: what PostGIS gives for a query written by hand, what the same condition says in memory, and what nobody may do with
//! them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use geo::{Geometry, Point};
use gewu::cql::{self, Feature, Language, Property};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::place::{Place, tileset};

/// 300 shops about Dali, in Gauss-Kruger, with every type of column and with gaps.
const SHOPS: &str = "create type public.grade as enum ('good', 'bad'); \
    create table public.shops (id int primary key, class text, \"na'me\" text, floors smallint, height float8, weight float4, price numeric(9,2), \
      open boolean, since date, seen timestamptz, grade grade, tags varchar[], sizes int[], geom geometry(point, 4542)); \
    insert into shops select n, (array['school', 'shop', 'Shop', null, 'STRASSE', 'Οδος'])[n % 6 + 1], \
      case when n % 5 > 0 then 'a%' || n % 10 || '_' || chr(65 + n % 3) end, nullif(n % 7, 6), nullif(n % 11, 10) / 4.0, n % 9 / 10.0::float4, \
      nullif(n % 13, 12) * 1.1, nullif(n % 3, 2) = 0, '2024-01-01'::date + n % 40, '2024-01-01T00:00:00Z'::timestamptz + n * '1 hour'::interval, \
      (array['good', 'bad', null])[n % 3 + 1]::grade, case when n % 8 > 0 then (array['a', 'b', null, 'c', 'b'])[n % 5:n % 5 + n % 4] end, \
      case when n % 9 > 0 then array[n % 4, n % 3, n % 4] end, \
      st_transform(st_setsrid(st_makepoint(100.0005 + n % 20 * 0.02, 25.5005 + n / 20 * 0.02), 4326), 4542) from generate_series(1, 300) n; \
    create index on shops using gist (geom)";

fn shops() -> Place {
    let fields = "feature_id = 'id'\n[layer.fields]\nclass = 'c'\n\"na'me\" = 'n'\nfloors = 'f'\nheight = 'h'\nweight = 'w'\nprice = 'p'\n\
        open = 'o'\nsince = 's'\nseen = 's'\ngrade = 'g'\ntags = 't'\nsizes = 's'\n";
    Place::new(SHOPS, &[tileset("shops", "public.shops", fields)])
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// The ids that a tile of all shops shows.
fn shown(place: &Place, parameters: &[(&str, &str)]) -> BTreeSet<i64> {
    let path = format!("/tiles/shops/3/6/3?{}", encoded(parameters));
    let answer = place.get(&path);
    assert!([200, 204].contains(&answer.status), "{parameters:?}: {}", answer.text());
    let features =
        if answer.status == 204 { Vec::new() } else { crate::place::decoded(answer.body, "shops") };
    features.iter().map(|feature| feature.id.unwrap() as i64).collect()
}

fn ids(place: &Place, condition: &str) -> BTreeSet<i64> {
    let rows = place.rows(&format!("select id::int8 from public.shops where {condition}"));
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn a_filter_shows_what_a_query_written_by_hand_finds() {
    let place = shops();
    for (filter, condition) in [
        ("class = 'shop'", "class = 'shop'"),
        ("class <> 'shop'", "class <> 'shop'"),
        ("NOT class = 'shop' OR class IS NULL", "class is distinct from 'shop'"),
        ("CASEI(class) = CASEI('SHOP')", "lower(class) = 'shop'"),
        ("CASEI(class) = CASEI('straße')", "class = 'STRASSE'"),
        ("CASEI(class) = CASEI('ΟΔΟΣ')", "class = 'Οδος'"),
        ("class < 'Z'", "class collate \"C\" < 'Z'"),
        ("\"na'me\" LIKE 'a\\%1\\_%'", "\"na'me\" like 'a\\%1\\_%'"),
        ("\"na'me\" LIKE '%\\'", "false"),
        ("floors BETWEEN 2 AND 4 AND NOT open", "floors between 2 and 4 and not open"),
        ("floors IN (1, 3, 77)", "floors in (1, 3)"),
        ("open", "open"),
        ("weight = 0.3", "weight = 0.3::float4"),
        ("price * 2 > floors + 8.5", "price::float8 * 2 > floors + 8.5"),
        ("floors / (floors - 2) > 1", "floors > 2"),
        ("floors % 2 = 1", "floors % 2 = 1"),
        ("floors div 2 = 1", "floors / 2 = 1"),
        ("(0 - floors) ^ 0.5 = 1 OR floors ^ 2 = 9", "floors = 3"),
        ("height * 1e300 * 1e300 IS NULL", "height is null or height > 0"),
        ("since >= DATE('2024-02-01')", "since >= '2024-02-01'"),
        ("T_AFTER(seen, TIMESTAMP('2024-01-05T12:00:00Z'))", "seen > '2024-01-05T12:00:00Z'"),
        ("grade = 'bad'", "grade = 'bad'"),
        (
            "S_INTERSECTS(geometry, BBOX(100.1, 25.55, 100.2, 25.65))",
            "st_intersects(st_transform(geom, 4326), st_makeenvelope(100.1, 25.55, 100.2, 25.65, 4326))",
        ),
        ("S_DISJOINT(geometry, BBOX(-180, -90, 180, 25.6))", "st_y(st_transform(geom, 4326)) > 25.6"),
        (
            "S_WITHIN(geometry, POLYGON((100 25.5, 100.3 25.5, 100 25.7, 100 25.5)))",
            "st_within(st_transform(geom, 4326), 'srid=4326;polygon((100 25.5, 100.3 25.5, 100 25.7, 100 25.5))')",
        ),
        ("geometry IS NULL", "false"),
        ("S_EQUALS(geometry, geometry) AND floors = 1", "floors = 1"),
        (
            "S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(7 8), POLYGON((100 25.5, 100.3 25.5, 100 25.7, 100 25.5))))",
            "not st_intersects(st_transform(geom, 4326), \
             'srid=4326;geometrycollection(point(7 8), polygon((100 25.5, 100.3 25.5, 100 25.7, 100 25.5)))')",
        ),
        ("A_CONTAINS(tags, ('b', 'c'))", "'b' = any(tags) and 'c' = any(tags)"),
        (
            "A_CONTAINEDBY(tags, ('a', 'b'))",
            "tags is not null and not exists (select from unnest(tags) t where t not in ('a', 'b'))",
        ),
        (
            "A_EQUALS(tags, ('b', 'c'))",
            "(select array_agg(distinct t::text order by t::text) from unnest(tags) t where t is not null) = array['b', 'c']",
        ),
        (
            "A_EQUALS((), tags)",
            "tags is not null and not exists (select from unnest(tags) t where t is not null)",
        ),
        ("A_OVERLAPS(('a', 'x'), tags)", "'a' = any(tags)"),
        (
            "NOT A_OVERLAPS(tags, ('a'))",
            "tags is not null and not exists (select from unnest(tags) t where t = 'a')",
        ),
        (
            "A_CONTAINS(sizes, (3.0)) AND A_CONTAINEDBY(sizes, (0, 1, 3))",
            "3 = any(sizes) and 2 <> all(sizes)",
        ),
        ("A_EQUALS(sizes, sizes) AND tags IS NULL", "sizes is not null and tags is null"),
    ] {
        let expected = ids(&place, condition);
        assert_eq!(shown(&place, &[("filter", filter)]), expected, "{filter}");
        assert!(expected.len() < 300, "{filter} leaves something out");
    }
    let json = r#"{"op": "and", "args": [{"op": "=", "args": [{"property": "class"}, "shop"]}, {"op": ">", "args": [{"property": "floors"}, 2]}]}"#;
    let parameters = [("filter", json), ("filter-lang", "cql2-json")];
    assert_eq!(shown(&place, &parameters), ids(&place, "class = 'shop' and floors > 2"));
}

#[test]
fn classes_and_territories_choose_among_the_rows_of_a_table() {
    let place = shops();
    assert_eq!(shown(&place, &[("class", "school, Shop")]), ids(&place, "class in ('school', 'Shop')"));
    assert_eq!(shown(&place, &[("class", "nothing")]), BTreeSet::new());
    let within = "st_intersects(st_transform(geom, 4490), (select geom from gewu.grid_version where code = '532901001'))";
    let inside = shown(&place, &[("within", "532901001"), ("filter", "floors > 1")]);
    assert_eq!(inside, ids(&place, &format!("{within} and floors > 1")));
    assert!(inside.len() > 20, "{}", inside.len());
    // Together with tilesets from memory, each shows what it is asked.
    let joined = place.get("/tiles/facilities,shops/14/12755/6977?class=school");
    assert!([200, 204].contains(&joined.status), "{}", joined.text());
    for (query, field) in [
        ("level=4", "level"),
        ("filter=nothing%20%3D%201", "filter"),
        ("filter=floors%20%3D%20%27x%27", "filter"),
    ] {
        let problem = place.get(&format!("/tiles/shops/3/6/3?{query}")).problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        place.get(&format!("/tiles/shops?{query}")).problem(400);
    }
    place.get("/tiles/shops/3/6/3?within=999999").problem(404);
    let document = place.get("/tiles/shops?class=school").json();
    assert!(document["tiles"][0].as_str().unwrap().ends_with("/{z}/{x}/{y}?class=school"), "{document}");
}

#[test]
fn a_table_without_classes_says_what_its_features_have() {
    let fields = "feature_id = 'id'\n[layer.fields]\nfloors = 'f'\n";
    let place = Place::new(SHOPS, &[tileset("shops", "public.shops", fields)]);
    let problem = place.get("/tiles/shops/3/6/3?class=school").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("floors, geometry"), "{problem}");
    place.get(&format!("/tiles/shops/3/6/3?{}", encoded(&[("filter", "class = 'school'")]))).problem(400);
}

/// A shop as memory knows it.
struct Shop(PgRow);

impl Feature for Shop {
    fn value(&self, property: &Property) -> Option<cql::Value<'_>> {
        let row = &self.0;
        let text =
            |name: &str| row.get::<Option<String>, _>(name).map(|text| cql::Value::Text(Cow::Owned(text)));
        let number = |name: &str| row.get::<Option<f64>, _>(name).map(cql::Value::Number);
        match property.name.as_str() {
            "class" | "na'me" | "grade" => text(&property.name),
            "floors" | "height" | "weight" | "price" => number(&property.name),
            "tags" => row.get::<Option<Vec<Option<String>>>, _>("tags").map(|tags| {
                cql::Value::List(
                    tags.into_iter().flatten().map(|tag| cql::Value::Text(Cow::Owned(tag))).collect(),
                )
            }),
            "sizes" => row
                .get::<Option<Vec<f64>>, _>("sizes")
                .map(|sizes| cql::Value::List(sizes.into_iter().map(cql::Value::Number).collect())),
            "open" => row.get::<Option<bool>, _>("open").map(cql::Value::Truth),
            "since" => row.get::<Option<NaiveDate>, _>("since").map(cql::Value::Date),
            "seen" => row.get::<Option<DateTime<Utc>>, _>("seen").map(cql::Value::Timestamp),
            other => panic!("{other}"),
        }
    }

    fn geometry(&self, _: &Property) -> Option<Cow<'_, Geometry<f64>>> {
        Some(Cow::Owned(Geometry::Point(Point::new(self.0.get("lon"), self.0.get("lat")))))
    }
}

/// A condition made by chance.
fn condition(random: &mut ChaCha8Rng, depth: u32) -> String {
    let pick = |random: &mut ChaCha8Rng, choices: &[&str]| (*choices.choose(random).unwrap()).to_owned();
    if depth > 0 && random.random_bool(0.6) {
        let (left, right) = (condition(random, depth - 1), condition(random, depth - 1));
        return match random.random_range(0..3) {
            0 => format!("({left} AND {right})"),
            1 => format!("({left} OR {right})"),
            _ => format!("NOT ({left})"),
        };
    }
    let comparison = pick(random, &["=", "<>", "<", "<=", ">", ">="]);
    match random.random_range(0..11) {
        0 => {
            let value = pick(random, &["'shop'", "'Shop'", "'school'", "'it''s'", "''", "'Z'"]);
            format!("class {comparison} {value}")
        }
        1 => format!("CASEI(class) {comparison} CASEI({})", pick(random, &["'SHOP'", "'straße'", "'οδοσ'"])),
        2 => format!("\"na'me\" LIKE {}", pick(random, &["'a%'", "'%_A'", "'a\\%3%'", "'%'", "'_____'"])),
        3 => format!("{} {comparison} {}", number(random, 2), number(random, 2)),
        4 => format!(
            "{} IS NULL",
            pick(random, &["class", "open", "grade", "height / floors", "price % floors"])
        ),
        5 => format!("open {} {}", pick(random, &["=", "<>"]), pick(random, &["true", "false"])),
        6 => format!("since {comparison} DATE('2024-01-{:02}')", random.random_range(1..32)),
        9 => {
            let operator = pick(random, &["A_CONTAINS", "A_CONTAINEDBY", "A_EQUALS", "A_OVERLAPS"]);
            let list =
                pick(random, &["()", "('a')", "('b', 'c')", "('c', 'b', 'b')", "('a', 'b', 'c')", "tags"]);
            format!("{operator}(tags, {list})")
        }
        10 => {
            let operator = pick(random, &["A_CONTAINS", "A_CONTAINEDBY", "A_EQUALS", "A_OVERLAPS"]);
            format!(
                "{operator}({}, sizes)",
                pick(random, &["(1)", "(0, 2)", "(1, 2, 3)", "(0, 1, 2, 3)", "(0.5)"])
            )
        }
        7 => format!("seen {comparison} TIMESTAMP('2024-01-{:02}T07:00:00Z')", random.random_range(1..14)),
        _ => {
            let (west, south) = (random.random_range(99.9..100.4), random.random_range(25.4..25.8));
            let relation = pick(random, &["S_INTERSECTS", "S_WITHIN", "S_DISJOINT"]);
            format!("{relation}(geometry, BBOX({west}, {south}, {}, {}))", west + 0.1507, south + 0.0907)
        }
    }
}

fn number(random: &mut ChaCha8Rng, depth: u32) -> String {
    if depth > 0 && random.random_bool(0.5) {
        let operator = ["+", "-", "*", "/", "%", "div"].choose(random).unwrap();
        return format!("({} {operator} {})", number(random, depth - 1), number(random, depth - 1));
    }
    (*["floors", "height", "floors", "0", "1", "2", "0.25", "1e200"].choose(random).unwrap()).to_owned()
}

#[test]
fn three_hundred_filters_made_by_chance_say_the_same_in_sql_and_in_memory() {
    let place = shops();
    let rows = place.rows(
        "select id::int8, class, \"na'me\", grade::text, floors::float8, height, weight::text::float8 as weight, price::float8, open, since, seen, \
         tags::text[], sizes::float8[], st_x(st_transform(geom, 4326)) as lon, st_y(st_transform(geom, 4326)) as lat from public.shops",
    );
    let shops: Vec<(i64, Shop)> = rows.into_iter().map(|row| (row.get(0), Shop(row))).collect();
    let source = place.world.state.store().clone();
    let definition = gewu::model::TableSource {
        relation: gewu::model::Relation::parse("public.shops").unwrap(),
        geometry: None,
        feature_id: Some("id".into()),
        columns: [
            "class", "na'me", "floors", "height", "weight", "price", "open", "since", "seen", "grade",
            "tags", "sizes",
        ]
        .map(String::from)
        .to_vec(),
        only: Default::default(),
        time_limit: std::time::Duration::from_secs(5),
        max_features: 1_000,
    };
    let table = place.world.wait(source.inspect_table(&definition)).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (mut some, mut all) = (0, 0);
    for _ in 0..300 {
        let filter = condition(&mut random, 3);
        let parsed = cql::parse(&filter, Language::Text, &table.queryables()).unwrap();
        let expected: BTreeSet<i64> =
            shops.iter().filter(|(_, shop)| parsed.holds(shop)).map(|(id, _)| *id).collect();
        assert_eq!(shown(&place, &[("filter", &filter)]), expected, "{filter}");
        all += 1;
        some += usize::from(!expected.is_empty() && expected.len() < 300);
    }
    assert!(some * 2 > all, "{some} of {all} filters tell features apart");
}

#[test]
fn whatever_is_written_into_a_filter_changes_nothing_and_shows_nothing_else() {
    let place = shops();
    let attempts = [
        "'; drop table public.shops; --",
        "class = 'x'; drop table public.shops; --",
        "class = 'x'' or ''1'' = ''1'",
        "class = 'x\\' or 1 = 1 --'",
        "class = '$1'' or true --'",
        "1 = 1) or (true",
        "class = (select name from gewu.worker limit 1)",
        "\"class\"\" = ''x''; drop table shops; --\" = 'x'",
        "pg_sleep(10) = 1",
        "floors = floors union select 1",
        "geom = geom",
        "class LIKE '%' escape ''",
        "S_INTERSECTS(geometry, POINT(100 25)) /* */ or true",
        "class = E'\\x27 or true --'",
        "class = $$x$$",
        "name = 'x'",
        "ctid = 'x'",
        "tableoid = 1",
    ];
    for attempt in attempts {
        for parameter in ["filter", "class", "within"] {
            let began = std::time::Instant::now();
            let answer = place.get(&format!("/tiles/shops/3/6/3?{}", encoded(&[(parameter, attempt)])));
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(
                [204, 400, 404].contains(&answer.status),
                "{parameter}={attempt}: {} {text}",
                answer.status
            );
            assert!(
                !text.contains("select ") || attempt.contains("select "),
                "{parameter}={attempt}: {text}"
            );
            assert!(!text.contains("syntax error"), "{parameter}={attempt}: {text}");
            assert!(began.elapsed() < std::time::Duration::from_secs(3), "{parameter}={attempt}");
        }
    }
    assert_eq!(ids(&place, "true").len(), 300, "the table is what it was");
    assert_eq!(shown(&place, &[]).len(), 300);
}
