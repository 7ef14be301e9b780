//! The automaton beside its definition, written down as a search that tries everything.

use pinyin::ToPinyinMulti;
use proptest::prelude::*;

use super::classes::Spelling;
use super::fold::fold;
use super::pattern::{Bounds, Pattern};

fn readings(character: char) -> Vec<String> {
    let readings = character.to_pinyin_multi().into_iter().flatten();
    readings.map(|reading| reading.plain().to_owned()).collect()
}

fn same(a: char, b: char) -> bool {
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|numeral| numeral == c);
    let means = |c: char| digit(c).map_or(c, |digit| char::from(b'0' + digit as u8));
    a == b || (means(a) == b) || (a == means(b))
}

/// How many characters of what was typed a character of a name may take.
fn taken(character: char, typed: &str, spelling: Spelling) -> Vec<usize> {
    let mut counts = Vec::new();
    if typed.chars().next().is_some_and(|first| same(character, first)) {
        counts.push(1);
    }
    for reading in readings(character) {
        if spelling >= Spelling::Syllables && typed.starts_with(&reading) {
            counts.push(reading.len());
        }
        if spelling >= Spelling::Unfinished && !typed.is_empty() && reading.starts_with(typed) {
            counts.push(typed.chars().count());
        }
        if spelling >= Spelling::Initials && typed.starts_with(&reading[..1]) {
            counts.push(1);
        }
        for both in ["zh", "ch", "sh"] {
            if spelling >= Spelling::Initials && reading.starts_with(both) && typed.starts_with(both) {
                counts.push(2);
            }
        }
    }
    counts
}

fn behind(typed: &str, count: usize) -> &str {
    typed.char_indices().nth(count).map_or("", |(at, _)| &typed[at..])
}

fn reads(name: &[char], typed: &str, spelling: Spelling, to_the_end: bool) -> bool {
    match name {
        _ if typed.is_empty() => !to_the_end || name.is_empty(),
        [] => false,
        [first, rest @ ..] => taken(*first, typed, spelling)
            .into_iter()
            .any(|count| reads(rest, behind(typed, count), spelling, to_the_end)),
    }
}

fn begins(name: &[char], at: usize) -> bool {
    at == 0 || !(name[at].is_ascii_digit() && name[at - 1].is_ascii_digit())
}

fn is_in(name: &str, typed: &str, spelling: Spelling, bounds: Bounds) -> bool {
    let name: Vec<char> = name.chars().collect();
    match bounds {
        Bounds::Whole => reads(&name, typed, spelling, true),
        Bounds::Start => reads(&name, typed, spelling, false),
        Bounds::Anywhere => (0..name.len())
            .filter(|at| begins(&name, *at))
            .any(|at| reads(&name[at..], typed, spelling, false)),
    }
}

fn letters_between(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let least = (before + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            before = std::mem::replace(&mut row[j + 1], least);
        }
    }
    row[b.len()]
}

fn is_chinese(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c) || c == '〇'
}

/// Can a name from here on be read as what was typed, with so many slips?
fn reads_with(name: &[char], typed: &str, slips: usize, begun: bool) -> bool {
    let Some(first) = typed.chars().next() else { return true };
    let rest = behind(typed, 1);
    if slips > 0 && !first.is_ascii_digit() && reads_with(name, rest, slips - 1, true) {
        return true;
    }
    let [own, others @ ..] = name else { return false };
    let mut ways: Vec<(usize, usize)> =
        taken(*own, typed, Spelling::Syllables).into_iter().map(|count| (count, slips)).collect();
    if slips > 0 {
        let kind = |c: char| (is_chinese(c), c.is_ascii_lowercase());
        if kind(*own) == kind(first) && kind(first) != (false, false) {
            ways.push((1, slips - 1));
        }
        if begun && !own.is_ascii_digit() {
            ways.push((0, slips - 1));
        }
        for reading in readings(*own).into_iter().filter(|reading| reading.len() > 1) {
            for count in 2..=(reading.len() + 1).min(typed.chars().count()) {
                let part: String = typed.chars().take(count).collect();
                if letters_between(&part, &reading) == 1 {
                    ways.push((count, slips - 1));
                }
            }
        }
    }
    ways.into_iter().any(|(count, left)| reads_with(others, behind(typed, count), left, true))
}

