//! Tables and views that a deployment registers: what they are, what of them lies in a tile, how far they reach.
//!
//! A table is looked at before it is read (`inspect.rs`): it must be there with its columns, and must not lead to personal data
//! (`personal.rs`). Its tiles are made by PostGIS (`tile.rs`), in a transaction that can only read, ends by itself and is ended when
//! nobody waits for it any more (`reading.rs`). Names are quoted and everything else is a parameter.

mod column;
mod error;
mod extent;
mod filter;
mod inspect;
mod items;
mod lines;
mod personal;
mod reading;
mod statement;
mod tile;
mod window;

pub(super) use reading::TableSlots;

pub use column::{Column, ColumnKind};
pub use error::TableError;
pub use filter::TableFilter;
pub use inspect::Table;
pub use items::{ItemsQuery, MOST_PAGE_VERTICES, Page, PageRoom, Period, Position, SortKey};
pub use window::Window;

/// A name as SQL reads it, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_stays_one_name_whatever_is_in_it() {
        assert_eq!(quoted("道路"), "\"道路\"");
        assert_eq!(quoted("a\"; drop table b; --"), "\"a\"\"; drop table b; --\"");
    }
}
