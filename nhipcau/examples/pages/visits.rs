//! Which pages are asked for, and by whom: every GET route of the router with addresses that weigh most, for every kind of visitor.
//!
//! The routes are read from the tables themselves, so that a new page without an address here is an error and not forgotten.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use domain::{
    ConferenceId, PersonId, SiteId,
    conference::{Conference, Phase},
    task::{Step, TaskStatus},
};
use server::{
    App,
    auth::{Jar, Subject, Token, session_cookie},
    files::FileHash,
};

/// Where routes are listed.
const TABLES: [&str; 4] = [
    include_str!("../../../crates/server/src/router.rs"),
    include_str!("../../../crates/server/src/pages/mod.rs"),
    include_str!("../../../crates/server/src/room/mod.rs"),
    include_str!("../../../crates/server/src/room/pages/mod.rs"),
];

/// Not asked for, with the reason.
const LEFT_OUT: [(&str, &str); 1] = [("/demo/{link}", "exists in a demo only, and signs in")];

/// What is made and sent as a file: measured and shown, but not held to the limit of a page.
const FILES: [&str; 6] = [
    "/api/v1/files/{hash}",
    "/conferences/template.xlsx",
    "/conferences/{conference}/codes.pdf",
    "/conferences/{conference}/workbook.xlsx",
    "/conferences/{conference}/notice.pdf",
    "/tasks/{task}/files/{hash}",
];

/// Somebody with a browser.
pub(crate) struct Visitor {
    pub(crate) name: &'static str,
    pub(crate) cookie: String,
}

/// One address under one route.
pub(crate) struct Address {
    pub(crate) route: String,
    pub(crate) path: String,
}

impl Address {
    pub(crate) fn is_file(&self) -> bool {
        FILES.contains(&self.route.as_str())
    }
}

/// The things that addresses name.
struct Things {
    /// Concluded, with the most tasks.
    large: ConferenceId,
    /// Concluded, an ordinary one.
    usual: ConferenceId,
    closed: ConferenceId,
    live: ConferenceId,
    draft: ConferenceId,
    site: SiteId,
    person: PersonId,
}

impl Things {
    fn of(app: &App) -> Result<Self> {
        let state = app.engine.state();
        let of_phase = |phase: Phase| state.conferences().filter(move |c| c.phase == phase);
        let tasks = |c: &&Conference| state.tasks().lines_of(c.id).count();
        let live = of_phase(Phase::InSession).next().context("one is in session")?;
        Ok(Self {
            large: of_phase(Phase::Concluded).max_by_key(tasks).context("one is concluded")?.id,
            usual: of_phase(Phase::Concluded).last().context("one is concluded")?.id,
            closed: of_phase(Phase::Closed).next().context("one is closed")?.id,
            live: live.id,
            draft: of_phase(Phase::Draft).next().context("one is being prepared")?.id,
            site: state.sites_of(live.id).last().context("it has sites")?.id,
            person: state.organisation().person_by_login("many").context("many is there")?.id,
        })
    }
}

/// Everybody who comes.
pub(crate) async fn visitors(app: &App) -> Result<Vec<Visitor>> {
    let state = app.engine.state();
    let organisation = state.organisation();
    let mut visitors = vec![Visitor { name: "nobody", cookie: String::new() }];
    // The district and the commune that lead most.
    let busiest = |commune: bool| {
        let kind = if commune {
            domain::organisation::UnitKind::Commune
        } else {
            domain::organisation::UnitKind::District
        };
        let unit = organisation.units().filter(|unit| unit.kind == kind).max_by_key(|unit| {
            state.tasks().led_by(unit.id).count() + state.tasks().coordinated_by(unit.id).count()
        })?;
        Some(format!("{}.tonghop", unit.code.to_lowercase()))
    };
    let office = "snv.tonghop".to_owned();
    for (name, login) in [
        ("admin", Some("admin".to_owned())),
        ("desk officer", Some("desk".into())),
        ("chair", Some("chair".into())),
        ("operator", Some("operator".into())),
        ("clerk", Some("clerk".into())),
        ("observer", Some("observer".into())),
        ("officer of a department", Some(office)),
        ("officer of a district", busiest(false)),
        ("officer of a commune", busiest(true)),
        ("officer of 60 units", Some("many".into())),
    ] {
        let login = login.context("the city has such a unit")?;
        let person =
            organisation.person_by_login(&login).with_context(|| format!("{login} is there"))?.id;
        let (token, _) = app.auth.open_session(Subject::Person(person), "bench").await?;
        visitors.push(Visitor { name, cookie: cookie(Jar::Person, token)? });
    }
    let site = Things::of(app)?.site;
    let generation = state.site(site).context("the site is there")?.code_generation;
    let (token, _) = app.auth.open_session(Subject::Seat { site, generation }, "bench").await?;
    visitors.push(Visitor { name: "site", cookie: cookie(Jar::Seat, token)? });
    Ok(visitors)
}

