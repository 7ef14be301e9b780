//! The OpenAPI document, made from the list of operations.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema::Schema};

use super::FieldError;
use super::documents::Example;
use super::endpoint::{Endpoint, NamedSchema, Param, Place, schema_of};
use super::public::is_public;
use super::routes::endpoints;

/// The document in OpenAPI 3.1, with examples that work on this server. `authenticated`: does it let in only whom it knows?
pub(super) fn document(example: &Example, origin: &str, authenticated: bool) -> Value {
    let mut schemas = Map::new();
    keep(&mut schemas, schema_of::<FieldError>());
    let mut paths = Map::new();
    for endpoint in endpoints() {
        let item = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        item[endpoint.method.to_lowercase()] = operation(endpoint, example, authenticated, &mut schemas);
    }
    schemas.insert("Problem".to_owned(), problem());
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "格物 Gewu",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Grids, the people on duty in them, and vector tiles. JSON keys in snake_case; times RFC 3339; longitudes and \
                latitudes in degrees of CGCS2000, distances in metres, areas in square metres. Answers from the atlas name their \
                revision in Gewu-Revision, and in Gewu-Stale for how many seconds the database has been away.",
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {"schemas": schemas, "responses": problems()},
    });
    if authenticated {
        document["components"]["securitySchemes"] = json!({"bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT, or an API key that begins with gewu_",
            "description": "A token of the provider, or a key of `gewu token create`. GET /v1/access says what it opens. Gewu-Purpose \
                names what a caller asks for, where that is needed.",
        }});
        document["security"] = json!([{"bearer": []}]);
    }
    document
}

/// Statuses of problems that any operation may answer with.
const EVERYWHERE: [u16; 5] = [400, 414, 421, 429, 503];
/// Every status of a problem that this server knows.
const STATUSES: [u16; 19] =
    [400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414, 415, 421, 422, 429, 500, 503, 504];
/// Of those that have a body, too.
const OF_BODIES: [u16; 1] = [408];

fn operation(
    endpoint: &Endpoint,
    example: &Example,
    authenticated: bool,
    schemas: &mut Map<String, Value>,
) -> Value {
    let content = match endpoint.answer.schema {
        Some(schema) => json!({"schema": keep(schemas, schema())}),
        None => json!({}),
    };
    let status = endpoint.answer.status.to_string();
    let mut responses = json!({
        &status: {"description": endpoint.answer.about},
    });
    if !endpoint.answer.media.is_empty() {
        responses[&status]["content"] = json!({endpoint.answer.media: content});
    }
    for media in endpoint.answer.others {
        responses[&status]["content"][media] = json!({});
    }
    let of_body: &[u16] = if endpoint.body.is_some() { &OF_BODIES } else { &[] };
    let refused = if authenticated { &[401][..] } else { &[] };
    for status in EVERYWHERE.iter().chain(of_body).chain(endpoint.problems).chain(refused) {
        responses[status.to_string()] = json!({"$ref": format!("#/components/responses/Problem{status}")});
    }
    let mut operation = json!({
        "operationId": endpoint.id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": endpoint.params.iter().map(|param| parameter(param, example)).collect::<Vec<_>>(),
        "responses": responses,
    });
    if authenticated && is_public(Some(endpoint.path)) {
        operation["security"] = json!([]);
    }
    if !endpoint.about.is_empty() {
        operation["description"] = json!(endpoint.about);
    }
    if let Some(body) = &endpoint.body {
        let sample: Value = serde_json::from_str(&example.fill(body.example)).unwrap_or_default();
        let content = json!({"schema": keep(schemas, (body.schema)()), "example": sample});
        operation["requestBody"] = json!({"required": true, "content": {body.media: content}});
        for other in body.others {
            let sample = (!other.example.is_empty()).then(|| example.fill(other.example));
            operation["requestBody"]["content"][other.media] = match sample {
                Some(sample) => json!({"schema": {"type": "string"}, "example": sample}),
                None => json!({"schema": {"type": "string", "format": "binary"}}),
            };
        }
    }
    operation
}

fn parameter(param: &Param, example: &Example) -> Value {
    let mut parameter = json!({
        "name": param.name,
        "in": match param.place { Place::Query => "query", Place::Path => "path" },
        "required": param.required,
        "description": param.about,
        "schema": {"type": param.kind},
    });
    if !param.example.is_empty() {
        let text = example.fill(param.example);
        let number = (param.kind != "string").then(|| serde_json::from_str(&text).ok()).flatten();
        parameter["example"] = number.unwrap_or(Value::String(text));
    }
    parameter
}

