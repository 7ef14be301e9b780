use super::file::keys;
use super::*;

fn load(file: &str, common: CommonSettings, server: ServerSettings) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gewu.toml");
    std::fs::write(&path, file).unwrap();
    Config::load(Some(&path), common, server)
}

fn load_file(file: &str) -> Result<Config, ConfigError> {
    load(file, CommonSettings::default(), ServerSettings::default())
}

#[test]
fn without_any_setting_it_listens_on_loopback_and_keeps_its_data_beside_it() {
    let config = load_file("").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, Path::new(".gewu"));
    assert_eq!(config.limits.batch_points, 100_000);
    assert!(config.database_url.is_none() && config.gcj_inverse && config.access_log);
}

#[test]
fn what_was_typed_wins_over_the_file() {
    let typed = ServerSettings { listen: Some("127.0.0.1:9000".into()), ..Default::default() };
    let file = "listen = \"127.0.0.1:7000\"\nmax_batch_points = 5\npool_size = 3";
    let config = load(file, CommonSettings::default(), typed).unwrap();
    assert_eq!(config.listen.port(), 9000);
    assert_eq!((config.limits.batch_points, config.pool_size), (5, 3));
}

#[test]
fn an_empty_setting_is_one_that_is_not_set() {
    let typed = CommonSettings { database_url: Some(" ".into()), ..Default::default() };
    assert!(load("", typed, ServerSettings::default()).unwrap().database_url.is_none());
}

#[test]
fn an_unknown_key_is_named_beside_the_known_ones() {
    let message = load_file("lisen = \"127.0.0.1:1\"").unwrap_err().to_string();
    assert!(
        message.contains("\"lisen\"") && message.contains("listen") && message.contains("data_dir"),
        "{message}"
    );
}

#[test]
fn a_broken_file_names_its_line_but_quotes_nothing() {
    let message =
        load_file("pool_size = 3\ndatabase_url = postgres://u:hunter2@h/d").unwrap_err().to_string();
    assert!(message.contains("line 2") && !message.contains("hunter2"), "{message}");
}

#[test]
fn a_value_out_of_bounds_is_refused_with_its_bounds() {
    let message = load_file("request_timeout = 0").unwrap_err().to_string();
    assert!(message.contains("request_timeout") && message.contains("1 to 3600"), "{message}");
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    for listen in ["0.0.0.0:8080", "192.168.1.4:80", "[::]:8080"] {
        let error = load_file(&format!("listen = {listen:?}")).unwrap_err();
        assert!(matches!(error, ConfigError::NotLoopback(_)), "{listen}");
        assert!(error.to_string().contains("127.0.0.1"), "says what to do");
    }
    for listen in ["127.0.0.1:0", "[::1]:8080", "localhost:8080", "127.8.0.1:1"] {
        load_file(&format!("listen = {listen:?}")).unwrap();
    }
}

#[test]
fn no_form_of_printing_shows_the_password() {
    for url in [
        "postgres://gewu:hunter2@db.example/gewu",
        "postgres://gewu:hunter2@db.example/gewu?password=hunter2",
        "postgres://gewu@db.example/gewu?password=hunter2#x",
        "postgresql://gewu:hunt@hunter2@db/gewu",
    ] {
        let config = load_file(&format!("database_url = {url:?}")).unwrap();
        let printed = config.printed() + &format!("{config:?}");
        assert!(!printed.contains("hunter2") && printed.contains("gewu:***@db"), "{printed}");
        assert_eq!(config.database_url.unwrap().reveal(), url);
    }
    let message = load_file("database_url = \"mysql://u:hunter2@h/d\"").unwrap_err().to_string();
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn the_key_of_tianditu_is_never_printed_and_holds_nothing_that_an_address_would_misread() {
    let config = load_file("tianditu_key = \"0123456789abcdef\"").unwrap();
    let printed = config.printed() + &format!("{config:?}");
    assert!(printed.contains("tianditu_key = \"***\"") && !printed.contains("0123456789"), "{printed}");
    assert_eq!(config.tianditu_key.unwrap().reveal(), "0123456789abcdef");
    assert!(load_file("tianditu_key = \"\"").unwrap().tianditu_key.is_none());
    for wrong in ["a&b=c", "***", "a://b", "{z}", &"k".repeat(65)] {
        let message = load_file(&format!("tianditu_key = {wrong:?}")).unwrap_err().to_string();
        assert!(
            message.contains("tianditu_key") && (wrong == "***" || !message.contains(wrong)),
            "{message}"
        );
    }
}

#[test]
fn archives_are_a_name_and_a_file_each_and_no_name_stands_twice() {
    let config = load_file("pmtiles = \"roads=/data/roads.pmtiles, base_2=b.pmtiles\"").unwrap();
    let expected = [("roads", "/data/roads.pmtiles"), ("base_2", "b.pmtiles")];
    assert_eq!(config.pmtiles, expected.map(|(name, file)| (name.to_owned(), file.into())));
    for wrong in ["roads", "=a.pmtiles", "roads=", "Roads=a.pmtiles", "a b=c", "a=b,a=c"] {
        let message = load_file(&format!("pmtiles = {wrong:?}")).unwrap_err().to_string();
        assert!(message.contains("pmtiles"), "{wrong}: {message}");
    }
}

#[test]
fn the_catalogue_is_a_folder_that_every_verb_may_be_given() {
    assert!(load_file("").unwrap().catalogue.is_none());
    assert!(load_file("catalogue = \"\"").unwrap().catalogue.is_none());
    let config = load_file("catalogue = \"/etc/gewu/tiles\"").unwrap();
    assert_eq!(config.catalogue.as_deref(), Some(Path::new("/etc/gewu/tiles")));
    assert_eq!(load_file(&config.printed()).unwrap().catalogue, config.catalogue);
}

#[test]
fn what_is_printed_reads_back_as_the_same_settings() {
    let config =
        load_file("gcj_inverse = false\nmax_body_bytes = 2048\ncors_origins = \"https://a.example\"\npmtiles = \"a=b,c=d\"")
            .unwrap();
    assert_eq!(load_file(&config.printed()).unwrap().printed(), config.printed());
}

#[test]
fn the_sample_environment_documents_every_setting() {
    let sample = include_str!("../../.env.sample");
    for key in [keys::<CommonSettings>(), keys::<ServerSettings>()].concat() {
        let name = format!("GEWU_{}", key.to_uppercase());
        assert!(
            sample.lines().any(|l| l.trim_start_matches("# ").starts_with(&format!("{name}="))),
            "{name}"
        );
    }
}
