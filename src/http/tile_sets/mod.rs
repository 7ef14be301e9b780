//! Tiles as OGC API - Tiles (20-057) has them: tile matrix sets, the tilesets of a collection, and a tile by row and column.
//!
//! A collection is a tileset of the catalogue, or several joined by commas, in each of the tile matrix sets. Tiles are the ones of
//! [`super::tiles`], with the same headers, from the same cache.

mod matrix_sets;
mod tile;
mod tilesets;

use serde_json::{Value, json};

use super::Problem;
use super::endpoint::{Endpoint, Param};
use super::params::cut;
use crate::geom::TileMatrixSet;

/// The operations of this room.
pub(super) static ENDPOINTS: [&Endpoint; 5] =
    [&matrix_sets::LIST, &matrix_sets::ONE, &tilesets::LIST, &tilesets::ONE, &tile::TILE];

/// Link relations that the OGC has registered.
pub(super) const TILESETS_VECTOR: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
pub(super) const TILING_SCHEMES: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes";
const TILING_SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

const JSON: &str = "application/json";

const COLLECTION: Param = Param::path(
    "id",
    "string",
    "A tileset: grids, buildings, facilities, overview, or several joined by commas.",
    "grids",
);
const SET: Param = Param::path(
    "set",
    "string",
    "WebMercatorQuad, WorldCRS84Quad or CGCS2000Quad; what Tianditu calls TILEMATRIX of its matrix set c is the zoom of CGCS2000Quad \
     plus one.",
    "WebMercatorQuad",
);

/// The tile matrix set of an identifier.
fn read_set(id: &str) -> Result<TileMatrixSet, Problem> {
    TileMatrixSet::parse(id).ok_or_else(|| {
        let known = TileMatrixSet::ALL.map(TileMatrixSet::id).join(", ");
        Problem::not_found(format!("there is no tile matrix set {:?}; there are: {known}", cut(id)))
    })
}

fn link(rel: &str, media: &str, href: String) -> Value {
    json!({ "rel": rel, "type": media, "href": href })
}

/// The link to the definition of a set.
fn definition(rel: &str, origin: &str, set: TileMatrixSet) -> Value {
    link(rel, JSON, format!("{origin}/tileMatrixSets/{}", set.id()))
}
