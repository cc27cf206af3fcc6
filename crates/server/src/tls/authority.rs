//! The installation's own authority: made once, its certificate installed at the sites or compared by its fingerprint, and the server's
//! certificate renewed from it before it ends, whenever the machine gets another address, and whenever it is not good at the time.
//!
//! Invariant: what somebody may have installed is never thrown away by itself; what nobody has seen and is not good now is made anew.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use super::{
    TlsError,
    facts::{Facts, Standing},
};
use crate::dir::write_whole;

const AUTHORITY_YEARS: i16 = 10;
const SERVER_DAYS: i64 = 180;
/// Renewed when this much is left: time for somebody to notice that it failed.
const RENEWED_AT_DAYS: i64 = 60;
/// Nobody should install one that has less than this left.
const UNSEEN_DAYS: i64 = 365;
/// Beside the authority while nobody has downloaded it or printed its fingerprint. One without it, of an older program, may have been.
const UNSEEN: &str = "authority.unseen";

/// The authority of one installation.
pub(super) struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    pub(super) certificate: CertificateDer<'static>,
    pub(super) facts: Facts,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Authority {
    /// Reads the authority from `tls/`, or makes it; one that is not good now and that nobody has is made anew.
    pub(super) fn open(folder: &Path, office: &str, now: Timestamp) -> Result<Self, TlsError> {
        if !folder.join("authority.pem").exists() {
            keep_new(folder, office, now)?;
        }
        let found = Self::read(folder)?;
        let lasts = found.facts.ends > later(now, UNSEEN_DAYS);
        let is_good = found.facts.at(now) == Standing::Good && lasts;
        if is_good || !folder.join(UNSEEN).exists() {
            return Ok(found);
        }
        tracing::warn!(
            "the authority was made while the clock was wrong ({} to {}); nobody has it yet, so another is made",
            found.facts.begins,
            found.facts.ends
        );
        keep_new(folder, office, now)?;
        Self::read(folder)
    }

    fn read(folder: &Path) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join("authority.pem"), folder.join("authority.key"));
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
        let facts = Facts::of(&der).map_err(broken)?;
        Ok(Self { folder: folder.to_owned(), issuer, certificate: der, facts })
    }

    /// Somebody takes it away, or its fingerprint: from now on it is theirs too.
    pub(super) fn was_seen(&self) {
        std::fs::remove_file(self.folder.join(UNSEEN)).ok();
    }

    /// The server's certificate for these names: the one that is there while it is good, lasts and covers them, else a new one.
    pub(super) fn server_certificate(
        &self,
        names: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let [certificate, key] = ["server.pem", "server.key"].map(|name| self.folder.join(name));
        if let Ok((chain, key)) = super::read_pair(&certificate, &key)
            && chain.first().is_some_and(|der| self.is_good(der, names, now))
        {
            return Ok((chain, key));
        }
        let (pem, key_pem, ends) = self.issue(names, now)?;
        // A key without its certificate is no pair, and the next look issues anew.
        std::fs::remove_file(&certificate).ok();
        write(&key, key_pem.as_bytes())?;
        write(&certificate, pem.as_bytes())?;
        // Of an older program.
        std::fs::remove_file(self.folder.join("server.json")).ok();
        tracing::info!(names = ?names, "the server's certificate was issued, until {ends}");
        super::read_pair(&certificate, &key)
    }

    fn is_good(&self, der: &[u8], names: &BTreeSet<String>, now: Timestamp) -> bool {
        let Ok(facts) = Facts::of(der) else { return false };
        // It cannot outlive the authority; asking for more would issue one every minute.
        let must_last = later(now, RENEWED_AT_DAYS).min(self.facts.ends);
        facts.at(now) != Standing::NotYet
            && facts.ends >= must_last
            && facts.ends <= later(now, SERVER_DAYS + 1)
            && facts.signed_by == self.facts.key
            && names.iter().all(|name| facts.covers(name))
    }

    fn issue(
        &self,
        names: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(String, String, Date), TlsError> {
        let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())
            .map_err(|error| TlsError::Name { reason: error.to_string() })?;
        params.distinguished_name.push(DnType::CommonName, "Nhịp Cầu");
        let ends = day(later(now, SERVER_DAYS)).min(day(self.facts.ends));
        set_validity!(params, now, ends);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(TlsError::making)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(TlsError::making)?;
        Ok((certificate.pem(), key.serialize_pem(), ends))
    }
}

/// Puts another authority in the place of the one that is there, whose certificate is kept beside it under its own name.
pub(super) fn exchange(folder: &Path, office: &str, now: Timestamp) -> Result<(), TlsError> {
    let certificate = folder.join("authority.pem");
    if certificate.exists() {
        let number = crate::auth::random_hex::<4>();
        let kept = folder.join(format!("authority-{}-{number}.pem", day(now)));
        let failed = |error: std::io::Error| TlsError::NotKept {
            path: kept.clone(),
            reason: error.to_string(),
        };
        std::fs::copy(&certificate, &kept).map_err(failed)?;
    }
    keep_new(folder, office, now)
}

fn keep_new(folder: &Path, office: &str, now: Timestamp) -> Result<(), TlsError> {
    let made = make(office, now)?;
    // The key first: a certificate without its key would be served and could never be renewed. Between the two there is no certificate,
    // so whatever stops here is followed by another making.
    std::fs::remove_file(folder.join("authority.pem")).ok();
    write(&folder.join("authority.key"), made.1.as_bytes())?;
    write(&folder.join(UNSEEN), b"")?;
    write(&folder.join("authority.pem"), made.0.as_bytes())?;
    tracing::info!("a local authority was made in {}", folder.display());
    Ok(())
}

fn make(office: &str, now: Timestamp) -> Result<(String, String), TlsError> {
    let mut params = CertificateParams::default();
    // The number tells two installations of one Office apart in a browser's list.
    let number = crate::auth::random_hex::<3>();
    params.distinguished_name.push(DnType::CommonName, format!("Nhịp Cầu {number}"));
    params.distinguished_name.push(DnType::OrganizationName, office);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ends = day(now).saturating_add(jiff::Span::new().years(AUTHORITY_YEARS));
    set_validity!(params, now, ends);
    let key = KeyPair::generate().map_err(TlsError::making)?;
    let certificate = params.self_signed(&key).map_err(TlsError::making)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Clocks of old machines are often behind, so it is good from yesterday.
macro_rules! set_validity {
    ($params:ident, $now:expr, $ends:expr) => {
        let at = |date: Date| {
            let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
            rcgen::date_time_ymd(i32::from(date.year()), month, day)
        };
        $params.not_before = at(day($now).saturating_sub(jiff::Span::new().days(1)));
        $params.not_after = at($ends);
    };
}
use set_validity;

/// Certificates count in UTC.
fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn later(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path)
        .map_err(|error| TlsError::Unreadable { path: path.to_owned(), reason: error.to_string() })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    write_whole(path, bytes)
        .map_err(|error| TlsError::NotKept { path: path.to_owned(), reason: error.to_string() })
}
