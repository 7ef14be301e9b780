//! Text against patterns, and whatever its case.

/// A text whose case no longer matters: `CASEI`. Like Unicode's full case folding, so that `STRASSE` is `straße` and `ΟΔΟΣ` is `οδος`,
/// done by lowering, raising and lowering each character; what is folded stays as it is when folded again.
pub fn fold(text: &str) -> String {
    let raised = text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    raised.flat_map(char::to_lowercase).collect()
}

/// Does a text match a pattern? Takes time by the product of both lengths at most.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let pattern = elements(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut next) = (0, 0);
    // The last `%`, and how much of the text it stands for so far.
    let mut open: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(next) {
            Some(Element::Any) => {
                open = Some((next, at));
                next += 1;
            }
            Some(Element::One) => (at, next) = (at + 1, next + 1),
            Some(Element::Same(c)) if *c == text[at] => (at, next) = (at + 1, next + 1),
            _ => match &mut open {
                Some((place, end)) => {
                    *end += 1;
                    (at, next) = (*end, *place + 1);
                }
                None => return false,
            },
        }
    }
    pattern[next..].iter().all(|element| *element == Element::Any)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    Any,
    One,
    Same(char),
}

/// A backslash at the end stands for itself.
fn elements(pattern: &str) -> Vec<Element> {
    let mut found = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        found.push(match c {
            '%' => Element::Any,
            '_' => Element::One,
            '\\' => Element::Same(rest.next().unwrap_or('\\')),
            other => Element::Same(other),
        });
    }
    found
}
