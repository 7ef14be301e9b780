//! Text encodings: what a file declares, what the operator declares, what the bytes allow.
//!
//! GDAL hands text over as UTF-8 and drops what it cannot decode. A Shapefile is therefore opened as ISO-8859-1, which maps
//! every byte to one character and back; the bytes are decoded here, where an invalid one is seen.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::IngestError;
use super::value::REPLACEMENT;

/// The name by which GDAL opens a file so that no byte is lost.
pub(crate) const TRANSPARENT: &str = "ISO-8859-1";

/// Finds an encoding by a name such as `gbk`, `cp936`, `utf-8`, `big5`.
pub(crate) fn find(name: &str) -> Result<&'static Encoding, IngestError> {
    let plain = name.trim().to_ascii_lowercase();
    let label = match plain.as_str() {
        "936" | "cp936" | "ms936" | "ansi 936" | "ansi_936" => "gbk",
        "utf8" | "cp65001" | "65001" => "utf-8",
        "950" | "cp950" => "big5",
        other => other,
    };
    Encoding::for_label(label.as_bytes()).map(superset).ok_or_else(|| IngestError::BadSetting {
        key: "encoding",
        value: name.to_owned(),
        reason: "已知编码有 gbk, gb18030, utf-8, big5 等 no known encoding; known are gbk, gb18030, utf-8, big5 and the like"
            .to_owned(),
    })
}

/// GB18030 holds all of GBK and the rare characters of names besides.
fn superset(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == encoding_rs::GBK { GB18030 } else { encoding }
}

/// How the operator knows it.
pub(crate) fn label(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GBK" } else { encoding.name() }
}

/// The bytes of a text that was read as ISO-8859-1; `None` when it was not.
pub(crate) fn bytes_of(transparent: &str) -> Option<Vec<u8>> {
    transparent.chars().map(|character| u8::try_from(character as u32).ok()).collect()
}

/// Decodes; invalid bytes become U+FFFD.
pub(crate) fn decode(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, garbled) = encoding.decode_without_bom_handling(bytes);
    // A legal U+FFFD does not occur in GBK; where the decoder saw damage, a mark is always left.
    if garbled && !text.contains(REPLACEMENT) { format!("{text}{REPLACEMENT}") } else { text.into_owned() }
}

/// The encoding that most of these texts are valid in; UTF-8 wins a tie, so plain ASCII is UTF-8.
pub(crate) fn guess<'a>(texts: impl Iterator<Item = &'a [u8]>) -> &'static Encoding {
    let (mut utf8, mut gbk) = (0_usize, 0_usize);
    for text in texts {
        utf8 += usize::from(std::str::from_utf8(text).is_ok());
        gbk += usize::from(!GB18030.decode_without_bom_handling(text).1);
    }
    if gbk > utf8 { GB18030 } else { UTF_8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DALI_GBK: &[u8] = &[0xb4, 0xf3, 0xc0, 0xed];

    #[test]
    fn bytes_survive_the_way_through_iso_8859_1() {
        let transparent: String = DALI_GBK.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(decode(&bytes_of(&transparent).unwrap(), find("gbk").unwrap()), "大理");
    }

    #[test]
    fn text_is_taken_for_utf_8_unless_more_of_it_is_gbk() {
        assert_eq!(guess([&b"abc"[..], "大理".as_bytes()].into_iter()).name(), "UTF-8");
        assert_eq!(label(guess([&b"abc"[..], DALI_GBK].into_iter())), "GBK");
        assert_eq!(label(guess([DALI_GBK, DALI_GBK, &[0xff, 0xff]].into_iter())), "GBK");
    }

    #[test]
    fn invalid_bytes_leave_a_mark() {
        assert!(decode(&[0xb4, 0xf3, 0xff], find("GBK").unwrap()).contains(REPLACEMENT));
        assert!(decode(DALI_GBK, UTF_8).contains(REPLACEMENT));
    }

    #[test]
    fn an_unknown_encoding_is_refused_by_name() {
        assert!(find("klingon").unwrap_err().to_string().contains("klingon"));
    }
}
