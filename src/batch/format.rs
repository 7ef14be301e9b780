//! The formats of a streamed batch.

/// A format that is read and written row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with a header line; RFC 4180.
    Csv,
    /// One JSON value a line.
    Ndjson,
    /// The Arrow IPC streaming format.
    Arrow,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Ndjson, Self::Arrow];

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// The format with a media type; also `application/ndjson` and `application/jsonl`, which some clients say.
    pub fn of_media_type(media: &str) -> Option<Self> {
        let also = ["application/ndjson", "application/jsonl"];
        if also.iter().any(|name| media.eq_ignore_ascii_case(name)) {
            return Some(Self::Ndjson);
        }
        Self::ALL.into_iter().find(|format| media.eq_ignore_ascii_case(format.media_type()))
    }

    /// The format that files with an extension are in.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "arrow" | "arrows" => Some(Self::Arrow),
            _ => None,
        }
    }
}
