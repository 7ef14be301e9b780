//! Transport security: the certificate of the settings, renewed while the server runs.
//!
//! Certificates live for weeks and servers for months. The files are looked at every few seconds, and at once after SIGHUP; what was
//! agreed on with callers under way holds.

use std::convert::Infallible;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::TlsFiles;

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The protocols that are offered, the best first.
const PROTOCOLS: [&[u8]; 2] = [HTTP_2, b"http/1.1"];
/// HTTP/2, as it is named in the handshake.
pub(super) const HTTP_2: &[u8] = b"h2";

/// Why there is no transport security.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file that cannot be read as what it should be.
    #[error("{setting} = {file}: {reason}")]
    File {
        /// The setting.
        setting: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong, and what would do.
        reason: String,
    },
    /// Certificate and key are readable, and do not go together.
    #[error("the certificate {cert} cannot be used with the key {key}: {reason}")]
    Pair {
        /// The file of the certificate.
        cert: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        reason: rustls::Error,
    },
    /// The library does not take its own defaults, or SIGHUP cannot be taken.
    #[error("transport security cannot be set up: {0}")]
    Setup(String),
}

/// A certificate that is shown to callers.
pub(super) struct Tls {
    files: TlsFiles,
    seen: Option<Stamp>,
    hangups: Signal,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
}

/// The certificate of this moment.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads the files. To be called on a runtime.
    pub(super) fn open(files: &TlsFiles) -> Result<Self, TlsError> {
        let seen = Stamp::of(files);
        let shown = Arc::new(Shown(ArcSwap::from_pointee(read(files)?)));
        let setup = |error: &dyn std::fmt::Display| TlsError::Setup(error.to_string());
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| setup(&error))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::clone(&shown) as _);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        let hangups = signal(SignalKind::hangup()).map_err(|error| setup(&error))?;
        Ok(Self { files: files.clone(), seen, hangups, shown, acceptor: Arc::new(config).into() })
    }

    /// What agrees with callers on a key.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Shows what stands in the files, for ever. Files that cannot be used leave the certificate before them in use.
    pub(super) async fn renew(mut self) -> Infallible {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                Some(()) = self.hangups.recv() => true,
                _ = look.tick() => false,
            };
            let files = self.files.clone();
            let work = move || (Stamp::of(&files), read(&files));
            let Ok((now, read)) = tokio::task::spawn_blocking(work).await else { continue };
            if !asked && now == self.seen {
                continue;
            }
            self.seen = now;
            match read {
                Ok(key) => {
                    self.shown.0.store(Arc::new(key));
                    tracing::info!(cert = %self.files.cert.display(), "the certificate was read again");
                }
                Err(error) => tracing::error!("the former certificate stays in use: {error}"),
            }
        }
    }
}

/// By which it is told that a file is another one.
#[derive(PartialEq)]
struct Stamp([(u64, i64, i64, u64); 2]);

impl Stamp {
    fn of(files: &TlsFiles) -> Option<Self> {
        let one = |file: &Path| {
            let found: Metadata = std::fs::metadata(file).ok()?;
            Some((found.ino(), found.mtime(), found.mtime_nsec(), found.len()))
        };
        Some(Self([one(&files.cert)?, one(&files.key)?]))
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let chain = CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| wrong("tls_cert", &files.cert, reason(&error)))?;
    if chain.is_empty() {
        let reason = "there is no CERTIFICATE in it; give the chain in PEM, the server's own first";
        return Err(wrong("tls_cert", &files.cert, reason.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            let reason = "there is no PRIVATE KEY in it; give it in PEM, and not encrypted";
            wrong("tls_key", &files.key, reason.to_owned())
        }
        other => wrong("tls_key", &files.key, reason(&other)),
    })?;
    warn_of_readers(&files.key);
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|reason| TlsError::Pair {
        cert: files.cert.clone(),
        key: files.key.clone(),
        reason,
    })
}

fn wrong(setting: &'static str, file: &Path, reason: String) -> TlsError {
    TlsError::File { setting, file: file.to_owned(), reason }
}

/// What is wrong with a file, without a word of what stands in it.
fn reason(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        _ => "it is not PEM".to_owned(),
    }
}

fn warn_of_readers(key: &Path) {
    if std::fs::metadata(key).is_ok_and(|found| found.mode() & 0o007 != 0) {
        let file = key.display();
        tracing::warn!("everybody on this machine can read the private key {file}: chmod o= {file}");
    }
}
