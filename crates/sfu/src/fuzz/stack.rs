//! Panics of the protocol stack that are known. Each is contained where it happens: a peer is discarded, an offer refused.
//! They are the stack's to mend; with a version of it that has, their lines here go.

use std::{cell::RefCell, panic, sync::Once};

/// Where, and how the message begins.
const KNOWN: &[(&str, &str)] = &[
    // A publisher whose transport-wide numbers leap: the count of a report overflows. Only where overflows are checked,
    // which is not in a release.
    ("str0m-0.25.0/src/rtp/rtcp/twcc.rs", "attempt to add with overflow"),
    // An offer in which one payload type means different things on different lines.
    ("str0m-0.25.0/src/format/payload_params.rs", "Pt locked multiple times"),
];

thread_local! {
    static LAST: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

fn is_known(file: &str, message: &str) -> bool {
    KNOWN.iter().any(|(at, begins)| file.ends_with(at) && message.starts_with(begins))
}

/// Listens to panics from now on, and keeps quiet about those that are known.
pub(super) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let file = panic.location().map(|at| at.file().to_owned()).unwrap_or_default();
            let message = panic.payload_as_str().unwrap_or_default().to_owned();
            let known = is_known(&file, &message);
            LAST.set(Some((file, message)));
            if !known {
                before(panic);
            }
        }));
    });
    LAST.set(None);
}

/// Panics itself unless the last panic on this thread is a known one.
pub(super) fn must_be_known() {
    let last = LAST.take();
    let known = last.as_ref().is_some_and(|(file, message)| is_known(file, message));
    assert!(known, "the protocol stack panicked: {last:?}");
}
