//! Invented regions: what a plausible prefecture looks like below the boundaries that are public.
//!
//! Everything here depends on the inputs, the plan and its seed alone: no clock, no order of a hash map. Only
//! `source` touches the machine.

mod absences;
mod border;
mod buildings;
mod counts;
mod density;
mod divide;
mod error;
mod facilities;
mod footprint;
mod grids;
mod inputs;
mod mesh;
mod names;
mod outline;
mod packages;
mod parents;
mod partition;
mod people;
mod places;
mod plan;
mod plane;
mod quota;
mod random;
mod reader;
mod region;
mod relax;
mod scatter;
mod settle;
mod shape;
mod source;
mod staff;

pub use error::SynthError;
pub use inputs::{Division, Place, RegionInputs, Seat};
pub use parents::{Child, Parent, divide_parents};
pub use plan::{Plan, Step};
pub use region::{Region, sample_region};
pub use source::{Provenance, invented_inputs, sample_inputs};
