//! `/collections/people/items`: residents, for whoever serves them. Not a page of all that there are but those of the caller's areas, a hundred at
//! most at a time, in one format, and each reading is in the log before it is answered.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
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
use super::{AppState, Problem};
use crate::access::{Areas, AuditedRead, PersonalField, Principal, Sight, show_name, show_phone};
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
    about: "What of them is seen is a matter of the caller's roles and purpose (header Gewu-Purpose); what is not seen is not there. Whoever sees names or phones in the clear may ask for \
        exactly one; there is no other filter, no order and no count: these would tell what is not shown. Nothing of it may be kept (no-store).",
    params: &[
        Param::optional(
            "grid",
            "string",
            "Only in and below this grid: a code or a UUID, in the caller's areas.",
            "{grid}",
        ),
        Param::optional(
            "filter",
            "string",
            "Only those with exactly this name or phone, in CQL2: phone = '13800001234', name = '...', or both joined by AND. However it is written: spaces, widths \
             and +86 do not count. Patterns, ranges and lists are refused, and so is asking by what the caller does not see in the clear.",
            "",
        ),
        FILTER_LANG,
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
    from: CameFrom,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let entitled = Entitled::of(&who)?;
    let mut query = Query::read(raw.as_deref(), &ITEMS);
    let limit = query.optional("limit", |text| count_within(text, 1, MOST)).unwrap_or(USUALLY);
    let after = query.optional("after", Uuid::try_parse);
    let language = query.optional("filter-lang", read_language).unwrap_or_default();
    let exactly = query.optional("filter", |text| Exactly::read(text, language)).unwrap_or_default();
    query.finish()?;
    entitled.may_ask(&exactly)?;
    let mut areas = entitled.areas();
    if let Some(code) = query.text("grid") {
        let atlas = state.atlas();
        let grid = find(&state, &atlas, code).await?;
        if !lies_within(&atlas, &areas, grid) {
            return Err(refused("this grid is not in the areas of the caller"));
        }
        areas = Areas::below([atlas.grids().id(grid)]);
    }
    // One more tells whether there are more.
    let wanted = ResidentsQuery {
        areas: named(&areas),
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
    let mut collection = json!({
        "type": "FeatureCollection",
        "numberReturned": found.len(),
        "features": found.iter().map(|resident| feature(&entitled, resident)).collect::<Vec<_>>(),
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
    from: CameFrom,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    let entitled = Entitled::of(&who)?;
    let areas = entitled.areas();
    let unknown = || Problem::not_found("there is no such resident in the areas of the caller");
    let id = Uuid::try_parse(&id).map(ResourceId).map_err(|_| unknown())?;
    let wanted = ResidentsQuery {
        areas: named(&areas),
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

fn refused(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, why)
}

/// What a caller is to see of which residents.
struct Entitled<'a> {
    who: &'a Principal,
    /// Only of those who live where the caller opened an area itself: its roles alone show it nobody.
    behind_glass: bool,
}

impl<'a> Entitled<'a> {
    fn of(who: &'a Principal) -> Result<Self, Problem> {
        let by_roles = Self { who, behind_glass: false };
        let by_glass = Self { who, behind_glass: true };
        if by_roles.fields() != ResidentFields::default() {
            return Ok(by_roles);
        }
        if !who.glass().is_empty() && by_glass.fields() != ResidentFields::default() {
            return Ok(by_glass);
        }
        Err(refused(
            "the collection \"people\" is open to those who serve residents, in the grids that they serve",
        ))
    }

    /// What is found lies in the areas of the caller: beyond them the database has nobody.
    fn sight(&self, field: PersonalField) -> Sight {
        match self.behind_glass {
            true => self.who.sight_behind_glass(field),
            false => self.who.sight(field, || true),
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

    fn areas(&self) -> Areas {
        match self.behind_glass {
            true => Areas::below(self.who.glass().iter().copied()),
            false => self.who.areas().clone(),
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

fn not_kept(document: &Value) -> Response {
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (head, document.to_string()).into_response()
}
