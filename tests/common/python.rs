//! Packages of Python that tests read our work with, in a folder of their own, not in the system.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds these packages, installed by the first test that asks.
pub(crate) fn with(packages: &[&str]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    fs::create_dir_all(&root).unwrap();
    let alone = File::create(root.join("lock")).unwrap();
    alone.lock().unwrap();
    let folder = root.join(packages.join("+"));
    if !folder.exists() {
        let unfinished = folder.with_extension("unfinished");
        let _ = fs::remove_dir_all(&unfinished);
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
        let status = Command::new("python3").args(install).arg(&unfinished).args(packages).status().unwrap();
        assert!(status.success(), "pip could not install {packages:?}");
        fs::rename(&unfinished, &folder).unwrap();
    }
    folder
}

/// Python with a folder of packages.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", folder);
    command
}
