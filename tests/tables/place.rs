//! A server whose catalogue registers tables, SQL beside it as an independent witness, and tiles decoded by a published decoder.

use std::collections::BTreeMap;

use geo::Geometry;
use gewu::config::ServerSettings;
use gewu::tiles::Tilesets;
use mvt_reader::Reader;
use mvt_reader::feature::Value;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool};

use crate::world::{Answer, World};

/// A server, and connections to its database.
pub(crate) struct Place {
    pub(crate) world: World,
    pool: PgPool,
}

/// A feature of a tile.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub(crate) id: Option<u64>,
    pub(crate) geometry: Geometry<f32>,
    pub(crate) properties: BTreeMap<String, String>,
}

impl Place {
    /// With the built-in tilesets and these definitions, after the database was prepared.
    pub(crate) fn new(preparation: &str, definitions: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in definitions.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{number}.toml")), text).unwrap();
        }
        let tilesets = Tilesets::load(Some(folder.path())).unwrap();
        let world = World::with(ServerSettings::default(), tilesets);
        let pool = world.wait(world.database.pool());
        let place = Self { world, pool };
        place.run(preparation);
        place
    }

    pub(crate) fn run(&self, statements: &str) {
        self.world.wait(sqlx::raw_sql(AssertSqlSafe(statements)).execute(&self.pool)).unwrap();
    }

    pub(crate) fn rows(&self, statement: &str) -> Vec<PgRow> {
        self.world.wait(sqlx::query(AssertSqlSafe(statement)).fetch_all(&self.pool)).unwrap()
    }

    pub(crate) fn number(&self, statement: &str) -> f64 {
        self.world.wait(sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&self.pool)).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.world.get(path)
    }

    /// The features of a layer in a tile; none where the tile is empty.
    pub(crate) fn features(&self, tileset: &str, layer: &str, (z, x, y): (u8, u32, u32)) -> Vec<Feature> {
        let answer = self.get(&format!("/tiles/{tileset}/{z}/{x}/{y}"));
        match answer.status {
            204 => Vec::new(),
            200 => decoded(answer.body, layer),
            _ => panic!("{z}/{x}/{y}: {}", answer.text()),
        }
    }

    /// What is wrong with the catalogue, as a start would tell it.
    pub(crate) fn fault(&self) -> String {
        self.world.wait(self.world.state.check_tables()).unwrap_err().to_string()
    }
}

/// A tileset of one table layer; `more` are further keys of the layer.
pub(crate) fn tileset(name: &str, table: &str, more: &str) -> String {
    format!(
        "name = '{name}'\ntitle = '{name}'\nmax_zoom = 18\n[[layer]]\nid = '{name}'\nsource = 'table'\n\
         table = '{table}'\ndescription = 'd'\nmin_zoom = 0\n{more}\n"
    )
}

pub(crate) fn decoded(tile: Vec<u8>, layer: &str) -> Vec<Feature> {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let Some(layer) = layers.iter().find(|found| found.name == layer) else { return Vec::new() };
    assert_eq!((layer.version, layer.extent), (2, 4096));
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Double(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Int(number) | Value::SInt(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        other => panic!("{other:?}"),
    };
    let features = reader.get_features(layer.layer_index).unwrap().into_iter();
    let feature = |feature: mvt_reader::feature::Feature| Feature {
        id: feature.id,
        properties: feature
            .properties
            .iter()
            .flatten()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
        geometry: feature.geometry,
    };
    features.map(feature).collect()
}
