//! Decimal numbers out of bytes, exactly rounded.

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The double nearest to a decimal number such as `-100.25` or `1.0025e2`; `None` when the bytes are none, or one
/// that is not finite.
///
/// Up to 2^53 the digits are an exact double, and so are the powers of ten up to 22; one division of two exact numbers rounds
/// once (Clinger, "How to Read Floating Point Numbers Accurately", 1990). Whatever is longer goes to the standard library.
pub(super) fn decimal(bytes: &[u8]) -> Option<f64> {
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, bytes),
    };
    let mut mantissa = 0_u64;
    let mut point = None;
    for (place, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' if mantissa < 1 << 49 => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(place),
            _ => return slowly(bytes),
        }
    }
    let decimals = point.map_or(0, |place| digits.len() - 1 - place);
    let some_digit = digits.len() > usize::from(point.is_some());
    if !some_digit || decimals >= POWERS.len() || mantissa > 1 << 53 {
        return slowly(bytes);
    }
    let size = mantissa as f64 / POWERS[decimals];
    Some(if negative { -size } else { size })
}

fn slowly(bytes: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decimal;

    #[test]
    fn what_is_no_finite_number_is_none() {
        for text in ["", "-", ".", "-.", "1.2.3", "nan", "inf", "1e999", "1,5", "0x10", "１"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decimal(b"\xff"), None);
    }

    proptest! {
        #[test]
        fn every_number_is_rounded_as_the_standard_library_rounds_it(
            text in "[-+]?[0-9]{0,22}(\\.[0-9]{0,24})?([eE][-+]?[0-9]{1,3})?"
        ) {
            let expected = text.parse::<f64>().ok().filter(|number| number.is_finite());
            prop_assert_eq!(decimal(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits));
        }

        #[test]
        fn a_written_double_is_read_back(number in any::<f64>()) {
            prop_assume!(number.is_finite());
            prop_assert_eq!(decimal(number.to_string().as_bytes()), Some(number));
        }
    }
}
