//! `/collections/people/items`: residents, for whoever serves them. Not a page of all that there are but those of the caller's areas, a hundred at
//! most at a time, in one format, and each reading is in the log before it is answered.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use uuid::Uuid;

use super::audited::CameFrom;
use super::collections::{FILTER_LANG, read_language};
use super::endpoint::{Answer, Endpoint, Param};
use super::grids::find;
use super::params::{Query, count_within, none};
use super::people_filter::Exactly;
use super::principal::Caller;
use super::{AppState, Problem, host};
use crate::access::{Areas, AuditedRead, PersonalField, Principal, Sight, show_name, show_phone};
use crate::features::OutputCrs;
use crate::model::{GridId, Resident, ResourceId};
use crate::resolve::lies_within;
use crate::store::{ResidentFields, ResidentsQuery};

/// How many persons at most, and where nothing is said.
pub(super) const MOST: usize = 100;
pub(super) const USUALLY: usize = 20;

pub(super) const GRID: Param = Param::optional(
    "grid",
    "string",
    "Only in and below this grid: a code or a UUID, in the caller's areas.",
    "{grid}",
);
pub(super) const LIMIT: Param =
    Param::optional("limit", "integer", "How many at most: 1 to 100; 20 if not given.", "20");
pub(super) const AFTER: Param =
    Param::optional("after", "string", "Behind this identity: the link next has it.", "");

const ITEM: Param =
    Param::path("featureId", "string", "The identity of a resident.", "00000000-0000-7000-8000-000000000000");

pub(super) static ENDPOINTS: [&Endpoint; 2] = [&ITEMS, &ONE];

static ITEMS: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/people/items",
    id: "people",
    tag: "people",
    summary: "Residents of the areas that the caller serves",
    about: "What of them is seen is a matter of the caller's roles and purpose (header Gewu-Purpose); what is not seen is not there. Whoever sees names or phones in the clear may ask for \
        exactly one; there is no other filter, no order and no count: these would tell what is not shown. Nothing of it may be kept (no-store).",
    params: &[
        GRID,
        Param::optional(
            "filter",
            "string",
            "Only those with exactly this name or phone, in CQL2: phone = '13800001234', name = '...', or both joined by AND. However it is written: spaces, widths \
             and +86 do not count. Patterns, ranges and lists are refused, and so is asking by what the caller does not see in the clear.",
            "",
        ),
        FILTER_LANG,
        LIMIT,
        AFTER,
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
    from: CameFrom,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let entitled = Entitled::of(&state, &who)?;
    let own = format!("{}{}", host::origin(&headers, state.config())?, ITEMS.path);
    let mut query = Query::read(raw.as_deref(), &ITEMS);
    let limit = query.optional("limit", |text| count_within(text, 1, MOST)).unwrap_or(USUALLY);
    let after = query.optional("after", Uuid::try_parse);
    let language = query.optional("filter-lang", read_language).unwrap_or_default();
    let exactly = query.optional("filter", |text| Exactly::read(text, language)).unwrap_or_default();
    query.finish()?;
    entitled.may_ask(&exactly)?;
    let mut areas = who.areas_of_residents();
    let named = named(&areas);
    let mut within = None;
    if let Some(code) = query.text("grid") {
        let atlas = state.atlas();
        let grid = find(&state, &atlas, code).await?;
        if state.checks() && !lies_within(&atlas, &areas, grid) {
            return Err(refused("this grid is not in the areas of the caller"));
        }
        let grids = atlas.grids();
        within =
            Some(std::iter::once(grid).chain(grids.descendants(grid)).map(|one| grids.id(one)).collect());
        areas = Areas::below([grids.id(grid)]);
    }
    // One more tells whether there are more.
    let wanted = ResidentsQuery {
        areas: named,
        within,
        fields: entitled.fields(),
        id: None,
        name: exactly.name,
        phone: exactly.phone,
        after: after.map(ResourceId),
        limit: limit as u32 + 1,
    };
    let mut found = state.store().residents(&wanted).await.map_err(Problem::from)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let ids: Vec<_> = found.iter().map(|resident| resident.id.0).collect();
    let read = AuditedRead { entity: "people", ids: &ids, rows: ids.len(), area: &areas };
    state.audit(&who, read, from).await?;
    let features = found.iter().map(|resident| feature(&entitled, resident)).collect();
    Ok(page(features, more.then(|| next(&own, &query, &ids)).flatten()))
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    let entitled = Entitled::of(&state, &who)?;
    let areas = who.areas_of_residents();
    let unknown = || Problem::not_found("there is no such resident in the areas of the caller");
    let id = Uuid::try_parse(&id).map(ResourceId).map_err(|_| unknown())?;
    let wanted = ResidentsQuery {
        areas: named(&areas),
        within: None,
        fields: entitled.fields(),
        id: Some(id),
        name: None,
        phone: None,
        after: None,
        limit: 1,
    };
    let found = state.store().residents(&wanted).await.map_err(Problem::from)?;
    let resident = found.first().ok_or_else(unknown)?;
    let read = AuditedRead { entity: "people", ids: &[resident.id.0], rows: 1, area: &areas };
    state.audit(&who, read, from).await?;
    Ok(not_kept(&feature(&entitled, resident)))
}

