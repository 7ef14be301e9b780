//! Reads Mapbox Vector Tiles down to the geometry commands, strictly: whatever MVT 2.1 forbids panics. Written against the
//! specification, not against the encoder.

use std::collections::BTreeMap;

pub(crate) type Vertex = (i32, i32);

#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) features: Vec<Feature>,
}

#[derive(Debug)]
pub(crate) struct Feature {
    pub(crate) id: u64,
    pub(crate) geometry: Geometry,
}

#[derive(Debug)]
pub(crate) enum Geometry {
    Points(Vec<Vertex>),
    /// Open rings, in order.
    Rings(Vec<Vec<Vertex>>),
}

impl Feature {
    pub(crate) fn rings(&self) -> &[Vec<Vertex>] {
        match &self.geometry {
            Geometry::Rings(rings) => rings,
            Geometry::Points(_) => panic!("a point where a polygon belongs"),
        }
    }
}

/// The layers of a tile by name.
pub(crate) fn read(tile: &[u8]) -> BTreeMap<String, Layer> {
    let mut layers = BTreeMap::new();
    for (tag, field) in fields(tile) {
        assert_eq!(tag, 3, "a tile holds layers only");
        let layer = layer(field.bytes());
        assert!(layers.insert(layer.name.clone(), layer).is_none(), "layer names are unique");
    }
    layers
}

/// Twice the area by the surveyor's formula; positive for an exterior.
pub(crate) fn twice_area(ring: &[Vertex]) -> i64 {
    edges(ring)
        .map(|((ax, ay), (bx, by))| i64::from(ax) * i64::from(by) - i64::from(bx) * i64::from(ay))
        .sum()
}

pub(crate) fn edges(ring: &[Vertex]) -> impl Iterator<Item = (Vertex, Vertex)> + '_ {
    (0..ring.len()).map(|at| (ring[at], ring[(at + 1) % ring.len()]))
}

/// Is a place inside rings, by the even-odd rule?
pub(crate) fn inside(rings: &[Vec<Vertex>], x: f64, y: f64) -> bool {
    let crossed = |((ax, ay), (bx, by)): (Vertex, Vertex)| {
        let [ax, ay, bx, by] = [ax, ay, bx, by].map(f64::from);
        (ay > y) != (by > y) && x < ax + (bx - ax) * (y - ay) / (by - ay)
    };
    rings.iter().flat_map(|ring| edges(ring)).filter(|edge| crossed(*edge)).count() % 2 == 1
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(&self) -> &'a [u8] {
        match self {
            Field::Bytes(bytes) => bytes,
            Field::Number(_) => panic!("a number where a message belongs"),
        }
    }

    fn number(&self) -> u64 {
        match self {
            Field::Number(number) => *number,
            Field::Bytes(_) => panic!("a message where a number belongs"),
        }
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
    }
    panic!("a varint of more than ten bytes")
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            2 => {
                let length = varint(&mut bytes) as usize;
                let (field, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(field)
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, field));
    }
    found
}

fn packed(mut bytes: &[u8]) -> Vec<u32> {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        numbers.push(u32::try_from(varint(&mut bytes)).unwrap());
    }
    numbers
}

fn layer(bytes: &[u8]) -> Layer {
    let fields = fields(bytes);
    let one = |tag| fields.iter().find(|(t, _)| *t == tag).map(|(_, field)| field);
    let count = |tag| fields.iter().filter(|(t, _)| *t == tag).count();
    assert_eq!(one(15).unwrap().number(), 2, "version");
    assert_eq!(one(5).unwrap().number(), 4096, "extent");
    let name = String::from_utf8(one(1).unwrap().bytes().to_vec()).unwrap();
    let features: Vec<_> =
        fields.iter().filter(|(t, _)| *t == 2).map(|(_, f)| feature(f.bytes(), count(3), count(4))).collect();
    assert!(!features.is_empty(), "a layer without features is left out");
    Layer { name, features }
}

fn feature(bytes: &[u8], keys: usize, values: usize) -> Feature {
    let fields = fields(bytes);
    let one = |tag| fields.iter().find(|(t, _)| *t == tag).map(|(_, field)| field);
    let tags = one(2).map(|f| packed(f.bytes())).unwrap_or_default();
    for pair in tags.chunks(2) {
        assert!((pair[0] as usize) < keys && (pair[1] as usize) < values, "tags point into the tables");
    }
    let commands = packed(one(4).unwrap().bytes());
    let geometry = match one(3).unwrap().number() {
        1 => Geometry::Points(points(&commands)),
        3 => Geometry::Rings(rings(&commands)),
        other => panic!("geometry type {other}"),
    };
    Feature { id: one(1).unwrap().number(), geometry }
}

fn step(commands: &[u32], cursor: &mut Vertex) -> Vertex {
    let signed = |n: u32| ((n >> 1) as i32) ^ -((n & 1) as i32);
    *cursor = (cursor.0 + signed(commands[0]), cursor.1 + signed(commands[1]));
    *cursor
}

fn points(commands: &[u32]) -> Vec<Vertex> {
    assert_eq!(commands[0] & 7, 1, "points are one MoveTo");
    let count = (commands[0] >> 3) as usize;
    assert_eq!(commands.len(), 1 + 2 * count);
    let mut cursor = (0, 0);
    commands[1..].chunks(2).map(|pair| step(pair, &mut cursor)).collect()
}

/// Polygons: MoveTo of one, LineTo of two or more, ClosePath; again and again.
fn rings(mut commands: &[u32]) -> Vec<Vec<Vertex>> {
    let mut rings = Vec::new();
    let mut cursor = (0, 0);
    while !commands.is_empty() {
        assert_eq!(commands[0], 1 << 3 | 1, "a ring begins with one MoveTo");
        let mut ring = vec![step(&commands[1..], &mut cursor)];
        assert_eq!(commands[3] & 7, 2, "a ring goes on with LineTo");
        let count = (commands[3] >> 3) as usize;
        assert!(count >= 2, "a ring has three vertices or more");
        for pair in commands[4..4 + 2 * count].chunks(2) {
            ring.push(step(pair, &mut cursor));
        }
        assert_eq!(commands[4 + 2 * count], 1 << 3 | 7, "a ring ends with ClosePath");
        commands = &commands[5 + 2 * count..];
        rings.push(ring);
    }
    rings
}

/// Asserts what MVT 2.1 says of polygons, and more: no repeated vertices, nothing beyond the buffer.
pub(crate) fn assert_valid(layer: &Layer, buffer: i32) {
    for feature in &layer.features {
        let name = &layer.name;
        match &feature.geometry {
            Geometry::Points(points) => {
                assert_eq!(points.len(), 1, "{name}: one point a feature");
                let (x, y) = points[0];
                assert!((0..4096).contains(&x) && (0..4096).contains(&y), "{name}: {x}, {y} is in the tile");
            }
            Geometry::Rings(rings) => {
                assert!(twice_area(&rings[0]) > 0, "{name}: the first ring is an exterior");
                for ring in rings {
                    let range = -buffer..=4096 + buffer;
                    assert!(
                        ring.iter().all(|(x, y)| range.contains(x) && range.contains(y)),
                        "{name}: {ring:?}"
                    );
                    assert!(edges(ring).all(|(a, b)| a != b), "{name}: no vertex is repeated in {ring:?}");
                    assert_ne!(twice_area(ring), 0, "{name}: {ring:?} has an area");
                }
            }
        }
    }
}
