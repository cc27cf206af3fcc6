//! Certificates: an own local authority, the Office's files, or none behind a proxy; and what people compare and install.
//!
//! ```text
//! own:   tls/authority.{pem,key} ─▶ tls/server.{pem,key}, issued for every address and name of the machine, renewed by `renew`
//! files: certificate and key of the Office, read again when they change
//! ```
//! Whatever is kept is judged at both its ends by the time it is now, at the start and every minute: a clock may have been wrong, or be.
//! Real time only: the shifted clock of a demo never reaches a certificate.

mod addresses;
mod authority;
mod concern;
mod facts;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use arc_swap::ArcSwap;
use aws_lc_rs::digest;
use jiff::Timestamp;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use self::{authority::Authority, facts::Facts};
use crate::{
    clock::Clock,
    config::{Config, TlsMode},
};

pub use addresses::{host_name, local_addresses};
pub use concern::Concern;

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
    /// Names that people type, by the configuration.
    names: BTreeSet<String>,
    current: Arc<Current>,
    config: Option<Arc<ServerConfig>>,
    /// What was said in the log, so that it is said when it changes.
    said: Mutex<Vec<Concern>>,
}

#[derive(Debug)]
enum Source {
    Own { folder: PathBuf, office: String, authority: Box<ArcSwap<Authority>> },
    Files { certificate: PathBuf, key: PathBuf },
    Proxy,
}

