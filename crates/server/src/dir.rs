//! The directory: `DIR/{config.toml, journal.db, head, auth.db, files/, tls/}`. One program at a time: the journal holds its lock.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
#[error("cannot use the directory {path}; it must be a folder that this user may write")]
pub struct DirError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Makes the directory and its folders where they are missing.
pub fn prepare(path: &Path) -> Result<(), DirError> {
    for folder in [path.to_owned(), path.join("files"), path.join("tls")] {
        create_private(&folder).map_err(|source| DirError { path: folder, source })?;
    }
    Ok(())
}

/// A folder only its owner can read: it holds keys.
fn create_private(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Writes a small file so that it is whole or absent after a crash, readable by its owner only.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
