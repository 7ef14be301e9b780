//! Single nodes change sides: parts get nearer to their sizes, and borders lose their hairs.

use super::partition::Area;

/// Passes over all members.
const PASSES: usize = 10;
/// A part keeps at least this many nodes.
const LEAST: u32 = 3;
/// How much a part's being over or under its size counts against the length of the border.
const BALANCE: f64 = 7.0;

/// Moves nodes from part to part where that helps. Every part stays connected, and none is enclosed by the move.
pub(super) fn relax(area: &Area<'_>, labels: &mut [u32], sizes: &[f64]) {
    let mut counts = vec![0u32; sizes.len()];
    for label in labels.iter() {
        counts[*label as usize] += 1;
    }
    for _ in 0..PASSES {
        let mut moved = 0;
        for place in 0..area.members.len() {
            let from = labels[place];
            if counts[from as usize] <= LEAST {
                continue;
            }
            if let Some(to) = better_part(area, labels, &counts, sizes, place) {
                labels[place] = to;
                counts[from as usize] -= 1;
                counts[to as usize] += 1;
                moved += 1;
            }
        }
        if moved == 0 {
            break;
        }
    }
}

fn better_part(area: &Area<'_>, labels: &[u32], counts: &[u32], sizes: &[f64], place: usize) -> Option<u32> {
    let node = area.members[place];
    let around: Vec<Option<u32>> =
        area.mesh.neighbours(node).iter().map(|n| area.place_of(*n).map(|p| labels[p])).collect();
    let from = labels[place];
    if around.iter().all(|label| *label == Some(from)) {
        return None;
    }
    let fill = |part: u32| f64::from(counts[part as usize]) / sizes[part as usize];
    let count = |part: u32| around.iter().filter(|label| **label == Some(part)).count() as f64;
    let closed = !area.mesh.is_border(node);
    if runs(&around, from, closed) != 1 {
        return None;
    }
    let mut best: Option<(f64, u32)> = None;
    for to in around.iter().flatten().copied().filter(|part| *part != from) {
        let gain = BALANCE * (fill(from) - fill(to)) + 0.5 * (count(to) - count(from));
        let better =
            gain > 0.25 && best.is_none_or(|(most, part)| gain > most || (gain == most && to < part));
        if better && runs(&around, to, closed) == 1 {
            best = Some((gain, to));
        }
    }
    best.map(|(_, part)| part)
}

/// How many times the part comes and goes around the node. One run means that the part's nodes around it hang
/// together without it, neighbours in turning order being neighbours of each other.
fn runs(around: &[Option<u32>], part: u32, closed: bool) -> usize {
    let starts = around.windows(2).filter(|pair| pair[0] != Some(part) && pair[1] == Some(part)).count();
    let first = around[0] == Some(part) && !(closed && around[around.len() - 1] == Some(part));
    starts + usize::from(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_join_over_the_end_only_where_the_fan_is_closed() {
        let around = [Some(1), Some(2), None, Some(1)];
        assert_eq!(runs(&around, 1, true), 1);
        assert_eq!(runs(&around, 1, false), 2);
        assert_eq!(runs(&around, 2, true), 1);
        assert_eq!(runs(&[Some(1), Some(1)], 1, true), 0);
    }
}
