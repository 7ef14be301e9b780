use super::*;

fn definition(name: &str, layer: &str, min_zoom: u8, field: &str) -> String {
    format!(
        "name = {name:?}\ntitle = 't'\nmax_zoom = 16\n[[layer]]\nid = {layer:?}\nsource = 'facilities'\n\
         description = 'd'\nmin_zoom = {min_zoom}\n[layer.fields]\n{field} = 'what'\n"
    )
}

fn parse(texts: &[String]) -> Result<Tilesets, CatalogueError> {
    Tilesets::parse(texts.iter().map(String::as_str))
}

#[test]
fn the_embedded_catalogue_has_the_four_tilesets() {
    let tilesets = Tilesets::embedded().unwrap();
    assert_eq!(tilesets.names().collect::<Vec<_>>(), ["grids", "buildings", "facilities", "overview"]);
}

#[test]
fn several_tilesets_are_chosen_in_the_order_given_and_once() {
    let tilesets = Tilesets::embedded().unwrap();
    let selection = tilesets.select("facilities,grids,facilities").unwrap();
    assert_eq!(selection.names(), "facilities,grids");
}

#[test]
fn an_unknown_or_empty_name_is_refused_and_the_known_ones_are_told() {
    let tilesets = Tilesets::embedded().unwrap();
    for (asked, missing) in
        [("people", "people"), ("", ""), ("grids,", ""), ("grids, buildings", " buildings")]
    {
        let error = tilesets.select(asked).unwrap_err();
        assert_eq!(error.name, missing);
        assert_eq!(error.known, "grids, buildings, facilities, overview");
    }
}

#[test]
fn a_definition_with_a_fault_is_refused_by_name() {
    assert!(parse(&[definition("a", "x", 3, "class")]).is_ok());
    assert!(matches!(parse(&["name = 3".to_owned()]), Err(CatalogueError::Syntax(_))));
    assert_eq!(parse(&[definition("a,b", "x", 3, "class")]).unwrap_err(), CatalogueError::Name("a,b".into()));
    let twice = [definition("a", "x", 3, "class"), definition("b", "x", 3, "class")];
    assert_eq!(parse(&twice).unwrap_err(), CatalogueError::Duplicate("x".into()));
    assert!(matches!(
        parse(&[definition("a", "x", 17, "class")]),
        Err(CatalogueError::Zooms { min: 17, .. })
    ));
    let error = parse(&[definition("a", "x", 3, "households")]).unwrap_err();
    assert!(matches!(error, CatalogueError::Field { field: "households", .. }));
}

#[test]
fn only_grids_have_counts_of_people_and_nothing_has_their_names() {
    let refused = parse(&[definition("a", "x", 3, "people")]).unwrap_err();
    assert!(matches!(refused, CatalogueError::Field { field: "people", .. }));
    assert!(matches!(parse(&[definition("a", "x", 3, "person_name")]), Err(CatalogueError::Syntax(_))));
}

const ROADS: &str = "name = 'roads'\ntitle = 't'\nmax_zoom = 14\n[[layer]]\nid = 'roads'\nsource = 'table'\n\
    table = 'public.roads'\ndescription = 'd'\nmin_zoom = 5\n";

#[test]
fn a_table_is_registered_with_its_columns_and_its_limits() {
    let bare = Tilesets::parse([ROADS]).unwrap();
    let (layer, source) = bare.tables().next().unwrap();
    assert_eq!((layer, source.relation.to_string().as_str()), ("roads", "public.roads"));
    assert_eq!((source.time_limit.as_millis(), source.max_features), (2_000, 50_000));
    let more = "geometry = 'centre'\nfeature_id = 'gid'\ntime_limit_ms = 500\nmax_features = 10\n[layer.fields]\n'名称' = '名称 Name'\n";
    let full = Tilesets::parse([format!("{ROADS}{more}").as_str()]).unwrap();
    let (_, source) = full.tables().next().unwrap();
    assert_eq!(source.columns, ["名称"]);
    assert_eq!((source.geometry.as_deref(), source.feature_id.as_deref()), (Some("centre"), Some("gid")));
    assert_eq!((source.time_limit.as_millis(), source.max_features), (500, 10));
}

#[test]
fn a_table_layer_with_a_fault_is_refused_with_what_to_do() {
    let with = |more: &str| format!("{ROADS}{more}\n");
    for (text, expected) in [
        (ROADS.replace("table = 'public.roads'\n", ""), "table = \"schema.name\""),
        (ROADS.replace("'public.roads'", "'roads'"), "\"schema.name\""),
        (with("time_limit_ms = 0"), "give 10 to 30000"),
        (with("max_features = 2000000"), "give 1 to 1000000"),
        (with("label_zooms = 2"), "grid_labels"),
        (with("tabel = 'x'"), "unknown field `tabel`"),
        (with("[layer.fields]\n'' = 'x'"), "names no column"),
        (ROADS.replace("'table'", "'buildings'"), "table belongs to a layer whose source is \"table\""),
    ] {
        let message = parse(&[text]).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_layer_cannot_take_the_name_that_the_grids_of_a_level_have() {
    let mut texts: Vec<String> = EMBEDDED.iter().map(|text| (*text).to_owned()).collect();
    texts.push(ROADS.replace("id = 'roads'", "id = 'grid_3'"));
    assert_eq!(parse(&texts).unwrap_err(), CatalogueError::Duplicate("grid_3".into()));
}

/// A folder with these files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

#[test]
fn a_file_of_the_folder_adds_a_tileset_or_takes_the_place_of_a_built_in_one() {
    let own = definition("buildings", "buildings", 3, "class").replace("'t'", "'own'");
    let folder = folder(&[("b.toml", ROADS), ("a.toml", &own), ("notes.txt", "no definition")]);
    let tilesets = Tilesets::load(Some(folder.path())).unwrap();
    let names: Vec<_> = tilesets.names().collect();
    assert_eq!(names, ["grids", "buildings", "facilities", "overview", "roads"]);
    let titles = tilesets
        .select("buildings,roads")
        .unwrap()
        .tilesets
        .iter()
        .map(|t| t.title.as_str())
        .collect::<Vec<_>>();
    assert_eq!(titles, ["own", "t"]);
    assert_eq!(tilesets.names_from_memory().count(), 4);
    assert_eq!(Tilesets::load(None).unwrap().names().count(), 4);
}

#[test]
fn a_fault_in_the_folder_names_the_file_and_the_place() {
    let message = |files: &[(&str, &str)]| {
        let folder = folder(files);
        Tilesets::load(Some(folder.path())).unwrap_err().to_string()
    };
    let told = message(&[("roads.toml", &ROADS.replace("min_zoom = 5", "min_zoom = 'five'"))]);
    assert!(told.contains("roads.toml") && told.contains("line 9") && told.contains("five"), "{told}");
    let told = message(&[("roads.toml", &ROADS.replace("public.roads", "roads"))]);
    assert!(told.contains("roads.toml") && told.contains("line 4") && told.contains("schema.name"), "{told}");
    let told = message(&[("a.toml", ROADS), ("b.toml", ROADS)]);
    assert!(told.contains("b.toml") && told.contains("\"roads\" is defined twice"), "{told}");
    let told = message(&[("a.toml", &ROADS.replace("id = 'roads'", "id = 'facilities'"))]);
    assert!(told.contains("a.toml") && told.contains("\"facilities\" is defined twice"), "{told}");
    let missing = Tilesets::load(Some(std::path::Path::new("/does/not/exist"))).unwrap_err().to_string();
    assert!(missing.contains("/does/not/exist"), "{missing}");
}
