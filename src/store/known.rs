//! The collections of resources that there may be.

use super::{Store, StoreError};

/// A collection of resources beside buildings, facilities and people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCollection {
    /// The name under which its resources are kept.
    pub id: String,
    /// What it is called in Chinese.
    pub title: String,
    /// And in English.
    pub title_en: String,
}

impl KnownCollection {
    /// Can a collection be kept under this name?
    pub fn is_name(text: &str) -> bool {
        let fit = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
        text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(fit)
    }
}

impl Store {
    /// Lets there be resources of these collections; their titles become those given.
    pub async fn know_collections(&self, collections: &[KnownCollection]) -> Result<(), StoreError> {
        let column =
            |of: fn(&KnownCollection) -> &String| collections.iter().map(of).cloned().collect::<Vec<_>>();
        let known = "insert into gewu.collection (id, title, title_en) \
             select distinct on (id) id, title, title_en from unnest($1::text[], $2::text[], $3::text[]) c (id, title, title_en) \
             on conflict (id) do update set title = excluded.title, title_en = excluded.title_en \
             where (collection.title, collection.title_en) is distinct from (excluded.title, excluded.title_en)";
        sqlx::query(known)
            .bind(column(|one| &one.id))
            .bind(column(|one| &one.title))
            .bind(column(|one| &one.title_en))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
