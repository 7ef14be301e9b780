//! Sharing whole numbers out.

/// Shares `total` out in proportion to the weights, at least `least` each: the largest remainders get the rest.
/// Where the total is too small for that, the first ones get it.
pub(super) fn share_out(total: usize, weights: &[f64], least: usize) -> Vec<usize> {
    let mut shares = vec![least; weights.len()];
    let reserved = least * weights.len();
    if reserved >= total {
        let mut left = total;
        for share in &mut shares {
            *share = least.min(left);
            left -= *share;
        }
        return shares;
    }
    let sum: f64 = weights.iter().sum();
    let wanted = |weight: f64| {
        let even = if sum > 0.0 { weight / sum } else { 1.0 / weights.len() as f64 };
        (even * total as f64 - least as f64).max(0.0)
    };
    let over: f64 = weights.iter().map(|w| wanted(*w)).sum();
    let scale = (total - reserved) as f64 / over.max(f64::MIN_POSITIVE);
    let exact: Vec<f64> = weights.iter().map(|w| wanted(*w) * scale).collect();
    let mut given = reserved;
    for (share, part) in shares.iter_mut().zip(&exact) {
        *share += part.floor() as usize;
        given += part.floor() as usize;
    }
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()).then(a.cmp(b)));
    for index in order.into_iter().cycle().take(total.saturating_sub(given)) {
        shares[index] += 1;
    }
    shares
}

/// How much comes before each of the counts.
pub(super) fn starts(counts: &[usize]) -> Vec<usize> {
    let mut sum = 0;
    counts
        .iter()
        .map(|count| {
            sum += count;
            sum - count
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_add_up_and_nobody_gets_less_than_the_least(
            total in 0usize..5_000, weights in proptest::collection::vec(0.0f64..9.0, 1..40), least in 0usize..4,
        ) {
            let shares = share_out(total, &weights, least);
            prop_assert_eq!(shares.iter().sum::<usize>(), total);
            prop_assert!(least * weights.len() > total || shares.iter().all(|share| *share >= least));
        }
    }

    #[test]
    fn shares_follow_the_weights() {
        assert_eq!(share_out(10, &[1.0, 4.0], 0), [2, 8]);
    }
}
