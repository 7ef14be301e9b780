//! FlatGeobuf 3 as a stream: how many features will come is not known when the header is written, so there is no index, and readers go on to the
//! end. See <https://github.com/flatgeobuf/flatgeobuf>. Its own writer would keep all features in a file first, hence its types alone are used.

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::{
    Column, ColumnArgs, ColumnType, Crs, CrsArgs, Feature as Row, FeatureArgs, Geometry as Shape,
    GeometryArgs, GeometryType, Header, HeaderArgs,
};
use geo::{Coord, Geometry, LineString, Polygon};

use super::placed::placed;
use super::{EncodeError, FeatureEncoder, Shown};
use crate::model::{Feature, FeatureId, FieldKind, FieldValue};

/// How a file begins: the format, its version 3, again, and the patch of it.
const MAGIC: [u8; 8] = [b'f', b'g', b'b', 3, b'f', b'g', b'b', 0];
/// What degrees of CRS84 are in the EPSG register; the format has x before y anyway.
const WGS84: u32 = 4326;

/// Writes FlatGeobuf.
pub struct FlatGeobufEncoder {
    shown: Shown,
    builder: FlatBufferBuilder<'static>,
    properties: Vec<u8>,
}

impl FlatGeobufEncoder {
    /// For features that are shown like this.
    pub fn new(shown: &Shown) -> Self {
        Self { shown: shown.clone(), builder: FlatBufferBuilder::new(), properties: Vec::new() }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.builder.finished_data());
        self.builder.reset();
    }
}

impl FeatureEncoder for FlatGeobufEncoder {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let (shown, builder) = (&self.shown, &mut self.builder);
        let id = shown.beside_fields("id");
        let kind = if shown.has_whole_ids { ColumnType::Long } else { ColumnType::String };
        let mut columns = vec![column(builder, &id, "", kind)];
        for (_, field) in shown.chosen_fields() {
            columns.push(column(builder, &field.name, &field.about, column_type(field.kind)));
        }
        let columns = builder.create_vector(&columns);
        let code = i32::try_from(shown.crs.epsg().unwrap_or(WGS84)).unwrap_or_default();
        let org = builder.create_string("EPSG");
        let crs = Crs::create(builder, &CrsArgs { org: Some(org), code, ..CrsArgs::default() });
        let name = builder.create_string(&shown.name);
        let header = HeaderArgs {
            name: Some(name),
            geometry_type: GeometryType::Unknown,
            columns: Some(columns),
            features_count: 0,
            index_node_size: 0,
            crs: Some(crs),
            ..HeaderArgs::default()
        };
        let header = Header::create(builder, &header);
        builder.finish_size_prefixed(header, None);
        out.extend_from_slice(&MAGIC);
        self.finish(out);
        Ok(())
    }

    fn feature(&mut self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError> {
        let geometry =
            feature.geometry.as_ref().map(|geometry| placed(&self.shown.crs, geometry)).transpose()?;
        self.properties.clear();
        write_id(&mut self.properties, feature.id)?;
        for (column, (at, _)) in (1..).zip(self.shown.chosen_fields()) {
            if let Some(value) = feature.values.get(at).and_then(Option::as_ref) {
                write_value(&mut self.properties, column, value)?;
            }
        }
        let builder = &mut self.builder;
        let geometry = geometry.map(|geometry| shape(builder, &geometry));
        let properties = Some(builder.create_vector(&self.properties));
        let row = Row::create(builder, &FeatureArgs { geometry, properties, ..FeatureArgs::default() });
        builder.finish_size_prefixed(row, None);
        self.finish(out);
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }
}

type Builder = FlatBufferBuilder<'static>;

fn column(builder: &mut Builder, name: &str, about: &str, type_: ColumnType) -> WIPOffset<Column<'static>> {
    let name = Some(builder.create_string(name));
    let title = (!about.is_empty()).then(|| builder.create_string(about));
    Column::create(builder, &ColumnArgs { name, title, type_, ..ColumnArgs::default() })
}

fn column_type(kind: FieldKind) -> ColumnType {
    match kind {
        FieldKind::Text | FieldKind::Uuid => ColumnType::String,
        FieldKind::Whole => ColumnType::Long,
        FieldKind::Number => ColumnType::Double,
        FieldKind::Truth => ColumnType::Bool,
        FieldKind::Date | FieldKind::Instant => ColumnType::DateTime,
        FieldKind::Json | FieldKind::Texts | FieldKind::Numbers => ColumnType::Json,
    }
}

