//! Many datagrams in one system call: `recvmmsg` with `UDP_GRO`, `sendmmsg` with `UDP_SEGMENT`. Knows
//! descriptors, buffers and addresses; what a failure means is its caller's to say.
//!
//! The only file with unsafe code: no crate at hand gives each message of a batch its own segment size.
//!
//! **Invariant:** every pointer given to the kernel points into an array that lives as long as the
//! call and that nobody moves meanwhile; every length is the length of what it points to.
#![expect(unsafe_code, reason = "these system calls take pointers to arrays of headers")]

use std::{
    io,
    mem::{MaybeUninit, size_of, zeroed},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
    os::fd::{AsRawFd, BorrowedFd},
    ptr,
};

use crate::Burst;

/// Messages of one call. A coalesced message may hold a whole frame.
pub(super) const MESSAGES: usize = 32;
/// What the kernel coalesces at most.
const MESSAGE_BYTES: usize = 65_535;
/// Room for one control message of up to eight bytes, and one more the kernel may add.
const CONTROL_BYTES: usize = 64;

/// The alignment that control messages need.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; CONTROL_BYTES]);

/// Headers of one call, and what they point to; made once.
struct Headers {
    messages: Box<[libc::mmsghdr]>,
    parts: Box<[libc::iovec]>,
    addresses: Box<[libc::sockaddr_storage]>,
    controls: Box<[Control]>,
}

// SAFETY: the pointers inside point into the boxes beside them, or are null between two calls, and
// nobody else has them.
unsafe impl Send for Headers {}

impl Headers {
    fn new() -> Self {
        // SAFETY: all of these are plain C structures, for which zeros are a value.
        let (message, part, address) = unsafe {
            (zeroed::<libc::mmsghdr>(), zeroed::<libc::iovec>(), zeroed::<libc::sockaddr_storage>())
        };
        Self {
            messages: vec![message; MESSAGES].into(),
            parts: vec![part; MESSAGES].into(),
            addresses: vec![address; MESSAGES].into(),
            controls: vec![Control([0; CONTROL_BYTES]); MESSAGES].into(),
        }
    }

    /// Makes one header point to its parts; `control` bytes of control messages are valid or wanted.
    fn point(&mut self, at: usize, bytes: *mut u8, len: usize, name: u32, control: usize) {
        self.parts[at] = libc::iovec { iov_base: bytes.cast(), iov_len: len };
        let header = &mut self.messages[at].msg_hdr;
        header.msg_iov = &mut self.parts[at];
        header.msg_iovlen = 1;
        header.msg_name = ptr::from_mut(&mut self.addresses[at]).cast();
        header.msg_namelen = name;
        header.msg_control = if control > 0 {
            ptr::from_mut(&mut self.controls[at]).cast()
        } else {
            ptr::null_mut()
        };
        header.msg_controllen = control as _;
        header.msg_flags = 0;
    }
}

fn write_address(to: &mut libc::sockaddr_storage, address: SocketAddr) -> u32 {
    match address {
        SocketAddr::V4(address) => {
            let raw = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
                sin_zero: [0; 8],
            };
            // SAFETY: the storage is larger than any address and aligned for all of them.
            unsafe { ptr::from_mut(to).cast::<libc::sockaddr_in>().write(raw) };
            size_of::<libc::sockaddr_in>() as u32
        }
        SocketAddr::V6(address) => {
            let raw = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: address.port().to_be(),
                sin6_flowinfo: address.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
                sin6_scope_id: address.scope_id(),
            };
            // SAFETY: as above.
            unsafe { ptr::from_mut(to).cast::<libc::sockaddr_in6>().write(raw) };
            size_of::<libc::sockaddr_in6>() as u32
        }
    }
}

