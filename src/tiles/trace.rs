//! Puts rings together from lines, in tile units.
//!
//! Of a run of vertices that all lie beyond the same side of the tile, only the first and the last are kept: the run cannot touch the
//! tile, and neither can the line between its ends. So what is far away costs little. The ends stay, since from there the ring goes on
//! to where it may be seen.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use geo::Coord;

use super::clip::{Ring, Vertex};
use super::shape::{Frame, Sketch};
use crate::atlas::{BorderIndex, Drawn, GridIndex, Stretch};

/// A planar map has at most three borders for each of its areas where no more than three meet in a point (Euler's formula).
const BORDERS_EACH: usize = 3;

/// So many rings are kept for the next ones.
const SPARE: usize = 16;

/// The polygons of a shape under construction.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    sketches: Vec<Sketch>,
    ring: Ring,
    spare: Vec<Ring>,
    opens_polygon: bool,
    leaves: bool,
    /// The sides that all vertices since the last one kept lie beyond, and the last of them.
    beyond: u8,
    skipped: Option<Vertex>,
}

impl Tracer {
    /// Begins a ring, the outer one of a new polygon or a hole of the last.
    pub(super) fn open(&mut self, opens_polygon: bool) {
        self.close();
        self.opens_polygon = opens_polygon;
    }

    /// Adds the vertices of a line in degrees.
    pub(super) fn line(&mut self, frame: &Frame, vertices: impl Iterator<Item = Coord<f64>>) {
        for vertex in vertices {
            let at = frame.units(vertex);
            self.far(frame.sides(vertex), at, at, frame);
        }
    }

    /// Adds vertices in tile units, one or more, none like the one before it.
    fn near(&mut self, vertices: &[Vertex], reversed: bool, leaves: bool) {
        self.flush();
        self.leaves |= leaves;
        let ends = (vertices.first(), vertices.last());
        let repeats = self.ring.last() == if reversed { ends.1 } else { ends.0 };
        match reversed {
            false => self.ring.extend_from_slice(&vertices[usize::from(repeats)..]),
            true => self.ring.extend(vertices[..vertices.len() - usize::from(repeats)].iter().rev()),
        }
    }

    /// Adds what lies wholly beyond some sides, by its first vertex and its last.
    fn far(&mut self, sides: u8, first: Vertex, last: Vertex, frame: &Frame) {
        self.leaves |= frame.is_outside(first) || frame.is_outside(last);
        if self.beyond & sides == 0 {
            self.flush();
            self.push(first);
            self.beyond = sides;
        } else {
            self.beyond &= sides;
        }
        self.skipped = Some(last);
    }

    fn flush(&mut self) {
        if let Some(skipped) = self.skipped.take() {
            self.push(skipped);
        }
        self.beyond = 0;
    }

    #[inline]
    fn push(&mut self, vertex: Vertex) {
        if self.ring.last() != Some(&vertex) {
            self.ring.push(vertex);
        }
    }

    fn close(&mut self) {
        self.flush();
        while self.ring.len() > 1 && self.ring.first() == self.ring.last() {
            self.ring.pop();
        }
        let mut next = self.spare.pop().unwrap_or_default();
        next.clear();
        let ring = std::mem::replace(&mut self.ring, next);
        let leaves = std::mem::take(&mut self.leaves);
        match self.sketches.last_mut() {
            _ if ring.is_empty() && self.opens_polygon => self.sketches.push(Sketch::default()),
            _ if ring.is_empty() => {}
            Some(sketch) if !self.opens_polygon => {
                sketch.interiors.push(ring);
                sketch.leaves |= leaves;
            }
            _ => self.sketches.push(Sketch { exterior: ring, interiors: Vec::new(), leaves }),
        }
        self.opens_polygon = false;
    }

    /// Hands out the polygons and is as new.
    pub(super) fn finish(&mut self, each: impl FnMut(Sketch)) {
        self.close();
        self.sketches.drain(..).for_each(each);
    }

    /// Gives rings back that are no longer needed, so that the next ones need no memory of their own.
    pub(super) fn recycle(&mut self, rings: &mut Vec<Ring>) {
        if self.spare.len() < SPARE {
            self.spare.append(rings);
        }
        rings.clear();
    }
}

/// The borders of a tile: each is projected once, however many grids of whatever layer it bounds.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    drawn: Drawn<'a>,
    /// For borders that do not leave the tile, where it is too large otherwise: those that do keep their detail, so that it fits its neighbours.
    /// Borders never cross, whatever detail each has: no vertex of any other was passed over when one was simplified.
    coarse: Option<Drawn<'a>>,
    traces: Traces,
    vertices: Vec<Vertex>,
}

/// What is known of borders.
#[derive(Debug)]
enum Traces {
    /// Of a few.
    Few(HashMap<BorderIndex, Trace, RandomState>),
    /// Of most: by index, so that neighbours are found side by side.
    Most(Vec<Option<Trace>>),
}

