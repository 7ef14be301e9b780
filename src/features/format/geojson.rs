//! GeoJSON (RFC 7946); in another reference system than CRS84 where the caller asked for it, as OGC API - Features - Part 2 allows.

use geo::{Coord, Geometry, LineString, Polygon};

use super::Shown;
use crate::features::OutputCrs;
use crate::geom::{CrsError, signed_area};
use crate::model::{Feature, FeatureId, FieldValue};

/// Writes features one by one.
pub struct GeoJsonWriter {
    crs: OutputCrs,
    /// The chosen fields: their places, and `"name":`.
    keys: Vec<(usize, Vec<u8>)>,
}

impl GeoJsonWriter {
    /// For features that are shown like this.
    pub fn new(shown: &Shown) -> Self {
        let keys = shown.chosen.iter().filter_map(|at| {
            let mut key = serde_json::to_vec(&shown.fields.get(*at)?.name).ok()?;
            key.push(b':');
            Some((*at, key))
        });
        Self { crs: shown.crs.clone(), keys: keys.collect() }
    }

    /// Appends a feature. An error: some position cannot be written in the reference system.
    pub fn feature(&self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), CrsError> {
        self.feature_with(out, feature, b"")
    }

    /// The same with further members, each `,"name":value`.
    pub fn feature_with(&self, out: &mut Vec<u8>, feature: &Feature, members: &[u8]) -> Result<(), CrsError> {
        out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
        match feature.id {
            FeatureId::Whole(number) => out.extend_from_slice(number.to_string().as_bytes()),
            FeatureId::Uuid(uuid) => {
                out.push(b'"');
                out.extend_from_slice(uuid.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
                out.push(b'"');
            }
        }
        out.extend_from_slice(b",\"geometry\":");
        match &feature.geometry {
            Some(geometry) => write_geometry(out, &self.crs, geometry)?,
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"properties\":{");
        for (number, (at, key)) in self.keys.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            write_value(out, feature.values.get(*at).and_then(Option::as_ref));
        }
        out.push(b'}');
        out.extend_from_slice(members);
        out.push(b'}');
        Ok(())
    }
}

/// Appends a geometry.
pub fn write_geometry(out: &mut Vec<u8>, crs: &OutputCrs, geometry: &Geometry<f64>) -> Result<(), CrsError> {
    let mut writer = Writer { out, crs, is_as_kept: crs.is_as_kept() };
    writer.geometry(geometry)
}

fn write_value(out: &mut Vec<u8>, value: Option<&FieldValue>) {
    match value {
        None => out.extend_from_slice(b"null"),
        Some(FieldValue::Whole(number)) => out.extend_from_slice(number.to_string().as_bytes()),
        Some(FieldValue::Number(number)) => write_number(out, *number),
        Some(FieldValue::Truth(truth)) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Some(FieldValue::Json(value)) => append(out, value),
        Some(FieldValue::Text(text)) => append(out, text),
        Some(other) => append(out, &other.to_string()),
    }
}

/// A vector takes everything, and neither texts nor JSON can fail.
fn append<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

fn write_number(out: &mut Vec<u8>, number: f64) {
    out.extend_from_slice(zmij::Buffer::new().format(number).as_bytes());
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    crs: &'a OutputCrs,
    is_as_kept: bool,
}

