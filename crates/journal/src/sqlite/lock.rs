//! One process writes a journal: an advisory lock on the file `lock`, which ends with its process.
//!
//! The writer holds it alone and leaves its process id in the file. Who reads a journal that nobody
//! writes shares it, so that no writer starts meanwhile.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::Path,
};

#[derive(Debug)]
pub(crate) struct Lock {
    _file: Option<File>,
}

pub(crate) enum Taken {
    /// By a writer; its process id where it can be read.
    ByWriter(Option<u32>),
    ByReaders,
}

impl Lock {
    pub(crate) fn exclusive(path: &Path) -> io::Result<Result<Self, Taken>> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if file.try_lock_shared().is_ok() => {
                return Ok(Err(Taken::ByReaders));
            }
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                return Ok(Err(Taken::ByWriter(pid.trim().parse().ok())));
            }
        }
        // The process id is a courtesy: a full disk must not keep the server from starting.
        let _ = file
            .rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Ok(Self { _file: Some(file) }))
    }

    /// `None` while a writer runs. Creates nothing: a journal without the file is not being written.
    pub(crate) fn shared(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Some(Self { _file: None }));
            }
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
