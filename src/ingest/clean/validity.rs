//! Boundaries that cross themselves: seen and repaired by GEOS, as PostGIS would see and repair them.

use gdal::cpl::CslStringList;
use gdal::vector::{Geometry, ToGdal};
use geo::orient::Direction;
use geo::{Area, MultiPolygon, Orient, Polygon};

use crate::geom::wkb::read_wkb;
use crate::ingest::Defect;

use super::rings::tidy;

/// A repair that changes the area by more than this share is not made.
pub(crate) const AREA_LIMIT: f64 = 0.01;

/// Makes a territory valid: outer rings counter-clockwise, holes clockwise, nothing crosses.
///
/// # Errors
/// The reason to reject the feature: a repair would change more than [`AREA_LIMIT`] of its area, or leaves nothing.
pub(crate) fn validate(territory: MultiPolygon<f64>) -> Result<(MultiPolygon<f64>, Option<Defect>), Defect> {
    let unreadable = |_| Defect::Unrepairable { area_change: 1.0 };
    let drawn = to_gdal(&territory).map_err(unreadable)?;
    if drawn.is_valid() {
        return Ok((territory.orient(Direction::Default), None));
    }
    let repaired = drawn.make_valid(&CslStringList::new()).map_err(unreadable)?;
    let repaired = polygons_of(&repaired).ok_or(Defect::Unrepairable { area_change: 1.0 })?;
    let area_change = change(territory.unsigned_area(), repaired.unsigned_area());
    if area_change > AREA_LIMIT {
        return Err(Defect::Unrepairable { area_change });
    }
    Ok((repaired.orient(Direction::Default), Some(Defect::SelfCrossing { area_change })))
}

/// Does nothing cross, overlap or lie outside, as GEOS and so PostGIS see it?
pub(crate) fn is_valid(territory: &MultiPolygon<f64>) -> bool {
    to_gdal(territory).is_ok_and(|drawn| drawn.is_valid())
}

fn to_gdal(territory: &MultiPolygon<f64>) -> gdal::errors::Result<Geometry> {
    match territory.0.as_slice() {
        // One part is judged as the polygon that it is.
        [only] => only.to_gdal(),
        _ => territory.to_gdal(),
    }
}

fn polygons_of(geometry: &Geometry) -> Option<MultiPolygon<f64>> {
    let raw = read_wkb(&geometry.iso_wkb().ok()?)?;
    let (polygons, _) = tidy(raw.polygons);
    let solid: Vec<Polygon<f64>> = polygons.0.into_iter().filter(|part| part.unsigned_area() > 0.0).collect();
    (!solid.is_empty()).then(|| MultiPolygon::new(solid))
}

fn change(before: f64, after: f64) -> f64 {
    let larger = before.max(after);
    if larger > 0.0 { (before - after).abs() / larger } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{coord, polygon};

    #[test]
    fn a_valid_territory_is_only_oriented() {
        let clockwise = polygon![(x: 0.0, y: 0.0), (x: 0.0, y: 1.0), (x: 1.0, y: 1.0), (x: 1.0, y: 0.0)];
        let (valid, defect) = validate(MultiPolygon::new(vec![clockwise])).unwrap();
        assert_eq!(defect, None);
        assert_eq!(valid.0[0].exterior().0[1], coord! { x: 1.0, y: 0.0 });
    }

    #[test]
    fn a_small_loop_in_the_border_is_repaired_and_measured() {
        let looped = polygon![
            (x: 0.0, y: 0.0), (x: 100.0, y: 0.0), (x: 100.0, y: 100.0), (x: 50.0, y: 100.0), (x: 51.0, y: 101.0),
            (x: 50.0, y: 101.0), (x: 51.0, y: 100.0), (x: 0.0, y: 100.0)
        ];
        let (valid, defect) = validate(MultiPolygon::new(vec![looped])).unwrap();
        assert!(to_gdal(&valid).unwrap().is_valid());
        assert!(
            matches!(defect, Some(Defect::SelfCrossing { area_change }) if area_change < 0.001),
            "{defect:?}"
        );
    }

    #[test]
    fn a_bow_tie_has_no_area_to_compare_with_and_is_refused() {
        let tie = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0), (x: 1.0, y: 0.0), (x: 0.0, y: 1.0)];
        let refused = validate(MultiPolygon::new(vec![tie])).unwrap_err();
        assert!(matches!(refused, Defect::Unrepairable { area_change } if area_change > 0.9));
    }

    #[test]
    fn parts_that_touch_in_a_line_become_one() {
        let left = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0), (x: 0.0, y: 1.0)];
        let right = polygon![(x: 1.0, y: 0.0), (x: 2.0, y: 0.0), (x: 2.0, y: 1.0), (x: 1.0, y: 1.0)];
        let (valid, defect) = validate(MultiPolygon::new(vec![left, right])).unwrap();
        assert_eq!((valid.0.len(), valid.unsigned_area()), (1, 2.0));
        assert!(matches!(defect, Some(Defect::SelfCrossing { area_change: 0.0 })));
    }
}
