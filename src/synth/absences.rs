//! Who is away, and who stands in.

use chrono::Duration;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::grids::identity;
use super::plan::Plan;
use super::random::stream;
use crate::model::{Absence, Span, Worker};

/// The share of assigned workers who are away on the plan's day.
const AWAY: f64 = 0.02;
/// The share who were away before or will be.
const AWAY_ANOTHER_TIME: f64 = 0.02;
/// Of those away now: the share without substitute.
const WITHOUT_SUBSTITUTE: f64 = 0.06;
/// Of those away now: the share whose substitute is away as well and has one in turn.
const CHAINED: f64 = 0.05;

/// Absences of the first `assigned` workers, at most one each. Substitutes come from the same county, neighbours in the
/// list and so in the field.
pub(super) fn invent_absences(workers: &[Worker], assigned: usize, plan: &Plan) -> Vec<Absence> {
    let mut rng = stream(plan.seed, "absences");
    let mut busy = vec![false; assigned];
    let mut absences = Vec::new();
    for number in 0..assigned {
        if busy[number] {
            continue;
        }
        if rng.random_bool(AWAY) {
            busy[number] = true;
            let substitute = (!rng.random_bool(WITHOUT_SUBSTITUTE))
                .then(|| stand_in(&mut busy, number, &mut rng))
                .flatten();
            absences.push(absence(workers, number, substitute, now(plan, &mut rng)));
            if let Some(second) = substitute.filter(|_| rng.random_bool(CHAINED)) {
                let third = stand_in(&mut busy, second, &mut rng);
                absences.push(absence(workers, second, third, now(plan, &mut rng)));
            }
        } else if rng.random_bool(AWAY_ANOTHER_TIME) {
            busy[number] = true;
            let substitute = stand_in(&mut busy, number, &mut rng);
            absences.push(absence(workers, number, substitute, another_time(plan, &mut rng)));
        }
    }
    absences
}

/// Somebody near in the list who is not away and stands in for nobody else.
fn stand_in(busy: &mut [bool], number: usize, rng: &mut ChaCha8Rng) -> Option<usize> {
    let from = number.saturating_sub(12);
    let free: Vec<usize> = (from..(number + 12).min(busy.len())).filter(|other| !busy[*other]).collect();
    let chosen = (!free.is_empty()).then(|| free[rng.random_range(0..free.len())])?;
    busy[chosen] = true;
    Some(chosen)
}

fn now(plan: &Plan, rng: &mut ChaCha8Rng) -> Span {
    Span {
        from: Some(plan.today - Duration::days(rng.random_range(1..14))),
        until: Some(plan.today + Duration::days(rng.random_range(3..25))),
    }
}

fn another_time(plan: &Plan, rng: &mut ChaCha8Rng) -> Span {
    let start = if rng.random_bool(0.5) { rng.random_range(-200..-30) } else { rng.random_range(30..90) };
    let from = plan.today + Duration::days(start);
    Span { from: Some(from), until: Some(from + Duration::days(rng.random_range(2..20))) }
}

fn absence(workers: &[Worker], number: usize, substitute: Option<usize>, span: Span) -> Absence {
    Absence {
        id: identity("absence", &workers[number].source_id),
        worker: workers[number].id,
        substitute: substitute.map(|other| workers[other].id),
        span,
    }
}
