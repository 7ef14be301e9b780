//! Which collections are there? The grids, those that come with the program, and those of the folder of the deployment.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use super::grids::FIELDS;
use crate::model::{Field, TableKeys, TableSource};
use crate::store::{Column, KnownCollection, Table};

const EMBEDDED: &str = include_str!("../../collections/gewu.toml");
/// The folder in that of the catalogue.
const FOLDER: &str = "collections";
/// Names that are taken: tilesets may have them, or they are closed.
const RESERVED: [&str; 3] = ["grids", "people", "workers"];

/// A collection of features.
#[derive(Debug, Clone)]
pub struct Collection {
    /// Its name in addresses.
    pub id: String,
    /// What it is called in Chinese.
    pub title: String,
    /// And in English.
    pub title_en: String,
    /// What it is.
    pub description: String,
    /// Its fields and what they mean, in order.
    pub fields: Vec<(String, String)>,
    /// Where its features come from.
    pub source: Source,
}

/// Where features come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The atlas.
    Grids,
    /// A table or view of the database.
    Table {
        /// Which one.
        table: TableSource,
        /// The column that says when a feature is.
        time: Option<String>,
    },
}

/// The collections of a deployment.
#[derive(Debug, Clone)]
pub struct Collections(Vec<Arc<Collection>>);

/// Why the catalogue cannot be used.
#[derive(Debug, Error)]
pub enum CollectionError {
    /// The folder or a file in it cannot be read.
    #[error("{}: {reason}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A definition is no TOML, or has keys that it cannot have.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A collection is not as it has to be.
    #[error("{place}: the collection {id:?}: {reason}")]
    Unfit {
        /// The file.
        place: String,
        /// The collection.
        id: String,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    collection: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    title: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    description: String,
    time: Option<String>,
    #[serde(default)]
    fields: Vec<(String, String)>,
    source: TableKeys,
}

/// The views through which resources are shown, by the name of the collection; `None`: it is that of the rows.
const RESOURCES: [(&str, Option<&str>); 3] =
    [("building_item", Some("buildings")), ("facility_item", Some("facilities")), ("resource_item", None)];

impl Collection {
    /// The collection of resources that it shows: these can be written.
    pub fn kept_as(&self) -> Option<String> {
        let Source::Table { table, .. } = &self.source else { return None };
        let (_, name) = RESOURCES.iter().find(|(view, _)| is_view(table, view))?;
        match name {
            Some(name) => Some((*name).to_owned()),
            None => table.only.get("collection").cloned(),
        }
    }

    /// Is it one of those whose features are kept together, apart by the name of the collection?
    fn is_of_resources(&self) -> bool {
        matches!(&self.source, Source::Table { table, .. } if is_view(table, "resource_item"))
    }

    /// Its fields, with the kinds of the columns of its table.
    pub fn fields_of(&self, table: &Table) -> Vec<Field> {
        let fields = self.fields.iter().zip(table.columns());
        let field = |((name, about), column): (&(String, String), &Column)| Field {
            name: name.clone(),
            about: about.clone(),
            kind: column.kind.field(),
        };
        fields.map(field).collect()
    }
}

fn is_view(table: &TableSource, view: &str) -> bool {
    table.relation.schema == "gewu" && table.relation.name == view
}

impl Default for Collections {
    /// The grids alone.
    fn default() -> Self {
        Self(vec![Arc::new(grids())])
    }
}

impl Collections {
    /// The grids, and the collections that come with the program.
    pub fn embedded() -> Result<Self, CollectionError> {
        let mut collections = Self::default();
        collections.add("collections/gewu.toml", EMBEDDED)?;
        Ok(collections)
    }

