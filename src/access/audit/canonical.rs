//! The text of an entry of which its hash is made. Every field stands behind its length in bytes, so no two entries have one text.

use std::fmt::Display;

use crate::model::AuditEntry;

/// The text: number, microseconds since 1970, subject, roles, purpose, action, entity, identities, rows, area, origin.
pub(super) fn canonical_text(entry: &AuditEntry) -> String {
    let event = &entry.event;
    let mut text = String::with_capacity(256 + 40 * event.ids.len());
    field(&mut text, Some(&entry.id.to_string()));
    field(&mut text, Some(&entry.at.timestamp_micros().to_string()));
    field(&mut text, Some(&event.subject));
    list(&mut text, Some(&event.roles));
    field(&mut text, event.purpose.as_deref());
    field(&mut text, Some(&event.action));
    field(&mut text, Some(&event.entity));
    list(&mut text, Some(&event.ids));
    field(&mut text, Some(&event.rows.to_string()));
    list(&mut text, event.area.as_deref());
    field(&mut text, Some(&event.origin));
    text
}

fn field(text: &mut String, value: Option<&str>) {
    match value {
        None => text.push('-'),
        Some(value) => {
            text.push_str(&value.len().to_string());
            text.push(':');
            text.push_str(value);
        }
    }
    text.push(',');
}

fn list<T: Display>(text: &mut String, items: Option<&[T]>) {
    match items {
        None => text.push('-'),
        Some(items) => {
            text.push_str(&items.len().to_string());
            text.push('[');
            items.iter().for_each(|item| field(text, Some(&item.to_string())));
            text.push(']');
        }
    }
    text.push(',');
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::model::AuditEvent;

    #[test]
    fn no_field_reaches_into_the_next_one() {
        let event = AuditEvent {
            subject: "网格,1:".into(),
            roles: vec!["worker".into(), String::new()],
            purpose: None,
            action: "read".into(),
            entity: "people".into(),
            ids: vec![Uuid::nil()],
            rows: 1,
            area: None,
            origin: "::1".into(),
        };
        let at = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        let entry = AuditEntry { id: 7, at, event, hash: [0; 32] };
        assert_eq!(
            canonical_text(&entry),
            "1:7,16:1700000000000001,9:网格,1:,2[6:worker,0:,],-,4:read,6:people,\
             1[36:00000000-0000-0000-0000-000000000000,],1:1,-,3:::1,"
        );
    }
}
