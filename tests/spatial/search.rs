//! What a search finds, and in which order, is what a look at every row of the database finds.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::query::{SearchAnswer, SearchIndex, SearchQuestion, Searched, Sought, search};
use pinyin::ToPinyinMulti;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::place::{place, witness};

/// Everything with a name, an address or a code, as PostGIS has it.
#[derive(Debug, Clone)]
struct Row {
    /// 0 a grid, 1 a facility, 2 a building: the order of alike ones.
    collection: i32,
    level: i16,
    id: Uuid,
    code: String,
    name: String,
    address: String,
}

const ROWS: &str = "
select 0, level, grid_id, code, name, '' from gewu.current_grid
union all select 1, 0::smallint, id, source_id, coalesce(name, ''), coalesce(address, '') from gewu.facility
union all select 2, 0::smallint, id, source_id, coalesce(name, ''), coalesce(address, '') from gewu.building";

async fn rows(witness: &mut PgConnection) -> Vec<Row> {
    let rows: Vec<(i32, i16, Uuid, String, String, String)> =
        sqlx::query_as(ROWS).fetch_all(witness).await.unwrap();
    let row = |(collection, level, id, code, name, address): (i32, i16, Uuid, String, String, String)| Row {
        collection,
        level,
        id,
        code: usual(&code),
        name: usual(&name),
        address: usual(&address),
    };
    rows.into_iter().map(row).collect()
}

/// The sample has letters, digits and Chinese characters only; numerals count as digits.
fn usual(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn digit(c: char) -> char {
    let numeral = "〇一二三四五六七八九".chars().position(|numeral| numeral == c);
    numeral.map_or(c, |value| char::from(b'0' + value as u8))
}

/// Every way to write the characters from here on in letters, as long as it agrees with what was typed: by whole syllables, or by first
/// letters too. The rest of what was typed when the name ends.
fn left_over(name: &[char], typed: &str, initials: bool) -> Vec<Option<usize>> {
    let Some(first) = typed.chars().next() else { return vec![Some(name.len())] };
    let [own, rest @ ..] = name else { return vec![None] };
    let mut ends = Vec::new();
    if *own == first || digit(*own) == first || *own == digit(first) {
        ends.extend(left_over(rest, &typed[first.len_utf8()..], initials));
    }
    for reading in own.to_pinyin_multi().into_iter().flatten().map(pinyin::Pinyin::plain) {
        let mut lengths = BTreeSet::new();
        if typed.starts_with(reading) {
            lengths.insert(reading.len());
        }
        let begins = typed.is_char_boundary(1) && typed[..1] == reading[..1];
        if initials && begins {
            lengths.insert(1);
        }
        if initials
            && begins
            && reading.as_bytes().get(1) == Some(&b'h')
            && typed.as_bytes().get(1) == Some(&b'h')
        {
            lengths.insert(2);
        }
        for length in lengths {
            ends.extend(left_over(rest, &typed[length..], initials));
        }
    }
    ends
}

/// How a text fits, from 0: the whole by letters as they are, 1 by syllables, 3 by initials; 4.. from its start; 8.. anywhere.
fn fits(text: &str, typed: &str, widest: usize) -> Option<usize> {
    let text: Vec<char> = text.chars().collect();
    let begins = |at: usize| at == 0 || !(text[at].is_ascii_digit() && text[at - 1].is_ascii_digit());
    let ends = |at: usize, spelling: usize| match spelling {
        0 => {
            let same = |(a, b): (char, char)| a == b || digit(a) == b || a == digit(b);
            let count = typed.chars().count();
            let fits = text.len() - at >= count && text[at..].iter().copied().zip(typed.chars()).all(same);
            if fits { vec![Some(text.len() - at - count)] } else { Vec::new() }
        }
        // A syllable that is not finished: everything but its end by syllables.
        2 => (1..=6.min(typed.len()))
            .filter(|cut| typed.is_char_boundary(typed.len() - cut))
            .flat_map(|cut| {
                let (whole, begun) = typed.split_at(typed.len() - cut);
                let ends =
                    left_over(&text[at..], whole, false).into_iter().flatten().filter(|left| *left > 0);
                ends.filter(|left| {
                    let next = text[text.len() - left];
                    next.to_pinyin_multi()
                        .into_iter()
                        .flatten()
                        .any(|reading| reading.plain().starts_with(begun))
                })
                .map(|left| Some(left - 1))
                .collect::<Vec<_>>()
            })
            .chain(left_over(&text[at..], typed, false))
            .collect(),
        1 => left_over(&text[at..], typed, false),
        _ => left_over(&text[at..], typed, true),
    };
    let spellings = |bounds: usize| (0..=widest).filter(move |spelling| bounds > 0 || *spelling != 2);
    for bounds in 0..3 {
        for spelling in spellings(bounds) {
            let starts = if bounds < 2 { 0..text.len().min(1) } else { 0..text.len() };
            let found = starts
                .filter(|at| begins(*at))
                .any(|at| ends(at, spelling).into_iter().flatten().any(|left| bounds > 0 || left == 0));
            if found {
                return Some(bounds * 4 + spelling);
            }
        }
    }
    None
}

type Key = (usize, usize, usize, i32, i16, String, Uuid);

/// Where a row stands among all that fit as they are written: fit, spelling, length, and then what tells alike ones apart.
fn key(row: &Row, typed: &str) -> Option<Key> {
    let key = |fit, spelling, text: &str| {
        (fit, spelling, text.chars().count(), row.collection, row.level, row.code.clone(), row.id)
    };
    let has_digit = typed.chars().any(|c| c.is_ascii_digit());
    if row.code == typed {
        return Some(key(0, 0, &row.code));
    }
    let code = (has_digit && row.code.starts_with(typed)).then(|| key(2, 0, &row.code));
    let name = fits(&row.name, typed, 3).map(|fit| key([1, 3, 4][fit / 4], fit % 4, &row.name));
    let address = || {
        let fit = fits(&row.address, typed, 2)?;
        Some(key([5, 5, 6][fit / 4], fit % 4, &row.address))
    };
    [code, name.or_else(address)].into_iter().flatten().min()
}

fn ask<'a>(atlas: &'a Atlas, index: &SearchIndex, typed: &str, limit: usize) -> SearchAnswer<'a> {
    let question = SearchQuestion {
        sought: Sought::parse(typed).unwrap(),
        collections: Searched::ALL.into(),
        within: None,
        limit,
    };
    search(atlas, index, &Principal::open(), &question)
}

