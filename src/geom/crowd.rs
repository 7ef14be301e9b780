//! Which vertices lie in a box? For many small boxes over one line and what is near it.

use geo::Coord;

/// So few are looked at one by one.
const FEW: usize = 48;

/// The vertices of a line and others, sorted into equal cells.
pub(super) struct Crowd<'a> {
    line: &'a [Coord<f64>],
    others: &'a [Coord<f64>],
    low: [f64; 2],
    /// Cells for a unit of each axis.
    scale: [f64; 2],
    cells: [usize; 2],
    /// Where in `places` the vertices of each cell begin, and where the last ends.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl<'a> Crowd<'a> {
    pub(super) fn new(line: &'a [Coord<f64>], others: &'a [Coord<f64>]) -> Self {
        let count = line.len() + others.len();
        let all = || line.iter().chain(others);
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for vertex in all() {
            low = [low[0].min(vertex.x), low[1].min(vertex.y)];
            high = [high[0].max(vertex.x), high[1].max(vertex.y)];
        }
        let size = [0, 1].map(|axis| (high[axis] - low[axis]).max(f64::MIN_POSITIVE));
        let mut crowd = Self {
            line,
            others,
            low,
            scale: [0.0; 2],
            cells: [1, 1],
            starts: Vec::new(),
            places: Vec::new(),
        };
        if count <= FEW {
            return crowd;
        }
        // Square cells, as many as there are vertices.
        let side = (size[0] * size[1] / count as f64).sqrt().max(size[0].max(size[1]) / count as f64);
        crowd.cells = size.map(|size| ((size / side).ceil() as usize).clamp(1, count));
        crowd.scale = [0, 1].map(|axis| crowd.cells[axis] as f64 / size[axis]);
        let mut starts = vec![0_u32; crowd.cells[0] * crowd.cells[1] + 1];
        all().for_each(|vertex| starts[crowd.cell(*vertex) + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        crowd.places = vec![0; count];
        for (place, vertex) in all().enumerate() {
            let cell = crowd.cell(*vertex);
            crowd.places[next[cell] as usize] = place as u32;
            next[cell] += 1;
        }
        crowd.starts = starts;
        crowd
    }

    fn step(&self, value: f64, axis: usize) -> usize {
        (((value - self.low[axis]) * self.scale[axis]) as usize).min(self.cells[axis] - 1)
    }

    fn cell(&self, vertex: Coord<f64>) -> usize {
        self.step(vertex.y, 1) * self.cells[0] + self.step(vertex.x, 0)
    }

    /// Does any vertex in a box, sides included, answer to this? It is told the place in the line, none for the others.
    pub(super) fn any_within(
        &self,
        low: [f64; 2],
        high: [f64; 2],
        mut is_it: impl FnMut(Option<usize>, Coord<f64>) -> bool,
    ) -> bool {
        let mut look = |place: usize| {
            let own = place < self.line.len();
            let vertex = if own { self.line[place] } else { self.others[place - self.line.len()] };
            let within =
                low[0] <= vertex.x && vertex.x <= high[0] && low[1] <= vertex.y && vertex.y <= high[1];
            within && is_it(own.then_some(place), vertex)
        };
        if self.starts.is_empty() {
            return (0..self.line.len() + self.others.len()).any(look);
        }
        let [from, to] = [low, high].map(|corner| [self.step(corner[0], 0), self.step(corner[1], 1)]);
        (from[1]..=to[1]).any(|row| {
            let row = row * self.cells[0];
            let (start, end) = (self.starts[row + from[0]], self.starts[row + to[0] + 1]);
            self.places[start as usize..end as usize].iter().any(|place| look(*place as usize))
        })
    }
}
