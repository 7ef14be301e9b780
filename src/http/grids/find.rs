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
        None => elsewhere(state, atlas, name, id).await,
    }
}

/// The grid that `within` names, if it names one.
pub(in super::super) async fn find_within(
    state: &AppState,
    atlas: &Atlas,
    name: Option<&str>,
) -> Result<Option<GridIndex>, Problem> {
    match name {
        Some(name) => find(state, atlas, name).await.map(Some),
        None => Ok(None),
    }
}

/// What the database knows of a grid that the atlas does not name so: a former code, a retired grid, or nothing.
async fn elsewhere(
    state: &AppState,
    atlas: &Atlas,
    name: &str,
    id: Option<Uuid>,
) -> Result<GridIndex, Problem> {
    let unknown = || Problem::not_found(format!("there is no grid {:?}", cut(name)));
    let asked = match id {
        Some(id) => state.store().successors(GridId(id)).await.map(Known::Successors),
        None => state.store().find_code(name).await.map(Known::Code),
    };
    match asked {
        Ok(Known::Code(CodeStatus::Current(id))) => atlas.grids().find_id(id).ok_or_else(unknown),
        Ok(Known::Code(CodeStatus::Retired { successors, .. })) => Err(gone(name, &successors)),
        Ok(Known::Successors(successors)) if !successors.is_empty() => Err(gone(name, &successors)),
        Ok(_) => Err(unknown()),
        Err(error) if error.is_unavailable() => Err(Problem::not_found(format!(
            "there is no grid {:?} now; the database is away, so it cannot be told whether there ever was one",
            cut(name)
        ))),
        Err(error) => Err(error.into()),
    }
}

enum Known {
    Code(CodeStatus),
    Successors(Vec<Successor>),
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
