//! What the form of a code says: which scheme it follows, and which part of it counts.

/// The significant part of a code: a division code without the zeros that pad it to 12 or 6 digits.
///
/// 532901001000 (a town) gives 532901001, 532900 (a prefecture) gives 5329; other codes are given back whole.
pub fn significant(code: &str) -> &str {
    if !code.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(code.len(), 6 | 12) {
        return code;
    }
    let tiers: &[usize] = if code.len() == 12 { &[9, 6, 4, 2] } else { &[4, 2] };
    let padded = |from: usize| code.bytes().skip(from).all(|byte| byte == b'0');
    let shortest = tiers.iter().copied().take_while(|tier| padded(*tier)).last();
    &code[..shortest.unwrap_or(code.len())]
}

/// The scheme that a code follows by its form, where the operator names none.
pub fn scheme_of(code: &str) -> &'static str {
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return "local";
    }
    match code.len() {
        2 | 4 | 6 | 9 | 12 => "division",
        15 => "grid15",
        17 | 18 => "micro",
        20 => "grid20",
        _ => "local",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_no_part_of_a_division_code() {
        assert_eq!(significant("532901001000"), "532901001");
        assert_eq!(significant("532901000000"), "532901");
        assert_eq!(significant("532900000000"), "5329");
        assert_eq!(significant("532900"), "5329");
        assert_eq!(significant("532901001001"), "532901001001");
        assert_eq!(significant("532901001001000"), "532901001001000");
        assert_eq!(significant("000000000000"), "00");
    }
}
