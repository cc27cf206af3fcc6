//! The keys that DTLS negotiates, kept for our own sender as well: the protocol stack exports them to
//! itself alone. A provider of DTLS that passes everything on, and listens for the keying material.
//!
//! The stack makes its DTLS instance while a transport is built, on the builder's thread; so the place
//! where the keys will lie is handed over on that thread.

use std::{
    cell::RefCell,
    sync::{Arc, OnceLock},
    time::Instant,
};

use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{
        DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion,
        ProtocolVersion, SrtpProfile,
    },
};

use super::srtp::{Keying, Profile};

/// Filled when the handshake of one transport is done.
pub(crate) type KeySlot = Arc<OnceLock<Keying>>;

thread_local! {
    /// Of the last DTLS instance made on this thread.
    static LAST: RefCell<Option<KeySlot>> = const { RefCell::new(None) };
}

/// The stack's own cryptography, with ears.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static LISTENING: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let made = LISTENING.get_or_init(|| {
        let inner = str0m::crypto::from_feature_flags();
        let dtls_provider = Box::leak(Box::new(Listening { inner: inner.dtls_provider }));
        Arc::new(CryptoProvider { dtls_provider, ..inner })
    });
    made.clone()
}

/// Where the keys of the transport just built on this thread will be.
pub(crate) fn slot_of_last_transport() -> KeySlot {
    LAST.take().unwrap_or_default()
}

#[derive(Debug)]
struct Listening {
    inner: &'static dyn DtlsProvider,
}

impl DtlsProvider for Listening {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        self.inner.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = self.inner.new_dtls(cert, now, dtls_version, mtu)?;
        let slot = KeySlot::default();
        LAST.set(Some(slot.clone()));
        Ok(Box::new(Overheard { inner, slot }))
    }

    fn is_test(&self) -> bool {
        self.inner.is_test()
    }
}

#[derive(Debug)]
struct Overheard {
    inner: Box<dyn DtlsInstance>,
    slot: KeySlot,
}

impl DtlsInstance for Overheard {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.inner.poll_output(buf);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let profile = match *profile {
                SrtpProfile::AEAD_AES_128_GCM => Some(Profile::Aes128Gcm),
                SrtpProfile::AEAD_AES_256_GCM => Some(Profile::Aes256Gcm),
                SrtpProfile::AES128_CM_SHA1_80 => Some(Profile::Aes128CmSha1),
                _ => None,
            };
            let client = self.inner.is_active();
            if let Some(keying) = profile.and_then(|p| Keying::new(p, material, client)) {
                // A handshake exports once; what comes first stays.
                let _ = self.slot.set(keying);
            }
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}
