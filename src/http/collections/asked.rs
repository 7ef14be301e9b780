//! The parameters of a list of features, read into one query.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use geo::{Coord, Geometry, LineString, Polygon};

use super::super::endpoint::Param;
use super::super::params::{Query, cut};
use super::opened::Opened;
use crate::cql::{self, Comparison, Condition, Kind, Language, Literal, Property, Relation, Scalar, Shape};
use crate::features::format::Shown;
use crate::features::{OutputCrs, read_cursor};
use crate::store::{ItemsQuery, Period, SortKey, TableFilter};

/// The most features of one page, and how many there are when nothing is said.
pub(super) const MAX_LIMIT: usize = 10_000;
const LIMIT: usize = 10;
/// Into how many parts the side of a box is cut that is no box in degrees.
const PARTS: usize = 64;

pub(super) const BBOX: Param = Param::optional(
    "bbox",
    "string",
    "Only features that meet this box: west, south, east, north, in the order of the axes of bbox-crs; west may be larger than east, over the 180th meridian.",
    "{lon},{lat},{lon_east},{lat_north}",
);
pub(super) const BBOX_CRS: Param =
    Param::optional("bbox-crs", "string", "Reference system of bbox; by default CRS84.", "");
pub(super) const CRS: Param = Param::optional(
    "crs",
    "string",
    "Reference system of the answer, one of those that the collection lists; by default CRS84.",
    "http://www.opengis.net/def/crs/EPSG/0/4490",
);
pub(super) const DATETIME: Param = Param::optional(
    "datetime",
    "string",
    "Only features of this instant or interval: 2026-03-03T08:00:00Z, 2026-03-03, 2026-01-01/2026-03-03, ../2026-03-03. Grids: as they were then; of an interval \
     each as it was last. A collection without time has any.",
    "",
);
pub(super) const LIMIT_PARAM: Param = Param::optional(
    "limit",
    "integer",
    "The most features of one page: 10 unless said otherwise, at most 10000; more than that counts as 10000.",
    "10",
);
pub(super) const FILTER: Param = Param::optional(
    "filter",
    "string",
    "Only features of which this is true, in CQL2; /queryables says what can be asked.",
    "",
);
pub(super) const FILTER_LANG: Param = Param::optional(
    "filter-lang",
    "string",
    "How filter is written: cql2-text (by default) or cql2-json.",
    "",
);
pub(super) const FILTER_CRS: Param = Param::optional(
    "filter-crs",
    "string",
    "Reference system of the geometries in filter; by default CRS84.",
    "",
);
pub(super) const SORTBY: Param = Param::optional(
    "sortby",
    "string",
    "The order: names of fields, joined by commas, - before one for the reverse. What has no value comes last; ties are in the order of identities.",
    "",
);
pub(super) const PROPERTIES: Param =
    Param::optional("properties", "string", "Only these fields, joined by commas.", "");
pub(super) const SKIP_GEOMETRY: Param =
    Param::optional("skipGeometry", "string", "true: geometries are left out.", "");
pub(super) const CURSOR: Param =
    Param::optional("cursor", "string", "Where the page begins: from the link next, as it is.", "");
pub(super) const COUNT: Param =
    Param::optional("count", "string", "false: numberMatched is left out, which saves counting.", "");

/// What was asked of a collection.
pub(super) struct Asked {
    pub(super) query: ItemsQuery,
    pub(super) crs: OutputCrs,
    /// The fields that are shown.
    pub(super) chosen: Vec<usize>,
    /// Was a limit given?
    pub(super) is_limited: bool,
}

impl Asked {
    /// How the features are shown.
    pub(super) fn shown(&self, opened: &Opened) -> Shown {
        Shown {
            name: opened.collection.id.clone(),
            fields: Arc::clone(&opened.fields),
            has_whole_ids: opened.has_whole_ids(),
            chosen: self.chosen.clone(),
            crs: self.crs.clone(),
        }
    }
}

