//! The private cluster on real processes: who starts it, who stops it, and what a `kill -9` leaves.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gewu::store::Cluster;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

/// Tells the helper below which cluster to hold.
const HOLD: &str = "GEWU_TEST_HOLD";

/// A directory that the server's user can enter, whoever runs the tests.
fn directory() -> TempDir {
    let directory = tempfile::Builder::new().prefix("gewu-cluster-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    directory
}

async fn ask(cluster: &Cluster, question: &str) -> String {
    let mut connection = cluster.connect_options().connect().await.unwrap();
    let answer =
        sqlx::query_scalar(AssertSqlSafe(question.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

async fn tell(cluster: &Cluster, statement: &str) {
    let mut connection = cluster.connect_options().connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The server's process by its own `postmaster.pid`.
fn server_of(data: &Path) -> Option<i32> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

fn is_alive(process: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// A server takes its pid file away a moment before it is gone.
fn is_gone_soon(process: i32) -> bool {
    let started = Instant::now();
    while is_alive(process) && started.elapsed() < Duration::from_secs(1) {
        std::thread::sleep(Duration::from_millis(10));
    }
    !is_alive(process)
}

fn kill_9(process: i32) {
    assert!(Command::new("kill").args(["-9", &process.to_string()]).status().unwrap().success());
}

/// Another gewu, as a process of its own that can be killed.
fn spawn_holder(data_dir: &Path) -> Child {
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "helper_holds_a_cluster", "--ignored", "--nocapture"])
        .env(HOLD, data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("holding")), "the helper holds a cluster");
    holder
}

#[tokio::test]
#[ignore = "a helper that other tests run as a process of its own"]
async fn helper_holds_a_cluster() {
    let Some(data_dir) = std::env::var_os(HOLD) else { return };
    let cluster = Cluster::start(&PathBuf::from(data_dir)).await.unwrap();
    println!("holding");
    tokio::task::spawn_blocking(|| std::io::stdin().lines().next()).await.unwrap();
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn it_listens_on_a_socket_for_its_user_only_and_on_no_port() {
    let home = directory();
    let cluster = Cluster::start(home.path()).await.unwrap();
    assert_eq!(ask(&cluster, "show listen_addresses").await, "");
    assert_eq!(ask(&cluster, "show fsync").await, "on");
    assert_eq!(
        ask(&cluster, "select encoding::text || datcollate from pg_database where datname = 'gewu'").await,
        "6C.UTF-8"
    );
    let socket = cluster.connect_options().get_socket().unwrap().clone();
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o700);

    let server = server_of(cluster.data_directory()).unwrap();
    let opened: Vec<String> = std::fs::read_dir(format!("/proc/{server}/fd"))
        .unwrap()
        .map(|fd| std::fs::read_link(fd.unwrap().path()).unwrap_or_default().display().to_string())
        .collect();
    let listening =
        ["tcp", "tcp6"].map(|kind| std::fs::read_to_string(format!("/proc/net/{kind}")).unwrap_or_default());
    let inodes = listening
        .iter()
        .flat_map(|table| table.lines().skip(1))
        .filter_map(|line| line.split_whitespace().nth(9));
    for inode in inodes {
        assert!(!opened.contains(&format!("socket:[{inode}]")), "the server has a TCP socket");
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn its_address_is_read_by_psql_and_by_a_store() {
    let home = directory();
    let cluster = Cluster::start(home.path()).await.unwrap();
    let said =
        Command::new("psql").args([cluster.url(), "-Atc", "select current_database()"]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&said.stdout).trim(),
        "gewu",
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    let store = gewu::store::Store::connect_url(cluster.url(), Default::default()).await.unwrap();
    store.ping().await.unwrap();
    store.close().await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn another_user_of_the_machine_is_not_let_in() {
    let home = directory();
    let cluster = Cluster::start(home.path()).await.unwrap();
    let mut other = Command::new("setpriv");
    other.args([
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "psql",
        cluster.url(),
        "-Atc",
        "select 1",
    ]);
    let said = other.output().unwrap();
    assert!(!said.status.success());
    assert!(!String::from_utf8_lossy(&said.stdout).contains('1'));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn data_are_there_again_after_a_stop_and_a_start() {
    let home = directory();
    let cluster = Cluster::start(home.path()).await.unwrap();
    tell(&cluster, "create table kept as select '大理'::text as name").await;
    let data = cluster.data_directory().to_owned();
    let server = server_of(&data).unwrap();
    let started = Instant::now();
    cluster.stop().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(3), "the stop took {:?}", started.elapsed());
    assert!(is_gone_soon(server));

    let started = Instant::now();
    let cluster = Cluster::start(home.path()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "the restart took {:?}", started.elapsed());
    assert_eq!(ask(&cluster, "select name from kept").await, "大理");
    drop(cluster);
    assert_eq!(server_of(&data), None, "dropping it stops it too");
}

#[tokio::test]
async fn a_server_left_by_a_killed_gewu_is_joined_and_stopped_by_the_next() {
    let home = directory();
    let mut holder = spawn_holder(home.path());
    let data = home.path().join("postgres/data");
    let server = server_of(&data).unwrap();
    kill_9(i32::try_from(holder.id()).unwrap());
    holder.wait().unwrap();
    assert!(is_alive(server), "the server outlives a killed gewu");

    let cluster = Cluster::start(home.path()).await.unwrap();
    assert_eq!(server_of(cluster.data_directory()), Some(server), "no second server is started");
    assert_eq!(ask(&cluster, "select current_database()::text").await, "gewu");
    cluster.stop().await.unwrap();
    assert!(is_gone_soon(server));
}

#[tokio::test]
async fn a_killed_server_starts_again_with_everything_that_was_committed() {
    let home = directory();
    let cluster = Cluster::start(home.path()).await.unwrap();
    tell(&cluster, "create table kept as select generate_series(1, 100000) as n").await;
    let server = server_of(cluster.data_directory()).unwrap();
    kill_9(server);
    let again = Cluster::start(home.path()).await.unwrap();
    assert_ne!(server_of(again.data_directory()), Some(server));
    assert_eq!(ask(&again, "select count(*)::text from kept").await, "100000");
    cluster.stop().await.unwrap();
    assert_eq!(ask(&again, "select 1::text").await, "1", "the other user goes on");
    again.stop().await.unwrap();
}

#[tokio::test]
async fn of_two_users_the_last_one_out_stops_it() {
    let home = directory();
    let mut holder = spawn_holder(home.path());
    let cluster = Cluster::start(home.path()).await.unwrap();
    let server = server_of(cluster.data_directory()).unwrap();
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    assert_eq!(ask(&cluster, "select 1::text").await, "1");
    cluster.stop().await.unwrap();
    assert!(is_gone_soon(server));
}

#[tokio::test]
async fn two_that_start_at_once_share_one_server() {
    let home = directory();
    let (one, two) = tokio::join!(Cluster::start(home.path()), Cluster::start(home.path()));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.url(), two.url());
    assert_eq!(ask(&one, "select 1::text").await, ask(&two, "select 1::text").await);
    one.stop().await.unwrap();
    two.stop().await.unwrap();
}

#[tokio::test]
async fn a_ctrl_c_in_the_terminal_does_not_reach_the_server() {
    let home = directory();
    let cluster = Cluster::start(home.path()).await.unwrap();
    let server = server_of(cluster.data_directory()).unwrap();
    let group_of = |process: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1.to_owned();
        after_name.split(' ').nth(2).unwrap().to_owned()
    };
    assert_ne!(group_of(u32::try_from(server).unwrap()), group_of(std::process::id()));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works_and_is_told() {
    let home = directory();
    let deep = home.path().join("很长的目录名称".repeat(8)).join("再深一层".repeat(8));
    let cluster = Cluster::start(&deep).await.unwrap();
    assert_eq!(ask(&cluster, "select 1::text").await, "1");
    let socket = cluster.connect_options().get_socket().unwrap().clone();
    assert!(!socket.starts_with(home.path()));
    assert!(
        cluster.notes().iter().any(|note| note.contains(&socket.display().to_string())),
        "{:?}",
        cluster.notes()
    );
    cluster.stop().await.unwrap();
    std::fs::remove_dir_all(socket).unwrap();
}

#[tokio::test]
async fn what_an_interrupted_first_start_left_is_cleared_away() {
    let home = directory();
    let half_done = home.path().join("postgres/data.new");
    std::fs::create_dir_all(half_done.join("base")).unwrap();
    let cluster = Cluster::start(home.path()).await.unwrap();
    assert_eq!(ask(&cluster, "select 1::text").await, "1");
    assert!(!half_done.exists());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn root_whose_directory_the_server_cannot_enter_gets_another_and_is_told() {
    let home = directory();
    std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o700)).unwrap();
    let cluster = Cluster::start(home.path()).await.unwrap();
    assert_eq!(ask(&cluster, "select 1::text").await, "1");
    let data = cluster.data_directory().to_owned();
    if data.starts_with(home.path()) {
        let me = Command::new("id").arg("-u").output().unwrap().stdout;
        assert_ne!(me, b"0\n", "only for others than root the directory itself will do");
        cluster.stop().await.unwrap();
        return;
    }
    assert!(data.starts_with("/var/lib/gewu"));
    assert!(cluster.notes().iter().any(|note| note.contains(&home.path().display().to_string())));
    cluster.stop().await.unwrap();
    let again = Cluster::start(home.path()).await.unwrap();
    assert_eq!(again.data_directory(), data, "the same directory finds the same data");
    again.stop().await.unwrap();
    std::fs::remove_dir_all(data.parent().unwrap()).unwrap();
}
