//! Swapped axes and zone prefixes: seen from the envelope of a feature, undone where there is one reading only.
//!
//! In degrees, China's longitudes (72.004 to 137.8347) and latitudes (0.8293 to 55.8271) do not meet, so a swapped feature
//! cannot be mistaken. In a Gauss-Kruger zone an easting lies within 500 km of the false easting; a prefixed one starts
//! at 13,000,000 m, above every northing of China (at most 6,300,000 m).

use geo::{Coord, Rect};

use crate::ingest::Defect;

/// What the coordinates of a source mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Frame {
    /// Longitude and latitude in degrees.
    Degrees,
    /// A transverse Mercator zone.
    Zone {
        /// False easting in metres, with the zone's number in front where the system has it.
        false_easting: f64,
        /// Central meridian in degrees.
        central_meridian: f64,
    },
    /// Any other projection: nothing is known of what its coordinates should look like.
    Other,
}

/// How a feature's coordinates are to be put right before they are projected.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct AxisRepair {
    /// Easting and northing change places first.
    pub swap: bool,
    /// Then this is added to the easting, metres.
    pub add_to_easting: f64,
    /// What was wrong.
    pub defects: Vec<Defect>,
}

impl AxisRepair {
    /// Puts one vertex right.
    pub(crate) fn apply(&self, vertex: Coord<f64>) -> Coord<f64> {
        let turned = if self.swap { Coord { x: vertex.y, y: vertex.x } } else { vertex };
        Coord { x: turned.x + self.add_to_easting, y: turned.y }
    }
}

/// China's box: longitude, then latitude, in degrees.
pub(crate) const CHINA: Rect2 = Rect2 { lon: (72.004, 137.8347), lat: (0.8293, 55.8271) };

/// Two ranges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rect2 {
    /// Degrees east.
    pub lon: (f64, f64),
    /// Degrees north.
    pub lat: (f64, f64),
}

impl Rect2 {
    /// Is a position in it?
    pub(crate) fn contains(&self, at: Coord<f64>) -> bool {
        (self.lon.0..=self.lon.1).contains(&at.x) && (self.lat.0..=self.lat.1).contains(&at.y)
    }

    fn holds(&self, envelope: Rect<f64>) -> bool {
        self.contains(envelope.min()) && self.contains(envelope.max())
    }
}

/// Farther than this from the central meridian nothing of a zone is drawn, metres.
const HALF_ZONE: f64 = 500_000.0;
/// Northings of China, metres.
const NORTHINGS: (f64, f64) = (90_000.0, 6_300_000.0);
const MILLION: f64 = 1_000_000.0;

/// Finds what is wrong with the axes of a feature, from the envelope of its finite coordinates as they stand in the file.
///
/// # Errors
/// The reason to reject the feature where no reading, or more than one, makes sense.
pub(crate) fn examine(frame: Frame, envelope: Rect<f64>) -> Result<AxisRepair, Defect> {
    match frame {
        Frame::Degrees => examine_degrees(envelope),
        Frame::Zone { false_easting, central_meridian } => {
            let zone = Zone { false_easting, central_meridian };
            let read = zone.examine(envelope, false).or_else(|contradiction| match contradiction {
                Some(defect) => Err(Some(defect)),
                None => zone.examine(turn(envelope), true),
            });
            // Where no reading fits, the place on the earth decides later.
            read.or_else(|contradiction| contradiction.map_or(Ok(AxisRepair::default()), Err))
        }
        Frame::Other => Ok(AxisRepair::default()),
    }
}

fn turn(envelope: Rect<f64>) -> Rect<f64> {
    let turn = |c: Coord<f64>| Coord { x: c.y, y: c.x };
    Rect::new(turn(envelope.min()), turn(envelope.max()))
}

fn examine_degrees(envelope: Rect<f64>) -> Result<AxisRepair, Defect> {
    if CHINA.holds(envelope) {
        return Ok(AxisRepair::default());
    }
    if CHINA.holds(turn(envelope)) {
        return Ok(AxisRepair { swap: true, add_to_easting: 0.0, defects: vec![Defect::SwappedAxes] });
    }
    let far = envelope.max();
    if far.x.abs() > 1000.0 || far.y.abs() > 1000.0 {
        return Err(Defect::MetresAsDegrees { x: far.x, y: far.y });
    }
    // What is no position at all, or not in China, is said of the vertex that it is true of.
    Ok(AxisRepair::default())
}

struct Zone {
    false_easting: f64,
    central_meridian: f64,
}

impl Zone {
    /// The number in front of the system's own eastings; 0 where it has none.
    fn prefix(&self) -> f64 {
        (self.false_easting / MILLION).floor()
    }

    fn fits(&self, envelope: Rect<f64>, add: f64) -> bool {
        let near = |x: f64| (x + add - self.false_easting).abs() < HALF_ZONE;
        let north = |y: f64| (NORTHINGS.0..=NORTHINGS.1).contains(&y);
        near(envelope.min().x) && near(envelope.max().x) && north(envelope.min().y) && north(envelope.max().y)
    }

