//! `gewu bake` and `gewu serve --pmtiles`, as their users meet them, on the sample region.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gewu::geom::{TileId, TileRange};
use serde_json::Value;

use crate::common::{self, TestDatabase, output, sample_region};

fn gewu(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = common::gewu(arguments);
    command.args(["--database-url", &database.url()]).env("GEWU_SAVED_ATLAS", "false");
    command
}

/// A server; ended when dropped.
struct Server {
    child: Child,
    origin: String,
}

impl Server {
    fn start(database: &TestDatabase, pmtiles: &str) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--access-log", "false", "--pmtiles", pmtiles];
        let mut child = gewu(database, &arguments).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, origin: line.trim().trim_end_matches('/').to_owned() }
    }

    /// Status, content encoding, body as it travels.
    fn get(&self, path: &str, accept: &str) -> (u16, String, Vec<u8>) {
        let request = ureq::get(format!("{}{path}", self.origin)).header("accept-encoding", accept);
        let config = request.config().http_status_as_error(false).build();
        let mut response = config.call().unwrap();
        let encoding =
            response.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), encoding.unwrap_or_default(), response.body_mut().read_to_vec().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn in_folder(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_with_what_to_do_and_leaves_nothing() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let file = in_folder(&folder, "x.pmtiles");
    for (arguments, code, said) in [
        (vec!["--out", "tiles.zip"], 2, ".pmtiles or .mbtiles"),
        (vec!["--out", &file, "--zoom", "14-0"], 2, "0-14"),
        (vec!["--out", &file, "--zoom", "0-20"], 2, "down to zoom 16"),
        (vec!["--out", &file, "--tilesets", "grids,people"], 2, "there are: grids"),
        (vec!["--out", &file, "--minutes", "0"], 2, "more than 0"),
        (vec!["--out", "/nowhere/at/all.pmtiles"], 3, "/nowhere/at/all.pmtiles"),
        (vec!["--out", &file, "--zoom", "0-3", "--tilesets", "buildings"], 1, "hold nothing at zooms 0 to 3"),
    ] {
        let (found, out, error) = output(gewu(&database, &["bake"]).args(&arguments));
        assert_eq!((found, out.as_str()), (Some(code), ""), "{arguments:?}: {error}");
        assert!(error.contains(said), "{said} in {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    for (pmtiles, code, said) in [
        ("grids=x.pmtiles", 2, "a tileset has this name"),
        ("roads=/nowhere/roads.pmtiles", 3, "/nowhere/roads.pmtiles"),
        ("roads=empty.toml", 3, "empty.toml"),
    ] {
        std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty.toml"), "").unwrap();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--pmtiles", pmtiles];
        let (found, _, error) = output(&mut gewu(&database, &arguments));
        assert_eq!(found, Some(code), "{pmtiles}: {error}");
        assert!(error.contains(said), "{said} in {error}");
    }
}

