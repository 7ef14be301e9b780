//! HTTPS by a certificate of the settings, read again while the server runs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gewu::config::{DoorSettings, ServerSettings};
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::authority::{Authority, NAME};
use crate::common::{gewu, output};
use crate::server::{Server, curl};
use crate::wire;
use crate::world::{World, world};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A place behind a certificate of this authority.
fn secure_world(dir: &Path, authority: &Authority, door: DoorSettings) -> World {
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    authority.sign(&cert, &key);
    World::start(ServerSettings {
        allowed_hosts: Some(NAME.into()),
        door: DoorSettings { tls_cert: Some(cert), tls_key: Some(key), ..door },
        ..ServerSettings::default()
    })
}

#[test]
fn https_is_spoken_in_both_versions_with_links_that_lead_back() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "root");
    let world = secure_world(dir.path(), &authority, DoorSettings::default());
    let port = world.address.port();
    let root = text(&authority.root);
    for (version, status) in [("--http1.1", "http/1.1 200"), ("--http2", "http/2 200")] {
        let got = curl(&[version, "--cacert", root, &format!("https://localhost:{port}/?f=json")]);
        assert_eq!(got.code, 0, "{}", got.head);
        assert!(got.head.starts_with(status), "{}", got.head);
        assert!(got.body.contains(&format!("\"https://localhost:{port}/api\"")), "{}", got.body);
        assert!(!got.body.contains("http://localhost"), "{}", got.body);
        // All programs of this machine share its name: one must not bind the others to HTTPS.
        assert!(!got.head.contains("strict-transport-security"), "{}", got.head);
        let resolve = format!("{NAME}:{port}:127.0.0.1");
        let url = format!("https://{NAME}:{port}/v1/resolve?lon=100.1&lat=25.6&crs=wgs84");
        let named = curl(&[version, "--cacert", root, "--resolve", &resolve, &url]);
        assert!(named.head.contains("\r\nstrict-transport-security: max-age=31536000"), "{}", named.head);
        assert!(named.body.contains("532901001"), "{}", named.body);
    }
}

#[test]
fn over_http_2_a_name_that_is_not_ours_is_refused_too() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "root");
    let world = secure_world(dir.path(), &authority, DoorSettings::default());
    let url = format!("https://localhost:{}/v1/resolve?lon=100.1&lat=25.6&crs=wgs84", world.address.port());
    let got = curl(&["--http2", "--cacert", text(&authority.root), "-H", "host: evil.example", &url]);
    assert!(got.head.starts_with("http/2 421"), "{}", got.head);
}

#[test]
fn a_caller_who_does_not_trust_the_certificate_or_speaks_old_tls_or_none_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "root");
    let stranger = Authority::new(dir.path(), "stranger");
    let world = secure_world(dir.path(), &authority, DoorSettings::default());
    let url = format!("https://localhost:{}/healthz", world.address.port());
    assert_eq!(curl(&["--cacert", text(&stranger.root), &url]).code, 60);
    let old = [
        "--cacert",
        text(&authority.root),
        "--tlsv1.0",
        "--tls-max",
        "1.1",
        "--ciphers",
        "DEFAULT@SECLEVEL=0",
        &url,
    ];
    assert_eq!(curl(&old).code, 35);
    assert_eq!(curl(&["--cacert", text(&authority.root), "--tlsv1.2", "--tls-max", "1.2", &url]).code, 0);
    let plain = wire::get(world.address, "/healthz");
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
}

#[test]
fn who_connects_and_says_nothing_is_let_go_before_and_after_the_handshake() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "root");
    let door = DoorSettings { header_timeout: Some(1), ..DoorSettings::default() };
    let world = secure_world(dir.path(), &authority, door);
    let (said, took) = wire::timed(|| wire::rest(&mut wire::connect(world.address)));
    assert!(said.is_empty() && took < Duration::from_secs(5), "{said:?} {took:?}");
    for protocol in ["h2", "http/1.1"] {
        let mut stream = shake_hands(&authority, world.address.port(), protocol);
        let mut said = Vec::new();
        let (_, took) = wire::timed(|| stream.read_to_end(&mut said));
        assert!(took < Duration::from_secs(5), "{protocol}: {took:?}");
    }
}

type Secure = StreamOwned<ClientConnection, TcpStream>;

