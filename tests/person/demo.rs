//! `gewu demo` has a key without anybody having made one, and keeps it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;

use crate::marked::{EACH, MARKERS, Marked};
use crate::place::Server;

const ITEMS: &str = "/collections/people/items?limit=100";

#[test]
fn a_demo_makes_its_data_key_for_its_owner_only_and_the_next_one_takes_the_same() {
    let marked = Marked::without_key();
    let url = marked.world.database.url();
    let folder = marked.folder.path().to_str().unwrap();
    let demo = || {
        let environment = [("GEWU_DATA_DIR", folder), ("GEWU_API_KEYS", "true")];
        Server::start_by("demo", &url, &environment, Stdio::null())
    };
    let names = |server: &Server, key: &str| {
        let seen = server.get(ITEMS, key).json();
        let name = |one: &serde_json::Value| one["properties"]["name"].as_str().unwrap().to_owned();
        let all = seen["features"].as_array().unwrap().iter().map(name);
        all.filter(|name| name.starts_with("标记人")).collect::<Vec<_>>()
    };
    assert!(!marked.key_file().exists());
    let first = demo();
    let made = fs::metadata(marked.key_file()).unwrap();
    assert_eq!(made.permissions().mode() & 0o777, 0o600);
    let text = fs::read(marked.key_file()).unwrap();
    // What is imported with that key alone is sealed, and the demo reads it.
    marked.import();
    assert_eq!(marked.found(&MARKERS), [""; 0]);
    let worker = marked.api_key(&first, "worker", "532901001");
    let seen = names(&first, &worker);
    assert_eq!(seen.len(), EACH);
    drop(first);

    let second = demo();
    second.until("/v1/access", &worker, 200);
    assert_eq!(names(&second, &worker), seen);
    let kept = fs::metadata(marked.key_file()).unwrap();
    assert_eq!((kept.ino(), kept.mtime_nsec(), kept.mode()), (made.ino(), made.mtime_nsec(), made.mode()));
    assert!(fs::read(marked.key_file()).unwrap() == text, "the same key");
}
