//! The grids of an atlas as features.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Ordering;

use geo::{Geometry, Rect};

use super::cursor::read_value;
use crate::atlas::{Atlas, Envelope, GridIndex};
use crate::cql::{self, Condition, Kind, Property, Queryable};
use crate::model::{Feature, FeatureId, Field, FieldKind, FieldValue, GridId};
use crate::store::{ItemsQuery, Page, PageRoom, Position, SortKey};

/// The fields of a grid.
pub(super) const FIELDS: [(&str, FieldKind, &str); 11] = [
    ("code", FieldKind::Text, "网格代码 Code"),
    ("name", FieldKind::Text, "名称 Name"),
    ("level", FieldKind::Whole, "层级，1 至 6 Level, 1 to 6"),
    (
        "kind",
        FieldKind::Text,
        "类别：base 基础、dedicated 专属、micro 微网格；行政区划无 Kind; a division has none",
    ),
    ("scheme", FieldKind::Text, "编码规则 Scheme of the code"),
    ("parent", FieldKind::Text, "上级网格代码 Code of the grid above"),
    ("leaf", FieldKind::Truth, "是否末级 Has it no grids below?"),
    ("households", FieldKind::Whole, "常住户数 Resident households"),
    ("valid_from", FieldKind::Instant, "此状态的起始时间 Since when it is as it is"),
    ("valid_to", FieldKind::Instant, "此状态的终止时间 Until when it is as it is"),
    ("invented", FieldKind::Truth, "示例数据，非真实 Invented sample data"),
];

/// The fields of the collection.
pub fn grid_fields() -> Vec<Field> {
    let field = |(name, kind, about): &(&str, FieldKind, &str)| Field {
        name: (*name).to_owned(),
        about: (*about).to_owned(),
        kind: *kind,
    };
    FIELDS.iter().map(field).collect()
}

/// What can be asked of a grid.
pub fn grid_queryables() -> Vec<Queryable<'static>> {
    let of_field = |(key, (name, kind, _)): (usize, &(&'static str, FieldKind, &str))| Queryable {
        name,
        kind: queryable_kind(*kind),
        key,
    };
    let geometry = Queryable { name: "geometry", kind: Kind::Geometry, key: FIELDS.len() };
    FIELDS.iter().enumerate().map(of_field).chain([geometry]).collect()
}

/// The kind of a field to a filter.
pub(super) fn queryable_kind(kind: FieldKind) -> Kind {
    match kind {
        FieldKind::Whole | FieldKind::Number => Kind::Number,
        FieldKind::Truth => Kind::Truth,
        FieldKind::Date => Kind::Date,
        FieldKind::Instant => Kind::Timestamp,
        FieldKind::Text | FieldKind::Uuid | FieldKind::Json => Kind::Text,
        FieldKind::Texts => Kind::Texts,
        FieldKind::Numbers => Kind::Numbers,
    }
}

/// One page of the grids of an atlas. O(candidates), which are all grids where no box is given.
pub fn grid_items(atlas: &Atlas, query: &ItemsQuery) -> Page {
    let Rows { rows, is_more, matched } = rows(atlas, query);
    let mut room = PageRoom::default();
    let features = rows.iter().map(|(_, _, grid)| grid_feature(atlas, *grid, !query.is_without_geometry));
    let features: Vec<_> = features.take_while(|feature| room.takes(feature)).collect();
    let is_more = is_more || features.len() < rows.len();
    let last = features.len().checked_sub(1).and_then(|last| rows.get(last)).filter(|_| is_more);
    let next = last.map(|(keys, id, _)| Position {
        keys: keys.iter().map(|key| key.as_ref().map(ToString::to_string)).collect(),
        id: *id,
    });
    Page { features, next, matched: query.is_counted.then_some(matched) }
}

/// All grids that match, in order.
pub(super) fn grid_order(atlas: &Atlas, query: &ItemsQuery) -> Vec<GridIndex> {
    rows(atlas, query).rows.into_iter().map(|(_, _, grid)| grid).collect()
}