/// Reads what is asked; what is wrong is noted.
pub(super) fn read(query: &mut Query, opened: &Opened) -> Asked {
    let given = query.optional("limit", read_limit);
    let crs = query.optional("crs", OutputCrs::parse).unwrap_or_default();
    let mut conditions = Vec::new();
    let boxes = boxes(query, opened, &mut conditions);
    filter(query, opened, &mut conditions);
    by_fields(query, opened, &mut conditions);
    let order = query.optional("sortby", |text| read_order(text, opened)).unwrap_or_default();
    let after = query.optional("cursor", |text| read_cursor(text, &order, &opened.fields));
    let all = || (0..opened.fields.len()).collect();
    let asked = ItemsQuery {
        filter: TableFilter { condition: joined(conditions), ..TableFilter::default() },
        boxes,
        period: query.optional("datetime", read_period),
        order,
        after,
        limit: given.unwrap_or(LIMIT),
        is_without_geometry: query.optional("skipGeometry", read_truth).unwrap_or(false),
        is_counted: query.optional("count", read_truth).unwrap_or(true),
    };
    let chosen = query.optional("properties", |text| read_names(text, opened)).unwrap_or_else(all);
    Asked { query: asked, crs, chosen, is_limited: given.is_some() }
}

/// The names of fields that are parameters by themselves: `class=school`.
pub(super) fn fields_as_parameters<'a>(opened: &'a Opened) -> Vec<&'a str> {
    opened.sortables().map(|field| field.name.as_str()).collect()
}

fn joined(mut conditions: Vec<Condition>) -> Option<Condition> {
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => Some(Condition::All(conditions)),
    }
}

fn read_limit(text: &str) -> Result<usize, String> {
    match text.parse::<u64>() {
        Ok(limit) if limit > 0 => Ok(usize::try_from(limit).map_or(MAX_LIMIT, |limit| limit.min(MAX_LIMIT))),
        _ => Err(format!("{:?} is not a whole number from 1 on", cut(text))),
    }
}

fn read_truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("{:?} is neither true nor false", cut(text)))
}

fn read_names(text: &str, opened: &Opened) -> Result<Vec<usize>, String> {
    text.split(',').map(|name| place(name.trim(), opened)).collect()
}

fn place(name: &str, opened: &Opened) -> Result<usize, String> {
    opened.fields.iter().position(|field| field.name == name).ok_or_else(|| {
        let names: Vec<_> = opened.fields.iter().map(|field| field.name.as_str()).collect();
        format!("there is no field {:?}; there are: {}", cut(name), names.join(", "))
    })
}

fn read_order(text: &str, opened: &Opened) -> Result<Vec<SortKey>, String> {
    let key = |part: &str| {
        let part = part.trim();
        let (name, descending) = match part.strip_prefix('-') {
            Some(name) => (name, true),
            None => (part.strip_prefix('+').unwrap_or(part), false),
        };
        let field = place(name, opened)?;
        match opened.sortables().any(|sortable| sortable.name == name) {
            true => Ok(SortKey { field, descending }),
            false => Err(format!("the field {name:?} has no order")),
        }
    };
    let keys = text.split(',').map(key).collect::<Result<Vec<_>, String>>()?;
    match keys.len() {
        0..=8 => Ok(keys),
        _ => Err("an order has at most 8 fields".to_owned()),
    }
}

fn filter(query: &mut Query, opened: &Opened, conditions: &mut Vec<Condition>) {
    let language = query.optional("filter-lang", read_language).unwrap_or_default();
    let crs = query.optional("filter-crs", OutputCrs::parse).unwrap_or_default();
    let degrees = |at: Coord<f64>| crs.degrees([at.x, at.y]).map_err(|error| error.to_string());
    let read = |text: &str| match crs.is_as_kept() {
        true => cql::parse(text, language, &opened.queryables()),
        false => cql::parse_in(text, language, &opened.queryables(), &degrees),
    };
    conditions.extend(query.optional("filter", read));
}

