//! Well-known binary as GDAL and PostGIS write it, read without losing what cleaning must see: rings that are not closed,
//! vertices that are not finite. `geo`'s own polygons would close the rings unasked.

use geo::Coord;

/// Collections within one another, at most: as many as PostGIS reads.
const NESTED: u8 = 200;

/// A polygon as drawn: the outer ring, then the holes; rings as they stand in the file.
pub(crate) type RawPolygon = Vec<Vec<Coord<f64>>>;

/// A geometry as it stands in the file, in the file's own coordinates.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RawGeometry {
    /// Polygonal parts, also those inside collections.
    pub polygons: Vec<RawPolygon>,
    /// Lines, as vertices.
    pub lines: Vec<Vec<Coord<f64>>>,
    /// Points.
    pub points: Vec<Coord<f64>>,
}

impl RawGeometry {
    /// Nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.polygons.is_empty() && self.lines.is_empty() && self.points.is_empty()
    }

    /// Every vertex, to be moved in place.
    pub(crate) fn vertices_mut(&mut self) -> impl Iterator<Item = &mut Coord<f64>> {
        let rings = self.polygons.iter_mut().flatten().flatten();
        rings.chain(self.lines.iter_mut().flatten()).chain(self.points.iter_mut())
    }

    /// Every vertex.
    pub(crate) fn vertices(&self) -> impl Iterator<Item = &Coord<f64>> {
        let rings = self.polygons.iter().flatten().flatten();
        rings.chain(self.lines.iter().flatten()).chain(self.points.iter())
    }
}

/// Reads ISO well-known binary with two, three or four dimensions; heights and measures are dropped.
///
/// `None` when the bytes are cut short, hold a type that is neither point, line, polygon nor a collection of these, or more than 200 collections
/// within one another.
pub(crate) fn read_wkb(bytes: &[u8]) -> Option<RawGeometry> {
    let mut geometry = RawGeometry::default();
    Reader { bytes, at: 0 }.geometry(&mut geometry, NESTED)?;
    Some(geometry)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

#[derive(Clone, Copy)]
struct Layout {
    little: bool,
    dimensions: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let slice = self.bytes.get(self.at..self.at + N)?;
        self.at += N;
        slice.try_into().ok()
    }

    fn integer(&mut self, little: bool) -> Option<u32> {
        let bytes = self.take()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn number(&mut self, little: bool) -> Option<f64> {
        let bytes = self.take()?;
        Some(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn vertex(&mut self, layout: Layout) -> Option<Coord<f64>> {
        let x = self.number(layout.little)?;
        let y = self.number(layout.little)?;
        for _ in 2..layout.dimensions {
            self.number(layout.little)?;
        }
        Some(Coord { x, y })
    }

    fn vertices(&mut self, layout: Layout) -> Option<Vec<Coord<f64>>> {
        let (count, size) = (self.integer(layout.little)? as usize, 8 * layout.dimensions);
        let bytes = self.bytes.get(self.at..)?.get(..count.checked_mul(size)?)?;
        self.at += bytes.len();
        let mut vertices = Vec::with_capacity(count);
        for bytes in bytes.chunks_exact(size) {
            vertices.push(Reader { bytes, at: 0 }.vertex(layout)?);
        }
        Some(vertices)
    }

    /// One geometry with what lies in it, down to so many collections within one another.
    fn geometry(&mut self, into: &mut RawGeometry, nested: u8) -> Option<()> {
        let little = self.take::<1>()? == [1];
        let code = self.integer(little)?;
        // GDAL's old form marks height with the highest bit; the ISO form adds 1000, 2000 or 3000.
        let (flag, code) = (code & 0x8000_0000 != 0, code & 0x0fff_ffff);
        let extra = match code / 1000 {
            0 => usize::from(flag),
            1 | 2 => 1,
            3 => 2,
            _ => return None,
        };
        let layout = Layout { little, dimensions: 2 + extra };
        match code % 1000 {
            1 => {
                let vertex = self.vertex(layout)?;
                // An empty point is written as not-a-number twice.
                if !(vertex.x.is_nan() && vertex.y.is_nan()) {
                    into.points.push(vertex);
                }
            }
            2 => {
                let line = self.vertices(layout)?;
                if !line.is_empty() {
                    into.lines.push(line);
                }
            }
            3 => {
                let count = self.integer(little)?;
                let rings = (0..count).map(|_| self.vertices(layout)).collect::<Option<Vec<_>>>()?;
                if rings.first().is_some_and(|outer| !outer.is_empty()) {
                    into.polygons.push(rings);
                }
            }
            4..=7 => {
                let deeper = nested.checked_sub(1)?;
                for _ in 0..self.integer(little)? {
                    self.geometry(into, deeper)?;
                }
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_within_one_another_have_an_end() {
        let collection = |inner: Vec<u8>| [vec![1, 7, 0, 0, 0, 1, 0, 0, 0], inner].concat();
        let point = [&[1, 1, 0, 0, 0][..], &100.2_f64.to_le_bytes(), &25.6_f64.to_le_bytes()].concat();
        let within = |count: usize| (0..count).fold(point.clone(), |inner, _| collection(inner));
        let read = read_wkb(&within(200)).unwrap();
        assert_eq!(read.points, [Coord { x: 100.2, y: 25.6 }]);
        for count in [201, 100_000] {
            assert_eq!(read_wkb(&[1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(count)), None);
        }
        assert_eq!(read_wkb(&within(201)), None);
    }
}
