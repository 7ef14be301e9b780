//! What a GeoParquet file says of its geometries.

use std::collections::BTreeSet;

use geo::{BoundingRect, Coord, Geometry, Rect};
use serde_json::{Value, json};

use super::columns::Boxes;
use crate::features::OutputCrs;
use crate::features::format::{EncodeError, srs};

/// The key `geo` of a file in the making.
pub(super) struct Described {
    geometry: String,
    bbox: String,
    /// As PROJJSON; `None`: OGC:CRS84, which is what no word about it means.
    crs: Option<Value>,
    kinds: BTreeSet<&'static str>,
    bounds: Option<Rect<f64>>,
}

impl Described {
    /// With these columns.
    pub(super) fn new(crs: &OutputCrs, geometry: &str, bbox: &str) -> Result<Self, EncodeError> {
        Ok(Self {
            geometry: geometry.to_owned(),
            bbox: bbox.to_owned(),
            crs: crs.epsg().map(srs::projjson).transpose()?,
            kinds: BTreeSet::new(),
            bounds: None,
        })
    }

    /// Takes note of a geometry that comes; how far it reaches, `None` where it is empty.
    pub(super) fn see(&mut self, geometry: &Geometry<f64>) -> Option<Rect<f64>> {
        self.kinds.insert(kind(geometry));
        let own = geometry.bounding_rect()?;
        self.bounds = Some(self.bounds.map_or(own, |bounds| union(bounds, own)));
        Some(own)
    }

    pub(super) fn to_json(&self) -> String {
        let covering: serde_json::Map<_, _> =
            Boxes::SIDES.iter().map(|side| ((*side).to_owned(), json!([self.bbox, side]))).collect();
        let mut column = json!({
            "encoding": "WKB",
            "geometry_types": self.kinds,
            "orientation": "counterclockwise",
            "covering": {"bbox": covering},
        });
        if let Some(crs) = &self.crs {
            column["crs"] = crs.clone();
        }
        if let Some(bounds) = self.bounds {
            column["bbox"] = json!([bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y]);
        }
        let columns = json!({self.geometry.as_str(): column});
        json!({"version": "1.1.0", "primary_column": self.geometry, "columns": columns}).to_string()
    }
}

fn kind(geometry: &Geometry<f64>) -> &'static str {
    match geometry {
        Geometry::Point(_) => "Point",
        Geometry::Line(_) | Geometry::LineString(_) => "LineString",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "Polygon",
        Geometry::MultiPoint(_) => "MultiPoint",
        Geometry::MultiLineString(_) => "MultiLineString",
        Geometry::MultiPolygon(_) => "MultiPolygon",
        Geometry::GeometryCollection(_) => "GeometryCollection",
    }
}

fn union(one: Rect<f64>, other: Rect<f64>) -> Rect<f64> {
    let (a, b) = (one.min(), other.min());
    let (c, d) = (one.max(), other.max());
    Rect::new(Coord { x: a.x.min(b.x), y: a.y.min(b.y) }, Coord { x: c.x.max(d.x), y: c.y.max(d.y) })
}
