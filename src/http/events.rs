//! `GET /v1/events`: what changed, as it changes, so that a map redraws just that.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use super::endpoint::{Answer, Endpoint, NamedSchema, Param, schema_of};
use super::params::Query;
use super::principal::Caller;
use super::{AppState, Problem};
use crate::access::Principal;
use crate::atlas::{Atlas, Dirty, TileKind};

/// Events that are kept for those who come back.
const KEPT: usize = 1_024;
/// Events that a listener may be behind; one that is further behind is let go and comes back.
const BEHIND: usize = 64;
/// Listeners at a time.
const LISTENERS: usize = 256;
/// A comment this often shows that the connection stands.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked whether a listener may still listen.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Every tile: this one and all below it.
const WORLD: &str = "0/0/0";

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/events",
    id: "events",
    tag: "tiles",
    summary: "What changed, as it changes (server-sent events)",
    about: "One event a revision, and one more, such as 12.1, where grids come into force without one. Whoever comes back with Last-Event-ID \
        gets what was missed; what is not kept any more comes as one event with all set. Comments keep the connection.",
    params: &[Param::optional(
        "after",
        "string",
        "The revision or event after which to begin; Last-Event-ID goes before it. By default with what comes.",
        "",
    )],
    body: None,
    answer: Answer {
        status: 200,
        media: "text/event-stream",
        about: "The data of each event, in JSON.",
        schema: Some(told),
        others: &[],
    },
    problems: &[400],
    handler: || get(events),
};

fn told() -> NamedSchema {
    schema_of::<Told>()
}

/// What an event says.
#[derive(Debug, Serialize, ToSchema)]
struct Told {
    /// The revision that answers are given from now on.
    revision: i64,
    /// The instant of which they are.
    at: DateTime<Utc>,
    /// Where tiles may look different, by what is in them.
    dirty: DirtyTiles,
    /// True: everything may be different.
    all: bool,
}

/// Tiles of WebMercatorQuad as z/x/y: each with everything below it, and those above it. Tiles in degrees are dirty where they meet one.
#[derive(Debug, Serialize, ToSchema)]
struct DirtyTiles {
    /// Territories, labels, people on duty.
    grids: Vec<String>,
    /// Counts of grids, as in the tileset overview.
    counts: Vec<String>,
    /// Buildings.
    buildings: Vec<String>,
    /// Facilities.
    facilities: Vec<String>,
}

impl Told {
    fn new(before: Option<&Atlas>, atlas: &Atlas) -> Self {
        let world = || vec![WORLD.to_owned()];
        let dirty = |kind| match before.map_or(Dirty::All, |before| atlas.dirty_since(before, kind)) {
            Dirty::All => world(),
            Dirty::Tiles(tiles) => tiles.iter().map(ToString::to_string).collect(),
        };
        let dirty = DirtyTiles {
            grids: dirty(TileKind::Grids),
            counts: dirty(TileKind::Counts),
            buildings: dirty(TileKind::Buildings),
            facilities: dirty(TileKind::Facilities),
        };
        let kinds = [&dirty.grids, &dirty.counts, &dirty.buildings, &dirty.facilities];
        let all = kinds.iter().all(|tiles| tiles.first().is_some_and(|tile| tile == WORLD));
        Self { revision: atlas.revision(), at: atlas.as_of(), dirty, all }
    }
}

/// The name of an event: a revision, and how many atlases of that revision came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Id {
    revision: i64,
    turn: u32,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.turn {
            0 => write!(f, "{}", self.revision),
            turn => write!(f, "{}.{turn}", self.revision),
        }
    }
}

impl Id {
    fn read(text: &str) -> Result<Self, String> {
        let (revision, turn) = text.split_once('.').unwrap_or((text, "0"));
        match (revision.parse(), turn.parse()) {
            (Ok(revision), Ok(turn)) => Ok(Self { revision, turn }),
            _ => Err("give a revision, or the id of an event".to_owned()),
        }
    }
}

