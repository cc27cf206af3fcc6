//! The JSON API, version 1: thin. Each handler reads the state, or builds one domain command and submits it.
//!
//! A resource a file; each adds its operations, described, to one `Table`, from which the router, the OpenAPI document at
//! `/api/v1/openapi.json` and the test that walks every route with every role are made. Invariants: unknown properties are refused; every
//! status, content type and body that can leave is in the document; what is created under an `Idempotency-Key` is created once.

mod ask;
mod bounds;
mod conference;
mod directive;
mod file;
mod floor;
mod organisation;
mod programme;
mod receivers;
mod rehearsal;
mod session;
mod site;
mod table;
mod task;
#[cfg(test)]
mod tests;
mod written;

use std::sync::OnceLock;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    Actor, Command, conference::ConferenceCommand, directive::DirectiveCommand,
    organisation::OrganisationCommand,
};
use serde_json::Value;

pub(crate) use self::session::join as join_seat;
use self::table::Table;
use crate::app::App;

/// The API's own form of a domain enum: the same words, described for the document.
macro_rules! api_enum {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($variant),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                use $domain as Domain;
                match value { $(Domain::$variant => Self::$variant),+ }
            }
        }
        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                use $domain as Domain;
                match value { $($name::$variant => Domain::$variant),+ }
            }
        }
    };
}
pub(crate) use api_enum;

pub(crate) fn table() -> Table {
    Table::default()
        .with(session::operations)
        .with(conference::operations)
        .with(programme::operations)
        .with(site::operations)
        .with(floor::operations)
        .with(directive::operations)
        .with(task::operations)
        .with(organisation::operations)
        .with(receivers::operations)
        .with(file::operations)
        .with(rehearsal::operations)
}

/// Everything below `/api/v1`.
pub(crate) fn routes() -> Router<App> {
    table().into_router().route("/openapi.json", get(document))
}

/// Every operation, for the test that walks them.
#[cfg(test)]
pub(crate) fn operations() -> Vec<table::Listed> {
    table().operations
}

async fn document() -> Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let text = DOCUMENT.get_or_init(|| table().document().to_string());
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text.as_str())
        .into_response()
}

/// The thing that a stale command wanted to edit, as it is now.
fn current(app: &App, actor: Actor, command: &Command) -> Value {
    let state = app.engine.state();
    let today = app.clock.today();
    let organisation = state.organisation();
    match command {
        Command::Organisation(
            OrganisationCommand::EditUnit { unit, .. }
            | OrganisationCommand::CloseUnit { unit, .. },
        ) => organisation.unit(*unit).map(|unit| ask::shown(&organisation::Unit::from(unit))),
        Command::Organisation(
            OrganisationCommand::EditPerson { person, .. }
            | OrganisationCommand::SetRights { person, .. },
        ) => organisation
            .person(*person)
            .map(|person| ask::shown(&organisation::Person::new(app, person))),
        Command::Conference(
            ConferenceCommand::EditSite { site, .. } | ConferenceCommand::RemoveSite { site, .. },
        ) => Some(site::site_now(app, actor, *site)),
        Command::Conference(command) => command
            .conference()
            .and_then(|id| state.conference(id))
            .map(|found| ask::shown(&conference::Conference::new(app, &state, actor, found))),
        Command::Directive(
            DirectiveCommand::Edit { directive, .. }
            | DirectiveCommand::TakeBack { directive, .. }
            | DirectiveCommand::Agree { directive, .. },
        ) => state
            .directive(*directive)
            .map(|directive| ask::shown(&directive::Directive::new(&state, directive, today))),
        Command::Task(command) => state
            .tasks()
            .task(command.task())
            .map(|task| ask::shown(&task::TaskStory::new(task, today))),
        Command::Organisation(_) | Command::Directive(_) | Command::Floor(_) => None,
    }
    .unwrap_or(Value::Null)
}
