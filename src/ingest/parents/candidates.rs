//! Grids that may be a parent, found by code.

use std::collections::{HashMap, HashSet};

use crate::ingest::Defect;
use crate::model::{GridId, Level, significant};

/// A grid that may be a parent: stored, or a row of this import.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// Identity; provisional for a row.
    pub id: GridId,
    /// Code.
    pub code: String,
    /// Level.
    pub level: Level,
    /// True for a row that was rejected: it explains why a child has no parent.
    pub rejected: bool,
}

/// What looking for a parent gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// The parent.
    Parent(GridId),
    /// None, and none is needed: nothing is on a higher level.
    Top,
}

/// All candidates, by code.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    all: Vec<Candidate>,
    by_code: HashMap<String, Vec<usize>>,
    by_significant: HashMap<String, Vec<usize>>,
    by_id: HashMap<GridId, usize>,
    highest: Option<Level>,
}

impl Candidates {
    /// Indexes candidates.
    pub(crate) fn new(all: Vec<Candidate>) -> Self {
        let mut index = Self { highest: all.iter().map(|c| c.level).min(), ..Self::default() };
        for (place, candidate) in all.iter().enumerate() {
            index.by_id.insert(candidate.id, place);
            index.by_code.entry(candidate.code.clone()).or_default().push(place);
            index.by_significant.entry(significant(&candidate.code).to_owned()).or_default().push(place);
        }
        index.all = all;
        index
    }

    /// Does a grid of this level need a parent? It does when there is any grid on a higher level.
    pub(crate) fn needs_parent(&self, level: Level) -> bool {
        self.highest.is_some_and(|highest| highest < level)
    }

    /// The code of a candidate, for messages.
    pub(crate) fn code_of(&self, id: GridId) -> Option<&str> {
        self.by_id.get(&id).map(|place| self.all[*place].code.as_str())
    }

    /// The candidate of an identity, as a parent.
    ///
    /// # Errors
    /// [`Defect::ParentRejected`] for a rejected row.
    pub(crate) fn by_id(&self, id: GridId) -> Result<Found, Defect> {
        self.by_id.get(&id).map_or(Err(Defect::NoParent), |place| accept(&self.all[*place]))
    }

    /// Marks a row as rejected, so that its children learn it.
    pub(crate) fn reject(&mut self, id: GridId) {
        if let Some(place) = self.by_id.get(&id) {
            self.all[*place].rejected = true;
        }
    }

    /// The parent that a field names; `None`: the field is empty.
    ///
    /// # Errors
    /// The reason to reject the row.
    pub(crate) fn by_field(&self, parent: Option<&str>, level: Level) -> Result<Found, Defect> {
        let Some(parent) = parent else { return self.none(level) };
        let places = self.by_code.get(parent).or_else(|| self.by_significant.get(significant(parent)));
        let Some(places) = places else {
            return Err(Defect::UnknownParent { parent: parent.to_owned() });
        };
        match self.lowest_above(places, level) {
            Some(candidate) => accept(candidate),
            None => Err(Defect::ParentNotAbove { parent: parent.to_owned() }),
        }
    }

    /// The longest proper prefix of the code that is a grid on a higher level.
    ///
    /// # Errors
    /// The reason to reject the row.
    pub(crate) fn by_prefix(&self, code: &str, level: Level) -> Result<Found, Defect> {
        match self.prefix_of(code, level) {
            Some(candidate) => accept(candidate),
            None => self.none(level),
        }
    }

    /// The candidate that a code lies under by its digits.
    pub(crate) fn prefix_of(&self, code: &str, level: Level) -> Option<&Candidate> {
        let own = significant(code);
        (1..own.len())
            .rev()
            .filter_map(|length| own.get(..length))
            .filter_map(|prefix| self.by_significant.get(prefix))
            .find_map(|places| self.lowest_above(places, level))
    }

    /// What having no parent means on this level.
    ///
    /// # Errors
    /// [`Defect::NoParent`] where one is needed.
    pub(crate) fn none(&self, level: Level) -> Result<Found, Defect> {
        if self.needs_parent(level) { Err(Defect::NoParent) } else { Ok(Found::Top) }
    }

    fn lowest_above(&self, places: &[usize], level: Level) -> Option<&Candidate> {
        let above = places.iter().map(|place| &self.all[*place]).filter(|candidate| candidate.level < level);
        above.max_by_key(|candidate| (candidate.level, !candidate.rejected))
    }
}

