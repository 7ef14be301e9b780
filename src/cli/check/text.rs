//! The report to read.

use std::fmt::Write as _;

use geo::{Geometry, InteriorPoint, Point};

use super::words;
use crate::atlas::Atlas;
use crate::ingest::Language;
use crate::query::check::{Finding, Report, Rule, Severity};
use crate::store::Unheld;

/// The report by rule, at most so many findings a rule and resources a collection; the summary always.
pub(super) fn render(
    atlas: &Atlas,
    report: &Report,
    unheld: Option<&Unheld>,
    language: Language,
    listed: usize,
) -> String {
    let mut text = String::new();
    for rule in Rule::ALL {
        let of_rule: Vec<_> = report.findings.iter().filter(|finding| finding.rule == rule).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", heading(rule, &of_rule, language));
        for finding in of_rule.iter().take(listed) {
            let _ = writeln!(text, "  {}", line(atlas, finding, language));
        }
        more(&mut text, of_rule.len().saturating_sub(listed), language);
    }
    if let Some(unheld) = unheld {
        in_no_grid(&mut text, unheld, language, listed);
    }
    summary(&mut text, report, language);
    text
}

fn more(text: &mut String, left_out: usize, language: Language) {
    if left_out > 0 {
        let zh = format!("……还有 {left_out} 条，用 --all 查看更多。");
        let en = format!("... and {left_out} more; --all lists more.");
        let _ = writeln!(text, "  {}", language.choose(&zh, &en));
    }
}

/// What no grid holds: how many of each collection, then which; people only as a count.
fn in_no_grid(text: &mut String, unheld: &Unheld, language: Language, listed: usize) {
    let counts = unheld.collections.iter().map(|one| format!("{} {}", one.collection, one.count));
    let people = words::people(unheld.people).map(|(zh, en)| language.choose(&zh, &en));
    let all: Vec<_> = counts.chain(people).collect();
    let found = if all.is_empty() { language.choose("无问题", "nothing found") } else { all.join(", ") };
    let _ = writeln!(text, "{}: {found}", language.choose("不在任何网格内", "In no grid"));
    let (mark, mark_en) = words::severity(Severity::Warning);
    let mark = if language == Language::Zh { mark } else { mark_en };
    for one in &unheld.collections {
        for resource in one.listed.iter().take(listed) {
            let ([lon, lat], id) = (resource.position, resource.id.0);
            let _ =
                writeln!(text, "  {mark} [{}] {id} {} @ {lon:.6},{lat:.6}", one.collection, resource.class);
        }
        let shown = one.listed.len().min(listed);
        more(text, usize::try_from(one.count).unwrap_or(usize::MAX).saturating_sub(shown), language);
    }
}

fn heading(rule: Rule, findings: &[&Finding], language: Language) -> String {
    let (zh, en) = words::rule(rule);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let [errors, warnings] = [Severity::Error, Severity::Warning].map(count);
    let name = language.choose(zh, en);
    match (errors, warnings) {
        (0, 0) => format!("{name}: {}", language.choose("无问题", "nothing found")),
        _ => {
            let zh = format!("错误 {errors}，提醒 {warnings}");
            format!("{name}: {}", language.choose(&zh, &format!("{errors} errors, {warnings} warnings")))
        }
    }
}

fn line(atlas: &Atlas, finding: &Finding, language: Language) -> String {
    let grids = atlas.grids();
    let code = |place: usize| finding.grids.get(place).map_or("", |grid| grids.code(*grid).as_str());
    let name = finding.grids.first().map_or("", |grid| grids.name(*grid));
    let (zh, en) = words::finding(&finding.what, code(1));
    let said = match language {
        Language::Zh => format!("{zh} · {en}"),
        Language::En => en,
    };
    let (mark, mark_en) = words::severity(finding.severity);
    let mark = if language == Language::Zh { mark } else { mark_en };
    let at = place(finding).map(|at| format!(" @ {:.6},{:.6}", at.x(), at.y())).unwrap_or_default();
    format!("{mark} [{}] L{} {name}: {said}{at}", code(0), finding.level)
}

/// Where to look.
fn place(finding: &Finding) -> Option<Point<f64>> {
    match finding.geometry.as_ref()? {
        Geometry::MultiPolygon(land) => land.interior_point(),
        Geometry::MultiPoint(places) => places.0.first().copied(),
        _ => None,
    }
}

fn summary(text: &mut String, report: &Report, language: Language) {
    for level in &report.levels {
        let zh = format!(
            "第 {} 级：{} 个网格，{} 个由边界证明与上级严丝合缝；{:.1} m² 在上级之外，此处上级链与逐级查找不一致。",
            level.level, level.grids, level.proven, level.outside_m2
        );
        let en = format!(
            "Level {}: {} grids, {} proven by borders to make up their parents; {:.1} m² outside, where parent links and a \
             lookup by level disagree.",
            level.level, level.grids, level.proven, level.outside_m2
        );
        let _ = writeln!(text, "{}", language.choose(&zh, &en));
    }
    let (slivers, sharing) = (report.slivers, report.sharing);
    let zh = format!("低于容差的缝隙与重叠：{} 处，共 {:.3} m²。", slivers.count, slivers.area_m2);
    let en = format!(
        "Gaps and overlaps below the tolerance: {}, {:.3} m² in all.",
        slivers.count, slivers.area_m2
    );
    let _ = writeln!(text, "{}", language.choose(&zh, &en));
    let (shared, single) = (sharing.shared_edges, sharing.single_edges);
    let zh = format!("边界线段：{shared} 条共用，{single} 条只属于一个网格。");
    let en = format!("Edges of borders: {shared} shared, {single} of one grid alone.");
    let _ = writeln!(text, "{}", language.choose(&zh, &en));
    let [errors, warnings] = [Severity::Error, Severity::Warning].map(|severity| report.count(severity));
    let zh =
        format!("版次 {}，检查 {} 个网格：错误 {errors}，提醒 {warnings}。", report.revision, report.grids);
    let en = format!(
        "Revision {}, {} grids examined: {errors} errors, {warnings} warnings.",
        report.revision, report.grids
    );
    let _ = writeln!(text, "{}", language.choose(&zh, &en));
}
