//! The features of a collection: a page of them, or all in a stream.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::super::answer::from_atlas;
use super::super::cached::cached;
use super::super::endpoint::{Answer, Endpoint};
use super::super::params::Query;
use super::super::tiles::LASTING;
use super::super::{AppState, Problem, host};
use super::asked::{self, Asked, fields_as_parameters};
use super::format::{Format, negotiated};
use super::opened::{Opened, find, open};
use super::page::Origin;
use super::{COLLECTION, html, link, stream};
use crate::features::format::geojson::GeoJsonWriter;
use crate::features::{OutputCrs, write_cursor};
use crate::geom::CrsError;
use crate::store::{Page, SortKey};

/// In which reference system coordinates are.
pub(super) const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/items",
    id: "items",
    tag: "features",
    summary: "The features of a collection, page after page",
    about: "Every field of the collection that has an order is a parameter too: class=school. Pages follow the link next; what is written meanwhile neither repeats nor \
        hides a feature. As GeoJSON text sequence, CSV, FlatGeobuf and GeoParquet everything that matches comes in one stream, unless limit is given.",
    params: &[
        COLLECTION,
        asked::LIMIT_PARAM,
        asked::BBOX,
        asked::BBOX_CRS,
        asked::CRS,
        asked::DATETIME,
        asked::FILTER,
        asked::FILTER_LANG,
        asked::FILTER_CRS,
        asked::SORTBY,
        asked::PROPERTIES,
        asked::SKIP_GEOMETRY,
        asked::CURSOR,
        asked::COUNT,
        super::super::endpoint::Param::optional(
            "f",
            "string",
            "json, html, geojsonseq, csv, fgb or parquet; it goes before the Accept header.",
            "json",
        ),
    ],
    body: None,
    answer: Answer::media("application/geo+json", "A FeatureCollection.").or(&[
        "text/html",
        "application/geo+json-seq",
        "text/csv",
        "application/vnd.flatgeobuf",
        "application/vnd.apache.parquet",
    ]),
    problems: &[403, 404, 406, 422, 503, 504],
    handler: || get(items),
};

async fn items(
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    find(&state, &id)?;
    let opened = open(&state, &id).await?;
    let parameters = fields_as_parameters(&opened);
    let mut query = Query::read_with(raw.as_deref(), &ENDPOINT, &parameters);
    let format = negotiated(&mut query, &headers, &Format::OF_ITEMS);
    let asked = asked::read(&mut query, &opened);
    query.finish()?;
    let format = format?;
    let origin = host::origin(&headers, state.config())?;
    if format.is_streamed() {
        return stream::all(&state, &opened, asked, format).await;
    }
    let source = Origin::of(&state, &opened, asked.query.period).await?;
    let page = source.page(&state, asked.query.clone()).await?;
    let links =
        Links { query: &query, order: &asked.query.order, own: format!("{origin}/collections/{id}/items") };
    let mut response = match format {
        Format::Html => html::items(&opened, &asked, &page, &links),
        _ => {
            let body = collection(&opened, &asked, &page, &links)?;
            cached(&headers, format.media(), LASTING, body)
        }
    };
    put_crs(&mut response, &asked.crs);
    if let Some(next) = links.next(&page) {
        let link = HeaderValue::try_from(format!("<{next}>; rel=\"next\""));
        link.into_iter().for_each(|link| _ = response.headers_mut().append(header::LINK, link));
    }
    Ok(match source.atlas() {
        Some(atlas) => from_atlas(atlas, response),
        None => response,
    })
}

/// Where the same features are in other formats, and the next ones.
pub(super) struct Links<'a> {
    query: &'a Query<'a>,
    order: &'a [SortKey],
    own: String,
}

impl Links<'_> {
    /// The same in a format.
    pub(super) fn format(&self, format: Format) -> String {
        format!("{}{}", self.own, self.query.with(&[("f", Some(format.name()))]))
    }

    /// The page behind this one.
    pub(super) fn next(&self, page: &Page) -> Option<String> {
        let cursor = write_cursor(page.next.as_ref()?, self.order);
        Some(format!("{}{}", self.own, self.query.with(&[("cursor", Some(&cursor))])))
    }

    fn all(&self, page: &Page) -> Vec<Value> {
        let mut links =
            vec![link("self", Format::GeoJson.media(), "This document", self.format(Format::GeoJson))];
        let others = Format::OF_ITEMS.into_iter().filter(|format| *format != Format::GeoJson);
        links.extend(
            others.map(|format| link("alternate", format.media(), format.title(), self.format(format))),
        );
        links
            .extend(self.next(page).map(|next| link("next", Format::GeoJson.media(), "The next page", next)));
        links
    }
}

fn collection(opened: &Opened, asked: &Asked, page: &Page, links: &Links) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::with_capacity(1_024 + page.features.len() * 1_024);
    let mut head =
        json!({"type": "FeatureCollection", "numberReturned": page.features.len(), "links": links.all(page)});
    if let Some(matched) = page.matched {
        head["numberMatched"] = matched.into();
    }
    body.extend_from_slice(head.to_string().trim_end_matches('}').as_bytes());
    body.extend_from_slice(b",\"features\":[");
    let writer = GeoJsonWriter::new(&asked.shown(opened));
    for (number, feature) in page.features.iter().enumerate() {
        if number > 0 {
            body.push(b',');
        }
        writer.feature(&mut body, feature).map_err(|error| unwritable(&error))?;
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

/// A feature lies where the reference system does not reach.
pub(super) fn unwritable(error: &CrsError) -> Problem {
    let detail = format!(
        "a feature cannot be given in this reference system: {error}; ask for another crs, or for less by bbox"
    );
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

/// Says in which reference system coordinates are.
pub(super) fn put_crs(response: &mut Response, crs: &OutputCrs) {
    let value = HeaderValue::try_from(format!("<{}>", crs.uri()));
    value.into_iter().for_each(|value| _ = response.headers_mut().insert(CONTENT_CRS, value));
}

/// A stream with its media type.
pub(super) fn streamed(media: &'static str, name: &str, body: Body) -> Response {
    let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static(media))], body).into_response();
    if let Ok(name) = HeaderValue::try_from(format!("inline; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
