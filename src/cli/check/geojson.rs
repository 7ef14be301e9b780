//! The findings as a FeatureCollection (RFC 7946), for QGIS and the like.

use geo::{Geometry, Point};
use geojson::{Feature, FeatureCollection};
use serde_json::{Map, Value, json};

use super::words;
use crate::atlas::Atlas;
use crate::query::check::{Finding, Report, Severity, What};

/// Every finding, with the summary as a member of its own.
pub(super) fn render(atlas: &Atlas, report: &Report) -> String {
    let features = report.findings.iter().map(|finding| feature(atlas, finding)).collect();
    let foreign = Map::from_iter([("summary".to_owned(), summary(report))]);
    FeatureCollection { bbox: None, features, foreign_members: Some(foreign) }.to_string()
}

fn feature(atlas: &Atlas, finding: &Finding) -> Feature {
    let grids = atlas.grids();
    let codes: Vec<_> = finding.grids.iter().map(|grid| grids.code(*grid).as_str()).collect();
    let (zh, en) = words::finding(&finding.what, codes.get(1).copied().unwrap_or_default());
    let first = finding.grids.first();
    let mut feature = Feature { geometry: geometry(atlas, finding), ..Feature::default() };
    feature.set_property("rule", words::rule_name(finding.rule));
    feature.set_property("severity", words::severity(finding.severity).1);
    feature.set_property("kind", finding.what.kind());
    feature.set_property("code", codes.first().copied());
    feature.set_property("other_code", codes.get(1).copied());
    feature.set_property("level", finding.level.number());
    feature.set_property("name", first.map(|grid| grids.name(*grid)));
    feature.set_property("area_m2", area(&finding.what));
    feature.set_property("count", count(&finding.what));
    feature.set_property("message", zh);
    feature.set_property("message_en", en);
    feature
}

/// The land or the places; for a grid as a whole the point where its label stands.
fn geometry(atlas: &Atlas, finding: &Finding) -> Option<geojson::Geometry> {
    match &finding.geometry {
        Some(Geometry::MultiPolygon(land)) => Some(geojson::Geometry::from(land)),
        Some(other) => Some(geojson::Geometry::from(other)),
        None => {
            let at = atlas.grids().label_point(*finding.grids.first()?);
            Some(geojson::Geometry::from(&Point::new(at.lon(), at.lat())))
        }
    }
}

fn area(what: &What) -> Option<f64> {
    match what {
        What::Gap { area_m2 }
        | What::Overlap { area_m2 }
        | What::Outside { area_m2, .. }
        | What::Sliver { area_m2, .. } => Some(*area_m2),
        _ => None,
    }
}

fn count(what: &What) -> Option<u64> {
    match what {
        What::Invalid { places: count } | What::Parts { count } | What::Primaries { count } => {
            Some(*count as u64)
        }
        What::Households { count, .. } => Some(u64::from(*count)),
        _ => None,
    }
}

fn summary(report: &Report) -> Value {
    let levels = report.levels.iter().map(|level| {
        json!({
            "level": level.level.number(),
            "grids": level.grids,
            "proven": level.proven,
            "outside_m2": level.outside_m2,
        })
    });
    json!({
        "revision": report.revision,
        "at": report.at,
        "grids": report.grids,
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "all_levels_proven": report.all_proven(),
        "slivers": {"count": report.slivers.count, "area_m2": report.slivers.area_m2},
        "levels": levels.collect::<Vec<_>>(),
        "edges": {"shared": report.sharing.shared_edges, "single": report.sharing.single_edges},
    })
}
