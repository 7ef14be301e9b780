//! What an invented region is built on: boundaries and names that are given.

use geo::MultiPolygon;

use super::error::SynthError;
use crate::model::Code;

/// A prefecture or county with its boundary.
#[derive(Debug, Clone)]
pub struct Division {
    /// Six digits.
    pub code: Code,
    /// Official name.
    pub name: String,
    /// Territory in EPSG:4490, degrees. Neighbours share their vertices bit for bit.
    pub territory: MultiPolygon<f64>,
}

/// A town (nine digits) or village (twelve digits), without boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its code begins with that of the place above.
    pub code: Code,
    /// Official name.
    pub name: String,
}

/// Where the seat of a county lies, roughly.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// The county's code.
    pub county: Code,
    /// Longitude in degrees.
    pub lon: f64,
    /// Latitude in degrees.
    pub lat: f64,
}

/// Everything that is given; the rest is invented.
#[derive(Debug, Clone)]
pub struct RegionInputs {
    /// Level 1.
    pub prefecture: Division,
    /// Level 2; together they make up the prefecture.
    pub counties: Vec<Division>,
    /// Level 3; every county has one at least.
    pub towns: Vec<Place>,
    /// Level 4; every town has one at least.
    pub villages: Vec<Place>,
    /// Seats of the counties; a county without one gets an invented seat.
    pub seats: Vec<Seat>,
    /// True when boundaries and names themselves are invented too.
    pub invented: bool,
}

impl RegionInputs {
    /// Brings everything into the order of codes and checks that every place has one above and one below.
    pub(super) fn sorted(&self) -> Result<Self, SynthError> {
        let mut inputs = self.clone();
        inputs.counties.sort_by(|a, b| a.code.cmp(&b.code));
        inputs.towns.sort_by(|a, b| a.code.cmp(&b.code));
        inputs.villages.sort_by(|a, b| a.code.cmp(&b.code));
        let counties: Vec<&Code> = inputs.counties.iter().map(|county| &county.code).collect();
        let towns: Vec<&Code> = inputs.towns.iter().map(|town| &town.code).collect();
        let villages: Vec<&Code> = inputs.villages.iter().map(|village| &village.code).collect();
        check_nesting("county", &counties, "town", &towns)?;
        check_nesting("town", &towns, "village", &villages)?;
        Ok(inputs)
    }
}

/// Do the codes below begin with those above, each with one at least? Both are sorted.
fn check_nesting(above: &str, parents: &[&Code], below: &str, children: &[&Code]) -> Result<(), SynthError> {
    for pair in parents.windows(2).chain(children.windows(2)) {
        if pair[0] == pair[1] {
            return Err(SynthError::Divisions(format!("the code {} occurs twice", pair[0])));
        }
    }
    for parent in parents {
        if !children.iter().any(|child| child.as_str().starts_with(parent.as_str())) {
            return Err(SynthError::Divisions(format!("the {above} {parent} has no {below}")));
        }
    }
    for child in children {
        if !parents.iter().any(|parent| child.as_str().starts_with(parent.as_str())) {
            return Err(SynthError::Divisions(format!("the {below} {child} lies in no {above}")));
        }
    }
    Ok(())
}
