//! Documents, evidence, recordings: kept once under the BLAKE3 of their bytes; the journal holds the hash.
//!
//! ```text
//! body ─▶ files/new-<random> (hashed while written, cut at the limit) ─▶ synced ─▶ files/ab/abcd… ─▶ the hash is told
//! ```
//! A file is never changed and never overwritten. Who may read one is decided by the page or route that names it. What may be kept at
//! all (kinds, room on the disk, what one person sends) is judged here, the same for pages and API.

mod kind;
mod name;
mod space;
mod sweep;

use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use domain::Actor;
use futures_util::{Stream, StreamExt as _};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
};

use self::{name::disposition, space::Space};
use crate::{
    auth::random_hex,
    config::Uploads,
    problem::{Problem, Result},
};

pub use kind::{Kind, Unfit};
pub use name::clean_name;
pub(crate) use sweep::sweep;
#[cfg(test)]
pub(crate) use {
    kind::tests::zipped,
    sweep::{KEPT, sweep_at},
};

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
    kinds: Vec<Kind>,
    space: Space,
}

impl Files {
    pub fn new(folder: PathBuf, bytes_max: u64, uploads: &Uploads) -> Self {
        // What a crash left half-taken.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("new-") {
                std::fs::remove_file(entry.path()).ok();
            }
        }
        let space = Space::new(&folder, uploads);
        Self { folder, bytes_max, kinds: uploads.kinds.clone(), space }
    }

    /// Kinds of files that are taken as evidence, by their endings.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().map(|kind| kind.ending())
    }

    /// Whether so little of the disk is free that files are not taken.
    pub fn is_low(&self) -> bool {
        self.space.is_low()
    }

    /// Largest file that is taken.
    pub fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    fn path(&self, hash: &FileHash) -> PathBuf {
        self.folder.join(&hash.0[..2]).join(&hash.0)
    }

    /// Takes evidence in: a file of a kind on the list, by its name and by what is inside, from somebody who has not sent too much.
    pub async fn take<S, E>(&self, by: Actor, name: &str, body: S) -> Result<Stored>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let unfit = |unfit: Unfit| self.unfit(name, &unfit);
        let kind = kind::by_name(&self.kinds, &clean_name(name)).map_err(unfit)?;
        self.keep(Some((by, name, kind)), body).await
    }

    fn unfit(&self, name: &str, unfit: &Unfit) -> Problem {
        let kinds: Vec<_> = self.kinds().collect();
        let problem = Problem::unfit_file(unfit.code(), *unfit == Unfit::Empty);
        let problem =
            problem.with_arg("name", clean_name(name)).with_arg("kinds", kinds.join(", "));
        match unfit {
            Unfit::Holds(part) => problem.with_arg("part", part.as_str()),
            _ => problem,
        }
    }

    /// Takes a file in, as it comes, up to the limit, whatever it is: what reads it judges it. Durable when this returns.
    pub async fn store<S, E>(&self, body: S) -> Result<Stored>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        self.keep(None, body).await
    }

    async fn keep<S, E>(&self, judged: Option<(Actor, &str, Kind)>, mut body: S) -> Result<Stored>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let unfit = |unfit: Unfit| self.unfit(judged.map_or("", |(_, name, _)| name), &unfit);
        let mut spending = match judged {
            Some((by, ..)) => Some(self.space.begin(by)?),
            None => None,
        };
        let mut first = BytesMut::new();
        let mut is_judged = judged.is_none();
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
            if let Some(spending) = &mut spending {
                spending.spend(part.len() as u64)?;
            }
            // Nothing is kept of what is refused by its first bytes.
            let part = if is_judged {
                part
            } else {
                first.extend_from_slice(&part);
                if first.len() < kind::FIRST_BYTES {
                    continue;
                }
                is_judged = true;
                judge_first(judged, &first).map_err(unfit)?;
                first.split().freeze()
            };
            hasher.update(&part);
            file.write_all(&part).await.map_err(not_kept)?;
        }
        if !is_judged {
            judge_first(judged, &first).map_err(unfit)?;
            hasher.update(&first);
            file.write_all(&first).await.map_err(not_kept)?;
        }
        file.flush().await.map_err(not_kept)?;
        file.sync_all().await.map_err(not_kept)?;
        drop(file);
        if let Some((_, _, kind)) = judged {
            let path = unfinished.0.clone();
            let judged = tokio::task::spawn_blocking(move || kind::judge_whole(kind, &path)).await;
            judged.map_err(Problem::internal)?.map_err(unfit)?;
        }
        let hash = FileHash(hasher.finalize().to_hex().to_string());
        let path = self.path(&hash);
        place(&unfinished.0, &path).await.map_err(not_kept)?;
        Ok(Stored { hash, bytes })
    }

    /// As `size`, of a file that a form names again and that is to stay until it is sent.
    pub async fn keep_on(&self, hash: &FileHash) -> Option<u64> {
        let size = self.size(hash).await?;
        touch(&self.path(hash)).await.ok().map(|()| size)
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

fn judge_first(
    judged: Option<(Actor, &str, Kind)>,
    first: &[u8],
) -> std::result::Result<(), Unfit> {
    judged.map_or(Ok(()), |(_, _, kind)| kind::judge_first(kind, first))
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
        return touch(to).await;
    }
    let folder = to.parent().expect("a file of the store lies in a folder");
    tokio::fs::create_dir_all(folder).await?;
    tokio::fs::rename(from, to).await?;
    File::open(folder).await?.sync_all().await
}

