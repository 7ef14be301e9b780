//! Every word that the report says, in Chinese and in English, in one place.

use chrono::SecondsFormat;

use crate::query::PEOPLE_THRESHOLD;
use crate::query::check::{Rule, Severity, What};

/// Chinese and English.
pub(super) type Words = (String, String);

fn words(zh: impl Into<String>, en: impl Into<String>) -> Words {
    (zh.into(), en.into())
}

/// What a rule asks for.
pub(super) fn rule(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::Seamless => ("无缝覆盖", "Seamless"),
        Rule::Nested => ("上下级嵌套", "Nested"),
        Rule::ClearBounds => ("边界清晰", "Clear bounds"),
        Rule::OneCode => ("一格一码", "One code"),
        Rule::ModerateSize => ("规模适度", "Moderate size"),
        Rule::OneOwner => ("责任到人", "One owner"),
    }
}

/// The name of a rule in GeoJSON.
pub(super) fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Seamless => "seamless",
        Rule::Nested => "nested",
        Rule::ClearBounds => "clear_bounds",
        Rule::OneCode => "one_code",
        Rule::ModerateSize => "moderate_size",
        Rule::OneOwner => "one_owner",
    }
}

pub(super) fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("错误", "error"),
        Severity::Warning => ("提醒", "warning"),
    }
}

/// What was found. `other`: the code of the second grid, where there is one.
pub(super) fn finding(what: &What, other: &str) -> Words {
    match what {
        What::Gap { area_m2 } => words(
            format!("有 {area_m2:.1} m² 不属于任何下级网格"),
            format!("{area_m2:.1} m² lie in none of its children"),
        ),
        What::Overlap { area_m2 } => words(
            format!("与 {other} 重叠 {area_m2:.1} m²"),
            format!("overlaps with {other}: {area_m2:.1} m²"),
        ),
        What::Outside { area_m2, share } => words(
            format!("有 {area_m2:.1} m²（{:.3} %）在上级 {other} 之外", share * 100.0),
            format!("{area_m2:.1} m² ({:.3} %) lie outside of its parent {other}", share * 100.0),
        ),
        What::NoParent => words("没有上级网格", "has no parent"),
        What::Invalid { places } => words(
            format!("边界有 {places} 处自相交、重叠或错位"),
            format!("the boundary crosses, touches or misplaces itself in {places} places"),
        ),
        What::Sliver { width_m, area_m2 } => words(
            format!("狭长碎片：平均宽 {width_m:.2} m，面积 {area_m2:.1} m²"),
            format!("a sliver: {width_m:.2} m wide on average, {area_m2:.1} m²"),
        ),
        What::Parts { count } => {
            words(format!("由 {count} 块不相连的面组成"), format!("consists of {count} parts"))
        }
        What::CodeForm { scheme } => words(
            format!("编码不符合 {scheme} 的格式"),
            format!("the code has not the form of scheme {scheme}"),
        ),
        What::CodePrefix { expected } => words(
            format!("编码不以上级 {other} 的 {expected} 开头"),
            format!("the code does not begin with {expected} of its parent {other}"),
        ),
        What::Households { count, range: [least, most] } => words(
            format!("{count} 户，应为 {least} 至 {most} 户"),
            format!("{count} households, expected {least} to {most}"),
        ),
        other => duty(other),
    }
}

/// How many people no grid holds; none: nobody. A small count is withheld, as everywhere.
pub(super) fn people(count: u64) -> Option<Words> {
    let least = u64::from(PEOPLE_THRESHOLD);
    match count {
        0 => None,
        few if few < least => Some(words(format!("人员少于 {least}"), format!("fewer than {least} people"))),
        many => Some(words(format!("人员 {many}"), format!("{many} people"))),
    }
}

fn duty(what: &What) -> Words {
    match what {
        What::NoPrimary => words("没有主要责任人在岗", "no primary worker is on duty"),
        What::Primaries { count } => {
            words(format!("{count} 人同为主要责任人"), format!("{count} workers are primary at once"))
        }
        What::NoFullTime => words("没有专职网格员在岗", "nobody on duty is full-time"),
        What::WillLackPrimary { from } => {
            let from = from.to_rfc3339_opts(SecondsFormat::Secs, true);
            words(format!("自 {from} 起没有主要责任人"), format!("no primary worker from {from} on"))
        }
        _ => words("无人在岗", "nobody is on duty"),
    }
}
