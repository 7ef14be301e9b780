//! Reference systems as PROJ describes them, by way of GDAL: for formats that hold the whole description.

use gdal::spatial_ref::SpatialRef;

use super::EncodeError;

/// The system of an EPSG code.
pub(super) fn spatial_ref(code: u32) -> Result<SpatialRef, EncodeError> {
    SpatialRef::from_epsg(code).map_err(|error| undescribed(code, &error))
}

/// Its description as PROJJSON.
pub(super) fn projjson(code: u32) -> Result<serde_json::Value, EncodeError> {
    let text = spatial_ref(code)?.to_projjson().map_err(|error| undescribed(code, &error))?;
    serde_json::from_str(&text).map_err(|error| undescribed(code, &error))
}

fn undescribed(code: u32, error: &dyn std::fmt::Display) -> EncodeError {
    EncodeError::Format(format!("PROJ does not describe EPSG:{code}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::OutputCrs;

    #[test]
    fn every_system_that_can_be_asked_for_is_described_with_its_code() {
        for uri in OutputCrs::uris() {
            if let Some(code) = OutputCrs::parse(&uri).unwrap().epsg() {
                assert_eq!(
                    projjson(code).unwrap()["id"],
                    serde_json::json!({"authority": "EPSG", "code": code})
                );
            }
        }
    }
}
