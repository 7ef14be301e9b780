//! Everything that matches, in one stream: page after page, each written when the reader has taken the one before. When the reader leaves, so
//! does the query.

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream;

use super::super::answer::from_atlas;
use super::super::{AppState, Problem};
use super::asked::{Asked, MAX_LIMIT};
use super::format::Format;
use super::items::{put_crs, streamed, unwritable};
use super::opened::Opened;
use super::page::Origin;
use crate::features::format::{CsvEncoder, EncodeError, FeatureEncoder, GeoJsonSeqEncoder, Shown};
use crate::store::{ItemsQuery, Page};

/// Features of one step.
const STEP: usize = 1_000;

/// Answers with all that matches, or with as much as the limit says.
pub(super) async fn all(
    state: &AppState,
    opened: &Opened,
    asked: Asked,
    format: Format,
) -> Result<Response, Problem> {
    let origin = Origin::of(state, opened, asked.query.period).await?;
    let atlas = origin.atlas().cloned();
    let left = if asked.is_limited { asked.query.limit.min(MAX_LIMIT) } else { usize::MAX };
    let encoder = encoder(format, &asked.shown(opened));
    let query = ItemsQuery { is_counted: false, ..asked.query };
    let mut run = Run { state: state.clone(), origin, encoder, query, left, is_at_end: false };
    // What fails at once is told as a problem; later the stream can only break off.
    let first = run.begin().await?;
    let rest = stream::try_unfold(run, |mut run| async move {
        let next = run.next().await.map_err(|problem| std::io::Error::other(format!("{problem:?}")))?;
        Ok::<_, std::io::Error>(next.map(|bytes| (bytes, run)))
    });
    let body = stream::once(async move { Ok::<_, std::io::Error>(first) });
    let body = Body::from_stream(futures::StreamExt::chain(body, rest));
    let name = format!("{}.{}", opened.collection.id, format.name());
    let mut response = streamed(format.media(), &name, body);
    put_crs(&mut response, &asked.crs);
    Ok(match atlas {
        Some(atlas) => from_atlas(&atlas, response),
        None => response,
    })
}

fn encoder(format: Format, shown: &Shown) -> Box<dyn FeatureEncoder> {
    match format {
        Format::Csv => Box::new(CsvEncoder::new(shown)),
        _ => Box::new(GeoJsonSeqEncoder::new(shown)),
    }
}

struct Run {
    state: AppState,
    origin: Origin,
    encoder: Box<dyn FeatureEncoder>,
    query: ItemsQuery,
    /// How many features may still come.
    left: usize,
    is_at_end: bool,
}

impl Run {
    async fn begin(&mut self) -> Result<Bytes, Problem> {
        let mut out = Vec::new();
        self.encoder.begin(&mut out).map_err(unencodable)?;
        self.step(&mut out).await?;
        Ok(out.into())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        if self.is_at_end {
            return Ok(None);
        }
        let mut out = Vec::new();
        self.step(&mut out).await?;
        Ok(Some(out.into()))
    }

    /// One page, and the end if there is none behind it.
    async fn step(&mut self, out: &mut Vec<u8>) -> Result<(), Problem> {
        let query = ItemsQuery { limit: self.left.min(STEP), ..self.query.clone() };
        let Page { features, next, .. } = self.origin.page(&self.state, query).await?;
        for feature in &features {
            self.encoder.feature(out, feature).map_err(unencodable)?;
        }
        self.left -= features.len();
        self.is_at_end = next.is_none() || self.left == 0;
        self.query.after = next;
        if self.is_at_end {
            self.encoder.end(out).map_err(unencodable)?;
        }
        Ok(())
    }
}

fn unencodable(error: EncodeError) -> Problem {
    match error {
        EncodeError::Crs(error) => unwritable(&error),
        EncodeError::Format(error) => Problem::internal(&error),
    }
}
