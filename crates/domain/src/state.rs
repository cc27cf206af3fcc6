//! Everything that is true, as of the last event.

use imbl::OrdMap;

use crate::{
    ConferenceId, SiteId,
    conference::{Conference, Site},
    directive::Directives,
    organisation::Organisation,
    task::Tasks,
};

/// Read through its questions; changed by `apply` alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// seq of the last event applied.
    pub(crate) seq: u64,
    pub(crate) organisation: Organisation,
    pub(crate) conferences: OrdMap<ConferenceId, Conference>,
    pub(crate) sites: OrdMap<SiteId, Site>,
    pub(crate) directives: Directives,
    pub(crate) tasks: Tasks,
}
