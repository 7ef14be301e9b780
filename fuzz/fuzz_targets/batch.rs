//! Whatever bytes come as a batch: rows are cut in the same places however the pieces come, JSON is what another reader takes for it, and a
//! number is the one of the standard library.

#![no_main]

#[path = "../../src/batch/json.rs"]
mod json;
#[allow(dead_code, reason = "the cutter has more than this asks")]
#[path = "../../src/batch/lines.rs"]
mod lines;
#[path = "../../src/batch/number.rs"]
mod number;

use json::Scanner;
use libfuzzer_sys::fuzz_target;
use lines::{Cut, Cutter};

/// Rows in a chunk.
const MOST: u64 = 3;

fn cuts(bytes: &[u8], quotes: bool, piece: usize) -> Vec<Cut> {
    let mut cutter = Cutter::new(quotes, 1);
    let mut all = Vec::new();
    for piece in bytes.chunks(piece) {
        cutter.feed(piece);
        all.extend(std::iter::from_fn(|| cutter.next(MOST)));
    }
    cutter.end();
    all.extend(std::iter::from_fn(|| cutter.next(MOST)));
    all
}

fn rows_are_cut_in_the_same_places(bytes: &[u8]) {
    for quotes in [false, true] {
        let whole = cuts(bytes, quotes, bytes.len().max(1));
        for piece in [1, 2, 7] {
            assert_eq!(cuts(bytes, quotes, piece), whole);
        }
    }
}

fn json_is_what_another_reader_takes_for_it(text: &str) {
    let mut scanner = Scanner::new(text.as_bytes());
    let read = scanner.value().and_then(|_| scanner.end());
    // Another reader follows a few levels more.
    if read.is_err_and(|(wanted, _)| wanted.contains("within one another")) {
        return;
    }
    assert_eq!(read.is_ok(), serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(), "{text:?}");
}

fn a_number_is_that_of_the_standard_library(text: &str) {
    let expected = text.parse::<f64>().ok().filter(|number| number.is_finite());
    assert_eq!(number::decimal(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits), "{text:?}");
}

fuzz_target!(|bytes: &[u8]| {
    rows_are_cut_in_the_same_places(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        json_is_what_another_reader_takes_for_it(text);
        a_number_is_that_of_the_standard_library(text);
    }
});