/// What the collection is, to whom it is open. Neither an extent nor a count: these tell of those who are not seen.
pub(super) fn document(state: &AppState, who: &Principal, origin: &str) -> Result<Value, Problem> {
    Entitled::of(state, who)?;
    let own = format!("{origin}{}", ITEMS.path.trim_end_matches("/items"));
    let link = |rel: &str, media: &str, href: String| json!({"rel": rel, "type": media, "href": href});
    Ok(json!({
        "id": "people",
        "title": "居民 Residents",
        "description": "Residents of the grids that the caller serves, as far as roles and purpose show them.",
        "itemType": "feature",
        "crs": [OutputCrs::default().uri()],
        "links": [
            link("self", "application/json", own.clone()),
            link("items", "application/geo+json", format!("{own}/items")),
        ],
    }))
}

pub(super) fn refused(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, why)
}

/// What a caller is to see of residents.
struct Entitled<'a> {
    who: &'a Principal,
    by: By,
}

/// Why a caller sees residents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// By its roles.
    Roles,
    /// By an area that it opened itself: its roles alone show it nobody.
    Glass,
    /// By nothing: nobody asks (see `AppState::without_checks`).
    Nothing,
}

impl<'a> Entitled<'a> {
    fn of(state: &AppState, who: &'a Principal) -> Result<Self, Problem> {
        if !state.checks() {
            return Ok(Self { who, by: By::Nothing });
        }
        let all = [By::Roles, By::Glass].map(|by| Self { who, by });
        let sees = |one: &Self| one.fields() != ResidentFields::default();
        let has_glass = !who.break_glass().is_empty();
        all.into_iter().find(|one| (one.by == By::Roles || has_glass) && sees(one)).ok_or_else(|| {
            refused("the collection \"people\" is open to those who serve residents, in the grids that they serve")
        })
    }

    /// What is found lies in the areas of the caller: beyond them the database has nobody.
    fn sight(&self, field: PersonalField) -> Sight {
        match self.by {
            By::Roles => self.who.sight(field, || true),
            By::Glass => self.who.sight_behind_glass(field),
            By::Nothing => Sight::Clear,
        }
    }

    fn fields(&self) -> ResidentFields {
        let shows = |field| self.sight(field) >= Sight::Masked;
        let sees = |field| self.sight(field) == Sight::Clear;
        ResidentFields {
            position: sees(PersonalField::PersonPosition),
            household: sees(PersonalField::PersonHousehold),
            address: sees(PersonalField::PersonAddress),
            name: shows(PersonalField::PersonName),
            phone: shows(PersonalField::PersonPhone),
            tags: sees(PersonalField::PersonTags),
        }
    }

    /// Whether somebody has a name tells the name: only who sees it in the clear may ask.
    fn may_ask(&self, exactly: &Exactly) -> Result<(), Problem> {
        match exactly.fields().find(|field| self.sight(*field) != Sight::Clear) {
            Some(field) => Err(refused(&format!(
                "the caller does not see {} of residents in the clear, and may not ask by it",
                if field == PersonalField::PersonName { "the name" } else { "the phone" }
            ))),
            None => Ok(()),
        }
    }
}

/// The areas as the store asks for them.
fn named(areas: &Areas) -> Option<Vec<GridId>> {
    match areas {
        Areas::All => None,
        Areas::Below(grids) => Some(grids.to_vec()),
    }
}

/// A resident as the caller sees one; what is not seen is not there.
fn feature(entitled: &Entitled, resident: &Resident) -> Value {
    let name =
        resident.name.as_deref().map(|name| show_name(name, entitled.sight(PersonalField::PersonName)));
    let phone = resident.phone.as_deref();
    let phone = phone.and_then(|phone| show_phone(phone, entitled.sight(PersonalField::PersonPhone)));
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

/// The address of the page behind the last of these. `own`: that of the list.
pub(super) fn next(own: &str, query: &Query<'_>, ids: &[Uuid]) -> Option<String> {
    let last = ids.last()?.to_string();
    Some(format!("{own}{}", query.with(&[("after", Some(&last))])))
}

/// A page of a list of persons, which nobody keeps, with the address of the next one.
pub(super) fn page(features: Vec<Value>, next: Option<String>) -> Response {
    let next = next.map(|href| json!({"rel": "next", "type": "application/geo+json", "href": href}));
    not_kept(&json!({
        "type": "FeatureCollection",
        "numberReturned": features.len(),
        "features": features,
        "links": next.as_slice(),
    }))
}

pub(super) fn not_kept(document: &Value) -> Response {
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (head, document.to_string()).into_response()
}
