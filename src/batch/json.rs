//! The grammar of JSON (RFC 8259), to find members without building values.

use memchr::memchr2;

/// Arrays and objects within one another that are followed.
const DEEPEST: u32 = 120;

/// A place in a JSON text.
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

/// Why a text is no JSON: what was expected at which byte.
pub(super) type Expected = (&'static str, usize);

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The byte at the place, behind white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// Steps over a byte that must be there.
    pub(super) fn take(&mut self, byte: u8, name: &'static str) -> Result<(), Expected> {
        if self.peek() != Some(byte) {
            return Err((name, self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// Is nothing left but white space?
    pub(super) fn end(&mut self) -> Result<(), Expected> {
        if self.peek().is_none() { Ok(()) } else { Err(("the end of the line", self.at)) }
    }

    /// Steps over a string; what is between its quotes, escapes as they are.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Expected> {
        self.take(b'"', "a string")?;
        let start = self.at;
        loop {
            let rest = &self.text[self.at..];
            let found = memchr2(b'"', b'\\', rest).ok_or(("the end of a string", self.text.len()))?;
            if let Some(control) = rest[..found].iter().position(|byte| *byte < 0x20) {
                return Err(("no control character in a string", self.at + control));
            }
            self.at += found + 1;
            if rest[found] == b'"' {
                return Ok(&self.text[start..self.at - 1]);
            }
            self.escape()?;
        }
    }

    fn escape(&mut self) -> Result<(), Expected> {
        let digits = match self.text.get(self.at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
            Some(b'u') => 4,
            _ => return Err(("an escape that JSON knows", self.at)),
        };
        let hex = self.text.get(self.at + 1..self.at + 1 + digits);
        if !hex.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) {
            return Err(("four hexadecimal digits", self.at));
        }
        self.at += 1 + digits;
        Ok(())
    }

    /// Steps over a number.
    pub(super) fn number(&mut self) -> Result<&'a [u8], Expected> {
        self.peek();
        let start = self.at;
        self.skip(b'-');
        match self.text.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn digits(&mut self) -> Result<(), Expected> {
        let count = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(("a digit", self.at)) } else { Ok(()) }
    }

    /// Steps over any value and gives its text.
    pub(super) fn value(&mut self) -> Result<&'a [u8], Expected> {
        self.peek();
        let start = self.at;
        // One bit a level: is it an object?
        let (mut open, mut depth) = (0_u128, 0_u32);
        loop {
            match self.peek() {
                Some(opening @ (b'{' | b'[')) => {
                    if depth == DEEPEST {
                        return Err(("no more than 120 arrays and objects within one another", self.at));
                    }
                    self.at += 1;
                    (open, depth) = (open << 1 | u128::from(opening == b'{'), depth + 1);
                    let closing = if opening == b'{' { b'}' } else { b']' };
                    if self.peek() != Some(closing) {
                        self.key(open)?;
                        continue;
                    }
                }
                Some(b'"') => drop(self.string()?),
                Some(b'-' | b'0'..=b'9') => drop(self.number()?),
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                _ => return Err(("a value", self.at)),
            }
            while depth > 0 {
                let object = open & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.key(open)?;
                        break;
                    }
                    Some(b'}') if object => self.at += 1,
                    Some(b']') if !object => self.at += 1,
                    _ => return Err((if object { "a comma or }" } else { "a comma or ]" }, self.at)),
                }
                (open, depth) = (open >> 1, depth - 1);
            }
            if depth == 0 {
                return Ok(&self.text[start..self.at]);
            }
        }
    }

    /// The key before a value, within an object.
    fn key(&mut self, open: u128) -> Result<(), Expected> {
        if open & 1 == 1 {
            self.string()?;
            self.take(b':', "a colon")?;
        }
        Ok(())
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Expected> {
        if !self.text[self.at..].starts_with(word) {
            return Err(("true, false or null", self.at));
        }
        self.at += word.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Scanner;

    fn reads(text: &str) -> bool {
        let mut scanner = Scanner::new(text.as_bytes());
        scanner.value().and_then(|_| scanner.end()).is_ok()
    }

    fn oracle(text: &str) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    }

    #[test]
    fn nesting_is_followed_to_a_depth_and_no_further() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(reads(&nested(120)) && !reads(&nested(121)) && !reads(&nested(100_000)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn what_is_json_is_what_another_reader_takes_for_it(
            tokens in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\u00e9\"", "\"\\x\"", "\"", "1", "-0.5e3", "01", "1.",
                "true", "null", "nul", " ", "\\", "{}", "[]", "{\"k\":1}", "[1,2]", "-", "1e+",
            ]), 0..12)
        ) {
            let text = tokens.concat();
            prop_assert_eq!(reads(&text), oracle(&text), "{}", text);
        }
    }
}