fn cookie(jar: Jar, token: Token) -> Result<String> {
    let set = session_cookie(jar, false, &[token], 1000);
    Ok(set.to_str()?.split(';').next().unwrap_or_default().to_owned())
}

/// GET routes of the tables, and of the API's own document.
fn routes(document: &serde_json::Value) -> BTreeSet<String> {
    let mut routes = BTreeSet::from(["/api/v1/openapi.json".to_owned()]);
    for table in TABLES {
        // Tests of a table are no routes.
        for entry in table.split(".route(").skip(1) {
            let Some((_, rest)) = entry.split_once('"') else { continue };
            let Some((path, rest)) = rest.split_once('"') else { continue };
            let handler = rest.trim_start_matches([',', ' ', '\n']);
            if handler.starts_with("get(") {
                routes.insert(path.to_owned());
            }
        }
    }
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        if item.get("get").is_some() {
            routes.insert(format!("/api/v1{path}"));
        }
    }
    routes
}

/// Every address to ask for. An error names routes that have none.
pub(crate) async fn addresses(app: &App, document: &serde_json::Value) -> Result<Vec<Address>> {
    let state = app.engine.state();
    let things = Things::of(app)?;
    let Things { large, usual, closed, live, draft, site, person } = things;
    let unit = state.organisation().units().last().context("there are units")?.id;
    // Tasks in every state, the longest stories first.
    let mut tasks = Vec::new();
    for status in [
        TaskStatus::Assigned,
        TaskStatus::Acknowledged,
        TaskStatus::Reported,
        TaskStatus::Returned,
        TaskStatus::Completed,
    ] {
        let longest = state
            .tasks()
            .all()
            .filter(|task| task.status == status)
            .max_by_key(|task| task.story.len());
        tasks.extend(longest.map(|task| task.id));
    }
    tasks.extend(state.tasks().asking().last().map(|task| task.id));
    let mut with_file = None;
    for task in state.tasks().all().filter(|task| task.id.0 % 50 == 0) {
        for line in &task.story {
            let Step::Reported { evidence, .. } = &line.what else { continue };
            let Some(hash) = evidence.first().and_then(|file| FileHash::parse(&file.hash)) else {
                continue;
            };
            if app.files.size(&hash).await.is_some() {
                with_file = Some((task.id, hash.as_str().to_owned()));
            }
        }
    }
    let directive =
        state.directives_of(large).max_by_key(|d| d.tasks.len()).context("it has directives")?.id;
    let notice = state.conference(large).and_then(|c| c.notice).context("it has its notice")?;
    let staff_link = app.staff_path(person).await?;
    let generation = state.site(site).map_or(0, |site| site.code_generation);
    let site_link = app.auth.site_link(site, generation);
    let head = app.engine.head().seq;
    let build = asset_path(app).await?;

    let mut all: Vec<Address> = Vec::new();
    let mut add = |route: &str, path: String| all.push(Address { route: route.to_owned(), path });
    for plain in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/",
        "/signin",
        "/signin/code",
        "/password",
        "/privacy",
        "/handbook",
        "/styleguide",
        "/ca",
        "/ca.crt",
        "/join",
        "/tasks",
        "/tasks/live",
        "/desk",
        "/desk/live",
        "/conferences",
        "/conferences/new",
        "/conferences/import",
        "/conferences/template.xlsx",
        "/admin",
        "/admin/units",
        "/admin/units/new",
        "/admin/units/unreached",
        "/admin/people",
        "/admin/people/new",
        "/admin/calendar",
        "/admin/people/sheets",
        "/admin/audit",
        "/tasks/all",
        "/api/v1/calendar",
        "/api/v1/openapi.json",
    ] {
        add(plain, plain.to_owned());
    }
    add("/assets/{build}/{*path}", build);
    add("/staff/{token}", staff_link);
    // The paper itself is printed by a POST and only fetched here: one that is not kept leads back to the form.
    add("/admin/people/sheets/{paper}", "/admin/people/sheets/khong-giu".to_owned());
    add("/join/{token}", format!("/join/{site_link}"));
    for name in ["chuan-bi", "may-chu", "trong-gio-hop"] {
        add("/handbook/{name}", format!("/handbook/{name}"));
    }
    // Long lists: deep, narrowed, searched.
    for query in [
        "page=2",
        "page=500",
        "page=1000",
        "page=99999",
        "mark=over",
        "mark=over&page=5",
        "mark=done&page=400",
        "mark=late",
        "mark=wait&page=20",
        "mark=soon",
        "mark=back",
        "mark=doing&page=50",
        "mark=open",
        "mark=steady&page=9",
        "unit=hoang",
        "unit=ubnd",
        "unit=ubnd&mark=over&page=9",
        "unit=x&page=3",
        "unit=zzzz",
    ] {
        add("/tasks/all", format!("/tasks/all?{query}"));
    }
    for conference in [large, usual] {
        for query in [
            "",
            "&page=30",
            "&page=200",
            "&mark=over",
            "&mark=done&page=9",
            "&unit=ba",
            "&unit=ubnd&mark=wait",
        ] {
            add("/tasks/all", format!("/tasks/all?conference={conference}{query}"));
        }
    }
    add("/tasks/all", format!("/tasks/all?conference={large}&directive={directive}"));
    add("/tasks/all", format!("/tasks/all?conference={large}&directive={directive}&page=11"));
    add("/tasks/all", format!("/tasks/all?unit={unit}&mark=done"));
    for page in [2, 20, 9999] {
        add("/desk", format!("/desk?page={page}"));
    }
    add("/conferences", "/conferences?page=2".into());
    for query in
        ["q=hoang", "q=u", "kind=commune", "kind=commune&page=9", "q=ubnd&page=7", "q=zzzz"]
    {
        add("/admin/units", format!("/admin/units?{query}"));
    }
    for query in ["page=9", "q=ubnd&page=2", "why=nobody", "conference=1"] {
        add("/admin/units/unreached", format!("/admin/units/unreached?{query}"));
    }
    for query in ["page=13", "q=ubnd", "q=ubnd&page=9", "q=desk", "q=zzzz"] {
        add("/admin/people", format!("/admin/people?{query}"));
    }
    add("/admin/audit", format!("/admin/audit?to={}", head / 2));
    add("/admin/units/{unit}", format!("/admin/units/{unit}"));
    add("/admin/people/{person}", format!("/admin/people/{person}"));
    for task in &tasks {
        add("/tasks/{task}", format!("/tasks/{task}"));
        add("/tasks/{task}/live", format!("/tasks/{task}/live?seq=1"));
        add("/api/v1/tasks/{task}", format!("/api/v1/tasks/{task}"));
    }
    let (task, hash) = with_file.context("some task has evidence")?;
    add("/tasks/{task}/files/{hash}", format!("/tasks/{task}/files/{hash}"));
    for conference in [large, usual, closed, live, draft] {
        for page in [
            "",
            "/live",
            "/outline",
            "/programme",
            "/sites",
            "/sites/live",
            "/roll",
            "/roll/live",
            "/staff",
            "/notice",
            "/notice/live",
            "/overview",
            "/overview/live",
            "/codes.pdf",
            "/workbook.xlsx",
            "/notice.pdf",
        ] {
            add(
                &format!("/conferences/{{conference}}{page}"),
                format!("/conferences/{conference}{page}"),
            );
        }
        for room in [
            "check",
            "site",
            "chair",
            "operator",
            "hall",
            "observer",
            "clerk",
            "clerk/live",
            "clerk/units",
            "clerk/due",
            "clerk/load",
        ] {
            let query = match room {
                "clerk/due" => "?words=tr%C6%B0%E1%BB%9Bc%2030%2F6".to_owned(),
                "clerk/load" => format!("?unit={unit}&words=tr%C6%B0%E1%BB%9Bc%2030%2F6"),
                _ => String::new(),
            };
            add(
                &format!("/room/{{conference}}/{room}"),
                format!("/room/{conference}/{room}{query}"),
            );
        }
        for list in ["", "/codes", "/directives", "/floor"] {
            add(
                &format!("/api/v1/conferences/{{conference}}{list}"),
                format!("/api/v1/conferences/{conference}{list}"),
            );
        }
    }
    for query in
        ["?page=2", "?show=late", "?kind=commune", "?kind=commune&page=9", "?kind=district"]
    {
        add("/conferences/{conference}/overview", format!("/conferences/{large}/overview{query}"));
    }
    for query in ["?page=2", "?page=9"] {
        add("/conferences/{conference}/sites", format!("/conferences/{live}/sites{query}"));
        add("/conferences/{conference}/roll", format!("/conferences/{live}/roll{query}"));
    }
    add("/conferences/{conference}/sites/{site}", format!("/conferences/{live}/sites/{site}"));
    // The API's lists, and one of each thing.
    let last = state.tasks().all().last().map_or(0, |task| task.id.0);
    for query in [
        "".to_owned(),
        "?limit=200".into(),
        format!("?limit=200&after={}", last / 2),
        format!("?limit=200&after={}", last - 200),
        "?status=reported&limit=200".into(),
        "?standing=overdue&limit=200".into(),
        format!("?standing=done_late&limit=200&after={}", last / 2),
        format!("?conference={large}&limit=200"),
        format!("?conference={large}&limit=200&after={}", last / 2),
        format!("?unit={unit}&limit=200"),
        format!("?unit={unit}&status=completed&limit=200"),
    ] {
        add("/api/v1/tasks", format!("/api/v1/tasks{query}"));
    }
    for query in ["", "?limit=200", "?limit=200&after=400", "?q=hoang", "?q=u", "?q=ubnd"] {
        add("/api/v1/units", format!("/api/v1/units{query}"));
    }
    for query in ["", "?limit=200", "?q=ubnd", "?conference=1"] {
        add("/api/v1/units/unreached", format!("/api/v1/units/unreached{query}"));
    }
    for query in ["", "?limit=200", "?limit=200&after=400"] {
        add("/api/v1/people", format!("/api/v1/people{query}"));
    }
    for query in ["", "?limit=200"] {
        add("/api/v1/conferences", format!("/api/v1/conferences{query}"));
    }
    add("/api/v1/units/{unit}", format!("/api/v1/units/{unit}"));
    add("/api/v1/people/{person}", format!("/api/v1/people/{person}"));
    add("/api/v1/notices/{notice}", format!("/api/v1/notices/{notice}"));
    add("/api/v1/files/{hash}", format!("/api/v1/files/{hash}?name=bao-cao.pdf"));
    for plain in ["/api/v1/sessions", "/api/v1/me", "/api/v1/head"] {
        add(plain, plain.to_owned());
    }

    let asked: BTreeSet<&str> = all.iter().map(|address| address.route.as_str()).collect();
    let missing: Vec<String> = routes(document)
        .into_iter()
        .filter(|route| {
            !asked.contains(route.as_str())
                && !LEFT_OUT.iter().any(|(left_out, _)| left_out == route)
        })
        .collect();
    if !missing.is_empty() {
        bail!(
            "no address is asked for under these routes; add them to visits.rs: {}",
            missing.join(", ")
        );
    }
    let known = routes(document);
    all.retain(|address| known.contains(&address.route));
    Ok(all)
}

/// The first style sheet that a page names.
async fn asset_path(app: &App) -> Result<String> {
    let page = super::measure::text(app, "/signin", "").await?;
    let (_, rest) = page.split_once("href=\"/assets/").context("a page names its style")?;
    let (path, _) = rest.split_once('"').context("an attribute ends")?;
    Ok(format!("/assets/{path}"))
}
