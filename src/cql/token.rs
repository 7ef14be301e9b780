//! CQL2 text into words, values and signs.

use super::CqlError;
use super::error::quoted;

/// The smallest piece of CQL2 text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, keyword or function.
    Word(&'a str),
    /// A name in double quotes, which is never a keyword.
    Name(String),
    /// Characters in single quotes.
    Text(String),
    /// A number without a sign.
    Number(f64),
    /// A sign.
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 15] = ["<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "+", "-", "*", "/", "%", "^"];

impl Token<'_> {
    /// The token in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(text) => quoted(text),
            Self::Name(text) => format!("the name {}", quoted(text)),
            Self::Text(text) => format!("the text {}", quoted(text)),
            Self::Number(number) => format!("the number {number:?}"),
            Self::Sign(sign) => format!("{sign:?}"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The tokens of a text with the place, in bytes, where each begins; the last one is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, CqlError> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let blank = text[at..].len() - text[at..].trim_start().len();
        at += blank;
        let (token, length) = next(text, at)?;
        let is_last = token == Token::End;
        found.push((at, token));
        if is_last {
            return Ok(found);
        }
        at += length;
    }
}

/// The token that begins at a place, and its length in bytes.
fn next(text: &str, at: usize) -> Result<(Token<'_>, usize), CqlError> {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match first {
        '\'' => {
            let (value, length) = delimited(text, at, '\'')?;
            Ok((Token::Text(value), length))
        }
        '"' => {
            let (value, length) = delimited(text, at, '"')?;
            Ok((Token::Name(value), length))
        }
        _ if first.is_ascii_digit() || first == '.' => number(text, at),
        _ if begins_name(first) => {
            let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
            Ok((Token::Word(&rest[..length]), length))
        }
        _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => Ok((Token::Sign(sign), sign.len())),
            None => Err(error(text, at, "CQL2", quoted(&first.to_string()))),
        },
    }
}

fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == ':'
}

fn continues_name(c: char) -> bool {
    begins_name(c) || c.is_alphanumeric() || c == '.'
}

/// What stands between two delimiters; inside, the delimiter is doubled.
fn delimited(text: &str, at: usize, delimiter: char) -> Result<(String, usize), CqlError> {
    let mut value = String::new();
    let mut rest = text[at + 1..].char_indices();
    while let Some((place, c)) = rest.next() {
        if c == delimiter && !rest.as_str().starts_with(delimiter) {
            return Ok((value, place + 2));
        }
        value.push(c);
        if c == delimiter {
            let _ = rest.next();
        }
    }
    let expected = format!("{delimiter} at the end of what began at character {}", place(text, at));
    Err(error(text, text.len(), &expected, Token::End.describe()))
}

/// Digits with a fraction and an exponent, each of which may be missing.
fn number(text: &str, at: usize) -> Result<(Token<'_>, usize), CqlError> {
    let rest = &text.as_bytes()[at..];
    let digits = |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut length = digits(0);
    if rest.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    if matches!(rest.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    let written = &text[at..at + length];
    let ends = text[at + length..].chars().next().is_none_or(|c| !continues_name(c));
    match written.parse::<f64>() {
        Ok(number) if number.is_finite() && ends => Ok((Token::Number(number), length)),
        _ => Err(error(text, at, "a number", quoted(&text[at..]))),
    }
}

/// What is wrong at a place, given in bytes.
pub(super) fn error(text: &str, at: usize, expected: &str, found: String) -> CqlError {
    CqlError::Syntax { at: place(text, at), expected: expected.to_owned(), found }
}

/// The character at a byte, counted from 1.
fn place(text: &str, at: usize) -> usize {
    text[..at].chars().count() + 1
}
