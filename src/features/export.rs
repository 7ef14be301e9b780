//! Everything that matches, in a format: page after page, each written before the next one is asked for. So memory does not grow with what is
//! written, and whoever stops asking ends the query too.

use std::sync::Arc;

use thiserror::Error;
use tokio::task::{JoinError, spawn_blocking};

use super::format::{EncodeError, FeatureEncoder};
use super::grids::{grid_feature, grid_order};
use crate::atlas::{Atlas, GridIndex};
use crate::model::Feature;
use crate::store::{ItemsQuery, Store, Table, TableError};

/// Features of one step.
const STEP: usize = 1_000;

/// Where the features of an export come from.
pub enum Pages {
    /// The grids of an atlas.
    Grids(Arc<Atlas>),
    /// The rows of a table; `time`: the column that says when they are.
    Table {
        /// The database.
        store: Store,
        /// The table.
        table: Arc<Table>,
        /// The column that says when a feature is.
        time: Option<String>,
    },
}

/// Why an export ended before it was whole.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The table could not be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A feature could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The thread that did the work is gone.
    #[error("the work was ended: {0}")]
    Ended(#[from] JoinError),
}

/// An export under way.
pub struct Export {
    pages: Pages,
    query: ItemsQuery,
    encoder: Option<Box<dyn FeatureEncoder>>,
    /// Grids that are still to come, in their order, which is worked out once.
    grids: Option<std::vec::IntoIter<GridIndex>>,
    /// How many features may still come.
    left: usize,
    written: u64,
    matched: Option<u64>,
    is_begun: bool,
}

impl Export {
    /// Of all features that match, or of as many as the limit says; they are counted if the query says so.
    pub fn new(pages: Pages, encoder: Box<dyn FeatureEncoder>, query: ItemsQuery) -> Self {
        let left = query.limit;
        Self {
            pages,
            query,
            encoder: Some(encoder),
            grids: None,
            left,
            written: 0,
            matched: None,
            is_begun: false,
        }
    }

    /// How many features were written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many features match; `None`: they were not counted.
    pub fn matched(&self) -> Option<u64> {
        self.matched
    }

    /// Writes one more page: what is ready of it, which may be nothing yet; `None`: all is written.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        let Some(mut encoder) = self.encoder.take() else { return Ok(None) };
        let page = self.page().await?;
        let (is_first, is_last) = (!std::mem::replace(&mut self.is_begun, true), self.left == 0);
        let written = spawn_blocking(move || {
            let mut out = Vec::new();
            if is_first {
                encoder.begin(&mut out)?;
            }
            let features = page.features();
            let count = features.len();
            for feature in features {
                encoder.feature(&mut out, &feature)?;
            }
            if is_last {
                encoder.end(&mut out)?;
            }
            Ok::<_, EncodeError>((encoder, out, count))
        });
        let (encoder, out, count) = written.await??;
        self.written += count as u64;
        self.encoder = (!is_last).then_some(encoder);
        Ok(Some(out))
    }

    /// The next features; behind the last ones nothing is left.
    async fn page(&mut self) -> Result<Features, ExportError> {
        let limit = self.left.min(STEP);
        let (features, is_more) = match &self.pages {
            Pages::Grids(atlas) => {
                let grids = match &mut self.grids {
                    Some(grids) => grids,
                    none => {
                        let (of, query) = (Arc::clone(atlas), self.query.clone());
                        let order = spawn_blocking(move || grid_order(&of, &query)).await?;
                        self.matched = Some(order.len() as u64);
                        none.insert(order.into_iter())
                    }
                };
                let page = grids.by_ref().take(limit).collect();
                let has_geometry = !self.query.is_without_geometry;
                (Features::Grids(Arc::clone(atlas), page, has_geometry), grids.len() > 0)
            }
            Pages::Table { store, table, time } => {
                let query = ItemsQuery { limit, ..self.query.clone() };
                let page = store.table_items(table, time.as_deref(), &query).await?;
                self.matched = self.matched.or(page.matched);
                self.query.is_counted = false;
                let is_more = page.next.is_some();
                self.query.after = page.next;
                (Features::Read(page.features), is_more)
            }
        };
        self.left = if is_more { self.left - features.len() } else { 0 };
        Ok(features)
    }
}

/// The features of a page.
enum Features {
    Read(Vec<Feature>),
    /// Still to be put together, with their geometries or without.
    Grids(Arc<Atlas>, Vec<GridIndex>, bool),
}

impl Features {
    fn len(&self) -> usize {
        match self {
            Self::Read(features) => features.len(),
            Self::Grids(_, grids, _) => grids.len(),
        }
    }

    /// Each when it is its turn.
    fn features(self) -> Box<dyn ExactSizeIterator<Item = Feature>> {
        match self {
            Self::Read(features) => Box::new(features.into_iter()),
            Self::Grids(atlas, grids, has_geometry) => {
                Box::new(grids.into_iter().map(move |grid| grid_feature(&atlas, grid, has_geometry)))
            }
        }
    }
}
