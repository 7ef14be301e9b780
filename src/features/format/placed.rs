//! Geometries as binary formats want them: x before y whatever the register says, outer rings against the clock, holes with it.

use geo::orient::{Direction, Orient};
use geo::{Geometry, MapCoords};

use crate::features::OutputCrs;
use crate::geom::CrsError;

/// A geometry in a reference system.
pub(super) fn placed(crs: &OutputCrs, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
    let geometry = geometry.try_map_coords(|at| crs.xy(at))?;
    Ok(wound(geometry))
}

fn wound(geometry: Geometry<f64>) -> Geometry<f64> {
    match geometry {
        Geometry::Polygon(polygon) => Geometry::Polygon(polygon.orient(Direction::Default)),
        Geometry::MultiPolygon(polygons) => Geometry::MultiPolygon(polygons.orient(Direction::Default)),
        Geometry::GeometryCollection(members) => {
            Geometry::GeometryCollection(members.into_iter().map(wound).collect())
        }
        Geometry::Rect(rect) => wound(Geometry::Polygon(rect.to_polygon())),
        Geometry::Triangle(triangle) => wound(Geometry::Polygon(triangle.to_polygon())),
        Geometry::Line(line) => Geometry::LineString(line.into()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use geo::winding_order::Winding;
    use geo::{GeometryCollection, polygon};

    use super::*;

    #[test]
    fn rings_are_wound_and_easting_comes_before_northing_also_inside_a_collection() {
        let clockwise = polygon!(
            exterior: [(x: 100., y: 25.), (x: 100., y: 26.), (x: 101., y: 26.), (x: 101., y: 25.)],
            interiors: [[(x: 100.4, y: 25.4), (x: 100.6, y: 25.4), (x: 100.6, y: 25.6), (x: 100.4, y: 25.6)]]
        );
        let given = Geometry::GeometryCollection(GeometryCollection::new_from(vec![clockwise.into()]));
        let crs = OutputCrs::parse("EPSG:4542").unwrap();
        let Geometry::GeometryCollection(members) = placed(&crs, &given).unwrap() else { panic!() };
        let Geometry::Polygon(polygon) = &members.0[0] else { panic!() };
        assert!(polygon.exterior().is_ccw() && polygon.interiors()[0].is_cw());
        let corner = polygon.exterior().0[0];
        assert!(corner.x < 1e6 && corner.y > 2e6, "{corner:?}");
    }
}