fn write_id(out: &mut Vec<u8>, id: FeatureId) -> Result<(), EncodeError> {
    match id {
        FeatureId::Whole(number) => write_value(out, 0, &FieldValue::Whole(number)),
        FeatureId::Uuid(uuid) => write_text(out, 0, &uuid.to_string()),
    }
}

/// The number of a column, and a value of its type.
fn write_value(out: &mut Vec<u8>, column: u16, value: &FieldValue) -> Result<(), EncodeError> {
    match value {
        FieldValue::Whole(number) => write_bytes(out, column, &number.to_le_bytes()),
        FieldValue::Number(number) => write_bytes(out, column, &number.to_le_bytes()),
        FieldValue::Truth(truth) => write_bytes(out, column, &[u8::from(*truth)]),
        FieldValue::Text(text) => return write_text(out, column, text),
        other => return write_text(out, column, &other.to_string()),
    }
    Ok(())
}

fn write_bytes(out: &mut Vec<u8>, column: u16, bytes: &[u8]) {
    out.extend_from_slice(&column.to_le_bytes());
    out.extend_from_slice(bytes);
}

fn write_text(out: &mut Vec<u8>, column: u16, text: &str) -> Result<(), EncodeError> {
    let length = u32::try_from(text.len());
    let length = length.map_err(|_| EncodeError::Format("a text is longer than 4 GB".to_owned()))?;
    write_bytes(out, column, &length.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn shape(builder: &mut Builder, geometry: &Geometry<f64>) -> WIPOffset<Shape<'static>> {
    match geometry {
        Geometry::Point(point) => flat(builder, GeometryType::Point, [[point.0].as_slice()]),
        Geometry::MultiPoint(points) => {
            let positions: Vec<_> = points.iter().map(|point| point.0).collect();
            flat(builder, GeometryType::MultiPoint, [positions.as_slice()])
        }
        Geometry::LineString(line) => flat(builder, GeometryType::LineString, [line.0.as_slice()]),
        Geometry::MultiLineString(lines) => {
            flat(builder, GeometryType::MultiLineString, lines.iter().map(|line| line.0.as_slice()))
        }
        Geometry::Polygon(polygon) => of_polygon(builder, polygon),
        Geometry::MultiPolygon(polygons) => {
            let parts = polygons.iter().map(|polygon| of_polygon(builder, polygon)).collect();
            of_parts(builder, GeometryType::MultiPolygon, parts)
        }
        Geometry::GeometryCollection(members) => {
            let parts = members.iter().map(|member| shape(builder, member)).collect();
            of_parts(builder, GeometryType::GeometryCollection, parts)
        }
        Geometry::Line(line) => shape(builder, &LineString::from(line).into()),
        Geometry::Rect(rect) => of_polygon(builder, &rect.to_polygon()),
        Geometry::Triangle(triangle) => of_polygon(builder, &triangle.to_polygon()),
    }
}

fn of_polygon(builder: &mut Builder, polygon: &Polygon<f64>) -> WIPOffset<Shape<'static>> {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    flat(builder, GeometryType::Polygon, rings.map(|ring| ring.0.as_slice()))
}

/// Positions one behind the other, and, of several pieces, where each ends.
fn flat<'p>(
    builder: &mut Builder,
    type_: GeometryType,
    pieces: impl IntoIterator<Item = &'p [Coord<f64>]>,
) -> WIPOffset<Shape<'static>> {
    let (mut xy, mut ends) = (Vec::new(), Vec::new());
    for piece in pieces {
        xy.extend(piece.iter().flat_map(|at| [at.x, at.y]));
        ends.push((xy.len() / 2) as u32);
    }
    let xy = Some(builder.create_vector(&xy));
    let ends = (ends.len() > 1).then(|| builder.create_vector(&ends));
    Shape::create(builder, &GeometryArgs { xy, ends, type_, ..GeometryArgs::default() })
}

fn of_parts(
    builder: &mut Builder,
    type_: GeometryType,
    parts: Vec<WIPOffset<Shape<'static>>>,
) -> WIPOffset<Shape<'static>> {
    let parts = Some(builder.create_vector(&parts));
    Shape::create(builder, &GeometryArgs { parts, type_, ..GeometryArgs::default() })
}
