//! The coordinate system that the operator declares.

use std::fmt;

use super::IngestError;

/// What `--crs` may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputCrs {
    /// A coordinate system of the EPSG register, by its number.
    Epsg(u32),
    /// The shifted coordinates of most Chinese web maps, degrees.
    Gcj02,
    /// The shifted coordinates of Baidu's maps, degrees.
    Bd09,
}

impl InputCrs {
    /// Reads `EPSG:4544`, `4544`, `wgs84`, `cgcs2000`, `gcj02` or `bd09`, however cased.
    pub fn parse(text: &str) -> Result<Self, IngestError> {
        let plain = text.trim().to_ascii_lowercase().replace(['-', '_', ' '], "");
        match plain.as_str() {
            "wgs84" => Ok(Self::Epsg(4326)),
            "cgcs2000" => Ok(Self::Epsg(4490)),
            "gcj02" => Ok(Self::Gcj02),
            "bd09" | "bd09ll" => Ok(Self::Bd09),
            other => other.strip_prefix("epsg:").unwrap_or(other).parse().map(Self::Epsg).map_err(|_| {
                IngestError::BadSetting {
                    key: "crs",
                    value: text.to_owned(),
                    reason: "应为 should be EPSG:n, wgs84, cgcs2000, gcj02 or bd09".to_owned(),
                }
            }),
        }
    }
}

impl fmt::Display for InputCrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epsg(number) => write!(f, "EPSG:{number}"),
            Self::Gcj02 => f.write_str("gcj02"),
            Self::Bd09 => f.write_str("bd09"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read_however_cased() {
        assert_eq!(InputCrs::parse("epsg:4544").unwrap(), InputCrs::Epsg(4544));
        assert_eq!(InputCrs::parse("GCJ-02").unwrap(), InputCrs::Gcj02);
        assert_eq!(InputCrs::parse("4490").unwrap(), InputCrs::Epsg(4490));
        assert!(InputCrs::parse("mars").unwrap_err().to_string().contains("mars"));
    }
}