/// A connection of a client that trusts this authority only.
fn shake_hands(authority: &Authority, port: u16, protocol: &str) -> Secure {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&authority.root).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let mut config = config
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut stream = StreamOwned::new(client, stream);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).unwrap();
    }
    stream
}

/// Asks on a connection that is open.
fn ask(stream: &mut Secure) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = vec![0; 4_096];
    let length = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[test]
fn a_new_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let [first, second, third] = ["first", "second", "third"].map(|name| Authority::new(dir.path(), name));
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    first.sign(&cert, &key);
    let settings =
        [("GEWU_TLS_CERT", text(&cert)), ("GEWU_TLS_KEY", text(&key)), ("GEWU_HEADER_TIMEOUT", "60")];
    let place = world();
    let server = Server::start(dir.path(), &place.database.url(), &settings);
    let url = format!("https://localhost:{}/healthz", server.port);
    let trusted = |authority: &Authority| curl(&["--cacert", text(&authority.root), &url]).code == 0;
    let soon = |what: &dyn Fn() -> bool| {
        let deadline = Instant::now() + Duration::from_secs(15);
        while !what() {
            assert!(Instant::now() < deadline, "{}", server.log());
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    assert!(trusted(&first) && !trusted(&second));
    let mut open = shake_hands(&first, server.port, "http/1.1");
    assert!(ask(&mut open).starts_with("HTTP/1.1 200"));

    // It is noticed without a word.
    second.sign(&cert, &key);
    soon(&|| trusted(&second));
    assert!(!trusted(&first));
    assert!(ask(&mut open).starts_with("HTTP/1.1 200"), "who was there before stays");

    std::fs::write(&cert, "nonsense").unwrap();
    server.hang_up();
    soon(&|| server.log().contains("former certificate stays"));
    assert!(trusted(&second));

    third.sign(&cert, &key);
    server.hang_up();
    soon(&|| trusted(&third));
    assert!(ask(&mut open).starts_with("HTTP/1.1 200"));
    assert!(!server.log().contains("PRIVATE KEY"), "{}", server.log());
}

#[test]
fn a_certificate_that_cannot_be_used_ends_the_start_and_the_message_says_which_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    let authority = Authority::new(dir.path(), "root");
    authority.sign(&file("cert.pem"), &file("key.pem"));
    authority.sign(&file("cert2.pem"), &file("key2.pem"));
    std::fs::write(file("nonsense"), "secret-nonsense").unwrap();
    std::fs::write(file("broken"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LW5vbnNlbnNl\n").unwrap();
    for (cert, key, names, says) in [
        ("absent.pem", "key.pem", "tls_cert = ", "No such file"),
        ("cert.pem", "absent.pem", "tls_key = ", "No such file"),
        ("nonsense", "key.pem", "tls_cert = ", "CERTIFICATE"),
        ("key.pem", "key.pem", "tls_cert = ", "CERTIFICATE"),
        ("cert.pem", "nonsense", "tls_key = ", "PRIVATE KEY"),
        ("cert.pem", "cert.pem", "tls_key = ", "not encrypted"),
        ("cert.pem", "broken", "tls_key = ", "not PEM"),
        ("cert.pem", "key2.pem", "cert.pem", "key2.pem"),
    ] {
        let mut command = gewu(&["serve", "--listen", "127.0.0.1:0", "--tls-cert"]);
        let (code, out, error) = output(command.arg(file(cert)).arg("--tls-key").arg(file(key)));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{cert} {key}: {error}");
        assert!(error.contains(names) && error.contains(says), "{cert} {key}: {error}");
        assert!(!error.contains("secret-nonsense") && !error.contains("c2VjcmV0"), "{error}");
    }
    let (code, _, error) = output(gewu(&["serve", "--tls-cert"]).arg(file("cert.pem")));
    assert_eq!(code, Some(2));
    assert!(error.contains("tls_key"), "{error}");
}

#[test]
fn a_key_that_everybody_can_read_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "root");
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let place = world();
    for (mode, warned) in [(0o640, false), (0o644, true)] {
        authority.sign(&cert, &key);
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let settings = [("GEWU_TLS_CERT", text(&cert)), ("GEWU_TLS_KEY", text(&key))];
        let server = Server::start(dir.path(), &place.database.url(), &settings);
        assert_eq!(server.log().contains("chmod o="), warned, "{mode:o}: {}", server.log());
    }
}
