//! Addresses that sign in by opening them: one for each role, site and unit. Only a demo has them.

use std::collections::BTreeMap;

use domain::{PersonId, permission::Role};
use server::{App, auth::DemoLogin};

use super::seed::Seeded;

/// By name, as the ready line has them: `chair`, `site:hoang-mai`, `unit:SNV`.
pub(crate) fn logins(app: &App, base: &str, seeded: &Seeded) -> BTreeMap<String, String> {
    let conference = seeded.conference;
    let link = |login, to: &str| format!("{base}{}", app.auth.demo_path(login, to));
    let person = |id: PersonId, to: &str| link(DemoLogin::Person(id), to);
    let mut logins = BTreeMap::new();
    for (&role, &id) in &seeded.staff {
        let to = home(role, conference.0);
        logins.insert(role.to_owned(), person(id, &to));
        if role == Role::Operator.as_str() {
            // The hall has no person of its own: its machine is the operator's.
            let hall = format!("/room/{conference}/hall");
            logins.insert("hall".to_owned(), person(id, &hall));
        }
    }
    for (code, &id) in &seeded.officers {
        logins.insert(format!("unit:{code}"), person(id, "/tasks"));
    }
    for site in app.engine.state().sites_of(conference) {
        let to = format!("/room/{conference}/site");
        logins.insert(format!("site:{}", site.slug), link(DemoLogin::Site(site.id), &to));
    }
    logins
}

/// The page on which a role begins.
fn home(role: &str, conference: u32) -> String {
    match role {
        "chair" | "operator" | "clerk" | "observer" => format!("/room/{conference}/{role}"),
        "desk_officer" => "/desk".to_owned(),
        _ => "/admin".to_owned(),
    }
}

/// What a person at the terminal is shown: whose address it is, Vietnamese and English.
pub(crate) const SHOWN: [(&str, &str); 11] = [
    ("operator", "Điều hành (operator)"),
    ("chair", "Chủ trì (chair)"),
    ("clerk", "Thư ký (clerk)"),
    ("hall", "Hội trường (hall)"),
    ("site:hoang-mai", "Điểm cầu quận Hoàng Mai (site)"),
    ("site:so-noi-vu", "Điểm cầu Sở Nội vụ (site)"),
    ("unit:SNV", "Đầu mối Sở Nội vụ (unit officer)"),
    ("unit:008", "Đầu mối UBND quận Hoàng Mai (unit officer)"),
    ("desk_officer", "Chuyên viên theo dõi (desk officer)"),
    ("observer", "Theo dõi (observer)"),
    ("admin", "Quản trị (administrator)"),
];
