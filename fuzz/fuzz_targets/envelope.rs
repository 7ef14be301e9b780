//! Whatever text stands in a column is no sealed value, or one that is written down as it was read.

#![no_main]

#[allow(dead_code, reason = "the rest seals and opens")]
#[path = "../../src/seal/envelope.rs"]
mod envelope;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(stored) = std::str::from_utf8(bytes) else { return };
    if let Some(read) = envelope::Envelope::read(stored) {
        assert!(envelope::is_sealed(stored));
        assert_eq!(read.written(), stored);
        assert!(stored.starts_with(&envelope::beginning(&read.head)));
    }
});
