//! Geometries that a filter names: read from the coordinates of either encoding, and held against what can be compared.

use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, GeometryCollection, LineString, MapCoords, MultiLineString,
    MultiPoint, MultiPolygon, Point, Polygon, Rect, Validation,
};

use super::CqlError;
use super::syntax::Node;

/// Coordinates as they are nested, in either encoding.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Coordinates {
    /// Longitude and latitude, degrees.
    Position([f64; 2]),
    List(Vec<Coordinates>),
}

/// A valid geometry in longitude and latitude, degrees (CRS84, which is EPSG:4490 to the centimetre).
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    geometry: Geometry<f64>,
    envelope: Rect<f64>,
}

impl Shape {
    /// A geometry, or each member of a collection, which is none by itself.
    pub(super) fn all(geometry: Geometry<f64>) -> Result<Vec<Self>, CqlError> {
        match geometry {
            Geometry::GeometryCollection(members) if members.is_empty() => Err(wrong("it is empty")),
            Geometry::GeometryCollection(members) => members.into_iter().map(Self::new).collect(),
            single => Ok(vec![Self::new(single)?]),
        }
    }

    /// Takes what lies on the earth, is valid by Simple Features, and is no collection.
    pub fn new(geometry: Geometry<f64>) -> Result<Self, CqlError> {
        let refuse = |why: String| Err(CqlError::Geometry(why));
        if let Geometry::GeometryCollection(_) = geometry {
            return refuse("a collection of geometries is no single geometry".to_owned());
        }
        let on_earth = |at: &Coord<f64>| at.x.abs() <= 180.0 && at.y.abs() <= 90.0;
        if let Some(at) = geometry.coords_iter().find(|at| !on_earth(at)) {
            return refuse(format!(
                "({} {}) is not on the earth; longitude comes first, in degrees",
                at.x, at.y
            ));
        }
        if let Err(error) = geometry.check_validation() {
            return refuse(error.to_string());
        }
        match geometry.bounding_rect() {
            Some(envelope) => Ok(Self { geometry, envelope }),
            None => refuse("it is empty".to_owned()),
        }
    }

    /// The geometry: a point, line or polygon, or several of one of them.
    pub fn geometry(&self) -> &Geometry<f64> {
        &self.geometry
    }

    /// Its envelope.
    pub fn envelope(&self) -> &Rect<f64> {
        &self.envelope
    }
}

/// Is this the name of a geometry type in well-known text, in small letters?
pub(super) fn is_type(name: &str) -> bool {
    is_single(name) || name == "geometrycollection"
}

/// The same, without collections of different types.
pub(super) fn is_single(name: &str) -> bool {
    matches!(name, "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon")
}

/// A geometry of a type, named in small letters.
pub(super) fn geometry(kind: &str, coordinates: &Coordinates) -> Result<Geometry<f64>, CqlError> {
    Ok(match kind {
        "point" => Geometry::Point(point(coordinates)?),
        "linestring" => Geometry::LineString(line(coordinates)?),
        "polygon" => Geometry::Polygon(polygon(coordinates)?),
        "multipoint" => Geometry::MultiPoint(MultiPoint(each(coordinates, point)?)),
        "multilinestring" => Geometry::MultiLineString(MultiLineString(each(coordinates, line)?)),
        "multipolygon" => Geometry::MultiPolygon(MultiPolygon(each(coordinates, polygon)?)),
        _ => return Err(wrong("there is no such type")),
    })
}

pub(super) fn collection(members: Vec<Geometry<f64>>) -> Result<Geometry<f64>, CqlError> {
    Ok(Geometry::GeometryCollection(GeometryCollection::new_from(members)))
}

/// West, south, east, north, with or without heights after south and at the end.
pub(super) fn bbox(numbers: &[f64]) -> Result<Node, CqlError> {
    match *numbers {
        [west, south, east, north] | [west, south, _, east, north, _] => {
            Ok(Node::Box(Coord { x: west, y: south }, Coord { x: east, y: north }))
        }
        _ => Err(wrong("a box has west, south, east and north, or these with heights")),
    }
}

/// The geometry of a box, in longitude and latitude. Over the 180th meridian, where west lies beyond east, it is two boxes: those of systems in degrees only.
pub(super) fn of_box(
    low: Coord<f64>,
    high: Coord<f64>,
    degrees: &dyn Fn(Coord<f64>) -> Result<Coord<f64>, String>,
) -> Result<Geometry<f64>, CqlError> {
    let polygon = |low: Coord<f64>, high: Coord<f64>| Rect::new(low, high).to_polygon();
    if low.x < high.x && low.y < high.y {
        let polygon = polygon(low, high).try_map_coords(degrees);
        return polygon.map(Geometry::Polygon).map_err(CqlError::Geometry);
    }
    let (from, to) = (degrees(low).map_err(CqlError::Geometry)?, degrees(high).map_err(CqlError::Geometry)?);
    let turned = |at: Coord<f64>| Coord { x: at.y, y: at.x };
    let is_in_degrees = (from, to) == (low, high) || (turned(from), turned(to)) == (low, high);
    if !is_in_degrees || from.x <= to.x || from.y >= to.y {
        return Err(wrong(
            "a box has west below east, or beyond it over the 180th meridian, and south below north",
        ));
    }
    let halves = [(from.x, 180.0), (-180.0, to.x)].into_iter().filter(|(west, east)| west < east);
    let half = |(west, east)| polygon(Coord { x: west, y: from.y }, Coord { x: east, y: to.y });
    Ok(Geometry::MultiPolygon(MultiPolygon(halves.map(half).collect())))
}

fn wrong(why: &str) -> CqlError {
    CqlError::Geometry(why.to_owned())
}

fn each<T>(
    coordinates: &Coordinates,
    part: fn(&Coordinates) -> Result<T, CqlError>,
) -> Result<Vec<T>, CqlError> {
    match coordinates {
        Coordinates::List(list) if !list.is_empty() => list.iter().map(part).collect(),
        Coordinates::List(_) => Err(wrong("it is empty")),
        Coordinates::Position(_) => Err(wrong("its coordinates are not nested as its type asks")),
    }
}

fn position(coordinates: &Coordinates) -> Result<Coord<f64>, CqlError> {
    match coordinates {
        Coordinates::Position([x, y]) => Ok(Coord { x: *x, y: *y }),
        Coordinates::List(_) => Err(wrong("its coordinates are not nested as its type asks")),
    }
}

/// JSON has the position itself, text has it in parentheses.
fn point(coordinates: &Coordinates) -> Result<Point<f64>, CqlError> {
    match coordinates {
        Coordinates::List(list) if list.len() == 1 => position(&list[0]).map(Point),
        other => position(other).map(Point),
    }
}

fn line(coordinates: &Coordinates) -> Result<LineString<f64>, CqlError> {
    let line = LineString(each(coordinates, position)?);
    if line.0.len() < 2 { Err(wrong("a line has two positions or more")) } else { Ok(line) }
}

fn polygon(coordinates: &Coordinates) -> Result<Polygon<f64>, CqlError> {
    let mut rings = each(coordinates, ring)?;
    Ok(Polygon::new(rings.remove(0), rings))
}

fn ring(coordinates: &Coordinates) -> Result<LineString<f64>, CqlError> {
    let ring = line(coordinates)?;
    if ring.0.len() < 4 || !ring.is_closed() {
        return Err(wrong("a ring has four positions or more, the last one as the first"));
    }
    Ok(ring)
}
