//! How often may be asked, and by whom.

use std::net::IpAddr;
use std::num::NonZeroU32;

use crate::config::printed::optional;

/// So many a second, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// After a pause.
    pub burst: NonZeroU32,
}

/// A bound for each address; `None`: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByAddress<T> {
    /// For addresses of other machines.
    pub others: Option<T>,
    /// For those of this one.
    pub loopback: Option<T>,
}

impl<T: Copy> ByAddress<T> {
    /// The bound for an address.
    pub fn of(&self, address: IpAddr) -> Option<T> {
        if address.is_loopback() { self.loopback } else { self.others }
    }

    /// What is set holds for all, 0 is no bound; what is not set holds for other machines.
    pub(super) fn new(set: Option<T>, default: T, is_none: impl Fn(T) -> bool) -> Self {
        match set {
            Some(none) if is_none(none) => Self { others: None, loopback: None },
            Some(bound) => Self { others: Some(bound), loopback: Some(bound) },
            None => Self { others: Some(default), loopback: None },
        }
    }

    /// As it would be set.
    pub(super) fn printed(&self, key: &str, number: impl Fn(T) -> u32) -> String {
        optional(key, self.loopback.map(number).or(self.others.is_none().then_some(0)))
    }
}
