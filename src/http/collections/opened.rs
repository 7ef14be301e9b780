//! The collection of a request, with its fields and the table that it comes from.

use std::sync::Arc;

use axum::http::StatusCode;

use super::super::params::cut;
use super::super::tables::{Looked, Of, problem};
use super::super::{AppState, Problem};
use crate::atlas::Atlas;
use crate::cql::Queryable;
use crate::features::format::Shown;
use crate::features::{Collection, OutputCrs, Source, grid_fields, grid_queryables};
use crate::model::Field;
use crate::store::{Table, TableError};

/// A collection that can be asked.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) collection: Arc<Collection>,
    pub(super) fields: Arc<[Field]>,
    /// None: it is answered from the atlas.
    looked: Option<Looked>,
}

/// Collections with people in them, and what there is instead.
const CLOSED: [(&str, &str); 2] = [
    (
        "people",
        "residents have neither filters nor a schema; those who serve them ask for /collections/people/items",
    ),
    (
        "workers",
        "workers have neither filters nor a schema; those who see their names and phones ask for /collections/workers/items",
    ),
];

/// The collection of a name.
pub(super) fn find<'a>(state: &'a AppState, id: &str) -> Result<&'a Arc<Collection>, Problem> {
    if let Some((_, instead)) = CLOSED.iter().find(|(closed, _)| *closed == id) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            format!("the collection {id:?} is closed: {instead}"),
        ));
    }
    state.collections().get(id).ok_or_else(|| {
        let known: Vec<_> = state.collections().iter().map(|collection| collection.id.as_str()).collect();
        Problem::not_found(format!("there is no collection {:?}; there are: {}", cut(id), known.join(", ")))
    })
}

/// Opens the collection of a name: looks at its table, if it has one.
pub(super) async fn open(state: &AppState, id: &str) -> Result<Opened, Problem> {
    let collection = Arc::clone(find(state, id)?);
    let Source::Table { table, .. } = &collection.source else {
        return Ok(Opened { collection, fields: grid_fields().into(), looked: None });
    };
    let looked = state.collection_tables().get(state.store(), &collection.id, table).await;
    let looked = looked.map_err(|error| problem(Of::Collection(&collection.id), error))?;
    let fields = collection.fields_of(&looked.table).into();
    Ok(Opened { collection, fields, looked: Some(looked) })
}

impl Opened {
    /// The table that it comes from, and the column that says when a feature is.
    pub(super) fn table(&self) -> Option<(&Arc<Table>, Option<&str>)> {
        let looked = self.looked.as_ref()?;
        let Source::Table { time, .. } = &self.collection.source else { return None };
        Some((&looked.table, time.as_deref()))
    }

    /// Its features with all their fields.
    pub(super) fn shown(&self, crs: OutputCrs) -> Shown {
        Shown {
            name: self.collection.id.clone(),
            fields: Arc::clone(&self.fields),
            has_whole_ids: self.has_whole_ids(),
            chosen: (0..self.fields.len()).collect(),
            crs,
        }
    }

    /// What can be asked of its features.
    pub(super) fn queryables(&self) -> Vec<Queryable<'_>> {
        match &self.looked {
            None => grid_queryables(),
            Some(looked) => looked.table.queryables(),
        }
    }

    /// EPSG code of the system in which its features are kept.
    pub(super) fn storage_srid(&self) -> i32 {
        self.looked.as_ref().map_or(4490, |looked| looked.table.srid())
    }

    /// Are its identities whole numbers? Otherwise they are UUIDs.
    pub(super) fn has_whole_ids(&self) -> bool {
        self.looked.as_ref().is_some_and(|looked| looked.table.has_whole_ids())
    }

    /// Has a feature a time?
    pub(super) fn has_time(&self) -> bool {
        match &self.collection.source {
            Source::Grids => true,
            Source::Table { time, .. } => time.is_some(),
        }
    }

    /// The fields by which features can be put in order.
    pub(super) fn sortables(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.kind.is_json())
    }

    /// West, south, east and north of everything, in degrees; `None`: nothing is there, or nobody knows.
    pub(super) async fn extent(&self, state: &AppState, atlas: &Atlas) -> Option<[f64; 4]> {
        let envelope = match &self.looked {
            None => atlas.grids().bounds(),
            Some(looked) => looked.extent(state.store()).await.ok()?,
        };
        envelope.map(|e| [e.min[0], e.min[1], e.max[0], e.max[1]])
    }

    /// What a caller is told when its table could not be read; a table that turned out to be another one is looked at anew next time.
    pub(super) async fn problem(&self, state: &AppState, error: TableError) -> Problem {
        if matches!(error, TableError::Changed { .. }) {
            state.collection_tables().forget(&self.collection.id).await;
        }
        problem(Of::Collection(&self.collection.id), error)
    }
}
