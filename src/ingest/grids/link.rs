//! Rows among each other and among what is stored: lost zeros, doubles, parents.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::draft::{Draft, Drafts};
use super::neighbours::share_borders;
use super::shift::suspect_shift;
use crate::ingest::clean::codes::{Seen, short_codes};
use crate::ingest::mapping::{GridRules, ParentRule};
use crate::ingest::parents::{Candidate, Candidates, Found, Territories, Territory, find_cycles};
use crate::ingest::{Defect, Report};
use crate::model::{Code, Grid, GridId, Level};
use crate::store::StoredGrid;

/// What the database holds already.
#[derive(Debug)]
pub(super) struct Known {
    pub stored: Vec<StoredGrid>,
    pub territories: Vec<Territory>,
    /// Those around the rows, of every level, but for the rows' own.
    pub around: Vec<Territory>,
}

/// Links rows to parents and gives the grids that are to be written.
pub(super) fn link(drafts: Drafts, known: &Known, rules: &GridRules, report: &mut Report) -> Vec<Grid> {
    let mut work = Work { known, rules, report, rejected: drafts.rejected };
    let rows = work.restore_zeros(drafts.rows);
    let mut rows = work.drop_doubles(rows);
    if drafts.plain_degrees {
        suspect_shift(&rows, &known.territories, work.report);
    }
    share_borders(&mut rows, &known.around, rules.snap, work.report);
    work.find_parents(rows)
}

struct Work<'a> {
    known: &'a Known,
    rules: &'a GridRules,
    report: &'a mut Report,
    rejected: Vec<(String, Level)>,
}

