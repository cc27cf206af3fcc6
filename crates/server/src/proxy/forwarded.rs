//! `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` (RFC 7239) as they are really written.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The nearest address that is no proxy of ours, walking from the proxy `peer` towards the visitor.
pub(super) fn walk(peer: IpAddr, headers: &HeaderMap, is_ours: impl Fn(IpAddr) -> bool) -> IpAddr {
    let of = |entries: &[Option<IpAddr>]| {
        let mut at = peer;
        for entry in entries.iter().rev() {
            let Some(address) = entry else { break };
            at = *address;
            if !is_ours(at) {
                break;
            }
        }
        at
    };
    match (list(headers), forwarded(headers)) {
        (Some(list), None) => of(&list),
        (None, Some(forwarded)) => of(&forwarded),
        // Of two that differ one was not written by the proxy, and nobody knows which.
        (Some(list), Some(forwarded)) if of(&list) == of(&forwarded) => of(&list),
        _ => peer,
    }
}

/// The visitor's own scheme; the outermost proxy wrote it first.
pub(super) fn is_https(headers: &HeaderMap) -> bool {
    proto(headers).is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
}

/// The scheme that is named, if one is.
pub(super) fn proto(headers: &HeaderMap) -> Option<String> {
    if let Some(sent) = headers.get("x-forwarded-proto") {
        return Some(sent.to_str().ok()?.split(',').next()?.trim().to_owned());
    }
    let first = lines(headers, "forwarded")?.into_iter().next()?;
    pairs(&split(&first, ',')?.into_iter().next()?)?
        .into_iter()
        .find_map(|(name, value)| (name == "proto").then_some(value))
}

/// Whether the proxy says for whom it asks, and whether the nearest entry can be read.
pub(super) fn nearest(headers: &HeaderMap) -> Option<bool> {
    let last = |entries: Vec<Option<IpAddr>>| entries.last().is_some_and(Option::is_some);
    list(headers).or_else(|| forwarded(headers)).map(last)
}

/// Every entry of all `X-Forwarded-For`; `None` where one cannot be read.
fn list(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let lines = lines(headers, "x-forwarded-for")?;
    Some(lines.iter().flat_map(|line| line.split(',')).map(node).collect())
}

/// The `for` of every element of all `Forwarded`.
fn forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let lines = lines(headers, "forwarded")?;
    let mut found = Vec::new();
    for line in lines {
        match split(&line, ',') {
            Some(elements) => found.extend(elements.iter().map(|element| for_of(element))),
            None => found.push(None),
        }
    }
    Some(found)
}

fn for_of(element: &str) -> Option<IpAddr> {
    let mut named = pairs(element)?.into_iter().filter(|(name, _)| name == "for");
    let (_, value) = named.next()?;
    if named.next().is_some() {
        return None;
    }
    node(&value)
}

/// `name=value` pairs of one element, names in small letters, values without quotes.
fn pairs(element: &str) -> Option<Vec<(String, String)>> {
    split(element, ';')?
        .iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())?.to_owned()))
        })
        .collect()
}

/// Parts between separators that stand outside of quotes; `None` when a quote is never closed.
fn split(text: &str, separator: char) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        is_quoted ^= c == '"';
        match parts.last_mut() {
            Some(part) if c != separator || is_quoted => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    (!is_quoted).then_some(parts)
}

/// What is no text becomes an entry that cannot be read.
fn lines(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    (!lines.is_empty()).then_some(lines)
}

fn unquoted(text: &str) -> Option<&str> {
    match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').filter(|inner| !inner.contains('"')),
        None => (!text.contains('"')).then_some(text),
    }
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`; the port may be
/// hidden (`_name`), the address may not.
fn node(text: &str) -> Option<IpAddr> {
    let text = unquoted(text.trim())?;
    let bare = text.parse::<IpAddr>().ok();
    let in_brackets = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse().ok().map(IpAddr::V6)
    };
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let with_hidden_port = || {
        let (address, port) = text.rsplit_once(':')?;
        let is_hidden = port.strip_prefix('_').is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        });
        (is_hidden && !address.contains(':')).then(|| address.parse().ok()).flatten()
    };
    bare.or_else(in_brackets)
        .or_else(with_port)
        .or_else(with_hidden_port)
        .map(|address| address.to_canonical())
}
