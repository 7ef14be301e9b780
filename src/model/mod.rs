//! The words of the domain: levels, codes, grids, workers, assignments, resources. No I/O.

mod api_key;
mod audit;
mod break_glass;
mod code;
mod delta;
mod feature;
mod grid;
mod level;
mod mask;
mod position;
mod resource;
mod scheme;
mod snapshot;
mod span;
mod staff;
mod table;

pub use api_key::{ApiKey, KeyHash};
pub use audit::{AuditEntry, AuditEvent, AuditHash, AuditQuery, MOST_AUDITED_IDS};
pub use break_glass::{GlassEnd, GlassNotice, GlassesToEnd, OpenGlass};
pub use code::{Code, CodeError, County};
pub use delta::Delta;
pub use feature::{Feature, FeatureId, Field, FieldKind, FieldValue, rfc3339};
pub use grid::{Grid, GridId, GridKind, GridVersion};
pub use level::{Level, LevelError, LevelName, LevelScheme};
pub use mask::{mask_name, mask_phone};
pub use position::{LonLat, LonLatError};
pub use resource::{Building, Facility, Person, Resident, Resource, ResourceId};
pub use scheme::{scheme_of, significant};
pub use snapshot::{Scope, Snapshot};
pub use span::Span;
pub use staff::{Absence, Assignment, Role, UnknownRole, Worker, WorkerId};
pub use table::{Relation, TableKeys, TableSource};
