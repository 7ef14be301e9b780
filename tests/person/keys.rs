//! A key that is missing, another one, or readable by others, is said at once and by its name.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use gewu::seal::Keyring;

use crate::common::{gewu, output};
use crate::marked::{MARKERS, Marked};

#[test]
fn without_a_key_no_name_is_put_into_a_database() {
    let marked = Marked::empty();
    let file = marked.folder.path().join("workers.csv");
    fs::write(&file, "source_id,name,role\nw1,标记工甲,full_time\n").unwrap();
    for what in [&["import", "workers"][..], &["import", "resources", "people"]] {
        let (code, _, error) = output(&mut marked.keyless(&[what, &[file.to_str().unwrap()]].concat()));
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("gewu data-key new") && error.contains("GEWU_DATA_KEY_FILE"), "{error}");
    }
    assert_eq!(marked.texts("select count(*)::text from gewu.worker where source_id = 'w1'"), ["0"]);
    assert!(!marked.folder.path().join("none/data.key").exists(), "beside a shared database none is made");
}

#[test]
fn a_database_that_is_sealed_is_opened_with_its_key_only() {
    let marked = Marked::start();
    let key = Keyring::read(&marked.key_file()).unwrap().newest().to_string();
    // Who gives rights and who reads the log needs none.
    for verb in [&["token", "list"][..], &["audit", "verify"]] {
        assert_eq!(output(&mut marked.keyless(verb)).0, Some(0), "{verb:?}");
    }
    let verbs: [&[&str]; 4] =
        [&["serve", "--listen", "127.0.0.1:0"], &["check"], &["person", "erased"], &["data-key", "status"]];
    for verb in verbs {
        let (code, out, error) = output(&mut marked.keyless(verb));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{verb:?}: {error}");
        assert!(error.contains("GEWU_DATA_KEY_FILE"), "{error}");
    }
    let other = marked.folder.path().join("other.key");
    Keyring::add_key(&other).unwrap();
    for verb in verbs {
        let (code, _, error) = output(marked.keyless(verb).env("GEWU_DATA_KEY_FILE", &other));
        assert_eq!(code, Some(2), "{verb:?}: {error}");
        assert!(error.contains(&key) && error.contains("put that key back"), "{error}");
    }
    fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, error) = output(marked.keyless(&["check"]).env("GEWU_DATA_KEY_FILE", &other));
    assert_eq!(code, Some(2));
    assert!(error.contains("chmod 600"), "{error}");
    let (_, _, error) = output(marked.keyless(&["check"]).env("GEWU_DATA_KEY_FILE", "/nowhere/data.key"));
    assert!(error.contains("/nowhere/data.key"), "{error}");
}

#[test]
fn a_key_is_in_no_setting_no_log_and_no_table() {
    let marked = Marked::start();
    let secret = fs::read_to_string(marked.key_file()).unwrap();
    let secret = secret.lines().find_map(|line| line.strip_prefix("gewu-key-1:")).unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    assert!(!marked.dump().contains(&secret));
    let printed = marked.run(&["serve", "--print-config"]);
    assert!(printed.contains("data_key_file") && !printed.contains(&secret));
    let (_, out, error) = output(&mut marked.gewu(&["data-key", "status", "--log", "trace"]));
    assert!(!out.contains(&secret) && !error.contains(&secret));
    assert!(MARKERS.iter().all(|marker| !out.contains(marker) && !error.contains(marker)), "{error}");
}

#[test]
fn a_file_of_keys_is_made_once_and_grows_at_its_top() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys/data.key");
    let new = || {
        let (code, out, error) = output(&mut gewu(&["data-key", "new", file.to_str().unwrap()]));
        assert_eq!(code, Some(0), "{error}");
        out.trim().to_owned()
    };
    let (first, second) = (new(), new());
    let keys = Keyring::read(&file).unwrap();
    assert_eq!(keys.ids().iter().map(ToString::to_string).collect::<Vec<_>>(), [second, first]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing unfinished is left");
    fs::write(&file, "gewu-key-1:x\n").unwrap();
    assert_eq!(output(&mut gewu(&["data-key", "new", file.to_str().unwrap()])).0, Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), "gewu-key-1:x\n");
}
