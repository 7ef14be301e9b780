//! Who serves which grid, and who stands in for whom: at any time that was stored.

use std::collections::{HashMap, HashSet};
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
    workers: Chunked<Option<Known>>,
    free: Vec<WorkerIndex>,
    by_id: Sharded<WorkerId, WorkerIndex>,
    /// Of each grid, sorted by rank, role, worker, beginning.
    served: Sharded<GridId, Arc<Vec<Post>>>,
    /// Of each worker, sorted by grid, rank, role, beginning.
    serving: Sharded<WorkerId, Arc<Vec<Assignment>>>,
    assignments: Sharded<Uuid, (GridId, WorkerId)>,
    /// Of each worker, sorted by beginning.
    away: Sharded<WorkerId, Arc<Vec<Absence>>>,
    absences: Sharded<Uuid, WorkerId>,
}

/// A worker, and whether absences need to be looked through at all: few ever have one.
#[derive(Debug, Clone)]
struct Known {
    worker: Arc<Worker>,
    is_ever_away: bool,
}

/// An assignment with the place of its worker, so that nobody is searched for when a grid is asked about.
#[derive(Debug, Clone)]
struct Post {
    assignment: Assignment,
    /// None while nobody has the identity that the assignment names.
    worker: Option<WorkerIndex>,
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
        let is_ever_away = self.away.get(&id).is_some();
        let known = worker.map(|worker| Known { worker: Arc::new(worker), is_ever_away });
        match (index, known) {
            (Some(index), Some(known)) => *self.workers.get_mut(index.0 as usize) = Some(known),
            (Some(index), None) => {
                *self.workers.get_mut(index.0 as usize) = None;
                self.by_id.remove(&id);
                self.free.push(index);
                self.point_posts(id, None);
            }
            (None, Some(known)) => {
                let index = self.free.pop().unwrap_or_else(|| {
                    self.workers.push(None);
                    WorkerIndex(self.workers.len() as u32 - 1)
                });
                *self.workers.get_mut(index.0 as usize) = Some(known);
                self.by_id.insert(id, index);
                self.point_posts(id, Some(index));
            }
            (None, None) => {}
        }
    }

    /// Tells the posts of a worker where the worker is now.
    fn point_posts(&mut self, id: WorkerId, index: Option<WorkerIndex>) {
        let Some(serving) = self.serving.get(&id).cloned() else { return };
        for assignment in serving.iter() {
            let posts = Arc::make_mut(self.served.entry(assignment.grid, Arc::default));
            posts.iter_mut().filter(|post| post.assignment.worker == id).for_each(|post| post.worker = index);
        }
    }

    /// Puts an assignment in the place of the one with this identity; `None`: nothing.
    pub(super) fn put_assignment(&mut self, id: Uuid, assignment: Option<Assignment>) {
        if let Some((grid, worker)) = self.assignments.remove(&id) {
            without(&mut self.served, grid, |post: &Post| post.assignment.id == id);
            without(&mut self.serving, worker, |one: &Assignment| one.id == id);
        }
        let Some(new) = assignment else { return };
        self.assignments.insert(id, (new.grid, new.worker));
        let post = Post { assignment: new.clone(), worker: self.find(new.worker) };
        with(&mut self.served, new.grid, post, |Post { assignment: a, .. }| {
            (a.rank, a.role, a.worker, a.span.from, a.id)
        });
        with(&mut self.serving, new.worker, new, |a| (a.grid, a.rank, a.role, a.span.from, a.id));
    }

    /// Puts an absence in the place of the one with this identity; `None`: nothing.
    pub(super) fn put_absence(&mut self, id: Uuid, absence: Option<Absence>) {
        if let Some(worker) = self.absences.remove(&id) {
            without(&mut self.away, worker, |one: &Absence| one.id == id);
            self.note_absences(worker);
        }
        let Some(new) = absence else { return };
        let worker = new.worker;
        self.absences.insert(id, worker);
        with(&mut self.away, worker, new, |a| (a.span.from, a.id));
        self.note_absences(worker);
    }

    fn note_absences(&mut self, worker: WorkerId) {
        let Some(index) = self.find(worker) else { return };
        let is_ever_away = self.away.get(&worker).is_some();
        if let Some(known) = self.workers.get_mut(index.0 as usize) {
            known.is_ever_away = is_ever_away;
        }
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
        &self.known(worker).worker
    }

    fn known(&self, worker: WorkerIndex) -> &Known {
        let place = self.workers[worker.0 as usize].as_ref();
        place.expect("an index is given out only for a worker who is there")
    }

    /// The worker with this identity.
    pub fn find(&self, id: WorkerId) -> Option<WorkerIndex> {
        self.by_id.get(&id).copied()
    }

    /// Everybody, in no order.
    pub fn workers(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().flatten().map(|known| &*known.worker)
    }

    /// Every assignment of any time, in no order.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.serving.iter().flat_map(|(_, all)| all.iter())
    }

    /// Every absence of any time, in no order.
    pub fn absences(&self) -> impl Iterator<Item = &Absence> {
        self.away.iter().flat_map(|(_, all)| all.iter())
    }

    /// The assignments to a grid, of any time.
    pub fn assigned(&self, grid: GridId) -> impl Iterator<Item = &Assignment> {
        self.posts(grid).iter().map(|post| &post.assignment)
    }

    fn posts(&self, grid: GridId) -> &[Post] {
        self.served.get(&grid).map_or(&[], |all| all)
    }

    /// Who is on duty in a grid itself (not above it) at an instant: primary first, substitutes in the place of the
    /// absent, nobody twice. `roles` empty: any role.
    pub fn on_duty(&self, grid: GridId, at: DateTime<Utc>, roles: &[Role]) -> Duties {
        let mut duties = Duties::new();
        for Post { assignment: served, worker: assigned } in self.posts(grid) {
            if !served.span.contains(at) || !(roles.is_empty() || roles.contains(&served.role)) {
                continue;
            }
            let Some(assigned) = *assigned else { continue };
            let Some(worker) = self.in_place_of(assigned, served.worker, at) else { continue };
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

    /// The workers of assignments and absences, by identity; those of none are left out.
    pub(super) fn workers_of<'a>(
        &'a self,
        assignments: impl Iterator<Item = &'a Uuid> + 'a,
        absences: impl Iterator<Item = &'a Uuid> + 'a,
    ) -> impl Iterator<Item = WorkerId> + 'a {
        let assigned = assignments.filter_map(|id| self.assignments.get(id)).map(|(_, worker)| *worker);
        assigned.chain(absences.filter_map(|id| self.absences.get(id)).copied())
    }

    /// The grids in which somebody else may be on duty when something changes for these workers: those that they are assigned to,
    /// and those of the workers in whose place they may stand. O(absences).
    pub(super) fn grids_touched_by(&self, workers: &HashSet<WorkerId>) -> HashSet<GridId> {
        let mut absent: HashMap<WorkerId, Vec<WorkerId>> = HashMap::new();
        for absence in self.absences() {
            if let Some(substitute) = absence.substitute {
                absent.entry(substitute).or_default().push(absence.worker);
            }
        }
        let mut seen: HashSet<WorkerId> = workers.clone();
        let mut open: Vec<WorkerId> = workers.iter().copied().collect();
        let mut grids = HashSet::new();
        while let Some(worker) = open.pop() {
            let serving = self.serving.get(&worker).into_iter().flat_map(|all| all.iter());
            grids.extend(serving.map(|assignment| assignment.grid));
            let represented = absent.get(&worker).into_iter().flatten().copied();
            open.extend(represented.filter(|worker| seen.insert(*worker)));
        }
        grids
    }

    /// Who is there at an instant in the place of a worker: mostly the worker.
    fn in_place_of(&self, index: WorkerIndex, worker: WorkerId, at: DateTime<Utc>) -> Option<WorkerIndex> {
        if !self.known(index).is_ever_away {
            return Some(index);
        }
        let present = self.present(worker, at)?;
        if present == worker { Some(index) } else { self.find(present) }
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
