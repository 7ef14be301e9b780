//! Who serves where, from CSV.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use uuid::Uuid;

use super::StaffMapping;
use super::table::{Column, Line, read_table};
use super::workers::parse_role;
use crate::ingest::options::{ImportOptions, blocking};
use crate::ingest::{Defect, IngestError, Place, Report};
use crate::model::{Assignment, Role, Span, WorkerId};
use crate::store::{ImportKind, Store, StoredGrid, StoredWorker};

const COLUMNS: [Column; 7] = [
    ("worker", &["source_id", "工号", "网格员编号"]),
    ("grid", &["code", "grid_code", "网格编码"]),
    ("role", &["角色", "岗位"]),
    ("rank", &["排序", "主副"]),
    ("from", &["开始", "任职日期"]),
    ("until", &["结束", "离任日期"]),
    ("source", &["来源"]),
];
const REQUIRED: usize = 3;

/// Imports assignments from CSV files with the columns `worker` (its `source_id`), `grid` (a code, or `scheme:code`), `role`,
/// and if wanted `rank` (1 is the primary), `from`, `until` (the first day that is not served any more), `source`. A date without
/// a time begins at midnight in China.
///
/// # Errors
/// [`IngestError`] when a file cannot be used at all, or the database refuses; nothing is written then.
pub async fn import_assignments(
    store: &Store,
    files: Vec<PathBuf>,
    mapping: StaffMapping,
    options: &ImportOptions,
) -> Result<Report, IngestError> {
    let title = options.title(&files);
    let reading = mapping.clone();
    let (lines, mut report) = blocking(move || {
        let mut report = Report::default();
        let mut lines = Vec::new();
        for file in &files {
            lines.extend(read_table(file, reading.encoding.as_deref(), &COLUMNS, REQUIRED, &mut report)?);
        }
        Ok::<_, IngestError>((lines, report))
    })
    .await??;
    let mut transaction = store.begin_import(ImportKind::Import, &title).await?;
    let directory = Directory::new(
        transaction.stored_grids().await?,
        transaction.stored_workers().await?,
        &mapping.source,
    );
    let assignments = directory.read(&lines, &mut report);
    report.dry_run = options.dry_run;
    report.sort();
    if report.stops(options.allow_rejects) {
        return Ok(report);
    }
    let counts = transaction.put_assignments(&assignments).await?;
    report.count(counts);
    report.finish(transaction, false).await?;
    Ok(report)
}

/// Grids and workers by the names that a file knows.
struct Directory<'a> {
    grids: HashMap<String, Vec<StoredGrid>>,
    workers: HashMap<String, Vec<StoredWorker>>,
    source: &'a str,
}

impl<'a> Directory<'a> {
    fn new(stored_grids: Vec<StoredGrid>, stored_workers: Vec<StoredWorker>, source: &'a str) -> Self {
        let mut grids: HashMap<String, Vec<StoredGrid>> = HashMap::new();
        for grid in stored_grids {
            grids.entry(grid.code.to_string()).or_default().push(grid);
        }
        let mut workers: HashMap<String, Vec<StoredWorker>> = HashMap::new();
        for worker in stored_workers {
            workers.entry(worker.source_id.clone()).or_default().push(worker);
        }
        Self { grids, workers, source }
    }

    fn read(&self, lines: &[Line], report: &mut Report) -> Vec<Assignment> {
        let mut served: HashMap<(WorkerId, Uuid, Role), Vec<(Span, Place)>> = HashMap::new();
        let mut assignments = Vec::new();
        for line in lines {
            let found = self.assignment(line).and_then(|assignment| {
                let same = served.entry((assignment.worker, assignment.grid.0, assignment.role)).or_default();
                match same.iter().find(|(span, _)| overlap(span, &assignment.span)) {
                    Some((_, first)) => Err(vec![Defect::Overlapping { first_row: first.row }]),
                    None => {
                        same.push((assignment.span, line.place.clone()));
                        Ok(assignment)
                    }
                }
            });
            match found {
                Ok(assignment) => {
                    report.accept_row(&line.place, line.get(0).unwrap_or_default(), Vec::new(), None);
                    assignments.push(assignment);
                }
                Err(reasons) => report.reject_row(&line.place, line.get(0), reasons, None),
            }
        }
        assignments
    }

