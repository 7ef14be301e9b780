//! What an import read, repaired, rejected and wrote: as data, as text, as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::messages::{Language, describe};
use super::{Defect, Place};
use crate::model::Level;

/// Something that was found, with the row that it was found in.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Where; row 0 speaks of the whole file.
    pub place: Place,
    /// The code or source id of the row, where it was legible.
    pub code: Option<String>,
    /// What.
    pub defect: Defect,
}

/// How many grids a level received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LevelCount {
    /// Rows of this level that were accepted.
    pub accepted: usize,
    /// Rows of this level that were rejected.
    pub rejected: usize,
}

/// How the borders of imported grids meet each other and those stored around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Borders {
    /// Vertices moved onto a neighbour's, counted in each row.
    pub snapped: usize,
    /// Neighbours' vertices put into edges that they lay on, counted in each row.
    pub noded: usize,
    /// Edges that two grids or more have in common, of whatever level.
    pub shared_edges: usize,
    /// Edges that no other grid has: the outer rim, and neighbours that are drawn apart.
    pub single_edges: usize,
}

/// The account of an import.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Rows read.
    pub read: usize,
    /// Rows accepted, repaired ones included.
    pub accepted: usize,
    /// What was repaired, and in which row.
    pub repaired: Vec<Finding>,
    /// Why which row was rejected; every reason that was found, so a row may come more than once.
    pub rejected: Vec<Finding>,
    /// Rows rejected.
    pub rejected_rows: usize,
    /// What deserves a look but stopped nothing.
    pub warnings: Vec<Finding>,
    /// Grids by level; empty for other imports.
    pub per_level: BTreeMap<u8, LevelCount>,
    /// Borders shared with neighbours; `None` for other imports than grids.
    pub borders: Option<Borders>,
    /// Rows new in the database.
    pub inserted: usize,
    /// Rows that changed what the database held.
    pub updated: usize,
    /// Rows that the database held already.
    pub unchanged: usize,
    /// The revision that was written; `None` when nothing was.
    pub revision: Option<i64>,
    /// True when nothing was to be written.
    pub dry_run: bool,
    /// True when it was written.
    pub committed: bool,
}

/// The longest list that the text report prints a heading; the file given by `--report` has all.
const LISTED: usize = 50;

impl Report {
    /// Notes a repair.
    pub fn repair(&mut self, place: &Place, code: Option<&str>, defect: Defect) {
        self.repaired.push(Finding { place: place.clone(), code: code.map(str::to_owned), defect });
    }

    /// Notes a rejected row with every reason.
    pub fn reject_row(
        &mut self,
        place: &Place,
        code: Option<&str>,
        reasons: Vec<Defect>,
        level: Option<Level>,
    ) {
        self.rejected_rows += 1;
        if let Some(level) = level {
            self.per_level.entry(level.number()).or_default().rejected += 1;
        }
        let finding = |defect| Finding { place: place.clone(), code: code.map(str::to_owned), defect };
        self.rejected.extend(reasons.into_iter().map(finding));
    }

    /// Notes a row that is to be written, and what was repaired in it.
    pub fn accept_row(&mut self, place: &Place, code: &str, repairs: Vec<Defect>, level: Option<Level>) {
        self.accepted += 1;
        if let Some(level) = level {
            self.per_level.entry(level.number()).or_default().accepted += 1;
        }
        repairs.into_iter().for_each(|defect| self.repair(place, Some(code), defect));
    }

    /// Notes something to look at.
    pub fn warn(&mut self, place: &Place, code: Option<&str>, defect: Defect) {
        self.warnings.push(Finding { place: place.clone(), code: code.map(str::to_owned), defect });
    }

    /// Puts findings in the order of files and rows.
    pub fn sort(&mut self) {
        for findings in [&mut self.repaired, &mut self.rejected, &mut self.warnings] {
            findings.sort_by(|a, b| (&a.place.file, a.place.row).cmp(&(&b.place.file, b.place.row)));
        }
    }

    /// The whole report as JSON; nothing is cut.
    pub fn to_json(&self, language: Language) -> serde_json::Value {
        let list = |findings: &[Finding]| -> Vec<_> {
            findings.iter().map(|finding| finding.to_json(language)).collect()
        };
        serde_json::json!({
            "read": self.read,
            "accepted": self.accepted,
            "repaired": list(&self.repaired),
            "rejected": list(&self.rejected),
            "rejected_rows": self.rejected_rows,
            "warnings": list(&self.warnings),
            "per_level": self.per_level,
            "borders": self.borders,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "revision": self.revision,
            "dry_run": self.dry_run,
            "committed": self.committed,
        })
    }

