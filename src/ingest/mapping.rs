//! Which field means what: from flags, from a TOML file, or both; flags win.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{IngestError, InputCrs};
use crate::model::{GridKind, Level};

/// The settings that every vector file shares.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(default)]
pub struct FileMapping {
    /// Layer to read, where the file has several.
    #[arg(long)]
    pub layer: Option<String>,
    /// Encoding of the text, such as gbk; default: what the file declares, else UTF-8 or GBK by its bytes.
    #[arg(long)]
    pub encoding: Option<String>,
    /// Coordinate system: EPSG:n, wgs84, cgcs2000, gcj02 or bd09; default: what the file declares.
    #[arg(long)]
    pub crs: Option<String>,
}

/// Grids: which field means what.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GridMapping {
    #[command(flatten)]
    #[serde(flatten)]
    /// Layer, encoding, coordinate system.
    pub file: FileMapping,
    /// Level of every grid in the files, 1 to 6.
    #[arg(long, conflicts_with = "level_field")]
    pub level: Option<i64>,
    /// Field with the level of each grid.
    #[arg(long)]
    pub level_field: Option<String>,
    /// Name of a level for the level scheme, as 5=网格 or 5=网格/grid; may be repeated.
    #[arg(long = "level-name")]
    pub level_names: Vec<String>,
    /// Field with the code.
    #[arg(long)]
    pub code_field: Option<String>,
    /// Field with the name.
    #[arg(long)]
    pub name_field: Option<String>,
    /// Kind of every grid in the files: base, dedicated or micro.
    #[arg(long, conflicts_with = "kind_field")]
    pub kind: Option<String>,
    /// Field with the kind of each grid.
    #[arg(long)]
    pub kind_field: Option<String>,
    /// Field with the number of resident households.
    #[arg(long)]
    pub households_field: Option<String>,
    /// Scheme that the codes follow; default: by their length (division, grid15, grid20, micro, else local).
    #[arg(long)]
    pub scheme: Option<String>,
    /// How the parent is found: field:F, prefix or spatial; default: prefix.
    #[arg(long)]
    pub parent: Option<String>,
    /// Distance in metres within which neighbours are made to share vertices, at most 1; 0 for never; default: 0.001.
    #[arg(long, value_name = "METRES", allow_negative_numbers = true)]
    pub snap: Option<f64>,
}

/// Resources: which field means what.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceMapping {
    #[command(flatten)]
    #[serde(flatten)]
    /// Layer, encoding, coordinate system.
    pub file: FileMapping,
    /// The system that owns the rows; default: the file's name without its extension.
    #[arg(long)]
    pub source: Option<String>,
    /// Field with the identity in that system; default: source_id or id.
    #[arg(long)]
    pub source_id_field: Option<String>,
    /// Class of every row, such as school.
    #[arg(long, conflicts_with = "class_field")]
    pub class: Option<String>,
    /// Field with the class of each row.
    #[arg(long)]
    pub class_field: Option<String>,
    /// Field with the name.
    #[arg(long)]
    pub name_field: Option<String>,
    /// Field with the address.
    #[arg(long)]
    pub address_field: Option<String>,
    /// Buildings: field with the height in metres.
    #[arg(long)]
    pub height_field: Option<String>,
    /// Buildings: field with the number of floors.
    #[arg(long)]
    pub floors_field: Option<String>,
    /// Buildings: field with the number of resident households.
    #[arg(long)]
    pub households_field: Option<String>,
    /// People: field with the household.
    #[arg(long)]
    pub household_field: Option<String>,
    /// People: field with the telephone.
    #[arg(long)]
    pub phone_field: Option<String>,
    /// People: field with service tags, separated by commas.
    #[arg(long)]
    pub tags_field: Option<String>,
}

/// How the parent of a grid is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentRule {
    /// A field holds its code.
    Field(String),
    /// The longest proper prefix of the code that is a grid on a higher level.
    Prefix,
    /// The grid on the nearest higher level that covers the largest part of the area.
    Space,
}

/// A checked [`GridMapping`].
#[derive(Debug, Clone)]
pub struct GridRules {
    /// Level of every grid, unless a field says.
    pub level: Option<Level>,
    /// Kind of every grid, unless a field says.
    pub kind: Option<GridKind>,
    /// How parents are found.
    pub parent: ParentRule,
    /// The coordinate system, unless the file says.
    pub crs: Option<InputCrs>,
    /// Names for levels: Chinese and English.
    pub level_names: Vec<(Level, String, String)>,
    /// The distance within which neighbours are made to share vertices, metres; 0 for never.
    pub snap: f64,
}

