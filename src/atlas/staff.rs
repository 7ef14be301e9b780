//! Who serves which grid, and who stands in for whom: at any time that was stored.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use smallvec::SmallVec;
use uuid::Uuid;

use super::chunked::Chunked;
use super::sharded::Sharded;
use crate::model::{Absence, Assignment, GridId, Role, Worker, WorkerId};

/// The place of a worker in its atlas; it stays while the worker does, and may be another's after that.
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

/// Those on duty in one grid: few.
pub type Duties = SmallVec<[Duty; 4]>;

/// Workers, their assignments and their absences. Copies share what was not changed since.
#[derive(Debug, Clone, Default)]
pub struct StaffTable {
    workers: Chunked<Option<Arc<Worker>>>,
    free: Vec<WorkerIndex>,
    by_id: Sharded<WorkerId, WorkerIndex>,
    /// Of each grid, sorted by rank, role, worker, beginning.
    served: Sharded<GridId, Arc<Vec<Assignment>>>,
    /// Of each worker, sorted by grid, rank, role, beginning.
    serving: Sharded<WorkerId, Arc<Vec<Assignment>>>,
    assignments: Sharded<Uuid, (GridId, WorkerId)>,
    /// Of each worker, sorted by beginning.
    away: Sharded<WorkerId, Arc<Vec<Absence>>>,
    absences: Sharded<Uuid, WorkerId>,
}

impl StaffTable {
    pub(super) fn build(workers: Vec<Worker>, assignments: Vec<Assignment>, absences: Vec<Absence>) -> Self {
        let mut table = Self::default();
        workers.into_iter().for_each(|worker| table.put_worker(worker.id, Some(worker)));
        assignments.into_iter().for_each(|one| table.put_assignment(one.id, Some(one)));
        absences.into_iter().for_each(|one| table.put_absence(one.id, Some(one)));
        table
    }

    /// Puts a worker in the place of the one with this identity; `None`: nobody.
    pub(super) fn put_worker(&mut self, id: WorkerId, worker: Option<Worker>) {
        let index = self.by_id.get(&id).copied();
        match (index, worker) {
            (Some(index), Some(worker)) => {
                *self.workers.get_mut(index.0 as usize) = Some(Arc::new(worker));
            }
            (Some(index), None) => {
                *self.workers.get_mut(index.0 as usize) = None;
                self.by_id.remove(&id);
                self.free.push(index);
            }
            (None, Some(worker)) => {
                let index = self.free.pop().unwrap_or_else(|| {
                    self.workers.push(None);
                    WorkerIndex(self.workers.len() as u32 - 1)
                });
                *self.workers.get_mut(index.0 as usize) = Some(Arc::new(worker));
                self.by_id.insert(id, index);
            }
            (None, None) => {}
        }
    }

    /// Puts an assignment in the place of the one with this identity; `None`: nothing.
    pub(super) fn put_assignment(&mut self, id: Uuid, assignment: Option<Assignment>) {
        if let Some((grid, worker)) = self.assignments.remove(&id) {
            without(&mut self.served, grid, |one: &Assignment| one.id == id);
            without(&mut self.serving, worker, |one: &Assignment| one.id == id);
        }
        let Some(new) = assignment else { return };
        self.assignments.insert(id, (new.grid, new.worker));
        with(&mut self.served, new.grid, new.clone(), |a| (a.rank, a.role, a.worker, a.span.from, a.id));
        with(&mut self.serving, new.worker, new, |a| (a.grid, a.rank, a.role, a.span.from, a.id));
    }

    /// Puts an absence in the place of the one with this identity; `None`: nothing.
    pub(super) fn put_absence(&mut self, id: Uuid, absence: Option<Absence>) {
        if let Some(worker) = self.absences.remove(&id) {
            without(&mut self.away, worker, |one: &Absence| one.id == id);
        }
        let Some(new) = absence else { return };
        self.absences.insert(id, new.worker);
        with(&mut self.away, new.worker, new, |a| (a.span.from, a.id));
    }

    /// How many workers.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Is there nobody?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A worker, unmasked: mask before it leaves the house.
    pub fn worker(&self, worker: WorkerIndex) -> &Worker {
        let place = self.workers[worker.0 as usize].as_ref();
        place.expect("an index is given out only for a worker who is there")
    }

