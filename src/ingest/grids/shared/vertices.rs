//! Every place where a vertex is, once, and the rings of all rows as lists of such places.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;

use super::Row;

/// A place with a vertex: its rank among all of them by longitude, then latitude. Coordinates of four billion would fill
/// 64 GiB before they are numbered.
pub(super) type Vertex = u32;

/// The vertices of all rows.
#[derive(Debug)]
pub(super) struct Vertices {
    places: Vec<Coord<f64>>,
    /// Rings one after the other, without the vertex that closes them.
    corners: Vec<Vertex>,
    /// Where each ring begins in `corners`, and the end.
    rings: Vec<usize>,
    /// Which ring is the first of each row, and the end.
    rows: Vec<usize>,
    /// The rows of each vertex, and where they begin.
    users: Vec<u32>,
    starts: Vec<usize>,
}

impl Vertices {
    pub(super) fn new(rows: &[Row<'_>]) -> Self {
        let (mut rings, mut of_rows) = (vec![0], vec![0]);
        let mut slots: Vec<(Coord<f64>, u32, u32)> = Vec::new();
        for (row, Row { territory, .. }) in rows.iter().enumerate() {
            for line in lines(territory) {
                for corner in open(line) {
                    slots.push((*corner, slots.len() as u32, row as u32));
                }
                rings.push(slots.len());
            }
            of_rows.push(rings.len() - 1);
        }
        slots.par_sort_unstable_by(|(a, slot, _), (b, other, _)| {
            a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)).then(slot.cmp(other))
        });
        let mut vertices = Self {
            places: Vec::new(),
            corners: vec![0; slots.len()],
            rings,
            rows: of_rows,
            users: Vec::with_capacity(slots.len()),
            starts: Vec::new(),
        };
        let same =
            |a: &Coord<f64>, b: &Coord<f64>| a.x.to_bits() == b.x.to_bits() && a.y.to_bits() == b.y.to_bits();
        for at_place in slots.chunk_by(|(a, ..), (b, ..)| same(a, b)) {
            vertices.starts.push(vertices.users.len());
            for (_, slot, row) in at_place {
                vertices.corners[*slot as usize] = vertices.places.len() as Vertex;
                // Slots of a row follow each other.
                if vertices.users[vertices.starts[vertices.places.len()]..].last() != Some(row) {
                    vertices.users.push(*row);
                }
            }
            vertices.places.push(at_place[0].0);
        }
        vertices.starts.push(vertices.users.len());
        vertices
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Longitude and latitude.
    pub(super) fn place(&self, vertex: Vertex) -> Coord<f64> {
        self.places[vertex as usize]
    }

    /// The rows that have a vertex, in order.
    pub(super) fn users(&self, vertex: Vertex) -> &[u32] {
        &self.users[self.starts[vertex as usize]..self.starts[vertex as usize + 1]]
    }

    /// The rings of a row, in its order, without the vertices that close them.
    pub(super) fn rings(&self, row: usize) -> impl Iterator<Item = &[Vertex]> {
        (self.rows[row]..self.rows[row + 1]).map(|ring| &self.corners[self.rings[ring]..self.rings[ring + 1]])
    }

    /// A territory of the same parts and holes with other rings.
    pub(super) fn redraw(&self, territory: &MultiPolygon<f64>, rings: &[Vec<Vertex>]) -> MultiPolygon<f64> {
        let mut lines = rings.iter().map(|ring| {
            let closed = ring.iter().chain(ring.first());
            LineString(closed.map(|vertex| self.place(*vertex)).collect())
        });
        let mut next = || lines.next().unwrap_or(LineString(Vec::new()));
        let polygon = |polygon: &Polygon<f64>| {
            let outer = next();
            let holes = polygon.interiors().iter().map(|_| next()).collect();
            Polygon::new(outer, holes)
        };
        MultiPolygon(territory.iter().map(polygon).collect())
    }
}

fn lines(territory: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    territory.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
}

fn open(line: &LineString<f64>) -> &[Coord<f64>] {
    line.0.split_last().map_or(&[], |(_, rest)| rest)
}