    /// The report as text to read; long lists are cut and say how much was left out.
    pub fn to_text(&self, language: Language) -> String {
        let mut text = String::new();
        self.list(&mut text, language, ("修复", "Repaired"), &self.repaired);
        self.list(&mut text, language, ("注意", "Look at"), &self.warnings);
        self.list(&mut text, language, ("拒绝", "Rejected"), &self.rejected);
        for (level, count) in &self.per_level {
            let heading = language.choose(&format!("第 {level} 级"), &format!("Level {level}"));
            let numbers = language.choose(
                &format!("接受 {}，拒绝 {}", count.accepted, count.rejected),
                &format!("accepted {}, rejected {}", count.accepted, count.rejected),
            );
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{heading}: {numbers}");
        }
        if let Some(borders) = &self.borders {
            let _ = writeln!(text, "{}", borders.to_text(language));
        }
        let summary = language.choose(
            &format!(
                "读取 {}，接受 {}，修复 {} 处，拒绝 {}；新增 {}，更新 {}，未变 {}。",
                self.read,
                self.accepted,
                self.repaired.len(),
                self.rejected_rows,
                self.inserted,
                self.updated,
                self.unchanged
            ),
            &format!(
                "Read {}, accepted {}, repairs {}, rejected {}; inserted {}, updated {}, unchanged {}.",
                self.read,
                self.accepted,
                self.repaired.len(),
                self.rejected_rows,
                self.inserted,
                self.updated,
                self.unchanged
            ),
        );
        let _ = writeln!(text, "{summary}");
        let _ = writeln!(text, "{}", self.outcome(language));
        text
    }

    fn outcome(&self, language: Language) -> String {
        match (self.committed, self.dry_run, self.revision) {
            (true, _, Some(revision)) => language
                .choose(&format!("已写入，版次 {revision}。"), &format!("Written as revision {revision}.")),
            (true, _, None) => language.choose("与库中一致，无需写入。", "The database holds all of this; nothing to write."),
            (false, true, _) => language.choose("试运行，未写入任何内容。", "Dry run: nothing was written."),
            (false, false, _) => language.choose(
                "有行被拒绝，未写入任何内容；修正后重试，或加 --allow-rejects 只写入被接受的行。",
                "Rows were rejected, so nothing was written; correct them, or write the accepted rows with --allow-rejects.",
            ),
        }
    }

    fn list(&self, text: &mut String, language: Language, heading: (&str, &str), findings: &[Finding]) {
        if findings.is_empty() {
            return;
        }
        let _ = writeln!(text, "{} ({})", language.choose(heading.0, heading.1), findings.len());
        for finding in findings.iter().take(LISTED) {
            let _ = writeln!(text, "  {}", finding.to_text(language));
        }
        if let Some(more) = findings.len().checked_sub(LISTED).filter(|more| *more > 0) {
            let _ = writeln!(
                text,
                "  {}",
                language.choose(
                    &format!("……还有 {more} 条，用 --report FILE.json 查看全部。"),
                    &format!("... and {more} more; --report FILE.json has them all.")
                )
            );
        }
    }
}

impl Borders {
    fn to_text(self, language: Language) -> String {
        let Self { snapped, noded, shared_edges, single_edges } = self;
        language.choose(
            &format!("边界：吸附顶点 {snapped}，补入顶点 {noded}；共用边 {shared_edges}，独有边 {single_edges}。"),
            &format!(
                "Borders: vertices snapped {snapped}, put into edges {noded}; edges shared {shared_edges}, single {single_edges}."
            ),
        )
    }
}

impl Finding {
    fn to_json(&self, language: Language) -> serde_json::Value {
        serde_json::json!({
            "file": self.place.file,
            "row": (self.place.row > 0).then_some(self.place.row),
            "fid": self.place.fid,
            "code": self.code,
            "kind": self.defect.kind(),
            "message": describe(&self.defect, language),
        })
    }

    fn to_text(&self, language: Language) -> String {
        let message = describe(&self.defect, language);
        if self.place.row == 0 {
            return format!("{}: {message}", self.place.file);
        }
        let mut place = format!("{}:{}", self.place.file, self.place.row);
        if let Some(fid) = self.place.fid {
            let _ = write!(place, " FID {fid}");
        }
        if let Some(code) = &self.code {
            let _ = write!(place, " [{code}]");
        }
        format!("{place}: {message}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rejected: usize) -> Report {
        let mut report = Report { read: rejected, ..Report::default() };
        for row in 1..=rejected {
            let place = Place::new("a.shp", row, Some(row as u64 - 1));
            report.reject_row(&place, Some("5329"), vec![Defect::NullGeometry], None);
        }
        report
    }

    #[test]
    fn a_finding_names_file_row_fid_and_code() {
        let text = report(1).to_text(Language::En);
        assert!(text.contains("a.shp:1 FID 0 [5329]: the geometry is null"), "{text}");
    }

    #[test]
    fn a_long_list_is_cut_and_says_how_much_was_left_out_but_json_has_all() {
        let report = report(LISTED + 7);
        assert!(report.to_text(Language::En).contains("and 7 more"));
        assert_eq!(report.to_json(Language::En)["rejected"].as_array().unwrap().len(), LISTED + 7);
    }

    #[test]
    fn chinese_comes_first_with_english_beside_it() {
        let text = report(1).to_text(Language::Zh);
        assert!(text.contains("几何为空值 · the geometry is null"), "{text}");
    }
}
