//! Many points at once: neighbours in space, resolved one after another, find what they need in the cache.

use rayon::prelude::*;

use super::sectors::Sectors;
use super::{Cover, GridTable, Lookup};
use crate::model::LonLat;

/// Fewer points are not worth sorting.
const FEW: usize = 256;
/// Fewer points are not worth a core of their own.
const SHARE: usize = 1 << 16;

impl Lookup {
    /// What covers each of many points, in their order.
    ///
    /// Points are put in the order of their sectors, which follow a Z-shaped curve, by one pass of counting; a sector
    /// fits the cache. Each core of the current pool takes a share of the points. O(points + sectors).
    pub(in crate::atlas) fn cover_batch(&self, grids: &GridTable, points: &[LonLat]) -> Vec<Cover> {
        let Some(sectors) = self.leaves.as_ref().filter(|_| points.len() > FEW) else {
            return points.iter().map(|point| self.cover(grids, *point)).collect();
        };
        let mut covers = vec![Cover::Outside; points.len()];
        let share = points.len().div_ceil(rayon::current_num_threads()).max(SHARE);
        let shares = points.par_chunks(share).zip(covers.par_chunks_mut(share));
        shares.for_each(|(points, covers)| self.cover_sorted(grids, sectors, points, covers));
        covers
    }

    /// Puts what covers each point into its place.
    fn cover_sorted(&self, grids: &GridTable, sectors: &Sectors, points: &[LonLat], covers: &mut [Cover]) {
        // The last bucket takes what is in no sector.
        let nowhere = sectors.all().len();
        let bucket =
            |point: &LonLat| sectors.number((*point).into()).map_or(nowhere, |number| number as usize);
        let buckets: Vec<u32> = points.iter().map(|point| bucket(point) as u32).collect();
        let mut starts = vec![0_u32; nowhere + 2];
        for bucket in &buckets {
            starts[*bucket as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut ends = starts.clone();
        let mut sorted = vec![(points[0], 0_u32); points.len()];
        for (place, (point, bucket)) in points.iter().zip(&buckets).enumerate() {
            let end = &mut ends[*bucket as usize];
            sorted[*end as usize] = (*point, place as u32);
            *end += 1;
        }
        for (bucket, range) in starts.windows(2).enumerate() {
            let sector = sectors.all().get(bucket).map(|sector| &**sector);
            for (point, place) in &sorted[range[0] as usize..range[1] as usize] {
                covers[*place as usize] = self.cover_in(grids, sector, *point);
            }
        }
    }
}
