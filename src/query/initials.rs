//! Finding Chinese names by the initials of their pinyin, as operators type them: `xgjd` for 下关街道.

use pinyin::ToPinyinMulti;

/// Does a run of the name's characters have these initials, in any reading? `initials` is in lower case; a character
/// that is no Chinese one stands for itself.
pub fn has_initials(name: &str, initials: &str) -> bool {
    let initials: Vec<char> = initials.chars().collect();
    let name: Vec<char> = name.chars().collect();
    !initials.is_empty()
        && name.windows(initials.len()).any(|run| run.iter().zip(&initials).all(|(c, i)| begins_with(*c, *i)))
}

fn begins_with(character: char, initial: char) -> bool {
    match character.to_pinyin_multi() {
        Some(readings) => readings.into_iter().any(|reading| reading.plain().starts_with(initial)),
        None => character.to_lowercase().eq(initial.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_the_initials_of_its_characters_in_any_reading() {
        assert!(has_initials("下关街道", "xgjd"));
        assert!(has_initials("大理市下关街道", "xg"));
        assert!(has_initials("重庆路社区", "cq") && has_initials("重庆路社区", "zq"));
        assert!(has_initials("A座3号", "az3h"));
        assert!(!has_initials("下关街道", "dl"));
        assert!(!has_initials("下关街道", ""));
    }
}
