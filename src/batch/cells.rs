//! The columns that an answer adds to a table: their names, and what one grid has in them.

use std::borrow::Cow;

use super::plan::Plan;
use crate::atlas::{Atlas, GridIndex};
use crate::model::Level;
use crate::resolve::{ResponsibleWorker, responsible};

/// One column that depends on nothing but the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// The code of the grid itself.
    Code,
    /// The code of the chain's grid at a level.
    CodeAt(Level),
    /// Its name.
    NameAt(Level),
    /// Its identity.
    IdAt(Level),
    /// Identities of those on duty, separated by semicolons, as in the columns that follow.
    WorkerIds,
    /// Their names, masked.
    WorkerNames,
    /// Their telephone numbers, masked.
    WorkerPhones,
    /// Their roles.
    WorkerRoles,
}

impl Cell {
    /// The columns that a plan asks for; those of the chain for each level that has grids.
    pub(super) fn of(atlas: &Atlas, plan: &Plan) -> Vec<Self> {
        let fields = plan.fields;
        let levels: Vec<_> = Level::all().filter(|level| atlas.grids().at_level(*level).len() > 0).collect();
        let mut cells = Vec::new();
        if fields.code {
            cells.push(Self::Code);
        }
        if fields.codes || fields.chain {
            cells.extend(levels.iter().map(|level| Self::CodeAt(*level)));
        }
        if fields.chain {
            cells.extend(levels.iter().map(|level| Self::NameAt(*level)));
            cells.extend(levels.iter().map(|level| Self::IdAt(*level)));
        }
        if fields.responsible {
            cells.extend([Self::WorkerIds, Self::WorkerNames, Self::WorkerPhones, Self::WorkerRoles]);
        }
        cells
    }

    /// Its name in a header.
    pub(super) fn name(self) -> String {
        match self {
            Self::Code => "code".to_owned(),
            Self::CodeAt(level) => format!("code_{level}"),
            Self::NameAt(level) => format!("name_{level}"),
            Self::IdAt(level) => format!("id_{level}"),
            Self::WorkerIds => "responsible_ids".to_owned(),
            Self::WorkerNames => "responsible_names".to_owned(),
            Self::WorkerPhones => "responsible_phones".to_owned(),
            Self::WorkerRoles => "responsible_roles".to_owned(),
        }
    }
}

/// What one grid has in the columns.
pub(super) struct Cells<'a> {
    atlas: &'a Atlas,
    grid: GridIndex,
    chain: Vec<GridIndex>,
    people: Vec<ResponsibleWorker<'a>>,
}

impl<'a> Cells<'a> {
    /// Looks up what a plan asks of a grid.
    pub(super) fn new(atlas: &'a Atlas, plan: &Plan, grid: GridIndex) -> Self {
        let fields = plan.fields;
        let chain = if fields.codes || fields.chain { atlas.grids().chain(grid) } else { Vec::new() };
        let people = if fields.responsible {
            responsible(atlas, &plan.who, grid, plan.at, &plan.roles)
        } else {
            Vec::new()
        };
        Self { atlas, grid, chain, people }
    }

    /// The text of one column; `None` where the grid has nothing there.
    pub(super) fn text(&self, cell: Cell) -> Option<Cow<'_, str>> {
        let grids = self.atlas.grids();
        match cell {
            Cell::Code => Some(grids.code(self.grid).as_str().into()),
            Cell::CodeAt(level) => self.at(level).map(|grid| grids.code(grid).as_str().into()),
            Cell::NameAt(level) => self.at(level).map(|grid| grids.name(grid).into()),
            Cell::IdAt(level) => self.at(level).map(|grid| grids.id(grid).0.to_string().into()),
            Cell::WorkerIds => self.people(|worker| worker.worker_id.to_string().into()),
            Cell::WorkerNames => self.people(|worker| Cow::Borrowed(&*worker.name)),
            Cell::WorkerPhones => {
                self.people(|worker| Cow::Borrowed(worker.phone.as_deref().unwrap_or_default()))
            }
            Cell::WorkerRoles => self.people(|worker| worker.role.into()),
        }
    }

    fn at(&self, level: Level) -> Option<GridIndex> {
        self.chain.iter().copied().find(|grid| self.atlas.grids().level(*grid) == level)
    }

    fn people<'b>(
        &'b self,
        show: impl Fn(&'b ResponsibleWorker<'a>) -> Cow<'b, str>,
    ) -> Option<Cow<'b, str>> {
        let shown: Vec<_> = self.people.iter().map(show).collect();
        (!shown.is_empty()).then(|| shown.join(";").into())
    }
}

/// A name that the columns of the input leave free: the name itself, or `gewu_` before it.
pub(super) fn free_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut free = name.to_owned();
    while taken(&free) {
        free.insert_str(0, "gewu_");
    }
    free
}
