//! An assembly line: things are made on every core and taken in their order, batch by batch, while the next are made.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Batches that may be begun and not yet taken.
const AHEAD: usize = 2;

/// Between those who make and the one who takes.
struct Line<T, E> {
    count: usize,
    batch: usize,
    state: Mutex<State<T, E>>,
    /// Something was taken: others may be made.
    room: Condvar,
    /// What is to be taken next was made, or nothing more will be.
    ready: Condvar,
}

struct State<T, E> {
    /// The next to be made.
    next: usize,
    /// The first batch that was not taken, and those from there on of which any thing was begun.
    first: usize,
    batches: VecDeque<Batch<T>>,
    stopped: bool,
    error: Option<E>,
}

struct Batch<T> {
    things: Vec<Option<T>>,
    /// How many are still to be made.
    missing: usize,
}

/// Makes the things of the numbers below `count` on every core of the current rayon pool; another thread takes them in order, so many at a time, the
/// last ones fewer, until it breaks off. No more than two batches wait to be taken. The first error ends it all.
pub(super) fn run<T: Send, E: Send>(
    count: usize,
    batch: usize,
    make: impl Fn(usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(Range<usize>, Vec<T>) -> Result<ControlFlow<()>, E> + Send,
) -> Result<(), E> {
    let state = State { next: 0, first: 0, batches: VecDeque::new(), stopped: false, error: None };
    let line = Line { count, batch, state: Mutex::new(state), room: Condvar::new(), ready: Condvar::new() };
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let _halt = Halt(&line);
            while let Some((range, things)) = line.take() {
                match take(range, things) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => return,
                    Err(error) => return line.fail(error),
                }
            }
        });
        rayon::scope(|cores| {
            for _ in 0..rayon::current_num_threads() {
                cores.spawn(|_| {
                    let _halt = Panicked(&line);
                    while let Some(number) = line.number() {
                        match make(number) {
                            Ok(thing) => line.put(number, thing),
                            Err(error) => return line.fail(error),
                        }
                    }
                });
            }
        });
    });
    let state = line.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.error.map_or(Ok(()), Err)
}

impl<T, E> Line<T, E> {
    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of what is to be made next, as soon as there is room for it.
    fn number(&self) -> Option<usize> {
        let (count, batch) = (self.count, self.batch);
        let full = |state: &mut State<T, E>| {
            !state.stopped && state.next < count && state.next >= (state.first + AHEAD) * batch
        };
        let mut state = self.room.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        if state.stopped || state.next == count {
            return None;
        }
        let number = state.next;
        state.next += 1;
        if number.is_multiple_of(batch) {
            let missing = batch.min(count - number);
            state.batches.push_back(Batch { things: (0..missing).map(|_| None).collect(), missing });
        }
        Some(number)
    }

    fn put(&self, number: usize, thing: T) {
        let mut state = self.lock();
        let place = number / self.batch - state.first;
        let of = &mut state.batches[place];
        of.things[number % self.batch] = Some(thing);
        of.missing -= 1;
        // Nobody is woken for less than a batch.
        let is_whole = of.missing == 0 && place == 0;
        drop(state);
        if is_whole {
            self.ready.notify_one();
        }
    }

    /// The next batch, as soon as all of it was made.
    fn take(&self) -> Option<(Range<usize>, Vec<T>)> {
        let mut state = self.lock();
        let from = state.first * self.batch;
        if from >= self.count {
            return None;
        }
        let lacks = |state: &mut State<T, E>| {
            !state.stopped && state.batches.front().is_none_or(|batch| batch.missing > 0)
        };
        state = self.ready.wait_while(state, lacks).unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return None;
        }
        let things: Vec<T> = state.batches.pop_front()?.things.into_iter().flatten().collect();
        state.first += 1;
        drop(state);
        self.room.notify_all();
        Some((from..from + things.len(), things))
    }

    fn fail(&self, error: E) {
        self.lock().error.get_or_insert(error);
        self.stop();
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.room.notify_all();
        self.ready.notify_all();
    }
}

/// Ends the line with the one who takes.
struct Halt<'a, T, E>(&'a Line<T, E>);

impl<T, E> Drop for Halt<'_, T, E> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Ends the line when one who makes panics: nobody shall wait for what will not come.
struct Panicked<'a, T, E>(&'a Line<T, E>);

impl<T, E> Drop for Panicked<'_, T, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Later numbers are ready first.
    fn slow(number: usize) -> usize {
        std::thread::sleep(Duration::from_micros(if number.is_multiple_of(7) { 500 } else { 10 }));
        number
    }

    #[test]
    fn things_are_taken_in_their_order_in_whole_batches_and_few_wait() {
        for count in [0, 1, 9, 10, 11, 205] {
            let ahead = AtomicUsize::new(0);
            let mut taken = Vec::new();
            let make = |number| {
                ahead.fetch_add(1, Ordering::Relaxed);
                Ok::<_, ()>(slow(number))
            };
            let take = |range: Range<usize>, things: Vec<usize>| {
                assert!(range.len() == 10 || range.end == count, "{range:?}");
                assert!(range.clone().eq(things.iter().copied()));
                // Two batches wait at most beside what is being taken.
                assert!(ahead.load(Ordering::Relaxed) <= range.end + 20);
                taken.extend(things);
                Ok(ControlFlow::Continue(()))
            };
            run(count, 10, make, take).unwrap();
            assert!(taken.into_iter().eq(0..count));
        }
    }

    #[test]
    fn an_error_on_either_side_and_a_break_end_it() {
        let all = |_, _| Ok(ControlFlow::Continue(()));
        let failing = |number| if number == 33 { Err("made") } else { Ok(slow(number)) };
        assert_eq!(run(1_000, 10, failing, all), Err("made"));
        let made = |number| Ok(slow(number));
        let refuses = |range: Range<usize>, _| {
            if range.start == 50 { Err("taken") } else { Ok(ControlFlow::Continue(())) }
        };
        assert_eq!(run(1_000, 10, made, refuses), Err("taken"));
        let mut batches = 0;
        let breaks = |_, _| {
            batches += 1;
            Ok::<_, ()>(if batches == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        assert_eq!(run(1_000, 10, |number| Ok(slow(number)), breaks), Ok(()));
        assert_eq!(batches, 3);
    }

    #[test]
    fn a_panic_on_either_side_is_passed_on_and_nobody_waits_for_ever() {
        let panics = |number: usize| if number == 33 { panic!("made") } else { Ok::<_, ()>(slow(number)) };
        let all = |_, _| Ok(ControlFlow::Continue(()));
        assert!(std::panic::catch_unwind(AssertUnwindSafe(|| run(1_000, 10, panics, all))).is_err());
        let refuses = |_: Range<usize>, _: Vec<usize>| -> Result<ControlFlow<()>, ()> { panic!("taken") };
        let made = |number| Ok::<_, ()>(slow(number));
        assert!(std::panic::catch_unwind(AssertUnwindSafe(|| run(1_000, 10, made, refuses))).is_err());
    }
}
