//! A feature's geometry, from the file to a territory or a position in EPSG:4490.

use geo::{Geometry, MultiPolygon, Point};

use super::rings::tidy;
use super::validity::validate;
use crate::geom::wkb::RawGeometry;
use crate::ingest::Defect;
use crate::ingest::locate::Locator;
use crate::ingest::read::Drawn;

/// The territory of a grid: valid, in EPSG:4490, with what was repaired on the way.
///
/// # Errors
/// The reason to reject the row.
pub(crate) fn territory(drawn: Drawn, locator: &Locator) -> Result<(MultiPolygon<f64>, Vec<Defect>), Defect> {
    let (mut raw, name) = vertices(drawn)?;
    if raw.polygons.is_empty() {
        return Err(Defect::NotPolygon { found: name });
    }
    let mut defects = drop_foreign_parts(&mut raw);
    defects.extend(locator.locate(&mut raw)?);
    let (territory, more) = footprint(raw)?;
    defects.extend(more);
    Ok((territory, defects))
}

/// The position or footprint of a resource; `only_points` where a polygon will not do.
///
/// # Errors
/// The reason to reject the row.
pub(crate) fn position_or_footprint(
    drawn: Drawn,
    locator: &Locator,
    only_points: bool,
) -> Result<(Geometry<f64>, Vec<Defect>), Defect> {
    let (mut raw, name) = vertices(drawn)?;
    if !raw.polygons.is_empty() && !only_points {
        let mut defects = drop_foreign_parts(&mut raw);
        defects.extend(locator.locate(&mut raw)?);
        let (mut footprint, more) = footprint(raw)?;
        defects.extend(more);
        let geometry = match footprint.0.len() {
            1 => Geometry::Polygon(footprint.0.remove(0)),
            _ => Geometry::MultiPolygon(footprint),
        };
        return Ok((geometry, defects));
    }
    if raw.points.len() != 1 || !raw.lines.is_empty() || !raw.polygons.is_empty() {
        return Err(Defect::NotPosition { found: name });
    }
    let defects = locator.locate(&mut raw)?;
    Ok((Geometry::Point(Point(raw.points[0])), defects))
}

fn vertices(drawn: Drawn) -> Result<(RawGeometry, String), Defect> {
    match drawn {
        Drawn::Null => Err(Defect::NullGeometry),
        Drawn::Empty => Err(Defect::EmptyGeometry),
        Drawn::Other(found) => Err(Defect::NotPolygon { found }),
        Drawn::Vertices(raw, name) => Ok((raw, name)),
    }
}

fn drop_foreign_parts(raw: &mut RawGeometry) -> Vec<Defect> {
    let count = raw.lines.len() + raw.points.len();
    raw.lines.clear();
    raw.points.clear();
    if count > 0 { vec![Defect::ForeignParts { count }] } else { Vec::new() }
}

fn footprint(raw: RawGeometry) -> Result<(MultiPolygon<f64>, Vec<Defect>), Defect> {
    let (drawn, mut defects) = tidy(raw.polygons);
    if drawn.0.is_empty() {
        return Err(Defect::EmptyGeometry);
    }
    let (valid, crossing) = validate(drawn)?;
    defects.extend(crossing);
    Ok((valid, defects))
}
