//! How published readers are driven, and what PostGIS has for them to compare with.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::common::{TestDatabase, gewu, output};
use crate::python;

const PACKAGES: [&str; 6] = [
    "geopandas==1.2.0",
    "pyogrio==0.13.0",
    "pyarrow==26.0.1",
    "duckdb==2.0.1",
    "sedonadb==0.5.0",
    "geoarrow-pyarrow==0.3.0",
];

/// Exports with the program; what it says.
pub(crate) fn export(database: &TestDatabase, collection: &str, file: &Path, more: &[&str]) -> String {
    let format = file.extension().unwrap().to_str().unwrap();
    let mut command = gewu(&["export", collection, "--format", format, "--out"]);
    let (code, said, error) = output(command.arg(file).args(more).args(["--database-url", &database.url()]));
    assert_eq!((code, error.as_str()), (Some(0), ""), "{collection} {more:?}");
    said
}

/// Writes what a statement finds, one JSON object a row: `id`, `properties` and `wkb`; how many there are.
pub(crate) async fn oracle(database: &TestDatabase, statement: &str, file: &Path) -> usize {
    let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()))
        .fetch_all(&database.pool().await)
        .await
        .unwrap();
    std::fs::write(file, rows.join("\n")).unwrap();
    rows.len()
}

/// Reads a file with a reader, which compares it with PostGIS; what it says of it.
pub(crate) fn read(reader: &str, file: &Path, oracle: &Path, more: &[&str]) -> Value {
    let mut command = script("readers.py");
    command.arg(reader).arg(file).arg(oracle).args(more);
    serde_json::from_str(&run(&mut command)).unwrap()
}

/// A script of this folder, with its packages.
pub(crate) fn script(name: &str) -> Command {
    let mut command = python::command(&python::with(&PACKAGES));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export").join(name));
    command
}

/// Runs a command to a good end; what it says.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{error}");
    String::from_utf8(output.stdout).unwrap()
}
