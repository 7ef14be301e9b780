//! The table becomes requests.

use crate::matrix::region::Place;
use crate::matrix::table::{Row, Table};

/// What is to be asked, and of which place.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) row: &'a Row,
    pub(crate) method: &'static str,
    pub(crate) address: String,
    pub(crate) media: &'a str,
    pub(crate) place: Option<&'a Place>,
    /// Media type and text of a body.
    pub(crate) send: Option<(&'a str, String)>,
    /// Is this a method that the route has not?
    pub(crate) is_unknown: bool,
}

/// Everything that the rows ask; what is got by GET by HEAD, too.
pub(crate) fn asks<'a>(table: &'a Table, places: &'a [Place]) -> Vec<Ask<'a>> {
    let mut all = Vec::new();
    for row in &table.rows {
        for (address, media) in row.ask.iter().zip(&row.media) {
            let body = row.send.as_ref().map(|send| send.body.as_str()).unwrap_or_default();
            let is_of_a_place = ["{code}", "{lon}", "{worker}", "{person}", "{facility}"]
                .iter()
                .any(|part| address.contains(part) || body.contains(part));
            let of: Vec<_> = if is_of_a_place { places.iter().map(Some).collect() } else { vec![None] };
            for place in of {
                all.extend(ask(row, address, media, place));
            }
        }
    }
    let heads = all.iter().filter(|ask| ask.method == "GET" && !ask.row.endless);
    let heads: Vec<_> =
        heads.map(|ask| Ask { method: "HEAD", address: ask.address.clone(), send: None, ..*ask }).collect();
    all.extend(heads);
    all
}

/// The methods that a route has not.
pub(crate) fn other_methods<'a>(table: &'a Table, places: &'a [Place]) -> Vec<Ask<'a>> {
    let routes = table.routes();
    let mut all: Vec<Ask<'_>> = Vec::new();
    let mut paths: Vec<&str> = routes.iter().map(|(_, path)| *path).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let row = table.rows.iter().find(|row| row.method_and_path().1 == path).unwrap();
        let known = |method: &str| {
            routes.contains(&(method, path)) || method == "HEAD" && routes.contains(&("GET", path))
        };
        for method in
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|method| !known(method))
        {
            all.extend(ask(row, &row.ask[0], "application/problem+json", Some(&places[0])).map(|ask| Ask {
                method,
                send: None,
                is_unknown: true,
                ..ask
            }));
        }
    }
    all
}

/// A request, with the values of a place in it; none where the place has nobody to ask for.
fn ask<'a>(row: &'a Row, address: &str, media: &'a str, place: Option<&'a Place>) -> Option<Ask<'a>> {
    let fill = |text: &str| -> Option<String> {
        // The tiles in which 532901003 lies.
        let mut text =
            text.replace("{x}", "797").replace("{y}", "436").replace("{row}", "182").replace("{col}", "797");
        if let Some(place) = place {
            text = text.replace("{code}", place.code).replace("{lon}", &place.lon.to_string());
            text = text.replace("{east}", &format!("{:.4}", place.lon + 0.001));
            for (part, value) in
                [("{worker}", &place.worker), ("{person}", &place.person), ("{facility}", &place.facility)]
            {
                if text.contains(part) {
                    text = text.replace(part, value.as_ref()?);
                }
            }
        }
        Some(text)
    };
    let method = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        .into_iter()
        .find(|method| *method == row.method_and_path().0)?;
    let send = match &row.send {
        Some(send) => Some((send.media.as_str(), fill(&send.body)?)),
        None => None,
    };
    Some(Ask { row, method, address: fill(address)?, media, place, send, is_unknown: false })
}
