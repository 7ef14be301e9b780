//! Which vertices lie in a box? For many small boxes over one line and what is near it.

use geo::Coord;

/// So few are looked at one after the other, some at a time.
const FEW: usize = 64;
/// So many at a time.
const EACH: usize = 8;

/// The vertices of a line and others, sorted into equal cells where they are many.
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
    /// Of few: the `x` of eight of them and the `y` of the same, then those of the next.
    some: Vec<[[f64; EACH]; 2]>,
}

impl<'a> Crowd<'a> {
    pub(super) fn new(line: &'a [Coord<f64>], others: &'a [Coord<f64>]) -> Self {
        let count = line.len() + others.len();
        let all = || line.iter().chain(others);
        let mut crowd = Self {
            line,
            others,
            low: [0.0; 2],
            scale: [0.0; 2],
            cells: [1, 1],
            starts: Vec::new(),
            places: Vec::new(),
            some: Vec::new(),
        };
        if count <= FEW {
            // What fills the last ones is in no box.
            crowd.some = vec![[[f64::NAN; EACH]; 2]; count.div_ceil(EACH)];
            for (place, vertex) in all().enumerate() {
                let [x, y] = &mut crowd.some[place / EACH];
                (x[place % EACH], y[place % EACH]) = (vertex.x, vertex.y);
            }
            return crowd;
        }
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for vertex in all() {
            low = [low[0].min(vertex.x), low[1].min(vertex.y)];
            high = [high[0].max(vertex.x), high[1].max(vertex.y)];
        }
        crowd.low = low;
        let size = [0, 1].map(|axis| (high[axis] - low[axis]).max(f64::MIN_POSITIVE));
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
        let within = |x: f64, y: f64| (low[0] <= x) & (x <= high[0]) & (low[1] <= y) & (y <= high[1]);
        let mut look = |place: usize| {
            let own = place < self.line.len();
            let vertex = if own { self.line[place] } else { self.others[place - self.line.len()] };
            within(vertex.x, vertex.y) && is_it(own.then_some(place), vertex)
        };
        if self.starts.is_empty() {
            return self.some.iter().enumerate().any(|(number, [x, y])| {
                let found: [bool; EACH] = std::array::from_fn(|at| within(x[at], y[at]));
                found.contains(&true) && (0..EACH).any(|at| found[at] && look(number * EACH + at))
            });
        }
        let [from, to] = [low, high].map(|corner| [self.step(corner[0], 0), self.step(corner[1], 1)]);
        (from[1]..=to[1]).any(|row| {
            let row = row * self.cells[0];
            let (start, end) = (self.starts[row + from[0]], self.starts[row + to[0] + 1]);
            self.places[start as usize..end as usize].iter().any(|place| look(*place as usize))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of small numbers, so that vertices lie on the sides of boxes.
    fn vertices(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Coord<f64>>> {
        let vertex = (0..12_u8, 0..12_u8).prop_map(|(x, y)| Coord { x: x.into(), y: y.into() });
        prop::collection::vec(vertex, count)
    }

    proptest! {
        #[test]
        fn exactly_those_in_a_box_are_asked_about_whether_few_or_many(
            line in vertices(1..70), others in vertices(0..70), a in (0..12_u8, 0..12_u8), b in (0..12_u8, 0..12_u8)
        ) {
            let low = [a.0.min(b.0), a.1.min(b.1)].map(f64::from);
            let high = [a.0.max(b.0), a.1.max(b.1)].map(f64::from);
            let mut asked = Vec::new();
            let answer = Crowd::new(&line, &others).any_within(low, high, |place, vertex| {
                asked.push((place, vertex.x as u8, vertex.y as u8));
                false
            });
            asked.sort_unstable();
            let places = (0..line.len()).map(Some).chain(std::iter::repeat(None));
            let within = |vertex: &Coord<f64>| {
                (low[0]..=high[0]).contains(&vertex.x) && (low[1]..=high[1]).contains(&vertex.y)
            };
            let all = places.zip(line.iter().chain(&others)).filter(|(_, vertex)| within(vertex));
            let mut expected: Vec<_> = all.map(|(place, vertex)| (place, vertex.x as u8, vertex.y as u8)).collect();
            expected.sort_unstable();
            prop_assert!(!answer);
            prop_assert_eq!(asked, expected);
        }
    }
}
