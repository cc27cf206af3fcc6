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
pub(crate) mod receivers;
mod styleguide;
mod task;
#[cfg(test)]
mod tests;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Uri,
    response::Redirect,
    routing::{MethodRouter, get, post},
};

use crate::app::App;

pub(crate) use admin::SHEETS_MAX;
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

/// An address that a form is sent to. A refused form is answered there, so the address stands in the browser: who asks for it again is
/// led to the page of the form, `up` levels higher.
fn form<H, T>(up: usize, handler: H) -> MethodRouter<App>
where
    H: Handler<T, App>,
    T: 'static,
{
    post(handler).get(move |uri: Uri| async move {
        let page = uri.path().rsplitn(up + 1, '/').last().unwrap_or("/");
        Redirect::to(page)
    })
}

fn door_routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/signin", get(door::signin_form).post(door::signin))
        .route("/signout", post(door::signout))
        .route("/signin/code", get(door::code_form).post(door::use_code))
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
        .route("/tasks/{task}/acknowledge", form(1, task::acknowledge))
        // Files come with it: each has its own limit in the store.
        .route("/tasks/{task}/files", post(task::send_ahead).layer(DefaultBodyLimit::disable()))
        .route("/tasks/{task}/report", form(1, task::report).layer(DefaultBodyLimit::disable()))
        .route("/tasks/{task}/withdraw", form(1, task::withdraw))
        .route("/tasks/{task}/extension", form(1, task::ask_extension))
        .route("/tasks/{task}/grant", form(1, task::grant))
        .route("/tasks/{task}/refuse", form(1, task::refuse))
        .route("/tasks/{task}/complete", form(1, task::complete))
        .route("/tasks/{task}/return", form(1, task::send_back))
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
        .route("/conferences/import/confirm", form(1, c::confirm))
        .route("/conferences/import/convert", form(1, c::convert))
        .route("/conferences/template.xlsx", get(c::template))
        .route("/conferences/{conference}", get(c::readiness))
        .route("/conferences/{conference}/live", get(c::readiness_live))
        .route("/conferences/{conference}/life/{step}", form(2, c::lifecycle))
        .route("/conferences/{conference}/codes.pdf", get(c::codes_pdf))
        .route("/conferences/{conference}/workbook.xlsx", get(c::workbook))
        .route("/conferences/{conference}/outline", get(c::edit_form).post(c::edit))
        .route("/conferences/{conference}/programme", get(c::programme).post(c::add_item))
        .route("/conferences/{conference}/programme/{item}", form(1, c::edit_item))
        .route("/conferences/{conference}/programme/{item}/remove", form(2, c::remove_item))
        .route("/conferences/{conference}/programme/{item}/move", form(2, c::move_item))
        .route("/conferences/{conference}/sites", get(c::sites).post(c::add_site))
        .route("/conferences/{conference}/sites/live", get(c::sites_live))
        .route("/conferences/{conference}/sites/{site}", get(c::site_form).post(c::edit_site))
        .route("/conferences/{conference}/sites/{site}/remove", form(1, c::remove_site))
        .route("/conferences/{conference}/sites/{site}/code", form(1, c::rotate_code))
        .route("/conferences/{conference}/roll", get(c::roll))
        .route("/conferences/{conference}/roll/live", get(c::roll_live))
        .route("/conferences/{conference}/roll/{site}", form(1, c::mark_roll))
        .route("/conferences/{conference}/staff", get(c::staff).post(c::assign))
        .route("/conferences/{conference}/staff/remove", form(1, c::remove_staff))
        .route("/conferences/{conference}/notice", get(c::notice).post(c::issue))
        .route("/conferences/{conference}/notice/live", get(c::notice_live))
        .route("/conferences/{conference}/notice/preview", form(1, c::preview))
        .route("/conferences/{conference}/notice/agree", form(1, c::agree_all))
        .route("/conferences/{conference}/notice/agree/{directive}", form(2, c::agree))
        .route("/conferences/{conference}/notice/move/{directive}", form(2, c::move_point))
        .route("/conferences/{conference}/notice.pdf", get(c::notice_pdf).post(c::notice_pdf_typed))
        .route("/conferences/{conference}/overview", get(c::overview))
        .route("/conferences/{conference}/overview/live", get(c::overview_live))
        .route("/room/{conference}/clerk", get(c::clerk::clerk).post(c::clerk::record))
        .route("/room/{conference}/clerk/live", get(c::clerk::live))
        .route("/room/{conference}/clerk/units", get(c::clerk::units))
        .route("/room/{conference}/clerk/due", get(c::clerk::read_due))
        .route("/room/{conference}/clerk/load", get(c::clerk::load))
        .route("/room/{conference}/clerk/{directive}/take-back", form(2, c::clerk::take_back))
        .route("/room/{conference}/clerk/{directive}/restore", form(2, c::clerk::restore))
}

fn admin_routes() -> Router<App> {
    Router::new()
        .route("/admin", get(admin::admin))
        .route("/admin/units", get(admin::units).post(admin::add_unit))
        .route("/admin/units/new", get(admin::unit_form))
        .route("/admin/units/unreached", get(admin::unreached))
        .route("/admin/units/{unit}", get(admin::unit).post(admin::edit_unit))
        .route("/admin/units/{unit}/close", form(1, admin::close_unit))
        .route("/admin/units/{unit}/officer", form(1, admin::appoint))
        .route("/admin/people", get(admin::people).post(admin::add_person))
        .route("/admin/people/new", get(admin::person_form))
        .route("/admin/people/sheets", get(admin::sheets).post(admin::make_sheets))
        .route("/admin/people/sheets/{paper}", get(admin::sheets_pdf))
        .route("/admin/people/{person}", get(admin::person).post(admin::edit_person))
        .route("/admin/people/{person}/rights", form(1, admin::rights))
        .route("/admin/people/{person}/link", form(1, admin::link))
        .route("/admin/people/{person}/sessions", form(1, admin::end_sessions))
        .route("/admin/people/{person}/forget", form(1, admin::forget))
        .route("/admin/people/{person}/deactivate", form(1, admin::deactivate))
        .route("/admin/people/{person}/activate", form(1, admin::activate))
        .route("/admin/calendar", get(admin::calendar).post(admin::adopt))
        .route("/admin/audit", get(admin::audit))
}
