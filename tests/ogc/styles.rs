//! OGC API - Styles (20-009), Annex A: core, JSON and Mapbox styles.

use crate::support::{media, path};
use crate::world::world;

#[test]
fn conf_core_styles_list_and_every_style_is_one_of_mapbox() {
    let world = world();
    let list = world.get("/styles").json();
    let styles = list["styles"].as_array().unwrap();
    assert_eq!(
        styles.iter().map(|style| style["id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["day", "night"]
    );
    assert!(styles.iter().any(|style| style["id"] == list["default"]));
    for style in styles {
        let link = &style["links"][0];
        assert_eq!(link["rel"], "stylesheet");
        let answer = world.get(path(&world, link["href"].as_str().unwrap()));
        assert_eq!(media(&answer), "application/vnd.mapbox.style+json");
        let document = answer.json();
        assert_eq!(document["version"], 8);
        assert!(document["sources"].is_object() && document["layers"].is_array());
    }
    let night = world.get("/styles/night").json();
    assert_eq!(night, world.get("/style.json?theme=night").json(), "the same as by its other name");
    let problem = world.get("/styles/day-img").problem(404);
    assert!(problem["detail"].as_str().unwrap().contains("night"), "{problem}");
}
