//! Where a page ended, as text that stands in a link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use thiserror::Error;
use uuid::Uuid;

use crate::model::{FeatureId, Field, FieldKind, FieldValue};
use crate::store::{Position, SortKey};

/// The longest cursor that is read.
const LONGEST: usize = 8_192;

/// The text is no cursor, or that of another order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is no cursor of this collection and order; take the link next of a page as it is")]
pub struct CursorError;

/// Writes a position down.
pub fn write_cursor(position: &Position, order: &[SortKey]) -> String {
    let id = match position.id {
        FeatureId::Whole(number) => format!("n{number}"),
        FeatureId::Uuid(uuid) => format!("u{uuid}"),
    };
    let parts = serde_json::json!([id, position.keys, of_order(order)]);
    URL_SAFE_NO_PAD.encode(parts.to_string())
}

/// Reads a position of an order.
pub fn read_cursor(text: &str, order: &[SortKey], fields: &[Field]) -> Result<Position, CursorError> {
    let bytes = if text.len() <= LONGEST { URL_SAFE_NO_PAD.decode(text).ok() } else { None };
    let parts: Option<(String, Vec<Option<String>>, String)> =
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let (id, keys, of) = parts.ok_or(CursorError)?;
    let id = match id.split_at_checked(1) {
        Some(("n", number)) => number.parse().ok().map(FeatureId::Whole),
        Some(("u", uuid)) => Uuid::try_parse(uuid).ok().map(FeatureId::Uuid),
        _ => None,
    };
    let fits = of == of_order(order)
        && keys.len() == order.len()
        && keys.iter().zip(order).all(|(key, sort)| match (key, fields.get(sort.field)) {
            (Some(text), Some(field)) => read_value(text, field.kind).is_some(),
            (None, Some(_)) => true,
            (_, None) => false,
        });
    id.filter(|_| fits).map(|id| Position { keys, id }).ok_or(CursorError)
}

/// An order in short: `3+1-`.
fn of_order(order: &[SortKey]) -> String {
    order.iter().map(|key| format!("{}{}", key.field, if key.descending { '-' } else { '+' })).collect()
}

/// A value of a kind, as text that [`FieldValue`] writes; `None`: it is none.
pub(super) fn read_value(text: &str, kind: FieldKind) -> Option<FieldValue> {
    match kind {
        FieldKind::Text => (!text.contains('\0')).then(|| FieldValue::Text(text.to_owned())),
        FieldKind::Uuid => Uuid::try_parse(text).ok().map(|uuid| FieldValue::Text(uuid.to_string())),
        FieldKind::Whole => text.parse().ok().map(FieldValue::Whole),
        FieldKind::Number => {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(FieldValue::Number)
        }
        FieldKind::Truth => text.parse().ok().map(FieldValue::Truth),
        FieldKind::Date => text.parse().ok().map(FieldValue::Date),
        FieldKind::Instant => {
            DateTime::parse_from_rfc3339(text).ok().map(|at| FieldValue::Instant(at.to_utc()))
        }
        FieldKind::Json | FieldKind::Texts | FieldKind::Numbers => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind) -> Field {
        Field { name: "f".into(), about: String::new(), kind }
    }

    #[test]
    fn a_cursor_comes_back_as_the_position_that_it_was_written_from() {
        let fields = [field(FieldKind::Text), field(FieldKind::Whole)];
        let order = [SortKey { field: 0, descending: false }, SortKey { field: 1, descending: true }];
        for id in [FeatureId::Whole(-7), FeatureId::Uuid(Uuid::from_u128(9))] {
            for keys in [vec![Some("洱海 & %".into()), None], vec![None, Some("12".into())]] {
                let position = Position { keys, id };
                let text = write_cursor(&position, &order);
                assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
                assert_eq!(read_cursor(&text, &order, &fields), Ok(position));
            }
        }
    }

    #[test]
    fn what_is_no_cursor_of_this_order_is_refused() {
        let fields = [field(FieldKind::Whole)];
        let order = [SortKey { field: 0, descending: false }];
        let of = |keys| write_cursor(&Position { keys, id: FeatureId::Whole(1) }, &order);
        assert!(read_cursor(&of(vec![Some("1".into())]), &order, &fields).is_ok());
        let reverse = [SortKey { field: 0, descending: true }];
        assert!(read_cursor(&of(vec![Some("1".into())]), &reverse, &fields).is_err());
        for wrong in
            [of(vec![]), of(vec![Some("x".into())]), of(vec![None, None]), "x".into(), "a".repeat(9_000)]
        {
            assert_eq!(read_cursor(&wrong, &order, &fields), Err(CursorError), "{wrong}");
        }
    }
}
