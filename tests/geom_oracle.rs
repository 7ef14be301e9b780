//! The reference systems against PROJ, as GDAL carries it.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gewu::geom::{Crs, CrsError, distance_m};
use gewu::model::LonLat;

/// Metres: what PROJ and Gewu may differ by.
const TOLERANCE_M: f64 = 1e-4;

fn spatial_ref(code: u32) -> SpatialRef {
    let mut system = SpatialRef::from_epsg(code).unwrap();
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    system
}

/// PROJ, from longitude and latitude of the same datum to the system and back.
struct Oracle {
    there: CoordTransform,
    back: CoordTransform,
}

impl Oracle {
    fn new(code: u32, geographic: u32) -> Self {
        let (projected, degrees) = (spatial_ref(code), spatial_ref(geographic));
        Self {
            there: CoordTransform::new(&degrees, &projected).unwrap(),
            back: CoordTransform::new(&projected, &degrees).unwrap(),
        }
    }

    fn run(transform: &CoordTransform, (x, y): (f64, f64)) -> (f64, f64) {
        let (mut x, mut y) = ([x], [y]);
        transform.transform_coords(&mut x, &mut y, &mut []).unwrap();
        (x[0], y[0])
    }
}

fn at((lon, lat): (f64, f64)) -> LonLat {
    LonLat::new(lon, lat).unwrap()
}

/// Compares both directions at each position and returns the worst differences in metres (there, back).
fn worst(code: u32, geographic: u32, positions: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (ours, oracle) = (Crs::from_epsg(code).unwrap(), Oracle::new(code, geographic));
    let mut worst = (0.0f64, 0.0f64);
    for position in positions {
        let (x, y) = ours.from_lonlat(at(position)).unwrap();
        let expected = Oracle::run(&oracle.there, position);
        worst.0 = worst.0.max((x - expected.0).hypot(y - expected.1));
        let back = ours.to_lonlat(expected.0, expected.1).unwrap();
        worst.1 = worst.1.max(distance_m(back, at(Oracle::run(&oracle.back, expected))));
    }
    worst
}

/// A lattice of longitudes within `half` degrees of a meridian and the latitudes of China, and beyond.
fn lattice(meridian: f64, half: f64) -> impl Iterator<Item = (f64, f64)> {
    let steps = 12;
    let lon = move |i: i32| meridian - half + 2.0 * half * f64::from(i) / f64::from(steps);
    (0..=steps).flat_map(move |i| (0..=40).map(move |j| (lon(i), 0.5 + 1.5 * f64::from(j))))
}

fn assert_within(code: u32, (there, back): (f64, f64)) {
    assert!(
        there <= TOLERANCE_M && back <= TOLERANCE_M,
        "EPSG:{code} is off by {there} m there, {back} m back"
    );
}

#[test]
fn all_three_degree_zones_of_cgcs2000_agree_with_proj_within_three_degrees_of_the_meridian() {
    for zone in 25..=45u32 {
        for code in [4513 + zone - 25, 4534 + zone - 25] {
            assert_within(code, worst(code, 4490, lattice(f64::from(zone * 3), 3.0)));
        }
    }
}

#[test]
fn all_six_degree_zones_of_cgcs2000_agree_with_proj() {
    for zone in 13..=23u32 {
        for code in [4491 + zone - 13, 4502 + zone - 13] {
            assert_within(code, worst(code, 4490, lattice(f64::from(zone * 6 - 3), 3.5)));
        }
    }
}

#[test]
fn all_utm_zones_of_the_northern_and_southern_hemisphere_agree_with_proj() {
    for zone in 1..=60u32 {
        let meridian = f64::from(zone) * 6.0 - 183.0;
        assert_within(32600 + zone, worst(32600 + zone, 4326, lattice(meridian, 3.0)));
        let south = lattice(meridian, 3.0).map(|(lon, lat)| (lon, -lat));
        assert_within(32700 + zone, worst(32700 + zone, 4326, south));
    }
}

#[test]
fn web_mercator_agrees_with_proj_over_the_whole_square() {
    let world = (-35..=35).flat_map(|i| (-17..=17).map(move |j| (f64::from(i) * 5.1, f64::from(j) * 5.0)));
    assert_within(3857, worst(3857, 4326, world));
}

#[test]
fn every_code_that_is_accepted_agrees_with_proj_around_its_own_centre() {
    let mut accepted = 0;
    for code in 1024..=32767u32 {
        let Ok(crs) = Crs::from_epsg(code) else { continue };
        if crs.is_geographic() {
            continue;
        }
        let system = spatial_ref(code);
        let Some(area) = system.area_of_use() else { panic!("EPSG:{code} has no area of use") };
        let geographic = system.geog_cs().unwrap().auth_code().unwrap() as u32;
        let lon = (area.west_lon_degree + area.east_lon_degree) / 2.0;
        let lat = (area.south_lat_degree + area.north_lat_degree) / 2.0;
        let around = [(0.0, 0.0), (0.4, 0.3), (-0.3, -0.4)].map(|(dx, dy)| (lon + dx, lat + dy));
        assert_within(code, worst(code, geographic, around.into_iter()));
        accepted += 1;
    }
    // 64 zones of CGCS2000, 120 of UTM on WGS84, Web Mercator, and some national transverse Mercator systems.
    assert!(accepted >= 185, "only {accepted} codes are accepted");
}

#[test]
fn cgcs2000_to_wgs84_is_a_null_change_in_proj_too() {
    let transform = CoordTransform::new(&spatial_ref(4490), &spatial_ref(4326)).unwrap();
    let (x, y) = Oracle::run(&transform, (100.2676, 25.6065));
    let ours = Crs::Cgcs2000.to_lonlat(100.2676, 25.6065).unwrap();
    assert!(distance_m(at((x, y)), ours) < TOLERANCE_M);
}

#[test]
fn data_on_a_refused_datum_would_have_landed_tens_of_metres_away() {
    let here = (114.2, 22.3);
    for (code, geographic) in [(2326, 4611), (2422, 4214)] {
        assert!(matches!(Crs::from_epsg(code), Err(CrsError::Datum { .. })), "EPSG:{code}");
        let transform = CoordTransform::new(&spatial_ref(geographic), &spatial_ref(4326)).unwrap();
        let moved = distance_m(at(here), at(Oracle::run(&transform, here)));
        assert!(moved > 10.0, "EPSG:{geographic} to WGS84 moves only {moved} m");
    }
}
