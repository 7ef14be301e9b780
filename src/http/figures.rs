//! `GET /v1/figures`: one row of numbers a grid.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};

use super::answer::answer;
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::grids::{WITHIN, find_within, read_level};
use super::params::{Query, cut};
use super::position::{self, AT};
use super::principal::Caller;
use super::{AppState, FieldError, Problem};
use crate::atlas::Atlas;
use crate::model::Level;
use crate::query::{Figure, Figures, Rows, figures};

/// The most figures that are asked for at once.
const MAX_FIGURES: usize = 40;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/figures",
    id: "figures",
    tag: "spatial",
    summary: "Any numbers of many grids: of the children of one, or of a level",
    about: "One value a figure and grid, for trees, rankings and choropleths. figures: households, people, buildings, facilities, \
        facilities.CLASS, grids (below), leaves, vacant (leaves without anybody of their own on duty), workers (on duty, each once), base_grids (whose households are known), of \
        them too_large and too_small by the size rule, which the answer names, and so micro_grids, micro_too_large and micro_too_small. Everything below a grid counts, too. people is null where a count below 5 is withheld, or one that such a count would follow from. \
        people, buildings and facilities are known of this moment only.",
    params: &[
        Param::required("figures", "string", "Names, separated by commas; at most 40.", "households,vacant"),
        Param::optional(
            "parent",
            "string",
            "Rows: the grids directly below this one (code or UUID). Without parent and level: those with none above.",
            "",
        ),
        Param::optional("level", "integer", "Rows: the grids of this level, 1 to 6.", "3"),
        WITHIN,
        AT,
    ],
    body: None,
    answer: Answer::json("A row a grid.", schema_of::<Figures>),
    problems: &[404, 410],
    handler: || get(read_figures),
};

/// What was asked, but for what only an atlas knows.
struct Asked {
    names: Vec<String>,
    parent: Option<String>,
    level: Option<Level>,
    within: Option<String>,
    at: Option<DateTime<Utc>>,
}

async fn read_figures(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let asked = read(raw.as_deref())?;
    let now = state.atlas();
    let figures_asked = known(&asked, &now)?;
    let (at, atlas) = match asked.at {
        Some(at) => (at, state.atlas_at(at).await?),
        None => (Utc::now(), now),
    };
    let named = asked.parent.as_deref().or(asked.within.as_deref());
    let grid = find_within(&state, &atlas, named).await?;
    let rows = asked.level.map_or(Rows::Children(grid), |level| Rows::Level(level, grid));
    // People are asked for of this moment only; of any other, all are withheld.
    let withheld = if asked.at.is_none() { state.withheld(&atlas, &who) } else { Arc::default() };
    let work = move || answer(&atlas, &figures(&atlas, &who, &withheld, &figures_asked, rows, at));
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

fn read(raw: Option<&str>) -> Result<Asked, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let names = query.required("figures", "names such as households,vacant", read_names);
    let level = query.optional("level", read_level);
    let text = |query: &Query, name| query.text(name).map(str::to_owned);
    let (parent, within) = (text(&query, "parent"), text(&query, WITHIN.name));
    if parent.is_some() && (level.is_some() || within.is_some()) {
        query.wrong("parent", "parent asks for the grids directly below it; leave out level and within");
    }
    if within.is_some() && query.text("level").is_none() {
        query.wrong("within", "within goes with level; for the grids directly below one ask with parent");
    }
    let is_given = query.text(AT.name).is_some();
    let at = position::at(&mut query);
    let names = query.settle(names)?;
    Ok(Asked { names, parent, level, within, at: is_given.then_some(at) })
}

fn read_names(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
    match names.len() {
        n if n > MAX_FIGURES => Err(format!("{n} figures are too many; at most {MAX_FIGURES}")),
        _ => Ok(names),
    }
}

/// The figures of the names; each that there is not, or not at that time, is told.
fn known(asked: &Asked, atlas: &Atlas) -> Result<Vec<Figure>, Problem> {
    let wrong = |detail| Problem::fields(vec![FieldError { field: "figures".to_owned(), detail }]);
    let figure = |name: &String| {
        let figure = Figure::parse(&cut(name), atlas).map_err(wrong)?;
        match asked.at.is_some() && figure.is_of_now() {
            true => Err(wrong(format!(
                "{name} is known of this moment only; leave out at, or ask for other figures"
            ))),
            false => Ok(figure),
        }
    };
    asked.names.iter().map(figure).collect()
}
