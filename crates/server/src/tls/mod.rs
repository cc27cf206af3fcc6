//! Certificates. (In progress: the local authority, files, proxies.)

/// The certificate people see.
#[derive(Debug, Default)]
pub struct Identity {}
