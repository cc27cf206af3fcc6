//! One UDP socket per bound address, read and written in batches. The only file that decides what a
//! failure of the kernel's means.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsFd, AsRawFd},
    os::unix::fs::MetadataExt,
};

use mio::net::UdpSocket;
use socket2::{Domain, Protocol, Socket, Type};
use tracing::info;

use super::{
    Granted, StartError,
    batch::{MESSAGES, Received, Sending, can_segment, coalesce_received},
};
use crate::Burst;

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Sent,
    /// The kernel's send buffer is full.
    Full,
    /// No way leads there from this address, as from the loopback to the network.
    Unreachable,
}

/// One bound address.
pub(crate) struct Port {
    pub(super) socket: UdpSocket,
    pub(crate) local: SocketAddr,
    inode: u64,
    /// The kernel cuts bursts into datagrams.
    segments: bool,
    /// Bursts cut into datagrams here, where the kernel does not; kept for its capacity.
    cut: Vec<Burst>,
}

impl Port {
    pub(crate) fn bind(
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
        let segments = can_segment(socket.as_fd());
        let coalesces = coalesce_received(socket.as_fd());
        if !(segments && coalesces) {
            info!(%address, segments, coalesces, "the kernel takes datagrams one by one: media costs more");
        }

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
        let socket = UdpSocket::from_std(socket);
        Ok((Self { socket, local, inode, segments, cut: Vec::new() }, granted))
    }

    /// Another handle of the same socket, for another thread to send through.
    pub(super) fn duplicate(&self) -> io::Result<Self> {
        let socket = self.socket.as_fd().try_clone_to_owned()?;
        let socket = UdpSocket::from_std(std::net::UdpSocket::from(socket));
        let Self { local, inode, segments, .. } = *self;
        Ok(Self { socket, local, inode, segments, cut: Vec::new() })
    }

    /// Fills the batch; `true` when more may be waiting.
    pub(super) fn receive(&mut self, received: &mut Received) -> bool {
        // Errors before the first datagram are about earlier ones that met a closed port; there are
        // not more of them than clients that have just gone.
        for _ in 0..MESSAGES {
            // Through the poller's own socket, so that it knows when it has been read empty.
            match self.socket.try_io(|| received.take(self.socket.as_fd())) {
                Ok(count) => return count == MESSAGES,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => {}
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
                Err(error) => match fate_of(&error) {
                    Some(fate) => return fate,
                    None => continue,
                },
            }
        }
        Fate::Unreachable
    }

    /// Sends bursts, telling of each, or of each of its datagrams, what became of it.
    pub(crate) fn send_bursts(
        &mut self,
        sending: &mut Sending,
        bytes: &[u8],
        bursts: &[Burst],
        mut tell: impl FnMut(&Burst, Fate),
    ) {
        let left = match self.segments {
            true => self.give(sending, bytes, bursts, &mut tell),
            false => bursts,
        };
        if left.is_empty() {
            return;
        }
        // A kernel that does not know how would send a burst as one datagram, in fragments.
        let mut cut = std::mem::take(&mut self.cut);
        cut.extend(left.iter().flat_map(datagrams));
        self.give(sending, bytes, &cut, &mut tell);
        cut.clear();
        self.cut = cut;
    }

    /// Hands bursts to the kernel as they are. What is returned it does not take in one piece, nor
    /// anything like it from now on.
    fn give<'a>(
        &mut self,
        sending: &mut Sending,
        bytes: &[u8],
        mut bursts: &'a [Burst],
        tell: &mut impl FnMut(&Burst, Fate),
    ) -> &'a [Burst] {
        let mut again = false;
        while let [first, rest @ ..] = bursts {
            match sending.give(self.socket.as_fd(), bytes, bursts) {
                Ok(count) => {
                    for burst in &bursts[..count] {
                        tell(burst, Fate::Sent);
                    }
                    bursts = &bursts[count..];
                    again = false;
                }
                // A network card that cannot, behind a kernel that can.
                Err(error) if refuses_segments(&error) && first.len > first.segment => {
                    info!(address = %self.local, %error, "bursts are sent as single datagrams from now on");
                    self.segments = false;
                    return bursts;
                }
                Err(error) => match fate_of(&error) {
                    None if !again => again = true,
                    // A way for smaller datagrams alone: one by one they are cut in two.
                    Some(Fate::Unreachable) if first.len > first.segment => {
                        for single in datagrams(first) {
                            let range = single.start..single.start + single.len;
                            tell(&single, self.send(&bytes[range], single.destination));
                        }
                        bursts = rest;
                        again = false;
                    }
                    fate => {
                        tell(first, fate.unwrap_or(Fate::Unreachable));
                        bursts = rest;
                        again = false;
                    }
                },
            }
        }
        bursts
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

