//! Plain longitude and latitude that may be a web map's shifted ones: nothing in one file shows it, but stored borders do.
//!
//! A file's outlines run along borders that are stored: those of the grids above, or its own former ones. Read as what they
//! are, many vertices meet such a border; read as anything else, the shift of 18 to 710 m takes all of them away.

use geo::{Coord, CoordsIter, LinesIter};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::draft::Draft;
use crate::geom::china::{bd09_to_wgs84, gcj02_to_wgs84};
use crate::ingest::parents::Territory;
use crate::ingest::{Defect, Place, Report};
use crate::model::LonLat;

/// A vertex this near to a stored border meets it, metres.
const NEAR_M: f64 = 3.0;
/// So many vertices are looked at.
const SAMPLE: usize = 4000;
/// So many must meet, as a share of those looked at; a row of small grids has few vertices on the border around it.
const SHARE: f64 = 0.02;

/// From shifted to plain longitude and latitude.
type Shift = fn(LonLat) -> LonLat;

/// Says so where a file meets stored borders better in shifted coordinates than as it was read.
pub(super) fn suspect_shift(rows: &[Draft], stored: &[Territory], report: &mut Report) {
    if stored.is_empty() || rows.is_empty() {
        return;
    }
    let vertices: Vec<Coord<f64>> = rows.iter().flat_map(|row| row.territory.coords_iter()).collect();
    let step = vertices.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<Coord<f64>> = vertices.into_iter().step_by(step).collect();
    let borders = Borders::new(stored, mid_latitude(&sample));
    let before = borders.met(&sample, |position| position);
    let enough = (sample.len() as f64 * SHARE).max(8.0) as usize;
    let shifts: [(&str, Shift); 2] = [("gcj02", gcj02_to_wgs84), ("bd09", bd09_to_wgs84)];
    for (name, shift) in shifts {
        let after = borders.met(&sample, shift);
        if after >= enough && after > 4 * before {
            let files: std::collections::BTreeSet<&str> =
                rows.iter().map(|row| row.place.file.as_str()).collect();
            for file in files {
                let (read_as, matches_as) = ("EPSG:4490".to_owned(), name.to_owned());
                let suspicion =
                    Defect::ShiftSuspected { read_as, matches_as, before, after, of: sample.len() };
                report.warn(&Place::whole(file), None, suspicion);
            }
        }
    }
}

fn mid_latitude(sample: &[Coord<f64>]) -> f64 {
    sample.iter().map(|c| c.y).sum::<f64>() / sample.len().max(1) as f64
}

struct Borders {
    tree: RTree<Edge>,
    /// Degrees of longitude times this are as long as degrees of latitude.
    squeeze: f64,
}

/// An edge in degrees of latitude, both ways.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: [f64; 2],
    to: [f64; 2],
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.from, self.to)
    }
}

impl PointDistance for Edge {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        let along = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let off = [point[0] - self.from[0], point[1] - self.from[1]];
        let length_2 = along[0] * along[0] + along[1] * along[1];
        let share = if length_2 > 0.0 { (off[0] * along[0] + off[1] * along[1]) / length_2 } else { 0.0 };
        let share = share.clamp(0.0, 1.0);
        (off[0] - share * along[0]).powi(2) + (off[1] - share * along[1]).powi(2)
    }
}

impl Borders {
    fn new(stored: &[Territory], latitude: f64) -> Self {
        let squeeze = latitude.to_radians().cos();
        let place = |c: Coord<f64>| [c.x * squeeze, c.y];
        let edges = stored.iter().flat_map(|territory| territory.geometry.lines_iter());
        let edges = edges.map(|line| Edge { from: place(line.start), to: place(line.end) });
        Self { tree: RTree::bulk_load(edges.collect()), squeeze }
    }

    fn met(&self, sample: &[Coord<f64>], shift: impl Fn(LonLat) -> LonLat) -> usize {
        // A degree of latitude is 110.6 to 111.7 km long.
        let near = NEAR_M / 111_000.0;
        let meets = |vertex: &&Coord<f64>| {
            let Ok(position) = LonLat::new(vertex.x, vertex.y) else { return false };
            let moved = shift(position);
            let point = [moved.lon() * self.squeeze, moved.lat()];
            self.tree.locate_within_distance(point, near * near).next().is_some()
        };
        sample.iter().filter(meets).count()
    }
}