macro_rules! fill {
    ($flags:ident, $file:ident, $($field:ident),+) => {
        $( if $flags.$field.is_none() { $flags.$field = $file.$field; } )+
    };
}

impl FileMapping {
    fn or(mut self, file: Self) -> Self {
        fill!(self, file, layer, encoding, crs);
        self
    }
}

impl GridMapping {
    /// These settings, and those of a TOML file where these are silent.
    pub fn with_file(mut self, path: Option<&Path>) -> Result<Self, IngestError> {
        let Some(path) = path else { return Ok(self) };
        let mut file: Self = read_toml(path)?;
        if self.level.is_some() || self.level_field.is_some() {
            (file.level, file.level_field) = (None, None);
        }
        if self.kind.is_some() || self.kind_field.is_some() {
            (file.kind, file.kind_field) = (None, None);
        }
        self.file = self.file.or(file.file);
        fill!(
            self,
            file,
            level,
            level_field,
            code_field,
            name_field,
            kind,
            kind_field,
            households_field,
            scheme,
            parent,
            snap
        );
        if self.level_names.is_empty() {
            self.level_names = file.level_names;
        }
        Ok(self)
    }

    /// Checks every value that does not need the file.
    pub fn rules(&self) -> Result<GridRules, IngestError> {
        let level = self.level.map(Level::new).transpose().map_err(|error| IngestError::BadSetting {
            key: "level",
            value: error.0.to_string(),
            reason: error.to_string(),
        })?;
        Ok(GridRules {
            level,
            kind: self.kind.as_deref().map(parse_kind_setting).transpose()?,
            parent: parse_parent(self.parent.as_deref())?,
            crs: self.file.crs.as_deref().map(InputCrs::parse).transpose()?,
            level_names: self
                .level_names
                .iter()
                .map(|text| parse_level_name(text))
                .collect::<Result<_, _>>()?,
            snap: parse_snap(self.snap)?,
        })
    }
}

impl ResourceMapping {
    /// These settings, and those of a TOML file where these are silent.
    pub fn with_file(mut self, path: Option<&Path>) -> Result<Self, IngestError> {
        let Some(path) = path else { return Ok(self) };
        let mut file: Self = read_toml(path)?;
        if self.class.is_some() || self.class_field.is_some() {
            (file.class, file.class_field) = (None, None);
        }
        self.file = self.file.or(file.file);
        fill!(self, file, source, source_id_field, class, class_field, name_field, address_field);
        fill!(
            self,
            file,
            height_field,
            floors_field,
            households_field,
            household_field,
            phone_field,
            tags_field
        );
        Ok(self)
    }
}

fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, IngestError> {
    let bad = |reason: String| IngestError::BadMapping { path: PathBuf::from(path), reason };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    toml::from_str(&text).map_err(|error| bad(error.to_string()))
}

fn parse_parent(text: Option<&str>) -> Result<ParentRule, IngestError> {
    match text {
        None | Some("prefix") => Ok(ParentRule::Prefix),
        Some("spatial") => Ok(ParentRule::Space),
        Some(other) => match other.strip_prefix("field:").map(str::trim) {
            Some(field) if !field.is_empty() => Ok(ParentRule::Field(field.to_owned())),
            _ => Err(IngestError::BadSetting {
                key: "parent",
                value: other.to_owned(),
                reason: "应为 should be field:F, prefix or spatial".to_owned(),
            }),
        },
    }
}

/// Coordinates are seldom written finer than a millimetre.
const SNAP_M: f64 = 1e-3;
/// Farther than this is a gap or an overlap that somebody has to look at.
const SNAP_MOST_M: f64 = 1.0;

fn parse_snap(metres: Option<f64>) -> Result<f64, IngestError> {
    let metres = metres.unwrap_or(SNAP_M);
    // NaN is in no range.
    if (0.0..=SNAP_MOST_M).contains(&metres) {
        return Ok(metres);
    }
    Err(IngestError::BadSetting {
        key: "snap",
        value: metres.to_string(),
        reason: "应为 0 至 1 之间的米数（0 表示不吸附） should be metres from 0 (never snap) to 1".to_owned(),
    })
}

/// Reads a kind as operators write it.
pub(crate) fn parse_kind(text: &str) -> Option<GridKind> {
    match text {
        "基础网格" | "综合网格" | "基础" | "综合" => Some(GridKind::Base),
        "专属网格" | "专属" => Some(GridKind::Dedicated),
        "微网格" | "微" => Some(GridKind::Micro),
        other => GridKind::parse(&other.to_ascii_lowercase()),
    }
}

