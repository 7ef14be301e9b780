//! How geometries lie to each other.

use geo::{BoundingRect, Geometry, Intersects, Relate};

use super::{Relation, Shape};

/// `geometry RELATION shape`, by Simple Features. Envelopes that do not meet settle it without a look at the vertices.
pub(super) fn relates(geometry: &Geometry<f64>, relation: Relation, shape: &Shape) -> bool {
    let meet = geometry.bounding_rect().is_some_and(|envelope| envelope.intersects(shape.envelope()));
    if !meet {
        return relation == Relation::Disjoint;
    }
    let other = shape.geometry();
    match relation {
        Relation::Intersects => geometry.intersects(other),
        Relation::Disjoint => !geometry.intersects(other),
        Relation::Within => geometry.relate(other).is_within(),
        Relation::Contains => geometry.relate(other).is_contains(),
        Relation::Equals => geometry.relate(other).is_equal_topo(),
        Relation::Touches => geometry.relate(other).is_touches(),
        Relation::Overlaps => geometry.relate(other).is_overlaps(),
        Relation::Crosses => geometry.relate(other).is_crosses(),
    }
}
