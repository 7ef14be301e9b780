//! The findings as a FeatureCollection (RFC 7946), for QGIS and the like.

use geo::{Geometry, Point};
use geojson::{Feature, FeatureCollection};
use serde_json::{Map, Value, json};

use super::words;
use crate::atlas::Atlas;
use crate::query::PEOPLE_THRESHOLD;
use crate::query::check::{Finding, Report, Severity, What};
use crate::store::{Unheld, UnheldCollection, UnheldResource};

/// Every finding, and what no grid holds, with the summary as a member of its own.
pub(super) fn render(atlas: &Atlas, report: &Report, unheld: Option<&Unheld>) -> String {
    let mut features: Vec<_> = report.findings.iter().map(|finding| feature(atlas, finding)).collect();
    let mut summary = summary(report);
    if let Some(unheld) = unheld {
        let collections = unheld.collections.iter();
        features.extend(collections.clone().flat_map(|one| one.listed.iter().map(|it| resource(one, it))));
        let counts = collections.map(|one| (one.collection.clone(), one.count.into()));
        let is_small = (1..u64::from(PEOPLE_THRESHOLD)).contains(&unheld.people);
        summary["unheld"] = Value::Object(counts.collect());
        summary["unheld_people"] = if is_small { Value::Null } else { unheld.people.into() };
    }
    let foreign = Map::from_iter([("summary".to_owned(), summary)]);
    FeatureCollection { bbox: None, features, foreign_members: Some(foreign) }.to_string()
}

fn resource(collection: &UnheldCollection, resource: &UnheldResource) -> Feature {
    let [lon, lat] = resource.position;
    let at = geojson::Geometry::from(&Point::new(lon, lat));
    let mut feature = Feature { geometry: Some(at), ..Feature::default() };
    feature.set_property("rule", "held");
    feature.set_property("severity", words::severity(Severity::Warning).1);
    feature.set_property("kind", "in_no_grid");
    feature.set_property("collection", collection.collection.as_str());
    feature.set_property("resource", resource.id.0.to_string());
    feature.set_property("class", resource.class.as_str());
    feature.set_property("message", "不在任何网格内");
    feature.set_property("message_en", "lies in no grid");
    feature
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
