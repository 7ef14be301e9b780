//! `GET /v1/nearby`: what lies around a point, and who answers for it?

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;

use super::answer::answer;
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::looking::{CLASSES, COLLECTIONS, LIMIT, looking};
use super::params::{Query, number_within};
use super::position::{self, AT, CRS, LAT, LON, ROLES};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::query::{MAX_RADIUS_M, Nearby, NearbyQuestion, nearby};
use crate::resolve::{Question, as_of};

/// Rings when none are asked for, in metres: what a commander asks first.
const RINGS: [f64; 3] = [500.0, 1_000.0, 3_000.0];
/// The most rings.
const MOST_RINGS: usize = 20;
pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/nearby",
    id: "nearby",
    tag: "spatial",
    summary: "What lies around a point, nearest first, and who is on duty there?",
    about: "Distances are geodesic: to a facility, or to the footprint of a building. Counts are of everything within the radius, lists say when they \
        were cut off. The grids are the leaves that the circle reaches, with the people on duty at that instant; resources are those of now.",
    params: &[
        LON,
        LAT,
        CRS,
        Param::optional(
            "radius",
            "number",
            "How far to look, in metres, up to 20000; by default as far as the outermost ring.",
            "3000",
        ),
        Param::optional(
            "rings",
            "string",
            "Outer edges of the rings that are counted, in metres, ascending; 500,1000,3000 by default.",
            "500,1000,3000",
        ),
        COLLECTIONS,
        CLASSES,
        LIMIT,
        AT,
        ROLES,
    ],
    body: None,
    answer: Answer::json(
        "Counts by ring, the nearest resources, the grids and who is on duty.",
        schema_of::<Nearby>,
    ),
    problems: &[],
    handler: || get(look),
};

async fn look(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let question = read(&state, raw.as_deref())?;
    let atlas = state.atlas();
    let work = move || {
        let moment = Question {
            point: question.point,
            accuracy_m: question.radius_m,
            at: question.looking.at,
            roles: question.looking.roles.clone(),
        };
        answer(&atlas, &nearby(&atlas, &as_of(&atlas, &moment), &who, &question))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

fn read(state: &AppState, raw: Option<&str>) -> Result<NearbyQuestion, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let point = position::position(&mut query, state.config().gcj_inverse);
    let rings = query.optional("rings", read_rings);
    let given = rings.as_ref().and_then(|rings| rings.last().copied());
    let radius = query.optional("radius", |text| number_within(text, 0.0, MAX_RADIUS_M));
    if let (Some(radius), Some(outermost)) = (radius, given)
        && outermost > radius
    {
        query.wrong("rings", format!("a ring of {outermost} m lies beyond the radius of {radius} m"));
    }
    let radius_m = radius.or(given).unwrap_or(RINGS[RINGS.len() - 1]);
    let looking = looking(&mut query);
    let point = query.settle(point)?;
    let rings = rings.unwrap_or_else(|| RINGS.into_iter().filter(|edge| *edge <= radius_m).collect());
    Ok(NearbyQuestion { point, radius_m, rings, looking })
}

fn read_rings(text: &str) -> Result<Vec<f64>, String> {
    let edges = text.split(',').map(|edge| number_within(edge.trim(), 0.0, MAX_RADIUS_M));
    let edges = edges.collect::<Result<Vec<_>, _>>()?;
    if edges.len() > MOST_RINGS {
        return Err(format!("{} rings are more than {MOST_RINGS}", edges.len()));
    }
    if !edges.is_sorted_by(|inner, outer| inner < outer) || edges[0] <= 0.0 {
        return Err("give metres above 0 in ascending order, such as 500,1000,3000".to_owned());
    }
    Ok(edges)
}