impl Writer<'_> {
    fn geometry(&mut self, geometry: &Geometry<f64>) -> Result<(), CrsError> {
        match geometry {
            Geometry::Point(point) => self.named("Point", |own| own.position(point.0)),
            Geometry::Line(line) => {
                self.named("LineString", |own| own.listed([line.start, line.end], Self::position))
            }
            Geometry::LineString(line) => self.named("LineString", |own| own.line(line)),
            Geometry::Polygon(polygon) => self.named("Polygon", |own| own.polygon(polygon)),
            Geometry::MultiPoint(points) => {
                self.named("MultiPoint", |own| own.listed(points, |own, point| own.position(point.0)))
            }
            Geometry::MultiLineString(lines) => {
                self.named("MultiLineString", |own| own.listed(lines, Self::line))
            }
            Geometry::MultiPolygon(polygons) => {
                self.named("MultiPolygon", |own| own.listed(polygons, Self::polygon))
            }
            Geometry::Rect(rect) => self.geometry(&Geometry::Polygon(rect.to_polygon())),
            Geometry::Triangle(triangle) => self.geometry(&Geometry::Polygon(triangle.to_polygon())),
            Geometry::GeometryCollection(members) => {
                self.out.extend_from_slice(b"{\"type\":\"GeometryCollection\",\"geometries\":");
                self.listed(members, Self::geometry)?;
                self.out.push(b'}');
                Ok(())
            }
        }
    }

    fn named(
        &mut self,
        kind: &str,
        coordinates: impl FnOnce(&mut Self) -> Result<(), CrsError>,
    ) -> Result<(), CrsError> {
        self.out.extend_from_slice(b"{\"type\":\"");
        self.out.extend_from_slice(kind.as_bytes());
        self.out.extend_from_slice(b"\",\"coordinates\":");
        coordinates(self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn listed<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> Result<(), CrsError>,
    ) -> Result<(), CrsError> {
        self.out.push(b'[');
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            each(self, item)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn line(&mut self, line: &LineString<f64>) -> Result<(), CrsError> {
        self.listed(line.0.iter().copied(), Self::position)
    }

    /// Outer rings run against the clock, holes with it (RFC 7946, 3.1.6).
    fn polygon(&mut self, polygon: &Polygon<f64>) -> Result<(), CrsError> {
        let rings = std::iter::once((polygon.exterior(), 1.0));
        let rings = rings.chain(polygon.interiors().iter().map(|hole| (hole, -1.0)));
        self.listed(rings, |own, (ring, turn)| match signed_area(&ring.0) * turn < 0.0 {
            true => own.listed(ring.0.iter().rev().copied(), Self::position),
            false => own.line(ring),
        })
    }

    fn position(&mut self, at: Coord<f64>) -> Result<(), CrsError> {
        let [first, second] = if self.is_as_kept { [at.x, at.y] } else { self.crs.axes(at)? };
        self.out.push(b'[');
        write_number(self.out, first);
        self.out.push(b',');
        write_number(self.out, second);
        self.out.push(b']');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use geo::{Point, Rect, polygon};
    use uuid::Uuid;

    use super::*;
    use crate::model::{Field, FieldKind};

    fn written(feature: &Feature, crs: &OutputCrs) -> serde_json::Value {
        let field = |name: &str, kind| Field { name: name.into(), about: String::new(), kind };
        let fields =
            [field("a\"名", FieldKind::Text), field("n", FieldKind::Number), field("j", FieldKind::Json)];
        let shown = Shown {
            name: "c".into(),
            fields: fields.into(),
            has_whole_ids: false,
            chosen: vec![2, 0, 1],
            crs: crs.clone(),
        };
        let mut out = Vec::new();
        GeoJsonWriter::new(&shown).feature(&mut out, feature).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_feature_is_read_back_by_a_json_parser_with_every_value() {
        let feature = Feature {
            id: FeatureId::Uuid(Uuid::from_u128(7)),
            geometry: Some(Geometry::Point(Point::new(100.1, -25.000_000_000_000_004))),
            values: vec![
                Some(FieldValue::Text("洱\n\"海".into())),
                None,
                Some(FieldValue::Json(serde_json::json!({"b": [1, null]}))),
            ],
        };
        let value = written(&feature, &OutputCrs::default());
        assert_eq!(value["id"], "00000000-0000-0000-0000-000000000007");
        assert_eq!(value["geometry"]["coordinates"], serde_json::json!([100.1, -25.000_000_000_000_004]));
        let properties = serde_json::json!({"j": {"b": [1, null]}, "a\"名": "洱\n\"海", "n": null});
        assert_eq!(value["properties"], properties);
        let flipped = OutputCrs::parse("EPSG:4326").unwrap();
        assert_eq!(written(&feature, &flipped)["geometry"]["coordinates"][1], 100.1);
    }

    #[test]
    fn outer_rings_run_against_the_clock_and_holes_with_it_however_they_are_kept() {
        let clockwise = polygon!(
            exterior: [(x: 0., y: 0.), (x: 0., y: 4.), (x: 4., y: 4.), (x: 4., y: 0.)],
            interiors: [[(x: 1., y: 1.), (x: 2., y: 1.), (x: 2., y: 2.), (x: 1., y: 2.)]]
        );
        let feature =
            Feature { id: FeatureId::Whole(5), geometry: Some(clockwise.into()), values: Vec::new() };
        let value = written(&feature, &OutputCrs::default());
        assert_eq!(value["id"], 5);
        let ring =
            |at: usize| serde_json::from_value::<Vec<[f64; 2]>>(value["geometry"]["coordinates"][at].clone());
        let area = |ring: Vec<[f64; 2]>| -> f64 {
            ring.windows(2).map(|edge| edge[0][0] * edge[1][1] - edge[1][0] * edge[0][1]).sum()
        };
        assert!(area(ring(0).unwrap()) > 0.0 && area(ring(1).unwrap()) < 0.0);
    }

    #[test]
    fn every_kind_of_geometry_is_written_as_its_standard_says() {
        let rect = Geometry::Rect(Rect::new((0.0, 0.0), (1.0, 1.0)));
        let all = Geometry::GeometryCollection(geo::GeometryCollection::new_from(vec![
            rect,
            Geometry::MultiPoint(vec![Point::new(1.0, 2.0)].into()),
            Geometry::MultiLineString(geo::MultiLineString(vec![LineString::from(vec![
                (0.0, 0.0),
                (1.0, 1.0),
            ])])),
        ]));
        let mut out = Vec::new();
        write_geometry(&mut out, &OutputCrs::default(), &all).unwrap();
        let parsed: geojson::Geometry = serde_json::from_slice(&out).unwrap();
        let back = geo::Geometry::<f64>::try_from(parsed).unwrap();
        let Geometry::GeometryCollection(members) = back else { panic!("{back:?}") };
        assert_eq!(members.len(), 3);
    }
}
