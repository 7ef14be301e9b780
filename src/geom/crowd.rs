//! Which vertices lie in a box? For many small boxes over one line and what is near it.

use geo::Coord;

/// So few are looked at one after the other, some at a time.
const FEW: usize = 64;
/// So many at a time.
const EACH: usize = 8;

/// The vertices of a line and others, less those of the line that have left.
pub(super) struct Crowd<'a> {
    line: &'a [Coord<f64>],
    others: &'a [Coord<f64>],
    order: Order,
}

/// How they are kept: those of the line first.
enum Order {
    /// The `x` of eight of them and the `y` of the same, then those of the next. Who has left, and what fills the last eight, is in no box.
    Few(Vec<[[f64; EACH]; 2]>),
    Many(Cells),
}

/// Many vertices, sorted into equal cells.
struct Cells {
    low: [f64; 2],
    /// Cells for a unit of each axis.
    scale: [f64; 2],
    cells: [usize; 2],
    /// Where in `places` the vertices of each cell begin, and where the last ends.
    starts: Vec<u32>,
    places: Vec<u32>,
    /// Who of the line has left.
    left: Vec<bool>,
}

impl<'a> Crowd<'a> {
    pub(super) fn new(line: &'a [Coord<f64>], others: &'a [Coord<f64>]) -> Self {
        let count = line.len() + others.len();
        let all = line.iter().chain(others);
        let order = match count <= FEW {
            true => Order::Few(side_by_side(all, count)),
            false => Order::Many(Cells::new(all, count, line.len())),
        };
        Self { line, others, order }
    }

    /// A vertex of the line is no longer there.
    pub(super) fn leave(&mut self, place: usize) {
        match &mut self.order {
            Order::Few(few) => few[place / EACH][0][place % EACH] = f64::NAN,
            Order::Many(cells) => cells.left[place] = true,
        }
    }

    /// Does any vertex in a box, sides included, answer to this? Nobody asks those at some places of the line, all of which are in the box.
    pub(super) fn any_within(
        &self,
        low: [f64; 2],
        high: [f64; 2],
        but: [usize; 3],
        mut is_it: impl FnMut(Coord<f64>) -> bool,
    ) -> bool {
        let within = |x: f64, y: f64| (low[0] <= x) & (x <= high[0]) & (low[1] <= y) & (y <= high[1]);
        match &self.order {
            Order::Few(few) => {
                // Counted first: mostly nobody else is there.
                let mut found = [0; EACH];
                for [x, y] in few {
                    (0..EACH).for_each(|at| found[at] += i64::from(within(x[at], y[at])));
                }
                let each = || few.iter().flat_map(|[x, y]| x.iter().zip(y)).enumerate();
                found.iter().sum::<i64>() > but.len() as i64
                    && each().any(|(place, (x, y))| {
                        within(*x, *y) && !but.contains(&place) && is_it(Coord { x: *x, y: *y })
                    })
            }
            Order::Many(cells) => cells.any_meeting(low, high, |place| {
                let own = place < self.line.len();
                let vertex = if own { self.line[place] } else { self.others[place - self.line.len()] };
                let asked = || !own || !(cells.left[place] || but.contains(&place));
                within(vertex.x, vertex.y) && asked() && is_it(vertex)
            }),
        }
    }
}

fn side_by_side<'a>(all: impl Iterator<Item = &'a Coord<f64>>, count: usize) -> Vec<[[f64; EACH]; 2]> {
    let mut few = vec![[[f64::NAN; EACH]; 2]; count.div_ceil(EACH)];
    for (place, vertex) in all.enumerate() {
        let [x, y] = &mut few[place / EACH];
        (x[place % EACH], y[place % EACH]) = (vertex.x, vertex.y);
    }
    few
}

