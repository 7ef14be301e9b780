//! Where and when: the parameters that several operations share.

use chrono::{DateTime, Utc};

use super::endpoint::Param;
use super::params::{Query, number, number_within};
use crate::geom::Crs;
use crate::model::{LonLat, Role};
use crate::resolve::MAX_ACCURACY_M;

/// Why `crs` cannot be left out.
pub(super) const WHY_CRS: &str = "say in which reference system the numbers are: wgs84, cgcs2000, gcj02, bd09 or EPSG:n. \
    Nothing is guessed, since the same numbers in GCJ-02 lie some 400 m from WGS84, which is another grid";

/// First coordinate.
pub(super) const LON: Param = Param::required(
    "lon",
    "number",
    "Longitude in degrees, or easting in metres of a projected system.",
    "{lon}",
);
/// Second coordinate.
pub(super) const LAT: Param = Param::required(
    "lat",
    "number",
    "Latitude in degrees, or northing in metres of a projected system.",
    "{lat}",
);
/// Reference system.
pub(super) const CRS: Param = Param::required(
    "crs",
    "string",
    "Reference system of lon and lat: wgs84, cgcs2000, gcj02, bd09 or EPSG:n. Never guessed.",
    "wgs84",
);
/// Accuracy.
pub(super) const ACCURACY: Param = Param::optional(
    "accuracy",
    "number",
    "Radius in metres of the circle in which the point may really be, 0 to 10000.",
    "25",
);
/// Instant.
pub(super) const AT: Param = Param::optional(
    "at",
    "string",
    "Instant as RFC 3339, past or future; by default now. Grids, assignments and absences are those of that instant.",
    "",
);
/// Roles.
pub(super) const ROLES: Param = Param::optional(
    "roles",
    "string",
    "Roles that count as responsible, separated by commas: head, full_time, part_time, instructor.",
    "full_time,head",
);

/// A reference system, unless the operator does not offer it.
pub(super) fn read_crs(text: &str, gcj_inverse: bool) -> Result<Crs, String> {
    let crs = Crs::parse(text).map_err(|error| error.to_string())?;
    if crs.needs_inverse_gcj() && !gcj_inverse {
        return Err(format!(
            "{crs} is not offered by this server (gcj_inverse = false); send wgs84 or cgcs2000"
        ));
    }
    Ok(crs)
}

/// The position of `lon`, `lat`, `crs`; `None` when something is missing or wrong, which is noted.
pub(super) fn position(query: &mut Query<'_>, gcj_inverse: bool) -> Option<LonLat> {
    let x = query.required("lon", "the longitude, or the easting", number);
    let y = query.required("lat", "the latitude, or the northing", number);
    let crs = query.required("crs", WHY_CRS, |text| read_crs(text, gcj_inverse));
    match crs?.to_lonlat(x?, y?) {
        Ok(position) => Some(position),
        Err(error) => {
            query.wrong("lon,lat", error.to_string());
            None
        }
    }
}

/// The accuracy radius in metres; 0 when not given.
pub(super) fn accuracy(query: &mut Query<'_>) -> f64 {
    query.optional("accuracy", |text| number_within(text, 0.0, MAX_ACCURACY_M)).unwrap_or(0.0)
}

/// The roles that count; empty: any.
pub(super) fn roles(query: &mut Query<'_>) -> Vec<Role> {
    let read =
        |text: &str| text.split(',').map(|role| Role::parse(role.trim())).collect::<Result<Vec<_>, _>>();
    query.optional("roles", read).unwrap_or_default()
}

/// The instant asked for; now when not given. Wrong text is noted.
pub(super) fn at(query: &mut Query<'_>) -> DateTime<Utc> {
    let read = |text: &str| {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| {
            format!("{:?} is not a time of RFC 3339, such as 2026-03-03T08:00:00Z", super::params::cut(text))
        })?;
        Ok::<_, String>(at.with_timezone(&Utc))
    };
    query.optional("at", read).unwrap_or_else(Utc::now)
}