fn read_address(from: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(from.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which address the kernel has written.
            let raw = unsafe { ptr::from_ref(from).cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from(raw.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddr::new(IpAddr::V4(ip), u16::from_be(raw.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let raw = unsafe { ptr::from_ref(from).cast::<libc::sockaddr_in6>().read() };
            let ip = Ipv6Addr::from(raw.sin6_addr.s6_addr);
            let port = u16::from_be(raw.sin6_port);
            Some(SocketAddrV6::new(ip, port, raw.sin6_flowinfo, raw.sin6_scope_id).into())
        }
        _ => None,
    }
}

/// Sets a number on a UDP socket; an error where the kernel does not know the option.
fn set(fd: BorrowedFd<'_>, level: i32, option: i32, value: i32) -> io::Result<()> {
    // SAFETY: the value lives on this stack frame and its length is its own.
    let outcome = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            option,
            ptr::from_ref(&value).cast(),
            size_of::<i32>() as u32,
        )
    };
    if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets the kernel hand over what belongs together in one piece. `false` where it cannot.
pub(super) fn coalesce_received(fd: BorrowedFd<'_>) -> bool {
    set(fd, libc::SOL_UDP, libc::UDP_GRO, 1).is_ok()
}

/// Whether the kernel cuts one buffer into datagrams.
pub(super) fn can_segment(fd: BorrowedFd<'_>) -> bool {
    // Zero means that every message says its own.
    set(fd, libc::SOL_UDP, libc::UDP_SEGMENT, 0).is_ok()
}

/// Makes the kernel refuse to cut anything sent from this socket.
#[cfg(test)]
pub(super) fn forbid_checksums(fd: BorrowedFd<'_>) -> io::Result<()> {
    set(fd, libc::SOL_SOCKET, libc::SO_NO_CHECK, 1)
}

/// One batch of received datagrams, and the room for them.
pub(super) struct Received {
    headers: Headers,
    buffers: Box<[u8]>,
    /// Source, and where in `buffers`, of each message, with the size of its datagrams.
    filled: Vec<(SocketAddr, usize, usize, usize)>,
}

impl Received {
    pub(super) fn new() -> Self {
        Self {
            headers: Headers::new(),
            buffers: vec![0; MESSAGES * MESSAGE_BYTES].into(),
            filled: Vec::with_capacity(MESSAGES),
        }
    }

    /// Takes what is there without waiting; how many messages that was.
    pub(super) fn take(&mut self, fd: BorrowedFd<'_>) -> io::Result<usize> {
        self.filled.clear();
        let base = self.buffers.as_mut_ptr();
        let name = size_of::<libc::sockaddr_storage>() as u32;
        for at in 0..MESSAGES {
            // SAFETY: `at` is below MESSAGES, and the buffer holds that many times MESSAGE_BYTES.
            let bytes = unsafe { base.add(at * MESSAGE_BYTES) };
            self.headers.point(at, bytes, MESSAGE_BYTES, name, CONTROL_BYTES);
        }
        // SAFETY: all headers point to boxes that outlive the call; there are MESSAGES of them.
        let count = unsafe {
            libc::recvmmsg(
                fd.as_raw_fd(),
                self.headers.messages.as_mut_ptr(),
                MESSAGES as u32,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        for at in 0..count {
            let message = &self.headers.messages[at];
            let len = (message.msg_len as usize).min(MESSAGE_BYTES);
            let Some(source) = read_address(&self.headers.addresses[at]) else { continue };
            let segment = segment_of(&message.msg_hdr).unwrap_or(len).max(1);
            self.filled.push((source, at * MESSAGE_BYTES, len, segment));
        }
        Ok(count)
    }

    /// The datagrams of the last batch, with where they came from.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.filled.iter().flat_map(|&(source, start, len, segment)| {
            let datagrams = self.buffers[start..start + len].chunks(segment);
            datagrams.map(move |datagram| (source, datagram))
        })
    }
}

/// The size of the datagrams in a coalesced message.
fn segment_of(header: &libc::msghdr) -> Option<usize> {
    // SAFETY: the kernel has filled the control buffer the header points to, and its length.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while !control.is_null() {
            if (*control).cmsg_level == libc::SOL_UDP && (*control).cmsg_type == libc::UDP_GRO {
                let mut value = MaybeUninit::<i32>::uninit();
                ptr::copy_nonoverlapping(
                    libc::CMSG_DATA(control),
                    value.as_mut_ptr().cast(),
                    size_of::<i32>(),
                );
                return usize::try_from(value.assume_init()).ok();
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    None
}

/// Room for the headers of what is sent.
pub(crate) struct Sending {
    headers: Headers,
}

impl Sending {
    pub(crate) fn new() -> Self {
        Self { headers: Headers::new() }
    }

    /// Hands over the first of these bursts, at most [`MESSAGES`], without waiting; how many the
    /// kernel took. An error is about the first of them.
    pub(super) fn give(
        &mut self,
        fd: BorrowedFd<'_>,
        bytes: &[u8],
        bursts: &[Burst],
    ) -> io::Result<usize> {
        let count = bursts.len().min(MESSAGES);
        for (at, burst) in bursts[..count].iter().enumerate() {
            let datagrams = &bytes[burst.start..burst.start + burst.len];
            let name = write_address(&mut self.headers.addresses[at], burst.destination);
            let control = if burst.len > burst.segment {
                write_segment(&mut self.headers.controls[at], burst.segment)
            } else {
                0
            };
            // The kernel only reads what is sent.
            let start = datagrams.as_ptr().cast_mut();
            self.headers.point(at, start, datagrams.len(), name, control);
        }
        // SAFETY: the first `count` headers point to boxes and to `bytes`, which outlive the call.
        let sent = unsafe {
            libc::sendmmsg(
                fd.as_raw_fd(),
                self.headers.messages.as_mut_ptr(),
                count as u32,
                libc::MSG_DONTWAIT,
            )
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }
}

/// One control message that says how long each datagram is; its length is returned.
fn write_segment(control: &mut Control, segment: usize) -> usize {
    let segment = segment as u16;
    // SAFETY: the buffer is larger than one such message and aligned as its header must be.
    unsafe {
        let header = ptr::from_mut(control).cast::<libc::cmsghdr>();
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
        (*header).cmsg_level = libc::SOL_UDP;
        (*header).cmsg_type = libc::UDP_SEGMENT;
        ptr::copy_nonoverlapping(
            ptr::from_ref(&segment).cast::<u8>(),
            libc::CMSG_DATA(header),
            size_of::<u16>(),
        );
        libc::CMSG_SPACE(size_of::<u16>() as u32) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::{net::UdpSocket, os::fd::AsFd};

    use super::*;

    #[test]
    fn addresses_survive_the_kernels_form() {
        // SAFETY: zeros are a value of it.
        let mut storage = unsafe { zeroed::<libc::sockaddr_storage>() };
        for address in ["192.0.2.7:65535", "[2001:db8::7%3]:443", "127.0.0.1:1"] {
            let address: SocketAddr = address.parse().unwrap();
            write_address(&mut storage, address);
            assert_eq!(read_address(&storage), Some(address));
        }
        storage.ss_family = 0;
        assert_eq!(read_address(&storage), None);
    }

    #[test]
    fn bursts_arrive_as_the_datagrams_they_are() {
        let (from, to) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let segmented = can_segment(from.as_fd());
        coalesce_received(to.as_fd());
        let bytes: Vec<u8> = (0..5_000u32).map(|at| at as u8).collect();
        let burst = |start, len, segment| Burst {
            source: from.local_addr().unwrap(),
            destination: to.local_addr().unwrap(),
            start,
            len,
            segment,
        };
        let mut bursts = vec![burst(0, 700, 700), burst(700, 9, 9)];
        if segmented {
            bursts.push(burst(709, 3_300, 1_000));
        }
        let mut sending = Sending::new();
        assert_eq!(sending.give(from.as_fd(), &bytes, &bursts).unwrap(), bursts.len());

        let mut received = Received::new();
        let mut lengths = Vec::new();
        let mut together = Vec::new();
        // On the loopback all of it has arrived when the call returns.
        while received.take(to.as_fd()).is_ok_and(|count| count > 0) {
            for (source, datagram) in received.iter() {
                assert_eq!(source, from.local_addr().unwrap());
                lengths.push(datagram.len());
                together.extend_from_slice(datagram);
            }
        }
        let expected = [700, 9, 1_000, 1_000, 1_000, 300];
        assert_eq!(lengths, expected[..if segmented { 6 } else { 2 }]);
        assert_eq!(together, bytes[..together.len()]);
    }
}
