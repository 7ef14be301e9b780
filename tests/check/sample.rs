//! The sample region is made to be seamless, and its borders prove it.

use chrono::Utc;
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::query::check::{Rule, Settings, Severity, check};

use crate::common::sample_region;

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_region_is_proven_seamless_and_has_no_errors() {
    let database = sample_region().await;
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let started = std::time::Instant::now();
    let report = check(&atlas, &Principal::open(), &Settings::at(Utc::now()), &|| {});
    println!("{} grids in {:?}: {:?} {:?}", report.grids, started.elapsed(), report.levels, report.sharing);
    for rule in Rule::ALL {
        println!("{rule:?}: {}", report.findings.iter().filter(|finding| finding.rule == rule).count());
    }
    let error = report.findings.iter().find(|finding| finding.severity == Severity::Error);
    assert_eq!(error, None);
    assert!(report.all_proven(), "{:?}", report.levels);
    assert_eq!(report.grids, atlas.grids().len());
    let unserved = report.findings.iter().filter(|finding| finding.rule == Rule::OneOwner).count();
    assert!(unserved > 0, "one leaf in a hundred of the sample has nobody");
}
