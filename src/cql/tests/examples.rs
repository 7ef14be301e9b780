//! The examples that the standard publishes (`data/cql2/examples.jsonl`), in both encodings.

use super::*;

const EXAMPLES: &str = include_str!("../../../data/cql2/examples.jsonl");

/// The properties that they name. Some name the same one as something else: see [`known`].
const PROPERTIES: [(&str, Kind); 44] = [
    ("balance", Kind::Number),
    ("bar", Kind::Number),
    ("beamMode", Kind::Text),
    ("bridge_clearance", Kind::Number),
    ("built", Kind::Date),
    ("category", Kind::Number),
    ("city", Kind::Text),
    ("cityName", Kind::Text),
    ("depth", Kind::Number),
    ("ends_at", Kind::Timestamp),
    ("eo:cloud_cover", Kind::Number),
    ("eo:instrument", Kind::Text),
    ("etat_vol", Kind::Text),
    ("event_time", Kind::Timestamp),
    ("floors", Kind::Number),
    ("foo", Kind::Number),
    ("footprint", Kind::Geometry),
    ("geometry", Kind::Geometry),
    ("geophys:SURVEY_NAME", Kind::Text),
    ("id", Kind::Text),
    ("landsat:scene_id", Kind::Text),
    ("landsat:wrs_path", Kind::Number),
    ("landsat:wrs_row", Kind::Number),
    ("layer:ids", Kind::Texts),
    ("liftOff", Kind::Timestamp),
    ("location", Kind::Geometry),
    ("material", Kind::Text),
    ("name", Kind::Text),
    ("owner", Kind::Text),
    ("polarization", Kind::Text),
    ("road", Kind::Geometry),
    ("road_class", Kind::Text),
    ("starts_at", Kind::Timestamp),
    ("swathDirection", Kind::Text),
    ("swimming_pool", Kind::Truth),
    ("taxes", Kind::Number),
    ("touchdown", Kind::Timestamp),
    ("updated", Kind::Date),
    ("updated_at", Kind::Timestamp),
    ("value", Kind::Number),
    ("values", Kind::Texts),
    ("vehicle_height", Kind::Number),
    ("windSpeed", Kind::Number),
    ("x", Kind::Number),
];
/// Those that are refused, with what is said. All others must be read.
const REFUSED: [(&str, &str); 15] = [
    // Functions, which a server may have and this one has not.
    ("clause6_01", "\"avg\" is not supported"),
    ("clause6_02b", "\"avg\" is not supported"),
    ("clause7_05", "\"accenti\" is not supported"),
    ("clause7_18", "\"Buffer\" is not supported"),
    ("example27", "\"accenti\" is not supported"),
    ("example68", "\"Foo\" is not supported"),
    ("example69", "\"Bar\" is not supported"),
    ("example70", "\"accenti\" is not supported"),
    // No valid polygons: how they lie to anything is not defined.
    ("example46", "self-intersection"),
    ("example49", "the geometry cannot be used: "),
    // Instants of different granularity; the standard leaves it to the server what to make of them.
    ("example60", "a date cannot be compared with a timestamp"),
    ("example63", "a timestamp cannot be compared with a date"),
    // Lists whose values are of different types, which no column here holds.
    ("example81", "\"values\" is a list of texts, which cannot be held against true or false"),
    ("example82", "\"values\" is a list of texts, which cannot be held against a timestamp"),
    // What a collection is equal to, Simple Features does not say.
    ("example84", "a collection can be asked for with s_intersects and s_disjoint only"),
];

struct Example {
    name: String,
    text: Vec<String>,
    json: String,
}

fn examples() -> Vec<Example> {
    let read = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = value["text"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned());
        Example {
            name: value["name"].as_str().unwrap().to_owned(),
            text: text.collect(),
            json: value["json"].to_string(),
        }
    };
    EXAMPLES.lines().map(read).collect()
}

/// What the collection of an example can be asked for.
fn known(example: &str) -> Vec<Queryable<'static>> {
    let kind = |name: &str, kind: Kind| match (example, name) {
        ("example03", "landsat:wrs_path") | ("example40", "value") => Kind::Text,
        ("example53" | "example58", "updated_at") => Kind::Date,
        ("example57" | "example62", "starts_at" | "ends_at") => Kind::Date,
        _ => kind,
    };
    PROPERTIES.iter().enumerate().map(|(key, (name, own))| queryable(name, kind(name, *own), key)).collect()
}

#[test]
fn every_example_of_the_standard_is_read_or_refused_with_what_it_asks_too_much() {
    let examples = examples();
    assert_eq!(examples.len(), 109);
    let mut wrong = Vec::new();
    for Example { name, text, .. } in &examples {
        let refused = REFUSED.iter().find(|(refused, _)| refused == name);
        for written in text {
            match (parse(written, Language::Text, &known(name)), refused) {
                (Ok(read), None) => {
                    let again = parse(&read.to_string(), Language::Text, &known(name));
                    assert_eq!(again.as_ref(), Ok(&read), "{name}, written down as {read}");
                }
                (Err(error), Some((_, told))) if error.to_string().contains(told) => {}
                (outcome, _) => wrong.push(format!("{name}: {written}: {outcome:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_of_the_standard_says_the_same_in_text_and_in_json() {
    for Example { name, text, json } in examples() {
        let decoded = parse(&json, Language::Json, &known(&name));
        for written in text {
            assert_eq!(parse(&written, Language::Text, &known(&name)), decoded, "{name}: {written}");
        }
    }
}
