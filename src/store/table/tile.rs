//! What of a table lies in a tile, as one layer of a Mapbox Vector Tile. PostGIS makes it.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres, Row};

use super::inspect::{IdKind, Shape};
use super::reading::Reading;
use super::{Column, Table, TableError, TableFilter, Window, filter, quoted};
use crate::store::{Store, StoreError};

/// The width of a tile and its buffer, in tile units; points have no buffer.
const EXTENT: i32 = 4096;
const BUFFER: i32 = 64;
/// EPSG codes of degrees on WGS84 and CGCS2000: the same numbers for a window.
pub(super) const DEGREES: [i32; 2] = [4326, 4490];
/// What rounding may do to degrees.
const HAIR: f64 = 1e-7;
/// Windows broader than this, in degrees, are not brought to a projected system: far from its middle one place becomes another.
const BROADEST: f64 = 6.0;
/// The first parameter that a filter may have.
const FREE: usize = 16;

/// Where the rows of a window are looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// By an envelope in the system of the table, so that its spatial index finds them.
    Index([f64; 4], i32),
    /// Row by row, in the system of the window.
    Rows([f64; 4]),
}

impl Store {
    /// The layer as bytes, ready to stand beside others in a tile; empty when nothing lies in the window. Extent 4096. Lines and polygons
    /// reach 64 units beyond the tile; a point is in the one tile that owns it. What is smaller than a tile unit may be left out.
    pub async fn table_tile(
        &self,
        table: &Table,
        layer: &str,
        window: &Window,
        filter: &TableFilter,
    ) -> Result<Vec<u8>, TableError> {
        let mut reading = Reading::begin(self, &table.source, table.source.time_limit).await?;
        let place = place(&mut reading, table, window).await?;
        let filter = filter::write(filter, table, FREE)?;
        // Filters are of many kinds: only the statement without one is worth keeping.
        let is_kept = filter.is_empty();
        let query =
            sqlx::query(AssertSqlSafe(statement(table, window, place, &filter.text))).persistent(is_kept);
        let row = reading.row(filter.bind(bind(query, table, layer, window, place))).await?;
        reading.finish().await?;
        let found: i64 = row.try_get(0).map_err(StoreError::from)?;
        if found > table.source.max_features.into() {
            let relation = table.source.relation.clone();
            return Err(TableError::TooMany { relation, most: table.source.max_features });
        }
        let layer: Option<Vec<u8>> = row.try_get(1).map_err(StoreError::from)?;
        Ok(layer.filter(|_| found > 0).unwrap_or_default())
    }
}

pub(super) async fn place(
    reading: &mut Reading<'_>,
    table: &Table,
    window: &Window,
) -> Result<Place, TableError> {
    if table.srid == window.srid {
        return Ok(Place::Index(window.reach, window.srid));
    }
    if DEGREES.contains(&table.srid) {
        let [west, south, east, north] = window.degrees;
        return Ok(Place::Index([west - HAIR, south - HAIR, east + HAIR, north + HAIR], table.srid));
    }
    if window.breadth() > BROADEST {
        return Ok(Place::Rows(window.reach));
    }
    let [west, south, east, north] = window.reach;
    let query = sqlx::query(NATIVE).bind(west).bind(south).bind(east).bind(north).bind(window.srid);
    let query = query.bind(((east - west).max(north - south)) / 32.0).bind(table.srid);
    let row = reading.try_row(query).await?;
    let side =
        |at: usize| row.as_ref().and_then(|row| row.try_get::<f64, _>(at).ok()).filter(|n| n.is_finite());
    Ok(match (side(0), side(1), side(2), side(3)) {
        (Some(west), Some(south), Some(east), Some(north)) => {
            Place::Index([west, south, east, north], table.srid)
        }
        // The system of the table does not reach there.
        _ => Place::Rows(window.reach),
    })
}

/// The envelope of a window in another system. Its sides become curves: they are followed in 32 steps, and what lies between two steps is
/// less than a fiftieth of the whole.
const NATIVE: &str = "select st_xmin(e) - m, st_ymin(e) - m, st_xmax(e) + m, st_ymax(e) + m from ( \
     select e, 0.02 * greatest(st_xmax(e) - st_xmin(e), st_ymax(e) - st_ymin(e)) as m from ( \
     select st_transform(st_segmentize(st_makeenvelope($1, $2, $3, $4, $5), $6), $7)::box2d as e) a) b";

