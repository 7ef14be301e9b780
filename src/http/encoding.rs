//! How a body travels: which encodings a caller accepts, and the work of packing.

use axum::http::{HeaderMap, header};

use crate::tiles::gzip;

/// Brotli: up to six hundredths smaller than gzip on tiles, in one to two and a half times its time (`benches/README.md`). One step higher gains
/// nothing.
const BROTLI_QUALITY: i32 = 5;
/// How far back Brotli looks, as a power of two: tiles are seldom larger.
const BROTLI_WINDOW: i32 = 18;
/// Zstandard: as small as gzip to a few hundredths, in half to a sixth of its time.
const ZSTD_LEVEL: i32 = 3;

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    /// What a caller may be offered, the last first where several are equally welcome: Zstandard costs the least by far, for whoever packs
    /// and whoever unpacks.
    const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];

    /// The name in `Accept-Encoding` and `Content-Encoding`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The best that a caller accepts; identity when it accepts nothing that there is.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let mut named = [None; Self::ALL.len()];
        let mut any = None;
        for (name, weight) in weights(headers) {
            match Self::ALL.iter().position(|encoding| name.eq_ignore_ascii_case(encoding.as_str())) {
                Some(at) => named[at] = named[at].or(Some(weight)),
                None if name == "*" => any = any.or(Some(weight)),
                None => {}
            }
        }
        // What is not named is refused, but for the body as it is.
        let weight = |at: usize| named[at].or(any).unwrap_or(if at == 0 { f32::MIN_POSITIVE } else { 0.0 });
        let better = |best: usize, at: usize| {
            if weight(at) > 0.0 && weight(at) >= weight(best) { at } else { best }
        };
        Self::ALL[(0..Self::ALL.len()).fold(0, better)]
    }

    /// The body in this encoding; `None` where it is the body as it is. Memory takes every byte, so that there is no other reason.
    pub(super) fn pack(self, body: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(gzip(body)),
            Self::Brotli => {
                let params = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    size_hint: body.len(),
                    ..Default::default()
                };
                let mut packed = Vec::with_capacity(body.len() / 2);
                brotli::BrotliCompress(&mut &*body, &mut packed, &params).ok().map(|_| packed)
            }
            Self::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL).ok(),
        }
    }
}

/// Does a caller accept an encoding? As RFC 9110, section 12.5.3 has it, but that nothing said is taken as no.
pub(super) fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let weight = |wanted: &str| {
        weights(headers).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, weight)| weight)
    };
    weight(encoding).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// The encodings that a caller names, each with its weight.
fn weights(headers: &HeaderMap) -> impl Iterator<Item = (&str, f32)> {
    let given = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|list| list.split(',')).filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next()?;
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((name, q.and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(list: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, list.parse().unwrap())])
    }

    #[test]
    fn an_encoding_is_accepted_when_it_is_named_and_not_forbidden() {
        for (list, accepted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("br", false),
            ("identity", false),
            ("x-gzip-not", false),
            ("gzip; q=0.0", false),
        ] {
            assert_eq!(accepts(&asked(list), "gzip"), accepted, "{list}");
        }
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn the_weightiest_wins_and_of_several_the_cheapest() {
        for (list, best) in [
            ("gzip", Encoding::Gzip),
            ("gzip, deflate, br, zstd", Encoding::Zstd),
            ("gzip, deflate, br", Encoding::Brotli),
            ("br;q=0.9, gzip", Encoding::Gzip),
            ("zstd;q=0.1, BR;q=0.2, gzip;q=0.15", Encoding::Brotli),
            ("*", Encoding::Zstd),
            ("*, zstd;q=0", Encoding::Brotli),
            ("*;q=0.5, gzip;q=0.6", Encoding::Gzip),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("identity;q=0, gzip;q=0.001", Encoding::Gzip),
            ("identity;q=0", Encoding::Identity),
            ("gzip;q=0", Encoding::Identity),
            ("gzip;q=nan", Encoding::Identity),
            ("deflate", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            assert_eq!(Encoding::accepted(&asked(list)), best, "{list:?}");
        }
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Encoding::Identity);
        let mut twice = asked("gzip");
        twice.append(header::ACCEPT_ENCODING, "br".parse().unwrap());
        assert_eq!(Encoding::accepted(&twice), Encoding::Brotli);
    }
}
