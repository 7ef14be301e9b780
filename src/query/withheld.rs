//! Which counts of people are withheld, so that no small one is shown or follows from those that are.

use std::collections::HashMap;

use crate::atlas::{Atlas, GridIndex};

/// Counts of people below this are withheld (DOMAIN: the suppression threshold).
pub const PEOPLE_THRESHOLD: u32 = 5;

/// The grids whose count of people is withheld, decided once for a whole atlas, so that no two answers of a revision
/// together give away what each of them keeps back.
///
/// A count below [`PEOPLE_THRESHOLD`] is withheld. A parent's count minus the counts of the children shown is the sum
/// of the children withheld; so that this sum says nothing of one of them, at least two are withheld and their sum
/// reaches the threshold, by withholding the smallest further counts (complementary suppression). Below a grid that is
/// withheld, everything is. People in a parent but in none of its children count as one more child, which is never
/// shown. Counts withheld for either reason look the same.
#[derive(Debug, Default)]
pub struct Withheld(Vec<bool>);

impl Withheld {
    /// Decides for every grid. O(n log n).
    pub fn of(atlas: &Atlas) -> Self {
        let grids = atlas.grids();
        // Where grids have gone, an index may be higher than there are grids.
        let mut withheld = vec![false; grids.all().map(|grid| grid.0 as usize + 1).max().unwrap_or(0)];
        for grid in family(atlas, None) {
            withheld[grid.0 as usize] = true;
        }
        // Grids are in order of level, so a parent is decided before its children.
        for parent in grids.all() {
            let hidden = match withheld[parent.0 as usize] {
                true => grids.children(parent).to_vec(),
                false => family(atlas, Some(parent)),
            };
            for child in hidden {
                withheld[child.0 as usize] = true;
            }
        }
        Self(withheld)
    }

    /// Is the count of this grid withheld?
    pub fn contains(&self, grid: GridIndex) -> bool {
        self.0.get(grid.0 as usize).copied().unwrap_or(true)
    }
}

/// The decisions of [`Withheld`] for a few grids of an atlas, made family by family as they are asked for.
#[derive(Debug)]
pub struct WithheldNear<'a> {
    atlas: &'a Atlas,
    /// By parent, those of its children that are withheld for the sake of the family.
    families: HashMap<Option<GridIndex>, Vec<GridIndex>>,
}

impl<'a> WithheldNear<'a> {
    /// Nothing is decided yet.
    pub fn new(atlas: &'a Atlas) -> Self {
        Self { atlas, families: HashMap::new() }
    }

    /// Is the count of this grid withheld? Takes time by the children of the grids above it, once.
    pub fn contains(&mut self, grid: GridIndex) -> bool {
        let grids = self.atlas.grids();
        grids.upwards(grid).any(|member| {
            let parent = grids.parent(member);
            self.families.entry(parent).or_insert_with(|| family(self.atlas, parent)).contains(&member)
        })
    }
}

/// The children of a grid whose own count is shown that must be withheld; of no grid, the topmost.
fn family(atlas: &Atlas, parent: Option<GridIndex>) -> Vec<GridIndex> {
    let grids = atlas.grids();
    let count = |grid: GridIndex| atlas.resources().counts(grid).people;
    let Some(parent) = parent else {
        let roots: Vec<_> = grids.all().filter(|grid| grids.parent(*grid).is_none()).collect();
        return hidden_among(&roots, atlas.resources().unassigned().people, count);
    };
    let children = grids.children(parent);
    let below: u32 = children.iter().map(|child| count(*child)).sum();
    hidden_among(children, count(parent) - below, count)
}

/// Which of the children of a grid whose count is shown must be withheld. `rest`: people in no child.
fn hidden_among(children: &[GridIndex], rest: u32, count: impl Fn(GridIndex) -> u32) -> Vec<GridIndex> {
    let mut ascending: Vec<_> = children.iter().map(|child| (count(*child), *child)).collect();
    ascending.sort_unstable();
    let small = ascending.partition_point(|(count, _)| *count < PEOPLE_THRESHOLD);
    let rest_is_small = (1..PEOPLE_THRESHOLD).contains(&rest);
    let mut hidden = small;
    let safe = |hidden: usize| {
        let cells = hidden + usize::from(rest_is_small);
        let sum: u32 = ascending[..hidden].iter().map(|(count, _)| count).sum::<u32>()
            + if rest_is_small { rest } else { 0 };
        cells == 0 || (cells >= 2 && sum >= PEOPLE_THRESHOLD)
    };
    while hidden < ascending.len() && !safe(hidden) {
        hidden += 1;
    }
    ascending[..hidden].iter().map(|(_, child)| *child).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hidden(counts: &[u32], rest: u32) -> Vec<u32> {
        let children: Vec<_> = (0..counts.len() as u32).map(GridIndex).collect();
        let mut hidden: Vec<_> = hidden_among(&children, rest, |g| counts[g.0 as usize])
            .iter()
            .map(|g| counts[g.0 as usize])
            .collect();
        hidden.sort_unstable();
        hidden
    }

    #[test]
    fn large_counts_are_shown() {
        assert!(hidden(&[5, 9, 100], 0).is_empty());
        assert!(hidden(&[5, 9, 100], 50).is_empty());
    }

    #[test]
    fn one_small_count_takes_the_next_with_it() {
        assert_eq!(hidden(&[3, 40, 7], 0), [3, 7]);
    }

    #[test]
    fn small_counts_whose_sum_is_small_take_the_next_with_them() {
        assert_eq!(hidden(&[1, 2, 8, 30], 0), [1, 2, 8]);
        assert_eq!(hidden(&[0, 0, 30, 40], 0), [0, 0, 30]);
        assert_eq!(hidden(&[4, 4, 30], 0), [4, 4]);
    }

    #[test]
    fn a_few_people_in_no_child_are_protected_like_a_child() {
        assert_eq!(hidden(&[6, 9], 2), [6]);
        assert_eq!(hidden(&[6, 9], 20), Vec::<u32>::new());
    }

    proptest! {
        /// The attacker knows the parent's count and those shown; hence the sum of the rest, and nothing else.
        #[test]
        fn no_small_count_follows_from_those_shown(counts in prop::collection::vec(0u32..12, 1..8), rest in 0u32..8) {
            let hidden = hidden(&counts, rest);
            prop_assert!(counts.iter().filter(|c| **c < PEOPLE_THRESHOLD).all(|c| hidden.contains(c)));
            let total: u32 = counts.iter().sum::<u32>() + rest;
            let shown: u32 = counts.iter().sum::<u32>() - hidden.iter().sum::<u32>();
            let unknown = total - shown;
            if !hidden.is_empty() && hidden.len() < counts.len() {
                let cells = hidden.len() + usize::from(rest > 0);
                prop_assert!(cells >= 2 && unknown >= PEOPLE_THRESHOLD);
            }
        }
    }
}
