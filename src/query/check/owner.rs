//! Exactly one primary responsible worker in each leaf, and somebody full-time; now and for the days ahead.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Check, Finding, What};
use crate::atlas::{Duty, GridIndex};
use crate::model::{Absence, GridId, Role, WorkerId};

/// Absences that touch the days ahead, by who is away.
type Away<'a> = HashMap<WorkerId, Vec<&'a Absence>>;

impl Check<'_> {
    /// What is wrong with the duty in each leaf: at most two findings about now, or one about later.
    pub(super) fn owners(&self) -> Vec<Finding> {
        let away = self.away();
        self.each(|grid| match self.atlas.grids().is_leaf(grid) {
            true => self.owner(grid, &away),
            false => Vec::new(),
        })
    }

    fn owner(&self, leaf: GridIndex, away: &Away) -> Vec<Finding> {
        let id = self.atlas.grids().id(leaf);
        let duties = self.atlas.staff().on_duty(id, self.settings.at, &[]);
        if duties.is_empty() {
            return vec![self.finding([leaf], What::Nobody)];
        }
        let mut found = Vec::new();
        match primaries(&duties) {
            0 => found.push(self.finding([leaf], What::NoPrimary)),
            1 => {
                let lack = self.first_lack(id, away).map(|from| What::WillLackPrimary { from });
                found.extend(lack.map(|what| self.finding([leaf], what)));
            }
            count => found.push(self.finding([leaf], What::Primaries { count })),
        }
        if !duties.iter().any(|duty| duty.role == Role::FullTime) {
            found.push(self.finding([leaf], What::NoFullTime));
        }
        found
    }

    /// The first instant of the days ahead at which a grid has no primary on duty.
    fn first_lack(&self, grid: GridId, away: &Away) -> Option<DateTime<Utc>> {
        let staff = self.atlas.staff();
        let mut instants = self.turns(grid, away);
        instants.sort_unstable();
        instants.into_iter().find(|at| primaries(&staff.on_duty(grid, *at, &[])) == 0)
    }

    /// The instants ahead at which the duty in a grid may change for the worse: an assignment ends, or one who serves or
    /// stands in goes away, or one who stands in for longer ends.
    fn turns(&self, grid: GridId, away: &Away) -> Vec<DateTime<Utc>> {
        let until = self.settings.at + self.settings.ahead;
        let assigned = || self.atlas.staff().assigned(grid);
        let mut instants: Vec<_> = assigned().filter_map(|one| one.span.until).collect();
        let mut seen: Vec<WorkerId> = Vec::new();
        let mut open: Vec<WorkerId> = assigned().map(|one| one.worker).collect();
        while let Some(worker) = open.pop() {
            if seen.contains(&worker) {
                continue;
            }
            seen.push(worker);
            for absence in away.get(&worker).into_iter().flatten() {
                instants.extend([absence.span.from, absence.span.until].into_iter().flatten());
                open.extend(absence.substitute);
            }
        }
        instants.retain(|at| self.settings.at < *at && *at <= until);
        instants
    }

    fn away(&self) -> Away<'_> {
        let until = self.settings.at + self.settings.ahead;
        let mut away = Away::new();
        for absence in self.atlas.staff().absences() {
            let over = absence.span.until.is_some_and(|end| end <= self.settings.at);
            let later = absence.span.from.is_some_and(|from| from > until);
            if !over && !later {
                away.entry(absence.worker).or_default().push(absence);
            }
        }
        away
    }
}

fn primaries(duties: &[Duty]) -> usize {
    duties.iter().filter(|duty| duty.rank == 1).count()
}