/// Keeps a schema with those that it refers to, and gives the reference to it.
fn keep(schemas: &mut Map<String, Value>, named: NamedSchema) -> Value {
    let value = |schema: &RefOr<Schema>| serde_json::to_value(schema).unwrap_or_default();
    for (name, schema) in &named.referred {
        schemas.insert(name.clone(), value(schema));
    }
    schemas.insert(named.name.clone(), value(&named.schema));
    json!({"$ref": format!("#/components/schemas/{}", named.name)})
}

/// Each status that a problem may have, with what it means here.
fn problems() -> Map<String, Value> {
    let response = |status: &u16| {
        let content =
            json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        (format!("Problem{status}"), json!({"description": meaning(*status), "content": content}))
    };
    STATUSES.iter().map(response).collect()
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What was wrong, and what to do."},
            "instance": {"type": "string", "description": "The path of the request."},
            "request_id": {"type": "string", "description": "What the log knows the request by."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        },
    })
}

/// What a status means here.
fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request is malformed: every wrong value is listed in errors.",
        401 => "It needs a caller, or the token or key is not taken: WWW-Authenticate says what is wrong.",
        403 => "It is closed to this caller.",
        404 => "Nothing has this name.",
        405 => "This is not written here.",
        406 => "The answer does not come in any format that is accepted.",
        408 => "The body stopped coming: detail says for how long it was waited for.",
        409 => "Another feature has this source and source_id.",
        412 => "The feature is not as If-Match says any more.",
        410 => "The grid is retired; successors names those that took over.",
        413 => "The body or the batch is larger than this server takes.",
        414 => "The address is longer than this server reads.",
        415 => "The body is of a type that is not read here.",
        421 => "The request names a host that this server is not.",
        422 => "The request is well-formed, but what it asks for is too much: detail names the limit.",
        429 => "This caller asks more often than this server answers; Retry-After says when to try again.",
        500 => "Something went wrong here; the log knows it by the request id.",
        503 => "No data, no room or no time at the moment; Retry-After says when to try again.",
        504 => "The database took longer than the limit of what was asked for: detail names it.",
        _ => "A problem.",
    }
}

/// The same document in OpenAPI 3.0.3, for tools that read no newer one: types with null become nullable, a
/// reference that may be null is wrapped, further examples become one.
pub(super) fn downgrade(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        lower(schemas);
    }
    document
}

fn lower(value: &mut Value) {
    match value {
        Value::Object(schema) => {
            lower_type(schema);
            lower_choice(schema);
            schema.remove("propertyNames");
            schema.values_mut().for_each(lower);
        }
        Value::Array(items) => items.iter_mut().for_each(lower),
        _ => {}
    }
}

fn lower_type(schema: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = schema.get("type") else { return };
    let nullable = types.iter().any(|kind| kind == "null");
    if let Some(kind) = types.iter().find(|kind| *kind != "null").cloned() {
        schema.insert("type".to_owned(), kind);
    }
    if nullable {
        schema.insert("nullable".to_owned(), json!(true));
    }
}

fn lower_choice(schema: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = schema.get_mut("oneOf") else { return };
    let before = choices.len();
    choices.retain(|choice| choice.get("type") != Some(&json!("null")));
    if choices.len() == before {
        return;
    }
    let rest = std::mem::take(choices);
    schema.remove("oneOf");
    schema.insert(if rest.len() == 1 { "allOf" } else { "oneOf" }.to_owned(), Value::Array(rest));
    schema.insert("nullable".to_owned(), json!(true));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_shapes_have_one_name() {
        let mut seen: Map<String, Value> = Map::new();
        for endpoint in endpoints() {
            let answer = endpoint.answer.schema.map(|schema| schema());
            let body = endpoint.body.as_ref().map(|body| (body.schema)());
            for named in answer.into_iter().chain(body) {
                let own = [(named.name, named.schema)];
                for (name, schema) in named.referred.into_iter().chain(own) {
                    let schema = serde_json::to_value(&schema).unwrap();
                    let before = seen.insert(name.clone(), schema.clone());
                    assert!(before.is_none_or(|before| before == schema), "two shapes are called {name}");
                }
            }
        }
        assert!(seen.len() > 20);
    }
}
