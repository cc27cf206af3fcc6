//! Certificates: an own local authority, the Office's files, or none behind a proxy; and what people compare and install.
//!
//! ```text
//! own:   tls/authority.{pem,key} ─▶ tls/server.{pem,key}, issued for every address and name of the machine, renewed by `renew`
//! files: certificate and key of the Office, read again when they change
//! ```
//! Real time only: the shifted clock of a demo never reaches a certificate.

mod addresses;
mod authority;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use arc_swap::ArcSwap;
use aws_lc_rs::digest;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use self::authority::Authority;
use crate::config::{Config, TlsMode};

pub use addresses::{host_name, local_addresses};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path}: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("cannot keep {path}: {reason}")]
    NotKept { path: PathBuf, reason: String },
    #[error("a name of [tls] names cannot stand in a certificate: {reason}")]
    Name { reason: String },
    #[error("cannot make a certificate: {0}")]
    Making(String),
    #[error(
        "the certificate {path} and its key do not belong together or cannot be used: {reason}"
    )]
    Unusable { path: PathBuf, reason: String },
}

impl TlsError {
    fn making(error: impl std::fmt::Display) -> Self {
        Self::Making(error.to_string())
    }
}

/// What the server shows, and what people may install.
#[derive(Debug)]
pub struct Identity {
    source: Source,
    current: Arc<Current>,
    config: Option<Arc<ServerConfig>>,
}

#[derive(Debug)]
enum Source {
    Own { authority: Box<Authority>, names: BTreeSet<String> },
    Files { certificate: PathBuf, key: PathBuf },
    Proxy,
}

/// The certificate of new connections; swapped without touching open ones.
#[derive(Debug)]
struct Current {
    certified: ArcSwap<Option<Arc<CertifiedKey>>>,
    /// When the files were last changed, so that they are read again.
    of: ArcSwap<Option<SystemTime>>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Option::clone(&self.certified.load())
    }
}

impl Identity {
    /// Reads or makes the certificate that the configuration asks for; `dir` is the data directory.
    pub fn open(dir: &Path, config: &Config) -> Result<Self, TlsError> {
        let source = match config.tls.mode {
            TlsMode::Own => Source::Own {
                authority: Box::new(Authority::open(
                    &dir.join("tls"),
                    &config.office.name,
                    authority::today(),
                )?),
                names: config.tls.names.iter().cloned().collect(),
            },
            TlsMode::Files => {
                let missing =
                    || TlsError::Making("certificate and key are not configured".to_owned());
                Source::Files {
                    certificate: config.tls.certificate.clone().ok_or_else(missing)?,
                    key: config.tls.key.clone().ok_or_else(missing)?,
                }
            }
            TlsMode::Proxy => Source::Proxy,
        };
        let current = Arc::new(Current {
            certified: ArcSwap::from_pointee(None),
            of: ArcSwap::from_pointee(None),
        });
        let tls = (!matches!(source, Source::Proxy)).then(|| {
            let builder =
                ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
                    .with_safe_default_protocol_versions()
                    .expect("the provider knows TLS 1.2 and 1.3");
            let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&current) as _;
            let mut tls = builder.with_no_client_auth().with_cert_resolver(resolver);
            // HTTP/2 matters: over HTTP/1.1 live pages meet the browser's limit of six connections a host.
            tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Arc::new(tls)
        });
        let identity = Self { source, current, config: tls };
        identity.renew()?;
        Ok(identity)
    }

    /// `None` behind a proxy.
    pub fn server_config(&self) -> Option<Arc<ServerConfig>> {
        self.config.clone()
    }

    /// The own authority's certificate as DER, for browsers and systems to install.
    pub fn authority_der(&self) -> Option<&[u8]> {
        match &self.source {
            Source::Own { authority, .. } => Some(authority.certificate.as_ref()),
            Source::Files { .. } | Source::Proxy => None,
        }
    }

    /// SHA-256 of what people compare: the own authority, else the certificate shown. `AB:CD:…`
    pub fn fingerprint(&self) -> Option<String> {
        match self.authority_der() {
            Some(der) => Some(fingerprint(der)),
            None => {
                let current = self.current.certified.load();
                current.as_ref().as_ref()?.cert.first().map(|der| fingerprint(der))
            }
        }
    }

    /// Looks whether another certificate is needed, and takes it for new connections. Called hourly; the old one stays on failure.
    pub fn renew(&self) -> Result<(), TlsError> {
        let (chain, key, path) = match &self.source {
            Source::Proxy => return Ok(()),
            Source::Own { authority, names } => {
                let mut names = names.clone();
                names.insert("localhost".to_owned());
                names.extend(host_name());
                names.extend(local_addresses().iter().map(ToString::to_string));
                let (mut chain, key) = authority.server_certificate(&names, authority::today())?;
                // The authority comes with it: who knows its fingerprint alone must see that it is the one.
                chain.push(authority.certificate.clone());
                (chain, key, PathBuf::from("tls/server.pem"))
            }
            Source::Files { certificate, key } => {
                let changed = std::fs::metadata(certificate).and_then(|file| file.modified()).ok();
                if changed.is_some() && **self.current.of.load() == changed {
                    return Ok(());
                }
                let (chain, key) = read_pair(certificate, key)?;
                self.current.of.store(Arc::new(changed));
                (chain, key, certificate.clone())
            }
        };
        let certified = CertifiedKey::from_der(chain, key, &provider::default_provider())
            .map_err(|error| TlsError::Unusable { path, reason: error.to_string() })?;
        self.current.certified.store(Arc::new(Some(Arc::new(certified))));
        Ok(())
    }
}

