//! Geometry to and from the bytes that PostGIS speaks.
