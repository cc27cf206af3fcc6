//! Proxies that stand before the server: what is believed of what they say, and what is wrong with how they were set up.
//!
//! ```text
//! connection ─▶ is its address one of [proxy] trusted? ─▶ X-Forwarded-For from the right, past our own proxies ─▶ the visitor's address
//! ```
//! Invariant: an entry that cannot be read ends the walk at the last address that could; what a client wrote itself is never believed.

mod faults;
mod forwarded;

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use ipnet::IpNet;
use serde::Deserialize;

pub use faults::{Fault, Faults};
pub(crate) use faults::{is_socket_without_upgrade, look};

use crate::config::{Config, TlsMode};

/// A proxy that is believed: an address, or a network of them (`10.0.0.0/24`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Trusted(IpNet);

impl Trusted {
    pub fn holds(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl From<IpAddr> for Trusted {
    fn from(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }
}

impl std::str::FromStr for Trusted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address.into());
        }
        let net: IpNet = text.parse().map_err(|_| {
            format!("{text:?} is neither an address nor a network such as 10.0.0.0/24")
        })?;
        // `::ffff:10.0.0.0/104` is the IPv4 network 10.0.0.0/8.
        let mapped = match net {
            IpNet::V6(net) if net.prefix_len() >= 96 => net.addr().to_ipv4_mapped(),
            _ => None,
        };
        let net = mapped
            .and_then(|address| IpNet::new(address.into(), net.prefix_len() - 96).ok())
            .unwrap_or(net);
        Ok(Self(net))
    }
}

impl TryFrom<String> for Trusted {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Where a request came from, as far as it can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    /// The visitor's own address.
    pub(crate) from: IpAddr,
    /// Whether the visitor's browser spoke TLS, with us or with a proxy of ours.
    pub(crate) is_secure: bool,
    /// Whether a proxy of ours handed it over.
    pub(crate) is_proxied: bool,
}

impl Came {
    pub(crate) fn of(config: &Config, peer: IpAddr, is_tls: bool, headers: &HeaderMap) -> Self {
        let peer = peer.to_canonical();
        let is_ours = |address: IpAddr| config.proxy.trusted.iter().any(|each| each.holds(address));
        let is_proxied = is_ours(peer);
        let from = if is_proxied { forwarded::walk(peer, headers, is_ours) } else { peer };
        let is_secure = is_tls
            || (config.tls.mode == TlsMode::Proxy && is_proxied && forwarded::is_https(headers));
        Self { from, is_secure, is_proxied }
    }
}

