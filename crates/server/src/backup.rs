//! A copy of a whole directory, taken beside a running server, and the way back; and what can be saved of a damaged one.
//!
//! Order matters: a journal must never name a file or a sealing key that the copy lacks; what the copy holds beyond the journal is
//! harmless. Secrets and files therefore go first, so that a copy that stops half-way has its old journal with more beside it; then the
//! journal; then what came while it was copied.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::dir;

/// What a salvage is making; no data directory has a folder of this name.
const UNFINISHED: &str = "salvage.unfinished";

/// What was copied.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    pub head: journal::Head,
    pub records_added: u64,
    pub files_added: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Dir(#[from] dir::DirError),
    #[error(transparent)]
    Journal(#[from] journal::BackupError),
    /// Also by another name for it.
    #[error("{path} is what is to be copied; name another directory for the copy")]
    Itself { path: PathBuf },
    /// Nothing of somebody else's is mixed with a copy.
    #[error(
        "{path} holds something that is no copy of a data directory; name an empty folder or a new one"
    )]
    Foreign { path: PathBuf },
    /// What is saved goes where nothing is.
    #[error(
        "{path} is not empty; what is saved of a damaged directory goes to an empty folder or a new one"
    )]
    NotEmpty { path: PathBuf },
    #[error("cannot copy auth.db: {0}")]
    Auth(#[from] rusqlite::Error),
    #[error("cannot copy {path}: {source}")]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Copies the directory `from` to `to`: a new copy, or an earlier one brought up to date. `from` may belong to a running server.
/// The way back is the same call with the directories exchanged, `to` being empty.
pub fn copy(from: &Path, to: &Path) -> Result<Copied, CopyError> {
    is_elsewhere(from, to)?;
    let is_copy = ["journal.db", "auth.db"].iter().any(|name| to.join(name).exists());
    if !is_copy && holds_something(to)? {
        return Err(CopyError::Foreign { path: to.to_owned() });
    }
    dir::prepare(to)?;
    let mut files_added = 0;
    copy_beside(from, to, &mut files_added)?;
    let journal = journal::backup(from, to)?;
    copy_beside(from, to, &mut files_added)?;
    Ok(Copied { head: journal.head, records_added: journal.added, files_added })
}

/// Saves what comes before the first damage of the journal in `from`, and everything beside it, to `to`, which is empty. `from`, whose
/// server is dead, is left as it is.
///
/// Everything is made in one folder within `to` and put in place when it is whole. When that fails nothing stays behind; what an
/// interrupted salvage left is that folder, which the next one makes anew.
pub fn salvage(from: &Path, to: &Path) -> Result<journal::Salvage, CopyError> {
    is_elsewhere(from, to)?;
    if holds_something(to)? {
        return Err(CopyError::NotEmpty { path: to.to_owned() });
    }
    let (is_new, unfinished) = (!to.exists(), to.join(UNFINISHED));
    let outcome = remove(&unfinished).and_then(|()| {
        dir::prepare(&unfinished)?;
        let saved = journal::salvage(from, &unfinished)?;
        copy_beside(from, &unfinished, &mut 0)?;
        put_in_place(&unfinished, to)?;
        Ok(saved)
    });
    if outcome.is_err() {
        // What failed is told; that it could not be cleared away either would say less.
        let _ = remove(&unfinished);
        if is_new {
            // Only if it is empty.
            let _ = fs::remove_dir(to);
        }
    }
    outcome
}

fn is_elsewhere(from: &Path, to: &Path) -> Result<(), CopyError> {
    match (from.canonicalize(), to.canonicalize()) {
        (Ok(from), Ok(to)) if from == to => Err(CopyError::Itself { path: to }),
        _ => Ok(()),
    }
}

fn holds_something(folder: &Path) -> Result<bool, CopyError> {
    // A disk of its own has the first from the day it was made.
    let is_ours = |path: &PathBuf| path.ends_with("lost+found") || path.ends_with(UNFINISHED);
    Ok(!entries(folder)?.iter().all(is_ours))
}

/// A folder that a salvage made, if it is there.
fn remove(folder: &Path) -> Result<(), CopyError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(CopyError::File { path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Moves everything in `made` up into `to`, the journal last: without it no server takes what is there for its own.
fn put_in_place(made: &Path, to: &Path) -> Result<(), CopyError> {
    let failed = |source| CopyError::File { path: to.to_owned(), source };
    let mut made_entries = entries(made)?;
    made_entries.sort_by_key(|path| path.ends_with("journal.db"));
    for path in made_entries {
        fs::rename(&path, to.join(path.file_name().unwrap_or_default())).map_err(failed)?;
    }
    fs::remove_dir(made).map_err(failed)?;
    dir::prepare(to)?;
    fs::File::open(to).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Everything but the journal.
fn copy_beside(from: &Path, to: &Path, files_added: &mut u64) -> Result<(), CopyError> {
    copy_auth(&from.join("auth.db"), &to.join("auth.db"))?;
    copy_tree(&from.join("files"), &to.join("files"), files_added)?;
    for name in ["config.toml", "clock"] {
        copy_small(&from.join(name), &to.join(name))?;
    }
    for entry in entries(&from.join("tls"))? {
        copy_small(&entry, &to.join("tls").join(entry.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn copy_auth(from: &Path, to: &Path) -> Result<(), CopyError> {
    use rusqlite::{Connection, OpenFlags, backup::Backup};

    if !from.exists() {
        return Ok(());
    }
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    source.busy_timeout(Duration::from_secs(5))?;
    // Made beside and put in place whole: a copy that stops half-way must not replace a good one.
    let unfinished = to.with_extension("db.new");
    fs::remove_file(&unfinished).ok();
    {
        let mut copy = Connection::open(&unfinished)?;
        Backup::new(&source, &mut copy)?.run_to_completion(256, Duration::from_millis(5), None)?;
        copy.pragma_update(None, "journal_mode", "DELETE")?;
    }
    let failed = |source| CopyError::File { path: to.to_owned(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    fs::File::open(&unfinished).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, to).map_err(failed)
}

/// The store only grows and a name is the hash of its contents: what is there already is the same.
fn copy_tree(from: &Path, to: &Path, added: &mut u64) -> Result<(), CopyError> {
    for folder in entries(from)?.into_iter().filter(|path| path.is_dir()) {
        let target = to.join(folder.file_name().unwrap_or_default());
        fs::create_dir_all(&target)
            .map_err(|source| CopyError::File { path: target.clone(), source })?;
        for file in entries(&folder)? {
            let copy = target.join(file.file_name().unwrap_or_default());
            if !copy.exists() {
                copy_small(&file, &copy)?;
                *added += 1;
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CopyError> {
    let failed = |source| CopyError::File { path: folder.to_owned(), source };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        found.push(entry.map_err(failed)?.path());
    }
    found.sort();
    Ok(found)
}

fn copy_small(from: &Path, to: &Path) -> Result<(), CopyError> {
    if !from.is_file() {
        return Ok(());
    }
    let failed = |source| CopyError::File { path: from.to_owned(), source };
    let bytes = fs::read(from).map_err(failed)?;
    dir::write_whole(to, &bytes).map_err(failed)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use domain::{Actor, organisation::OrganisationCommand};

    use super::*;
    use crate::{
        Config, Server,
        auth::{Link, Subject},
        clock::Clock,
    };

    async fn open(dir: &Path) -> Server {
        let config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        Server::open(dir, config, Clock::real_time()).await.unwrap()
    }

    async fn store(server: &Server, contents: &'static str) -> crate::files::FileHash {
        let body = tokio_stream::iter([Ok::<_, io::Error>(Bytes::from(contents))]);
        server.app.files.store(body).await.unwrap().hash
    }

    #[tokio::test]
    async fn what_a_running_server_holds_comes_back_with_its_files_sessions_and_certificate() {
        let (dir, copy, back) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let running = open(dir.path()).await;
        let app = running.app.clone();
        let person = app.engine.make_administrator("quantri", "Quản trị").await.unwrap();
        app.auth.set_password(person, "mưa rào tháng sáu".into()).await.unwrap();
        let (token, _) = app.auth.open_session(Subject::Person(person), "test").await.unwrap();
        let first = store(&running, "minh chứng thứ nhất").await;
        assert_eq!(copy_of(&dir, &copy).files_added, 1);

        // Brought up to date, while the server runs.
        let second = store(&running, "minh chứng thứ hai").await;
        let position = "Quản trị hệ thống".to_owned();
        let edit = OrganisationCommand::EditPerson {
            person,
            position,
            unit: None,
            name: Default::default(),
            phone: Default::default(),
        };
        app.engine.act(Actor::System, edit).await.unwrap();
        let copied = copy_of(&dir, &copy);
        assert_eq!((copied.files_added, copied.records_added), (1, 1));
        assert_eq!(copied.head, app.engine.head());

        let restored = super::copy(copy.path(), back.path()).unwrap();
        assert_eq!(restored.head, app.engine.head());
        let server = open(back.path()).await;
        assert_eq!(server.app.engine.state(), app.engine.state());
        assert_eq!(server.app.files.read(&first).await.unwrap(), "minh chứng thứ nhất".as_bytes());
        assert_eq!(server.app.files.read(&second).await.unwrap(), "minh chứng thứ hai".as_bytes());
        assert!(server.app.auth.session(&token).is_some(), "the session is lost");
        assert_eq!(server.app.identity.fingerprint(), app.identity.fingerprint());
        let right = server.app.auth.check_password(Some(person), "mưa rào tháng sáu".into());
        assert!(right.await.unwrap());
    }

    #[tokio::test]
    async fn a_copy_is_not_mixed_with_what_is_somebody_else_s() {
        let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        drop(open(dir.path()).await);
        fs::write(to.path().join("bao-cao.docx"), "của người khác").unwrap();
        let refused = copy(dir.path(), to.path()).unwrap_err();
        assert!(matches!(refused, CopyError::Foreign { .. }), "{refused}");
        assert_eq!(entries(to.path()).unwrap().len(), 1, "nothing was left there");

        fs::remove_file(to.path().join("bao-cao.docx")).unwrap();
        fs::create_dir(to.path().join("lost+found")).unwrap();
        copy(dir.path(), to.path()).unwrap();
        copy(dir.path(), to.path()).unwrap();
    }

    #[tokio::test]
    async fn a_server_starts_on_what_was_saved_of_a_damaged_directory() {
        let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let running = open(dir.path()).await;
        let app = running.app.clone();
        let person = app.engine.make_administrator("quantri", "Quản trị").await.unwrap();
        app.auth.set_password(person, "mưa rào tháng sáu".into()).await.unwrap();
        let file = store(&running, "minh chứng").await;
        let kept = app.engine.head();
        app.engine.make_administrator("phongmay", "Phòng máy").await.unwrap();
        drop((running, app));
        // The last record is cut out of the database; the head file still knows it.
        let broken = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
        let cut = format!("DROP TRIGGER record_kept; DELETE FROM record WHERE seq > {}", kept.seq);
        broken.execute_batch(&cut).unwrap();
        drop(broken);

        let saved = salvage(dir.path(), to.path()).unwrap();
        assert_eq!(saved.head, kept);
        let again = salvage(dir.path(), to.path()).unwrap_err();
        assert!(matches!(again, CopyError::NotEmpty { .. }), "{again}");

        let server = open(to.path()).await;
        assert_eq!(server.app.engine.head(), kept);
        assert_eq!(server.app.files.read(&file).await.unwrap(), "minh chứng".as_bytes());
        let right = server.app.auth.check_password(Some(person), "mưa rào tháng sáu".into());
        assert!(right.await.unwrap());
    }

    #[tokio::test]
    async fn a_salvage_that_fails_or_is_interrupted_leaves_nothing_in_the_way_of_the_next() {
        let (dir, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let running = open(dir.path()).await;
        running.app.engine.make_administrator("quantri", "Quản trị").await.unwrap();
        let head = running.app.engine.head();
        running.app.engine.stop().await;
        // The last file of all cannot be written, as on a disk that becomes full: its name leaves no room for an unfinished one.
        let long = dir.path().join("tls").join("x".repeat(253));
        fs::write(&long, "").unwrap();

        let (new, there) = (place.path().join("new"), place.path().join("there"));
        fs::create_dir_all(there.join("lost+found")).unwrap();
        for to in [&new, &there] {
            let failed = salvage(dir.path(), to).unwrap_err();
            assert!(matches!(failed, CopyError::File { .. }), "{failed}");
        }
        assert!(!new.exists(), "what it made is there");
        assert_eq!(entries(&there).unwrap(), [there.join("lost+found")]);

        fs::remove_file(long).unwrap();
        for to in [&new, &there] {
            // As after a power cut.
            fs::create_dir_all(to.join(UNFINISHED).join("files")).unwrap();
            fs::write(to.join(UNFINISHED).join("journal.db"), "half").unwrap();
            assert_eq!(salvage(dir.path(), to).unwrap().head, head);
            assert!(!to.join(UNFINISHED).exists());
            assert_eq!(open(to).await.app.engine.head(), head);
        }
    }

    #[tokio::test]
    async fn nobody_inherits_the_sign_in_of_one_whom_an_older_journal_does_not_know() {
        let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let password = || "mưa rào tháng sáu".to_owned();
        let app = open(dir.path()).await.app;
        let first = app.engine.make_administrator("quantri", "Quản trị").await.unwrap();
        app.auth.set_password(first, password()).await.unwrap();
        let (stays, _) = app.auth.open_session(Subject::Person(first), "test").await.unwrap();
        copy_of(&dir, &copy);

        let lost = app.engine.make_administrator("phongmay", "Phòng máy").await.unwrap();
        app.auth.set_password(lost, password()).await.unwrap();
        let link = app.auth.make_staff_link(lost).await.unwrap();
        let (token, _) = app.auth.open_session(Subject::Person(lost), "test").await.unwrap();
        let seat = Subject::Seat { site: domain::SiteId(1), generation: 1 };
        let (seat, _) = app.auth.open_session(seat, "test").await.unwrap();
        // The journal is of the copy, the secrets of today.
        copy_auth(&dir.path().join("auth.db"), &copy.path().join("auth.db")).unwrap();

        let restored = open(copy.path()).await.app;
        assert!(restored.auth.session(&stays).is_some());
        assert!(restored.auth.session(&token).is_none() && restored.auth.session(&seat).is_none());
        let next = restored.engine.make_administrator("thuky", "Thư ký").await.unwrap();
        assert_eq!(next, lost, "the number is given again");
        assert!(!restored.auth.check_password(Some(next), password()).await.unwrap());
        assert_eq!(restored.auth.look_at_link(link.token.hash()).await.unwrap(), Link::Unknown);
        assert!(restored.auth.check_password(Some(first), password()).await.unwrap());
    }

    fn copy_of(dir: &tempfile::TempDir, copy: &tempfile::TempDir) -> Copied {
        super::copy(dir.path(), copy.path()).unwrap()
    }
}
