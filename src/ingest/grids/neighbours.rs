//! Rows among their neighbours: made to share vertices, and named where they run beside each other without.

use std::collections::HashSet;

use super::draft::Draft;
use super::shared::{Row, Shared, share};
use crate::ingest::clean::validity::is_valid;
use crate::ingest::parents::Territory;
use crate::ingest::{Borders, Defect, Report};
use crate::model::GridId;

/// Makes rows share vertices with each other and with what is stored beside them, at most `tolerance` metres away, and
/// reports it; names pairs of rows of one level whose vertices come within a metre of each other's border and do not lie
/// on it.
pub(super) fn share_borders(rows: &mut [Draft], stored: &[Territory], tolerance: f64, report: &mut Report) {
    let own: HashSet<GridId> = rows.iter().map(|draft| draft.id).collect();
    let incoming =
        rows.iter().map(|draft| Row { territory: &draft.territory, level: draft.level, stored: false });
    let stored = stored.iter().filter(|territory| !own.contains(&territory.id));
    let stored = stored.map(|stored| Row { territory: &stored.geometry, level: stored.level, stored: true });
    let all: Vec<Row<'_>> = incoming.chain(stored).collect();
    let shared = share(&all, tolerance, is_valid);
    warn(rows, &shared, report);
    let mut borders = Borders {
        shared_edges: shared.shared_edges,
        single_edges: shared.single_edges,
        ..Borders::default()
    };
    for (row, change) in shared.changes {
        let (snapped, noded) = (change.snapped, change.noded);
        borders.snapped += snapped;
        borders.noded += noded;
        rows[row].territory = change.territory;
        rows[row].repairs.push(Defect::VerticesShared { snapped, noded });
    }
    report.borders = Some(borders);
}

fn warn(rows: &[Draft], shared: &Shared, report: &mut Report) {
    let mut warn = |row: usize, defect| {
        let draft: &Draft = &rows[row];
        report.warn(&draft.place, Some(draft.code.as_str()), defect);
    };
    for ((row, other), tally) in &shared.unshared {
        let (other_row, count, farthest_m) = (rows[*other].place.row, tally.count, tally.farthest_m);
        warn(*row, Defect::UnsharedVertices { other_row, count, farthest_m });
    }
    for row in &shared.kept {
        warn(*row, Defect::VerticesKept);
    }
}
