//! Whom a simulated site believes to be the server: the system's usual authorities are not among the choices, because an Office's
//! server has its own.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};

/// What makes a certificate good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Issued by an authority in this PEM file.
    CaFile(PathBuf),
    /// The same, already read.
    CaPem(String),
    /// The same, as DER.
    CaDer(Vec<u8>),
    /// SHA-256 of the certificate itself, or of an authority that the server sends along.
    Fingerprint(String),
    /// Plain HTTP, or nothing to check: refused on `https`.
    Nobody,
}

#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("cannot read the authority's certificate {path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("there is no certificate in the authority's file")]
    Empty,
    #[error("{0:?} is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons")]
    Fingerprint(String),
    #[error("the certificate cannot be used: {0}")]
    Unusable(String),
}

impl Trust {
    pub(super) fn client_config(&self) -> Result<ClientConfig, TrustError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let unusable = |error: rustls::Error| TrustError::Unusable(error.to_string());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let mut roots = RootCertStore::empty();
        match self {
            Self::CaFile(path) => {
                let pem = std::fs::read_to_string(path).map_err(|error| TrustError::File {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                return Self::CaPem(pem).client_config();
            }
            Self::CaPem(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                    let certificate =
                        certificate.map_err(|error| TrustError::Unusable(error.to_string()))?;
                    roots.add(certificate).map_err(unusable)?;
                }
                if roots.is_empty() {
                    return Err(TrustError::Empty);
                }
            }
            Self::CaDer(der) => roots.add(CertificateDer::from(der.clone())).map_err(unusable)?,
            Self::Fingerprint(text) => {
                let verifier = Pinned { fingerprint: parse(text)?, provider };
                return Ok(builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(verifier))
                    .with_no_client_auth());
            }
            Self::Nobody => {}
        }
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

fn parse(text: &str) -> Result<[u8; 32], TrustError> {
    let bad = || TrustError::Fingerprint(text.to_owned());
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    if digits.len() != 64 || !digits.is_ascii() {
        return Err(bad());
    }
    let mut fingerprint = [0; 32];
    for (byte, pair) in fingerprint.iter_mut().zip(digits.as_bytes().as_chunks::<2>().0) {
        let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
    }
    Ok(fingerprint)
}

/// What a person reads who has another fingerprint than the server.
#[derive(Debug, thiserror::Error)]
#[error(
    "dấu vân tay không khớp: máy chủ khác, hoặc chép sai / the fingerprint is another: not this server, or mistyped"
)]
struct AnotherCertificate;

/// A certificate known by its fingerprint, or one issued by an authority known by it.
#[derive(Debug)]
struct Pinned {
    fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn is_it(&self, certificate: &CertificateDer<'_>) -> bool {
        use rustls::crypto::hash::HashAlgorithm;
        let sha256 = self.provider.cipher_suites.iter().find_map(|suite| {
            let suite = suite.tls13()?;
            (suite.common.hash_provider.algorithm() == HashAlgorithm::SHA256)
                .then_some(suite.common.hash_provider)
        });
        sha256.is_some_and(|hash| hash.hash(certificate.as_ref()).as_ref() == self.fingerprint)
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.is_it(end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let Some(authority) = intermediates.iter().find(|certificate| self.is_it(certificate))
        else {
            let other = OtherError(Arc::new(AnotherCertificate));
            return Err(CertificateError::Other(other).into());
        };
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let schemes = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, schemes)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let schemes = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, schemes)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_printed() {
        let printed = "AB:".repeat(31) + "cd";
        assert_eq!(parse(&printed).unwrap()[31], 0xcd);
        assert!(parse("AB:CD").is_err());
        assert!(parse(&"é".repeat(32)).is_err());
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let refused = Trust::CaPem("nothing here".into()).client_config();
        assert!(matches!(refused, Err(TrustError::Empty)));
    }
}
