//! Text as it is compared: in lower case, full-width forms as their usual ones, without spaces and punctuation.

/// Gives each UTF-16 unit of the folded text, with where the character that it came from begins and ends, in UTF-16 units.
fn fold_each(text: &str, mut put: impl FnMut(u16, [usize; 2])) {
    let mut at = 0;
    let mut buffer = [0; 2];
    for character in text.chars() {
        let usual = match character {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
            _ => character,
        };
        let end = at + character.len_utf16();
        if usual.is_alphanumeric() {
            for lower in usual.to_lowercase() {
                lower.encode_utf16(&mut buffer).iter().for_each(|unit| put(*unit, [at, end]));
            }
        }
        at = end;
    }
}

/// Appends a folded text to others.
pub(super) fn fold_into(text: &str, units: &mut Vec<u16>) {
    fold_each(text, |unit, _| units.push(unit));
}

/// A folded text.
pub(super) fn fold(text: &str) -> Vec<u16> {
    let mut units = Vec::new();
    fold_into(text, &mut units);
    units
}

/// A folded text, and for each of its units where the character that it came from begins and ends, in UTF-16 units of the text.
pub(super) fn fold_with_origin(text: &str) -> (Vec<u16>, Vec<[usize; 2]>) {
    let mut both = (Vec::new(), Vec::new());
    fold_each(text, |unit, at| {
        both.0.push(unit);
        both.1.push(at);
    });
    both
}

/// A Chinese character; those beyond the basic plane are two units, and neither of them is one.
pub(super) fn is_chinese(unit: u16) -> bool {
    matches!(unit, 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF)
}

/// A digit from 0 to 9.
pub(super) fn is_digit(unit: u16) -> bool {
    matches!(unit, 0x30..=0x39)
}

/// A Latin letter, folded.
pub(super) fn is_letter(unit: u16) -> bool {
    matches!(unit, 0x61..=0x7A)
}

/// The Chinese numerals from 0 to 9.
pub(super) const NUMERALS: [u16; 10] =
    [0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D];

/// The digit that a Chinese numeral below ten means.
pub(super) fn numeral(unit: u16) -> Option<u16> {
    let digit = NUMERALS.iter().position(|numeral| *numeral == unit)?;
    Some(0x30 + digit as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_spaces_and_punctuation_do_not_count() {
        assert_eq!(fold("ＡＢ－１２ 号（东）"), fold("ab12号东"));
        assert_eq!(fold(" —·# "), Vec::<u16>::new());
    }

    #[test]
    fn each_unit_knows_the_character_that_it_came_from() {
        let (units, origin) = fold_with_origin("（𠮷）A 栋");
        assert_eq!((units.len(), origin), (4, vec![[1, 3], [1, 3], [4, 5], [6, 7]]));
    }

    #[test]
    fn numerals_below_ten_are_digits() {
        let digits: Vec<_> = fold("〇一二三四五六七八九").into_iter().map(numeral).collect();
        assert_eq!(digits, fold("0123456789").into_iter().map(Some).collect::<Vec<_>>());
        assert_eq!(numeral(fold("十")[0]), None);
    }
}
