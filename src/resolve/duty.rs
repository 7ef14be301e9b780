//! Who is on duty in a grid, climbing until somebody is.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Areas, PersonalField, Principal, show_name, show_phone};
use crate::atlas::{Atlas, Duty, GridIndex, WorkerIndex};
use crate::model::Role;

/// Somebody responsible, as the caller may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResponsibleWorker<'a> {
    /// Identity of the worker on duty.
    pub worker_id: Uuid,
    /// Name, masked by the caller's rights.
    pub name: Cow<'a, str>,
    /// Telephone, masked by the caller's rights.
    pub phone: Option<Cow<'a, str>>,
    /// The role of the assignment: head, full_time, part_time, instructor.
    pub role: &'static str,
    /// 1 is the primary, 2 and more are deputies.
    pub rank: u8,
    /// The grid of the assignment: the grid asked for, or an ancestor when nobody is on duty below.
    pub grid_code: &'a str,
    /// The level of that grid.
    pub level: u8,
    /// Identity of the absent worker in whose place this one is on duty.
    pub acting_for: Option<Uuid>,
}

/// Who is on duty at an instant in a grid or, where nobody is, in the nearest ancestor that has someone.
/// `roles` empty: any role.
pub fn responsible<'a>(
    atlas: &'a Atlas,
    who: &Principal,
    grid: GridIndex,
    at: DateTime<Utc>,
    roles: &[Role],
) -> Vec<ResponsibleWorker<'a>> {
    for grid in atlas.grids().upwards(grid) {
        let duties = atlas.staff().on_duty(atlas.grids().id(grid), at, roles);
        if !duties.is_empty() {
            return duties.into_iter().map(|duty| show(atlas, who, grid, duty)).collect();
        }
    }
    Vec::new()
}

fn show<'a>(atlas: &'a Atlas, who: &Principal, grid: GridIndex, duty: Duty) -> ResponsibleWorker<'a> {
    let worker = atlas.staff().worker(duty.worker);
    let sight = |field| who.sight(field, || lies_within(atlas, who.areas(), grid));
    let name = show_name(&worker.name, sight(PersonalField::WorkerName));
    let phone = worker.phone.as_deref();
    let phone = phone.and_then(|phone| show_phone(phone, sight(PersonalField::WorkerPhone)));
    let id = |index: WorkerIndex| atlas.staff().worker(index).id.0;
    ResponsibleWorker {
        worker_id: worker.id.0,
        name,
        phone,
        role: duty.role.as_str(),
        rank: duty.rank,
        grid_code: atlas.grids().code(grid).as_str(),
        level: atlas.grids().level(grid).number(),
        acting_for: duty.acting_for.map(id),
    }
}

/// Is a grid one of these areas, or below one?
pub fn lies_within(atlas: &Atlas, areas: &Areas, grid: GridIndex) -> bool {
    match areas {
        Areas::All => true,
        Areas::Below(areas) => {
            let mut chain = atlas.grids().upwards(grid);
            chain.any(|above| areas.binary_search(&atlas.grids().id(above)).is_ok())
        }
    }
}