/// An event as it is sent.
#[derive(Debug)]
struct Sent {
    id: Id,
    data: String,
}

impl Sent {
    fn event(&self) -> Event {
        Event::default().id(self.id.to_string()).data(&self.data)
    }
}

/// What was missed, and what comes.
type Listening = (Vec<Arc<Sent>>, Receiver<Arc<Sent>>);

/// What changed lately, and who hears of it.
pub(super) struct Events {
    log: Mutex<Log>,
    places: Arc<Semaphore>,
}

struct Log {
    /// What came before the first event that is kept.
    start: Id,
    kept: VecDeque<Arc<Sent>>,
    /// Of the present atlas, for those who missed something that is not kept.
    whole: Arc<Sent>,
    /// None: it is over.
    sender: Option<Sender<Arc<Sent>>>,
}

impl Events {
    pub(super) fn new(atlas: &Atlas) -> Self {
        let start = Id { revision: atlas.revision(), turn: 0 };
        let log = Log {
            start,
            kept: VecDeque::new(),
            whole: whole(start, atlas),
            sender: Some(broadcast::channel(BEHIND).0),
        };
        Self { log: Mutex::new(log), places: Arc::new(Semaphore::new(LISTENERS)) }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An atlas has taken the place of another.
    pub(super) fn tell(&self, before: &Atlas, atlas: &Atlas) {
        let mut log = self.log();
        let last = log.whole.id;
        let turn = if last.revision == atlas.revision() { last.turn + 1 } else { 0 };
        let id = Id { revision: atlas.revision(), turn };
        if atlas.revision() < last.revision {
            // The database came back from a backup: what was told is of another history.
            log.kept.clear();
            log.start = id;
        } else if log.kept.len() == KEPT
            && let Some(oldest) = log.kept.pop_front()
        {
            log.start = oldest.id;
        }
        let sent = Arc::new(Sent { id, data: json(&Told::new(Some(before), atlas)) });
        log.whole = whole(id, atlas);
        if let Some(sender) = &log.sender {
            // Nobody may be listening.
            let _ = sender.send(Arc::clone(&sent));
        }
        if log.start != id {
            log.kept.push_back(sent);
        }
    }

    pub(super) fn end(&self) {
        self.log().sender = None;
    }

    /// How many listen.
    pub(super) fn listeners(&self) -> usize {
        LISTENERS - self.places.available_permits()
    }

    /// What was missed after an event, and what comes.
    fn listen(&self, after: Option<Id>) -> Option<Listening> {
        let log = self.log();
        let coming = log.sender.as_ref()?.subscribe();
        Some((after.map_or(Vec::new(), |after| log.missed(after)), coming))
    }
}

impl Log {
    fn missed(&self, after: Id) -> Vec<Arc<Sent>> {
        let place = self.kept.iter().rposition(|sent| sent.id == after).map(|place| place + 1);
        match place.or((after == self.start).then_some(0)) {
            Some(next) => self.kept.iter().skip(next).cloned().collect(),
            None => vec![Arc::clone(&self.whole)],
        }
    }
}

fn whole(id: Id, atlas: &Atlas) -> Arc<Sent> {
    Arc::new(Sent { id, data: json(&Told::new(None, atlas)) })
}

fn json(told: &Told) -> String {
    serde_json::to_string(told).unwrap_or_default()
}

async fn events(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let after = query.optional("after", Id::read);
    query.finish()?;
    // A browser sends whatever it got; what is none of ours was missed.
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let none_of_ours = Id { revision: i64::MIN, turn: 0 };
    let after = last.map(|id| Id::read(id).unwrap_or(none_of_ours)).or(after);
    let busy = |detail| Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    let place = Arc::clone(&state.events().places).try_acquire_owned();
    let place = place.map_err(|_| busy("as many listen as may; try again in a moment"))?;
    let heard = state.events().listen(after);
    let (missed, coming) = heard.ok_or_else(|| busy("this server is about to end"))?;
    let begun = stream::once(async { Ok(Event::default().comment("here")) });
    let missed = stream::iter(missed).map(|sent| Ok(sent.event()));
    let all = begun.chain(missed).chain(following(coming, place)).take_until(left(state, who));
    Ok(Sse::new(all).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// Waits until a listener may listen no longer: the token has ended, the key was revoked, or an area was closed that it opened.
async fn left(state: AppState, who: Principal) {
    if who.is_anybody() {
        return std::future::pending().await;
    }
    while state.gate().holds(&who) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// What comes, until the end or until the listener is too far behind.
fn following(
    coming: Receiver<Arc<Sent>>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((coming, place), |(mut coming, place)| async {
        let sent = coming.recv().await.ok()?;
        Some((Ok(sent.event()), (coming, place)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::fixture;
    use crate::model::{Delta, Snapshot};

    /// Atlases of these revisions, each following on the one before.
    fn follow(events: &Events, mut atlas: Atlas, revisions: impl IntoIterator<Item = i64>) -> Atlas {
        for revision in revisions {
            let next = atlas.apply(Delta { revision, at: atlas.as_of(), ..Delta::default() }).unwrap();
            events.tell(&atlas, &next);
            atlas = next;
        }
        atlas
    }

    fn missed(events: &Events, after: &str) -> Vec<String> {
        events.log().missed(Id::read(after).unwrap()).iter().map(|sent| sent.id.to_string()).collect()
    }

    fn is_whole(events: &Events, after: &str) -> bool {
        events.log().missed(Id::read(after).unwrap())[0].data.contains("\"all\":true")
    }

    #[test]
    fn what_was_missed_comes_once_and_in_order() {
        let atlas = Atlas::build(fixture::snapshot()).unwrap();
        let events = Events::new(&atlas);
        let atlas = follow(&events, atlas, [8, 9, 9, 12]);
        assert_eq!(missed(&events, "7"), ["8", "9", "9.1", "12"]);
        assert_eq!(missed(&events, "9"), ["9.1", "12"]);
        assert!(missed(&events, "12").is_empty() && !is_whole(&events, "9"));
        // Of before this server, or of another one.
        for unknown in ["6", "11", "13", "9.2"] {
            assert_eq!(missed(&events, unknown), ["12"], "{unknown}");
            assert!(is_whole(&events, unknown), "{unknown}");
        }
        follow(&events, atlas, 13..13 + KEPT as i64);
        assert_eq!(missed(&events, "12").len(), KEPT);
        assert_eq!(missed(&events, "9.1"), [(12 + KEPT).to_string()]);
        assert!(is_whole(&events, "9.1"));
    }

    #[test]
    fn an_atlas_that_does_not_follow_on_the_one_before_makes_everything_dirty() {
        let atlas = Atlas::build(fixture::snapshot()).unwrap();
        let events = Events::new(&atlas);
        let rebuilt = Atlas::build(Snapshot { revision: 9, ..fixture::snapshot() }).unwrap();
        events.tell(&atlas, &rebuilt);
        assert!(is_whole(&events, "7"));
        let restored = Atlas::build(Snapshot { revision: 8, ..fixture::snapshot() }).unwrap();
        events.tell(&rebuilt, &restored);
        assert_eq!(missed(&events, "9"), ["8"]);
    }

    #[tokio::test]
    async fn a_listener_who_does_not_listen_is_let_go() {
        let atlas = Atlas::build(fixture::snapshot()).unwrap();
        let events = Events::new(&atlas);
        let (_, coming) = events.listen(None).unwrap();
        let place = Arc::clone(&events.places).try_acquire_owned().unwrap();
        let heard = following(coming, place);
        follow(&events, atlas, 8..8 + BEHIND as i64 + 1);
        assert_eq!(events.listeners(), 1);
        assert_eq!(heard.count().await, 0);
        assert_eq!(events.listeners(), 0);
    }
}
