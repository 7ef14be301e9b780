//! What is to be exported: the collection with its fields, and which of its features.

use std::sync::Arc;

use super::ExportArgs;
use crate::atlas::Atlas;
use crate::cli::Failure;
use crate::cli::follow::read_atlas;
use crate::cql::{self, Language, Queryable};
use crate::features::format::Shown;
use crate::features::{
    Collection, Collections, OutputCrs, Pages, Source, grid_fields, grid_queryables, read_bbox, read_period,
};
use crate::model::Field;
use crate::store::{ItemsQuery, Period, Store, TableFilter};

/// Collections that never leave the house.
const PERSONAL: [&str; 2] = ["people", "workers"];

/// What the arguments ask for.
pub(super) struct Asked {
    pub(super) pages: Pages,
    pub(super) query: ItemsQuery,
    pub(super) shown: Shown,
}

impl Asked {
    /// Reads what can be read before the database is asked, then looks at the collection.
    pub(super) async fn read(
        args: &ExportArgs,
        collections: &Collections,
        store: &Store,
    ) -> Result<Self, Failure> {
        let collection = find(collections, &args.collection)?;
        let crs = read("--crs", args.crs.as_deref(), OutputCrs::parse)?.unwrap_or_default();
        let period = read("--datetime", args.datetime.as_deref(), read_period)?;
        let degrees = OutputCrs::default();
        let boxes = read("--bbox", args.bbox.as_deref(), |text| read_bbox(text, &degrees))?;
        let (boxes, _) = boxes.unwrap_or_default();
        let (pages, fields, has_whole_ids) = open(collection, store, period).await?;
        let condition = {
            let queryables = queryables(&pages);
            read("--filter", args.filter.as_deref(), |text| cql::parse(text, language(text), &queryables))?
        };
        let chosen = read("--properties", args.properties.as_deref(), |text| places(text, &fields))?;
        let query = ItemsQuery {
            filter: TableFilter { condition, ..TableFilter::default() },
            boxes,
            period,
            limit: usize::MAX,
            ..ItemsQuery::default()
        };
        let chosen = chosen.unwrap_or_else(|| (0..fields.len()).collect());
        let shown = Shown { name: collection.id.clone(), fields: fields.into(), has_whole_ids, chosen, crs };
        Ok(Self { pages, query, shown })
    }
}

fn find<'a>(collections: &'a Collections, id: &str) -> Result<&'a Arc<Collection>, Failure> {
    if PERSONAL.contains(&id) {
        return Err(Failure::Usage(format!("{id}: 个人信息从不导出 people and workers are never exported")));
    }
    collections.get(id).ok_or_else(|| {
        let known: Vec<_> = collections.iter().map(|collection| collection.id.as_str()).collect();
        Failure::Usage(format!("there is no collection {id:?}; there are: {}", known.join(", ")))
    })
}

/// A value of a flag; what is wrong is told with its name.
fn read<T, E: std::fmt::Display>(
    flag: &str,
    text: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Failure> {
    text.map(read).transpose().map_err(|error| Failure::Usage(format!("{flag}: {error}")))
}

async fn open(
    collection: &Collection,
    store: &Store,
    period: Option<Period>,
) -> Result<(Pages, Vec<Field>, bool), Failure> {
    match &collection.source {
        Source::Grids => {
            let atlas = read_atlas(store).await?;
            let atlas = tokio::task::spawn_blocking(move || during(atlas, period)).await;
            let atlas = atlas.map_err(|error| Failure::Environment(error.to_string()))?;
            Ok((Pages::Grids(Arc::new(atlas)), grid_fields(), false))
        }
        Source::Table { table, time } => {
            let table = Arc::new(store.inspect_table(table).await?);
            let (fields, has_whole_ids) = (collection.fields_of(&table), table.has_whole_ids());
            Ok((Pages::Table { store: store.clone(), table, time: time.clone() }, fields, has_whole_ids))
        }
    }
}

/// The grids of a period: of an instant as they were then, of an interval each as it was last.
fn during(atlas: Atlas, period: Option<Period>) -> Atlas {
    match period {
        None => atlas,
        Some(Period { from: Some(from), until: Some(until) }) if from == until => atlas.at(from),
        Some(Period { from, until }) => atlas.during(from, until),
    }
}

fn queryables(pages: &Pages) -> Vec<Queryable<'_>> {
    match pages {
        Pages::Grids(_) => grid_queryables(),
        Pages::Table { table, .. } => table.queryables(),
    }
}

/// JSON begins with a brace, and no text does.
fn language(text: &str) -> Language {
    if text.trim_start().starts_with('{') { Language::Json } else { Language::Text }
}

fn places(text: &str, fields: &[Field]) -> Result<Vec<usize>, String> {
    let place = |name: &str| {
        fields.iter().position(|field| field.name == name).ok_or_else(|| {
            let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
            format!("there is no field {name:?}; there are: {}", names.join(", "))
        })
    };
    text.split(',').map(|name| place(name.trim())).collect()
}
