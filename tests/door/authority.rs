//! A certificate authority of the test's own.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// The name of the server beside those of this machine.
pub(crate) const NAME: &str = "gewu.example";

/// An authority and what it signed, as files.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, which callers trust.
    pub(crate) root: PathBuf,
}

impl Authority {
    pub(crate) fn new(dir: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        let root = dir.join(format!("{name}.pem"));
        std::fs::write(&root, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), root }
    }

    /// Writes a certificate for this machine and [`NAME`], and its key, which only its owner may read.
    pub(crate) fn sign(&self, cert: &Path, key: &Path) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), NAME.to_owned()];
        let own = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(names).unwrap().signed_by(&own, &self.issuer).unwrap();
        std::fs::write(cert, signed.pem()).unwrap();
        std::fs::write(key, own.serialize_pem()).unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(key, owner_only).unwrap();
    }
}
