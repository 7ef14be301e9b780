//! Grids, buildings and facilities by what somebody types: a name, an address, a code, pinyin.
//!
//! Everything that has a name is read from one end to the other: that takes some milliseconds for a prefecture (ARCHITECTURE.md has figures), there is
//! nothing to be kept in step but the texts themselves, and every way of spelling is the same automaton. The index of PostgreSQL for this (`pg_trgm`) knows no pinyin, is no
//! help with names of two characters, and is away when the database is.

mod around;
mod classes;
mod fold;
mod index;
mod pattern;
mod question;
mod rank;
mod readings;
mod shown;
#[cfg(test)]
mod tests;

pub use index::SearchIndex;
pub use question::{SearchQuestion, Searched, Sought};
pub use shown::{SearchAnswer, SearchHit};

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::LazyLock;

use rayon::prelude::*;

use crate::access::Principal;
use crate::atlas::{Atlas, NamedKey, PartKind};
use around::Around;
use index::Called;
use pattern::Pattern;
use rank::{Rank, Typed, rank, rank_apart, rank_slips};
use shown::show;

/// A thing that fits, and how well.
#[derive(Clone, Copy)]
struct Hit<'a> {
    rank: Rank,
    kind: PartKind,
    called: Called<'a>,
}

/// Looks for what was typed. Grids, buildings and facilities are no personal data: every principal may find all of them. `index` is that
/// of the atlas. O(characters of all names and addresses), on every core.
pub fn search<'a>(
    atlas: &'a Atlas,
    index: &SearchIndex,
    _who: &Principal,
    question: &SearchQuestion,
) -> SearchAnswer<'a> {
    let typed = Typed {
        phrase: Pattern::new(&question.sought.phrase),
        words: question.sought.words.iter().map(|word| Pattern::new(word)).collect(),
    };
    let around = LazyLock::new(|| Around::new(atlas, index, &typed));
    let looking = Looking { atlas, index, question };
    let mut hits = looking
        .all(&HashSet::new(), |called| rank(&typed, called, |word| around.holds(atlas, called.key, word)));
    // What is less sure is looked for only where there is room for it.
    if hits.len() < question.limit {
        let found = keys(&hits);
        hits.extend(looking.all(&found, |called| {
            rank_apart(&typed.phrase, called, || around.beginnings(atlas, called.key))
        }));
    }
    if hits.len() < question.limit {
        let found = keys(&hits);
        hits.extend(looking.all(&found, |called| rank_slips(&typed.phrase, called)));
    }
    let total = hits.len();
    let order = |a: &Hit, b: &Hit| order(atlas, a, b);
    if total > question.limit {
        hits.select_nth_unstable_by(question.limit, order);
        hits.truncate(question.limit);
    }
    hits.sort_unstable_by(order);
    let results: Vec<_> = hits.iter().filter_map(|hit| show(atlas, &typed.phrase, hit)).collect();
    SearchAnswer { revision: atlas.revision(), total, cut: total > results.len(), results }
}

fn keys(hits: &[Hit]) -> HashSet<NamedKey> {
    hits.iter().map(|hit| hit.called.key).collect()
}

/// What is looked through.
struct Looking<'a, 'q> {
    atlas: &'a Atlas,
    index: &'q SearchIndex,
    question: &'q SearchQuestion,
}

impl<'q> Looking<'_, 'q> {
    /// Everything that fits and was not found before.
    fn all(&self, found: &HashSet<NamedKey>, rank: impl Fn(&Called) -> Option<Rank> + Sync) -> Vec<Hit<'q>> {
        let parts: Vec<_> = self.index.texts().filter(|(kind, _)| self.takes(*kind)).collect();
        let hits = parts.par_iter().flat_map_iter(|(kind, texts)| {
            texts.each().filter_map(|called| {
                let rank = rank(&called)?;
                (self.is_within(called.key) && !found.contains(&called.key)).then_some(Hit {
                    rank,
                    kind: *kind,
                    called,
                })
            })
        });
        hits.collect()
    }

    fn takes(&self, kind: PartKind) -> bool {
        self.question.collections.contains(&Searched::of(kind))
    }

    fn is_within(&self, key: NamedKey) -> bool {
        let Some(top) = self.question.within else { return true };
        self.atlas.grid_of(key).is_some_and(|grid| self.atlas.grids().is_within(grid, top))
    }
}

/// The best first; alike ones by collection, level, code and identity, so that the same question has the same answer.
fn order(atlas: &Atlas, a: &Hit, b: &Hit) -> Ordering {
    let level = |hit: &Hit| match hit.called.key {
        NamedKey::Grid(grid) => atlas.grids().level(grid).number(),
        _ => 0,
    };
    let id = |hit: &Hit| match hit.called.key {
        NamedKey::Grid(grid) => atlas.grids().id(grid).0,
        NamedKey::Building(id) | NamedKey::Facility(id) => id.0,
    };
    let by_rank = a.rank.cmp(&b.rank).then(a.kind.cmp(&b.kind));
    by_rank
        .then_with(|| level(a).cmp(&level(b)))
        .then_with(|| a.called.code.cmp(b.called.code))
        .then_with(|| id(a).cmp(&id(b)))
}
