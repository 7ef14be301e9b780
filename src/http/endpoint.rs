//! One operation of the API: route, parameters, answers and handler in one place.

use axum::routing::MethodRouter;
use utoipa::openapi::{RefOr, schema::Schema};
use utoipa::{PartialSchema, ToSchema};

use super::AppState;

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// After the question mark.
    Query,
    /// In the path.
    Path,
}

/// One parameter of an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Param {
    pub name: &'static str,
    pub place: Place,
    pub required: bool,
    /// The JSON type: string, number, integer.
    pub kind: &'static str,
    pub about: &'static str,
    /// A value that works, or a placeholder of [`super::documents::Example`]; empty: none is shown.
    pub example: &'static str,
}

impl Param {
    /// A query parameter that must be given.
    pub(super) const fn required(
        name: &'static str,
        kind: &'static str,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, place: Place::Query, required: true, kind, about, example }
    }

    /// A query parameter that may be left out.
    pub(super) const fn optional(
        name: &'static str,
        kind: &'static str,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, place: Place::Query, required: false, kind, about, example }
    }

    /// A part of the path.
    pub(super) const fn path(
        name: &'static str,
        kind: &'static str,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, place: Place::Path, required: true, kind, about, example }
    }
}

/// A schema with its name and those that it refers to.
pub(super) struct NamedSchema {
    pub name: String,
    pub schema: RefOr<Schema>,
    pub referred: Vec<(String, RefOr<Schema>)>,
}

/// The schema of a type, for [`Answer::json`] and [`Body`].
pub(super) fn schema_of<T: ToSchema + PartialSchema>() -> NamedSchema {
    let mut referred = Vec::new();
    T::schemas(&mut referred);
    NamedSchema { name: T::name().into_owned(), schema: T::schema(), referred }
}

/// What an operation answers when all is well.
pub(super) struct Answer {
    pub status: u16,
    /// Empty: there is no body.
    pub media: &'static str,
    pub about: &'static str,
    pub schema: Option<fn() -> NamedSchema>,
    /// Other media types that a caller may ask for.
    pub others: &'static [&'static str],
}

impl Answer {
    /// JSON of a shape.
    pub(super) const fn json(about: &'static str, schema: fn() -> NamedSchema) -> Self {
        Self { status: 200, media: "application/json", about, schema: Some(schema), others: &[] }
    }

    /// Something of a media type.
    pub(super) const fn media(media: &'static str, about: &'static str) -> Self {
        Self { status: 200, media, about, schema: None, others: &[] }
    }

    /// A status and no body.
    pub(super) const fn none(status: u16, about: &'static str) -> Self {
        Self { status, media: "", about, schema: None, others: &[] }
    }

    /// The same in other media types too.
    pub(super) const fn or(mut self, others: &'static [&'static str]) -> Self {
        self.others = others;
        self
    }
}

/// What an operation takes.
pub(super) struct Body {
    pub media: &'static str,
    pub schema: fn() -> NamedSchema,
    /// A body that works; may hold placeholders.
    pub example: &'static str,
    /// Other media types that are read.
    pub others: &'static [Sample],
}

/// A media type of a body, beside its first one.
pub(super) struct Sample {
    pub media: &'static str,
    /// A body that works; may hold placeholders; empty: it cannot be shown as text.
    pub example: &'static str,
}

/// One operation.
pub(super) struct Endpoint {
    /// GET, POST, PUT, PATCH or DELETE.
    pub method: &'static str,
    /// The path as axum writes it: `/v1/grids/{code}`.
    pub path: &'static str,
    /// The name of the operation in the OpenAPI document.
    pub id: &'static str,
    /// The group that it belongs to.
    pub tag: &'static str,
    /// One line.
    pub summary: &'static str,
    /// More, where the summary leaves a question.
    pub about: &'static str,
    pub params: &'static [Param],
    pub body: Option<Body>,
    pub answer: Answer,
    /// Statuses of its problems, beside those that every operation has.
    pub problems: &'static [u16],
    /// Makes the handler.
    pub handler: fn() -> MethodRouter<AppState>,
}
