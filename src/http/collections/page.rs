//! A page of a collection, from the atlas or from the database.

use std::sync::Arc;

use chrono::Utc;

use super::super::{AppState, Problem};
use super::opened::Opened;
use crate::atlas::Atlas;
use crate::features::{Pages, grid_items};
use crate::store::{ItemsQuery, Page, Period};

/// Where the features of a request come from, the same for all its pages.
pub(super) enum Origin {
    /// The grids of a moment.
    Atlas(Arc<Atlas>),
    /// A table.
    Table(Opened),
}

impl Origin {
    /// That of a collection at the time that is asked for.
    pub(super) async fn of(
        state: &AppState,
        opened: &Opened,
        period: Option<Period>,
    ) -> Result<Self, Problem> {
        if opened.table().is_some() {
            return Ok(Self::Table(opened.clone()));
        }
        let atlas = match period {
            None => state.atlas_at(Utc::now()).await?,
            Some(Period { from: Some(from), until: Some(until) }) if from == until => {
                state.atlas_at(from).await?
            }
            Some(Period { from, until }) => {
                let atlas = state.atlas();
                let during = tokio::task::spawn_blocking(move || Arc::new(atlas.during(from, until))).await;
                during.map_err(|error| Problem::internal(&error))?
            }
        };
        Ok(Self::Atlas(atlas))
    }

    /// One page.
    pub(super) async fn page(&self, state: &AppState, query: ItemsQuery) -> Result<Page, Problem> {
        match self {
            Self::Atlas(atlas) => {
                let atlas = Arc::clone(atlas);
                let page = tokio::task::spawn_blocking(move || grid_items(&atlas, &query)).await;
                page.map_err(|error| Problem::internal(&error))
            }
            Self::Table(opened) => {
                let Some((table, time)) = opened.table() else {
                    return Err(Problem::internal(&"a collection of a table has lost it"));
                };
                match state.store().table_items(table, time, &query).await {
                    Ok(page) => Ok(page),
                    Err(error) => Err(opened.problem(state, error).await),
                }
            }
        }
    }

    /// All pages, for an export.
    pub(super) fn pages(&self, state: &AppState) -> Result<Pages, Problem> {
        match self {
            Self::Atlas(atlas) => Ok(Pages::Grids(Arc::clone(atlas))),
            Self::Table(opened) => {
                let table = opened.table().map(|(table, time)| Pages::Table {
                    store: state.store().clone(),
                    table: Arc::clone(table),
                    time: time.map(str::to_owned),
                });
                table.ok_or_else(|| Problem::internal(&"a collection of a table has lost it"))
            }
        }
    }

    /// The atlas that the features come from.
    pub(super) fn atlas(&self) -> Option<&Arc<Atlas>> {
        match self {
            Self::Atlas(atlas) => Some(atlas),
            Self::Table(_) => None,
        }
    }
}
