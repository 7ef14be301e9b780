//! Who asks, and what they may see. Every function that reads takes a [`Principal`].

mod mask;
mod principal;

pub use mask::{mask_name, mask_phone};
pub use principal::{Principal, Sight};
