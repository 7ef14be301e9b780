//! How often one caller may ask.
//!
//! The generic cell rate algorithm (ITU-T I.371, Annex A): of each caller one instant is kept, at which all that it has used is made
//! up for. There may be more callers than memory, so nobody is remembered by name: the instants stand in two rows of cells, and
//! a caller has one in each, found by a keyed hash. Who shares a cell with others finds it fuller than it made it, never emptier; so
//! only when both are full is it refused. The bound of each holds whatever others do, nothing is ever thrown out, and to be refused
//! for what others did, two of those who exceed their rate must have met the same caller: with a thousand of them, one time in four
//! thousand.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::Rate;

/// Cells in a row, which take half a mebibyte.
const CELLS: usize = 1 << 16;

/// Bits of an address of the sixth version that tell one caller from another: the rest is the caller's own to choose.
const NETWORK_BITS: u32 = 64;

/// The one behind an address.
pub(super) fn of_one(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() >> NETWORK_BITS << NETWORK_BITS).into()),
    }
}

/// Holds every caller to one rate.
pub(super) struct RateLimit {
    began: Instant,
    keyed: RandomState,
    rows: [Box<[AtomicU64]>; 2],
}

/// A rate in nanoseconds.
#[derive(Clone, Copy)]
struct Pace {
    /// Between two requests.
    interval: u64,
    /// How far ahead of the time a caller may be.
    ahead: u64,
}

impl Pace {
    fn of(rate: Rate) -> Self {
        let interval = 1_000_000_000 / u64::from(rate.per_second.get());
        Self { interval, ahead: interval * u64::from(rate.burst.get()) }
    }

    /// The instant of a cell after one more request.
    fn after(self, until: u64, now: u64) -> u64 {
        until.max(now) + self.interval
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        let row = || (0..CELLS).map(|_| AtomicU64::new(0)).collect();
        Self { began: Instant::now(), keyed: RandomState::new(), rows: [row(), row()] }
    }
}

impl RateLimit {
    /// Counts a request; `Err`: it is one too many, and how long to wait. Requests of one caller at the same instant may each be
    /// let in as the last one.
    pub(super) fn count(&self, caller: impl Hash, rate: Rate, now: Instant) -> Result<(), Duration> {
        let pace = Pace::of(rate);
        let now = u64::try_from(now.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX / 2);
        let hash = self.keyed.hash_one(caller);
        let cell = |row: usize| &self.rows[row][(hash >> (32 * row)) as usize % self.rows[row].len()];
        let cells = [cell(0), cell(1)];
        let until = cells.map(|cell| pace.after(cell.load(Ordering::Relaxed), now));
        let full = now + pace.ahead;
        let least = until[0].min(until[1]);
        if least > full {
            return Err(Duration::from_nanos(least - full));
        }
        for cell in cells {
            // A cell that others filled stays full, no more: nobody waits for what was refused.
            let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |until| {
                Some(pace.after(until, now).min(full))
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn rate(per_second: u32, burst: u32) -> Rate {
        Rate { per_second: NonZeroU32::new(per_second).unwrap(), burst: NonZeroU32::new(burst).unwrap() }
    }

    /// A bucket of tokens, as the textbook has it, counted in the nanoseconds that each token takes.
    struct Bucket {
        level: u64,
        at: u64,
    }

    impl Bucket {
        fn take(&mut self, pace: Pace, now: u64) -> bool {
            self.level = (self.level + (now - self.at)).min(pace.ahead);
            self.at = now;
            let enough = self.level >= pace.interval;
            self.level -= if enough { pace.interval } else { 0 };
            enough
        }
    }

    proptest! {
        #[test]
        fn one_caller_is_let_in_exactly_when_its_bucket_holds_a_token(
            per_second in 1_u32..2_000,
            burst in 1_u32..40,
            pauses in prop::collection::vec(0_u64..3_000_000_000, 1..300),
            hurry in 1_u64..100_000,
        ) {
            let (limit, rate) = (RateLimit::default(), rate(per_second, burst));
            let pace = Pace::of(rate);
            let mut bucket = Bucket { level: pace.ahead, at: 0 };
            let mut now = 0;
            for pause in pauses {
                now += pause / hurry;
                let asked = limit.count("one", rate, limit.began + Duration::from_nanos(now));
                prop_assert_eq!(asked.is_ok(), bucket.take(pace, now));
                if let Err(wait) = asked {
                    // After that wait, and not before, it is let in.
                    let missing = pace.interval - bucket.level;
                    prop_assert_eq!(wait, Duration::from_nanos(missing));
                }
            }
        }

        #[test]
        fn no_crowd_makes_room_for_one_of_it(callers in prop::collection::vec(0_u32..30, 1..2_000)) {
            // Rows so short that everybody shares cells.
            let short = || (0..4).map(|_| AtomicU64::new(0)).collect::<Box<[_]>>();
            let limit = RateLimit { rows: [short(), short()], ..RateLimit::default() };
            let mut let_in = [0_u32; 30];
            for caller in callers {
                let_in[caller as usize] += u32::from(limit.count(caller, rate(1, 5), limit.began).is_ok());
            }
            prop_assert!(let_in.iter().all(|count| *count <= 5), "{let_in:?}");
        }
    }

    #[test]
    fn those_who_keep_their_rate_are_not_refused_beside_a_thousand_who_do_not() {
        let (limit, rate) = (RateLimit::default(), rate(10, 20));
        for flood in 0..1_000_u32 {
            for _ in 0..40 {
                let _ = limit.count(("flood", flood), rate, limit.began);
            }
        }
        let refused =
            (0..2_000_u32).filter(|quiet| limit.count(("quiet", quiet), rate, limit.began).is_err());
        // One in four thousand is to be expected; ten times as many would be a fault.
        assert!(refused.count() <= 5);
    }

    #[test]
    fn a_network_of_the_sixth_version_is_one_caller() {
        let one = |text: &str| of_one(text.parse().unwrap());
        assert_eq!(one("2001:db8:1:2:3:4:5:6"), one("2001:db8:1:2:ffff::1"));
        assert_ne!(one("2001:db8:1:2::1"), one("2001:db8:1:3::1"));
        assert_ne!(one("192.0.2.1"), one("192.0.2.2"));
    }

    #[test]
    fn to_count_a_request_takes_less_than_a_microsecond() {
        let (limit, rate) = (RateLimit::default(), rate(100, 1_000));
        let round = |round: u32| {
            let began = Instant::now();
            for caller in 0..10_000_u32 {
                let address = IpAddr::from([10, round as u8, (caller >> 8) as u8, caller as u8]);
                let _ = limit.count(of_one(address), rate, Instant::now());
            }
            began.elapsed() / 10_000
        };
        // The fastest of some rounds: other programs use this machine, too.
        let least = (0..20).map(round).min().unwrap();
        assert!(least < Duration::from_micros(1), "{least:?}");
        println!("{least:?} a request");
    }
}
