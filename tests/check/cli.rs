//! `gewu check`.

use std::process::{Command, Output};

use serde_json::Value;

use crate::common::{TestDatabase, database};
use crate::lattice::{defective, store, whole};

fn gewu_check(database: &TestDatabase, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gewu"))
        .args(["check", "--database-url", &database.url()])
        .args(arguments)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_end_with_1_and_warnings_alone_with_0() {
    let [broken, sound] = [database().await, database().await];
    store(&broken.store, &defective()).await;
    store(&sound.store, &whole()).await;

    let found = gewu_check(&broken, &["--all"]);
    assert_eq!((found.status.code(), text(&found.stderr)), (Some(1), ""));
    for said in [
        "无缝覆盖 Seamless",
        "[530001] L1",
        "lie in none of its children",
        "overlaps with",
        "无人在岗 · nobody is on duty",
    ] {
        assert!(text(&found.stdout).contains(said), "{said} in {}", text(&found.stdout));
    }
    let sound_too = gewu_check(&sound, &[]);
    assert_eq!(
        (sound_too.status.code(), text(&sound_too.stderr)),
        (Some(0), ""),
        "{}",
        text(&sound_too.stdout)
    );
    let last = text(&sound_too.stdout).lines().last().unwrap();
    assert!(last.contains("19 grids examined: 0 errors, 17 warnings"), "{last}");

    let narrowed = gewu_check(&broken, &["--level", "3", "--lang", "en"]);
    assert_eq!(narrowed.status.code(), Some(0), "{}", text(&narrowed.stdout));
    assert!(text(&narrowed.stdout).contains("2 proven by borders"), "{}", text(&narrowed.stdout));
    assert_eq!(gewu_check(&broken, &["--level", "7"]).status.code(), Some(2));
    assert_eq!(gewu_check(&database().await, &[]).status.code(), Some(3), "there is nothing to examine");
}

#[tokio::test(flavor = "multi_thread")]
async fn geojson_is_what_other_programs_read() {
    let database = database().await;
    store(&database.store, &defective()).await;
    let found = gewu_check(&database, &["--format", "geojson"]);
    assert_eq!((found.status.code(), text(&found.stderr)), (Some(1), ""));
    let collection: Value = serde_json::from_slice(&found.stdout).unwrap();
    let features = collection["features"].as_array().unwrap();
    let errors = features.iter().filter(|feature| feature["properties"]["severity"] == "error").count();
    assert_eq!(collection["summary"]["errors"], errors);
    assert!(errors >= 5 && features.iter().all(|feature| feature["geometry"].is_object()), "{collection}");

    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("findings.geojson");
    std::fs::write(&file, &found.stdout).unwrap();
    let read = Command::new("ogrinfo").args(["-ro", "-al", "-so"]).arg(&file).output().unwrap();
    let told = format!("{}{}", text(&read.stdout), text(&read.stderr));
    assert!(read.status.success() && told.contains(&format!("Feature Count: {}", features.len())), "{told}");
    assert!(!told.contains("Warning") && !told.contains("ERROR"), "{told}");
}