    fn assignment(&self, line: &Line) -> Result<Assignment, Vec<Defect>> {
        let mut reasons = Vec::new();
        let mut note = |reason: Defect| reasons.push(reason);
        let worker = self.worker(line).map_err(&mut note);
        let grid = self.grid(line.get(1)).map_err(&mut note);
        let role = parse_role(line.get(2)).map_err(&mut note);
        let rank = parse_rank(line.get(3)).map_err(&mut note);
        let from = parse_instant("from", line.get(4)).map_err(&mut note);
        let until = parse_instant("until", line.get(5)).map_err(&mut note);
        if role == Ok(Role::Reporter) {
            note(Defect::ReporterAssigned);
        }
        if let (Ok(Some(from)), Ok(Some(until))) = (from, until)
            && until <= from
        {
            note(Defect::EmptySpan);
        }
        match (worker, grid, role, rank, from, until) {
            (Ok(worker), Ok(grid), Ok(role), Ok(rank), Ok(from), Ok(until)) if reasons.is_empty() => {
                Ok(Assignment {
                    id: Uuid::now_v7(),
                    worker,
                    grid: grid.id,
                    county: grid.county.clone(),
                    role,
                    rank,
                    span: Span { from, until },
                })
            }
            _ => Err(reasons),
        }
    }

    fn worker(&self, line: &Line) -> Result<WorkerId, Defect> {
        let Some(source_id) = line.get(0) else { return Err(Defect::NoSourceId) };
        let known = self.workers.get(source_id).map(Vec::as_slice).unwrap_or_default();
        let source = line.get(6).unwrap_or(self.source);
        known
            .iter()
            .find(|worker| worker.source == source)
            .map(|worker| worker.id)
            .ok_or_else(|| Defect::UnknownWorker { worker: format!("{source}/{source_id}") })
    }

    fn grid(&self, text: Option<&str>) -> Result<&StoredGrid, Defect> {
        let text = text.unwrap_or_default();
        let (scheme, code) = match text.split_once(':') {
            Some((scheme, code)) => (Some(scheme), code),
            None => (None, text),
        };
        let all = self.grids.get(code).map(Vec::as_slice).unwrap_or_default();
        let fitting: Vec<&StoredGrid> =
            all.iter().filter(|grid| scheme.is_none_or(|scheme| grid.scheme == scheme)).collect();
        match fitting.as_slice() {
            [only] => Ok(only),
            [] => Err(Defect::UnknownGrid { grid: text.to_owned() }),
            _ => Err(Defect::AmbiguousGrid { grid: text.to_owned() }),
        }
    }
}

fn parse_rank(text: Option<&str>) -> Result<u8, Defect> {
    let Some(text) = text else { return Ok(1) };
    let rank = text.parse().ok().filter(|rank: &u8| *rank >= 1);
    rank.ok_or_else(|| Defect::BadNumber { field: "rank".to_owned(), found: text.to_owned() })
}

/// China keeps one time, eight hours ahead of UTC.
const CHINA_S: i32 = 8 * 3600;

fn parse_instant(field: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Defect> {
    let Some(text) = text else { return Ok(None) };
    let moment = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&Utc));
    let day = || {
        let day = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]
            .iter()
            .find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
        let midnight =
            FixedOffset::east_opt(CHINA_S)?.from_local_datetime(&day.and_time(NaiveTime::MIN)).single()?;
        Some(midnight.with_timezone(&Utc))
    };
    let instant = moment.or_else(day);
    instant.map(Some).ok_or_else(|| Defect::BadDate { field: field.to_owned(), found: text.to_owned() })
}

fn overlap(a: &Span, b: &Span) -> bool {
    let begins_before_end = |a: &Span, b: &Span| match (a.from, b.until) {
        (Some(from), Some(until)) => from < until,
        _ => true,
    };
    begins_before_end(a, b) && begins_before_end(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Option<DateTime<Utc>> {
        parse_instant("from", Some(text)).unwrap()
    }

    #[test]
    fn a_date_begins_at_midnight_in_china() {
        assert_eq!(instant("2026-03-01"), instant("2026-02-28T16:00:00Z"));
        assert_eq!(instant("2026/3/1"), instant("2026-03-01T00:00:00+08:00"));
        assert!(parse_instant("from", Some("spring")).is_err());
    }

    #[test]
    fn spans_that_only_touch_do_not_overlap() {
        let first = Span { from: None, until: instant("2026-03-01") };
        let second = Span { from: instant("2026-03-01"), until: None };
        assert!(!overlap(&first, &second));
        assert!(overlap(&first, &Span::ALWAYS));
    }
}
