//! Addresses and names under which this machine can be reached, read from the kernel without asking anybody.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
};

/// Addresses of this machine, loopback among them. Link-local ones are left out: nobody types them.
pub fn local_addresses() -> BTreeSet<IpAddr> {
    let mut found =
        BTreeSet::from([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    let ipv4 = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let ipv6 = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    found.extend(from_fib_trie(&ipv4).into_iter().map(IpAddr::V4));
    found.extend(from_if_inet6(&ipv6).into_iter().map(IpAddr::V6));
    if ipv4.is_empty() {
        // Not Linux: at least the address that faces the default route. No packet is sent.
        let facing = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
            socket.connect("192.0.2.1:9")?;
            socket.local_addr()
        });
        found.extend(facing.ok().map(|address| address.ip()));
    }
    found
}

/// The name this machine has for itself, where it is a proper one.
pub fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/etc/hostname").ok()?;
    let name = name.trim().to_ascii_lowercase();
    let is_proper = !name.is_empty()
        && name.len() < 254
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    is_proper.then_some(name)
}

/// In the kernel's table a local address is a leaf `|-- A` followed by `/32 host LOCAL`.
fn from_fib_trie(table: &str) -> BTreeSet<Ipv4Addr> {
    let mut found = BTreeSet::new();
    let mut leaf = None;
    for line in table.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse().ok();
        } else if line.starts_with("/32 host LOCAL")
            && let Some(address) = leaf.filter(|address: &Ipv4Addr| !address.is_loopback())
        {
            found.insert(address);
        }
    }
    found
}

/// Lines of `32 hex digits, interface, prefix, scope, flags, name`; scope 00 is global, 40 a site's own.
fn from_if_inet6(table: &str) -> BTreeSet<Ipv6Addr> {
    table
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let digits = words.next()?;
            let scope = words.nth(2)?;
            let bits = u128::from_str_radix(digits, 16).ok()?;
            (scope == "00" || scope == "40").then(|| Ipv6Addr::from_bits(bits))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.1.2.0\n        /24 link UNICAST\nLocal:\n     |-- 10.1.2.3\n        /32 host LOCAL\n     |-- 10.1.2.255\n        /32 link BROADCAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n";
        assert_eq!(from_fib_trie(trie), BTreeSet::from([Ipv4Addr::new(10, 1, 2, 3)]));
        let inet6 = "fe800000000000000000000000000001 02 40 20 80 eth0\nfd000000000000000000000000000001 02 40 00 80 eth0\n";
        assert_eq!(from_if_inet6(inet6), BTreeSet::from(["fd00::1".parse().unwrap()]));
    }
}
