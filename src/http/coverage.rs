//! `GET /v1/coverage`: the service circle. Who and what is outside it, per grid?

use std::collections::BTreeSet;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::answer::{CSV, TABLE_FORMAT, answer, csv_answer, wants_csv};
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::grids::{WITHIN, find_within, read_level};
use super::looking::read_classes;
use super::params::{Query, count_within, cut, number_within};
use super::principal::Caller;
use super::{AppState, Problem, roads};
use crate::atlas::Atlas;
use crate::model::Level;
use crate::query::{
    Coverage, CoverageQuestion, CoverageRow, MAX_RADIUS_M, coverage, coverage_by_road, facility_classes,
};

/// What a life circle is made for: a quarter of an hour.
const MINUTES: f64 = 15.0;
const MOST_MINUTES: f64 = 240.0;
/// A person on foot, in kilometres an hour.
const SPEED_KMH: f64 = 4.5;
const MOST_SPEED_KMH: f64 = 120.0;
/// Rows when nothing is said, and at most.
const LISTED: usize = 1_000;
const MOST_LISTED: usize = 100_000;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/coverage",
    id: "coverage",
    tag: "spatial",
    summary: "The service circle: who and what is farther than so many minutes from the nearest facility of a class?",
    about: "mode=straight: geodesic distances in a straight line, to the footprint of a building, to the address point of a person. mode=road: along the lines of a table that the \
        catalogue registers, from the middle of a building and from the address point to the nearest road, walked both ways. Facilities count wherever they are, within decides whose \
        buildings and people are counted. The rows add up to the total, with a row for what lies in none of the grids (grid null); most households outside come first. \
        People are counted in groups of five and more of about the same distance, each outside or not as a whole, so that no two answers differ by fewer than five; a count of \
        people that /v1/stats withholds is withheld here, too.",
    params: &[
        Param::required(
            "class",
            "string",
            "The class of facilities that serves; several, separated by commas: the nearest of any.",
            "{class}",
        ),
        Param::optional("minutes", "number", "How long somebody walks, up to 240; 15 by default.", "15"),
        Param::optional(
            "speed",
            "number",
            "How fast, in kilometres an hour, up to 120; 4.5 by default. Minutes and speed may not lead farther than 20 km.",
            "4.5",
        ),
        Param::optional(
            "level",
            "integer",
            "A row a grid of this level, 1 to 6; by default a row a leaf.",
            "2",
        ),
        WITHIN,
        Param::optional("mode", "string", "straight or road; straight by default.", "straight"),
        Param::optional(
            "roads",
            "string",
            "The table layer of the catalogue with the roads, for mode=road; roads by default.",
            "",
        ),
        Param::optional("limit", "integer", "Rows, 1 to 100000; 1000 by default.", "10"),
        TABLE_FORMAT,
    ],
    body: None,
    answer: Answer::json("A row a grid, the worst first.", schema_of::<Coverage>).or(&[CSV]),
    problems: &[404, 410, 422, 504],
    handler: || get(count),
};

/// What was asked, before the grid is looked up.
struct Asked {
    classes: BTreeSet<String>,
    minutes: f64,
    speed_kmh: f64,
    level: Option<Level>,
    within: Option<String>,
    limit: usize,
    /// The layer of the roads to go by; `None`: straight.
    roads: Option<String>,
    as_csv: bool,
}