/// Sent again, or named again in a form: it is not forgotten for a while.
async fn touch(path: &Path) -> io::Result<()> {
    let path = path.to_owned();
    let touched = tokio::task::spawn_blocking(move || {
        std::fs::File::options().append(true).open(&path)?.set_modified(SystemTime::now())
    });
    touched.await.map_err(io::Error::other)?
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
        let files = Files::new(dir.path().to_owned(), 10, &Uploads::default());

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
    async fn what_is_refused_leaves_nothing_and_is_refused_at_its_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads { person_bytes_a_day: 25_000, ..Uploads::default() };
        let files = Files::new(dir.path().to_owned(), 1_000_000, &uploads);
        let by = Actor::System;
        let left = || {
            let entries = std::fs::read_dir(dir.path()).unwrap().flatten();
            entries.filter(|entry| entry.path().is_file()).count()
        };
        // Whatever comes after a program's head is not waited for.
        let head = Ok::<_, io::Error>(Bytes::from([b"MZ".to_vec(), vec![0; 5000]].concat()));
        let endless = futures_util::stream::iter([head]).chain(futures_util::stream::pending());
        let refused = files.take(by, "báo cáo.pdf", Box::pin(endless)).await.unwrap_err();
        assert_eq!((refused.code(), left()), ("file_is_program", 0));
        for (name, bytes, code) in [
            ("a.exe", "MZ", "file_not_listed"),
            ("a.pdf", "", "file_empty"),
            ("a.docx", "PK\u{3}\u{4}", "file_differs"),
        ] {
            let refused = files.take(by, name, parts(&[bytes])).await.unwrap_err();
            assert_eq!((refused.code(), left()), (code, 0), "{name}");
        }
        // In small parts, and of each person so much.
        let stored = files.take(by, "a.pdf", parts(&["%P", "DF-", "1.7"])).await.unwrap();
        assert_eq!(files.read(&stored.hash).await.unwrap(), b"%PDF-1.7");
        let large = || {
            let bytes = [b"%PDF-1.7".to_vec(), vec![0; 15_000]].concat();
            futures_util::stream::iter([Ok::<_, io::Error>(Bytes::from(bytes))])
        };
        files.take(by, "a.pdf", large()).await.unwrap();
        assert_eq!(files.take(by, "a.pdf", large()).await.unwrap_err().code(), "upload_quota");
        files.take(Actor::Person(domain::PersonId(1)), "a.pdf", large()).await.unwrap();

        let uploads = Uploads { free_bytes: u64::MAX, ..Uploads::default() };
        let full = Files::new(dir.path().to_owned(), 1_000_000, &uploads);
        assert!(full.is_low() && !files.is_low());
        assert_eq!(full.take(by, "a.pdf", large()).await.unwrap_err().code(), "disk_low");
        assert_eq!(left(), 0);
    }

    #[tokio::test]
    async fn a_download_that_is_asked_again_after_its_end_stays_ended() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::new(dir.path().to_owned(), 10, &Uploads::default());
        let stored = files.store(parts(&["xin chào"])).await.unwrap();

        let response = files.download(&stored.hash, "a.txt").await.unwrap();
        let mut body = response.into_body().into_data_stream();
        assert_eq!(body.next().await.unwrap().unwrap(), "xin chào".as_bytes());
        assert!(body.next().await.is_none());
        assert!(body.next().await.is_none(), "as a layer that packs it asks");
    }
}