impl Work<'_> {
    fn reject(&mut self, draft: &Draft, reason: Defect) {
        let code = draft.code.as_str();
        self.report.reject_row(&draft.place, Some(code), vec![reason], Some(draft.level));
        self.rejected.push((code.to_owned(), draft.level));
    }

    /// A code one digit short has lost its leading zero where its parent proves it.
    fn restore_zeros(&mut self, mut rows: Vec<Draft>) -> Vec<Draft> {
        let codes: Vec<(u8, &str)> = rows.iter().map(|row| (row.level.number(), row.code.as_str())).collect();
        let short: BTreeMap<usize, usize> = short_codes(&codes);
        if short.is_empty() {
            return rows;
        }
        let candidates = self.candidates(&rows);
        let mut kept = Vec::with_capacity(rows.len());
        for (index, mut draft) in rows.drain(..).enumerate() {
            let Some(length) = short.get(&index) else {
                kept.push(draft);
                continue;
            };
            let found = draft.code.to_string();
            match self.proven(&draft, &candidates) {
                Some((code, parent)) => {
                    draft.repairs.push(Defect::LostZero { found, parent });
                    draft.code = code;
                    kept.push(draft);
                }
                None => self.reject(&draft, Defect::LostZeroUnproven { found, length: *length }),
            }
        }
        kept
    }

    fn proven(&self, draft: &Draft, candidates: &Candidates) -> Option<(Code, String)> {
        let restored = Code::parse(&format!("0{}", draft.code)).ok()?;
        let under = candidates.prefix_of(restored.as_str(), draft.level)?;
        let named = draft.parent.as_deref().is_none_or(|parent| parent == under.code);
        let otherwise = candidates.prefix_of(draft.code.as_str(), draft.level).is_some();
        (named && !otherwise).then(|| (restored, under.code.clone()))
    }

    /// The second row with a code goes; a row with a stored grid's code is that grid.
    fn drop_doubles(&mut self, rows: Vec<Draft>) -> Vec<Draft> {
        let stored: HashMap<(&str, &str), GridId> = self
            .known
            .stored
            .iter()
            .map(|grid| ((grid.scheme.as_str(), grid.code.as_str()), grid.id))
            .collect();
        let mut seen = Seen::default();
        let mut kept = Vec::with_capacity(rows.len());
        for mut draft in rows {
            match seen.note(&draft.scheme, draft.code.as_str(), &draft.place) {
                Ok(()) => {
                    if let Some(id) = stored.get(&(draft.scheme.as_str(), draft.code.as_str())) {
                        draft.id = *id;
                    }
                    kept.push(draft);
                }
                // The code itself is taken, by the first row: children of it have their parent.
                Err(double) => {
                    let code = draft.code.as_str();
                    self.report.reject_row(&draft.place, Some(code), vec![double], Some(draft.level));
                }
            }
        }
        kept
    }

    fn candidates(&self, rows: &[Draft]) -> Candidates {
        let own: HashSet<GridId> = rows.iter().map(|draft| draft.id).collect();
        let taken: HashSet<&str> = rows.iter().map(|draft| draft.code.as_str()).collect();
        let of_rows = rows.iter().map(|draft| Candidate {
            id: draft.id,
            code: draft.code.to_string(),
            level: draft.level,
            rejected: false,
        });
        let of_store = self.known.stored.iter().filter(|grid| !own.contains(&grid.id)).map(|grid| {
            Candidate { id: grid.id, code: grid.code.to_string(), level: grid.level, rejected: false }
        });
        // A rejected row that would only have updated a stored grid does not orphan its children.
        let stored: HashSet<&str> = self.known.stored.iter().map(|grid| grid.code.as_str()).collect();
        let lost = self
            .rejected
            .iter()
            .filter(|(code, _)| !stored.contains(code.as_str()) && !taken.contains(code.as_str()));
        let lost = lost.map(|(code, level)| Candidate {
            id: GridId(uuid::Uuid::nil()),
            code: code.clone(),
            level: *level,
            rejected: true,
        });
        Candidates::new(of_rows.chain(of_store).chain(lost).collect())
    }

    fn find_parents(&mut self, rows: Vec<Draft>) -> Vec<Grid> {
        let rows = self.break_cycles(rows);
        let mut candidates = self.candidates(&rows);
        let in_space = self.parents_in_space(&rows);
        let mut order: Vec<(Draft, Option<(GridId, f64)>)> = rows.into_iter().zip(in_space).collect();
        // From the top down, so that a row whose parent is rejected is known before its children ask.
        order.sort_by_key(|(draft, _)| draft.level);
        let mut grids = Vec::with_capacity(order.len());
        for (mut draft, near) in order {
            let repairs = std::mem::take(&mut draft.repairs);
            match self.parent(&draft, near, &candidates) {
                Ok(found) => {
                    let code = draft.code.as_str();
                    self.report.accept_row(&draft.place, code, repairs, Some(draft.level));
                    let parent = match found {
                        Found::Parent(parent) => Some(parent),
                        Found::Top => None,
                    };
                    grids.push(draft.into_grid(parent));
                }
                Err(reason) => {
                    candidates.reject(draft.id);
                    self.reject(&draft, reason);
                }
            }
        }
        grids
    }

    fn parent(
        &mut self,
        draft: &Draft,
        near: Option<(GridId, f64)>,
        candidates: &Candidates,
    ) -> Result<Found, Defect> {
        match &self.rules.parent {
            ParentRule::Field(_) => candidates.by_field(draft.parent.as_deref(), draft.level),
            ParentRule::Prefix => candidates.by_prefix(draft.code.as_str(), draft.level),
            ParentRule::Space => match near {
                None => candidates.none(draft.level),
                Some((id, share)) => {
                    let found = candidates.by_id(id)?;
                    if share <= 0.5 {
                        let parent = candidates.code_of(id).unwrap_or_default().to_owned();
                        let code = Some(draft.code.as_str());
                        self.report.warn(&draft.place, code, Defect::AmbiguousParent { parent, share });
                    }
                    Ok(found)
                }
            },
        }
    }

    fn break_cycles(&mut self, rows: Vec<Draft>) -> Vec<Draft> {
        let named = rows.iter().filter_map(|row| Some((row.code.to_string(), row.parent.clone()?)));
        let cycles = find_cycles(&named.collect());
        let (circular, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| cycles.contains_key(row.code.as_str()));
        for draft in circular {
            let codes = cycles[draft.code.as_str()].clone();
            self.reject(&draft, Defect::ParentCycle { codes });
        }
        rows
    }

    fn parents_in_space(&self, rows: &[Draft]) -> Vec<Option<(GridId, f64)>> {
        if self.rules.parent != ParentRule::Space {
            return vec![None; rows.len()];
        }
        let own: HashSet<GridId> = rows.iter().map(|draft| draft.id).collect();
        let of_rows = rows.iter().map(|draft| Territory {
            id: draft.id,
            level: draft.level,
            geometry: draft.territory.clone(),
        });
        let of_store =
            self.known.territories.iter().filter(|territory| !own.contains(&territory.id)).cloned();
        let territories = Territories::new(of_rows.chain(of_store).collect());
        rows.par_iter().map(|draft| territories.parent(&draft.territory, draft.level)).collect()
    }
}
