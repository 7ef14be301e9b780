//! Rows in PostgreSQL's COPY text format: the fastest way in.

use std::fmt::{Display, Write};

use geo::Geometry;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, ewkb};
use crate::model::Span;

/// How much is gathered before it is sent, in bytes.
const CHUNK: usize = 1 << 20;

/// Rows on their way to a COPY, one field after the other.
#[derive(Debug, Default)]
pub(super) struct Rows {
    text: String,
    started: bool,
}

impl Rows {
    /// A text; what the format gives a meaning to is escaped (PostgreSQL manual, COPY, Text Format).
    pub(super) fn text(&mut self, value: &str) {
        self.separate();
        for character in value.chars() {
            match character {
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                other => self.text.push(other),
            }
        }
    }

    /// A text or null.
    pub(super) fn optional_text(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// A number, identity or truth value: nothing in it needs escaping.
    pub(super) fn plain(&mut self, value: impl Display) {
        self.separate();
        let _ = write!(self.text, "{value}");
    }

    /// Such a value or null.
    pub(super) fn optional(&mut self, value: Option<impl Display>) {
        match value {
            Some(value) => self.plain(value),
            None => self.null(),
        }
    }

    /// An identity or null.
    pub(super) fn identity(&mut self, value: Option<Uuid>) {
        self.optional(value.map(|id| id.hyphenated()));
    }

    /// A `tstzrange`, lower bound included, upper excluded.
    pub(super) fn span(&mut self, span: &Span) {
        self.separate();
        let bound =
            |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
        let _ = write!(self.text, "[{},{})", bound(span.from), bound(span.until));
    }

    /// An array of texts.
    pub(super) fn texts(&mut self, values: &[String]) {
        let quoted: Vec<String> =
            values.iter().map(|v| format!("\"{}\"", v.replace('\\', "\\\\").replace('"', "\\\""))).collect();
        self.text(&format!("{{{}}}", quoted.join(",")));
    }

    /// A geometry in EPSG:4490.
    pub(super) fn geometry(&mut self, geometry: &Geometry<f64>) -> Result<(), StoreError> {
        self.separate();
        ewkb::write_hex(&mut self.text, geometry)
    }

    /// Null.
    pub(super) fn null(&mut self) {
        self.separate();
        self.text.push_str("\\N");
    }

    fn separate(&mut self) {
        if self.started {
            self.text.push('\t');
        }
        self.started = true;
    }

    fn end(&mut self) {
        self.text.push('\n');
        self.started = false;
    }
}

/// Copies items into a table, in chunks; `write` writes the fields of one item. `statement` is `copy ... from stdin`.
pub(super) async fn copy_in<T: Sync>(
    connection: &mut PgConnection,
    statement: &str,
    items: &[T],
    write: impl Fn(&mut Rows, &T) -> Result<(), StoreError> + Send + Sync,
) -> Result<u64, StoreError> {
    let mut sink = connection.copy_in_raw(statement).await?;
    let mut rows = Rows::default();
    for item in items {
        if let Err(error) = write(&mut rows, item) {
            sink.abort("a row cannot be written").await?;
            return Err(error);
        }
        rows.end();
        if rows.text.len() > CHUNK {
            sink.send(rows.text.as_bytes()).await?;
            rows.text.clear();
        }
    }
    sink.send(rows.text.as_bytes()).await?;
    Ok(sink.finish().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_format_gives_a_meaning_to_is_escaped() {
        let mut rows = Rows::default();
        rows.text("大\t理\\N\n");
        rows.null();
        rows.plain(7);
        rows.span(&Span::ALWAYS);
        rows.texts(&["a\"b".to_owned()]);
        rows.end();
        assert_eq!(rows.text, "大\\t理\\\\N\\n\t\\N\t7\t[,)\t{\"a\\\\\"b\"}\n");
    }
}
