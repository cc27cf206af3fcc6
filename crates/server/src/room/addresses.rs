//! Where media are bound: the addresses of the configuration, or the pages' own, or every address this machine has.
//!
//! The wildcard is never bound: a browser must be told a real address, and an answer must leave from the one that was asked.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::OnceLock,
};

use sfu::{Sfu, SfuEvent, StartError};
use tokio::sync::mpsc;

use crate::config::{Config, TlsMode};

/// A machine with very many bridges offers the first of them.
const ADDRESSES_MAX: usize = 16;

/// Starts the sfu on the port of the pages, or the configured one. An address that was named must be usable; of those that were
/// found, the usable ones are enough.
pub(crate) fn start_media(
    config: &Config,
    page_port: u16,
) -> Result<(Sfu, mpsc::Receiver<SfuEvent>), StartError> {
    let named = &config.media.addresses;
    let port = config.media.port.unwrap_or(page_port);
    let mut addresses = addresses(config, local());
    // Asked for any port, nobody has been promised that UDP is the same one.
    let any_port = config.listen.port() == 0 && config.media.port.is_none();
    let mut ports = vec![port];
    ports.extend(any_port.then_some(0));
    loop {
        let (Some(port), false) = (ports.first().copied(), addresses.is_empty()) else {
            return Err(StartError::NoAddress);
        };
        let bind = addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        match Sfu::start(sfu::Config { threads: threads(config), ..sfu::Config::new(bind) }) {
            Ok(started) => {
                warn_of_small_buffers(&started.0);
                return Ok(started);
            }
            Err(StartError::Bind { reason, .. }) if ports.len() > 1 => {
                tracing::debug!(port, reason, "udp port {port} is taken; media take another");
                ports.remove(0);
            }
            Err(StartError::Bind { address, reason })
                if named.is_empty() && addresses.len() > 1 =>
            {
                tracing::warn!(%address, reason, "media are not offered on {address}");
                addresses.retain(|ip| *ip != address.ip());
            }
            Err(error) => return Err(error),
        }
    }
}

/// Those of the configuration; else the one that the pages are kept to; else all of this machine. Behind a proxy, and on the loopback, the
/// pages' own address says nothing: browsers come from elsewhere, and one on this machine offers no candidate of the loopback.
fn addresses(config: &Config, local: &[IpAddr]) -> Vec<IpAddr> {
    let pages = config.listen.ip().to_canonical();
    let is_kept_to =
        config.tls.mode != TlsMode::Proxy && !pages.is_unspecified() && !pages.is_loopback();
    match (&config.media.addresses, is_kept_to) {
        (named, _) if !named.is_empty() => named.clone(),
        (_, true) => vec![pages],
        (_, false) => local.to_vec(),
    }
}

/// Past four, the one thread that receives is the limit.
fn threads(config: &Config) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, |count| count.get().min(4));
    config.media.threads.unwrap_or_else(processors)
}

/// Audio of several hundred listeners is lost in small buffers while the processor idles.
fn warn_of_small_buffers(sfu: &Sfu) {
    for granted in sfu.granted() {
        let (address, receive) = (granted.address, granted.receive_bytes);
        if receive < granted.receive_wanted / 2 {
            tracing::warn!(
                %address,
                receive_bytes = receive,
                wanted_bytes = granted.receive_wanted,
                "the kernel gives media on {address} a small buffer; set net.core.rmem_max and net.core.wmem_max to {}",
                granted.receive_wanted
            );
        } else {
            tracing::info!(%address, "media on udp {address}");
        }
    }
}

/// Addresses of this machine that a client can be told, loopback last.
pub(crate) fn local() -> &'static [IpAddr] {
    static FOUND: OnceLock<Vec<IpAddr>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut found: Vec<IpAddr> = read_file("/proc/net/fib_trie", ipv4_of_trie);
        found.extend(read_file("/proc/net/if_inet6", ipv6_of_table));
        if found.is_empty() {
            // Not Linux: the address that the system would send from. Nothing is sent.
            found.extend(UdpSocket::bind("0.0.0.0:0").ok().and_then(|socket| {
                socket.connect("192.0.2.1:9").ok()?;
                Some(socket.local_addr().ok()?.ip())
            }));
        }
        found.retain(|ip| !ip.is_loopback());
        found.truncate(ADDRESSES_MAX);
        found.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
        found
    })
}

fn read_file(path: &str, parse: impl Fn(&str) -> Vec<IpAddr>) -> Vec<IpAddr> {
    std::fs::read_to_string(path).map_or_else(|_| Vec::new(), |text| parse(&text))
}

/// The kernel's routing trie names each own address as `|-- 192.168.1.5` followed by `/32 host LOCAL`.
fn ipv4_of_trie(text: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let mut last = None;
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse::<Ipv4Addr>().ok();
        } else if line == "/32 host LOCAL"
            && let Some(address) = last.map(IpAddr::V4)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

/// `20010db8…01 02 40 00 80 eth0`: address, interface, prefix, scope (00 global), flags (08 failed, 20 deprecated, 40 tentative).
fn ipv6_of_table(text: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [address, _, _, "00", flags, ..] = fields[..] else { return None };
        let flags = u8::from_str_radix(flags, 16).ok()?;
        let bits = u128::from_str_radix(address, 16).ok()?;
        (flags & 0x68 == 0).then_some(IpAddr::V6(Ipv6Addr::from_bits(bits)))
    };
    text.lines().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_are_read_from_the_kernels_tables() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     +-- 192.168.1.0/24 2 0 2\n        \
                    |-- 192.168.1.0\n           /24 link UNICAST\n        |-- 192.168.1.5\n           /32 host LOCAL\n        \
                    |-- 192.168.1.255\n           /32 link BROADCAST\nLocal:\n        |-- 192.168.1.5\n           /32 host LOCAL\n";
        assert_eq!(ipv4_of_trie(trie), ["192.168.1.5".parse::<IpAddr>().unwrap()]);

        let table = "00000000000000000000000000000001 01 80 10 80 lo\n\
                     fe800000000000000000000000000001 02 40 20 80 eth0\n\
                     20010db8000000000000000000000005 02 40 00 00 eth0\n\
                     20010db8000000000000000000000006 02 40 00 20 eth0\n";
        assert_eq!(ipv6_of_table(table), ["2001:db8::5".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn media_keep_to_the_address_that_the_pages_are_kept_to() {
        let local: Vec<IpAddr> =
            ["192.168.1.5", "10.0.0.7", "127.0.0.1"].map(|ip| ip.parse().unwrap()).into();
        let listening = |listen: &str, mode| {
            let mut config = Config { listen: listen.parse().unwrap(), ..Config::default() };
            config.tls.mode = mode;
            config
        };
        for (listen, mode, wanted) in [
            ("0.0.0.0:443", TlsMode::Own, &local[..]),
            ("192.168.1.5:443", TlsMode::Own, &local[..1]),
            ("192.168.1.5:443", TlsMode::Proxy, &local[..]),
            ("127.0.0.1:443", TlsMode::Own, &local[..]),
        ] {
            assert_eq!(addresses(&listening(listen, mode), &local), wanted, "{listen} {mode:?}");
        }
        let mut named = listening("192.168.1.5:443", TlsMode::Own);
        named.media.addresses = vec![local[1]];
        assert_eq!(addresses(&named, &local), local[1..2]);
    }

    #[test]
    fn loopback_is_always_among_them_and_last() {
        assert_eq!(local().last(), Some(&IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }
}
