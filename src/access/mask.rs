//! Names and telephone numbers as a caller sees them.

use std::borrow::Cow;

use super::Sight;
use crate::model::{mask_name, mask_phone};

/// A name as it is seen: less than masked is a star, which says that there is one.
pub fn show_name(name: &str, sight: Sight) -> Cow<'_, str> {
    match sight {
        Sight::Clear => name.into(),
        Sight::Masked => mask_name(name).into(),
        Sight::Never | Sight::Aggregate => "*".into(),
    }
}

/// A telephone number as it is seen; less than masked is none.
pub fn show_phone(phone: &str, sight: Sight) -> Option<Cow<'_, str>> {
    match sight {
        Sight::Clear => Some(phone.into()),
        Sight::Masked => Some(mask_phone(phone).into()),
        Sight::Never | Sight::Aggregate => None,
    }
}
