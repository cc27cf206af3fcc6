//! The installation's own authority: made once, its certificate installed at the sites or compared by its fingerprint, and the server's
//! certificate renewed from it before it ends and whenever the machine gets another address.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use serde::{Deserialize, Serialize};

use super::TlsError;
use crate::dir::write_whole;

const AUTHORITY_YEARS: i16 = 10;
const SERVER_DAYS: i64 = 180;
/// Renewed when this much is left: time for somebody to notice that it failed.
const RENEWED_AT_DAYS: i64 = 60;

/// What the server's certificate says, kept beside it so that nobody has to parse it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Notes {
    names: BTreeSet<String>,
    ends: Date,
}

/// The authority of one installation.
pub(super) struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    pub(super) certificate: CertificateDer<'static>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Authority {
    /// Reads the authority from `tls/`, or makes it.
    pub(super) fn open(folder: &Path, office: &str, today: Date) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join("authority.pem"), folder.join("authority.key"));
        if !certificate.exists() {
            // The key first: a certificate without its key would be served and could never be renewed.
            let made = make(office, today)?;
            write(&key, made.1.as_bytes())?;
            write(&certificate, made.0.as_bytes())?;
            tracing::info!("a local authority was made in {}", folder.display());
        }
        let pem = read(&certificate)?;
        let broken = |reason: String| TlsError::Unreadable { path: certificate.clone(), reason };
        let key_pair = KeyPair::from_pem(&read(&key)?).map_err(|error| TlsError::Unreadable {
            path: key.clone(),
            reason: error.to_string(),
        })?;
        let issuer =
            Issuer::from_ca_cert_pem(&pem, key_pair).map_err(|error| broken(error.to_string()))?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| broken(error.to_string()))?;
        Ok(Self { folder: folder.to_owned(), issuer, certificate: der })
    }

    /// The server's certificate for these names: the one that is there while it covers them and lasts, else a new one.
    pub(super) fn server_certificate(
        &self,
        names: &BTreeSet<String>,
        today: Date,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let [certificate, key, notes] =
            ["server.pem", "server.key", "server.json"].map(|name| self.folder.join(name));
        let is_good = read(&notes)
            .ok()
            .and_then(|text| serde_json::from_str::<Notes>(&text).ok())
            .is_some_and(|notes| {
                let left = notes.ends.duration_since(today).as_hours() / 24;
                notes.names.is_superset(names) && left > RENEWED_AT_DAYS
            });
        if !is_good || !certificate.exists() || !key.exists() {
            let ends = today.saturating_add(jiff::Span::new().days(SERVER_DAYS));
            let (pem, key_pem) = self.issue(names, today, ends)?;
            // The notes last: without them the next start issues anew.
            std::fs::remove_file(&notes).ok();
            write(&key, key_pem.as_bytes())?;
            write(&certificate, pem.as_bytes())?;
            let text = serde_json::to_vec(&Notes { names: names.clone(), ends })
                .expect("names and a date are JSON");
            write(&notes, &text)?;
            tracing::info!(names = ?names, "the server's certificate was issued, until {ends}");
        }
        super::read_pair(&certificate, &key)
    }

    fn issue(
        &self,
        names: &BTreeSet<String>,
        today: Date,
        ends: Date,
    ) -> Result<(String, String), TlsError> {
        let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())
            .map_err(|error| TlsError::Name { reason: error.to_string() })?;
        params.distinguished_name.push(DnType::CommonName, "Nhịp Cầu");
        set_validity!(params, today, ends);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(TlsError::making)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(TlsError::making)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

fn make(office: &str, today: Date) -> Result<(String, String), TlsError> {
    let mut params = CertificateParams::default();
    // The number tells two installations of one Office apart in a browser's list.
    let number = crate::auth::random_hex::<3>();
    params.distinguished_name.push(DnType::CommonName, format!("Nhịp Cầu {number}"));
    params.distinguished_name.push(DnType::OrganizationName, office);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ends = today.saturating_add(jiff::Span::new().years(AUTHORITY_YEARS));
    set_validity!(params, today, ends);
    let key = KeyPair::generate().map_err(TlsError::making)?;
    let certificate = params.self_signed(&key).map_err(TlsError::making)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Clocks of old machines are often behind, so it is good from yesterday.
macro_rules! set_validity {
    ($params:ident, $today:expr, $ends:expr) => {
        let day = |date: Date| {
            let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
            rcgen::date_time_ymd(i32::from(date.year()), month, day)
        };
        $params.not_before = day($today.saturating_sub(jiff::Span::new().days(1)));
        $params.not_after = day($ends);
    };
}
use set_validity;

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path)
        .map_err(|error| TlsError::Unreadable { path: path.to_owned(), reason: error.to_string() })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    write_whole(path, bytes)
        .map_err(|error| TlsError::NotKept { path: path.to_owned(), reason: error.to_string() })
}

/// Today, by real time.
pub(super) fn today() -> Date {
    crate::lang::day_of(Timestamp::now())
}
