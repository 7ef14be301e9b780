//! `/collections/people/items`: residents, for whoever serves them. Not a page of all that there are but those of the caller's areas, a hundred at
//! most at a time, in one format, and each reading is in the log before it is answered.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::{Answer, Endpoint, Param};
use super::grids::find;
use super::params::{Query, count_within, none};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::access::{Areas, PersonalField, Principal, Sight, show_name, show_phone};
use crate::model::{GridId, Resident, ResourceId};
use crate::resolve::lies_within;
use crate::store::{ResidentFields, ResidentsQuery};

/// How many at most, and where nothing is said.
const MOST: usize = 100;
const USUALLY: usize = 20;

const ITEM: Param =
    Param::path("featureId", "string", "The identity of a resident.", "00000000-0000-7000-8000-000000000000");

pub(super) static ENDPOINTS: [&Endpoint; 2] = [&ITEMS, &ONE];

static ITEMS: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/people/items",
    id: "people",
    tag: "people",
    summary: "Residents of the areas that the caller serves",
    about: "What of them is seen is a matter of the caller's roles and purpose (header Gewu-Purpose); what is not seen is not there. There is no filter, no order and no count: \
        these would tell what is not shown. Nothing of it may be kept (no-store).",
    params: &[
        Param::optional(
            "grid",
            "string",
            "Only in and below this grid: a code or a UUID, in the caller's areas.",
            "{grid}",
        ),
        Param::optional("limit", "integer", "How many at most: 1 to 100; 20 if not given.", "20"),
        Param::optional("after", "string", "Behind this identity: the link next has it.", ""),
    ],
    body: None,
    answer: Answer::media("application/geo+json", "A FeatureCollection."),
    problems: &[403, 404, 410],
    handler: || get(items),
};

static ONE: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/people/items/{featureId}",
    id: "person",
    tag: "people",
    summary: "One resident of the areas that the caller serves",
    about: "Who lives elsewhere is as unknown as who does not exist.",
    params: &[ITEM],
    body: None,
    answer: Answer::media("application/geo+json", "A Feature."),
    problems: &[403, 404],
    handler: || get(one),
};

async fn items(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let fields = entitled(&who)?;
    let mut query = Query::read(raw.as_deref(), &ITEMS);
    let limit = query.optional("limit", |text| count_within(text, 1, MOST)).unwrap_or(USUALLY);
    let after = query.optional("after", Uuid::try_parse);
    query.finish()?;
    let areas = match query.text("grid") {
        None => areas(&who),
        Some(code) => {
            let atlas = state.atlas();
            let grid = find(&state, &atlas, code).await?;
            if !lies_within(&atlas, who.areas(), grid) {
                return Err(refused("this grid is not in the areas of the caller"));
            }
            Some(vec![atlas.grids().id(grid)])
        }
    };
    // One more tells whether there are more.
    let wanted =
        ResidentsQuery { areas, fields, id: None, after: after.map(ResourceId), limit: limit as u32 + 1 };
    let mut found = state.store().residents(&wanted).await.map_err(Problem::from)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let mut collection = json!({
        "type": "FeatureCollection",
        "numberReturned": found.len(),
        "features": found.iter().map(|resident| feature(&who, resident)).collect::<Vec<_>>(),
        "links": [],
    });
    if let (true, Some(last)) = (more, found.last()) {
        let next = format!("{}{}", ITEMS.path, query.with(&[("after", Some(&last.id.0.to_string()))]));
        collection["links"] = json!([{"rel": "next", "type": "application/geo+json", "href": next}]);
    }
    Ok(not_kept(&collection))
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    let fields = entitled(&who)?;
    let unknown = || Problem::not_found("there is no such resident in the areas of the caller");
    let id = Uuid::try_parse(&id).map(ResourceId).map_err(|_| unknown())?;
    let wanted = ResidentsQuery { areas: areas(&who), fields, id: Some(id), after: None, limit: 1 };
    let found = state.store().residents(&wanted).await.map_err(Problem::from)?;
    let resident = found.first().ok_or_else(unknown)?;
    Ok(not_kept(&feature(&who, resident)))
}

fn refused(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, why)
}

/// What the caller is to see of residents at all.
fn entitled(who: &Principal) -> Result<ResidentFields, Problem> {
    let shows = |field| sight(who, field) >= Sight::Masked;
    let sees = |field| sight(who, field) == Sight::Clear;
    let fields = ResidentFields {
        position: sees(PersonalField::PersonPosition),
        household: sees(PersonalField::PersonHousehold),
        address: sees(PersonalField::PersonAddress),
        name: shows(PersonalField::PersonName),
        phone: shows(PersonalField::PersonPhone),
        tags: sees(PersonalField::PersonTags),
    };
    if fields == ResidentFields::default() {
        return Err(refused(
            "the collection \"people\" is open to those who serve residents, in the grids that they serve",
        ));
    }
    Ok(fields)
}

/// What is found lies in the areas of the caller: beyond them the database has nobody.
fn sight(who: &Principal, field: PersonalField) -> Sight {
    who.sight(field, || true)
}

fn areas(who: &Principal) -> Option<Vec<GridId>> {
    match who.areas() {
        Areas::All => None,
        Areas::Below(grids) => Some(grids.to_vec()),
    }
}

/// A resident as the caller sees one; what is not seen is not there.
fn feature(who: &Principal, resident: &Resident) -> Value {
    let name = resident.name.as_deref().map(|name| show_name(name, sight(who, PersonalField::PersonName)));
    let phone = resident.phone.as_deref();
    let phone = phone.and_then(|phone| show_phone(phone, sight(who, PersonalField::PersonPhone)));
    let properties = [
        ("grid", resident.grid.clone().map(Value::from)),
        ("household", resident.household.clone().map(Value::from)),
        ("address", resident.address.clone().map(Value::from)),
        ("name", name.map(Value::from)),
        ("phone", phone.map(Value::from)),
        ("tags", resident.tags.clone().map(Value::from)),
    ];
    let properties: serde_json::Map<_, _> =
        properties.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let geometry = resident.position.map(|at| json!({"type": "Point", "coordinates": [at.x(), at.y()]}));
    json!({"type": "Feature", "id": resident.id.0, "geometry": geometry, "properties": properties})
}

fn not_kept(document: &Value) -> Response {
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (head, document.to_string()).into_response()
}
