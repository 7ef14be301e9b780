//! Chance that can be repeated: every stream of random numbers has a name and comes from the seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The stream of this name: the same seed and name always give the same numbers, whatever other streams did.
pub(super) fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    hasher.update(name.as_bytes());
    ChaCha8Rng::from_seed(hasher.finalize().into())
}

/// One of the items. Panics on an empty slice, as indexing does.
pub(super) fn pick<'a, T: ?Sized>(rng: &mut ChaCha8Rng, items: &[&'a T]) -> &'a T {
    items[rng.random_range(0..items.len())]
}

/// Mixes numbers into one that looks random: the finaliser of splitmix64 (Steele, Lea and Flood 2014).
pub(super) fn mix(values: &[u64]) -> u64 {
    values.iter().fold(0x9e37_79b9_7f4a_7c15, |state, value| {
        let mut z = (state ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// The same, as a number from 0 (included) to 1 (excluded).
pub(super) fn unit(values: &[u64]) -> f64 {
    (mix(values) >> 11) as f64 / (1u64 << 53) as f64
}

/// Smooth noise between -1 and 1 with features of about one unit of `x` and `y`.
pub(super) fn smooth_noise(seed: u64, x: f64, y: f64) -> f64 {
    let (left, low) = (x.floor(), y.floor());
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - left), ease(y - low));
    let corner =
        |i: f64, j: f64| 2.0 * unit(&[seed, (left + i) as i64 as u64, (low + j) as i64 as u64]) - 1.0;
    let south = corner(0.0, 0.0) * (1.0 - u) + corner(1.0, 0.0) * u;
    let north = corner(0.0, 1.0) * (1.0 - u) + corner(1.0, 1.0) * u;
    south * (1.0 - v) + north * v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_and_name_only() {
        let draw = |seed, name| stream(seed, name).random_range(0..u64::MAX);
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(8, "a"));
    }

    #[test]
    fn smooth_noise_is_continuous_across_its_lattice() {
        for step in 0..50 {
            let y = f64::from(step) * 0.37;
            let jump = smooth_noise(3, 2.0 - 1e-9, y) - smooth_noise(3, 2.0 + 1e-9, y);
            assert!(jump.abs() < 1e-6, "{jump} at {y}");
        }
    }
}