/// Parameters: 1 to 4 the tile and 5 its system, 6 and 7 the last unit of points, 8 one more than the most features, 9 the name of
/// the layer, 10 of its geometry and 11 of its identity, 12 to 15 the place; from [`FREE`] on, those of the filter.
fn statement(table: &Table, window: &Window, place: Place, filter: &str) -> String {
    let geometry = quoted(&table.geometry);
    let mut columns: Vec<String> = table.columns.iter().map(Column::attribute).collect();
    let (mut order, mut last) = (String::new(), "");
    if let Some(id) = &table.feature_id {
        let alias = quoted(&identity_name(table));
        columns.push(format!("{} as {alias}", feature_id(id)));
        (order, last) = (format!("order by {alias}"), ", $11");
    }
    columns.push(format!("d.g as {geometry}"));
    let mut source = format!("t.{geometry}");
    if table.shape == Shape::Any {
        source = format!("st_curvetoline({source})");
    }
    if table.srid != window.srid {
        source = format!("st_transform({source}, $5)");
    }
    let place = match place {
        Place::Index(_, srid) => format!("t.{geometry} && st_makeenvelope($12, $13, $14, $15, {srid})"),
        Place::Rows(_) => "s.g && st_makeenvelope($12, $13, $14, $15, $5)".to_owned(),
    };
    // `offset 0` keeps a geometry from being worked out once for each time that it is named.
    format!(
        "with kept as materialized (select {} from {} t \
         cross join lateral (select {source} as g offset 0) s \
         cross join lateral (select {} as g offset 0) d \
         where {place} and not st_isempty(d.g){filter} {order} limit $8) \
         select count(*), case when count(*) < $8 then st_asmvt(kept, $9, {EXTENT}, $10{last}) end from kept",
        columns.join(", "),
        table.named(),
        drawn(table.shape)
    )
}

/// A geometry in tile units. A point belongs to the tile in which it is when it is rounded; one on a border to that in the east or south.
fn drawn(shape: Shape) -> String {
    let bounds = "st_makeenvelope($1, $2, $3, $4)::box2d";
    let points = format!(
        "st_intersection(st_asmvtgeom(s.g, {bounds}, {EXTENT}, 0, false), st_makeenvelope(0, 0, $6, $7, $5))"
    );
    let extended = format!("st_asmvtgeom(s.g, {bounds}, {EXTENT}, {BUFFER}, true)");
    match shape {
        Shape::Points => points,
        Shape::Extended => extended,
        Shape::Any => format!("case when st_dimension(s.g) = 0 then {points} else {extended} end"),
    }
}

/// The feature id: the low 53 bits, which a JavaScript number holds exactly, of a number or of a UUID.
fn feature_id((column, kind): &(String, IdKind)) -> String {
    let column = format!("t.{}", quoted(column));
    let number = match kind {
        IdKind::Whole => format!("{column}::int8"),
        IdKind::Uuid => format!("('x' || right(replace({column}::text, '-', ''), 14))::bit(56)::int8"),
    };
    format!("{number} & {}", (1_i64 << 53) - 1)
}

/// A name for the identity that no attribute has.
fn identity_name(table: &Table) -> String {
    let mut name = "feature_id".to_owned();
    while name == table.geometry || table.columns.iter().any(|column| column.name == name) {
        name.push('_');
    }
    name
}

fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    table: &'q Table,
    layer: &'q str,
    window: &Window,
    place: Place,
) -> Query<'q, Postgres, PgArguments> {
    let last = window.is_last.map(|is_last| f64::from(EXTENT - i32::from(!is_last)));
    let (Place::Index(around, _) | Place::Rows(around)) = place;
    let query = window.envelope.into_iter().fold(query, Query::bind).bind(window.srid);
    let query = last.into_iter().fold(query, Query::bind).bind(i64::from(table.source.max_features) + 1);
    let query = query.bind(layer).bind(&table.geometry).bind(identity_name(table));
    around.into_iter().fold(query, Query::bind)
}