    /// The same, and those of the folder `collections` in that of the catalogue: of all `*.toml` in it, in the order of their names. One with
    /// the name of another takes its place.
    pub fn load(catalogue: Option<&Path>) -> Result<Self, CollectionError> {
        let mut collections = Self::embedded()?;
        let folder = catalogue.map(|catalogue| catalogue.join(FOLDER)).filter(|folder| folder.is_dir());
        for file in folder.map(definitions).transpose()?.unwrap_or_default() {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            collections.add(&file.display().to_string(), &text)?;
        }
        Ok(collections)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Collection> {
        self.0.iter().map(Arc::as_ref)
    }

    /// The collections of resources beside buildings, facilities and people, for [`Store::know_collections`](crate::store::Store::know_collections).
    pub fn of_resources(&self) -> Vec<KnownCollection> {
        let known = self.iter().filter(|collection| collection.is_of_resources());
        let known = known.filter_map(|collection| {
            let (title, title_en) = (collection.title.clone(), collection.title_en.clone());
            Some(KnownCollection { id: collection.kept_as()?, title, title_en })
        });
        known.collect()
    }

    /// The collection of a name.
    pub fn get(&self, id: &str) -> Option<&Arc<Collection>> {
        self.0.iter().find(|collection| collection.id == id)
    }

    fn add(&mut self, place: &str, text: &str) -> Result<(), CollectionError> {
        let syntax = |error: toml::de::Error| CollectionError::Syntax {
            place: place.to_owned(),
            reason: error.to_string(),
        };
        let file: File = toml::from_str(text).map_err(syntax)?;
        for written in file.collection {
            let id = written.id.clone();
            let collection = read(written).map_err(|reason| CollectionError::Unfit {
                place: place.to_owned(),
                id,
                reason,
            })?;
            match self.0.iter_mut().find(|other| other.id == collection.id) {
                Some(other) => *other = Arc::new(collection),
                None => self.0.push(Arc::new(collection)),
            }
        }
        Ok(())
    }
}

fn grids() -> Collection {
    Collection {
        id: "grids".to_owned(),
        title: "网格".to_owned(),
        title_en: "Grids".to_owned(),
        description: "各级网格及其边界，可按时间查询。Grids of all levels with their territories, as they are or were at any time.".to_owned(),
        fields: FIELDS.iter().map(|(name, _, about)| ((*name).to_owned(), (*about).to_owned())).collect(),
        source: Source::Grids,
    }
}

fn read(written: Written) -> Result<Collection, String> {
    let Written { id, title, title_en, description, time, fields, source } = written;
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if !(1..=63).contains(&id.len()) || !id.chars().all(fit) {
        return Err("an id has 1 to 63 small letters, digits, _ and -".to_owned());
    }
    if RESERVED.contains(&id.as_str()) {
        return Err(format!("the names {} are taken", RESERVED.join(", ")));
    }
    if source.feature_id.is_none() {
        return Err(
            "source.feature_id is missing: the column that tells features apart, an integer or a UUID"
                .to_owned(),
        );
    }
    let mut columns: Vec<String> = Vec::new();
    for (name, _) in &fields {
        if columns.contains(name) {
            return Err(format!("the field {name:?} stands there twice"));
        }
        if crate::features::PARAMETERS.contains(&name.as_str()) {
            return Err(format!(
                "a field cannot be called {name:?}, which is a parameter; give it another name in a view"
            ));
        }
        columns.push(name.clone());
    }
    if let Some(time) = time.as_ref().filter(|time| !columns.contains(time)) {
        return Err(format!("time = {time:?} is none of its fields"));
    }
    let table = TableSource::of(source, columns)?;
    let name = table.only.get("collection").map(String::as_str);
    if is_view(&table, "resource_item") && !name.is_some_and(KnownCollection::is_name) {
        return Err("source.only.collection is missing: the name under which its features are kept, a small letter and then up to 62 small letters, digits and _".to_owned());
    }
    let title_en = if title_en.is_empty() { title.clone() } else { title_en };
    Ok(Collection { id, title, title_en, description, fields, source: Source::Table { table, time } })
}

fn definitions(folder: PathBuf) -> Result<Vec<PathBuf>, CollectionError> {
    let entries = fs::read_dir(&folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = entries.map_err(|error| unreadable(&folder, &error))?;
    let is_definition = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).filter(is_definition).collect();
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> CollectionError {
    CollectionError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROADS: &str = "[[collection]]\nid = 'roads'\ntitle = '道路'\ntime = 'seen'\nfields = [['name', 'n'], ['seen', 's']]\n\
        [collection.source]\ntable = 'public.roads'\nfeature_id = 'id'\n";

    #[test]
    fn the_program_brings_the_kinds_of_element_that_lie_in_grids_but_people() {
        let collections = Collections::embedded().unwrap();
        let ids: Vec<_> = collections.iter().map(|collection| collection.id.as_str()).collect();
        let all = "grids buildings facilities legal_entities land organisations components events";
        assert_eq!(ids.join(" "), all);
    }

    #[test]
    fn a_deployment_adds_collections_in_a_folder_and_replaces_those_of_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("collections");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("a.toml"), ROADS).unwrap();
        fs::write(inner.join("b.toml"), ROADS.replace("'roads'", "'land'")).unwrap();
        let collections = Collections::load(Some(folder.path())).unwrap();
        let roads = collections.get("roads").unwrap();
        assert!(matches!(&roads.source, Source::Table { time: Some(time), .. } if time == "seen"));
        assert_eq!(collections.iter().count(), 9);
        assert_eq!(collections.get("land").unwrap().title, "道路");
    }

    #[test]
    fn what_a_definition_cannot_have_is_refused_by_name() {
        for (text, said) in [
            (ROADS.replace("'roads'", "'people'"), "are taken"),
            (ROADS.replace("'roads'", "'Roads'"), "small letters"),
            (ROADS.replace("feature_id = 'id'", ""), "source.feature_id is missing"),
            (ROADS.replace("time = 'seen'", "time = 'day'"), "none of its fields"),
            (ROADS.replace("['name', 'n']", "['limit', 'n']"), "is a parameter"),
            (ROADS.replace("['name', 'n']", "['seen', 'n']"), "twice"),
            (ROADS.replace("title =", "titel ="), "titel"),
            (ROADS.replace("public.roads", "roads"), "names no table"),
            (ROADS.replace("public.roads", "gewu.resource_item"), "source.only.collection is missing"),
            (
                ROADS
                    .replace("public.roads'", "gewu.resource_item'\nonly = { collection = 'Street Lights' }"),
                "source.only.collection is missing",
            ),
        ] {
            let mut collections = Collections::embedded().unwrap();
            let error = collections.add("x.toml", &text).unwrap_err().to_string();
            assert!(error.starts_with("x.toml") && error.contains(said), "{error}");
        }
    }
}
