//! From a file's coordinates to longitude and latitude in EPSG:4490.

use std::path::Path;

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use geo::{Coord, Rect};

use super::clean::axes::{CHINA, Frame, examine};
use super::{Defect, IngestError, InputCrs};
use crate::geom::china::{bd09_to_wgs84, gcj02_to_wgs84};
use crate::geom::wkb::RawGeometry;
use crate::model::LonLat;

/// Brings features of one source to EPSG:4490.
#[derive(Debug)]
pub(crate) struct Locator {
    frame: Frame,
    step: Step,
    /// Set when the datum is neither CGCS2000 nor WGS 84.
    pub other_datum: Option<String>,
}

#[derive(Debug)]
enum Step {
    /// Already longitude and latitude of CGCS2000, or of WGS 84, which PROJ takes for the same.
    Keep,
    Project(CoordTransform),
    Shift(fn(LonLat) -> LonLat),
}

impl Locator {
    /// For what the operator declares, else for what the file declares.
    pub(crate) fn new(
        declared: Option<InputCrs>,
        of_file: Option<&SpatialRef>,
        path: &Path,
    ) -> Result<Self, IngestError> {
        let bad = |crs: String, error: gdal::errors::GdalError| IngestError::BadCrs {
            path: path.to_owned(),
            crs,
            reason: error.to_string(),
        };
        match (declared, of_file) {
            (Some(InputCrs::Gcj02), _) => Ok(Self::shifted(gcj02_to_wgs84)),
            (Some(InputCrs::Bd09), _) => Ok(Self::shifted(bd09_to_wgs84)),
            (Some(InputCrs::Epsg(number)), _) => {
                let label = format!("EPSG:{number}");
                SpatialRef::from_epsg(number)
                    .and_then(|system| Self::projected(system, &label))
                    .map_err(|error| bad(label, error))
            }
            (None, Some(system)) => {
                let label = label_of(system);
                Self::projected(system.clone(), &label).map_err(|error| bad(label, error))
            }
            (None, None) => Err(IngestError::NoCrs { path: path.to_owned() }),
        }
    }

    fn shifted(step: fn(LonLat) -> LonLat) -> Self {
        Self { frame: Frame::Degrees, step: Step::Shift(step), other_datum: None }
    }

    fn projected(mut system: SpatialRef, label: &str) -> gdal::errors::Result<Self> {
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let frame = frame_of(&system)?;
        let known = matches!(system.auth_code(), Ok(4326 | 4490)) && system.is_geographic();
        let step = if known {
            Step::Keep
        } else {
            let mut target = SpatialRef::from_epsg(4490)?;
            target.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            Step::Project(CoordTransform::new(&system, &target)?)
        };
        // Both datums of today have this semi-major axis; those of 1954 and 1980 do not.
        let other = (system.semi_major()? - 6_378_137.0).abs() > 0.5;
        let datum = || system.get_attr_value("DATUM", 0).ok().flatten().unwrap_or_else(|| label.to_owned());
        let other_datum = other.then(datum);
        Ok(Self { frame, step, other_datum })
    }

    /// True for plain longitude and latitude, which a shifted system may hide behind.
    pub(crate) fn is_plain_degrees(&self) -> bool {
        matches!(self.step, Step::Keep)
    }

    /// Moves every vertex to EPSG:4490 and gives what had to be put right on the way.
    ///
    /// # Errors
    /// The reason to reject the feature.
    pub(crate) fn locate(&self, geometry: &mut RawGeometry) -> Result<Vec<Defect>, Defect> {
        let envelope = envelope(geometry).ok_or(Defect::NotFinite)?;
        let repair = examine(self.frame, envelope)?;
        geometry.vertices_mut().for_each(|vertex| *vertex = repair.apply(*vertex));
        match &self.step {
            Step::Keep => {}
            Step::Shift(step) => {
                for vertex in geometry.vertices_mut() {
                    let position = step(position(*vertex)?);
                    *vertex = Coord { x: position.lon(), y: position.lat() };
                }
            }
            Step::Project(transform) => project(transform, geometry)?,
        }
        for vertex in geometry.vertices() {
            position(*vertex)?;
            if !CHINA.contains(*vertex) {
                return Err(Defect::OutsideChina { lon: vertex.x, lat: vertex.y });
            }
        }
        Ok(repair.defects)
    }
}

fn position(vertex: Coord<f64>) -> Result<LonLat, Defect> {
    LonLat::new(vertex.x, vertex.y).map_err(|_| Defect::OutOfRange { lon: vertex.x, lat: vertex.y })
}

