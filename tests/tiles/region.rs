//! Regions and tiles to test with.

use geo::{BoundingRect, Coord, LineString, MultiPolygon, Polygon, Rect};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::cql::Language;
use gewu::geom::{Tile, TileId, TileMatrixSet, TileRange};
use gewu::model::{Building, Code, County, Facility, Grid, GridId, GridVersion, Level, ResourceId, Snapshot};
use gewu::tiles::{Asked, Tilesets};
use uuid::Uuid;

use crate::lattice::Lattice;

pub(crate) fn atlas(snapshot: Snapshot) -> Atlas {
    Atlas::build(snapshot).unwrap()
}

/// 12 x 12 leaves in three levels, 0.36 degrees wide, near Dali.
pub(crate) fn lattice() -> Lattice {
    Lattice {
        corner: [100.1, 25.5],
        cells: 12,
        cell: 0.03,
        levels: vec![(1, 12, 0, 22), (2, 6, 8, 11), (4, 3, 9, 22), (5, 1, 11, 22)],
        detail: 3,
    }
}

/// One grid of level 6 a geometry, at all zooms.
pub(crate) fn grids(geometries: Vec<MultiPolygon<f64>>) -> Snapshot {
    let grid = |(number, geometry): (usize, MultiPolygon<f64>)| {
        let code = Code::parse(&format!("g{number}")).unwrap();
        GridVersion::lasting(
            1 + number as u64,
            Grid {
                id: GridId(Uuid::from_u128(1_000 + number as u128)),
                county: County::of(&code),
                code,
                scheme: "test".into(),
                level: Level::new(6).unwrap(),
                parent: None,
                kind: None,
                name: format!("网格{number}"),
                households: None,
                invented: false,
                geometry,
            },
        )
    };
    Snapshot {
        revision: 1,
        grids: geometries.into_iter().enumerate().map(grid).collect(),
        ..Snapshot::default()
    }
}

pub(crate) fn facility(number: u128, lon: f64, lat: f64) -> Facility {
    Facility {
        id: ResourceId(Uuid::from_u128(number)),
        number: 2_000_000 + number as u64,
        class: "hydrant".into(),
        source_id: number.to_string(),
        address: None,
        name: Some(format!("消防栓{number}")),
        position: geo::Point::new(lon, lat),
        leaf: None,
    }
}

pub(crate) fn building(number: u128, lon: f64, lat: f64, side: f64) -> Building {
    Building {
        id: ResourceId(Uuid::from_u128(number)),
        number: 1_000_000 + number as u64,
        class: "residential".into(),
        source_id: number.to_string(),
        address: None,
        name: None,
        height_m: Some(17.5),
        floors: Some(6),
        households: Some(24),
        footprint: Rect::new(Coord { x: lon, y: lat }, Coord { x: lon + side, y: lat + side }).to_polygon(),
        leaf: None,
    }
}

pub(crate) fn render(atlas: &Atlas, names: &str, tile: impl Into<Tile>) -> Vec<u8> {
    let tilesets = Tilesets::embedded().unwrap();
    tilesets.select(names).unwrap().render(atlas, &Principal::open(), tile).unwrap()
}

/// The tiles of a zoom that an atlas reaches into, with one more around.
pub(crate) fn tiles(atlas: &Atlas, z: u8) -> Vec<TileId> {
    let all = atlas.grids().all().flat_map(|g| atlas.grids().geometry(g).0.clone()).collect::<Vec<_>>();
    let rect = MultiPolygon(all).bounding_rect().unwrap();
    let margin = 360.0 / f64::from(1u32 << z);
    let corner = |c: Coord<f64>, by: f64| Coord {
        x: (c.x + by).clamp(-180.0, 180.0),
        y: (c.y + by).clamp(-85.0, 85.0),
    };
    let wide = Rect::new(corner(rect.min(), -margin), corner(rect.max(), margin));
    TileRange::covering(wide, z).unwrap().tiles().collect()
}

/// The tiles in degrees of a zoom that an atlas reaches into, with one more around.
pub(crate) fn geographic_tiles(atlas: &Atlas, z: u8) -> Vec<Tile> {
    let (set, bounds) = (TileMatrixSet::Cgcs2000Quad, atlas.grids().bounds().unwrap());
    let margin = 180.0 / f64::from(1_u32 << z);
    let corner = |x: f64, y: f64| set.tile_at(z, Coord { x, y }).unwrap();
    let first = corner(bounds.min[0] - margin, bounds.max[1] + margin);
    let last = corner(bounds.max[0] + margin, bounds.min[1] - margin);
    let rows = first.y()..=last.y();
    rows.flat_map(|y| (first.x()..=last.x()).map(move |x| set.tile(z, x, y).unwrap())).collect()
}

/// The tile of a zoom that holds the middle of the lattice.
pub(crate) fn middle(z: u8) -> TileId {
    let at = Coord { x: 100.28, y: 25.68 };
    TileRange::covering(Rect::new(at, at), z).unwrap().tiles().next().unwrap()
}

/// A polygon given in the units of a tile, in degrees: the coordinates are those of unit centres after projection and back.
pub(crate) fn polygon(tile: impl Into<Tile>, rings: &[&[(i32, i32)]]) -> Polygon<f64> {
    let tile = tile.into();
    let ring = |vertices: &[(i32, i32)]| {
        let place = |&(x, y): &(i32, i32)| tile.from_units(Coord { x: x.into(), y: y.into() }, 4096.0);
        LineString(vertices.iter().map(place).collect())
    };
    Polygon::new(ring(rings[0]), rings[1..].iter().map(|r| ring(r)).collect())
}

/// The same with only what is asked for.
pub(crate) fn render_asked(atlas: &Atlas, names: &str, asked: &Asked, tile: impl Into<Tile>) -> Vec<u8> {
    let tilesets = Tilesets::embedded().unwrap();
    let selection = tilesets.select(names).unwrap().filtered(asked).unwrap();
    selection.render(atlas, &Principal::open(), tile).unwrap()
}

/// What is true of a filter in CQL2 text.
pub(crate) fn asked(filter: &str) -> Asked {
    Asked { filter: Some((filter.to_owned(), Language::Text)), ..Asked::default() }
}
