//! `GET /v1/grids`: list and search.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::answer::answer;
use super::super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::super::params::{Query, count_within, cut};
use super::super::position::{self, AT};
use super::super::principal::Caller;
use super::super::{AppState, Problem};
use super::{WITHIN, find_within};
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::model::{Code, Level};
use crate::resolve::{GridSummary, Place, summarize};

/// Grids on a page, unless `limit` says otherwise.
const DEFAULT_LIMIT: usize = 100;
/// The most grids on a page.
const MAX_LIMIT: usize = 10_000;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/grids",
    id: "grids",
    tag: "grids",
    summary: "List and search grids",
    about: "In ascending order of level and code. next is the address of the next page; it begins after the last grid shown, so \
        it holds while grids come and go.",
    params: &[
        Param::optional("level", "integer", "Only this level, 1 to 6.", "2"),
        WITHIN,
        Param::optional(
            "q",
            "string",
            "Only grids whose name contains this or has it as the initials of its pinyin, or whose code begins with it.",
            "",
        ),
        AT,
        Param::optional("limit", "integer", "Grids on a page, 1 to 10000; 100 by default.", "10"),
        Param::optional("page", "string", "The place where the page begins, as next gave it.", ""),
    ],
    body: None,
    answer: Answer::json("A page of grids.", schema_of::<GridPage>),
    problems: &[404, 410],
    handler: || get(list),
};

/// A page of grids.
#[derive(Serialize, ToSchema)]
struct GridPage<'a> {
    /// The revision that it was given from.
    revision: i64,
    /// How many grids match, on all pages together.
    number_matched: usize,
    /// How many are on this page.
    number_returned: usize,
    /// The grids.
    grids: Vec<GridRow<'a>>,
    /// The address of the next page; null on the last one.
    next: Option<String>,
}

/// A grid in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct GridRow<'a> {
    /// The grid.
    #[serde(flatten)]
    grid: GridSummary<'a>,
    /// The code of the grid above; null at the top.
    parent: Option<String>,
    /// Resident households, where known.
    households: Option<u32>,
    /// West, south, east, north in degrees.
    bbox: [f64; 4],
    /// A point well inside, for a label.
    label_point: Place,
    /// Has it no children?
    leaf: bool,
}

/// A grid as lists show it. Grids are no personal data: every principal may see all of them.
pub(super) fn row<'a>(atlas: &'a Atlas, _who: &Principal, grid: GridIndex) -> GridRow<'a> {
    let grids = atlas.grids();
    let (envelope, label) = (grids.envelope(grid), grids.label_point(grid));
    GridRow {
        grid: summarize(atlas, grid),
        parent: grids.parent(grid).map(|parent| grids.code(parent).to_string()),
        households: grids.households(grid),
        bbox: [envelope.min[0], envelope.min[1], envelope.max[0], envelope.max[1]],
        label_point: Place { lon: label.lon(), lat: label.lat() },
        leaf: grids.is_leaf(grid),
    }
}

/// What a list is narrowed to.
struct Filter {
    level: Option<Level>,
    within: Option<String>,
    q: Option<String>,
    limit: usize,
    after: Option<(Level, Code)>,
    at: DateTime<Utc>,
}

async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let filter = read(raw.as_deref())?;
    let atlas = state.atlas_at(filter.at).await?;
    let within = find_within(&state, &atlas, filter.within.as_deref()).await?;
    let matched = matching(&atlas, &filter, within);
    let start = match &filter.after {
        Some(after) => matched.partition_point(|grid| key(&atlas, *grid) <= (after.0, &after.1)),
        None => 0,
    };
    let end = matched.len().min(start + filter.limit);
    let more = end < matched.len();
    let page = GridPage {
        revision: atlas.revision(),
        number_matched: matched.len(),
        number_returned: end - start,
        grids: matched[start..end].iter().map(|grid| row(&atlas, &who, *grid)).collect(),
        next: more.then(|| next(raw.as_deref(), &atlas, matched[end - 1])),
    };
    Ok(answer(&atlas, &page))
}

fn read(raw: Option<&str>) -> Result<Filter, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let at = position::at(&mut query);
    let filter = Filter {
        level: query.optional("level", read_level),
        within: query.text(WITHIN.name).map(str::to_owned),
        q: query.text("q").map(str::to_lowercase),
        limit: query.optional("limit", |text| count_within(text, 1, MAX_LIMIT)).unwrap_or(DEFAULT_LIMIT),
        after: query.optional("page", read_page),
        at,
    };
    query.finish()?;
    Ok(filter)
}

pub(in super::super) fn read_level(text: &str) -> Result<Level, String> {
    let number: i64 =
        text.parse().map_err(|_| format!("{:?} is not a level; levels are 1 to 6", cut(text)))?;
    Level::new(number).map_err(|error| error.to_string())
}

/// A page begins after a level and a code: `5.532901001001003`.
fn read_page(text: &str) -> Result<(Level, Code), String> {
    let wrong = || format!("{:?} is no page; take the address that next gave", cut(text));
    let (level, code) = text.split_once('.').ok_or_else(wrong)?;
    Ok((read_level(level).map_err(|_| wrong())?, Code::parse(code).map_err(|_| wrong())?))
}

fn matching(atlas: &Atlas, filter: &Filter, within: Option<GridIndex>) -> Vec<GridIndex> {
    let grids = atlas.grids();
    let says = |grid: &GridIndex| match filter.q.as_deref() {
        Some(q) => {
            grids.name(*grid).to_lowercase().contains(q)
                || grids.code(*grid).as_str().to_ascii_lowercase().starts_with(q)
                || crate::query::has_initials(grids.name(*grid), q)
        }
        None => true,
    };
    let level = |grid: &GridIndex| filter.level.is_none_or(|level| grids.level(*grid) == level);
    let mut found: Vec<_> = match within {
        Some(top) => std::iter::once(top).chain(grids.descendants(top)).filter(level).filter(says).collect(),
        None => grids.all().filter(level).filter(says).collect(),
    };
    grids.sort(&mut found);
    found
}

fn key(atlas: &Atlas, grid: GridIndex) -> (Level, &Code) {
    (atlas.grids().level(grid), atlas.grids().code(grid))
}

fn next(raw: Option<&str>, atlas: &Atlas, last: GridIndex) -> String {
    let (level, code) = key(atlas, last);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(
        form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).filter(|(key, _)| key != "page"),
    );
    query.append_pair("page", &format!("{level}.{code}"));
    format!("/v1/grids?{}", query.finish())
}
