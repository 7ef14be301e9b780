//! A position in degrees.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A position in degrees of CGCS2000 (EPSG:4490; WGS84 is the same to 0.12 mm): finite,
/// longitude -180 to 180, latitude -90 to 90.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

/// Numbers that are no position.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum LonLatError {
    /// The longitude is not finite or outside -180 to 180.
    #[error("longitude {0} is outside -180 to 180 degrees")]
    Longitude(f64),
    /// The latitude is not finite or outside -90 to 90.
    #[error("latitude {0} is outside -90 to 90 degrees")]
    Latitude(f64),
}

impl LonLat {
    /// Checks a longitude and a latitude in degrees.
    pub fn new(lon: f64, lat: f64) -> Result<Self, LonLatError> {
        if !(-180.0..=180.0).contains(&lon) {
            return Err(LonLatError::Longitude(lon));
        }
        if !(-90.0..=90.0).contains(&lat) {
            return Err(LonLatError::Latitude(lat));
        }
        Ok(Self { lon, lat })
    }

    /// Longitude in degrees.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Latitude in degrees.
    pub fn lat(self) -> f64 {
        self.lat
    }
}
