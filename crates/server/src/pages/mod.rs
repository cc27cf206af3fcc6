//! Office pages: what a person of the Office or of a unit sees and does, rendered on the server, working as plain forms.
//!
//! ```text
//! GET  ─▶ Cx (who, state, language, day) ─▶ view of the state ─▶ page
//! POST ─▶ Posted (the same, the form's owner, what was typed) ─▶ command ─▶ engine ─▶ redirect, or the page with what was typed
//! ```
//! Nothing here decides what may happen: buttons ask `State::may`, the domain judges. Two invariants: every POST goes through `Posted`
//! (or `Cx::owner_of`, where files come with it), which finds out for whom the form was made; and what was typed comes back whatever
//! goes wrong.

mod admin;
mod book;
mod certificate;
pub(crate) mod choices;
mod conference;
mod cx;
mod door;
mod fields;
mod form;
mod handbook;
mod home;
mod paper;
mod styleguide;
mod task;
#[cfg(test)]
mod tests;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::app::App;

pub(crate) use cx::{Cx, Paging, Posted, Window, attachment, encode, inline};

/// Every office page.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/styleguide", get(styleguide::page))
        .merge(door_routes())
        .merge(task_routes())
        .merge(conference_routes())
        .merge(admin_routes())
}

fn door_routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/signin", get(door::signin_form).post(door::signin))
        .route("/signout", post(door::signout))
        .route("/staff/{token}", get(door::staff_link).post(door::use_staff_link))
        .route("/password", get(door::password_form).post(door::change_password))
        .route("/ca", get(certificate::page))
        .route("/ca.crt", get(certificate::download))
        .route("/privacy", get(handbook::privacy))
        .route("/handbook", get(handbook::contents))
        .route("/handbook/{name}", get(handbook::handbook))
}

fn task_routes() -> Router<App> {
    Router::new()
        .route("/tasks", get(task::today))
        .route("/tasks/live", get(task::today_live))
        .route("/tasks/all", get(task::all))
        .route("/tasks/{task}", get(task::show))
        .route("/tasks/{task}/live", get(task::show_live))
        .route("/tasks/{task}/acknowledge", post(task::acknowledge))
        // Files come with it: each has its own limit in the store.
        .route("/tasks/{task}/report", post(task::report).layer(DefaultBodyLimit::disable()))
        .route("/tasks/{task}/extension", post(task::ask_extension))
        .route("/tasks/{task}/grant", post(task::grant))
        .route("/tasks/{task}/refuse", post(task::refuse))
        .route("/tasks/{task}/complete", post(task::complete))
        .route("/tasks/{task}/return", post(task::send_back))
        .route("/tasks/{task}/files/{hash}", get(task::download))
        .route("/desk", get(task::desk))
        .route("/desk/live", get(task::desk_live))
}

fn conference_routes() -> Router<App> {
    use conference as c;
    Router::new()
        .route("/conferences", get(c::list).post(c::create))
        .route("/conferences/new", get(c::new_form))
        .route(
            "/conferences/import",
            get(c::import_form).post(c::import).layer(DefaultBodyLimit::disable()),
        )
        .route("/conferences/import/confirm", post(c::confirm))
        .route("/conferences/template.xlsx", get(c::template))
        .route("/conferences/{conference}", get(c::readiness))
        .route("/conferences/{conference}/live", get(c::readiness_live))
        .route("/conferences/{conference}/life/{step}", post(c::lifecycle))
        .route("/conferences/{conference}/codes.pdf", get(c::codes_pdf))
        .route("/conferences/{conference}/workbook.xlsx", get(c::workbook))
        .route("/conferences/{conference}/outline", get(c::edit_form).post(c::edit))
        .route("/conferences/{conference}/programme", get(c::programme).post(c::add_item))
        .route("/conferences/{conference}/programme/{item}", post(c::edit_item))
        .route("/conferences/{conference}/programme/{item}/remove", post(c::remove_item))
        .route("/conferences/{conference}/programme/{item}/move", post(c::move_item))
        .route("/conferences/{conference}/sites", get(c::sites).post(c::add_site))
        .route("/conferences/{conference}/sites/live", get(c::sites_live))
        .route("/conferences/{conference}/sites/{site}", get(c::site_form).post(c::edit_site))
        .route("/conferences/{conference}/sites/{site}/remove", post(c::remove_site))
        .route("/conferences/{conference}/sites/{site}/code", post(c::rotate_code))
        .route("/conferences/{conference}/staff", get(c::staff).post(c::assign))
        .route("/conferences/{conference}/staff/remove", post(c::remove_staff))
        .route("/conferences/{conference}/notice", get(c::notice).post(c::issue))
        .route("/conferences/{conference}/notice/live", get(c::notice_live))
        .route("/conferences/{conference}/notice/preview", post(c::preview))
        .route("/conferences/{conference}/notice/agree", post(c::agree_all))
        .route("/conferences/{conference}/notice/agree/{directive}", post(c::agree))
        .route("/conferences/{conference}/notice/move/{directive}", post(c::move_point))
        .route("/conferences/{conference}/notice.pdf", get(c::notice_pdf).post(c::notice_pdf_typed))
        .route("/conferences/{conference}/overview", get(c::overview))
        .route("/conferences/{conference}/overview/live", get(c::overview_live))
        .route("/room/{conference}/clerk", get(c::clerk::clerk).post(c::clerk::record))
        .route("/room/{conference}/clerk/live", get(c::clerk::live))
        .route("/room/{conference}/clerk/units", get(c::clerk::units))
        .route("/room/{conference}/clerk/due", get(c::clerk::read_due))
        .route("/room/{conference}/clerk/load", get(c::clerk::load))
        .route("/room/{conference}/clerk/{directive}/take-back", post(c::clerk::take_back))
        .route("/room/{conference}/clerk/{directive}/restore", post(c::clerk::restore))
}

fn admin_routes() -> Router<App> {
    Router::new()
        .route("/admin", get(admin::admin))
        .route("/admin/units", get(admin::units).post(admin::add_unit))
        .route("/admin/units/new", get(admin::unit_form))
        .route("/admin/units/{unit}", get(admin::unit).post(admin::edit_unit))
        .route("/admin/units/{unit}/close", post(admin::close_unit))
        .route("/admin/people", get(admin::people).post(admin::add_person))
        .route("/admin/people/new", get(admin::person_form))
        .route("/admin/people/{person}", get(admin::person).post(admin::edit_person))
        .route("/admin/people/{person}/rights", post(admin::rights))
        .route("/admin/people/{person}/link", post(admin::link))
        .route("/admin/people/{person}/sessions", post(admin::end_sessions))
        .route("/admin/people/{person}/forget", post(admin::forget))
        .route("/admin/people/{person}/deactivate", post(admin::deactivate))
        .route("/admin/people/{person}/activate", post(admin::activate))
        .route("/admin/audit", get(admin::audit))
}
