//! Is an answer what the table says?

use serde_json::Value;
use ureq::http::Request;

use crate::matrix::asks::Ask;
use crate::matrix::callers::Caller;
use crate::matrix::region::Place;
use crate::matrix::table::{Seen, Table};
use crate::place::Server;
use crate::world::{Answer, agent};

/// The classes of fields of the table that tell of people.
const FIELDS: [&str; 4] = ["contact", "resident", "home", "tag"];

/// Asks, and says what differs from the table, each with its row.
pub(crate) fn judged(
    server: &Server,
    table: &Table,
    places: &[Place],
    caller: &Caller,
    ask: &Ask<'_>,
) -> Vec<String> {
    let answer = answered(server, caller, ask);
    let relation = ask.place.map(|place| caller.relation(place.code));
    let status = match ask.is_unknown {
        true if caller.role == "anonymous" && !table.is_public(ask.row.method_and_path().1) => 401,
        true => 405,
        false => ask.row.status(caller.role, relation),
    };
    let mut wrong = Vec::new();
    if answer.status != status {
        wrong.push(format!("answers {}, not {status}: {:.200}", answer.status, lossy(&answer)));
    }
    if answer.status == status {
        wrong.extend(media(ask, &answer));
        wrong.extend(kept(caller, &answer));
    }
    wrong.extend(people(table, places, caller, ask, &answer));
    wrong.extend(open(table, caller, ask, &answer));
    if status == 200 && answer.status == 200 && ask.method != "HEAD" {
        wrong.extend(counted(table, ask, &answer));
    }
    let told = |what: String| {
        format!("[{}] {} {} ({}): {what}", ask.row.route, ask.method, ask.address, caller.name())
    };
    wrong.into_iter().map(told).collect()
}

pub(crate) fn answered(server: &Server, caller: &Caller, ask: &Ask<'_>) -> Answer {
    let mut request = Request::builder().method(ask.method).uri(format!("{}{}", server.origin, ask.address));
    if let Some((media, _)) = &ask.send {
        request = request.header("content-type", *media);
    }
    let request = caller.sign(request);
    let response = match &ask.send {
        Some((_, body)) => agent().run(request.body(body.clone()).unwrap()),
        None => agent().run(request.body(()).unwrap()),
    };
    let response = response.unwrap();
    if ask.row.endless && response.status() == 200 {
        let (head, _) = response.into_parts();
        return Answer { status: head.status.as_u16(), headers: head.headers, body: Vec::new() };
    }
    Answer::read(response)
}

fn lossy(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

fn media(ask: &Ask<'_>, answer: &Answer) -> Option<String> {
    let expected = if answer.status < 400 { ask.media } else { "application/problem+json" };
    let media = answer.header("content-type");
    (!media.starts_with(expected)).then(|| format!("is {media:?}, not {expected:?}"))
}

/// "A scoped answer is never in a shared cache."
fn kept(caller: &Caller, answer: &Answer) -> Option<String> {
    let may_be_kept = answer.header("cache-control");
    let varies = answer
        .headers
        .get_all("vary")
        .iter()
        .any(|vary| vary.to_str().unwrap().to_lowercase().contains("authorization"));
    let private = may_be_kept == "no-store" || may_be_kept == "private, no-cache" && varies;
    (caller.role != "anonymous" && !private).then(|| format!("may be kept: {may_be_kept:?}"))
}

/// What of people stands in an answer: never more than may be seen, and not less where the row shows it.
fn people(table: &Table, places: &[Place], caller: &Caller, ask: &Ask<'_>, answer: &Answer) -> Vec<String> {
    let text = lossy(answer);
    let mut wrong = Vec::new();
    for (place, field) in places.iter().flat_map(|place| FIELDS.map(|field| (place, field))) {
        if !place.has(field) || field == "tag" && ask.place.is_some_and(|asked| asked.code != place.code) {
            continue;
        }
        let is_shown = ask.row.shows.iter().any(|shown| shown == field);
        let most = if is_shown {
            table.sees(field, caller.role, caller.relation(place.code))
        } else {
            Seen::Nothing
        };
        let seen = place.seen(field, &text);
        let is_asked = is_shown
            && answer.status == 200
            && ask.method != "HEAD"
            && ask.place.is_some_and(|asked| asked.code == place.code);
        if seen > most || is_asked && seen < most && !ask.row.not_at.iter().any(|code| code == place.code) {
            wrong.push(format!("{field} of {}: {seen:?}, not {most:?}", place.code));
        }
    }
    wrong
}

/// What is no secret: the grid, which everybody who is let in is told of.
fn open(table: &Table, caller: &Caller, ask: &Ask<'_>, answer: &Answer) -> Option<String> {
    let place = ask.place.filter(|_| answer.status == 200 && ask.method != "HEAD")?;
    let is_shown = ask.row.shows.iter().any(|field| field == "open")
        && !ask.row.not_at.iter().any(|code| code == place.code);
    let expected = table.sees("open", caller.role, caller.relation(place.code));
    let is_wrong = is_shown && place.seen("open", &lossy(answer)) != expected;
    is_wrong.then(|| format!("open of {}: not {expected:?}", place.code))
}

/// The count of the people of a place: the same to everybody, or withheld.
fn counted(table: &Table, ask: &Ask<'_>, answer: &Answer) -> Option<String> {
    let (pointer, place) = (ask.row.counts.as_ref()?, ask.place?);
    let expected = match &table.people[place.code] {
        toml::Value::Integer(count) => Value::from(*count),
        _ => Value::Null,
    };
    let answer = answer.json();
    let found = answer.pointer(pointer);
    (found != Some(&expected)).then(|| format!("{pointer} is {found:?}, not {expected}"))
}