/// What counts as one machine for limits: an IPv4 address, or the /64 that any machine on IPv6 has for itself.
pub(crate) fn machine(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) if address.is_loopback() => IpAddr::V6(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn config(trusted: &[&str]) -> Config {
        let mut config = Config::default();
        config.tls.mode = TlsMode::Proxy;
        config.proxy.trusted = trusted.iter().map(|each| each.parse().unwrap()).collect();
        config
    }

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        for (name, text) in all {
            headers.append(*name, value(text));
        }
        headers
    }

    #[track_caller]
    fn comes(peer: &str, all: &[(&'static str, &str)], from: &str) {
        let config = config(&["192.0.2.7", "10.9.0.0/16", "fd00:9::/32"]);
        let came = Came::of(&config, peer.parse().unwrap(), false, &headers(all));
        assert_eq!(came.from, from.parse::<IpAddr>().unwrap(), "{peer} {all:?}");
    }

    #[test]
    fn the_address_is_the_nearest_one_that_is_no_proxy_of_ours_however_it_is_written() {
        const XFF: &str = "x-forwarded-for";
        for (sent, from) in [
            ("203.0.113.5", "203.0.113.5"),
            ("203.0.113.5:50123", "203.0.113.5"),
            (" 203.0.113.5 ,10.9.3.4", "203.0.113.5"),
            ("198.51.100.9, 203.0.113.5:1, 10.9.3.4:443", "203.0.113.5"),
            ("::ffff:203.0.113.5", "203.0.113.5"),
            ("[::ffff:203.0.113.5]:9", "203.0.113.5"),
            ("2001:db8::5", "2001:db8::5"),
            ("[2001:db8::5]", "2001:db8::5"),
            ("[2001:db8::5]:50123", "2001:db8::5"),
            ("\"[2001:db8::5]:50123\"", "2001:db8::5"),
            ("\"203.0.113.5\"", "203.0.113.5"),
            ("203.0.113.5:_abc", "203.0.113.5"),
            ("2001:db8::5, fd00:9:1::1", "2001:db8::5"),
            // Nobody but proxies: the outermost asked for itself.
            ("10.9.0.1, 10.9.0.2", "10.9.0.1"),
        ] {
            comes("192.0.2.7", &[(XFF, sent)], from);
            comes("::ffff:192.0.2.7", &[(XFF, sent)], from);
        }
        // Lines are read as one list.
        comes("10.9.1.1", &[(XFF, "198.51.100.1"), (XFF, "203.0.113.5, 10.9.0.2")], "203.0.113.5");
        // Nothing is believed of whoever is no proxy.
        comes("192.0.2.8", &[(XFF, "203.0.113.5")], "192.0.2.8");
        comes("::ffff:192.0.2.8", &[(XFF, "203.0.113.5")], "192.0.2.8");
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk_and_hides_nothing_behind_it() {
        const XFF: &str = "x-forwarded-for";
        for unread in [
            "unknown",
            "",
            " ",
            "_hidden",
            "_SEVKISEK",
            "203.0.113.256",
            "203.0.113.5:99999",
            "203.0.113.5:",
            "203.0.113.5 203.0.113.6",
            "[2001:db8::5",
            "2001:db8::5]",
            "[2001:db8::5]x",
            "[203.0.113.5]",
            "fe80::1%eth0",
            "\"203.0.113.5",
            "khách",
            "for=203.0.113.5",
            "0x7f.1",
        ] {
            comes("192.0.2.7", &[(XFF, &format!("198.51.100.1, {unread}"))], "192.0.2.7");
            comes("192.0.2.7", &[(XFF, "198.51.100.1"), (XFF, unread)], "192.0.2.7");
            comes("192.0.2.7", &[(XFF, &format!("198.51.100.1, {unread}, 10.9.0.2"))], "10.9.0.2");
        }
    }

    #[test]
    fn forwarded_is_read_and_two_that_disagree_are_not_believed() {
        for (sent, from) in [
            ("for=203.0.113.5", "203.0.113.5"),
            ("For=\"203.0.113.5:4711\";proto=https", "203.0.113.5"),
            ("by=10.9.0.1; for=\"[2001:db8::5]:4711\" ;host=hop.test", "2001:db8::5"),
            ("for=198.51.100.1, for=203.0.113.5;proto=https, for=10.9.0.4", "203.0.113.5"),
            ("for=198.51.100.1, for=unknown", "192.0.2.7"),
            ("for=198.51.100.1, for=_gazonk", "192.0.2.7"),
            ("for=198.51.100.1, proto=https", "192.0.2.7"),
            ("for=198.51.100.1, for=\"a, for=203.0.113.5", "192.0.2.7"),
            ("for=198.51.100.1, for=203.0.113.5;for=203.0.113.6", "192.0.2.7"),
        ] {
            comes("192.0.2.7", &[("forwarded", sent)], from);
        }
        let both = |forwarded, xff, from| {
            comes("192.0.2.7", &[("forwarded", forwarded), ("x-forwarded-for", xff)], from);
        };
        both("for=203.0.113.5", "203.0.113.5:99", "203.0.113.5");
        // One of them is the client's own.
        both("for=198.51.100.1", "203.0.113.5", "192.0.2.7");
        both("for=unknown", "203.0.113.5", "192.0.2.7");
    }

    #[test]
    fn a_cookie_is_secure_only_when_a_proxy_of_ours_says_so() {
        let secure = |peer: &str, all: &[(&'static str, &str)]| {
            let config = config(&["192.0.2.7"]);
            Came::of(&config, peer.parse().unwrap(), false, &headers(all)).is_secure
        };
        const PROTO: &str = "x-forwarded-proto";
        for peer in ["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"] {
            assert!(secure(peer, &[(PROTO, "https")]), "{peer}");
            assert!(secure(peer, &[(PROTO, "HTTPS")]));
            assert!(secure(peer, &[(PROTO, "https, http")]));
            assert!(secure(peer, &[("forwarded", "for=203.0.113.5;proto=https")]));
            assert!(!secure(peer, &[(PROTO, "http")]));
            assert!(!secure(peer, &[("forwarded", "for=203.0.113.5")]));
            assert!(!secure(peer, &[]));
        }
        assert!(!secure("192.0.2.8", &[(PROTO, "https")]));
    }

    #[test]
    fn networks_are_trusted_and_nonsense_is_named() {
        let holds = |net: &str, address: &str| {
            net.parse::<Trusted>().unwrap().holds(address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.200.3.4"));
        assert!(holds("10.0.0.0/8", "::ffff:10.200.3.4"));
        assert!(holds("::ffff:10.0.0.0/104", "10.200.3.4"));
        assert!(holds("::ffff:10.0.0.1", "10.0.0.1"));
        assert!(holds("fd00::/8", "fd12::1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(!holds("10.0.0.1", "10.0.0.2"));
        let wrong = Config::parse("[proxy]\ntrusted = [\"10.0.0.0/33\"]").unwrap_err();
        assert!(wrong.contains("10.0.0.0/33") && wrong.contains("line 2"), "{wrong}");
    }

    #[test]
    fn a_network_of_ipv6_is_one_machine_and_a_mapped_address_is_ipv4() {
        let of = |text: &str| machine(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.5"), "203.0.113.5");
        assert_ne!(of("203.0.113.5"), of("203.0.113.6"));
    }
}