    /// The worker with this identity.
    pub fn find(&self, id: WorkerId) -> Option<WorkerIndex> {
        self.by_id.get(&id).copied()
    }

    /// Everybody, in no order.
    pub fn workers(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().flatten().map(Arc::as_ref)
    }

    /// Every assignment of any time, in no order.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.served.iter().flat_map(|(_, all)| all.iter())
    }

    /// Every absence of any time, in no order.
    pub fn absences(&self) -> impl Iterator<Item = &Absence> {
        self.away.iter().flat_map(|(_, all)| all.iter())
    }

    /// The assignments to a grid, of any time.
    pub fn assigned(&self, grid: GridId) -> &[Assignment] {
        self.served.get(&grid).map_or(&[], |all| all)
    }

    /// Who is on duty in a grid itself (not above it) at an instant: primary first, substitutes in the place of the
    /// absent, nobody twice. `roles` empty: any role.
    pub fn on_duty(&self, grid: GridId, at: DateTime<Utc>, roles: &[Role]) -> Duties {
        let mut duties = Duties::new();
        for served in self.assigned(grid) {
            if !served.span.contains(at) || !(roles.is_empty() || roles.contains(&served.role)) {
                continue;
            }
            let Some(assigned) = self.find(served.worker) else { continue };
            let Some(present) = self.present(served.worker, at) else { continue };
            let worker = if present == served.worker { Some(assigned) } else { self.find(present) };
            let Some(worker) = worker else { continue };
            if duties.iter().any(|duty| duty.worker == worker) {
                continue;
            }
            let acting_for = (worker != assigned).then_some(assigned);
            duties.push(Duty { worker, role: served.role, rank: served.rank, acting_for });
        }
        duties
    }

    /// Has a grid anybody on duty of its own at an instant?
    pub fn has_duty(&self, grid: GridId, at: DateTime<Utc>) -> bool {
        !self.on_duty(grid, at, &[]).is_empty()
    }

    /// The grids that a worker is assigned to at an instant, with role and rank, absent or not.
    pub fn grids_of(&self, worker: WorkerId, at: DateTime<Utc>) -> impl Iterator<Item = &Assignment> {
        let own = self.serving.get(&worker).into_iter().flat_map(|all| all.iter());
        own.filter(move |assignment| assignment.span.contains(at))
    }

    /// Is a worker absent at an instant? Then with the direct substitute, if one is named.
    pub fn absence(&self, worker: WorkerId, at: DateTime<Utc>) -> Option<Option<WorkerId>> {
        let own = self.away.get(&worker)?;
        own.iter().find(|absence| absence.span.contains(at)).map(|absence| absence.substitute)
    }

    /// The worker, or whoever stands in at the end of the chain of substitutes; `None` when the chain ends with
    /// nobody or runs in a circle.
    fn present(&self, worker: WorkerId, at: DateTime<Utc>) -> Option<WorkerId> {
        let mut current = worker;
        let mut seen: SmallVec<[WorkerId; 4]> = SmallVec::new();
        while let Some(substitute) = self.absence(current, at) {
            seen.push(current);
            current = substitute?;
            if seen.contains(&current) {
                return None;
            }
        }
        Some(current)
    }
}

/// Takes what matches out of the list of a key.
fn without<K, T>(lists: &mut Sharded<K, Arc<Vec<T>>>, key: K, matches: impl Fn(&T) -> bool)
where
    K: Eq + std::hash::Hash + Clone,
    T: Clone,
{
    let list = Arc::make_mut(lists.entry(key.clone(), Arc::default));
    list.retain(|one| !matches(one));
    if list.is_empty() {
        lists.remove(&key);
    }
}

/// Puts a value in its place in the sorted list of a key.
fn with<K, T, O: Ord>(lists: &mut Sharded<K, Arc<Vec<T>>>, key: K, value: T, order: impl Fn(&T) -> O)
where
    K: Eq + std::hash::Hash + Clone,
    T: Clone,
{
    let list = Arc::make_mut(lists.entry(key, Arc::default));
    let place = list.partition_point(|one| order(one) <= order(&value));
    list.insert(place, value);
}
