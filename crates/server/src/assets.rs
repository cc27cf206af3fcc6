//! What the browser runs, from inside the program: `/assets/<hash of all>/<path in web/>`, kept by browsers for ever.
//!
//! The hash is over all files, so that modules may import each other by relative paths. A development build that is told where `web/`
//! lies (`NHIPCAU_WEB`, by `cargo xtask dev`) reads it at every request instead (scripts and icons as they are; styles joined, not
//! lowered for older browsers), and nothing is kept. Without it, and in all tests, it gives what is shipped.

use std::{borrow::Cow, path::PathBuf};

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::problem::{Problem, Result};

/// `(path, contents)` in order of paths, from `build.rs`.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Names this build of the pages; a room whose page is of another build reloads once.
pub fn build() -> &'static str {
    env!("NHIPCAU_ASSETS_HASH")
}

/// Address of a file of `web/`; all of `styles/*.css` are `styles.css`.
pub fn url(path: &str) -> String {
    format!("/assets/{}/{path}", build())
}

fn embedded(path: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by(|(name, _)| (*name).cmp(path)).ok();
    // `styles.css` is made first and stands out of order.
    at.map(|at| FILES[at].1)
        .or_else(|| FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes))
}

/// The source folder, where a development build is told of it.
fn source() -> Option<PathBuf> {
    cfg!(debug_assertions).then(|| std::env::var_os("NHIPCAU_WEB").map(PathBuf::from)).flatten()
}

fn find(path: &str) -> Option<Cow<'static, [u8]>> {
    let embedded = embedded(path)?;
    let from_source = source().and_then(|folder| {
        if path == "styles.css" {
            return joined_styles(&folder.join("styles"));
        }
        std::fs::read(folder.join(path)).ok()
    });
    Some(from_source.map_or(Cow::Borrowed(embedded), Cow::Owned))
}

fn joined_styles(folder: &std::path::Path) -> Option<Vec<u8>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "css"));
    paths.sort();
    let parts: Option<Vec<_>> =
        paths.iter().map(|path| std::fs::read_to_string(path).ok()).collect();
    Some(parts?.join("\n").replace("../fonts/", "fonts/").into_bytes())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ext)| ext) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "png" => "image/png",
        "webp" => "image/webp",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `GET /assets/{build}/{*path}`
pub(crate) async fn serve(Path((asked, path)): Path<(String, String)>) -> Result<Response> {
    // A page of an older build must not get a newer script under the old address, nor keep it for ever.
    if asked != build() {
        return Err(Problem::not_found());
    }
    let bytes = find(&path).ok_or_else(Problem::not_found)?;
    let kept = if source().is_some() { "no-cache" } else { "public, max-age=31536000, immutable" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(&path))),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    Ok((headers, bytes.into_owned()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_is_found_under_its_name_with_a_type_browsers_take() {
        for (name, bytes) in FILES {
            assert_eq!(embedded(name), Some(*bytes), "{name}");
            assert_ne!(content_type(name), "application/octet-stream", "{name}");
        }
        assert!(embedded("../Cargo.toml").is_none());
    }

    #[test]
    fn no_file_of_the_pages_names_another_origin() {
        for (name, bytes) in FILES {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            if name.ends_with(".txt") || name.starts_with("vendor/") {
                continue;
            }
            for (at, _) in text.match_indices("//") {
                let before = text[..at].ends_with("http:") || text[..at].ends_with("https:");
                let allowed = text[at..].starts_with("//www.w3.org/");
                assert!(
                    !before || allowed,
                    "{name} names another origin: {}",
                    &text[at..(at + 40).min(text.len())]
                );
            }
        }
    }
}
