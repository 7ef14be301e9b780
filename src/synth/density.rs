//! How densely an invented area is settled: a rural ground with valleys, and bumps where towns are.

use geo::Coord;

use super::plane::Plane;
use super::random::smooth_noise;

/// Settlement around a centre. The profile is Plummer's, `1 / (1 + (d/r)^2)^2`: a dense heart, long tails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Centre {
    /// Where, in degrees.
    pub(super) at: Coord<f64>,
    /// Radius of the heart in kilometres.
    pub(super) radius: f64,
    /// How many mesh nodes belong to it.
    pub(super) nodes: f64,
}

/// Mesh nodes per square kilometre at each place of an area.
#[derive(Debug, Clone)]
pub(super) struct Density {
    plane: Plane,
    seed: u64,
    rural: f64,
    centres: Vec<Centre>,
}

impl Density {
    /// `rural` nodes spread over `area` square kilometres, and the centres.
    pub(super) fn new(plane: Plane, seed: u64, rural: f64, area: f64, centres: Vec<Centre>) -> Self {
        Self { plane, seed, rural: rural / area, centres }
    }

    /// The plane that distances are taken in.
    pub(super) fn plane(&self) -> Plane {
        self.plane
    }

    /// Nodes per square kilometre; above zero everywhere.
    pub(super) fn at(&self, c: Coord<f64>) -> f64 {
        let [x, y] = self.plane.km(c);
        // ridges and valleys of some 9 km, spurs of some 3 km
        let relief = 0.8 * smooth_noise(self.seed, x / 9.0, y / 9.0)
            + 0.4 * smooth_noise(self.seed ^ 1, x / 3.1, y / 3.1);
        let towns: f64 = self.centres.iter().map(|centre| self.bump(centre, x, y)).sum();
        self.rural * (1.2 * relief).exp() * 0.8 + towns
    }

    /// The distance in kilometres that neighbouring nodes keep, on the average, at this density.
    pub(super) fn spacing(&self, c: Coord<f64>) -> f64 {
        // a saturated Poisson-disc sample of radius r holds about 0.7 / r^2 points a unit of area
        (0.66 / self.at(c)).sqrt()
    }

    fn bump(&self, centre: &Centre, x: f64, y: f64) -> f64 {
        let [cx, cy] = self.plane.km(centre.at);
        let square = centre.radius * centre.radius;
        let fall = 1.0 + ((x - cx).powi(2) + (y - cy).powi(2)) / square;
        centre.nodes / (std::f64::consts::PI * square * fall * fall)
    }
}