fn accept(candidate: &Candidate) -> Result<Found, Defect> {
    if candidate.rejected {
        return Err(Defect::ParentRejected { parent: candidate.code.clone() });
    }
    Ok(Found::Parent(candidate.id))
}

/// Rows whose parents lead back to themselves, with the codes along the circle; `parents` gives the code of the parent by the code of
/// the child.
pub(crate) fn find_cycles(parents: &HashMap<String, String>) -> HashMap<String, Vec<String>> {
    let mut cycles = HashMap::new();
    let mut settled: HashSet<&str> = HashSet::new();
    for start in parents.keys() {
        let mut path: Vec<&str> = Vec::new();
        let mut at = start.as_str();
        while !settled.contains(at) {
            if let Some(begin) = path.iter().position(|code| *code == at) {
                let circle = &path[begin..];
                for (turn, code) in circle.iter().enumerate() {
                    let around = circle.iter().cycle().skip(turn).take(circle.len() + 1);
                    cycles.insert((*code).to_owned(), around.map(|code| (*code).to_owned()).collect());
                }
                break;
            }
            path.push(at);
            match parents.get(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        settled.extend(path);
    }
    cycles
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn candidate(code: &str, level: i64) -> Candidate {
        let id = GridId(Uuid::new_v5(&Uuid::NAMESPACE_OID, code.as_bytes()));
        Candidate { id, code: code.into(), level: Level::new(level).unwrap(), rejected: false }
    }

    fn dali() -> Candidates {
        let mut rejected = candidate("532901003000", 3);
        rejected.rejected = true;
        Candidates::new(vec![
            candidate("532900000000", 1),
            candidate("532901000000", 2),
            candidate("532901001000", 3),
            candidate("532901001001", 4),
            rejected,
        ])
    }

    fn level(number: i64) -> Level {
        Level::new(number).unwrap()
    }

    fn id(code: &str, at: i64) -> Result<Found, Defect> {
        Ok(Found::Parent(candidate(code, at).id))
    }

    #[test]
    fn the_longest_prefix_wins_and_padding_does_not_count() {
        let grids = dali();
        assert_eq!(grids.by_prefix("532901001001003", level(5)), id("532901001001", 4));
        assert_eq!(grids.by_prefix("532901001001", level(4)), id("532901001000", 3));
        assert_eq!(grids.by_prefix("532901001000", level(3)), id("532901000000", 2));
        assert_eq!(grids.by_prefix("532901000000", level(2)), id("532900000000", 1));
        assert_eq!(grids.by_prefix("532900000000", level(1)), Ok(Found::Top));
    }

    #[test]
    fn a_code_under_nothing_has_no_parent_and_one_is_needed() {
        assert_eq!(dali().by_prefix("640323001001", level(4)), Err(Defect::NoParent));
    }

    #[test]
    fn a_child_does_not_climb_past_a_rejected_parent() {
        let found = dali().by_prefix("532901003001", level(4));
        assert_eq!(found, Err(Defect::ParentRejected { parent: "532901003000".into() }));
    }

    #[test]
    fn a_field_names_a_parent_that_must_exist_and_be_above() {
        let grids = dali();
        assert_eq!(grids.by_field(Some("532901001001"), level(5)), id("532901001001", 4));
        assert_eq!(grids.by_field(Some("532901"), level(3)), id("532901000000", 2));
        let unknown = grids.by_field(Some("9"), level(5));
        assert_eq!(unknown, Err(Defect::UnknownParent { parent: "9".into() }));
        let below = grids.by_field(Some("532901001001"), level(3));
        assert_eq!(below, Err(Defect::ParentNotAbove { parent: "532901001001".into() }));
    }

    #[test]
    fn every_row_of_a_circle_is_named_and_those_that_hang_on_it_are_not() {
        let parents = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("e", "e"), ("f", "g")];
        let parents = parents.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        let cycles = find_cycles(&parents);
        assert_eq!(cycles["a"], ["a", "b", "c", "a"]);
        assert_eq!(cycles["b"], ["b", "c", "a", "b"]);
        assert_eq!(cycles["e"], ["e", "e"]);
        assert_eq!(cycles.len(), 4);
    }
}
