//! What a certificate says of itself, read from the certificate: from when and until when it is good, for which names, by whom it was signed.

use std::{collections::BTreeSet, net::IpAddr};

use jiff::Timestamp;
use x509_parser::{
    extensions::{GeneralName, ParsedExtension},
    prelude::{FromDer as _, X509Certificate},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) begins: Timestamp,
    pub(super) ends: Timestamp,
    /// Names and addresses, as they are typed.
    pub(super) names: BTreeSet<String>,
    /// Of its own key, and of the key that signed it.
    pub(super) key: Option<Vec<u8>>,
    pub(super) signed_by: Option<Vec<u8>>,
}

/// Whether a certificate is good at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    NotYet,
    Good,
    Over,
}

impl Facts {
    /// `Err` says why it cannot be read.
    pub(super) fn of(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let at = |seconds| Timestamp::from_second(seconds).map_err(|error| error.to_string());
        let validity = certificate.validity();
        let mut facts = Self {
            begins: at(validity.not_before.timestamp())?,
            ends: at(validity.not_after.timestamp())?,
            names: BTreeSet::new(),
            key: None,
            signed_by: None,
        };
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => {
                    facts.names.extend(names.general_names.iter().filter_map(name));
                }
                ParsedExtension::SubjectKeyIdentifier(key) => facts.key = Some(key.0.to_vec()),
                ParsedExtension::AuthorityKeyIdentifier(by) => {
                    facts.signed_by = by.key_identifier.as_ref().map(|key| key.0.to_vec());
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    pub(super) fn at(&self, now: Timestamp) -> Standing {
        if now < self.begins {
            Standing::NotYet
        } else if now >= self.ends {
            Standing::Over
        } else {
            Standing::Good
        }
    }

    /// Whether a browser that was asked for this name takes the certificate for it.
    pub(super) fn covers(&self, name: &str) -> bool {
        if let Ok(address) = name.parse::<IpAddr>() {
            return self.names.contains(&address.to_string());
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.names.iter().map(|known| known.to_ascii_lowercase()).any(|known| {
            let is_below = |domain: &str| {
                name.split_once('.')
                    .is_some_and(|(first, rest)| !first.is_empty() && rest == domain)
            };
            known == name || known.strip_prefix("*.").is_some_and(is_below)
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let v6 = || <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
            v4.or_else(|_| v6()).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_covered_as_browsers_cover_it() {
        let facts = Facts {
            begins: Timestamp::UNIX_EPOCH,
            ends: Timestamp::MAX,
            names: ["hop.hanoi.example", "*.hanoi.example", "10.0.0.5", "fd00::5"]
                .map(str::to_owned)
                .into(),
            key: None,
            signed_by: None,
        };
        for name in
            ["HOP.hanoi.example", "a.hanoi.example", "hop.hanoi.example.", "10.0.0.5", "fd00:0::5"]
        {
            assert!(facts.covers(name), "{name}");
        }
        for name in
            ["hanoi.example", "a.b.hanoi.example", ".hanoi.example", "10.0.0.6", "hop.example"]
        {
            assert!(!facts.covers(name), "{name}");
        }
    }
}
