//! What the measurements under `bench/` need from inside: a forwarder that does nothing but seal and
//! send, through the same code, and reports sealed as a client seals them. Not for anybody else.

use std::{net::SocketAddr, sync::Arc};

use str0m::crypto::CryptoProvider;

use crate::{
    Burst, StartError, Wire,
    send::{Egress, KeySlot, Keying, Profile, Route, Sealer, provider, slot_of_last_transport},
    shard::{Fate, Port, Sending},
};

/// The protocol stack's cryptography, which keeps the keys of each transport built with it.
pub fn listening_provider() -> Arc<CryptoProvider> {
    provider()
}

/// The keys of the transport that was built last on this thread.
pub fn keys_of_last_transport() -> Keys {
    Keys(slot_of_last_transport())
}

/// Keys of one transport, once its handshake is done.
pub struct Keys(KeySlot);

/// Seals reports as that transport's own.
pub struct Reports(Sealer);

impl Keys {
    /// Nothing before the handshake is done.
    pub fn reports(&self) -> Option<Reports> {
        self.0.get().map(|keying| Reports(Sealer::new(keying)))
    }
}

impl Reports {
    /// Seals a compound report in place.
    pub fn seal(&mut self, report: &mut Vec<u8>) -> bool {
        self.0.seal_rtcp(report, 0)
    }
}

/// Encrypts and sends, nothing else: what no forwarder can be cheaper than.
pub struct Null {
    port: Port,
    sending: Sending,
    egress: Egress,
    peers: Vec<(Sealer, Route)>,
    index: u64,
    /// Datagrams that the kernel took.
    pub sent: u64,
}

struct Out<'a>(&'a mut Port, &'a mut Sending, &'a mut u64);

impl Wire for Out<'_> {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        let sent = &mut *self.2;
        self.0.send_bursts(self.1, bytes, bursts, |burst, fate| {
            if fate == Fate::Sent {
                *sent += burst.len.div_ceil(burst.segment) as u64;
            }
        });
    }
}

impl Null {
    /// With the buffers that the sfu asks for.
    pub fn bind(address: SocketAddr) -> Result<Self, StartError> {
        let (port, _) = Port::bind(address, 4 << 20, 4 << 20)?;
        let (sending, egress) = (Sending::new(), Egress::default());
        Ok(Self { port, sending, egress, peers: Vec::new(), index: 1, sent: 0 })
    }

    /// One more to send to, under keys of its own.
    pub fn add(&mut self, destination: SocketAddr) {
        let mut exported = [7; 88];
        exported[..8].copy_from_slice(&(self.peers.len() as u64).to_be_bytes());
        let keying = Keying::new(Profile::Aes256Gcm, &exported, true).expect("88 bytes are enough");
        let route = Route { source: self.port.local, destination };
        self.peers.push((Sealer::new(&keying), route));
    }

    /// How many it sends to.
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Nobody was added.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// One picture of so many packets leaves for so many of those, from this one on and round.
    pub fn frame(&mut self, first: usize, count: usize, packets: u64, payload: &[u8]) {
        const HEADER: usize = 20;
        const SSRC: u32 = 0x1234_5678;
        for at in first..first + count {
            let at = at % self.peers.len();
            let (sealer, route) = &mut self.peers[at];
            for packet in 0..packets {
                let index = self.index + packet;
                let start = self.egress.bytes.len();
                let mut header = [0; HEADER];
                header[..2].copy_from_slice(&[0x90, 96]);
                header[2..4].copy_from_slice(&(index as u16).to_be_bytes());
                header[8..12].copy_from_slice(&SSRC.to_be_bytes());
                header[12..].copy_from_slice(&[0xbe, 0xde, 0, 1, 0x31, 0, 0, 0]);
                self.egress.bytes.extend_from_slice(&header);
                self.egress.bytes.extend_from_slice(payload);
                sealer.seal_rtp(&mut self.egress.bytes, start, HEADER, SSRC, index);
                self.egress.commit(start, *route);
            }
            if self.egress.is_full() {
                self.egress.flush(&mut Out(&mut self.port, &mut self.sending, &mut self.sent));
            }
        }
        self.egress.flush(&mut Out(&mut self.port, &mut self.sending, &mut self.sent));
        self.index += packets;
    }
}
