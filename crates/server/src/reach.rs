//! Under which addresses others reach this server: what stands on paper, in links and at the first start. Never one that opens on this
//! machine alone without saying so.

use std::net::{IpAddr, SocketAddr};

use axum::http::{Uri, uri::Authority};

use crate::{
    config::{Config, TlsMode},
    tls::local_addresses,
};

/// The addresses to tell people, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Others(Vec<String>),
    /// Nobody else comes in by it, as far as is known here.
    OnlyHere(String),
}

impl Reach {
    /// Of a server that listens at `address`.
    pub fn of(config: &Config, address: SocketAddr) -> Self {
        let own = local_addresses();
        Self::among(config, address, own.into_iter().filter(|ip| !ip.is_loopback()))
    }

    fn among(config: &Config, address: SocketAddr, own: impl Iterator<Item = IpAddr>) -> Self {
        if let Some(address) = &config.address {
            return Self::Others(vec![address.trim_end_matches('/').to_owned()]);
        }
        let names = config.tls.names.iter().filter(|name| !name.starts_with('*'));
        let (ip, port) = (address.ip(), address.port());
        if config.tls.mode == TlsMode::Proxy {
            // People reach the proxy, whose port is not known here; mostly it is the one of HTTPS.
            let named: Vec<String> = names.map(|name| format!("https://{name}")).collect();
            return Self::some_or(named, || format!("http://{}", here(address)));
        }
        let https = |host: &str| match port {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        };
        if ip.is_loopback() {
            return Self::OnlyHere(https(&bracketed(ip)));
        }
        let mut found: Vec<String> = names.map(|name| https(name)).collect();
        if !ip.is_unspecified() {
            found.push(https(&bracketed(ip)));
        } else {
            // A socket of [::] takes both families, one of 0.0.0.0 its own.
            let taken = own.filter(|own| ip.is_ipv6() || own.is_ipv4());
            let mut taken: Vec<IpAddr> = taken.collect();
            taken.sort_by_key(|ip| ip.is_ipv6());
            found.extend(taken.into_iter().map(|ip| https(&bracketed(ip))));
        }
        found.dedup();
        Self::some_or(found, || https(&here(address).ip().to_string()))
    }

    fn some_or(found: Vec<String>, here: impl FnOnce() -> String) -> Self {
        if found.is_empty() { Self::OnlyHere(here()) } else { Self::Others(found) }
    }

    /// All of them, the best first.
    pub fn all(&self) -> Vec<String> {
        match self {
            Self::Others(all) => all.clone(),
            Self::OnlyHere(one) => vec![one.clone()],
        }
    }

    pub fn is_only_here(&self) -> bool {
        matches!(self, Self::OnlyHere(_))
    }
}

/// As this machine's own browser reaches it.
pub fn here(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], address.port())),
        _ => address,
    }
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// Whether a host of a request opens on this machine alone.
pub fn is_only_here(host: &str) -> bool {
    let authority = host.parse::<Authority>();
    let host = authority.as_ref().map_or("", |authority| authority.host());
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// The address of the configuration must be one that can stand before a path.
pub(crate) fn check(address: &str) -> Result<(), String> {
    let uri = address.parse::<Uri>().ok();
    let is_whole = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.path() == "/"
            && uri.query().is_none()
    });
    if is_whole {
        return Ok(());
    }
    Err(format!(
        "address = \"{address}\" must be like \"https://hop.hanoi.example\", without a path"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(config: &str, listen: &str, own: &[&str]) -> Reach {
        let config = Config::parse(config).unwrap();
        let own = own.iter().map(|ip| ip.parse().unwrap());
        Reach::among(&config, listen.parse().unwrap(), own)
    }

    fn others(all: &[&str]) -> Reach {
        Reach::Others(all.iter().map(|one| (*one).to_owned()).collect())
    }

    #[test]
    fn whoever_listens_on_all_addresses_is_told_all_of_them() {
        let own = ["10.1.2.3", "192.168.1.9", "fd00::1"];
        assert_eq!(
            reach("", "0.0.0.0:8443", &own),
            others(&["https://10.1.2.3:8443", "https://192.168.1.9:8443"])
        );
        assert_eq!(
            reach("", "[::]:443", &own),
            others(&["https://10.1.2.3", "https://192.168.1.9", "https://[fd00::1]"])
        );
        assert_eq!(reach("", "10.1.2.3:8443", &own), others(&["https://10.1.2.3:8443"]));
        assert_eq!(
            reach("", "0.0.0.0:8443", &[]),
            Reach::OnlyHere("https://127.0.0.1:8443".into())
        );
    }

    #[test]
    fn names_and_the_address_of_the_configuration_come_first() {
        let names = "[tls]\nnames = [\"hop.hanoi.example\", \"*.hanoi.example\"]";
        assert_eq!(
            reach(names, "0.0.0.0:8443", &["10.1.2.3"]),
            others(&["https://hop.hanoi.example:8443", "https://10.1.2.3:8443"])
        );
        let address = "address = \"https://hop.hanoi.example/\"";
        assert_eq!(reach(address, "127.0.0.1:8443", &[]), others(&["https://hop.hanoi.example"]));
    }

    #[test]
    fn the_loopback_is_said_to_open_here_only_whatever_the_names_are() {
        let names = "[tls]\nnames = [\"hop.hanoi.example\"]";
        for (listen, here) in
            [("127.0.0.1:8443", "https://127.0.0.1:8443"), ("[::1]:8443", "https://[::1]:8443")]
        {
            assert_eq!(reach(names, listen, &["10.1.2.3"]), Reach::OnlyHere(here.into()));
        }
        let proxy = "[tls]\nmode = \"proxy\"\n[proxy]\ntrusted = [\"127.0.0.1\"]";
        assert!(reach(proxy, "127.0.0.1:8080", &["10.1.2.3"]).is_only_here());
        let named = proxy.replace("mode", "names = [\"hop.hanoi.example\"]\nmode");
        assert_eq!(reach(&named, "127.0.0.1:8080", &[]), others(&["https://hop.hanoi.example"]));
        for host in ["localhost:8443", "127.0.0.1", "127.8.8.8:1", "[::1]:8443", "LocalHost"] {
            assert!(is_only_here(host), "{host}");
        }
        assert!(!is_only_here("10.1.2.3:8443") && !is_only_here("hop.hanoi.example"));
    }
}