/// The certificate of new connections; swapped without touching open ones.
#[derive(Debug)]
struct Current {
    certified: ArcSwap<Option<Arc<CertifiedKey>>>,
    /// Of the whole chain.
    facts: ArcSwap<Vec<Facts>>,
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
        Self::open_at(dir, config, Clock::real())
    }

    fn open_at(dir: &Path, config: &Config, now: Timestamp) -> Result<Self, TlsError> {
        let source = match config.tls.mode {
            TlsMode::Own => {
                let (folder, office) = (dir.join("tls"), config.office.name.clone());
                let authority = Authority::open(&folder, &office, now)?;
                Source::Own {
                    folder,
                    office,
                    authority: Box::new(ArcSwap::from_pointee(authority)),
                }
            }
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
            facts: ArcSwap::from_pointee(Vec::new()),
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
        let names = config.tls.names.iter().cloned().collect();
        let identity = Self { source, names, current, config: tls, said: Mutex::default() };
        identity.renew_at(now)?;
        Ok(identity)
    }

    /// `None` behind a proxy.
    pub fn server_config(&self) -> Option<Arc<ServerConfig>> {
        self.config.clone()
    }

    /// The own authority's certificate as DER, for browsers and systems to install.
    pub fn authority_der(&self) -> Option<Vec<u8>> {
        match &self.source {
            Source::Own { authority, .. } => Some(authority.load().certificate.to_vec()),
            Source::Files { .. } | Source::Proxy => None,
        }
    }

    /// Somebody takes the authority away, or its fingerprint on paper: it is not made anew by itself any more.
    pub fn authority_was_seen(&self) {
        if let Source::Own { authority, .. } = &self.source {
            authority.load().was_seen();
        }
    }

    /// What is wrong with the certificates now, or will be soon.
    pub fn concerns(&self, now: Timestamp) -> Vec<Concern> {
        let authority = match &self.source {
            Source::Own { authority, .. } => Some(authority.load().facts.clone()),
            Source::Files { .. } => None,
            // Somebody else's certificate.
            Source::Proxy => return Vec::new(),
        };
        concern::all(authority.as_ref(), &self.current.facts.load(), &self.names, now)
    }

    /// SHA-256 of what people compare: the own authority, else the certificate shown. `AB:CD:…`
    pub fn fingerprint(&self) -> Option<String> {
        match self.authority_der() {
            Some(der) => Some(fingerprint(&der)),
            None => {
                let current = self.current.certified.load();
                current.as_ref().as_ref()?.cert.first().map(|der| fingerprint(der))
            }
        }
    }

    /// Looks whether another certificate is needed, and takes it for new connections. Called every minute; the old one stays on failure.
    pub fn renew(&self) -> Result<(), TlsError> {
        self.renew_at(Clock::real())
    }

    fn renew_at(&self, now: Timestamp) -> Result<(), TlsError> {
        let renewed = self.take(now);
        let concerns = self.concerns(now);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for concern in concerns.iter().filter(|concern| !said.contains(concern)) {
            tracing::warn!("{}", concern.sentence(crate::lang::Lang::En));
        }
        *said = concerns;
        renewed
    }

    fn take(&self, now: Timestamp) -> Result<(), TlsError> {
        let (chain, key, path) = match &self.source {
            Source::Proxy => return Ok(()),
            Source::Own { folder, office, authority } => {
                // It may have been exchanged, or the clock put right.
                authority.store(Arc::new(Authority::open(folder, office, now)?));
                let authority = authority.load();
                let mut names = self.names.clone();
                names.insert("localhost".to_owned());
                names.extend(host_name());
                names.extend(local_addresses().iter().map(ToString::to_string));
                let (mut chain, key) = authority.server_certificate(&names, now)?;
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
        let facts: Result<Vec<_>, _> = chain.iter().map(|der| Facts::of(der)).collect();
        let facts = facts.map_err(|reason| TlsError::Unusable { path: path.clone(), reason })?;
        let certified = CertifiedKey::from_der(chain, key, &provider::default_provider())
            .map_err(|error| TlsError::Unusable { path, reason: error.to_string() })?;
        self.current.facts.store(Arc::new(facts));
        self.current.certified.store(Arc::new(Some(Arc::new(certified))));
        Ok(())
    }
}

/// Puts another authority in the place of this directory's own; a running server takes it within a minute. Gives its fingerprint.
pub fn exchange_authority(dir: &Path, config: &Config) -> Result<String, TlsError> {
    let folder = dir.join("tls");
    authority::exchange(&folder, &config.office.name, Clock::real())?;
    fingerprint_of(dir, config)
}

/// The fingerprint of the directory's own authority, which is made if there is none.
pub fn fingerprint_of(dir: &Path, config: &Config) -> Result<String, TlsError> {
    let authority = Authority::open(&dir.join("tls"), &config.office.name, Clock::real())?;
    Ok(fingerprint(&authority.certificate))
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

    /// Which authority and which certificate somebody is shown.
    fn shown(identity: &Identity) -> (String, Vec<u8>) {
        let current = identity.current.certified.load();
        let certificate = current.as_ref().as_ref().unwrap().cert[0].to_vec();
        (identity.fingerprint().unwrap(), certificate)
    }

    fn open(dir: &Path, now: &str) -> Identity {
        Identity::open_at(dir, &Config::default(), now.parse().unwrap()).unwrap()
    }

    fn is_good(identity: &Identity, now: &str) {
        let now = now.parse().unwrap();
        assert_eq!(identity.concerns(now), [], "{now}");
        for facts in identity.current.facts.load().iter() {
            assert_eq!(facts.at(now), facts::Standing::Good, "{facts:?}");
        }
    }

    const RIGHT: &str = "2026-12-01T02:00:00Z";
    /// Before, long before, a little after, long after; and what certificates cannot even say.
    const WRONG: [&str; 6] = [
        "1970-01-01T00:01:00Z",
        "2010-01-01T00:00:00Z",
        "2016-12-03T00:00:00Z",
        "2026-12-04T02:00:00Z",
        "2027-05-01T00:00:00Z",
        "2046-12-01T02:00:00Z",
    ];

    #[test]
    fn what_was_made_under_a_wrong_clock_and_nobody_has_is_made_anew() {
        for wrong in WRONG {
            let dir = tempfile::tempdir().unwrap();
            crate::dir::prepare(dir.path()).unwrap();
            let first = open(dir.path(), wrong);
            is_good(&first, wrong);
            // The same while it runs, when the clock is put right under it.
            first.renew_at(RIGHT.parse().unwrap()).unwrap();
            is_good(&first, RIGHT);
            let again = open(dir.path(), RIGHT);
            is_good(&again, RIGHT);
            assert_eq!(shown(&first), shown(&again), "{wrong}");
        }
    }

    #[test]
    fn what_somebody_may_have_stays_and_is_said_until_it_is_exchanged() {
        for wrong in [
            "1970-01-01T00:01:00Z",
            "2010-01-01T00:00:00Z",
            "2026-12-04T02:00:00Z",
            "2046-12-01T02:00:00Z",
        ] {
            let dir = tempfile::tempdir().unwrap();
            crate::dir::prepare(dir.path()).unwrap();
            let first = open(dir.path(), wrong);
            first.authority_was_seen();
            let again = open(dir.path(), RIGHT);
            assert_eq!(first.fingerprint(), again.fingerprint(), "{wrong}");
            let concerns = again.concerns(RIGHT.parse().unwrap());
            let about = |concern: &Concern| {
                matches!(concern, Concern::AuthorityNotYet(_) | Concern::AuthorityOver(_))
            };
            assert!(concerns.iter().any(about), "{wrong}: {concerns:?}");

            authority::exchange(&dir.path().join("tls"), "Văn phòng", RIGHT.parse().unwrap())
                .unwrap();
            again.renew_at(RIGHT.parse().unwrap()).unwrap();
            assert_ne!(first.fingerprint(), again.fingerprint(), "{wrong}");
            is_good(&again, RIGHT);
            let kept = std::fs::read_dir(dir.path().join("tls")).unwrap().flatten();
            let kept =
                kept.filter(|file| file.file_name().to_string_lossy().starts_with("authority-"));
            assert_eq!(kept.count(), 1, "the one before is kept to compare");
        }
    }

    #[test]
    fn an_authority_of_an_older_program_may_have_been_installed() {
        let dir = tempfile::tempdir().unwrap();
        crate::dir::prepare(dir.path()).unwrap();
        let first = open(dir.path(), "2010-01-01T00:00:00Z");
        std::fs::remove_file(dir.path().join("tls/authority.unseen")).unwrap();
        assert_eq!(open(dir.path(), RIGHT).fingerprint(), first.fingerprint());
    }

    #[test]
    fn a_certificate_ahead_of_its_time_is_made_anew_under_the_authority_that_stays() {
        let dir = tempfile::tempdir().unwrap();
        crate::dir::prepare(dir.path()).unwrap();
        let first = open(dir.path(), RIGHT);
        first.authority_was_seen();
        let before = shown(&first);
        // The clock runs ahead for a while, and back.
        first.renew_at("2027-08-01T00:00:00Z".parse().unwrap()).unwrap();
        let ahead = shown(&first);
        assert!(before.0 == ahead.0 && before.1 != ahead.1);
        first.renew_at(RIGHT.parse().unwrap()).unwrap();
        assert_ne!(shown(&first).1, ahead.1);
        is_good(&first, RIGHT);
        // Nothing is issued when nothing is wrong.
        let now = shown(&first);
        first.renew_at("2026-12-02T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(shown(&first), now);
    }

    #[test]
    fn an_authority_near_its_end_is_said_and_no_certificate_outlives_it() {
        let dir = tempfile::tempdir().unwrap();
        crate::dir::prepare(dir.path()).unwrap();
        let first = open(dir.path(), RIGHT);
        first.authority_was_seen();
        let late = "2036-11-01T00:00:00Z";
        first.renew_at(late.parse().unwrap()).unwrap();
        let concerns = first.concerns(late.parse().unwrap());
        assert!(matches!(concerns[..], [Concern::AuthorityEnds(_)]), "{concerns:?}");
        let issued = shown(&first);
        let facts = first.current.facts.load();
        assert!(facts[0].ends <= facts[1].ends);
        first.renew_at(late.parse().unwrap()).unwrap();
        assert_eq!(shown(&first), issued, "not another one every minute");
    }

    #[test]
    fn the_office_s_own_certificate_is_judged_too() {
        let dir = tempfile::tempdir().unwrap();
        crate::dir::prepare(dir.path()).unwrap();
        let mut config = Config::default();
        config.tls.names = vec!["hop.hanoi.example".into()];
        Identity::open_at(dir.path(), &config, RIGHT.parse().unwrap()).unwrap();
        config.tls.mode = TlsMode::Files;
        config.tls.certificate = Some(dir.path().join("tls/server.pem"));
        config.tls.key = Some(dir.path().join("tls/server.key"));
        let concerns = |config: &Config, now: &str| {
            let files = Identity::open_at(dir.path(), config, now.parse().unwrap()).unwrap();
            files.concerns(now.parse().unwrap())
        };
        assert_eq!(concerns(&config, RIGHT), []);
        assert!(matches!(
            concerns(&config, "2026-11-01T00:00:00Z")[..],
            [Concern::CertificateNotYet(_)]
        ));
        assert!(matches!(
            concerns(&config, "2027-05-20T00:00:00Z")[..],
            [Concern::CertificateEnds(_)]
        ));
        assert!(matches!(
            concerns(&config, "2028-01-01T00:00:00Z")[..],
            [Concern::CertificateOver(_)]
        ));
        config.tls.names.push("khac.hanoi.example".into());
        let wrong = concerns(&config, RIGHT);
        assert_eq!(wrong, [Concern::NameMissing("khac.hanoi.example".into())]);
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
