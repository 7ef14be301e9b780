//! Everything that can be wrong with a row or a file, as data: `messages` puts it into words.

use serde::Serialize;

/// What was found wrong with a row, a field or a whole file.
///
/// The same defect can be repaired or a reason to reject the row; [`super::Report`] says which.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Defect {
    // Geometry.
    NullGeometry,
    EmptyGeometry,
    NotPolygon { found: String },
    NotPosition { found: String },
    NotFinite,
    OutOfRange { lon: f64, lat: f64 },
    OutsideChina { lon: f64, lat: f64 },
    Untransformable { reason: String },
    SelfCrossing { area_change: f64 },
    Unrepairable { area_change: f64 },
    DuplicateVertices { count: usize },
    UnclosedRing { count: usize },
    DegenerateRing { count: usize },
    ForeignParts { count: usize },
    // Coordinates.
    SwappedAxes,
    ZonePrefix { zone: u32 },
    ZonePrefixMissing { zone: u32 },
    ZoneMismatch { prefix: u32, zone: u32 },
    MetresAsDegrees { x: f64, y: f64 },
    OtherDatum { name: String },
    ShiftSuspected { read_as: String, matches_as: String, before: usize, after: usize, of: usize },
    VerticesShared { snapped: usize, noded: usize },
    VerticesKept,
    UnsharedVertices { other_row: usize, count: usize, farthest_m: f64 },
    // Text.
    InvalidText { field: String, encoding: String },
    EncodingGuessed { encoding: String },
    // Codes.
    NoCode,
    BadCode { reason: String },
    FloatCode { found: String },
    LostDigits { found: String },
    WideCharacters { found: String },
    LostZero { found: String, parent: String },
    LostZeroUnproven { found: String, length: usize },
    DuplicateCode { first_row: usize, first_file: String },
    // Attributes.
    LevelOutOfRange { found: String },
    UnknownKind { found: String },
    BadHouseholds { found: String },
    BadNumber { field: String, found: String },
    NoName,
    BadValue { field: String, found: String, reason: String },
    // Parents.
    UnknownParent { parent: String },
    NoParent,
    ParentRejected { parent: String },
    ParentNotAbove { parent: String },
    ParentCycle { codes: Vec<String> },
    AmbiguousParent { parent: String, share: f64 },
    // Resources and staff.
    NoSourceId,
    TellingSourceId,
    NoClass,
    DuplicateSourceId { source_id: String, first_row: usize, first_file: String },
    FieldNotKept { field: String },
    UnknownTag { found: String },
    Unassigned { count: usize },
    UnknownGrid { grid: String },
    AmbiguousGrid { grid: String },
    UnknownWorker { worker: String },
    UnknownRole { found: String },
    ReporterAssigned,
    BadDate { field: String, found: String },
    EmptySpan,
    Overlapping { first_row: usize },
    BadRow { reason: String },
}

impl Defect {
    /// The name of the defect in JSON: `swapped_axes`, `duplicate_code`...
    pub fn kind(&self) -> String {
        match serde_json::to_value(self) {
            Ok(value) => value.get("kind").and_then(|kind| kind.as_str()).unwrap_or("unknown").to_owned(),
            Err(_) => "unknown".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_named_the_same_with_and_without_detail() {
        assert_eq!(Defect::NullGeometry.kind(), "null_geometry");
        assert_eq!(Defect::SelfCrossing { area_change: 0.1 }.kind(), "self_crossing");
    }
}
