//! The rows of the domain, field by field: a field that the model gains must be named here too, or nothing compiles.

use std::sync::Arc;

use geo::{Coord, LineString, MultiPolygon, Point, Polygon};

use super::record::{Record, Sink, Source};
use super::{SavedError, Stamp};
use crate::atlas::coverage::Shape;
use crate::atlas::detail::KeptDepth;
use crate::atlas::grids::KeptGrid;
use crate::model::{
    Absence, Assignment, Building, Code, County, Facility, Grid, GridId, GridKind, GridVersion, Level,
    LevelName, LonLat, Person, ResourceId, Role, Span, Worker, WorkerId,
};

/// A struct is its fields, in this order.
macro_rules! fields {
    ($($row:ident { $($field:tt),* })*) => {$(
        impl Record for $row {
            fn put(&self, to: &mut Sink<'_>) {
                $(self.$field.put(to);)*
            }

            fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
                Ok(Self { $($field: Record::take(from)?),* })
            }
        }
    )*};
}

fields! {
    GridId { 0 }
    WorkerId { 0 }
    ResourceId { 0 }
    Stamp { version, origin, database, committed, confirmed }
    Span { from, until }
    LevelName { level, name, name_en, min_zoom, max_zoom }
    Grid { id, county, code, scheme, level, parent, kind, name, households, invented, geometry }
    GridVersion { grid, number, valid }
    KeptGrid { version, shape, label, seamless }
    KeptDepth { deepest, zooms }
    Worker { id, source, source_id, name, phone, organisation, role, invented }
    Assignment { id, worker, grid, county, role, rank, span }
    Absence { id, worker, substitute, span }
    Building { id, number, class, source_id, name, address, height_m, floors, households, footprint, leaf }
    Facility { id, number, class, source_id, name, address, position, leaf }
    Person { id, position, leaf }
}

/// A value of a few, by its place among them.
macro_rules! choices {
    ($($choice:ty: $all:expr;)*) => {$(
        impl Record for $choice {
            fn put(&self, to: &mut Sink<'_>) {
                let place = $all.iter().position(|one| one == self);
                to.bytes(&[place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)]);
            }

            fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
                let [place] = from.array()?;
                $all.get(usize::from(place)).copied().ok_or_else(|| from.refuse("a value that does not exist"))
            }
        }
    )*};
}

choices! {
    Role: Role::ALL;
    GridKind: [GridKind::Base, GridKind::Dedicated, GridKind::Micro];
}

impl Record for Level {
    fn put(&self, to: &mut Sink<'_>) {
        to.bytes(&[self.number()]);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let [number] = from.array()?;
        Self::try_from(number).map_err(|_| from.refuse("a number that is no level"))
    }
}

impl Record for Code {
    fn put(&self, to: &mut Sink<'_>) {
        (self.as_str().len() as u64).put(to);
        to.bytes(self.as_str().as_bytes());
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        Self::try_from(String::take(from)?).map_err(|_| from.refuse("a text that is no code"))
    }
}

impl Record for County {
    fn put(&self, to: &mut Sink<'_>) {
        (self.as_str().len() as u64).put(to);
        to.bytes(self.as_str().as_bytes());
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        String::take(from).map(Self::from_stored)
    }
}

impl Record for Point<f64> {
    fn put(&self, to: &mut Sink<'_>) {
        self.x().put(to);
        self.y().put(to);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        LonLat::take(from).map(|at| Self::new(at.lon(), at.lat()))
    }
}

impl Record for LonLat {
    fn put(&self, to: &mut Sink<'_>) {
        self.lon().put(to);
        self.lat().put(to);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let (lon, lat) = (f64::take(from)?, f64::take(from)?);
        Self::new(lon, lat).map_err(|_| from.refuse("a place outside the degrees of the earth"))
    }
}

impl Record for Vec<u8> {
    fn put(&self, to: &mut Sink<'_>) {
        (self.len() as u64).put(to);
        to.bytes(self);
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let length = from.count(1)?;
        from.bytes(length).map(<[u8]>::to_vec)
    }
}

/// A border. Its vertices are read with nothing between them: there are more of them than of everything else together.
impl Record for Arc<[Coord<f64>]> {
    fn put(&self, to: &mut Sink<'_>) {
        (self.len() as u64).put(to);
        for coord in self.iter() {
            coord.x.put(to);
            coord.y.put(to);
        }
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let count = from.count(16)?;
        let (numbers, _) = from.bytes(16 * count)?.as_chunks::<8>();
        let (pairs, _) = numbers.as_chunks::<2>();
        Ok(pairs
            .iter()
            .map(|[x, y]| Coord { x: f64::from_le_bytes(*x), y: f64::from_le_bytes(*y) })
            .collect())
    }
}

impl Record for Shape {
    fn put(&self, to: &mut Sink<'_>) {
        (self.len() as u64).put(to);
        self.words().iter().for_each(|word| to.bytes(&word.to_le_bytes()));
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let count = from.count(4)?;
        let (words, _) = from.bytes(4 * count)?.as_chunks::<4>();
        Ok(Self::of_words(words.iter().map(|word| u32::from_le_bytes(*word)).collect()))
    }
}

impl Record for LineString<f64> {
    fn put(&self, to: &mut Sink<'_>) {
        (self.0.len() as u64).put(to);
        for coord in &self.0 {
            coord.x.put(to);
            coord.y.put(to);
        }
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        let count = from.count(16)?;
        let mut coords = Vec::with_capacity(count);
        for _ in 0..count {
            coords.push(LonLat::take(from)?.into());
        }
        Ok(Self(coords))
    }
}

impl Record for Polygon<f64> {
    fn put(&self, to: &mut Sink<'_>) {
        self.exterior().put(to);
        to.rows::<LineString<f64>>(self.interiors().iter());
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        Ok(Self::new(LineString::take(from)?, from.rows()?))
    }
}

impl Record for MultiPolygon<f64> {
    fn put(&self, to: &mut Sink<'_>) {
        to.rows::<Polygon<f64>>(self.0.iter());
    }

    fn take(from: &mut Source<'_>) -> Result<Self, SavedError> {
        from.rows().map(Self)
    }
}
