//! The place that the table speaks of: who lives and serves where, each with marks of their own.

use std::collections::HashMap;

use crate::matrix::table::Seen;
use crate::world::World;

/// One worker in each of five grids, and seven, one and four residents in three.
const MARKED: &str = "
insert into gewu.worker (id, source, source_id, name, phone, role)
select gen_random_uuid(), 'marked', code, '值守' || code, '1387777' || right('0000' || code, 4), 'full_time'
from gewu.current_grid where code in ('5329', '532901', '532901001', '532901003', '532902');
insert into gewu.assignment (county, id, grid_id, worker_id, role, rank, valid)
select g.county, gen_random_uuid(), g.grid_id, w.id, 'full_time', 9, tstzrange(null, null)
from gewu.current_grid g join gewu.worker w on w.source = 'marked' and w.source_id = g.code;
insert into gewu.person (county, id, source, source_id, household, name, phone, address, tags, leaf_id, geom)
select g.county, gen_random_uuid(), 'marked', g.code || '-' || n, '标户' || g.code || n, '标人' || g.code || n,
  '1397777' || right('0000' || g.code, 4), '标路' || g.code || '之' || n, '{lives_alone}', g.grid_id, st_pointonsurface(g.geom)
from gewu.current_grid g, generate_series(1, 7) n
where n <= case g.code when '532901003' then 7 when '532901001' then 1 when '532902' then 4 else 0 end";

/// The grids, and a longitude at which those who serve there are on duty.
pub(crate) const PLACES: [(&str, f64); 6] = [
    ("532901003", 100.27),
    ("532901001", 100.1),
    ("532901002", 100.22),
    ("532901", 100.22),
    ("532902", 100.35),
    ("5329", 100.45),
];

/// A grid with its marks.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) code: &'static str,
    pub(crate) lon: f64,
    /// Identity of its worker.
    pub(crate) worker: Option<String>,
    /// Identity of one of its residents.
    pub(crate) person: Option<String>,
    /// Identity of a facility, the same for all.
    pub(crate) facility: Option<String>,
}

impl Place {
    /// Has it somebody of whom this field tells?
    pub(crate) fn has(&self, field: &str) -> bool {
        match field {
            "contact" => self.worker.is_some(),
            _ => self.person.is_some(),
        }
    }

    /// How much of a field of this place stands in a text. Numbers mask to something that only this place has.
    pub(crate) fn seen(&self, field: &str, text: &str) -> Seen {
        let code = self.code;
        let last: String =
            format!("0000{code}").chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        // A code may go on where another ends; what stands behind a mark of its own does not.
        let whole = |mark: &str| {
            text.match_indices(mark)
                .any(|(at, _)| !text[at + mark.len()..].starts_with(|c: char| c.is_ascii_digit()))
        };
        if field == "open" {
            return if text.contains(code) { Seen::Value } else { Seen::Nothing };
        }
        let (values, masked): (Vec<String>, Option<String>) = match field {
            "contact" => {
                (vec![format!("值守{code}"), format!("1387777{last}")], Some(format!("138****{last}")))
            }
            "resident" => (
                (1..=7).map(|n| format!("标人{code}{n}")).chain([format!("1397777{last}")]).collect(),
                Some(format!("139****{last}")),
            ),
            "home" => {
                ((1..=7).flat_map(|n| [format!("标户{code}{n}"), format!("标路{code}之{n}")]).collect(), None)
            }
            "tag" => (vec!["\"lives_alone\"".to_owned()], None),
            other => panic!("{other}?"),
        };
        match (values.iter().any(|value| whole(value)), masked.is_some_and(|masked| text.contains(&masked))) {
            (true, _) => Seen::Value,
            (false, true) => Seen::Masked,
            (false, false) => Seen::Nothing,
        }
    }
}

/// Puts the marks in.
pub(crate) fn mark(world: &World) -> Vec<Place> {
    world.edit(MARKED);
    let ids = |statement: &'static str| -> HashMap<String, String> {
        world.wait(async {
            let pool = world.database.pool().await;
            let rows: Vec<(String, String)> = sqlx::query_as(statement).fetch_all(&pool).await.unwrap();
            rows.into_iter().collect()
        })
    };
    let workers = ids("select source_id, id::text from gewu.worker where source = 'marked'");
    let people =
        ids("select split_part(source_id, '-', 1), id::text from gewu.person where source = 'marked'");
    let facilities = ids("select '', id::text from gewu.facility");
    let place = |(code, lon)| Place {
        code,
        lon,
        worker: workers.get(code).cloned(),
        person: people.get(code).cloned(),
        facility: facilities.get("").cloned(),
    };
    PLACES.map(place).into()
}
