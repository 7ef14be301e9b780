//! Invented regions: what a plausible prefecture looks like below the boundaries that are public.
//!
//! Everything here depends on the inputs, the plan and its seed alone: no clock, no order of a hash map. Only
//! `source` touches the machine.

mod border;
mod counts;
mod density;
mod divide;
mod error;
mod grids;
mod inputs;
mod mesh;
mod outline;
mod packages;
mod partition;
mod plan;
mod plane;
mod quota;
mod random;
mod reader;
mod region;
mod relax;
mod scatter;
mod settle;
mod source;

pub use error::SynthError;
pub use inputs::{Division, Place, RegionInputs, Seat};
pub use plan::{Plan, Step};
pub use region::{Region, sample_region};
pub use source::{Provenance, invented_inputs, sample_inputs};