fn parse_kind_setting(text: &str) -> Result<GridKind, IngestError> {
    parse_kind(text).ok_or_else(|| IngestError::BadSetting {
        key: "kind",
        value: text.to_owned(),
        reason: "应为 should be base, dedicated or micro".to_owned(),
    })
}

fn parse_level_name(text: &str) -> Result<(Level, String, String), IngestError> {
    let parsed = text.split_once('=').and_then(|(level, name)| {
        let level = Level::new(level.trim().parse().ok()?).ok()?;
        let (zh, en) = name.split_once('/').unwrap_or((name, name));
        let (zh, en) = (zh.trim(), en.trim());
        (!zh.is_empty()).then(|| (level, zh.to_owned(), en.to_owned()))
    });
    parsed.ok_or_else(|| IngestError::BadSetting {
        key: "level-name",
        value: text.to_owned(),
        reason: "应如 should be like 5=网格 or 5=网格/grid".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn toml_file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn a_flag_wins_over_the_mapping_file_and_the_file_fills_the_rest() {
        let file =
            toml_file("level_field = \"LV\"\ncode_field = \"BM\"\ncrs = \"gcj02\"\nencoding = \"gbk\"\n");
        let flags = GridMapping {
            level: Some(5),
            file: FileMapping { crs: Some("EPSG:4544".into()), ..FileMapping::default() },
            ..GridMapping::default()
        };
        let merged = flags.with_file(Some(file.path())).unwrap();
        assert_eq!((merged.level, merged.level_field.as_deref()), (Some(5), None));
        assert_eq!(merged.code_field.as_deref(), Some("BM"));
        assert_eq!(merged.file.crs.as_deref(), Some("EPSG:4544"));
        assert_eq!(merged.file.encoding.as_deref(), Some("gbk"));
    }

    #[test]
    fn an_unknown_key_of_the_mapping_file_is_named() {
        let file = toml_file("code_feild = \"BM\"\n");
        let error = GridMapping::default().with_file(Some(file.path())).unwrap_err().to_string();
        assert!(error.contains("code_feild"), "{error}");
    }

    #[test]
    fn a_parent_rule_is_a_field_a_prefix_or_space() {
        assert_eq!(parse_parent(Some("field:PARENT")).unwrap(), ParentRule::Field("PARENT".into()));
        assert_eq!(parse_parent(None).unwrap(), ParentRule::Prefix);
        assert_eq!(parse_parent(Some("spatial")).unwrap(), ParentRule::Space);
        assert!(parse_parent(Some("field:")).unwrap_err().to_string().contains("field:"));
    }

    #[test]
    fn a_level_outside_one_to_six_is_refused() {
        let rules = GridMapping { level: Some(7), ..GridMapping::default() }.rules();
        assert!(rules.unwrap_err().to_string().contains('7'));
    }

    #[test]
    fn a_snapping_distance_is_a_millimetre_unless_given_and_never_more_than_a_metre() {
        let snap = |snap| GridMapping { snap, ..GridMapping::default() }.rules().map(|rules| rules.snap);
        assert_eq!(
            [snap(None).unwrap(), snap(Some(0.0)).unwrap(), snap(Some(1.0)).unwrap()],
            [1e-3, 0.0, 1.0]
        );
        for (bad, named) in [(-0.5, "-0.5"), (f64::NAN, "NaN"), (1.01, "1.01"), (f64::INFINITY, "inf")] {
            let error = snap(Some(bad)).unwrap_err().to_string();
            assert!(error.contains("--snap") && error.contains(named), "{error}");
        }
    }

    #[test]
    fn the_mapping_file_may_turn_snapping_off_and_a_flag_on_again() {
        let file = toml_file("snap = 0\n");
        let off = GridMapping::default().with_file(Some(file.path())).unwrap();
        assert_eq!(off.snap, Some(0.0));
        let flags = GridMapping { snap: Some(0.02), ..GridMapping::default() };
        assert_eq!(flags.with_file(Some(file.path())).unwrap().snap, Some(0.02));
    }

    #[test]
    fn kinds_are_read_in_both_languages() {
        assert_eq!(parse_kind("综合网格"), Some(GridKind::Base));
        assert_eq!(parse_kind("Micro"), Some(GridKind::Micro));
        assert_eq!(parse_kind("boss"), None);
    }
}