fn fewest_slips(name: &str, typed: &str) -> Option<usize> {
    let chinese = typed.chars().filter(|c| is_chinese(*c)).count();
    let counted = chinese + typed.chars().filter(char::is_ascii_lowercase).count();
    let most = match (chinese > 0, counted) {
        (true, 0..=2) | (false, 0..=3) => 0,
        (true, 3..=5) | (false, 4..=8) => 1,
        _ => 2,
    };
    let name: Vec<char> = name.chars().collect();
    let starts = || (0..name.len()).filter(|at| begins(&name, *at));
    (0..=most).find(|slips| starts().any(|at| reads_with(&name[at..], typed, *slips, false)))
}

fn names() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select("幸福小区重庆路社3栋1三大理a绿长安".chars().collect::<Vec<_>>()),
        1..9,
    )
    .prop_map(String::from_iter)
}

/// A name as somebody types it: each character as it is, by its syllable, or by a letter; some left out at the end.
fn typed() -> impl Strategy<Value = String> {
    (names(), prop::collection::vec((0..4_u8, 0..3_usize), 9), 0..4_usize, 0..3_usize).prop_map(
        |(name, ways, less, from)| {
            let mut typed = String::new();
            for (character, (way, which)) in name.chars().skip(from.min(name.chars().count() - 1)).zip(ways) {
                let readings: Vec<_> =
                    readings(character).into_iter().filter(|reading| reading.is_ascii()).collect();
                match (readings.get(which % readings.len().max(1)), way) {
                    (Some(reading), 1 | 2) => typed.push_str(reading),
                    (Some(reading), 3) => typed.push_str(&reading[..1]),
                    _ => typed.push(character),
                }
            }
            let kept = typed.chars().count().saturating_sub(less).max(1);
            typed.chars().take(kept).collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_automaton_reads_a_name_as_its_definition_does(name in names(), typed in typed()) {
        let (units, pattern) = (fold(&name), Pattern::new(&fold(&typed)));
        for spelling in Spelling::ALL {
            for bounds in [Bounds::Whole, Bounds::Start, Bounds::Anywhere] {
                prop_assert_eq!(
                    pattern.is_in(&units, spelling, bounds), is_in(&name, &typed, spelling, bounds),
                    "{:?} in {:?}, {:?}, {:?}", typed, name, spelling, bounds
                );
            }
        }
    }

    #[test]
    fn slips_are_counted_as_by_trying_everything(name in names(), typed in typed()) {
        let pattern = Pattern::new(&fold(&typed));
        prop_assert_eq!(pattern.slips_in(&fold(&name)), fewest_slips(&name, &typed), "{:?} in {:?}", typed, name);
    }

    #[test]
    fn a_name_is_found_by_its_own_beginning_and_rest_with_anything_between(
        beginning in "[大理镇凤仪]{2,4}", between in "[中心一区]{0,3}", rest in "[卫生院派出所]{2,4}",
    ) {
        let pattern = Pattern::new(&fold(&format!("{beginning}{rest}")));
        let name = fold(&format!("{beginning}{between}{rest}"));
        prop_assert!(pattern.is_rest_in(&name, 0));
        let address = fold(&format!("在{beginning}"));
        prop_assert!(pattern.is_rest_in(&fold(&rest), pattern.beginnings_in(&address)));
        prop_assert!(!pattern.is_rest_in(&fold(&between), !0));
    }
}

#[test]
fn a_number_is_never_taken_for_another_one() {
    let pattern = Pattern::new(&fold("文华小区3栋"));
    for other in ["文华小区5栋", "文华小区13栋", "文华小区栋"] {
        assert_eq!(pattern.slips_in(&fold(other)), None, "{other}");
    }
    assert_eq!(pattern.slips_in(&fold("文化小区3栋")), Some(1));
    assert_eq!(pattern.slips_in(&fold("文华小区三栋")), Some(0));
    assert!(!Pattern::new(&fold("3栋")).is_in(&fold("13栋"), Spelling::Initials, Bounds::Anywhere));
}

#[test]
fn what_stands_where_is_told() {
    let pattern = Pattern::new(&fold("xiaoqu3"));
    assert_eq!(pattern.span_in(&fold("幸福小区3栋"), Spelling::Syllables), Some((2, 5)));
    assert_eq!(pattern.span_in(&fold("幸福小区3栋"), Spelling::Literal), None);
}
