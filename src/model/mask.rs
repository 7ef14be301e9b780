//! Masks for names and telephone numbers; views of the database mask in the same way.

/// Keeps the first character of a name: `张三丰` becomes `张**`.
pub fn mask_name(name: &str) -> String {
    let mut characters = name.chars();
    let Some(first) = characters.next() else { return String::new() };
    let mut masked = String::with_capacity(name.len() + 1);
    masked.push(first);
    masked.extend(std::iter::repeat_n('*', characters.count().max(1)));
    masked
}

/// Keeps the first three and the last four digits of a number of eleven or more characters (`138****1234`), and
/// the last two of a shorter one.
pub fn mask_phone(phone: &str) -> String {
    let count = phone.chars().count();
    let (head, tail) = if count >= 11 { (3, 4) } else { (0, 2.min(count / 2)) };
    let mut masked = String::with_capacity(phone.len());
    let shown = |place| place < head || place >= count - tail;
    masked.extend(phone.chars().enumerate().map(|(place, digit)| if shown(place) { digit } else { '*' }));
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_first_character_only() {
        assert_eq!(mask_name("张伟"), "张*");
        assert_eq!(mask_name("欧阳修"), "欧**");
        assert_eq!(mask_name("李"), "李*");
        assert_eq!(mask_name(""), "");
    }

    #[test]
    fn a_mobile_number_keeps_three_and_four_digits() {
        assert_eq!(mask_phone("13812341234"), "138****1234");
        assert_eq!(mask_phone("8721234"), "*****34");
        assert_eq!(mask_phone("1"), "*");
    }
}
