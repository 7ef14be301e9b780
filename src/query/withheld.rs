//! Which counts of people are withheld, so that no small one is shown or follows from those that are.

use std::collections::HashMap;

use crate::atlas::{Atlas, GridIndex};

/// Counts of people below this are withheld (DOMAIN: the suppression threshold).
pub const PEOPLE_THRESHOLD: u32 = 5;

/// The sum of what is withheld in a family, at least: a large count, and any small one beside it.
const LEAST_SUM: u32 = 2 * PEOPLE_THRESHOLD - 1;

/// The grids whose count of people is withheld, decided once for a whole atlas, so that no two answers of a revision
/// together give away what each of them keeps back.
///
/// A count below [`PEOPLE_THRESHOLD`] is withheld. A parent's count minus the counts of the children shown is the sum
/// of the children withheld; so that this sum says nothing of one of them, at least one further count that is large is
/// withheld with them, and more until their sum reaches nine (complementary suppression). Which further ones is
/// a matter of what everybody may know, households and codes, and not of the counts: whoever knows this rule, the sum and
/// everything that is shown still finds each withheld small count to be anything from 0 to 4. (Were it the smallest large
/// count, three fours beside a five would be told by their sum.) Below a grid that is withheld, everything is. People in a
/// parent but in none of its children count as one more child, which is never shown. Counts withheld for either reason
/// look the same.
///
/// The default is that every count is withheld, as it is from whom the policy shows none.
#[derive(Debug, Default)]
pub struct Withheld(Option<Vec<bool>>);

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
        Self(Some(withheld))
    }

    /// Is the count of this grid withheld?
    pub fn contains(&self, grid: GridIndex) -> bool {
        let withheld = self.0.as_ref().and_then(|all| all.get(grid.0 as usize));
        withheld.copied().unwrap_or(true)
    }

    /// Is every count withheld, also that of all and of those in no grid?
    pub fn is_of_all(&self) -> bool {
        self.0.is_none()
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
        return hidden_among(&in_turn(atlas, roots), atlas.resources().unassigned().people, count);
    };
    let children = grids.children(parent);
    let below: u32 = children.iter().map(|child| count(*child)).sum();
    let rest = count(parent) - below;
    if !children.iter().any(|child| count(*child) < PEOPLE_THRESHOLD) && !is_small(rest) {
        return Vec::new();
    }
    hidden_among(&in_turn(atlas, children.to_vec()), rest, count)
}

/// In the order in which large counts are withheld for the sake of small ones: few households first, then by code. Everybody may know it.
fn in_turn(atlas: &Atlas, mut family: Vec<GridIndex>) -> Vec<GridIndex> {
    let grids = atlas.grids();
    let households = |grid: GridIndex| grids.households(grid).unwrap_or(u32::MAX);
    family
        .sort_by(|a, b| households(*a).cmp(&households(*b)).then_with(|| grids.code(*a).cmp(grids.code(*b))));
    family
}

fn is_small(rest: u32) -> bool {
    (1..PEOPLE_THRESHOLD).contains(&rest)
}

/// Which of the children of a grid whose count is shown must be withheld. `children`: in turn; `rest`: people in no child.
fn hidden_among(children: &[GridIndex], rest: u32, count: impl Fn(GridIndex) -> u32) -> Vec<GridIndex> {
    let (mut hidden, large): (Vec<_>, Vec<_>) =
        children.iter().copied().partition(|child| count(*child) < PEOPLE_THRESHOLD);
    if hidden.is_empty() && !is_small(rest) {
        return hidden;
    }
    let mut sum: u32 = hidden.iter().map(|child| count(*child)).sum();
    for (number, child) in large.into_iter().enumerate() {
        if number > 0 && sum >= LEAST_SUM {
            break;
        }
        sum += count(child);
        hidden.push(child);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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
    fn one_small_count_takes_the_next_in_turn_with_it_however_large() {
        assert_eq!(hidden(&[3, 40, 7], 0), [3, 40]);
        assert_eq!(hidden(&[4, 4, 30, 6], 0), [4, 4, 30]);
        assert_eq!(hidden(&[6, 9], 2), [6, 9]);
        assert_eq!(hidden(&[9, 6], 2), [9]);
        assert_eq!(hidden(&[6, 9], 20), Vec::<u32>::new());
    }

    #[test]
    fn a_sum_that_would_tell_takes_one_more_with_it() {
        assert_eq!(hidden(&[0, 5, 30, 40], 0), [0, 5, 30]);
        assert_eq!(hidden(&[4, 5, 30], 0), [4, 5]);
    }

    /// What is seen of a family: the whole, and each child, if it is shown.
    type Seen = (u32, Vec<Option<u32>>);

    fn seen(counts: &[u32], rest: u32) -> Seen {
        let children: Vec<_> = (0..counts.len() as u32).map(GridIndex).collect();
        let hidden = hidden_among(&children, rest, |g| counts[g.0 as usize]);
        let shown = children.iter().map(|g| (!hidden.contains(g)).then_some(counts[g.0 as usize]));
        (counts.iter().sum::<u32>() + rest, shown.collect())
    }

    /// All families of so many children, with counts that go far enough for the wholes that are looked at.
    fn families(children: usize, most: u32) -> Vec<Vec<u32>> {
        let mut all = vec![Vec::new()];
        for _ in 0..children {
            let longer = |family: &Vec<u32>| {
                let family = family.clone();
                (0..=most).map(move |count| family.iter().copied().chain([count]).collect::<Vec<_>>())
            };
            all = all.iter().flat_map(longer).collect();
        }
        all
    }

    /// The attacker knows the rule, the whole and what is shown, and goes through everything that there could be.
    #[test]
    fn whoever_tries_every_family_that_looks_alike_finds_no_small_count() {
        const MOST: u32 = 20;
        for children in 1..=4 {
            let mut worlds: HashMap<Seen, Vec<Vec<u32>>> = HashMap::new();
            for (family, rest) in
                families(children, MOST).iter().flat_map(|one| (0..=6).map(move |rest| (one, rest)))
            {
                let seen = seen(family, rest);
                // A smaller whole is withheld itself; of a larger one not all families were made.
                let hidden = seen.0 - seen.1.iter().flatten().sum::<u32>();
                if seen.0 >= PEOPLE_THRESHOLD && hidden <= MOST {
                    worlds.entry(seen).or_default().push(family.clone());
                }
            }
            assert!(worlds.len() > 10);
            for ((whole, shown), alike) in worlds {
                for child in (0..children).filter(|child| shown[*child].is_none()) {
                    let values: HashSet<u32> = alike.iter().map(|family| family[child]).collect();
                    let small = (0..PEOPLE_THRESHOLD).filter(|value| values.contains(value)).count();
                    assert!(small == 0 || values.len() > 3, "{child} of {shown:?} in {whole}: {values:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_small_count_is_shown_and_none_is_withheld_alone(counts in prop::collection::vec(0u32..12, 1..8), rest in 0u32..8) {
            let hidden = hidden(&counts, rest);
            prop_assert!(counts.iter().filter(|count| **count < PEOPLE_THRESHOLD).all(|count| hidden.contains(count)));
            if hidden.len() < counts.len() && !hidden.is_empty() {
                prop_assert!(hidden.iter().any(|count| *count >= PEOPLE_THRESHOLD));
                prop_assert!(hidden.iter().sum::<u32>() >= LEAST_SUM || hidden.len() == 1);
            }
        }
    }
}
