//! Bounds of place and time, as callers write them: `bbox` and `datetime` of OGC API.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use geo::{Geometry, LineString, Polygon};

use super::OutputCrs;
use crate::cql::Shape;
use crate::store::Period;

/// Into how many parts the side of a box is cut that is no box in degrees.
const PARTS: usize = 64;
/// So much of what a caller wrote stands in a message.
const QUOTED: usize = 64;

/// West, south, east and north, degrees.
type Sides = [f64; 4];

/// Reads `west,south,east,north` in a reference system: boxes in degrees that hold all of it, and, where it is no box in degrees, its very area.
pub fn read_bbox(text: &str, crs: &OutputCrs) -> Result<(Vec<Sides>, Option<Shape>), String> {
    let (low, high) = read_box(text)?;
    match crs.keeps_boxes() {
        true => Ok((boxes_in_degrees(crs, low, high)?, None)),
        false => area(crs, low, high).map(|(shape, sides)| (vec![sides], Some(shape))),
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(QUOTED).collect::<String>())
}

/// The lower and the upper corner; heights are left out, since nothing here has one.
fn read_box(text: &str) -> Result<([f64; 2], [f64; 2]), String> {
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|part| part.trim().parse().ok().filter(|n: &f64| n.is_finite())).collect();
    match numbers.as_deref() {
        Some([a, b, c, d] | [a, b, _, c, d, _]) => Ok(([*a, *b], [*c, *d])),
        _ => Err(format!("{} is not west,south,east,north (or these with heights)", quoted(text))),
    }
}

fn boxes_in_degrees(crs: &OutputCrs, low: [f64; 2], high: [f64; 2]) -> Result<Vec<[f64; 4]>, String> {
    let degrees = |corner| crs.degrees(corner).map_err(|error| error.to_string());
    let (low, high) = (degrees(low)?, degrees(high)?);
    if low.y > high.y {
        return Err(format!("south {} is above north {}", low.y, high.y));
    }
    Ok(match low.x > high.x {
        true => vec![[low.x, low.y, 180.0, high.y], [-180.0, low.y, high.x, high.y]],
        false => vec![[low.x, low.y, high.x, high.y]],
    })
}

/// A box of a projected system as an area in degrees: its sides become curves, which are followed in steps.
fn area(crs: &OutputCrs, low: [f64; 2], high: [f64; 2]) -> Result<(Shape, [f64; 4]), String> {
    if low[0] >= high[0] || low[1] >= high[1] {
        return Err("its second corner is not beyond the first on both axes".to_owned());
    }
    let corners = [low, [low[0], high[1]], high, [high[0], low[1]], low];
    let mut ring = Vec::with_capacity(4 * PARTS + 1);
    for side in corners.windows(2) {
        for part in 0..PARTS {
            let share = part as f64 / PARTS as f64;
            let at = |axis: usize| side[0][axis] + (side[1][axis] - side[0][axis]) * share;
            ring.push(crs.degrees([at(0), at(1)]).map_err(|error| error.to_string())?);
        }
    }
    let polygon = Polygon::new(LineString::new(ring), Vec::new());
    let shape = Shape::new(Geometry::Polygon(polygon)).map_err(|error| error.to_string())?;
    let envelope = *shape.envelope();
    let sides = [envelope.min().x, envelope.min().y, envelope.max().x, envelope.max().y];
    Ok((shape, sides))
}

/// An instant, a day, or an interval of them, open at an end that is `..` or empty.
pub fn read_period(text: &str) -> Result<Period, String> {
    let period = match text.split_once('/') {
        None => {
            let (from, until) = read_time(text)?;
            Period { from: Some(from), until: Some(until) }
        }
        Some((from, until)) => {
            let end = |text: &str| match text.trim() {
                "" | ".." => Ok(None),
                text => read_time(text).map(Some),
            };
            Period { from: end(from)?.map(|(from, _)| from), until: end(until)?.map(|(_, until)| until) }
        }
    };
    match period {
        Period { from: Some(from), until: Some(until) } if from > until => {
            Err("the interval ends before it begins".to_owned())
        }
        period => Ok(period),
    }
}

/// The first and the last instant of a time.
fn read_time(text: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok((at.to_utc(), at.to_utc()));
    }
    let day: NaiveDate = text.parse().map_err(|_| {
        format!("{} is neither a time of RFC 3339, such as 2026-03-03T08:00:00Z, nor a day", quoted(text))
    })?;
    let begin = day.and_time(NaiveTime::MIN).and_utc();
    Ok((begin, begin + Duration::days(1) - Duration::microseconds(1)))
}

#[cfg(test)]
mod tests {
    use geo::Coord;

    use super::*;

    #[test]
    fn a_time_is_an_instant_a_day_or_an_interval_that_may_be_open() {
        let of = |text| {
            read_period(text).map(|p| (p.from.map(|t| t.to_rfc3339()), p.until.map(|t| t.to_rfc3339())))
        };
        let instant = Some("2026-03-03T08:00:00+00:00".to_owned());
        assert_eq!(of("2026-03-03T16:00:00+08:00").unwrap(), (instant.clone(), instant.clone()));
        assert_eq!(of("../2026-03-03T08:00:00Z").unwrap(), (None, instant.clone()));
        assert_eq!(of("2026-03-03T08:00:00Z/").unwrap(), (instant, None));
        let (from, until) = of("2026-03-03").unwrap();
        assert_eq!(from.unwrap(), "2026-03-03T00:00:00+00:00");
        assert_eq!(until.unwrap(), "2026-03-03T23:59:59.999999+00:00");
        for wrong in ["2026-03-04/2026-03-03", "yesterday", "2026-03-03T08:00:00", "a/b/c"] {
            assert!(read_period(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_box_is_read_with_the_axes_of_its_system_and_is_cut_in_two_by_the_180th_meridian() {
        let boxes = |crs: &str, text: &str| {
            let (low, high) = read_box(text)?;
            boxes_in_degrees(&OutputCrs::parse(crs)?, low, high)
        };
        assert_eq!(boxes("OGC:CRS84", "100,25,101,26").unwrap(), [[100.0, 25.0, 101.0, 26.0]]);
        assert_eq!(boxes("OGC:CRS84", "100,25,0,101,26,9").unwrap(), [[100.0, 25.0, 101.0, 26.0]]);
        assert_eq!(boxes("EPSG:4326", "25,100,26,101").unwrap(), [[100.0, 25.0, 101.0, 26.0]]);
        assert_eq!(
            boxes("OGC:CRS84", "179,-1,-179,1").unwrap(),
            [[179.0, -1.0, 180.0, 1.0], [-180.0, -1.0, -179.0, 1.0]]
        );
        for wrong in ["100,26,101,25", "100,25,101", "a,b,c,d", "100,25,101,NaN", "200,25,201,26"] {
            assert!(boxes("OGC:CRS84", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_box_of_a_projected_system_is_followed_along_its_sides() {
        let crs = OutputCrs::parse("EPSG:4542").unwrap();
        let corner = |x, y| crs.axes(Coord { x, y }).unwrap();
        let (shape, sides) = area(&crs, corner(100.0, 25.0), corner(101.0, 26.0)).unwrap();
        assert!(sides[0] < 100.01 && sides[2] > 100.99 && sides[1] < 25.01 && sides[3] > 25.99);
        let Geometry::Polygon(polygon) = shape.geometry() else { panic!() };
        assert_eq!(polygon.exterior().0.len(), 4 * PARTS + 1);
        assert!(area(&crs, [5.0, 5.0], [5.0, 6.0]).is_err());
    }
}