/// Waits until a file has grown to a size.
fn grown(path: &Path, size: u64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while std::fs::metadata(path).map_or(0, |file| file.len()) < size {
        assert!(Instant::now() < deadline, "{} does not grow", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_by_any_signal_the_same_command_goes_on_and_gives_the_same_file() {
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let [whole, parts] = ["whole.pmtiles", "parts.pmtiles"].map(|name| in_folder(&folder, name));
    let zoom = ["--zoom", "0-13"];
    let (code, out, error) = output(gewu(&database, &["bake", "--out", &whole]).args(zoom));
    assert_eq!((code, error.as_str()), (Some(0), ""), "a pipe gets nothing but the result");
    assert!(out.starts_with(&whole) && out.contains(" tiles, ") && out.lines().count() == 1, "{out}");
    let [unfinished, contents] = ["unfinished", "contents"].map(|ending| format!("{parts}.{ending}"));
    let whole_size = std::fs::metadata(&whole).unwrap().len();
    for (name, share) in [("INT", 6), ("KILL", 3)] {
        let mut child = gewu(&database, &["bake", "--out", &parts]).args(zoom).spawn().unwrap();
        grown(Path::new(&contents), whole_size / share);
        let killed = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        assert!(killed.unwrap().success());
        let code = child.wait().unwrap().code();
        assert_eq!(code, (name == "INT").then_some(130), "{name} came in time");
        assert!(!Path::new(&parts).exists());
    }
    let (code, _, error) = output(gewu(&database, &["bake", "--out", &parts]).args(zoom));
    assert_eq!(code, Some(0), "{error}");
    assert!(error.contains("going on after"), "{error}");
    assert!(std::fs::read(&whole).unwrap() == std::fs::read(&parts).unwrap());
    assert!(!Path::new(&unfinished).exists() && !Path::new(&contents).exists());

    let timed = in_folder(&folder, "timed.pmtiles");
    let bake = || output(gewu(&database, &["bake", "--out", &timed, "--minutes", "0.0001"]).args(zoom));
    let (code, out, error) = bake();
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(error.contains("the time was up"), "{error}");
    let rounds = (2..50).find(|_| bake().0 == Some(0)).unwrap();
    assert!(
        rounds > 2 && std::fs::read(&whole).unwrap() == std::fs::read(&timed).unwrap(),
        "{rounds} rounds"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baked_file_is_served_with_the_tiles_that_the_server_makes_itself() {
    const TILESETS: &str = "grids,buildings,facilities,overview";
    let database = sample_region().await;
    let folder = tempfile::tempdir().unwrap();
    let [baked, as_database, brotli] =
        ["a.pmtiles", "a.mbtiles", "b.pmtiles"].map(|name| in_folder(&folder, name));
    for out in [&baked, &as_database] {
        let (code, _, error) = output(&mut gewu(&database, &["bake", "--zoom", "0-11", "--out", out]));
        assert_eq!(code, Some(0), "{error}");
    }
    write_as_brotli(Path::new(&brotli));
    let server = Server::start(&database, &format!("baked={baked},strange={brotli}"));

    let live: Value = serde_json::from_slice(&server.get(&format!("/tiles/{TILESETS}"), "").2).unwrap();
    let said: Value = serde_json::from_slice(&server.get("/tiles/baked", "").2).unwrap();
    assert_eq!(said["tiles"][0], format!("{}/tiles/baked/{{z}}/{{x}}/{{y}}", server.origin));
    assert_eq!((&said["maxzoom"], &said["attribution"]), (&11.into(), &live["attribution"]));
    let side = |at: usize| live["bounds"][at].as_f64().unwrap();
    let bounds = geo::Rect::new(geo::coord! {x: side(0), y: side(1)}, geo::coord! {x: side(2), y: side(3)});
    let mut compared = 0;
    for z in 0..=11 {
        // Every tile of the low zooms, some of the many at the higher ones.
        let step = if z < 11 { 1 } else { 3 };
        for tile in TileRange::covering(bounds, z).unwrap().tiles().step_by(step) {
            let (status, _, body) = server.get(&format!("/tiles/{TILESETS}/{tile}"), "");
            let plain = server.get(&format!("/tiles/baked/{tile}"), "identity");
            assert_eq!((plain.0, plain.1.as_str()), (status, ""), "{tile}");
            assert!(plain.2 == body, "{tile} differs");
            let packed = server.get(&format!("/tiles/baked/{tile}"), "br, gzip");
            assert_eq!(packed.1, if status == 200 { "gzip" } else { "" }, "{tile}");
            assert!(unpacked(&packed.2) == body, "{tile} differs when it is compressed");
            compared += usize::from(status == 200);
        }
    }
    assert!(compared > 100, "{compared} tiles compared");
    assert_eq!(server.get("/tiles/baked/12/0/0", "").0, 204);
    assert_eq!(server.get("/tiles/baked/3/9/0", "").0, 400);
    assert_eq!(server.get("/tiles/baked,grids", "").0, 404);
    let strange = |accept: &str| server.get("/tiles/strange/0/0/0", accept);
    assert_eq!(strange("gzip, br"), (200, "br".to_owned(), b"as it is".to_vec()));
    assert_eq!(strange("gzip").0, 406);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bake/mbtiles.py");
    let live = format!("{}/tiles/{TILESETS}", server.origin);
    let (code, out, error) = output(Command::new("python3").arg(script).args([&as_database, &live]));
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.trim().parse::<usize>().unwrap() > 100, "{out}");
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    if !body.is_empty() {
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body), &mut plain).unwrap();
    }
    plain
}

/// A file whose tiles say that they are compressed in a way that we do not undo.
fn write_as_brotli(path: &Path) {
    use pmtiles::{Compression, PmTilesWriter, TileCoord, TileType};
    let file = std::fs::File::create(path).unwrap();
    let writer = PmTilesWriter::new(TileType::Mvt).precompressed(Compression::Brotli);
    let mut writer = writer.create(file).unwrap();
    let world = TileId::new(0, 0, 0).unwrap();
    writer.add_tile(TileCoord::new(world.z(), world.x(), world.y()).unwrap(), b"as it is").unwrap();
    writer.finalize().unwrap();
}