/// A grid with what it is sorted by.
type Row = (Vec<Option<FieldValue>>, FeatureId, GridIndex);

/// The grids of a page, in order.
struct Rows {
    rows: Vec<Row>,
    /// Do others come behind them?
    is_more: bool,
    /// How many match, whatever the page.
    matched: u64,
}

fn rows(atlas: &Atlas, query: &ItemsQuery) -> Rows {
    let keys = |grid| query.order.iter().map(|key| value(atlas, grid, key.field)).collect::<Vec<_>>();
    let after = query.after.as_ref().map(|after| (parsed(after, &query.order), after.id));
    let (mut matched, mut rows) = (0, Vec::new());
    for grid in candidates(atlas, query) {
        if !passes(atlas, grid, query.filter.condition.as_ref()) {
            continue;
        }
        matched += 1;
        let row = (keys(grid), id(atlas, grid), grid);
        let is_behind =
            |after: &(Vec<_>, _)| compare(&query.order, (&row.0, row.1), (&after.0, after.1)).is_gt();
        if after.as_ref().is_none_or(is_behind) {
            rows.push(row);
        }
    }
    let order = |one: &Row, other: &Row| compare(&query.order, (&one.0, one.1), (&other.0, other.1));
    let is_more = rows.len() > query.limit;
    if is_more {
        rows.select_nth_unstable_by(query.limit, order);
        rows.truncate(query.limit);
    }
    rows.sort_unstable_by(order);
    Rows { rows, is_more, matched }
}

/// A grid as a feature.
pub fn grid_item(atlas: &Atlas, grid: GridIndex) -> Feature {
    grid_feature(atlas, grid, true)
}

/// The same, with or without its geometry.
pub(super) fn grid_feature(atlas: &Atlas, grid: GridIndex, has_geometry: bool) -> Feature {
    Feature {
        id: id(atlas, grid),
        geometry: has_geometry.then(|| Geometry::MultiPolygon(atlas.grids().geometry(grid))),
        values: (0..FIELDS.len()).map(|field| value(atlas, grid, field)).collect(),
    }
}

fn id(atlas: &Atlas, grid: GridIndex) -> FeatureId {
    let GridId(uuid) = atlas.grids().id(grid);
    FeatureId::Uuid(uuid)
}

/// Grids that meet one of the boxes, each once.
fn candidates(atlas: &Atlas, query: &ItemsQuery) -> Vec<GridIndex> {
    if query.boxes.is_empty() {
        return atlas.grids().all().collect();
    }
    let mut found = Vec::new();
    for [west, south, east, north] in &query.boxes {
        let envelope = Envelope { min: [*west, *south], max: [*east, *north] };
        found.extend(atlas.grids_in(&envelope).filter(|grid| atlas.grids().meets(*grid, &envelope)));
    }
    if query.boxes.len() > 1 {
        found.sort_unstable();
        found.dedup();
    }
    found
}

fn passes(atlas: &Atlas, grid: GridIndex, condition: Option<&Condition>) -> bool {
    condition.is_none_or(|condition| condition.holds(&Asked { atlas, grid, territory: OnceCell::new() }))
}

fn value(atlas: &Atlas, grid: GridIndex, field: usize) -> Option<FieldValue> {
    let grids = atlas.grids();
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    match FIELDS.get(field)?.0 {
        "code" => text(grids.code(grid).as_str()),
        "name" => text(grids.name(grid)),
        "level" => Some(FieldValue::Whole(grids.level(grid).number().into())),
        "kind" => text(grids.kind(grid)?.as_str()),
        "scheme" => text(grids.scheme(grid)),
        "parent" => text(grids.code(grids.parent(grid)?).as_str()),
        "leaf" => Some(FieldValue::Truth(grids.is_leaf(grid))),
        "households" => Some(FieldValue::Whole(grids.households(grid)?.into())),
        "valid_from" => grids.valid(grid).from.map(FieldValue::Instant),
        "valid_to" => grids.valid(grid).until.map(FieldValue::Instant),
        "invented" => Some(FieldValue::Truth(grids.invented(grid))),
        _ => None,
    }
}

