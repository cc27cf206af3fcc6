//! Documents, evidence, recordings: kept once under the BLAKE3 of their bytes; the journal holds the hash.
//!
//! ```text
//! body ─▶ files/new-<random> (hashed while written, cut at the limit) ─▶ synced ─▶ files/ab/abcd… ─▶ the hash is told
//! ```
//! A file is never changed and never overwritten. Who may read one is decided by the page or route that names it.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
};

use crate::{
    auth::random_hex,
    problem::{Problem, Result},
};

/// Characters of a file's name that are kept.
const NAME_CHARS_MAX: usize = 150;

/// BLAKE3 of the contents, 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileHash(String);

impl FileHash {
    pub fn parse(text: &str) -> Option<Self> {
        let is_hash =
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub hash: FileHash,
    pub bytes: u64,
}

/// The store; a folder.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    bytes_max: u64,
}

impl Files {
    pub fn new(folder: PathBuf, bytes_max: u64) -> Self {
        // What a crash left half-taken.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("new-") {
                std::fs::remove_file(entry.path()).ok();
            }
        }
        Self { folder, bytes_max }
    }

    /// Largest file that is taken.
    pub fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    fn path(&self, hash: &FileHash) -> PathBuf {
        self.folder.join(&hash.0[..2]).join(&hash.0)
    }

    /// Takes a file in, as it comes, up to the limit. Durable when this returns.
    pub async fn store<S, E>(&self, mut body: S) -> Result<Stored>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let unfinished = Unfinished(self.folder.join(format!("new-{}", random_hex::<8>())));
        let mut file = File::create(&unfinished.0).await.map_err(not_kept)?;
        let mut hasher = blake3::Hasher::new();
        let mut bytes = 0_u64;
        while let Some(part) = body.next().await {
            let part = part.map_err(|error| Problem::malformed(error.to_string()))?;
            bytes += part.len() as u64;
            if bytes > self.bytes_max {
                return Err(Problem::too_large(self.bytes_max));
            }
            hasher.update(&part);
            file.write_all(&part).await.map_err(not_kept)?;
        }
        file.flush().await.map_err(not_kept)?;
        file.sync_all().await.map_err(not_kept)?;
        drop(file);
        let hash = FileHash(hasher.finalize().to_hex().to_string());
        let path = self.path(&hash);
        place(&unfinished.0, &path).await.map_err(not_kept)?;
        Ok(Stored { hash, bytes })
    }

    /// How long a file is; `None` when the store does not have it.
    pub async fn size(&self, hash: &FileHash) -> Option<u64> {
        tokio::fs::metadata(self.path(hash)).await.ok().map(|metadata| metadata.len())
    }

    /// The contents, for papers; whole in memory.
    pub async fn read(&self, hash: &FileHash) -> Result<Vec<u8>> {
        tokio::fs::read(self.path(hash)).await.map_err(not_found)
    }

    /// A download that no browser will run: always an attachment of no type.
    pub async fn download(&self, hash: &FileHash, name: &str) -> Result<Response> {
        let file = File::open(self.path(hash)).await.map_err(not_found)?;
        let length = file.metadata().await.map_err(Problem::internal)?.len();
        let chunks = futures_util::stream::unfold(file, async |mut file| {
            let mut buffer = vec![0; 64 * 1024];
            match file.read(&mut buffer).await {
                Ok(0) => None,
                Ok(read) => {
                    buffer.truncate(read);
                    Some((Ok(Bytes::from(buffer)), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        // Whoever packs the body asks once more after its end.
        let chunks = chunks.fuse();
        let policy = HeaderValue::from_static("sandbox; default-src 'none'");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (header::CONTENT_LENGTH, HeaderValue::from(length)),
            (header::CONTENT_DISPOSITION, disposition(name)),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            (header::CONTENT_SECURITY_POLICY, policy),
        ];
        Ok((StatusCode::OK, headers, Body::from_stream(Box::pin(chunks))).into_response())
    }
}

/// A file's name as it may be kept and shown: one line, no path, bounded.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let line: String = domain::text::line(last).chars().take(NAME_CHARS_MAX).collect();
    let line = line.trim_matches(['.', ' ']).to_owned();
    if line.is_empty() { "tep".to_owned() } else { line }
}

/// RFC 6266 with RFC 8187: browsers get the Vietnamese name, older programs a plain one.
fn disposition(name: &str) -> HeaderValue {
    let name = clean_name(name);
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " .-_".contains(c) { c } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .expect("both names were made ASCII")
}

/// Removed when dropped before it was placed.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

async fn place(from: &Path, to: &Path) -> io::Result<()> {
    if tokio::fs::try_exists(to).await? {
        return Ok(());
    }
    let folder = to.parent().expect("a file of the store lies in a folder");
    tokio::fs::create_dir_all(folder).await?;
    tokio::fs::rename(from, to).await?;
    File::open(folder).await?.sync_all().await
}

fn not_found(error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotFound {
        Problem::not_found()
    } else {
        Problem::internal(format_args!("cannot read a stored file: {error}"))
    }
}

fn not_kept(error: io::Error) -> Problem {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        tracing::error!("a file could not be kept: {error}");
        return Problem::unavailable("disk_full", 30);
    }
    Problem::internal(format_args!("a file could not be kept: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(parts: &[&'static str]) -> impl Stream<Item = io::Result<Bytes>> + Unpin + use<> {
        let parts: Vec<_> = parts.iter().map(|p| Ok(Bytes::from_static(p.as_bytes()))).collect();
        futures_util::stream::iter(parts)
    }

    #[tokio::test]
    async fn a_file_is_kept_once_under_its_hash_and_nothing_half_remains() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::new(dir.path().to_owned(), 10);

        let stored = files.store(parts(&["xin ", "chào"])).await.unwrap();
        assert_eq!(stored.bytes, 9);
        assert_eq!(stored.hash.as_str(), blake3::hash("xin chào".as_bytes()).to_hex().as_str());
        assert_eq!(files.store(parts(&["xin chào"])).await.unwrap(), stored);
        assert_eq!(files.read(&stored.hash).await.unwrap(), "xin chào".as_bytes());

        let refused = files.store(parts(&["123456", "789012"])).await.unwrap_err();
        assert_eq!(refused.code(), "too_large");
        let left = std::fs::read_dir(dir.path()).unwrap().flatten();
        assert_eq!(left.filter(|entry| entry.path().is_file()).count(), 0, "half a file was left");
    }

    #[tokio::test]
    async fn a_download_that_is_asked_again_after_its_end_stays_ended() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::new(dir.path().to_owned(), 10);
        let stored = files.store(parts(&["xin chào"])).await.unwrap();

        let response = files.download(&stored.hash, "a.txt").await.unwrap();
        let mut body = response.into_body().into_data_stream();
        assert_eq!(body.next().await.unwrap().unwrap(), "xin chào".as_bytes());
        assert!(body.next().await.is_none());
        assert!(body.next().await.is_none(), "as a layer that packs it asks");
    }

    #[test]
    fn a_name_is_a_name_and_not_a_path_or_a_header() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\tam\\Báo cáo.xlsx"), "Báo cáo.xlsx");
        assert_eq!(clean_name("a\r\nSet-Cookie: b"), "a Set-Cookie: b");
        assert_eq!(clean_name(".."), "tep");
        assert_eq!(
            disposition("Báo cáo.xlsx").to_str().unwrap(),
            "attachment; filename=\"B_o c_o.xlsx\"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.xlsx"
        );
    }
}
