//! Who serves which grid, and who stands in for whom.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{GridIndex, GridTable};
use crate::model::{Absence, Assignment, Role, Span, Worker, WorkerId};

/// The place of a worker in its atlas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerIndex(pub u32);

/// Somebody on duty in a grid at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// Who is on duty: the assigned worker or the substitute.
    pub worker: WorkerIndex,
    /// The role of the assignment.
    pub role: Role,
    /// 1 is the primary.
    pub rank: u8,
    /// The absent worker in whose place a substitute is on duty.
    pub acting_for: Option<WorkerIndex>,
}

#[derive(Debug, Clone, Copy)]
struct Served {
    grid: GridIndex,
    worker: WorkerIndex,
    role: Role,
    rank: u8,
    span: Span,
}

#[derive(Debug, Clone, Copy)]
struct Away {
    worker: WorkerIndex,
    substitute: Option<WorkerIndex>,
    span: Span,
}

/// Workers, their assignments by grid and their absences.
#[derive(Debug, Default)]
pub struct StaffTable {
    workers: Vec<Worker>,
    by_id: HashMap<WorkerId, WorkerIndex>,
    /// Sorted by grid, then rank, role, worker.
    served: Vec<Served>,
    /// Places in `served`, sorted by worker.
    by_worker: Vec<u32>,
    /// Sorted by worker.
    away: Vec<Away>,
}

impl StaffTable {
    /// Assignments to grids or of workers that the snapshot lacks are left out: the grid was retired.
    pub(super) fn build(
        grids: &GridTable,
        mut workers: Vec<Worker>,
        assignments: Vec<Assignment>,
        absences: Vec<Absence>,
    ) -> Self {
        workers.sort_by_key(|worker| worker.id);
        let by_id: HashMap<_, _> =
            workers.iter().enumerate().map(|(at, worker)| (worker.id, WorkerIndex(at as u32))).collect();
        let serve = |a: Assignment| {
            let (grid, worker) = (grids.find_id(a.grid)?, *by_id.get(&a.worker)?);
            Some(Served { grid, worker, role: a.role, rank: a.rank, span: a.span })
        };
        let leave = |a: Absence| {
            let substitute = a.substitute.and_then(|id| by_id.get(&id).copied());
            Some(Away { worker: *by_id.get(&a.worker)?, substitute, span: a.span })
        };
        let mut served: Vec<_> = assignments.into_iter().filter_map(serve).collect();
        served.sort_by_key(|s| (s.grid, s.rank, s.role, s.worker, s.span.from));
        let mut by_worker: Vec<_> = (0..served.len() as u32).collect();
        by_worker.sort_by_key(|at| (served[*at as usize].worker, *at));
        let mut away: Vec<_> = absences.into_iter().filter_map(leave).collect();
        away.sort_by_key(|a| (a.worker, a.span.from));
        Self { workers, by_id, served, by_worker, away }
    }

    /// How many workers.
    pub fn len(&self) -> usize {
        self.workers.len()
    }

    /// Is there nobody?
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }

    /// A worker, unmasked: mask before it leaves the house.
    pub fn worker(&self, worker: WorkerIndex) -> &Worker {
        &self.workers[worker.0 as usize]
    }

    /// The worker with this identity.
    pub fn find(&self, id: WorkerId) -> Option<WorkerIndex> {
        self.by_id.get(&id).copied()
    }

    /// Who is on duty in a grid itself (not above it) at an instant: primary first, substitutes in the place of the
    /// absent, nobody twice. `roles` empty: any role.
    pub fn on_duty(&self, grid: GridIndex, at: DateTime<Utc>, roles: &[Role]) -> Vec<Duty> {
        let mut duties: Vec<Duty> = Vec::new();
        for served in self.assigned(grid) {
            if !served.span.contains(at) || !(roles.is_empty() || roles.contains(&served.role)) {
                continue;
            }
            let Some(worker) = self.present(served.worker, at) else { continue };
            if duties.iter().any(|duty| duty.worker == worker) {
                continue;
            }
            let acting_for = (worker != served.worker).then_some(served.worker);
            duties.push(Duty { worker, role: served.role, rank: served.rank, acting_for });
        }
        duties
    }

    /// Has a grid anybody on duty of its own at an instant?
    pub fn has_duty(&self, grid: GridIndex, at: DateTime<Utc>) -> bool {
        self.assigned(grid).iter().any(|s| s.span.contains(at) && self.present(s.worker, at).is_some())
    }

    /// The grids that a worker is assigned to at an instant, with role and rank, absent or not.
    pub fn grids_of(&self, worker: WorkerIndex, at: DateTime<Utc>) -> Vec<(GridIndex, Role, u8)> {
        let start = self.by_worker.partition_point(|p| self.served[*p as usize].worker < worker);
        let own = self.by_worker[start..].iter().map(|p| &self.served[*p as usize]);
        own.take_while(|s| s.worker == worker)
            .filter(|s| s.span.contains(at))
            .map(|s| (s.grid, s.role, s.rank))
            .collect()
    }

    /// Is a worker absent at an instant? Then with the direct substitute, if one is named.
    pub fn absence(&self, worker: WorkerIndex, at: DateTime<Utc>) -> Option<Option<WorkerIndex>> {
        let start = self.away.partition_point(|a| a.worker < worker);
        let own = self.away[start..].iter().take_while(|a| a.worker == worker);
        own.filter(|a| a.span.contains(at)).map(|a| a.substitute).next()
    }

    fn assigned(&self, grid: GridIndex) -> &[Served] {
        let start = self.served.partition_point(|s| s.grid < grid);
        let length = self.served[start..].partition_point(|s| s.grid == grid);
        &self.served[start..start + length]
    }

    /// The worker, or whoever stands in at the end of the chain of substitutes; `None` when the chain ends with
    /// nobody or runs in a circle.
    fn present(&self, worker: WorkerIndex, at: DateTime<Utc>) -> Option<WorkerIndex> {
        let mut seen = vec![worker];
        let mut current = worker;
        while let Some(substitute) = self.absence(current, at) {
            current = substitute?;
            if seen.contains(&current) {
                return None;
            }
            seen.push(current);
        }
        Some(current)
    }
}
