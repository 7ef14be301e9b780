//! `GET /v1/stats`: how much lies in each grid of a level, and in none of them?

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::answer::{CSV, TABLE_FORMAT, answer, csv_answer, wants_csv};
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::grids::{WITHIN, find_within, read_level};
use super::params::{Query, cut};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::query::{Counted, Stats, StatsRow, stats};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/stats",
    id: "stats",
    tag: "spatial",
    summary: "How much lies in each grid of a level, and in none of them?",
    about: "The rows add up to the total: what lies in none of the grids of the level is a row of its own, whose grid is null (in CSV an empty code). A count of people \
        below 5 is withheld (null, suppressed), and so are others where it would follow by subtraction.",
    params: &[
        Param::required(
            "collection",
            "string",
            "What to count: buildings, facilities, people.",
            "facilities",
        ),
        Param::required("level", "integer", "The level of the grids, 1 to 6.", "2"),
        WITHIN,
        Param::optional("group", "string", "class: counts by class, too. People have none.", "class"),
        TABLE_FORMAT,
    ],
    body: None,
    answer: Answer::json("A row a grid.", schema_of::<Stats>).or(&[CSV]),
    problems: &[404, 410],
    handler: || get(count),
};

/// What was asked.
struct Asked {
    counted: Counted,
    level: crate::model::Level,
    within: Option<String>,
    by_class: bool,
    as_csv: bool,
}

async fn count(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = read(raw.as_deref(), &headers)?;
    let atlas = state.atlas();
    let within = find_within(&state, &atlas, asked.within.as_deref()).await?;
    let withheld = state.withheld(&atlas, &who);
    let work = move || {
        let found = stats(&atlas, &who, &withheld, asked.counted, asked.level, within, asked.by_class);
        match asked.as_csv {
            true => table(&found).map(|body| csv_answer(&atlas, body)),
            false => Ok(answer(&atlas, &found)),
        }
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

fn read(raw: Option<&str>, headers: &HeaderMap) -> Result<Asked, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let known = "buildings, facilities or people";
    let counted = query.required("collection", known, |text| Counted::parse(&cut(text)));
    let level = query.required("level", "the level of the grids to count by, 1 to 6", read_level);
    let by_class = query
        .optional("group", |text| match text {
            "class" => Ok(true),
            other => Err(format!("{:?} is not known; known is class", cut(other))),
        })
        .unwrap_or(false);
    if by_class && counted == Some(Counted::People) {
        query.wrong("group", "people have no classes");
    }
    let as_csv = wants_csv(&mut query, headers);
    let within = query.text(WITHIN.name).map(str::to_owned);
    let (counted, level) = query.settle(counted.zip(level))?;
    Ok(Asked { counted, level, within, by_class, as_csv })
}

/// One line a row, or a row and class; the row of what lies in no grid has an empty code.
fn table(stats: &Stats) -> Result<Vec<u8>, Problem> {
    write_table(stats).map_err(|error| Problem::internal(&error))
}

fn write_table(stats: &Stats) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    match stats.total.classes.is_some() {
        true => lines.write_record(["code", "name", "class", "count"])?,
        false => lines.write_record(["code", "name", "count", "suppressed"])?,
    }
    stats.rows.iter().try_for_each(|row| write_row(&mut lines, row))?;
    Ok(lines.into_inner()?)
}

fn write_row(lines: &mut csv::Writer<Vec<u8>>, row: &StatsRow) -> Result<(), csv::Error> {
    let (code, name) = row.grid.as_ref().map_or(("", ""), |grid| (grid.code, grid.name));
    match &row.classes {
        Some(classes) => classes
            .iter()
            .try_for_each(|(class, count)| lines.write_record([code, name, class, &count.to_string()])),
        None => {
            let count = row.count.map(|count| count.to_string()).unwrap_or_default();
            lines.write_record([code, name, &count, if row.suppressed { "true" } else { "false" }])
        }
    }
}
