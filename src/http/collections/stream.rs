//! Everything that matches, in one stream: page after page, each written when the reader has taken the one before. When the reader leaves, so
//! does the query.

use std::io;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::{StreamExt, stream};

use super::super::answer::from_atlas;
use super::super::{AppState, Problem};
use super::asked::{Asked, MAX_LIMIT};
use super::format::Format;
use super::items::{put_crs, streamed, unwritable};
use super::opened::Opened;
use super::page::Origin;
use crate::features::format::{
    CsvEncoder, EncodeError, FeatureEncoder, FlatGeobufEncoder, GeoJsonSeqEncoder, GeoParquetEncoder, Shown,
};
use crate::features::{Export, ExportError};
use crate::store::ItemsQuery;

/// Answers with all that matches, or with as much as the limit says.
pub(super) async fn all(
    state: &AppState,
    opened: &Opened,
    asked: Asked,
    format: Format,
) -> Result<Response, Problem> {
    let origin = Origin::of(state, opened, asked.query.period).await?;
    let encoder = encoder(format, &asked.shown(opened)).map_err(unencodable)?;
    let limit = if asked.is_limited { asked.query.limit.min(MAX_LIMIT) } else { usize::MAX };
    let query = ItemsQuery { is_counted: false, limit, ..asked.query };
    let mut export = Export::new(origin.pages(state)?, encoder, query);
    // What fails at once is told as a problem; later the stream can only break off.
    let first = match export.next().await {
        Ok(first) => Bytes::from(first.unwrap_or_default()),
        Err(ExportError::Table(error)) => return Err(opened.problem(state, error).await),
        Err(ExportError::Encode(error)) => return Err(unencodable(error)),
        Err(ExportError::Ended(error)) => return Err(Problem::internal(&error)),
    };
    let rest = stream::try_unfold(export, |mut export| async move {
        let next = export.next().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(next.map(|bytes| (Bytes::from(bytes), export)))
    });
    let body = stream::once(async move { Ok(first) }).chain(rest);
    // A page of a format with larger pieces may have nothing that is ready.
    let body =
        body.filter(|bytes| std::future::ready(!matches!(bytes, Ok(bytes) if bytes.is_empty()))).fuse();
    let name = format!("{}.{}", opened.collection.id, format.name());
    let mut response = streamed(format.media(), &name, Body::from_stream(body));
    put_crs(&mut response, &asked.crs);
    Ok(match origin.atlas() {
        Some(atlas) => from_atlas(atlas, response),
        None => response,
    })
}

fn encoder(format: Format, shown: &Shown) -> Result<Box<dyn FeatureEncoder>, EncodeError> {
    Ok(match format {
        Format::Csv => Box::new(CsvEncoder::new(shown)),
        Format::FlatGeobuf => Box::new(FlatGeobufEncoder::new(shown)),
        Format::GeoParquet => Box::new(GeoParquetEncoder::new(shown)?),
        Format::GeoJsonSeq | Format::GeoJson | Format::Html => Box::new(GeoJsonSeqEncoder::new(shown)),
    })
}

fn unencodable(error: EncodeError) -> Problem {
    match error {
        EncodeError::Crs(error) => unwritable(&error),
        EncodeError::Format(error) => Problem::internal(&error),
    }
}
