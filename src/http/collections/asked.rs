//! The parameters of a list of features, read into one query.

use chrono::DateTime;
use geo::Coord;

use super::super::endpoint::Param;
use super::super::params::{Query, cut};
use super::opened::Opened;
use crate::cql::{self, Comparison, Condition, Kind, Language, Literal, Property, Relation, Scalar};
use crate::features::format::Shown;
use crate::features::{OutputCrs, read_bbox, read_cursor, read_period};
use crate::store::{ItemsQuery, SortKey, TableFilter};

/// The most features of one page, and how many there are when nothing is said.
pub(super) const MAX_LIMIT: usize = 10_000;
const LIMIT: usize = 10;

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
    "The most features of one page: 10 unless said otherwise, at most 10000; more than that counts as 10000. A page ends earlier where its features would have more than a \
     million vertices together; the link next leads on.",
    "10",
);
pub(super) const FILTER: Param = Param::optional(
    "filter",
    "string",
    "Only features of which this is true, in CQL2; /queryables says what can be asked.",
    "",
);
pub(in crate::http) const FILTER_LANG: Param = Param::optional(
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
        Shown { chosen: self.chosen.clone(), ..opened.shown(self.crs.clone()) }
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
pub(super) fn fields_as_parameters(opened: &Opened) -> Vec<&str> {
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

pub(in crate::http) fn read_language(text: &str) -> Result<Language, String> {
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
        if !matches!(queryable.kind, Kind::Geometry | Kind::Texts | Kind::Numbers) {
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
        Kind::Geometry | Kind::Texts | Kind::Numbers => Err(wrong()),
    }
}

/// Boxes that hold all of what was asked for; where a box is none in degrees, its very area is a condition.
fn boxes(query: &mut Query, opened: &Opened, conditions: &mut Vec<Condition>) -> Vec<[f64; 4]> {
    let crs = query.optional("bbox-crs", OutputCrs::parse).unwrap_or_default();
    let Some((boxes, area)) = query.optional("bbox", |text| read_bbox(text, &crs)) else { return Vec::new() };
    if let Some(shape) = area {
        let geometry = opened.queryables().into_iter().find(|queryable| queryable.kind == Kind::Geometry);
        conditions.extend(geometry.map(|geometry| {
            let property =
                Property { name: geometry.name.to_owned(), kind: geometry.kind, key: geometry.key };
            Condition::Spatial(property, Relation::Intersects, shape)
        }));
    }
    boxes
}
