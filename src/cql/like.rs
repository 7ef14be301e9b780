//! Text against patterns, and whatever its case.

/// A text whose case no longer matters: `CASEI`. Like Unicode's full case folding, so that `STRASSE` is `straße` and `ΟΔΟΣ` is `οδος`,
/// done by lowering, raising and lowering each character; what is folded stays as it is when folded again.
pub fn fold(text: &str) -> String {
    let raised = text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    raised.flat_map(char::to_lowercase).collect()
}

/// Does a text match a pattern? Takes time by the product of both lengths at most, and no memory: it is asked of every feature.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text, pattern);
    // What was left of both behind the last `%`, when it stood for the least.
    let mut open: Option<(&str, &str)> = None;
    loop {
        let begun = first(text);
        match (element(pattern), begun) {
            (None, None) => return true,
            (Some((Element::Any, rest)), _) => {
                pattern = rest;
                open = Some((text, pattern));
            }
            (Some((Element::One, rest)), Some((_, left))) => (text, pattern) = (left, rest),
            (Some((Element::Same(wanted), rest)), Some((c, left))) if wanted == c => {
                (text, pattern) = (left, rest);
            }
            // More text for the last `%`, and less for what comes behind it.
            (_, Some(_)) => match open.and_then(|(left, rest)| Some((first(left)?.1, rest))) {
                Some((left, rest)) => {
                    open = Some((left, rest));
                    (text, pattern) = (left, rest);
                }
                None => return false,
            },
            (Some(_), None) => return false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    Any,
    One,
    Same(char),
}

/// The first element of a pattern, and the rest. A backslash at the end stands for itself.
fn element(pattern: &str) -> Option<(Element, &str)> {
    let (c, rest) = first(pattern)?;
    Some(match c {
        '%' => (Element::Any, rest),
        '_' => (Element::One, rest),
        '\\' => first(rest).map_or((Element::Same(c), rest), |(next, rest)| (Element::Same(next), rest)),
        other => (Element::Same(other), rest),
    })
}

fn first(text: &str) -> Option<(char, &str)> {
    let mut rest = text.chars();
    Some((rest.next()?, rest.as_str()))
}
