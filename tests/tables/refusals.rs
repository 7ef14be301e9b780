//! What is not registered: what is not there, what does not fit, and whatever leads to personal data.

use crate::place::{Place, tileset};

/// The fault of one definition.
fn fault(preparation: &str, table: &str, more: &str) -> String {
    Place::new(preparation, &[tileset("own", table, more)]).fault()
}

#[test]
fn a_definition_that_does_not_fit_is_refused_with_what_there_is() {
    let preparation = "create table public.roads (gid text, name text, raw bytea, geom geometry(linestring, 4326), mid geometry(point, 4326)); \
        create table public.nowhere (id int, geom geometry); create table public.plain (id int); \
        create table public.globe (g geography(point))";
    let one = "geometry = 'geom'\n";
    for (table, more, expected) in [
        ("public.raods", String::new(), "gewu_read.resource, public.nowhere, public.roads"),
        ("other.roads", String::new(), "no such table or view"),
        ("public.roads", String::new(), "several geometries: geom (geometry), mid (geometry)"),
        ("public.roads", "geometry = 'name'\n".to_owned(), "\"name\" is no geometry"),
        (
            "public.roads",
            format!("{one}[layer.fields]\nnmae = 'x'"),
            "no column \"nmae\"; it has: gid (text), name (text)",
        ),
        ("public.roads", format!("{one}[layer.fields]\nmid = 'x'"), "\"mid\" is geometry"),
        ("public.roads", format!("{one}[layer.fields]\nraw = 'x'"), "\"raw\" is bytea"),
        ("public.roads", format!("{one}feature_id = 'gid'"), "an integer or a uuid"),
        ("public.nowhere", String::new(), "reference system"),
        ("public.plain", String::new(), "no column of the type geometry"),
        ("public.globe", String::new(), "no column of the type geometry"),
        ("public.roads; drop table roads", String::new(), "no such table or view"),
        ("public.roads\" --", String::new(), "no such table or view"),
    ] {
        let told = fault(preparation, table, &more);
        assert!(told.contains("\"own\"") && told.contains(expected), "{table} {more}: {told}");
    }
}

#[test]
fn tables_and_views_that_lead_to_personal_data_are_refused_however_they_get_there() {
    let preparation = "create view public.direct as select id, geom from gewu.person; \
        create view public.indirect as select id, st_centroid(geom)::geometry(point, 4490) as geom from direct; \
        create materialized view public.frozen as select id, geom from gewu.person; \
        create view public.hidden as select g.grid_id as id, g.geom from gewu.grid_version g where exists \
          (select from gewu.assignment a join gewu.worker w on w.id = a.worker_id where a.grid_id = g.grid_id and w.name like '李%'); \
        create function public.everybody() returns table (id uuid, geom geometry) language sql stable as 'select id, geom from gewu.person'; \
        create view public.behind as select id, geom::geometry(point, 4490) as geom from everybody()";
    for (table, expected) in [
        ("gewu.person", "gewu.person"),
        ("gewu.person_03", "gewu.person"),
        ("gewu.worker", "gewu.worker"),
        ("gewu.absence", "gewu.absence"),
        ("public.direct", "gewu.person"),
        ("public.indirect", "gewu.person"),
        ("public.frozen", "gewu.person"),
        ("public.hidden", "gewu."),
        ("public.behind", "everybody()"),
    ] {
        let place = Place::new(preparation, &[tileset("own", table, "")]);
        let told = place.fault();
        assert!(told.contains(expected) && told.contains("personal data"), "{table}: {told}");
        let answer = place.get("/tiles/own/3/6/3");
        answer.problem(503);
        assert!(!answer.text().contains(expected), "{}", answer.text());
    }
}

#[test]
fn a_view_that_becomes_one_of_people_while_it_is_served_is_refused_at_the_next_look() {
    let preparation = "create view public.spots as select id, geom from gewu.facility";
    let place = Place::new(preparation, &[tileset("spots", "public.spots", "feature_id = 'id'")]);
    assert_eq!(place.features("spots", "spots", (3, 6, 3)).len(), 3);
    place.run("drop view spots");
    place.get("/tiles/spots/3/6/3").problem(503);
    place.run("create view public.spots as select id, geom from gewu.person");
    place.get("/tiles/spots/3/6/3").problem(503);
}

#[test]
fn gewu_s_own_grids_and_facilities_and_functions_that_read_nothing_may_be_registered() {
    let preparation = "create function public.shout(text) returns text language sql immutable as 'select upper($1)'; \
        create view public.loud as select f.id, shout(f.class) as class, v.name as grid, f.geom from gewu.facility f \
          left join gewu.grid_version v on v.grid_id = f.leaf_id";
    let fields = "feature_id = 'id'\n[layer.fields]\nclass = 'c'\ngrid = 'g'";
    let place = Place::new(preparation, &[tileset("loud", "public.loud", fields)]);
    place.world.wait(place.world.state.check_tables()).unwrap();
    let features = place.features("loud", "loud", (3, 6, 3));
    let classes: Vec<_> = features.iter().map(|feature| feature.properties["class"].as_str()).collect();
    assert_eq!(classes.iter().filter(|class| **class == "SCHOOL").count(), 2, "{classes:?}");
}
