//! What operators ask: is it alive, is it ready, what are its figures?

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{answer, json};
use super::endpoint::{Answer, Endpoint, schema_of};
use super::params::none;
use super::principal::Caller;
use super::{AppState, Problem};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::query::PEOPLE_THRESHOLD;

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 4] = [&STATUS, &HEALTH, &READY, &METRICS];

/// An endpoint without parameters.
macro_rules! plain {
    ($path:literal, $id:literal, $summary:literal, $answer:expr, $problems:expr, $handler:expr) => {
        Endpoint {
            method: "GET",
            path: $path,
            id: $id,
            tag: "operation",
            summary: $summary,
            about: "",
            params: &[],
            body: None,
            answer: $answer,
            problems: $problems,
            handler: $handler,
        }
    };
}

static STATUS: Endpoint = plain!(
    "/v1/status",
    "status",
    "What is loaded: revision, counts, levels, bounds, memory",
    Answer::json("The status.", schema_of::<Status>),
    &[],
    || get(status)
);
static HEALTH: Endpoint = plain!(
    "/healthz",
    "health",
    "Does the process answer?",
    Answer::json("It does.", schema_of::<Health>),
    &[],
    || get(health)
);
static READY: Endpoint = plain!(
    "/readyz",
    "ready",
    "Are there data to answer from, and how old are they?",
    Answer::json("There are.", schema_of::<Ready>),
    &[503],
    || get(ready)
);
static METRICS: Endpoint = plain!(
    "/metrics",
    "metrics",
    "Figures for Prometheus",
    Answer::media("text/plain", "Text format 0.0.4."),
    &[],
    || get(metrics)
);

/// What is loaded.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerStatus)]
struct Status {
    /// The revision that answers are given from; 0 before anything was imported.
    revision: i64,
    /// When the picture in memory was built.
    built: DateTime<Utc>,
    /// Grids of all levels.
    grids: usize,
    /// Workers.
    workers: usize,
    /// Buildings.
    buildings: usize,
    /// Facilities.
    facilities: usize,
    /// People, as a count; null where it is small, or where the policy counts nobody.
    people: Option<usize>,
    /// True when there are invented sample data among them.
    invented: bool,
    /// West, south, east, north in degrees; null when there are no grids.
    bounds: Option<[f64; 4]>,
    /// The levels in use, from the top down.
    levels: Vec<LevelStatus>,
    /// Resident memory of the process; null where the system does not tell.
    memory_bytes: Option<u64>,
    /// Seconds since the database last confirmed the revision; 0 while it does.
    stale_seconds: u64,
    /// Version of Gewu.
    version: &'static str,
}

/// One level.
#[derive(Serialize, ToSchema)]
struct LevelStatus {
    /// 1 to 6.
    level: u8,
    /// Its name in Chinese.
    name: String,
    /// Its name in English.
    name_en: String,
    /// The first zoom of its tiles.
    min_zoom: u8,
    /// The last zoom of its tiles.
    max_zoom: u8,
    /// How many grids it has.
    count: usize,
}

/// The process answers.
#[derive(Serialize, ToSchema)]
struct Health {
    /// ok.
    status: &'static str,
    /// Version of Gewu.
    version: &'static str,
}

/// There are data to answer from.
#[derive(Serialize, ToSchema)]
struct Ready {
    /// ready, or stale while the database is away and answers come from memory.
    status: &'static str,
    /// The revision that answers are given from.
    revision: i64,
    /// When the picture in memory was built.
    built: DateTime<Utc>,
    /// Seconds since the database last confirmed the revision; 0 while it does.
    stale_seconds: u64,
}

async fn status(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &STATUS)?;
    let atlas = state.atlas();
    Ok(answer(&atlas, &describe(&state, &atlas, &who)))
}

fn describe(state: &AppState, atlas: &Atlas, who: &Principal) -> Status {
    let people = atlas.resources().people();
    let few = (1..PEOPLE_THRESHOLD as usize).contains(&people);
    let is_shown = !few && who.policy_class().counts_people();
    let level = |entry: &crate::model::LevelName| LevelStatus {
        level: entry.level.number(),
        name: entry.name.clone(),
        name_en: entry.name_en.clone(),
        min_zoom: entry.min_zoom,
        max_zoom: entry.max_zoom,
        count: atlas.grids().at_level(entry.level).len(),
    };
    Status {
        revision: atlas.revision(),
        built: atlas.built(),
        grids: atlas.grids().len(),
        workers: atlas.staff().len(),
        buildings: atlas.resources().building_count(),
        facilities: atlas.resources().facility_count(),
        people: is_shown.then_some(people),
        invented: atlas.grids().any_invented(),
        bounds: atlas.grids().bounds().map(|e| [e.min[0], e.min[1], e.max[0], e.max[1]]),
        levels: atlas.levels().levels.iter().map(level).collect(),
        memory_bytes: resident_memory(),
        stale_seconds: state.freshness().stale_seconds().unwrap_or(0),
        version: env!("CARGO_PKG_VERSION"),
    }
}

async fn health(RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    none(raw.as_deref(), &HEALTH)?;
    Ok(json(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}

async fn ready(State(state): State<AppState>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    none(raw.as_deref(), &READY)?;
    let atlas = state.atlas();
    if atlas.grids().is_empty() {
        let detail = "there are no grids yet; import them with `gewu import grids`, or start `gewu demo`";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    }
    let stale = state.freshness().stale_seconds();
    let ready = Ready {
        status: if stale.is_some() { "stale" } else { "ready" },
        revision: atlas.revision(),
        built: atlas.built(),
        stale_seconds: stale.unwrap_or(0),
    };
    Ok(answer(&atlas, &ready))
}

async fn metrics(State(state): State<AppState>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    none(raw.as_deref(), &METRICS)?;
    let (atlas, meter) = (state.atlas(), state.meter());
    meter.set("gewu_revision", atlas.revision() as f64);
    meter.set("gewu_stale_seconds", state.freshness().stale_seconds().unwrap_or(0) as f64);
    meter.set("gewu_grids", atlas.grids().len() as f64);
    let (open, idle) = state.store().connections();
    meter.set("gewu_pool_connections", f64::from(open));
    meter.set("gewu_pool_idle_connections", idle as f64);
    meter.set("gewu_free_request_slots", state.slots().available_permits() as f64);
    meter.set("gewu_tile_cache_bytes", state.tile_cache().bytes() as f64);
    meter.set("gewu_event_listeners", state.events().listeners() as f64);
    meter.set("gewu_break_glass", state.gate().glasses().count() as f64);
    if let Some(bytes) = resident_memory() {
        meter.set("gewu_memory_bytes", bytes as f64);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], meter.render()).into_response())
}

/// The resident memory of this process in bytes, as Linux tells it.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1_024)
}