impl Cells {
    fn new<'a>(all: impl Iterator<Item = &'a Coord<f64>> + Clone, count: usize, own: usize) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for vertex in all.clone() {
            low = [low[0].min(vertex.x), low[1].min(vertex.y)];
            high = [high[0].max(vertex.x), high[1].max(vertex.y)];
        }
        let size = [0, 1].map(|axis| (high[axis] - low[axis]).max(f64::MIN_POSITIVE));
        // Square cells, as many as there are vertices.
        let side = (size[0] * size[1] / count as f64).sqrt().max(size[0].max(size[1]) / count as f64);
        let cells = size.map(|size| ((size / side).ceil() as usize).clamp(1, count));
        let scale = [0, 1].map(|axis| cells[axis] as f64 / size[axis]);
        let starts = vec![0; cells[0] * cells[1] + 1];
        let mut sorted = Self { low, scale, cells, starts, places: vec![0; count], left: vec![false; own] };
        for vertex in all.clone() {
            let cell = sorted.cell(*vertex);
            sorted.starts[cell + 1] += 1;
        }
        for at in 1..sorted.starts.len() {
            sorted.starts[at] += sorted.starts[at - 1];
        }
        let mut next = sorted.starts.clone();
        for (place, vertex) in all.enumerate() {
            let cell = sorted.cell(*vertex);
            sorted.places[next[cell] as usize] = place as u32;
            next[cell] += 1;
        }
        sorted
    }

    fn step(&self, value: f64, axis: usize) -> usize {
        (((value - self.low[axis]) * self.scale[axis]) as usize).min(self.cells[axis] - 1)
    }

    fn cell(&self, vertex: Coord<f64>) -> usize {
        self.step(vertex.y, 1) * self.cells[0] + self.step(vertex.x, 0)
    }

    /// Does any place in the cells that meet a box answer to this?
    fn any_meeting(&self, low: [f64; 2], high: [f64; 2], mut is_it: impl FnMut(usize) -> bool) -> bool {
        let [from, to] = [low, high].map(|corner| [self.step(corner[0], 0), self.step(corner[1], 1)]);
        (from[1]..=to[1]).any(|row| {
            let row = row * self.cells[0];
            let (start, end) = (self.starts[row + from[0]], self.starts[row + to[0] + 1]);
            self.places[start as usize..end as usize].iter().any(|place| is_it(*place as usize))
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
        fn exactly_those_in_a_box_are_asked_about_whether_few_or_many_that_have_not_left_and_are_not_spared(
            line in vertices(3..70), others in vertices(0..70), left in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
            spared in [any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()],
            a in (0..12_u8, 0..12_u8), b in (0..12_u8, 0..12_u8)
        ) {
            let spared = spared.map(|place| place.index(line.len()));
            prop_assume!(spared[0] != spared[1] && spared[1] != spared[2] && spared[2] != spared[0]);
            // A box holds those that are spared.
            let held = spared.map(|place| line[place]);
            let (mut low, mut high) = ([a.0.min(b.0), a.1.min(b.1)].map(f64::from), [a.0.max(b.0), a.1.max(b.1)].map(f64::from));
            for vertex in held {
                (low, high) = ([low[0].min(vertex.x), low[1].min(vertex.y)], [high[0].max(vertex.x), high[1].max(vertex.y)]);
            }
            let mut crowd = Crowd::new(&line, &others);
            let left: Vec<usize> = left.iter().map(|place| place.index(line.len())).filter(|place| !spared.contains(place)).collect();
            left.iter().for_each(|place| crowd.leave(*place));
            let mut asked = Vec::new();
            let answer = crowd.any_within(low, high, spared, |vertex| {
                asked.push((vertex.x as u8, vertex.y as u8));
                false
            });
            asked.sort_unstable();
            let within = |vertex: &Coord<f64>| {
                (low[0]..=high[0]).contains(&vertex.x) && (low[1]..=high[1]).contains(&vertex.y)
            };
            let there = |place: &usize| !left.contains(place) && !spared.contains(place);
            let own = (0..line.len()).filter(there).map(|place| &line[place]);
            let mut expected: Vec<_> =
                own.chain(&others).filter(|vertex| within(vertex)).map(|vertex| (vertex.x as u8, vertex.y as u8)).collect();
            expected.sort_unstable();
            prop_assert!(!answer);
            prop_assert_eq!(asked, expected);
        }
    }
}
