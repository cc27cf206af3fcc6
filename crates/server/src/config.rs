//! `config.toml`: everything an installation may set. Unknown words are refused with their line; nothing has a second way to be set.
//! The example with every setting explained is `examples/config.toml`.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{auth::LINK_HOURS_MAX, files::Kind, proxy::Trusted};

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where pages, sockets and the API are served (TCP).
    pub listen: SocketAddr,
    /// Where the data lie; the folder of the configuration file when not said.
    pub data: Option<PathBuf>,
    /// What people type to reach the server, on paper and in links: `https://hop.hanoi.example`. Found out when not said.
    pub address: Option<String>,
    pub office: Office,
    pub tls: Tls,
    pub proxy: Proxy,
    pub media: Media,
    pub limits: Limits,
    pub uploads: Uploads,
    pub sessions: Sessions,
    /// Set by `demo` only: several people may be signed in in one browser, sign-in links open by GET, the clock may be moved.
    #[serde(skip)]
    pub demo: bool,
}

/// Words about the Office that pages show.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Office {
    pub name: String,
    /// Whom to call for a lost password.
    pub admin_telephone: String,
    /// Whom a site calls.
    pub technical_telephone: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum TlsMode {
    /// A local authority of this installation, made on the first start.
    #[default]
    Own,
    /// Certificate files of the Office's own authority.
    Files,
    /// Plain HTTP behind a proxy that does TLS.
    Proxy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    pub mode: TlsMode,
    /// Names under which people reach the server, beside its addresses.
    pub names: Vec<String>,
    /// PEM files, for `mode = "files"`; read again when they change.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proxy {
    /// Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted: Vec<Trusted>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// UDP; the HTTPS port number when not said.
    pub port: Option<u16>,
    /// Addresses offered to browsers; when empty the one of `listen`, or all local ones if that is none in particular, the loopback, or a proxy's.
    pub addresses: Vec<IpAddr>,
    /// Threads that sending is spread over when there is much of it; one a processor, at most four, when not said.
    pub threads: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub upload_bytes: u64,
    pub connections: usize,
    /// Wrong passwords of one sign-in name from one address before a wait.
    pub password_attempts: u32,
    /// Wrong codes from one address before a wait; many sites may share one address.
    pub code_attempts: u32,
}

/// Files that units send as evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uploads {
    /// By the endings of their names; what is inside must agree.
    pub kinds: Vec<Kind>,
    /// When less of the disk is free no file is taken; the journal goes on.
    pub free_bytes: u64,
    /// What one person may send in a day.
    pub person_bytes_a_day: u64,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { kinds: Kind::usual(), free_bytes: 500_000_000, person_bytes_a_day: 2_000_000_000 }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    pub idle_hours: u32,
    pub absolute_hours: u32,
    /// A site's seat; it must outlast a day of rehearsal and the day itself.
    pub seat_hours: u32,
    /// A one-time link and its code, unless its maker says otherwise.
    pub link_hours: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            data: None,
            address: None,
            office: Office::default(),
            tls: Tls::default(),
            proxy: Proxy::default(),
            media: Media::default(),
            limits: Limits::default(),
            uploads: Uploads::default(),
            sessions: Sessions::default(),
            demo: false,
        }
    }
}

impl Default for Office {
    fn default() -> Self {
        Self {
            name: "Văn phòng".to_owned(),
            admin_telephone: String::new(),
            technical_telephone: String::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            upload_bytes: 50_000_000,
            connections: 5_000,
            password_attempts: 5,
            code_attempts: 30,
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle_hours: 12, absolute_hours: 24 * 7, seat_hours: 24 * 3, link_hours: 24 * 7 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration {path}: {source}")]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the configuration {path} is wrong: {message}")]
    Wrong { path: PathBuf, message: String },
}

impl Config {
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|message| ConfigError::Wrong { path: path.to_owned(), message })
    }

    /// The message names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let files = (&self.tls.certificate, &self.tls.key);
        match (self.tls.mode, files) {
            (TlsMode::Files, (Some(_), Some(_)))
            | (TlsMode::Own | TlsMode::Proxy, (None, None)) => {}
            (TlsMode::Files, _) => {
                return Err("[tls] mode = \"files\" needs both certificate and key".to_owned());
            }
            _ => {
                return Err(
                    "[tls] certificate and key are read only with mode = \"files\"".to_owned()
                );
            }
        }
        if self.tls.mode == TlsMode::Proxy && self.proxy.trusted.is_empty() {
            return Err(
                "[tls] mode = \"proxy\" needs [proxy] trusted = [\"address of the proxy\"]"
                    .to_owned(),
            );
        }
        if !(1..=LINK_HOURS_MAX).contains(&self.sessions.link_hours) {
            return Err(format!(
                "[sessions] link_hours must be from 1 to {LINK_HOURS_MAX}: a link that lies about for longer opens somebody's account"
            ));
        }
        if let Some(address) = &self.address {
            crate::reach::check(address)?;
        }
        if self.limits.upload_bytes == 0 || self.limits.connections == 0 {
            return Err("[limits] upload_bytes and connections must be above 0".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_named_with_its_line() {
        let error = Config::parse("listen = \"0.0.0.0:443\"\n[tls]\nmod = \"own\"\n").unwrap_err();
        assert!(error.contains("line 3"), "{error}");
        assert!(error.contains("mod"), "{error}");
    }

    #[test]
    fn the_example_says_what_holds_and_names_every_setting() {
        let example = include_str!("../../../examples/config.toml");
        let as_it_is = Config::parse(example).unwrap();
        assert_eq!(format!("{as_it_is:#?}"), format!("{:#?}", Config::default()));

        // Everything switched on: a setting that is only shown must be right too.
        let lines = example.lines().map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.starts_with(|c: char| c.is_ascii_lowercase()) => setting,
            _ => line,
        });
        let all = lines.collect::<Vec<_>>().join("\n").replace("\"own\"", "\"files\"");
        let config = Config::parse(&all).unwrap();
        assert_eq!(config.media.port, Some(8443));
        let shown = format!("{config:#?}");
        let settings = shown.lines().filter_map(|line| line.trim().split_once(": "));
        for (name, _) in settings.filter(|(name, _)| *name != "demo") {
            let is_there = all
                .lines()
                .any(|line| line.starts_with(&format!("{name} = ")) || line == format!("[{name}]"));
            assert!(is_there, "examples/config.toml does not explain {name}");
        }
    }

    #[test]
    fn a_proxy_must_be_named_before_it_is_believed() {
        assert!(Config::parse("[tls]\nmode = \"proxy\"").unwrap_err().contains("trusted"));
        assert!(Config::parse("[tls]\nmode = \"files\"").unwrap_err().contains("certificate"));
        assert!(Config::parse("").is_ok());
        assert!(Config::parse("[sessions]\nlink_hours = 0").unwrap_err().contains("link_hours"));
        assert!(Config::parse("[sessions]\nlink_hours = 337").unwrap_err().contains("336"));
        assert!(Config::parse("address = \"hop.example\"").unwrap_err().contains("https://"));
        assert!(Config::parse("address = \"https://hop.example\"").is_ok());
    }
}
