//! How geometries lie to each other.

use geo::{Geometry, Intersects, Relate};

use super::Relation;

/// `one RELATION other`, by Simple Features.
pub(super) fn relates(one: &Geometry<f64>, relation: Relation, other: &Geometry<f64>) -> bool {
    match relation {
        Relation::Intersects => one.intersects(other),
        Relation::Disjoint => !one.intersects(other),
        Relation::Within => one.relate(other).is_within(),
        Relation::Contains => one.relate(other).is_contains(),
        Relation::Equals => one.relate(other).is_equal_topo(),
        Relation::Touches => one.relate(other).is_touches(),
        Relation::Overlaps => one.relate(other).is_overlaps(),
        Relation::Crosses => one.relate(other).is_crosses(),
    }
}