/// What a dispatcher types of a name: all of it, its beginning, something in it, in characters, pinyin, or first letters.
fn type_of(name: &str, random: &mut ChaCha8Rng) -> String {
    let characters: Vec<char> = name.chars().collect();
    let from = if random.random_bool(0.5) { 0 } else { random.random_range(0..characters.len()) };
    let count = random.random_range(1..=characters.len() - from).max(2.min(characters.len() - from));
    let part = &characters[from..from + count];
    let way = random.random_range(0..3);
    let typed = |c: &char| match (c.to_pinyin_multi(), way) {
        (Some(read), 1) => read.into_iter().next().map_or(String::new(), |one| one.plain().to_owned()),
        (Some(read), 2) => read.into_iter().next().map_or(String::new(), |one| one.plain()[..1].to_owned()),
        _ => c.to_string(),
    };
    part.iter().map(typed).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_and_in_which_order_is_what_a_look_at_every_row_finds() {
    let (atlas, database) = place().await;
    let rows = rows(&mut witness(&database).await).await;
    let index = SearchIndex::of(&atlas, &SearchIndex::default());
    assert_eq!(index.len(), rows.len());
    let mut random = ChaCha8Rng::seed_from_u64(20_261_127);
    let named: Vec<&Row> =
        rows.iter().filter(|row| !row.name.is_empty() && !row.name.contains('ü')).collect();
    let mut typed: Vec<String> =
        (0..24).map(|_| type_of(&named.choose(&mut random).unwrap().name, &mut random)).collect();
    typed.extend(
        [
            "532901",
            "5329",
            "f000123",
            "b00001",
            "大理",
            "xgjd",
            "1号",
            "人民路",
            "x",
            "下关街道",
            "第三小学",
            "第3小学",
        ]
        .map(str::to_owned),
    );
    typed.extend(
        (0..10)
            .map(|_| named.choose(&mut random).unwrap().address.clone())
            .filter(|address| !address.is_empty()),
    );
    let (mut compared, mut cut) = (0, 0);
    for typed in typed.iter().map(|typed| usual(typed)).filter(|typed| typed.chars().count() <= 30) {
        let mut expected: Vec<Key> = rows.iter().filter_map(|row| key(row, &typed)).collect();
        expected.sort();
        let answer = ask(&atlas, &index, &typed, 100);
        let found: Vec<Uuid> = answer.results.iter().map(|hit| hit.id).collect();
        let wanted: Vec<Uuid> = expected.iter().take(100).map(|key| key.6).collect();
        assert_eq!(
            found[..wanted.len()],
            wanted,
            "{typed:?}: {:?}",
            answer.results.iter().map(|hit| (hit.name, hit.fit, hit.score)).collect::<Vec<_>>()
        );
        let surely = |hit: &&gewu::query::SearchHit| ["exact", "start", "part"].contains(&hit.fit);
        assert_eq!(answer.results.iter().filter(surely).count(), wanted.len(), "{typed:?}");
        if expected.len() >= 100 {
            assert_eq!((answer.total, answer.cut), (expected.len(), expected.len() > 100), "{typed:?}");
            cut += 1;
        }
        assert!(answer.results.is_sorted_by_key(|hit| Reverse((hit.score * 100.0) as i32)), "{typed:?}");
        compared += wanted.len();
    }
    println!("{compared} places in the order, {cut} answers cut off");
    assert!(compared > 1_000 && cut > 5);
}

/// Letters to be changed, left out or put in to make one text of the other's part, digits never: by a table of everything.
fn slips(name: &str, typed: &str) -> usize {
    let (name, typed): (Vec<char>, Vec<char>) = (name.chars().collect(), typed.chars().collect());
    let never = 1_000;
    let begins = |at: usize| {
        at == 0 || at >= name.len() || !(name[at].is_ascii_digit() && name[at - 1].is_ascii_digit())
    };
    let mut row: Vec<usize> = (0..=name.len()).map(|at| if begins(at) { 0 } else { never }).collect();
    for (place, wanted) in typed.iter().enumerate() {
        let cost = if wanted.is_ascii_digit() { never } else { 1 };
        let mut next = vec![row[0] + cost];
        for (at, own) in name.iter().enumerate() {
            let same = own == wanted || digit(*own) == *wanted || *own == digit(*wanted);
            let other = !own.is_ascii_digit() && !wanted.is_ascii_digit() && !own.is_ascii_lowercase();
            let changed = row[at]
                + if same {
                    0
                } else if other {
                    1
                } else {
                    never
                };
            let put_in = next[at] + if own.is_ascii_digit() || place + 1 > typed.len() { never } else { 1 };
            next.push(changed.min(put_in).min(row[at + 1] + cost));
        }
        row = next;
    }
    row.into_iter().min().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_differ_by_a_slip_come_last_and_all_of_them_do() {
    let (atlas, database) = place().await;
    let rows = rows(&mut witness(&database).await).await;
    let index = SearchIndex::of(&atlas, &SearchIndex::default());
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut compared = 0;
    for _ in 0..40 {
        let row = rows.iter().filter(|row| row.name.chars().count() >= 4).collect::<Vec<_>>();
        let mut characters: Vec<char> = row.choose(&mut random).unwrap().name.chars().collect();
        let places: Vec<usize> =
            (0..characters.len()).filter(|at| !characters[*at].is_ascii_digit()).collect();
        let at = *places.choose(&mut random).unwrap();
        match random.random_range(0..3) {
            0 => characters[at] = '鑫',
            1 => drop(characters.remove(at)),
            _ => characters.insert(at, '鑫'),
        }
        let typed: String = characters.into_iter().collect();
        let counted = typed.chars().filter(|c| !c.is_ascii_digit()).count();
        let forgiven = match counted {
            0..=2 => 0,
            3..=5 => 1,
            _ => 2,
        };
        let answer = ask(&atlas, &index, &typed, 100);
        let similar: BTreeSet<Uuid> =
            answer.results.iter().filter(|hit| hit.fit == "similar").map(|hit| hit.id).collect();
        let others: BTreeSet<Uuid> =
            answer.results.iter().filter(|hit| hit.fit != "similar").map(|hit| hit.id).collect();
        assert!(answer.results.is_sorted_by_key(|hit| hit.fit == "similar"), "{typed:?}: slips come last");
        if answer.cut {
            continue;
        }
        let expected: BTreeSet<Uuid> = rows
            .iter()
            .filter(|row| slips(&row.name, &typed) <= forgiven && !others.contains(&row.id))
            .map(|row| row.id)
            .collect();
        assert_eq!(similar, expected, "{typed:?}");
        compared += expected.len();
    }
    println!("{compared} names with a slip");
    assert!(compared > 200, "{compared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_finds_the_place_by_whatever_is_typed() {
    let (atlas, database) = place().await;
    let index = SearchIndex::of(&atlas, &SearchIndex::default());
    let facility: (String, String) = sqlx::query_as(
        "select f.name, v.code_2 from gewu.facility f join gewu_read.facility v using (id) where f.class = 'police_station' and f.name like '%派出所' order by f.id limit 1",
    )
    .fetch_one(&mut witness(&database).await)
    .await
    .unwrap();
    let county = atlas.grids().name(atlas.grids().find_code(&facility.1).unwrap());
    let first = |typed: &str| ask(&atlas, &index, typed, 5).results.into_iter().next().unwrap();
    let found =
        |typed: &str| ask(&atlas, &index, typed, 100).results.iter().any(|hit| hit.name == Some(&facility.0));
    assert_eq!((first("532901").code, first("532901").fit), ("532901", "exact"));
    for typed in ["xiaguan jiedao", "xgjd", "下关jd", "下关街道"] {
        let hit = first(typed);
        assert!(
            hit.name.is_some_and(|name| name.starts_with("下关街道")) && hit.level == Some(3),
            "{typed}: {hit:?}"
        );
    }
    assert_eq!(first(&facility.0).name, Some(facility.0.as_str()));
    // The county is in no name and no address of it.
    assert!(found(&format!("{county}派出所")), "{county}派出所");
    assert!(found(&format!("派出所 {county}")), "in any order");
    assert_eq!(first(&format!("{county}派出所")).fit, "apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_collections_and_the_grid_that_are_asked_for_are_searched() {
    let (atlas, _database) = place().await;
    let index = SearchIndex::of(&atlas, &SearchIndex::default());
    let top = atlas.grids().find_code("532901").unwrap();
    let question = SearchQuestion {
        sought: Sought::parse("小学").unwrap(),
        collections: [Searched::Facilities].into(),
        within: Some(top),
        limit: 100,
    };
    let inside = search(&atlas, &index, &Principal::open(), &question);
    assert!(inside.total > 10);
    for hit in &inside.results {
        assert_eq!(hit.collection, "facilities");
        assert!(hit.chain.iter().any(|link| link.code == "532901"), "{hit:?}");
    }
    let everywhere = search(&atlas, &index, &Principal::open(), &SearchQuestion { within: None, ..question });
    assert!(everywhere.total > inside.total);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_takes_a_few_milliseconds() {
    let (atlas, _database) = place().await;
    let began = Instant::now();
    let index = SearchIndex::of(&atlas, &SearchIndex::default());
    let built = began.elapsed();
    let again = Instant::now();
    assert_eq!(SearchIndex::of(&atlas, &index).len(), index.len());
    let renewed = again.elapsed();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let grids: Vec<_> = atlas.grids().all().collect();
    let mut names: Vec<String> = atlas.resources().facilities().filter_map(|one| one.name.clone()).collect();
    names.extend(atlas.resources().buildings().filter_map(|one| one.name.clone()));
    names.extend(grids.iter().map(|grid| atlas.grids().name(*grid).to_owned()));
    names.sort();
    let mut typed: Vec<String> =
        (0..400).map(|_| type_of(names.choose(&mut random).unwrap(), &mut random)).collect();
    typed.extend(
        [
            "x",
            "1",
            "大",
            "xingfu xiaoqu 3 dong",
            "xfxq",
            "大理卫生院",
            "幸副小区3栋",
            "大理市 派出所",
            "dalishidierxiaoxue",
        ]
        .map(str::to_owned),
    );
    let mut times: Vec<(Duration, &String)> = typed
        .iter()
        .map(|typed| {
            let began = Instant::now();
            ask(&atlas, &index, typed, 20);
            (began.elapsed(), typed)
        })
        .collect();
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0;
    println!("{} things, {} bytes, built in {built:?}, renewed in {renewed:?}", index.len(), index.bytes());
    println!("p50 {:?}, p99 {:?}, worst {:?}", at(0.5), at(0.99), times.last().unwrap());
    // A test is no benchmark: this many times what was measured.
    assert!(at(0.99) < Duration::from_millis(500), "{:?}", times.last());
}
