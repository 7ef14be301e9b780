//! `GET /v1/search`: grids, buildings and facilities by what somebody types.

use std::collections::BTreeSet;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;

use super::answer::answer;
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::grids::{WITHIN, find_within};
use super::params::{Query, count_within, cut};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::query::{SearchAnswer, SearchQuestion, Searched, Sought, search};

/// How many are listed when nothing is said, and at most.
const LISTED: usize = 20;
const MOST_LISTED: usize = 100;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/search",
    id: "search",
    tag: "spatial",
    summary: "Find grids, buildings and facilities by name, address, code or pinyin",
    about: "The best first: the code itself, the name itself, what begins with it, what contains it, the address; then each word somewhere, a place and what is there \
        (大理派出所), and names that differ by a slip. Chinese characters, the syllables of pinyin and first letters, also mixed (xingfu xiaoqu 3 dong, xfxq, 幸福xq). Case, \
        width, spaces and punctuation do not count, and a number is never taken for another. People and workers cannot be searched for.",
    params: &[
        Param::required("q", "string", "What was typed, up to 63 characters.", "dali"),
        Param::optional(
            "collections",
            "string",
            "Where to look: grids, buildings, facilities; by default in all.",
            "grids,facilities",
        ),
        WITHIN,
        Param::optional("limit", "integer", "How many to list, 1 to 100; 20 by default.", "10"),
    ],
    body: None,
    answer: Answer::json("What was found, the best first.", schema_of::<SearchAnswer>),
    problems: &[404, 410],
    handler: || get(look),
};

/// What was asked, before the grid is looked up.
struct Asked {
    sought: Sought,
    collections: BTreeSet<Searched>,
    within: Option<String>,
    limit: usize,
}

async fn look(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let Asked { sought, collections, within, limit } = read(raw.as_deref())?;
    let atlas = state.atlas();
    let within = find_within(&state, &atlas, within.as_deref()).await?;
    let question = SearchQuestion { sought, collections, within, limit };
    let work = move || {
        let index = state.search_index(&atlas);
        answer(&atlas, &search(&atlas, &index, &who, &question))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

fn read(raw: Option<&str>) -> Result<Asked, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let sought = query.required("q", "what to look for", Sought::parse);
    let collections =
        |text: &str| text.split(',').map(|name| Searched::parse(cut(name.trim()).as_str())).collect();
    let collections = query.optional("collections", collections).unwrap_or_else(|| Searched::ALL.into());
    let limit = query.optional("limit", |text| count_within(text, 1, MOST_LISTED)).unwrap_or(LISTED);
    let within = query.text(WITHIN.name).map(str::to_owned);
    let sought = query.settle(sought)?;
    Ok(Asked { sought, collections, within, limit })
}
