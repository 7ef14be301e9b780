//! How Chinese characters are read: the syllables of pinyin, without tones.

use std::collections::HashMap;
use std::sync::OnceLock;

use pinyin::ToPinyinMulti;

/// The readings of every character of the basic plane. A few hundred syllables, and a few sets of them, serve all characters, so what is worked
/// out for a query is worked out once a syllable.
pub(super) struct Readings {
    /// By UTF-16 unit, which set; 0: it has no reading.
    pub(super) set_of: Box<[u16; 1 << 16]>,
    /// By set, which syllables.
    pub(super) sets: Vec<Vec<u16>>,
    /// The letters of each syllable.
    pub(super) syllables: Vec<Vec<u16>>,
}

/// Made when first asked for; takes some milliseconds.
pub(super) fn readings() -> &'static Readings {
    static READINGS: OnceLock<Readings> = OnceLock::new();
    READINGS.get_or_init(Readings::collect)
}

impl Readings {
    fn collect() -> Self {
        let mut readings =
            Self { set_of: Box::new([0; 1 << 16]), sets: vec![Vec::new()], syllables: Vec::new() };
        let mut syllables: HashMap<String, u16> = HashMap::new();
        let mut sets: HashMap<Vec<u16>, u16> = HashMap::new();
        for unit in 0x3007..=0xFAFF_u16 {
            let mut place = |typed: String| {
                *syllables.entry(typed).or_insert_with_key(|typed| {
                    readings.syllables.push(typed.bytes().map(u16::from).collect());
                    readings.syllables.len() as u16 - 1
                })
            };
            let set: Vec<u16> = typed_as(unit).into_iter().map(&mut place).collect();
            if !set.is_empty() {
                readings.set_of[usize::from(unit)] = *sets.entry(set).or_insert_with_key(|set| {
                    readings.sets.push(set.clone());
                    readings.sets.len() as u16 - 1
                });
            }
        }
        readings
    }
}

/// The syllables that a character is read as, as they are typed: `ü` as `v` and as `u`.
fn typed_as(unit: u16) -> Vec<String> {
    let Some(read) = char::from_u32(unit.into()).and_then(|character| character.to_pinyin_multi()) else {
        return Vec::new();
    };
    let plain = read.into_iter().map(pinyin::Pinyin::plain);
    let typed = plain.flat_map(|syllable| ["v", "u"].map(|typed| syllable.replace('ü', typed)));
    let mut typed: Vec<_> = typed.filter(|one| one.bytes().all(|byte| byte.is_ascii_lowercase())).collect();
    typed.sort_unstable();
    typed.dedup();
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(character: char) -> Vec<String> {
        let Readings { set_of, sets, syllables } = readings();
        let set = &sets[usize::from(set_of[character as usize])];
        set.iter().map(|place| String::from_utf16(&syllables[usize::from(*place)]).unwrap()).collect()
    }

    #[test]
    fn characters_have_all_their_readings_as_they_are_typed() {
        assert_eq!(read('福'), ["fu"]);
        assert!(read('重').contains(&"chong".to_owned()) && read('重').contains(&"zhong".to_owned()));
        assert!(read('绿').contains(&"lv".to_owned()) && read('绿').contains(&"lu".to_owned()));
        assert!(read('a').is_empty() && read('，').is_empty());
        let longest = readings().syllables.iter().map(Vec::len).max();
        assert_eq!(longest, Some(super::super::classes::LONGEST));
    }
}