/// A border in tile units: where its vertices are.
#[derive(Debug, Clone, Copy)]
struct Trace {
    start: u32,
    end: u32,
    /// Sides that all of it lies beyond; then there are two vertices at most.
    beyond: u8,
    /// Is any vertex outside the tile with its buffer?
    leaves: bool,
}

impl Traces {
    /// Where so many of all borders are to be drawn.
    fn new(drawn: usize, all: usize) -> Self {
        const FEW: usize = 8;
        match drawn < all / FEW {
            true => Self::Few(HashMap::with_capacity_and_hasher(drawn, RandomState::default())),
            false => Self::Most(vec![None; all]),
        }
    }

    #[inline]
    fn get(&self, border: BorderIndex) -> Option<Trace> {
        match self {
            Self::Few(traces) => traces.get(&border).copied(),
            Self::Most(traces) => traces[border.at()],
        }
    }

    fn insert(&mut self, border: BorderIndex, trace: Trace) {
        match self {
            Self::Few(traces) => _ = traces.insert(border, trace),
            Self::Most(traces) => traces[border.at()] = Some(trace),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Few(traces) => traces.clear(),
            Self::Most(traces) => traces.fill(None),
        }
    }
}

impl<'a> Sheet<'a> {
    /// `grids`: how many there may be to draw.
    pub(super) fn new(drawn: Drawn<'a>, grids: usize) -> Self {
        Self {
            drawn,
            coarse: None,
            traces: Traces::new(grids * BORDERS_EACH, drawn.places()),
            vertices: Vec::new(),
        }
    }

    /// From now on borders that do not leave the tile are drawn like this.
    pub(super) fn coarsen(&mut self, coarse: Drawn<'a>) {
        self.coarse = Some(coarse);
        self.traces.clear();
        self.vertices.clear();
    }

    /// Adds the rings of a grid in the tile; see [`Frame::cut`].
    pub(super) fn grid(
        &mut self,
        frame: &Frame,
        grid: GridIndex,
        tracer: &mut Tracer,
        found: &mut Vec<Ring>,
    ) {
        if frame.flattens(self.drawn.envelope(grid)) {
            return;
        }
        let mut state = (&mut *self, &mut *tracer);
        state.0.drawn.shape(grid).walk(
            frame.envelope(),
            &mut state,
            |(_, tracer), opens_polygon| tracer.open(opens_polygon),
            |(sheet, tracer), stretch| sheet.add(frame, tracer, stretch),
        );
        tracer.finish(|sketch| frame.cut(sketch, found));
    }

    fn add(&mut self, frame: &Frame, tracer: &mut Tracer, stretch: Stretch) {
        let (border, reversed) = match stretch {
            Stretch::Border(border, reversed) => (border, reversed),
            Stretch::Beyond(first, last) => {
                let sides = frame.sides(first) & frame.sides(last);
                return tracer.far(sides, frame.units(first), frame.units(last), frame);
            }
        };
        let trace = match self.traces.get(border) {
            Some(trace) => trace,
            None => self.trace(frame, border),
        };
        let vertices = &self.vertices[trace.start as usize..trace.end as usize];
        let ([first, .., last] | [first @ last]) = vertices else { return };
        match (trace.beyond, reversed) {
            (0, _) => tracer.near(vertices, reversed, trace.leaves),
            (sides, false) => tracer.far(sides, *first, *last, frame),
            (sides, true) => tracer.far(sides, *last, *first, frame),
        }
    }

    /// As which a border is drawn.
    fn detail(&self, frame: &Frame, border: BorderIndex) -> Drawn<'a> {
        let Some(coarse) = self.coarse else { return self.drawn };
        let mut stays = true;
        self.drawn.vertices(border, |vertex| stays &= frame.owns(vertex));
        if stays { coarse } else { self.drawn }
    }

    /// Projects a border.
    fn trace(&mut self, frame: &Frame, border: BorderIndex) -> Trace {
        let (drawn, out) = (self.detail(frame, border), &mut self.vertices);
        let start = out.len();
        let mut leaves = false;
        let mut push = |vertex: Coord<f64>| {
            let vertex = frame.units(vertex);
            leaves |= frame.is_outside(vertex);
            if out.len() == start || out.last() != Some(&vertex) {
                out.push(vertex);
            }
        };
        // Of vertices that all lie beyond the same side only the first and the last are kept.
        let (mut common, mut skipped, mut beyond) = (0, None, u8::MAX);
        drawn.vertices(border, |vertex| {
            let sides = frame.sides(vertex);
            beyond &= sides;
            if common & sides != 0 {
                common &= sides;
                skipped = Some(vertex);
                return;
            }
            skipped.take().into_iter().for_each(&mut push);
            push(vertex);
            common = sides;
        });
        skipped.into_iter().for_each(push);
        let trace = Trace { start: start as u32, end: out.len() as u32, beyond, leaves };
        self.traces.insert(border, trace);
        trace
    }
}
