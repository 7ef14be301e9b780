//! What does this file say, and what is wrong with it? File > mapping > cleaning > parents > database, and the report.
//!
//! Nothing is guessed silently: what is repaired is reported with its row, what cannot be repaired without a
//! guess is rejected with its row, and unless the operator allows rejects, one of them stops all of it.

mod clean;
mod crs;
mod defect;
mod encoding;
mod error;
mod grids;
mod locate;
mod mapping;
mod messages;
mod options;
mod parents;
mod place;
mod read;
mod report;
mod resources;
mod source;
mod staff;
mod transcoded;
mod value;

pub use crs::InputCrs;
pub use defect::Defect;
pub use error::IngestError;
pub use grids::import_grids;
pub use mapping::{FileMapping, GridMapping, ResourceMapping};
pub use messages::Language;
pub use options::ImportOptions;
pub use place::Place;
pub use report::{Borders, Finding, LevelCount, Report};
pub use resources::import_resources;
pub use staff::{StaffMapping, import_assignments, import_workers};