async fn count(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Asked { classes, minutes, speed_kmh, level, within, limit, roads, as_csv } =
        read(raw.as_deref(), &headers)?;
    let atlas = state.atlas();
    let within = find_within(&state, &atlas, within.as_deref()).await?;
    let question = CoverageQuestion { classes, minutes, speed_kmh, level, within, limit };
    let network = match roads {
        Some(layer) => Some(state.road_network(&layer).await?),
        None => None,
    };
    let withheld = state.withheld(&atlas, &who);
    let work = move || {
        refuse_unknown(&atlas, &question.classes)?;
        let found = match &network {
            Some(network) => coverage_by_road(&atlas, &who, &withheld, &question, network),
            None => coverage(&atlas, &who, &withheld, &question),
        };
        match as_csv {
            true => table(&found).map(|body| csv_answer(&atlas, body)),
            false => Ok(answer(&atlas, &found)),
        }
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

fn read(raw: Option<&str>, headers: &HeaderMap) -> Result<Asked, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let classes = query.required("class", "the class of the facilities that serve", read_classes);
    let minutes = query.optional("minutes", |text| above_zero(text, MOST_MINUTES)).unwrap_or(MINUTES);
    let speed_kmh = query.optional("speed", |text| above_zero(text, MOST_SPEED_KMH)).unwrap_or(SPEED_KMH);
    let metres = minutes / 60.0 * speed_kmh * 1_000.0;
    if metres > MAX_RADIUS_M {
        query.wrong(
            "minutes",
            format!("{minutes} minutes at {speed_kmh} km/h are {metres:.0} m, more than {MAX_RADIUS_M}"),
        );
    }
    let level = query.optional("level", read_level);
    let limit = query.optional("limit", |text| count_within(text, 1, MOST_LISTED)).unwrap_or(LISTED);
    let as_csv = wants_csv(&mut query, headers);
    let by_road = query.optional("mode", |text| match text {
        "road" => Ok(true),
        "straight" => Ok(false),
        other => Err(format!("{:?} is not known; known are straight, road", cut(other))),
    });
    let layer = query.text("roads").map(str::to_owned);
    if layer.is_some() && by_road != Some(true) {
        query.wrong("roads", "roads are for mode=road");
    }
    let roads = (by_road == Some(true)).then(|| layer.unwrap_or_else(|| roads::LAYER.to_owned()));
    let within = query.text(WITHIN.name).map(str::to_owned);
    let classes = query.settle(classes)?;
    Ok(Asked { classes, minutes, speed_kmh, level, within, limit, roads, as_csv })
}

fn above_zero(text: &str, most: f64) -> Result<f64, String> {
    let number = number_within(text, 0.0, most)?;
    if number > 0.0 { Ok(number) } else { Err("give a number above 0".to_owned()) }
}

/// A class without any facility is a slip of the caller more often than a service that nobody has.
fn refuse_unknown(atlas: &Atlas, asked: &BTreeSet<String>) -> Result<(), Problem> {
    let known = facility_classes(atlas);
    let Some(unknown) = asked.iter().find(|class| !known.contains_key(class.as_str())) else { return Ok(()) };
    let known: Vec<&str> = known.into_keys().collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let detail = format!("there is no facility of the class {:?}; there are: {known}", cut(unknown));
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail))
}

/// One line a row; the row of what lies in no grid has an empty code.
fn table(found: &Coverage) -> Result<Vec<u8>, Problem> {
    write_table(found).map_err(|error| Problem::internal(&error))
}

const HEAD: [&str; 10] = [
    "code",
    "name",
    "level",
    "buildings",
    "buildings_outside",
    "households",
    "households_outside",
    "people",
    "people_outside",
    "suppressed",
];

fn write_table(found: &Coverage) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record(HEAD)?;
    found.rows.iter().try_for_each(|row| write_row(&mut lines, row))?;
    Ok(lines.into_inner()?)
}

fn write_row(lines: &mut csv::Writer<Vec<u8>>, row: &CoverageRow) -> Result<(), csv::Error> {
    let grid = row.grid.as_ref();
    let shown = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
    lines.write_record([
        grid.map_or("", |grid| grid.code),
        grid.map_or("", |grid| grid.name),
        &grid.map(|grid| grid.level.to_string()).unwrap_or_default(),
        &row.buildings.total.to_string(),
        &row.buildings.outside.to_string(),
        &row.households.total.to_string(),
        &row.households.outside.to_string(),
        &shown(row.people.total),
        &shown(row.people.outside),
        if row.people.suppressed { "true" } else { "false" },
    ])
}
