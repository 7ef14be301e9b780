//! What the tests of this program share.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use gewu::config::ServerSettings;
use gewu::features::Collections;
use gewu::tiles::Tilesets;
use serde_json::Value;

use crate::common::sample_region;
use crate::world::{Answer, World};

/// A server of the sample region, the same for all tests.
pub(crate) fn region() -> &'static World {
    static REGION: LazyLock<World> = LazyLock::new(|| {
        let place = async { (sample_region().await, Vec::new()) };
        let tilesets = Tilesets::embedded().unwrap();
        World::of(place, ServerSettings::default(), tilesets, Collections::embedded().unwrap())
    });
    &REGION
}

/// Every collection that a server lists.
pub(crate) fn collections(world: &Arc<World>) -> Vec<String> {
    let list = world.get("/collections?f=json").json();
    let ids = list["collections"].as_array().unwrap().iter();
    ids.map(|collection| collection["id"].as_str().unwrap().to_owned()).collect()
}

/// The link of a relation, of some media type.
pub(crate) fn link<'a>(document: &'a Value, rel: &str, media: &str) -> Option<&'a str> {
    let links = document["links"].as_array()?;
    let found = links.iter().find(|link| {
        link["rel"] == rel && link["type"].as_str().is_some_and(|kind| kind.starts_with(media))
    })?;
    found["href"].as_str()
}

/// The path of an address of a server.
pub(crate) fn path<'a>(world: &World, address: &'a str) -> &'a str {
    let start = world.url("");
    let place = address.find(&start).map_or(0, |at| at + start.len());
    &address[place..]
}

/// The features of a collection.
pub(crate) fn features(list: &Value) -> &Vec<Value> {
    list["features"].as_array().unwrap()
}

/// The identities of features, as text.
pub(crate) fn ids(list: &Value) -> BTreeSet<String> {
    features(list).iter().map(|feature| id(feature)).collect()
}

/// The identity of a feature, as text.
pub(crate) fn id(feature: &Value) -> String {
    feature["id"].as_str().map_or_else(|| feature["id"].to_string(), str::to_owned)
}

/// A query string.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

/// The pages of a list, from an address on.
pub(crate) fn pages(world: &World, first: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(address) = next {
        let page = world.get(path(world, &address)).json();
        next = link(&page, "next", "application/geo+json").map(str::to_owned);
        pages.push(page);
        assert!(pages.len() < 10_000, "the pages have no end");
    }
    pages
}

/// The media type of an answer, without parameters.
pub(crate) fn media(answer: &Answer) -> &str {
    answer.header("content-type").split(';').next().unwrap_or_default()
}
