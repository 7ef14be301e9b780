//! The table of expectations, as it is written, and what it says of one combination.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Value;

/// How much of a field is seen, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Seen {
    Nothing,
    Masked,
    Value,
}

/// Where a place is, seen from the area of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Inside,
    Parent,
    Sibling,
    Outside,
}

impl Relation {
    /// By codes, which begin with that of the parent in the place of the tests. `area`: none is nowhere, "" is everywhere.
    pub(crate) fn of(place: &str, area: Option<&str>) -> Self {
        let parent = |code: &str| {
            ["5329", "532901"].into_iter().rfind(|above| code != *above && code.starts_with(above))
        };
        match area {
            Some(area) if place.starts_with(area) => Self::Inside,
            Some(area) if area.starts_with(place) => Self::Parent,
            Some(area) if parent(area).is_some() && parent(area) == parent(place) => Self::Sibling,
            _ => Self::Outside,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    sees: BTreeMap<String, BTreeMap<String, Sees>>,
    pub(crate) people: BTreeMap<String, Value>,
    #[serde(rename = "row")]
    pub(crate) rows: Vec<Row>,
}

/// What is seen of a field: everywhere alike, or by where it is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Sees {
    Everywhere(Seen),
    Inside { inside: Seen },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) route: String,
    who: Who,
    pub(crate) ask: Vec<String>,
    #[serde(rename = "as")]
    pub(crate) media: Vec<String>,
    pub(crate) send: Option<Send>,
    #[serde(default = "ok")]
    status: u16,
    beyond: Option<u16>,
    #[serde(default)]
    pub(crate) shows: Vec<String>,
    pub(crate) counts: Option<String>,
    #[serde(default)]
    pub(crate) endless: bool,
    #[serde(default)]
    pub(crate) not_at: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Who {
    Word(String),
    Roles(Vec<String>),
}

/// What is sent with a request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Send {
    #[serde(rename = "type")]
    pub(crate) media: String,
    pub(crate) body: String,
}

fn ok() -> u16 {
    200
}

impl Table {
    pub(crate) fn read() -> Self {
        let table: Self = toml::from_str(include_str!("expectations.toml")).unwrap();
        for row in &table.rows {
            assert_eq!(row.ask.len(), row.media.len(), "{}: as many media types as addresses", row.route);
            assert!(row.shows.iter().all(|field| table.sees.contains_key(field)), "{}", row.route);
        }
        table
    }

    /// How much of a field of a place a role may see.
    pub(crate) fn sees(&self, field: &str, role: &str, relation: Relation) -> Seen {
        let rules = &self.sees[field];
        let everywhere = |rule: &str| match rules.get(rule) {
            Some(Sees::Everywhere(seen)) => Some(*seen),
            _ => None,
        };
        let otherwise = everywhere(role).or_else(|| everywhere("otherwise")).unwrap();
        match (rules.get(role), relation) {
            (Some(Sees::Inside { inside }), Relation::Inside) => *inside,
            _ => otherwise,
        }
    }

    /// Methods and paths of all rows.
    pub(crate) fn routes(&self) -> Vec<(&str, &str)> {
        let mut routes: Vec<_> = self.rows.iter().map(Row::method_and_path).collect();
        routes.sort_unstable();
        routes.dedup();
        routes
    }

    /// May anybody ask what is at a path?
    pub(crate) fn is_public(&self, path: &str) -> bool {
        self.rows.iter().any(|row| row.method_and_path().1 == path && row.is_public())
    }
}

impl Row {
    pub(crate) fn method_and_path(&self) -> (&str, &str) {
        self.route.split_once(' ').unwrap()
    }

    fn is_public(&self) -> bool {
        matches!(&self.who, Who::Word(word) if word == "anybody")
    }

    /// The status of an answer to a role; `relation`: of the place that is asked about, if there is one.
    pub(crate) fn status(&self, role: &str, relation: Option<Relation>) -> u16 {
        match &self.who {
            _ if role == "anonymous" && !self.is_public() => 401,
            Who::Roles(roles) if !roles.iter().any(|one| one == role) => 403,
            Who::Word(word) if !["anybody", "known"].contains(&word.as_str()) => panic!("{word}?"),
            _ => match self.beyond {
                Some(beyond) if relation != Some(Relation::Inside) => beyond,
                _ => self.status,
            },
        }
    }
}
