//! What is wrong with the certificates, for the log and for `/readyz`.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::facts::{Facts, Standing};
use crate::{
    lang::{self, Lang},
    t,
};

/// Every machine has to be visited before an authority ends.
const AUTHORITY_DAYS: i64 = 90;
/// The Office has to ask for another certificate. The server's own is renewed long before.
const CERTIFICATE_DAYS: i64 = 21;

/// One thing that keeps browsers from trusting this server, or soon will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    AuthorityNotYet(Timestamp),
    AuthorityOver(Timestamp),
    AuthorityEnds(Timestamp),
    CertificateNotYet(Timestamp),
    CertificateOver(Timestamp),
    CertificateEnds(Timestamp),
    /// A name of the configuration that the certificate is not for.
    NameMissing(String),
}

impl Concern {
    pub fn sentence(&self, lang: Lang) -> String {
        let day = |at: &Timestamp| lang::date(lang::day_of(*at));
        match self {
            Self::AuthorityNotYet(at) => t!(lang, "tls-authority-not-yet", day = day(at)),
            Self::AuthorityOver(at) => t!(lang, "tls-authority-over", day = day(at)),
            Self::AuthorityEnds(at) => t!(lang, "tls-authority-ends", day = day(at)),
            Self::CertificateNotYet(at) => t!(lang, "tls-certificate-not-yet", day = day(at)),
            Self::CertificateOver(at) => t!(lang, "tls-certificate-over", day = day(at)),
            Self::CertificateEnds(at) => t!(lang, "tls-certificate-ends", day = day(at)),
            Self::NameMissing(name) => t!(lang, "tls-name-missing", name = name.as_str()),
        }
    }
}

/// The authority, if it is our own, then the chain as it is sent.
pub(super) fn all(
    authority: Option<&Facts>,
    chain: &[Facts],
    names: &BTreeSet<String>,
    now: Timestamp,
) -> Vec<Concern> {
    let soon = |days| now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
    let mut found = Vec::new();
    if let Some(authority) = authority {
        match authority.at(now) {
            Standing::NotYet => found.push(Concern::AuthorityNotYet(authority.begins)),
            Standing::Over => found.push(Concern::AuthorityOver(authority.ends)),
            Standing::Good if authority.ends < soon(AUTHORITY_DAYS) => {
                found.push(Concern::AuthorityEnds(authority.ends));
            }
            Standing::Good => {}
        }
        // What it signs cannot be better than it is.
        if !found.is_empty() {
            return found;
        }
    }
    let (begins, ends) =
        (chain.iter().map(|each| each.begins).max(), chain.iter().map(|each| each.ends).min());
    match (begins, ends) {
        (Some(begins), _) if now < begins => found.push(Concern::CertificateNotYet(begins)),
        (_, Some(ends)) if now >= ends => found.push(Concern::CertificateOver(ends)),
        (_, Some(ends)) if ends < soon(CERTIFICATE_DAYS) => {
            found.push(Concern::CertificateEnds(ends));
        }
        _ => {}
    }
    if let Some(shown) = chain.first() {
        let missing = names.iter().filter(|name| !shown.covers(name));
        found.extend(missing.map(|name| Concern::NameMissing(name.clone())));
    }
    found
}
