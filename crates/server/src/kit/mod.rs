//! The kit: page layout and components, with the class names of `web/styles`. Pages are made of these and of nothing else.
//!
//! Invariant: no inline script or style, no other origin; a state is always a shape and a word (`state`, `mark`), colour only repeats it.

mod ctx;
mod form;
mod layout;
mod parts;
mod upload;

pub use ctx::Ctx;
pub(crate) use form::signin_path;
pub use form::{Choice, Fields, Posted, csrf_field, hidden, local_path};
pub(crate) use layout::{DEMO_CLOCK_DAYS, is_in_session, lang_cookie, theme_cookie};
pub use layout::{Nav, Page, Theme, error_page, lang_of, languages, other_language, theme_of};
pub use parts::*;
pub(crate) use upload::{Part, Parts};
