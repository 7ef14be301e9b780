//! A field's value as the file holds it.

/// A value of a row; an unset or empty field is [`Value::Null`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// Text; bytes that were not valid in the encoding are U+FFFD.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
}

/// What a decoder puts where bytes made no sense.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

impl Value {
    /// Text as a value; nothing but white space is [`Value::Null`].
    pub(crate) fn text(text: &str) -> Self {
        let text = text.trim_matches(is_blank);
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
    }

    /// True when the bytes of the text were not valid in its encoding.
    pub(crate) fn is_garbled(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains(REPLACEMENT))
    }

    /// As text, for names and messages; numbers without a needless fraction.
    pub(crate) fn to_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
        }
    }

    /// As a whole number: an integer, a real without fraction, or text that is either; `None` where it is none of these.
    pub(crate) fn to_integer(&self) -> Option<i64> {
        match self {
            Self::Null => None,
            Self::Integer(number) => Some(*number),
            Self::Real(number) => whole(*number),
            Self::Text(text) => {
                let text = narrow(text);
                text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
            }
        }
    }

    /// As a finite number.
    pub(crate) fn to_real(&self) -> Option<f64> {
        let number = match self {
            Self::Null => None,
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(text) => narrow(text).parse().ok(),
        };
        number.filter(|number: &f64| number.is_finite())
    }
}

/// A real number as the integer that it exactly is; integers up to 2^53 have every digit.
pub(crate) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// White space of any script, and marks that show as nothing.
pub(crate) fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\0')
}

/// Full-width letters, digits and signs as their half-width selves, without any white space.
pub(crate) fn narrow(text: &str) -> String {
    let half = |character: char| match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    };
    text.chars().filter(|character| !is_blank(*character)).map(half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_digits_and_spaces_become_plain_digits() {
        assert_eq!(narrow("\u{3000}５３２９　０１\u{feff} "), "532901");
    }

    #[test]
    fn a_number_with_a_fraction_is_no_integer() {
        assert_eq!(Value::Real(3.5).to_integer(), None);
        assert_eq!(Value::Text("3.0".into()).to_integer(), Some(3));
        assert_eq!(Value::Real(f64::NAN).to_integer(), None);
    }

    #[test]
    fn blank_text_is_nothing() {
        assert_eq!(Value::text(" \u{3000}\0"), Value::Null);
    }
}
