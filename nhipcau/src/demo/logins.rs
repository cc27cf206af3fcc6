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

/// Sites shown to a person at the terminal; `--json` names all.
pub(crate) const SITES_SHOWN: usize = 4;

/// Whose address it is, Vietnamese and English, and the address, in the order in which a person at the terminal would take the seats.
pub(crate) fn shown<'a>(
    app: &App,
    logins: &'a BTreeMap<String, String>,
    seeded: &Seeded,
) -> Vec<(String, &'a str)> {
    let state = app.engine.state();
    let said = |name: &str, words: &str| (name.to_owned(), words.to_owned());
    let mut shown = vec![
        said("chair", "Chủ trì (chair)"),
        said("operator", "Điều hành (operator)"),
        said("clerk", "Thư ký (clerk)"),
        said("observer", "Theo dõi (observer)"),
        said("hall", "Màn hình hội trường (hall)"),
    ];
    let sites: Vec<_> = state.sites_of(seeded.conference).take(SITES_SHOWN).collect();
    for site in &sites {
        shown.push((format!("site:{}", site.slug), format!("Điểm cầu {} (site)", site.name)));
    }
    let units = sites.iter().flat_map(|site| &site.units);
    for unit in units.filter_map(|unit| state.organisation().unit(*unit)) {
        let words = format!("Đầu mối {} (unit officer)", unit.name);
        shown.push((format!("unit:{}", unit.code), words));
    }
    shown.push(said("desk_officer", "Chuyên viên theo dõi (desk officer)"));
    shown.push(said("admin", "Quản trị (administrator)"));
    shown
        .into_iter()
        .filter_map(|(name, words)| Some((words, logins.get(&name)?.as_str())))
        .collect()
}
