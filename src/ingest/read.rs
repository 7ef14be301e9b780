//! Features of a source as rows: place, values, geometry as drawn.

use encoding_rs::UTF_8;
use gdal::vector::{Feature, LayerAccess, OGRFieldType, OGRwkbGeometryType, geometry_type_to_name};
use indicatif::ProgressBar;

use super::source::{Source, TextRule};
use super::value::Value;
use super::{IngestError, Place, encoding};
use crate::geom::wkb::{RawGeometry, read_wkb};

/// A feature as the file holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Where it stands.
    pub place: Place,
    /// Values of the fields that were asked for, in that order.
    pub values: Vec<Value>,
    /// Its geometry.
    pub geometry: Drawn,
}

/// A geometry as the file holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Drawn {
    /// None at all.
    Null,
    /// One without any vertex.
    Empty,
    /// One of a type that is neither point, line nor polygon.
    Other(String),
    /// Vertices in the file's coordinates, and the name of the type.
    Vertices(RawGeometry, String),
}

/// The rows of a source, and the encoding that was guessed for them where none was declared.
#[derive(Debug)]
pub(crate) struct Rows {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// Named when the file did not declare its encoding and has text beyond ASCII.
    pub guessed: Option<&'static str>,
    /// How the text was read.
    pub text: TextRule,
}

/// Reads every feature; of its fields, those at the places given.
pub(crate) fn read_rows(
    source: &Source,
    fields: &[usize],
    progress: &ProgressBar,
) -> Result<Rows, IngestError> {
    let failed = |error: gdal::errors::GdalError| IngestError::Unreadable {
        path: source.path().to_owned(),
        reason: error.to_string(),
    };
    let mut layer = source.dataset.layer(source.layer).map_err(failed)?;
    let types: Vec<_> = layer.defn().fields().map(|field| field.field_type()).collect();
    if let Some(count) = layer.try_feature_count() {
        progress.inc_length(count);
    }
    let mut rows = Vec::new();
    for (index, feature) in layer.features().enumerate() {
        let values = fields
            .iter()
            .map(|field| read_value(&feature, *field, types[*field]))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        let place = Place::new(&source.label, index + 1, feature.fid());
        rows.push(Row { place, values, geometry: read_geometry(&feature) });
        progress.inc(1);
    }
    Ok(decode_rows(source, rows))
}

fn read_value(
    feature: &Feature<'_>,
    field: usize,
    of_type: OGRFieldType::Type,
) -> gdal::errors::Result<Value> {
    // A field that is unset reads as the number 0, but as the text "".
    let Some(text) = feature.field_as_string(field)?.filter(|text| !text.is_empty()) else {
        return Ok(Value::Null);
    };
    Ok(match of_type {
        OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => {
            feature.field_as_integer64(field)?.map_or(Value::Null, Value::Integer)
        }
        OGRFieldType::OFTReal => feature.field_as_double(field)?.map_or(Value::Null, Value::Real),
        _ => Value::Text(text),
    })
}

fn read_geometry(feature: &Feature<'_>) -> Drawn {
    let Some(geometry) = feature.geometry() else { return Drawn::Null };
    // GDAL gives a null geometry no type; every real one has one.
    let code = geometry.geometry_type();
    if code == OGRwkbGeometryType::wkbUnknown {
        return Drawn::Null;
    }
    if geometry.is_empty() {
        return Drawn::Empty;
    }
    let name = geometry_type_to_name(code);
    let straight = geometry.iso_wkb().ok().and_then(|bytes| read_wkb(&bytes));
    // Curves: GDAL's GeoJSON writer has no arcs, so it gives them as short straight lines.
    let curved = || {
        let json = geometry.json().ok()?;
        read_wkb(&gdal::vector::Geometry::from_geojson(&json).ok()?.iso_wkb().ok()?)
    };
    match straight.or_else(curved) {
        Some(raw) if raw.is_empty() => Drawn::Empty,
        Some(raw) => Drawn::Vertices(raw, name),
        None => Drawn::Other(name),
    }
}

fn decode_rows(source: &Source, mut rows: Vec<Row>) -> Rows {
    let mut guessed = None;
    let rule = match source.text {
        TextRule::Guess => {
            let texts: Vec<Vec<u8>> = rows
                .iter()
                .flat_map(|row| &row.values)
                .filter_map(|value| match value {
                    Value::Text(text) => encoding::bytes_of(text).filter(|bytes| !bytes.is_ascii()),
                    _ => None,
                })
                .collect();
            let encoding = encoding::guess(texts.iter().map(Vec::as_slice));
            guessed = (!texts.is_empty()).then(|| encoding::label(encoding));
            TextRule::Bytes(encoding)
        }
        declared => declared,
    };
    for value in rows.iter_mut().flat_map(|row| &mut row.values) {
        if let Value::Text(text) = value {
            *value = Value::text(&decode_text(text, rule));
        }
    }
    Rows { rows, guessed, text: rule }
}

fn decode_text(text: &str, rule: TextRule) -> String {
    match (rule, encoding::bytes_of(text)) {
        (TextRule::Bytes(encoding), Some(bytes)) => encoding::decode(&bytes, encoding),
        (TextRule::Guess, Some(bytes)) => encoding::decode(&bytes, UTF_8),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use gdal::vector::Geometry;

    use crate::geom::wkb::{RawGeometry, read_wkb};

    fn read(wkt: &str) -> RawGeometry {
        read_wkb(&Geometry::from_wkt(wkt).unwrap().iso_wkb().unwrap()).unwrap()
    }

    #[test]
    fn an_unclosed_ring_stays_unclosed() {
        let raw = read("POLYGON ((0 0,1 0,1 1,0 1))");
        assert_eq!(raw.polygons[0][0].len(), 4);
    }

    #[test]
    fn heights_and_measures_are_dropped() {
        for wkt in ["POLYGON Z ((0 0 9,1 0 9,1 1 9,0 0 9))", "POLYGON ZM ((0 0 9 8,1 0 9 8,1 1 9 8,0 0 9 8))"]
        {
            assert_eq!(read(wkt), read("POLYGON ((0 0,1 0,1 1,0 0))"));
        }
    }

    #[test]
    fn polygons_inside_collections_are_found_beside_lines_and_points() {
        let raw = read(
            "GEOMETRYCOLLECTION (POINT (1 2),LINESTRING (0 0,1 1),MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5))))",
        );
        assert_eq!((raw.points.len(), raw.lines.len(), raw.polygons.len()), (1, 1, 2));
    }

    #[test]
    fn bytes_cut_short_are_refused() {
        let bytes = Geometry::from_wkt("POLYGON ((0 0,1 0,1 1,0 0))").unwrap().iso_wkb().unwrap();
        for length in 0..bytes.len() {
            assert_eq!(read_wkb(&bytes[..length]), None);
        }
    }

    #[test]
    fn empty_geometries_hold_nothing() {
        for wkt in ["POLYGON EMPTY", "MULTIPOLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"] {
            assert!(read(wkt).is_empty());
        }
    }
}
