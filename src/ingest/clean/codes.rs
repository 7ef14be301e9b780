//! Codes as spreadsheets leave them: numbers, full-width digits, lost zeros, doubles.

use std::collections::{BTreeMap, HashMap};

use crate::ingest::value::{Value, is_blank, narrow, whole};
use crate::ingest::{Defect, Place};
use crate::model::Code;

/// Reads a code, with what had to be repaired.
///
/// A number is a code where every digit of it is there; text in scientific notation only where its digits are all
/// written, because `5.32901E+11` may have been 532901001001.
///
/// # Errors
/// The reason to reject the row.
pub(crate) fn read_code(value: &Value) -> Result<(Code, Vec<Defect>), Defect> {
    let mut defects = Vec::new();
    let text = match value {
        Value::Null => return Err(Defect::NoCode),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => {
            let found = number.to_string();
            let exact = whole(*number).ok_or_else(|| Defect::LostDigits { found: found.clone() })?;
            defects.push(Defect::FloatCode { found });
            exact.to_string()
        }
        Value::Text(text) => {
            if text.contains(is_blank) || narrow(text) != *text {
                defects.push(Defect::WideCharacters { found: text.clone() });
            }
            let plain = narrow(text);
            match float_text(&plain) {
                FloatText::No => plain,
                FloatText::Exact(digits) => {
                    defects.push(Defect::FloatCode { found: plain });
                    digits
                }
                FloatText::Lost => return Err(Defect::LostDigits { found: plain }),
            }
        }
    };
    let code = Code::parse(&text).map_err(|error| Defect::BadCode { reason: error.to_string() })?;
    Ok((code, defects))
}

enum FloatText {
    No,
    Exact(String),
    Lost,
}

/// Is this text a number that a code was turned into, and are all its digits there?
fn float_text(text: &str) -> FloatText {
    let upper = text.to_ascii_uppercase();
    let (mantissa, exponent) = match upper.split_once('E') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (upper.as_str(), None),
    };
    let (units, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if units.is_empty() || !digits(units) || !digits(fraction) {
        return FloatText::No;
    }
    match exponent {
        // 5329.0 was a number; 5329.12 is a code of somebody's own making.
        None if !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0') => {
            FloatText::Exact(units.to_owned())
        }
        None => FloatText::No,
        Some(exponent) => match exponent.trim_start_matches('+').parse::<usize>() {
            // Digits of the whole number: those before the point and as many after it as the exponent says.
            Ok(shift) if shift == fraction.len() => FloatText::Exact(format!("{units}{fraction}")),
            Ok(shift) if shift < 64 => FloatText::Lost,
            _ => FloatText::No,
        },
    }
}

/// Codes of one level that are a digit shorter than all the others of that level.
///
/// Gives, by index, the length that the others have. Needs two others at least, all digits, all of one length.
pub(crate) fn short_codes(codes: &[(u8, &str)]) -> BTreeMap<usize, usize> {
    let mut lengths: HashMap<u8, BTreeMap<usize, usize>> = HashMap::new();
    for (level, code) in codes {
        *lengths.entry(*level).or_default().entry(code.len()).or_default() += 1;
    }
    let expected = |level: u8| {
        let of_level = lengths.get(&level)?;
        let (longest, count) = of_level.last_key_value()?;
        let only_one_short = of_level.keys().all(|length| length == longest || length + 1 == *longest);
        let short = of_level.get(&longest.checked_sub(1)?).copied().unwrap_or(0);
        (only_one_short && short > 0 && *count >= 2 && *count > short).then_some(*longest)
    };
    let digits = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
    codes
        .iter()
        .enumerate()
        .filter(|(_, (_, code))| digits(code))
        .filter_map(|(index, (level, code))| {
            expected(*level).filter(|length| code.len() + 1 == *length).map(|length| (index, length))
        })
        .collect()
}

/// First places of codes within an import, to tell the second from the first.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    first: HashMap<(String, String), Place>,
}

impl Seen {
    /// Notes a code of a scheme.
    ///
    /// # Errors
    /// [`Defect::DuplicateCode`] with the row that had it first.
    pub(crate) fn note(&mut self, scheme: &str, code: &str, place: &Place) -> Result<(), Defect> {
        match self.first.get(&(scheme.to_owned(), code.to_owned())) {
            Some(first) => {
                Err(Defect::DuplicateCode { first_row: first.row, first_file: first.file.clone() })
            }
            None => {
                self.first.insert((scheme.to_owned(), code.to_owned()), place.clone());
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> (String, Vec<String>) {
        let (code, defects) = read_code(&value).unwrap();
        (code.to_string(), defects.iter().map(Defect::kind).collect())
    }

    #[test]
    fn a_code_stored_as_a_number_is_text_again() {
        for value in [
            Value::Real(532_901_001_001.0),
            Value::Text("532901001001.0".into()),
            Value::Text("532901001001.000".into()),
            Value::Text("5.32901001001E+11".into()),
        ] {
            assert_eq!(read(value), ("532901001001".into(), vec!["float_code".into()]));
        }
        assert_eq!(read(Value::Real(5.32901e11)), ("532901000000".into(), vec!["float_code".into()]));
        assert_eq!(read(Value::Integer(532_901)), ("532901".into(), vec![]));
    }

    #[test]
    fn digits_that_are_not_there_are_not_invented() {
        for value in [Value::Text("5.32901E+11".into()), Value::Real(5.5), Value::Real(5.329e19)] {
            assert!(matches!(read_code(&value), Err(Defect::LostDigits { .. })), "{value:?}");
        }
    }

    #[test]
    fn codes_with_a_dot_or_an_e_of_their_own_are_left_alone() {
        for code in ["A.12", "12.34", "E5", "5E", "12E-3", "1E400"] {
            assert_eq!(read(Value::Text(code.into())), (code.into(), vec![]));
        }
    }

    #[test]
    fn full_width_digits_and_inner_spaces_are_normalised() {
        let found = read(Value::Text("５３２９ 01".into()));
        assert_eq!(found, ("532901".into(), vec!["wide_characters".into()]));
    }

    #[test]
    fn a_code_one_digit_short_of_all_others_is_noticed() {
        let codes = [(5, "012345678901"), (5, "12345678902"), (5, "012345678903"), (4, "12345")];
        assert_eq!(short_codes(&codes), BTreeMap::from([(1, 12)]));
        assert!(short_codes(&[(5, "123"), (5, "1234")]).is_empty(), "two codes are no rule");
        assert!(short_codes(&[(5, "123"), (5, "1234"), (5, "1235"), (5, "12")]).is_empty());
    }

    #[test]
    fn the_second_of_two_equal_codes_names_the_first() {
        let mut seen = Seen::default();
        seen.note("grid15", "1", &Place::new("a", 3, None)).unwrap();
        seen.note("micro", "1", &Place::new("a", 4, None)).unwrap();
        let again = seen.note("grid15", "1", &Place::new("b", 5, None));
        assert_eq!(again, Err(Defect::DuplicateCode { first_row: 3, first_file: "a".into() }));
    }
}
