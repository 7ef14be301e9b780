//! `datetime`: grids as they were, and tables with a column that says when.

use crate::support::{features, query};
use crate::world::World;
use gewu::config::ServerSettings;
use gewu::tiles::Tilesets;

/// The middle grid is called 凤仪 until the third of March, 新凤仪 for ten days, and is retired then.
const HISTORY: &str = "update gewu.grid_version set valid = tstzrange(null, null) where upper_inf(valid); \
    update gewu.grid_version set valid = tstzrange(null, '2026-03-03') where code = '532901002'; \
    insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, kind, name, households, geom) \
    select county, grid_id, gewu.own_revision(), tstzrange('2026-03-03', '2026-03-13'), scheme, code, level, parent_county, parent_id, kind, '新凤仪', \
    400, geom from gewu.grid_version where code = '532901002'";

#[test]
fn conf_core_fc_time_definition_and_response_grids_are_as_they_were() {
    let world = World::with(ServerSettings::default(), Tilesets::embedded().unwrap());
    world.edit(HISTORY);
    let names = |time: &str| {
        let pairs = [("level", "3"), ("datetime", time), ("sortby", "code"), ("properties", "name")];
        let list = world.get(&format!("/collections/grids/items?{}", query(&pairs))).json();
        let names = features(&list).iter().map(|f| f["properties"]["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("2026-03-01T00:00:00Z"), ["下关", "凤仪", "洱海"]);
    assert_eq!(names("2026-03-03T00:00:00Z"), ["下关", "新凤仪", "洱海"]);
    assert_eq!(names("2026-03-13T00:00:00Z"), ["下关", "洱海"]);
    assert_eq!(names("2026-03-02/2026-03-05"), ["下关", "新凤仪", "洱海"], "each as it was last");
    // One that was there long before.
    assert_eq!(names("../2026-03-02"), ["下关", "凤仪", "洱海", "旧网格"]);
    assert_eq!(names("2026-04-01/.."), ["下关", "洱海"]);
    assert_eq!(names("../.."), ["下关", "新凤仪", "洱海", "旧网格"]);
    for wrong in ["yesterday", "2026-03-05/2026-03-02", "2026-03-02/2026-03-05/..", "2026-13-01"] {
        world.get(&format!("/collections/grids/items?{}", query(&[("datetime", wrong)]))).problem(400);
    }
    // What has no time has any.
    let facilities = world.get("/collections/facilities/items?datetime=2001-01-01").json();
    assert_eq!(facilities["numberMatched"], 3);
}

/// What held at some time of an interval, by the ends of each version and by the operators of CQL2.
#[test]
fn temporal_operators_ask_the_validity_of_grids_as_postgis_would() {
    let world = World::with(ServerSettings::default(), Tilesets::embedded().unwrap());
    world.edit(HISTORY);
    let codes = |filter: &str| {
        let pairs = [
            ("filter", filter),
            ("datetime", "2026-03-05T00:00:00Z"),
            ("properties", "code"),
            ("sortby", "code"),
        ];
        let list = world.get(&format!("/collections/grids/items?{}", query(&pairs))).json();
        let codes = features(&list).iter().map(|f| f["properties"]["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    // The others have held since always, for ever: their ends are null, and what asks for them is unknown.
    assert_eq!(
        codes("T_DURING(valid_from, INTERVAL('2026-03-01T00:00:00Z', '2026-03-04T00:00:00Z'))"),
        ["532901002"]
    );
    assert_eq!(
        codes(
            "T_MEETS(INTERVAL('2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z'), INTERVAL(valid_from, valid_to))"
        ),
        ["532901002"]
    );
    assert_eq!(
        codes("T_CONTAINS(INTERVAL(valid_from, valid_to), TIMESTAMP('2026-03-05T00:00:00Z'))"),
        ["532901002"]
    );
    assert_eq!(codes("T_AFTER(valid_from, INTERVAL('..', '2026-03-03T00:00:00Z'))"), [""; 0]);
    assert_eq!(codes("NOT T_AFTER(valid_from, INTERVAL('..', '2026-03-03T00:00:00Z'))"), ["532901002"]);
}
