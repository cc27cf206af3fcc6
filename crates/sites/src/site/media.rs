//! A peer with its socket: datagrams in and out through a line that may be bad.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::net::UdpSocket;

use crate::{
    clip::MediaLibrary,
    netem::{Impairment, Link},
    peer::{Peer, PeerConfig, PeerError, PeerEvent},
};

/// Datagrams taken from the socket before anything else gets its turn.
const AT_ONCE: usize = 64;
/// No datagram of ours or of the server's is longer.
const DATAGRAM_MAX: usize = 2048;

/// One connection's media.
pub(super) struct Media {
    peer: Peer,
    /// Number of the offer it was made with.
    pub(super) n: u32,
    /// When the last datagram arrived. A server that knows the connection checks it every second.
    pub(super) heard_at: Instant,
    socket: UdpSocket,
    up: Link<(SocketAddr, Vec<u8>)>,
    down: Link<(SocketAddr, Vec<u8>)>,
    wake: Instant,
}

impl Media {
    /// Binds a socket on the side of this machine that faces the server, and makes the offer.
    pub(super) async fn open(
        config: PeerConfig,
        library: Arc<MediaLibrary>,
        own: IpAddr,
        (n, seed): (u32, u64),
    ) -> std::io::Result<(Self, String)> {
        let socket = UdpSocket::bind((own, 0)).await?;
        let now = Instant::now();
        let (peer, offer) = Peer::offer(config, library, socket.local_addr()?, now);
        let (up, down) = (Link::new(seed), Link::new(!seed));
        Ok((Self { peer, n, heard_at: now, socket, up, down, wake: now }, offer))
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The peer, to be told something: what becomes due by it is played with the next `run`.
    pub(super) fn tell(&mut self) -> &mut Peer {
        self.wake = Instant::now();
        &mut self.peer
    }

    /// What happened since the last call, oldest first.
    pub(super) fn events(&mut self) -> Vec<PeerEvent> {
        std::iter::from_fn(|| self.peer.poll_event()).collect()
    }

    /// When `run` wants to be called again, if nothing arrives before.
    pub(super) fn wake(&self) -> Instant {
        let due = [self.up.due(), self.down.due()].into_iter().flatten();
        due.fold(self.wake, Instant::min)
    }

    /// Waits until a datagram can be read. Safe to drop half-way.
    pub(super) async fn readable(&self) {
        // An error shows itself when reading.
        let _ = self.socket.readable().await;
    }

    pub(super) fn impair(&mut self, impairment: Impairment) {
        self.up.set(impairment);
        self.down.set(impairment);
    }

    pub(super) fn darken(&mut self, until: Instant) {
        self.up.darken(until);
        self.down.darken(until);
    }

    /// Reads what has arrived, plays what is due, sends what is to be sent.
    pub(super) fn run(&mut self) -> Result<(), PeerError> {
        let mut buffer = [0; DATAGRAM_MAX];
        for _ in 0..AT_ONCE {
            let Ok((length, from)) = self.socket.try_recv_from(&mut buffer) else { break };
            let now = Instant::now();
            self.heard_at = now;
            if self.down.is_clear() {
                self.peer.receive(from, &buffer[..length], now)?;
                self.flush(now)?;
            } else {
                self.down.enter((from, buffer[..length].to_vec()), length, now);
            }
        }
        let now = Instant::now();
        while let Some((from, datagram)) = self.down.leave(now) {
            self.peer.receive(from, &datagram, now)?;
            self.flush(now)?;
        }
        // A datagram alone makes nothing due, and to ask every stream after each is a tenth of what a site costs.
        if now >= self.wake {
            self.peer.advance(now)?;
            self.flush(now)?;
        }
        while let Some((to, datagram)) = self.up.leave(now) {
            let _ = self.socket.try_send_to(&datagram, to);
        }
        Ok(())
    }

    fn flush(&mut self, now: Instant) -> Result<(), PeerError> {
        let (socket, up) = (&self.socket, &mut self.up);
        self.wake = self.peer.poll(now, |to, datagram| {
            if up.is_clear() {
                // A full buffer loses a datagram, as any network does.
                let _ = socket.try_send_to(datagram, to);
            } else {
                up.enter((to, datagram.to_vec()), datagram.len(), now);
            }
        })?;
        Ok(())
    }

    /// Says goodbye.
    pub(super) fn close(&mut self) {
        self.peer.close();
        let _ = self.flush(Instant::now());
    }
}

/// The address of this machine from which it reaches the server.
pub(super) fn facing(server: SocketAddr) -> std::io::Result<IpAddr> {
    let any: SocketAddr = if server.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
    };
    // Connecting a datagram socket sends nothing; it only asks for the route.
    let socket = std::net::UdpSocket::bind(any)?;
    socket.connect(server)?;
    Ok(socket.local_addr()?.ip())
}

/// How long a bad spell lasts, at most.
pub(super) const SPELL_MAX: Duration = Duration::from_secs(600);