/// The envelope; `None` when a coordinate is not finite or there is none.
fn envelope(geometry: &RawGeometry) -> Option<Rect<f64>> {
    let mut vertices = geometry.vertices();
    let first = *vertices.next()?;
    let mut bounds = (first, first);
    for vertex in geometry.vertices() {
        if !(vertex.x.is_finite() && vertex.y.is_finite()) {
            return None;
        }
        bounds.0 = Coord { x: bounds.0.x.min(vertex.x), y: bounds.0.y.min(vertex.y) };
        bounds.1 = Coord { x: bounds.1.x.max(vertex.x), y: bounds.1.y.max(vertex.y) };
    }
    Some(Rect::new(bounds.0, bounds.1))
}

fn project(transform: &CoordTransform, geometry: &mut RawGeometry) -> Result<(), Defect> {
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = geometry.vertices().map(|v| (v.x, v.y)).unzip();
    transform
        .transform_coords(&mut x, &mut y, &mut [])
        .map_err(|error| Defect::Untransformable { reason: error.to_string() })?;
    for (vertex, (x, y)) in geometry.vertices_mut().zip(x.into_iter().zip(y)) {
        *vertex = Coord { x, y };
    }
    Ok(())
}

fn frame_of(system: &SpatialRef) -> gdal::errors::Result<Frame> {
    if system.is_geographic() {
        return Ok(Frame::Degrees);
    }
    let method = system.get_attr_value("PROJECTION", 0)?.unwrap_or_default();
    if method != "Transverse_Mercator" && method != "Gauss_Kruger" {
        return Ok(Frame::Other);
    }
    let (easting, meridian) =
        (system.get_proj_param("false_easting")?, system.get_proj_param("central_meridian")?);
    Ok(match (easting, meridian) {
        // UTM counts its zones otherwise, but an easting in it looks the same.
        (Some(false_easting), Some(central_meridian)) => Frame::Zone { false_easting, central_meridian },
        _ => Frame::Other,
    })
}

fn label_of(system: &SpatialRef) -> String {
    system.authority().ok().or_else(|| system.name()).unwrap_or_else(|| "?".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(crs: &str, x: f64, y: f64) -> (Coord<f64>, Vec<Defect>) {
        let locator = Locator::new(Some(InputCrs::parse(crs).unwrap()), None, Path::new("x")).unwrap();
        let mut raw = RawGeometry { points: vec![Coord { x, y }], ..RawGeometry::default() };
        let defects = locator.locate(&mut raw).unwrap();
        (raw.points[0], defects)
    }

    fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
        ((a.x - b.x) * 111_320.0 * a.y.to_radians().cos()).hypot((a.y - b.y) * 110_900.0)
    }

    /// Vectors of the public formula; the last digit given is 1e-8 degrees, about a millimetre.
    #[test]
    fn web_map_coordinates_land_where_the_plain_ones_do() {
        let dali = Coord { x: 100.2676, y: 25.6065 };
        assert!(metres(locate("gcj02", 100.26869828, 25.60346639).0, dali) < 2e-3);
        assert!(metres(locate("bd09", 100.27528202, 25.60920001).0, dali) < 2e-3);
        assert_eq!(locate("wgs84", 100.2676, 25.6065), (dali, vec![]));
    }

    #[test]
    fn a_zone_prefix_or_its_lack_does_not_move_the_place() {
        let plain = locate("EPSG:4544", 471_600.0, 3_146_000.0);
        let prefixed = locate("EPSG:4523", 35_471_600.0, 3_146_000.0);
        assert!(metres(plain.0, prefixed.0) < 1e-4);
        let stripped = locate("EPSG:4544", 35_471_600.0, 3_146_000.0);
        assert_eq!(stripped.1, [Defect::ZonePrefix { zone: 35 }]);
        assert!(metres(plain.0, stripped.0) < 1e-4);
        let added = locate("EPSG:4523", 471_600.0, 3_146_000.0);
        assert_eq!(added.1, [Defect::ZonePrefixMissing { zone: 35 }]);
        assert!(metres(plain.0, added.0) < 1e-4);
        assert!((plain.0.x - 104.71).abs() < 0.01, "{plain:?}");
    }

    #[test]
    fn an_older_datum_is_named() {
        let locator = Locator::new(Some(InputCrs::Epsg(4214)), None, Path::new("x")).unwrap();
        assert!(locator.other_datum.is_some());
    }
}