fn parsed(after: &Position, order: &[SortKey]) -> Vec<Option<FieldValue>> {
    let kind = |key: &SortKey| FIELDS.get(key.field).map(|(_, kind, _)| *kind);
    let keys = after.keys.iter().zip(order);
    keys.map(|(text, key)| read_value(text.as_ref()?, kind(key)?)).collect()
}

/// The order of two features, as the database has it: what has no value comes last.
fn compare(
    order: &[SortKey],
    (one, one_id): (&[Option<FieldValue>], FeatureId),
    (other, other_id): (&[Option<FieldValue>], FeatureId),
) -> Ordering {
    for (key, pair) in order.iter().zip(one.iter().zip(other)) {
        let ordering = match pair {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => return Ordering::Greater,
            (Some(_), None) => return Ordering::Less,
            (Some(one), Some(other)) => of_values(one, other),
        };
        let ordering = if key.descending { ordering.reverse() } else { ordering };
        if ordering.is_ne() {
            return ordering;
        }
    }
    one_id.cmp(&other_id)
}

fn of_values(one: &FieldValue, other: &FieldValue) -> Ordering {
    match (one, other) {
        (FieldValue::Text(one), FieldValue::Text(other)) => one.cmp(other),
        (FieldValue::Whole(one), FieldValue::Whole(other)) => one.cmp(other),
        (FieldValue::Number(one), FieldValue::Number(other)) => one.total_cmp(other),
        (FieldValue::Truth(one), FieldValue::Truth(other)) => one.cmp(other),
        (FieldValue::Date(one), FieldValue::Date(other)) => one.cmp(other),
        (FieldValue::Instant(one), FieldValue::Instant(other)) => one.cmp(other),
        _ => Ordering::Equal,
    }
}

/// A grid that is asked whether it matches.
struct Asked<'a> {
    atlas: &'a Atlas,
    grid: GridIndex,
    /// Put together of borders when it is first asked for.
    territory: OnceCell<Geometry<f64>>,
}

impl cql::Feature for Asked<'_> {
    fn value(&self, property: &Property) -> Option<cql::Value<'_>> {
        let grids = self.atlas.grids();
        // The texts that are asked for most are not copied.
        match FIELDS.get(property.key)?.0 {
            "code" => return Some(cql::Value::Text(Cow::Borrowed(grids.code(self.grid).as_str()))),
            "name" => return Some(cql::Value::Text(Cow::Borrowed(grids.name(self.grid)))),
            _ => {}
        }
        Some(match value(self.atlas, self.grid, property.key)? {
            FieldValue::Text(text) => cql::Value::Text(Cow::Owned(text)),
            FieldValue::Whole(number) => cql::Value::Number(number as f64),
            FieldValue::Number(number) => cql::Value::Number(number),
            FieldValue::Truth(truth) => cql::Value::Truth(truth),
            FieldValue::Date(date) => cql::Value::Date(date),
            FieldValue::Instant(instant) => cql::Value::Timestamp(instant),
            FieldValue::Json(value) => cql::Value::Text(Cow::Owned(value.to_string())),
        })
    }

    fn geometry(&self, _: &Property) -> Option<Cow<'_, Geometry<f64>>> {
        let territory = || Geometry::MultiPolygon(self.atlas.grids().geometry(self.grid));
        Some(Cow::Borrowed(self.territory.get_or_init(territory)))
    }

    fn envelope(&self, _: &Property) -> Option<Rect<f64>> {
        let envelope = self.atlas.grids().envelope(self.grid);
        Some(Rect::new(envelope.min, envelope.max))
    }
}
