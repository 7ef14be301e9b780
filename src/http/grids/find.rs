//! A grid by code or UUID: found, retired, or unknown.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::super::params::cut;
use super::super::{AppState, Problem};
use crate::atlas::{Atlas, GridIndex};
use crate::model::GridId;
use crate::store::{CodeStatus, Successor};

/// The grid with a code or UUID. A retired one is 410 with its successors, an unknown one 404; only these two ask the
/// database, and without it both are 404 that says so.
pub(in super::super) async fn find(
    state: &AppState,
    atlas: &Atlas,
    name: &str,
) -> Result<GridIndex, Problem> {
    let id = Uuid::parse_str(name).ok();
    let found = id.and_then(|id| atlas.grids().find_id(GridId(id))).or_else(|| atlas.grids().find_code(name));
    match found {
        Some(grid) => Ok(grid),
        None => Err(missing(state, name, id).await),
    }
}

async fn missing(state: &AppState, name: &str, id: Option<Uuid>) -> Problem {
    let unknown = format!("there is no grid {:?}", cut(name));
    let successors = match id {
        Some(id) => state.store().successors(GridId(id)).await,
        None => match state.store().find_code(name).await {
            Ok(CodeStatus::Retired { successors, .. }) => return gone(name, &successors),
            Ok(CodeStatus::Current(_) | CodeStatus::Unknown) => Ok(Vec::new()),
            Err(error) => Err(error),
        },
    };
    match successors {
        Ok(successors) if successors.is_empty() => Problem::not_found(unknown),
        Ok(successors) => gone(name, &successors),
        Err(error) if error.is_unavailable() => Problem::not_found(
            unknown + "; the database is away, so it cannot be told whether there ever was one",
        ),
        Err(error) => Problem::internal(&error),
    }
}

fn gone(name: &str, successors: &[Successor]) -> Problem {
    let list: Vec<_> = successors
        .iter()
        .map(|s| json!({"id": s.id.0, "code": s.code.as_str(), "name": s.name, "share": s.share, "revision": s.revision}))
        .collect();
    let detail = match successors.len() {
        0 => format!("the grid {:?} is retired; nothing took over from it", cut(name)),
        _ => format!("the grid {:?} is retired; see successors", cut(name)),
    };
    Problem::new(StatusCode::GONE, detail).with("successors", json!(list))
}
