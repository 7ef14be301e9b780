//! Geometries in CQL2 text: well-known text (OGC 06-103r4), with positions of two to four numbers.

use geo::Geometry;

use super::CqlError;
use super::shape::{self, Coordinates};
use super::text::Parser;
use super::token::Token;

impl Parser<'_> {
    /// Does what follows the name of a geometry type belong to it?
    pub(super) fn begins_geometry(&self) -> bool {
        match self.peek() {
            Token::Sign("(") => true,
            Token::Word(word) => ["z", "m", "zm", "empty"].contains(&word.to_ascii_lowercase().as_str()),
            _ => false,
        }
    }

    /// Well-known text behind the name of its type. What stands behind longitude and latitude is left out.
    pub(super) fn geometry(&mut self, kind: &str) -> Result<Geometry<f64>, CqlError> {
        let _ = ["zm", "z", "m"].iter().find(|word| self.take_word(word));
        if self.take_word("empty") {
            return Err(CqlError::Geometry("it is empty".to_owned()));
        }
        self.expect("(")?;
        if kind != "geometrycollection" {
            return shape::geometry(kind, &self.coordinates()?);
        }
        let mut members = Vec::new();
        loop {
            let at = self.at;
            match self.advance() {
                Token::Word(word) if shape::is_single(&word.to_ascii_lowercase()) => {
                    self.budget.geometry()?;
                    members.push(self.geometry(&word.to_ascii_lowercase())?);
                }
                _ => return Err(self.error_at(at, "a geometry that is no collection")),
            }
            if !self.take_sign(",") {
                self.expect(")")?;
                return shape::collection(members);
            }
        }
    }

    /// Coordinates up to the closing parenthesis of one that was just passed.
    fn coordinates(&mut self) -> Result<Coordinates, CqlError> {
        self.budget.enter()?;
        let mut list = Vec::new();
        loop {
            list.push(if self.take_sign("(") { self.coordinates()? } else { self.position()? });
            if !self.take_sign(",") {
                self.expect(")")?;
                self.budget.leave(1);
                return Ok(Coordinates::List(list));
            }
        }
    }

    fn position(&mut self) -> Result<Coordinates, CqlError> {
        self.budget.vertex()?;
        let mut ordinates = Vec::new();
        while ordinates.len() < 4 && !matches!(self.peek(), Token::Sign("," | ")")) {
            let is_negative = self.take_sign("-");
            let Token::Number(number) = *self.peek() else { return Err(self.error("a coordinate")) };
            self.at += 1;
            ordinates.push(if is_negative { -number } else { number });
        }
        match ordinates[..] {
            [lon, lat, ..] => Ok(Coordinates::Position([lon, lat])),
            _ => Err(self.error("longitude and latitude")),
        }
    }
}