fn read_pair(
    certificate: &Path,
    key: &Path,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let broken =
        |path: &Path, reason: String| TlsError::Unreadable { path: path.to_owned(), reason };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
        .map_err(|error| broken(certificate, error.to_string()))?
        .collect();
    let chain = chain.map_err(|error| broken(certificate, error.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| broken(key, error.to_string()))?;
    Ok((chain, key))
}

fn fingerprint(der: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, der);
    let pairs: Vec<_> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_stays_and_the_certificate_follows_the_names() {
        let dir = tempfile::tempdir().unwrap();
        crate::dir::prepare(dir.path()).unwrap();
        let mut config = Config::default();

        let first = Identity::open(dir.path(), &config).unwrap();
        let shown = |identity: &Identity| {
            identity.current.certified.load().as_ref().as_ref().unwrap().cert[0].to_vec()
        };
        let chain = first.current.certified.load();
        let issuer = chain.as_ref().as_ref().unwrap().cert.last().map(|der| fingerprint(der));
        assert_eq!(
            first.fingerprint(),
            issuer,
            "what is printed can be compared with what is sent"
        );
        let again = Identity::open(dir.path(), &config).unwrap();
        assert_eq!(first.fingerprint(), again.fingerprint());
        assert_eq!(shown(&first), shown(&again));

        config.tls.names.push("hop.hanoi.example".to_owned());
        let named = Identity::open(dir.path(), &config).unwrap();
        assert_eq!(first.fingerprint(), named.fingerprint());
        assert_ne!(shown(&first), shown(&named));
    }

    #[test]
    fn files_are_taken_again_when_they_change_and_kept_when_they_break() {
        let dir = tempfile::tempdir().unwrap();
        crate::dir::prepare(dir.path()).unwrap();
        let own = Identity::open(dir.path(), &Config::default()).unwrap();
        let mut config = Config::default();
        config.tls.mode = TlsMode::Files;
        config.tls.certificate = Some(dir.path().join("tls/server.pem"));
        config.tls.key = Some(dir.path().join("tls/server.key"));

        let files = Identity::open(dir.path(), &config).unwrap();
        assert_eq!(files.authority_der(), None);
        assert_ne!(files.fingerprint(), own.fingerprint());

        std::fs::write(dir.path().join("tls/server.pem"), "no certificate").unwrap();
        let before = files.fingerprint();
        assert!(files.renew().is_err());
        assert_eq!(files.fingerprint(), before);
    }
}
