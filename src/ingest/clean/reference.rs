//! Is the identity in the owning system opaque? It is not sealed, since rows are found by it.

/// Weights of the first seventeen digits of a resident identity number (GB 11643-1999, ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// Does a reference tell who somebody is: the number of an identity card, or of a mobile phone?
pub(crate) fn tells_who(reference: &str) -> bool {
    let bytes: Vec<u8> = reference.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'-').collect();
    is_identity_number(&bytes) || is_mobile(&bytes)
}

fn is_identity_number(bytes: &[u8]) -> bool {
    let Some((digits, [check])) = bytes.split_first_chunk::<17>() else { return false };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS[sum as usize % 11] == check.to_ascii_uppercase()
}

/// Eleven digits, of which the first is 1 and the second 3 to 9.
fn is_mobile(bytes: &[u8]) -> bool {
    matches!(bytes, [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_identity_cards_and_mobile_phones_tell_who_and_others_do_not() {
        // The examples that GB 11643-1999 gives.
        for telling in [
            "11010519491231002X",
            "11010519491231002x",
            "440524188001010014",
            "138 1234 5678",
            "139-0000-0000",
        ] {
            assert!(tells_who(telling), "{telling}");
        }
        for opaque in [
            "110105194912310021",
            "P1",
            "1",
            "",
            "532901001001001",
            "12812345678",
            "1381234567",
            "01a21a34-72f5-73f9-a056-08431213bfb9",
        ] {
            assert!(!tells_who(opaque), "{opaque}");
        }
    }
}