fn read_language(text: &str) -> Result<Language, String> {
    match text {
        "cql2-text" => Ok(Language::Text),
        "cql2-json" => Ok(Language::Json),
        _ => Err(format!("{:?} is not known; known are cql2-text, cql2-json", cut(text))),
    }
}

/// Fields as parameters of their own: equal to what is given.
fn by_fields(query: &mut Query, opened: &Opened, conditions: &mut Vec<Condition>) {
    for queryable in opened.queryables() {
        let read = |text: &str| {
            let literal = read_literal(text, queryable.kind)?;
            let property =
                Property { name: queryable.name.to_owned(), kind: queryable.kind, key: queryable.key };
            let (left, right) = (Scalar::Property(property), Scalar::Literal(literal));
            Ok::<_, String>(Condition::Compare(left, Comparison::Equal, right))
        };
        if queryable.kind != Kind::Geometry {
            conditions.extend(query.optional(queryable.name, read));
        }
    }
}

fn read_literal(text: &str, kind: Kind) -> Result<Literal, String> {
    let wrong = || format!("{:?} is not {}", cut(text), kind.as_str());
    match kind {
        Kind::Text if text.contains('\0') => Err(wrong()),
        Kind::Text => Ok(Literal::Text(text.to_owned())),
        Kind::Number => {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            number.map(Literal::Number).ok_or_else(wrong)
        }
        Kind::Truth => text.parse().map(Literal::Truth).map_err(|_| wrong()),
        Kind::Date => text.parse().map(Literal::Date).map_err(|_| wrong()),
        Kind::Timestamp => {
            DateTime::parse_from_rfc3339(text).map(|at| Literal::Timestamp(at.to_utc())).map_err(|_| wrong())
        }
        Kind::Geometry => Err(wrong()),
    }
}

/// Boxes in degrees that hold all of what was asked for; where a box is none in degrees, its very area is a condition.
fn boxes(query: &mut Query, opened: &Opened, conditions: &mut Vec<Condition>) -> Vec<[f64; 4]> {
    let crs = query.optional("bbox-crs", OutputCrs::parse).unwrap_or_default();
    let Some((low, high)) = query.optional("bbox", read_box) else { return Vec::new() };
    let outcome = match crs.keeps_boxes() {
        true => boxes_in_degrees(&crs, low, high),
        false => area(&crs, low, high).map(|(shape, sides)| {
            let geometry = opened.queryables().into_iter().find(|queryable| queryable.kind == Kind::Geometry);
            conditions.extend(geometry.map(|geometry| {
                let property =
                    Property { name: geometry.name.to_owned(), kind: geometry.kind, key: geometry.key };
                Condition::Spatial(property, Relation::Intersects, shape)
            }));
            vec![sides]
        }),
    };
    outcome.unwrap_or_else(|detail| {
        query.wrong("bbox", detail);
        Vec::new()
    })
}

/// The lower and the upper corner; heights are left out, since nothing here has one.
fn read_box(text: &str) -> Result<([f64; 2], [f64; 2]), String> {
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|part| part.trim().parse().ok().filter(|n: &f64| n.is_finite())).collect();
    match numbers.as_deref() {
        Some([a, b, c, d] | [a, b, _, c, d, _]) => Ok(([*a, *b], [*c, *d])),
        _ => Err(format!("{:?} is not west,south,east,north (or these with heights)", cut(text))),
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
fn read_period(text: &str) -> Result<Period, String> {
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
        format!("{:?} is neither a time of RFC 3339, such as 2026-03-03T08:00:00Z, nor a day", cut(text))
    })?;
    let begin = day.and_time(NaiveTime::MIN).and_utc();
    Ok((begin, begin + Duration::days(1) - Duration::microseconds(1)))
}

#[cfg(test)]
mod tests {
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