    /// `Err(None)`: no reading fits; `Err(Some(_))`: a reading fits but contradicts the system.
    fn examine(&self, envelope: Rect<f64>, swap: bool) -> Result<AxisRepair, Option<Defect>> {
        let swapped = || if swap { vec![Defect::SwappedAxes] } else { Vec::new() };
        if self.fits(envelope, 0.0) {
            return Ok(AxisRepair { swap, add_to_easting: 0.0, defects: swapped() });
        }
        let found = (envelope.min().x / MILLION).floor();
        let add = (self.prefix() - found) * MILLION;
        if !self.fits(envelope, add) {
            return Err(None);
        }
        let mut defects = swapped();
        match (self.prefix(), found) {
            (expected, 0.0) => defects.push(Defect::ZonePrefixMissing { zone: expected as u32 }),
            (0.0, found) if self.is_own_zone(found) => {
                defects.push(Defect::ZonePrefix { zone: found as u32 })
            }
            (expected, found) if (13.0..=45.0).contains(&found) => {
                let zone = if expected > 0.0 { expected } else { (self.central_meridian / 3.0).round() };
                return Err(Some(Defect::ZoneMismatch { prefix: found as u32, zone: zone as u32 }));
            }
            _ => return Err(None),
        }
        Ok(AxisRepair { swap, add_to_easting: add, defects })
    }

    /// Three-degree zones count from the meridian 0, six-degree zones from 3 degrees west of their first meridian.
    fn is_own_zone(&self, number: f64) -> bool {
        let of = |meridian: f64| (meridian - self.central_meridian).abs() < 1e-6;
        (25.0..=45.0).contains(&number) && of(number * 3.0)
            || (13.0..=23.0).contains(&number) && of(number * 6.0 - 3.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f64, y: f64, size: f64) -> Rect<f64> {
        Rect::new(Coord { x, y }, Coord { x: x + size, y: y + size })
    }

    const EPSG_4544: Frame = Frame::Zone { false_easting: 500_000.0, central_meridian: 105.0 };
    const EPSG_4523: Frame = Frame::Zone { false_easting: 35_500_000.0, central_meridian: 105.0 };

    #[test]
    fn latitude_before_longitude_is_seen_and_turned() {
        let repair = examine(Frame::Degrees, rect(25.6, 100.2, 0.1)).unwrap();
        assert_eq!(repair.defects, [Defect::SwappedAxes]);
        assert_eq!(repair.apply(Coord { x: 25.6, y: 100.2 }), Coord { x: 100.2, y: 25.6 });
    }

    #[test]
    fn coordinates_in_order_are_left_alone() {
        assert_eq!(examine(Frame::Degrees, rect(100.2, 25.6, 0.1)), Ok(AxisRepair::default()));
        assert_eq!(examine(EPSG_4544, rect(398_000.0, 3_146_000.0, 900.0)), Ok(AxisRepair::default()));
        assert_eq!(examine(EPSG_4523, rect(35_398_000.0, 3_146_000.0, 900.0)), Ok(AxisRepair::default()));
    }

    #[test]
    fn a_prefix_that_the_system_lacks_is_taken_off() {
        let repair = examine(EPSG_4544, rect(35_398_000.0, 3_146_000.0, 900.0)).unwrap();
        assert_eq!(repair.defects, [Defect::ZonePrefix { zone: 35 }]);
        assert_eq!(repair.apply(Coord { x: 35_398_000.0, y: 1.0 }).x, 398_000.0);
    }

    #[test]
    fn a_prefix_that_the_data_lack_is_put_on() {
        let repair = examine(EPSG_4523, rect(398_000.0, 3_146_000.0, 900.0)).unwrap();
        assert_eq!(repair.defects, [Defect::ZonePrefixMissing { zone: 35 }]);
        assert_eq!(repair.apply(Coord { x: 398_000.0, y: 1.0 }).x, 35_398_000.0);
    }

    #[test]
    fn surveyors_x_to_the_north_is_turned_with_or_without_prefix() {
        let plain = examine(EPSG_4544, rect(3_146_000.0, 398_000.0, 900.0)).unwrap();
        assert_eq!(plain.defects, [Defect::SwappedAxes]);
        let both = examine(EPSG_4544, rect(3_146_000.0, 35_398_000.0, 900.0)).unwrap();
        assert_eq!(both.defects, [Defect::SwappedAxes, Defect::ZonePrefix { zone: 35 }]);
        assert_eq!(
            both.apply(Coord { x: 3_146_000.0, y: 35_398_000.0 }),
            Coord { x: 398_000.0, y: 3_146_000.0 }
        );
    }

    #[test]
    fn a_prefix_of_another_zone_is_not_guessed_away() {
        let prefixed = examine(EPSG_4523, rect(34_398_000.0, 3_146_000.0, 900.0));
        assert_eq!(prefixed, Err(Defect::ZoneMismatch { prefix: 34, zone: 35 }));
        let plain = examine(EPSG_4544, rect(34_398_000.0, 3_146_000.0, 900.0));
        assert_eq!(plain, Err(Defect::ZoneMismatch { prefix: 34, zone: 35 }));
    }

    #[test]
    fn a_six_degree_zone_is_known_by_its_own_numbers() {
        let frame = Frame::Zone { false_easting: 500_000.0, central_meridian: 105.0 };
        let repair = examine(frame, rect(18_398_000.0, 3_146_000.0, 900.0)).unwrap();
        assert_eq!(repair.defects, [Defect::ZonePrefix { zone: 18 }]);
    }

    #[test]
    fn metres_in_a_system_of_degrees_are_named() {
        let found = examine(Frame::Degrees, rect(35_398_000.0, 3_146_000.0, 900.0));
        assert!(matches!(found, Err(Defect::MetresAsDegrees { .. })));
    }
}