/// A burst's datagrams, each a burst of its own.
fn datagrams(burst: &Burst) -> impl Iterator<Item = Burst> + use<> {
    let burst = *burst;
    burst.datagrams().map(move |range| {
        let (start, len) = (range.start, range.len());
        Burst { start, len, segment: len, ..burst }
    })
}

/// What an error says of the datagram; nothing when it may be about an earlier one, which met a closed
/// port.
fn fate_of(error: &io::Error) -> Option<Fate> {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => None,
        io::ErrorKind::WouldBlock => Some(Fate::Full),
        _ if error.raw_os_error() == Some(libc::ENOBUFS) => Some(Fate::Full),
        _ => Some(Fate::Unreachable),
    }
}

/// What the kernel says when the way out cannot take a burst in one piece.
fn refuses_segments(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EIO | libc::EOPNOTSUPP))
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
    use crate::shard::batch::forbid_checksums;

    const TABLE: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  354: 0100007F:2742 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 29563 2 0000000000000000 17
  612: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000   998        0 18021 2 0000000000000000 0
";

    /// Sends a lone datagram, a burst, and both again from a port that was altered; the lengths told as
    /// sent, and those that arrived.
    fn sent_and_arrived(alter: impl FnOnce(&mut Port)) -> (Vec<usize>, Vec<usize>) {
        let (mut port, _) = Port::bind("127.0.0.1:0".parse().unwrap(), 1 << 20, 1 << 20).unwrap();
        alter(&mut port);
        let to = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        to.set_nonblocking(true).unwrap();
        let burst = |start, len, segment| Burst {
            source: port.local,
            destination: to.local_addr().unwrap(),
            start,
            len,
            segment,
        };
        let bursts = [
            burst(0, 700, 700),
            burst(700, 3_300, 1_000),
            burst(4_000, 9, 9),
            burst(4_009, 2_000, 1_000),
        ];
        let bytes: Vec<u8> = (0..6_009u32).map(|at| (at % 251) as u8).collect();
        let mut told = Vec::new();
        port.send_bursts(&mut Sending::new(), &bytes, &bursts, |burst, fate| {
            assert_eq!(fate, Fate::Sent);
            told.push(burst.len);
        });
        let (mut arrived, mut buffer) = (Vec::new(), [0; 9_000]);
        let mut at = 0;
        // On the loopback all of it has arrived when the call returns.
        while let Ok(len) = to.recv(&mut buffer) {
            assert_eq!(buffer[..len], bytes[at..at + len]);
            at += len;
            arrived.push(len);
        }
        (told, arrived)
    }

    const AS_DATAGRAMS: [usize; 8] = [700, 1_000, 1_000, 1_000, 300, 9, 1_000, 1_000];

    #[test]
    fn a_kernel_that_does_not_cut_bursts_is_never_given_one() {
        let (told, arrived) = sent_and_arrived(|port| port.segments = false);
        assert_eq!(told, AS_DATAGRAMS, "each handed over by itself");
        assert_eq!(arrived, AS_DATAGRAMS);
    }

    #[test]
    fn a_way_out_that_refuses_bursts_loses_nothing() {
        // Without checksums the kernel cuts nothing.
        let (_, arrived) = sent_and_arrived(|port| forbid_checksums(port.socket.as_fd()).unwrap());
        assert_eq!(arrived, AS_DATAGRAMS);
        let (_, arrived) = sent_and_arrived(|_| {});
        assert_eq!(arrived, AS_DATAGRAMS);
    }

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
