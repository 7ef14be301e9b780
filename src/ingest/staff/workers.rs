//! Workers from CSV.

use std::collections::HashMap;
use std::path::PathBuf;

use uuid::Uuid;

use super::StaffMapping;
use super::table::{Column, Line, read_table};
use crate::ingest::clean::tells_who;
use crate::ingest::options::{ImportOptions, blocking};
use crate::ingest::{Defect, IngestError, Place, Report};
use crate::model::{Role, Worker, WorkerId};
use crate::store::{ImportKind, Store};

const COLUMNS: [Column; 6] = [
    ("source_id", &["编号", "工号", "id"]),
    ("name", &["姓名"]),
    ("role", &["角色", "岗位"]),
    ("phone", &["电话", "手机", "联系电话"]),
    ("organisation", &["单位", "organization"]),
    ("source", &["来源"]),
];
const REQUIRED: usize = 3;

/// Imports workers from CSV files with the columns `source_id`, `name`, `role`, and if wanted `phone`, `organisation`,
/// `source`; they are told apart by (`source`, `source_id`).
///
/// # Errors
/// [`IngestError`] when a file cannot be used at all, or the database refuses; nothing is written then.
pub async fn import_workers(
    store: &Store,
    files: Vec<PathBuf>,
    mapping: StaffMapping,
    options: &ImportOptions,
) -> Result<Report, IngestError> {
    let title = options.title(&files);
    let (workers, mut report) = blocking(move || read(&files, &mapping)).await??;
    report.dry_run = options.dry_run;
    report.sort();
    if report.stops(options.allow_rejects) {
        return Ok(report);
    }
    let mut transaction = store.begin_import(ImportKind::Import, &title).await?;
    let counts = transaction.put_workers(&workers).await?;
    report.count(counts);
    report.finish(transaction, false).await?;
    Ok(report)
}

fn read(files: &[PathBuf], mapping: &StaffMapping) -> Result<(Vec<Worker>, Report), IngestError> {
    let mut report = Report::default();
    let mut workers = Vec::new();
    let mut seen: HashMap<(String, String), Place> = HashMap::new();
    for file in files {
        for line in read_table(file, mapping.encoding.as_deref(), &COLUMNS, REQUIRED, &mut report)? {
            let found = worker(&line, mapping).and_then(|worker| {
                let identity = (worker.source.clone(), worker.source_id.clone());
                match seen.get(&identity) {
                    None => {
                        seen.insert(identity, line.place.clone());
                        Ok(worker)
                    }
                    Some(first) => Err(vec![Defect::DuplicateSourceId {
                        source_id: worker.source_id,
                        first_row: first.row,
                        first_file: first.file.clone(),
                    }]),
                }
            });
            match found {
                Ok(worker) => {
                    report.accept_row(&line.place, &worker.source_id, Vec::new(), None);
                    workers.push(worker);
                }
                // The report does not name whom the number would tell.
                Err(reasons) => {
                    let source_id = line.get(0).filter(|source_id| !tells_who(source_id));
                    report.reject_row(&line.place, source_id, reasons, None);
                }
            }
        }
    }
    Ok((workers, report))
}

fn worker(line: &Line, mapping: &StaffMapping) -> Result<Worker, Vec<Defect>> {
    let mut reasons = Vec::new();
    match line.get(0) {
        None => reasons.push(Defect::NoSourceId),
        Some(source_id) if tells_who(source_id) => reasons.push(Defect::TellingSourceId),
        Some(_) => {}
    }
    if line.get(1).is_none() {
        let reason = "姓名必填 a worker has a name".to_owned();
        reasons.push(Defect::BadValue { field: "name".to_owned(), found: String::new(), reason });
    }
    let role = parse_role(line.get(2)).map_err(|reason| reasons.push(reason));
    match (line.get(0), line.get(1), role) {
        (Some(source_id), Some(name), Ok(role)) if reasons.is_empty() => Ok(Worker {
            id: WorkerId(Uuid::now_v7()),
            source: line.get(5).unwrap_or(&mapping.source).to_owned(),
            source_id: source_id.to_owned(),
            name: name.to_owned(),
            phone: line.get(3).map(str::to_owned),
            organisation: line.get(4).map(str::to_owned),
            role,
            invented: false,
        }),
        _ => Err(reasons),
    }
}

/// Reads a role in either language.
pub(super) fn parse_role(text: Option<&str>) -> Result<Role, Defect> {
    let text = text.unwrap_or_default();
    match text {
        "网格长" => Ok(Role::Head),
        "专职网格员" | "专职" => Ok(Role::FullTime),
        "兼职网格员" | "兼职" => Ok(Role::PartTime),
        "网格指导员" | "指导员" => Ok(Role::Instructor),
        "流动网格员" => Ok(Role::Reporter),
        other => Role::parse(&other.to_ascii_lowercase())
            .map_err(|_| Defect::UnknownRole { found: text.to_owned() }),
    }
}
