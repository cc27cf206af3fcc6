//! One UDP socket per bound address, read and written in batches.
//!
//! The only file that talks to the kernel about datagrams. It uses plain calls; batched system calls
//! (`recvmmsg`, `sendmmsg`, segmentation) fit behind [`Port::receive`] and [`Port::send`] unseen.

use std::{io, net::SocketAddr, os::fd::AsRawFd, os::unix::fs::MetadataExt};

use mio::net::UdpSocket;
use socket2::{Domain, Protocol, Socket, Type};

use super::{Granted, StartError};

/// Larger than any datagram an Ethernet carries, so that an oversize one is seen to be oversize.
const DATAGRAM_BYTES_MAX: usize = 2048;
/// Datagrams taken from one socket before the others get their turn.
pub(super) const BATCH: usize = 64;

/// Room for one batch of received datagrams, made once.
pub(super) struct Batch {
    buffers: Box<[[u8; DATAGRAM_BYTES_MAX]; BATCH]>,
    filled: [(usize, SocketAddr); BATCH],
    count: usize,
}

impl Batch {
    pub(super) fn new() -> Self {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        Self {
            buffers: vec![[0; DATAGRAM_BYTES_MAX]; BATCH]
                .try_into()
                .unwrap_or_else(|_| unreachable!("the vector has BATCH entries")),
            filled: [(0, nowhere); BATCH],
            count: 0,
        }
    }

    /// The datagrams of the last [`Port::receive`], with where they came from.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        let filled = self.filled[..self.count].iter();
        filled.zip(self.buffers.iter()).map(|(&(len, source), buffer)| (source, &buffer[..len]))
    }
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Sent,
    /// The kernel's send buffer is full.
    Full,
    /// No way leads there from this address, as from the loopback to the network.
    Unreachable,
}

/// One bound address.
pub(super) struct Port {
    pub(super) socket: UdpSocket,
    pub(super) local: SocketAddr,
    inode: u64,
}

impl Port {
    pub(super) fn bind(
        address: SocketAddr,
        receive_bytes: usize,
        send_bytes: usize,
    ) -> Result<(Self, Granted), StartError> {
        let refused = |error: io::Error| StartError::Bind { address, reason: error.to_string() };
        if address.ip().is_unspecified() {
            return Err(StartError::Unspecified(address));
        }
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))
            .map_err(refused)?;
        if address.is_ipv6() {
            socket.set_only_v6(true).map_err(refused)?;
        }
        socket.set_nonblocking(true).map_err(refused)?;
        socket.bind(&address.into()).map_err(refused)?;
        // The kernel caps both at its own limits without an error: what it granted is reported.
        socket.set_recv_buffer_size(receive_bytes).map_err(refused)?;
        socket.set_send_buffer_size(send_bytes).map_err(refused)?;
        // Linux doubles what is asked for, to cover its own bookkeeping.
        let granted_receive = socket.recv_buffer_size().map_err(refused)? / 2;
        let granted_send = socket.send_buffer_size().map_err(refused)? / 2;

        let socket = std::net::UdpSocket::from(socket);
        let local = socket.local_addr().map_err(refused)?;
        let inode = std::fs::metadata(format!("/proc/self/fd/{}", socket.as_raw_fd()))
            .map(|metadata| metadata.ino())
            .unwrap_or(0);
        let granted = Granted {
            address: local,
            receive_bytes: granted_receive,
            receive_wanted: receive_bytes,
            send_bytes: granted_send,
            send_wanted: send_bytes,
        };
        Ok((Self { socket: UdpSocket::from_std(socket), local, inode }, granted))
    }

    /// Fills the batch; `true` when more may be waiting.
    pub(super) fn receive(&mut self, batch: &mut Batch) -> bool {
        batch.count = 0;
        while batch.count < BATCH {
            match self.socket.recv_from(&mut batch.buffers[batch.count]) {
                Ok(arrived) => {
                    batch.filled[batch.count] = arrived;
                    batch.count += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                // An earlier datagram met a closed port: the error is about that one, read on.
                Err(_) => continue,
            }
        }
        true
    }

    /// Nothing is queued here: media does not wait.
    pub(super) fn send(&mut self, contents: &[u8], destination: SocketAddr) -> Fate {
        // One error may be about an earlier datagram that met a closed port; the second is ours.
        for _ in 0..2 {
            match self.socket.send_to(contents, destination) {
                Ok(_) => return Fate::Sent,
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => {}
                    io::ErrorKind::WouldBlock => return Fate::Full,
                    _ => return Fate::Unreachable,
                },
            }
        }
        Fate::Unreachable
    }

    /// Datagrams that the kernel dropped because this socket's receive buffer was full.
    pub(super) fn kernel_drops(&self) -> u64 {
        let table = if self.local.is_ipv6() { "/proc/net/udp6" } else { "/proc/net/udp" };
        let Ok(table) = std::fs::read_to_string(table) else {
            return 0;
        };
        drops_of(&table, self.inode)
    }
}

/// The last column of the kernel's socket table, for the socket with this inode (the tenth).
fn drops_of(table: &str, inode: u64) -> u64 {
    let rows = table.lines().skip(1).map(|row| row.split_ascii_whitespace());
    rows.filter_map(|mut columns| {
        let found = columns.nth(9)?.parse::<u64>().ok()? == inode;
        if found { columns.last()?.parse().ok() } else { None }
    })
    .next()
    .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  354: 0100007F:2742 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 29563 2 0000000000000000 17
  612: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000   998        0 18021 2 0000000000000000 0
";

    #[test]
    fn kernel_drops_are_found_by_inode() {
        assert_eq!(drops_of(TABLE, 29563), 17);
        assert_eq!(drops_of(TABLE, 18021), 0);
        assert_eq!(drops_of(TABLE, 1), 0);
    }

    #[test]
    fn an_address_that_is_not_ours_is_named() {
        let elsewhere = "203.0.113.7:0".parse().unwrap();
        match Port::bind(elsewhere, 1 << 20, 1 << 20) {
            Err(StartError::Bind { address, .. }) => assert_eq!(address, elsewhere),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("bound to an address of the documentation range"),
        }
    }

    #[test]
    fn the_wildcard_address_is_refused_because_it_is_no_candidate() {
        let wildcard = "0.0.0.0:0".parse().unwrap();
        assert_eq!(Port::bind(wildcard, 1, 1).err(), Some(StartError::Unspecified(wildcard)));
    }
}
