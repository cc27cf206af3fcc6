//! Units and people.

use axum::{Json, http::StatusCode};
use domain::{
    CommandKind as K, Event, PersonId, Role, UnitId,
    organisation::{
        OrganisationCommand as C, OrganisationEvent, Person as DomainPerson, Unit as DomainUnit,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Accepted, Caller, Ids, Made, Paging, Query, Sent},
    table::{Access, Op, Table},
    written::{Day, Line},
};
use crate::{
    app::App,
    auth::link_hours,
    pages::SHEETS_MAX,
    problem::{Problem, Result},
};

const EVERYBODY: &[Role] = &[
    Role::Chair,
    Role::Operator,
    Role::Clerk,
    Role::UnitOfficer,
    Role::DeskOfficer,
    Role::Observer,
    Role::Admin,
];

pub(super) fn operations(table: Table) -> Table {
    let unit = json!({ "code": "SNV2", "name": "Sở Nội vụ", "short": "Sở Nội vụ", "kind": "department", "valid_from": "2021-01-01" });
    let person = json!({ "login": "snv.tonghop", "position": "Chánh Văn phòng Sở", "name": "", "phone": "" });
    table
        .get(
            "/units",
            list_units,
            Op::new("units", "listUnits", "Units, in order of their ids")
                .access(Access::Person)
                .query::<UnitQuery>()
                .gives::<Units>(StatusCode::OK),
        )
        .post(
            "/units",
            add_unit,
            Op::new("units", "addUnit", "Add a unit")
                .command(K::AddUnit)
                .takes::<NewUnit>(unit)
                .gives::<Made>(StatusCode::CREATED),
        )
        .get(
            "/units/{unit}",
            get_unit,
            Op::new("units", "getUnit", "One unit")
                .access(Access::Person)
                .gives::<Unit>(StatusCode::OK),
        )
        .put(
            "/units/{unit}",
            edit_unit,
            Op::new("units", "editUnit", "Change a unit's names and place")
                .command(K::EditUnit)
                .takes::<UnitEdit>(json!({ "name": "Sở Nội vụ", "short": "Nội vụ" }))
                .gives::<Accepted>(StatusCode::OK),
        )
        .post(
            "/units/{unit}/close",
            close_unit,
            Op::new("units", "closeUnit", "End a unit after a day")
                .command(K::CloseUnit)
                .takes::<UnitEnd>(json!({ "valid_to": "2099-12-31" }))
                .gives::<Accepted>(StatusCode::OK),
        )
        .get(
            "/calendar",
            get_calendar,
            Op::new("calendar", "getCalendar", "Which days are worked, year by year")
                .access(Access::Person)
                .gives::<CalendarYears>(StatusCode::OK),
        )
        .put(
            "/calendar",
            adopt_calendar,
            Op::new(
                "calendar",
                "adoptCalendar",
                "Adopt the table of a year; it takes the place of what was known of it",
            )
            .command(K::AdoptCalendar)
            .takes::<NewYear>(
                json!({ "year": 2027, "source": "Thông báo về nghỉ Tết, nghỉ lễ năm 2027", "days": [
                    { "day": "2027-01-01", "worked": false, "name": "Tết Dương lịch" },
                    { "day": "2027-04-30", "worked": false, "name": "Ngày Chiến thắng" },
                    { "day": "2027-09-02", "worked": false, "name": "Quốc khánh" },
                ] }),
            )
            .gives::<Accepted>(StatusCode::OK),
        )
        .get(
            "/people",
            list_people,
            Op::new("people", "listPeople", "People, in order of their ids")
                .access(Access::Sight(&[Role::Admin]))
                .query::<PeopleQuery>()
                .gives::<People>(StatusCode::OK),
        )
        .post(
            "/people",
            add_person,
            Op::new("people", "addPerson", "Add a person")
                .command(K::AddPerson)
                .takes::<NewPerson>(person)
                .gives::<Made>(StatusCode::CREATED),
        )
        .get(
            "/people/{person}",
            get_person,
            Op::new("people", "getPerson", "One person; everybody may see their own entry")
                .access(Access::Sight(EVERYBODY))
                .gives::<Person>(StatusCode::OK),
        )
        .put(
            "/people/{person}",
            edit_person,
            Op::new("people", "editPerson", "Change a person's entry")
                .command(K::EditPerson)
                .takes::<PersonEdit>(
                    json!({ "position": "Phó Giám đốc Sở", "name": "", "phone": "" }),
                )
                .gives::<Accepted>(StatusCode::OK),
        )
        .put(
            "/people/{person}/rights",
            set_rights,
            Op::new("people", "setRights", "Set all global rights of a person")
                .command(K::SetRights)
                .takes::<Rights>(json!({ "admin": false, "desk_officer": true, "officer_of": [] }))
                .gives::<Accepted>(StatusCode::OK),
        )
        .post(
            "/people/{person}/deactivate",
            deactivate,
            Op::new("people", "deactivatePerson", "End a person's sign-in at once")
                .command(K::DeactivatePerson)
                .gives::<Accepted>(StatusCode::OK),
        )
        .post(
            "/people/{person}/reactivate",
            reactivate,
            Op::new("people", "reactivatePerson", "Let a person sign in again")
                .command(K::ReactivatePerson)
                .gives::<Accepted>(StatusCode::OK),
        )
        .post(
            "/people/{person}/link",
            make_link,
            Op::new(
                "people",
                "makeStaffLink",
                "A one-time link with which the person sets a password",
            )
            .access(Access::Sight(&[Role::Admin]))
            .also(&[409, 503])
            .gives::<StaffLink>(StatusCode::CREATED),
        )
        .post(
            "/people/links",
            make_links,
            Op::new(
                "people",
                "makeStaffLinks",
                "One-time links and codes for many people at once, for sheets to hand out; their earlier ones are void",
            )
            .access(Access::Sight(&[Role::Admin]))
            .also(&[404, 409, 503])
            .takes::<NewLinks>(json!({ "people": [1], "hours": 72 }))
            .gives::<StaffLinks>(StatusCode::CREATED),
        )
}

api_enum! {
    /// What kind of body a unit is.
    UnitKind = domain::organisation::UnitKind { City, Office, Department, District, Commune, SpecialZone, Other }
}

/// A body, valid from a day to (and including) another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unit {
    id: u32,
    /// Second key: `SNV`, or an administrative code.
    code: String,
    name: String,
    short: String,
    kind: UnitKind,
    parent: Option<u32>,
    aliases: Vec<String>,
    valid_from: Day,
    valid_to: Option<Day>,
    seq: u64,
}

impl From<&DomainUnit> for Unit {
    fn from(unit: &DomainUnit) -> Self {
        Self {
            id: unit.id.0,
            code: unit.code.clone(),
            name: unit.name.clone(),
            short: unit.short.clone(),
            kind: unit.kind.into(),
            parent: unit.parent.map(|parent| parent.0),
            aliases: unit.aliases.clone(),
            valid_from: Day(unit.valid_from),
            valid_to: unit.valid_to.map(Day),
            seq: unit.changed_seq,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Units {
    items: Vec<Unit>,
    /// `after` of the next part; null at the end.
    next: Option<u32>,
    total: u32,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitQuery {
    /// Only those whose names, codes or initials match; the best first, without parts.
    #[schema(max_length = 200)]
    #[serde(default)]
    q: Option<String>,
    /// Only those that exist on this day.
    #[serde(default)]
    on: Option<Day>,
    #[serde(default)]
    after: Option<u32>,
    #[schema(minimum = 1, maximum = 200)]
    #[serde(default)]
    limit: Option<u32>,
}

async fn list_units(caller: Caller, Query(query): Query<UnitQuery>) -> Result<Json<Units>> {
    need_person(&caller)?;
    let organisation = caller.state.organisation();
    let paging = Paging { after: query.after, limit: query.limit };
    if let Some(q) = query.q.filter(|q| !q.trim().is_empty()) {
        // Checked as for a list, though found units come in one part.
        paging.cut(std::iter::empty::<u32>(), |id| *id, |id| id)?;
        let day = query.on.map_or_else(|| caller.app.clock.today(), |day| day.0);
        let found = organisation.find_units(&q, day, query.limit.unwrap_or(50) as usize);
        let items: Vec<Unit> = found.into_iter().map(Unit::from).collect();
        let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
        return Ok(Json(Units { items, next: None, total }));
    }
    let existing =
        organisation.units().filter(|unit| query.on.is_none_or(|day| unit.exists_on(day.0)));
    let part = paging.cut(existing, |unit| unit.id.0, Unit::from)?;
    Ok(Json(Units { items: part.items, next: part.next, total: part.total }))
}

async fn get_unit(caller: Caller, Ids(unit): Ids<UnitId>) -> Result<Json<Unit>> {
    need_person(&caller)?;
    let found = caller.state.organisation().unit(unit).ok_or_else(Problem::not_found)?;
    Ok(Json(found.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUnit {
    #[schema(min_length = 1, max_length = 40)]
    code: String,
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    #[schema(max_length = 300)]
    short: String,
    kind: UnitKind,
    #[serde(default)]
    parent: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Vec<Line>, max_items = 20)]
    aliases: Vec<String>,
    valid_from: Day,
}

async fn add_unit(caller: Caller, Sent(new): Sent<NewUnit>) -> Result<(StatusCode, Json<Made>)> {
    let command = C::AddUnit {
        code: new.code,
        name: new.name,
        short: new.short,
        kind: new.kind.into(),
        parent: new.parent.map(UnitId),
        aliases: new.aliases,
        valid_from: new.valid_from.0,
    };
    caller
        .create(command, |event| match event {
            Event::Organisation(OrganisationEvent::UnitAdded { unit, .. }) => Some(unit.0),
            _ => None,
        })
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnitEdit {
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    #[schema(max_length = 300)]
    short: String,
    #[serde(default)]
    parent: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Vec<Line>, max_items = 20)]
    aliases: Vec<String>,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn edit_unit(
    caller: Caller,
    Ids(unit): Ids<UnitId>,
    Sent(edit): Sent<UnitEdit>,
) -> Result<Json<Accepted>> {
    let command = C::EditUnit {
        unit,
        name: edit.name,
        short: edit.short,
        parent: edit.parent.map(UnitId),
        aliases: edit.aliases,
    };
    caller.accept(command, edit.expected_seq).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnitEnd {
    /// The last day on which the unit exists.
    valid_to: Day,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn close_unit(
    caller: Caller,
    Ids(unit): Ids<UnitId>,
    Sent(end): Sent<UnitEnd>,
) -> Result<Json<Accepted>> {
    caller.accept(C::CloseUnit { unit, valid_to: end.valid_to.0 }, end.expected_seq).await
}

/// A person with a sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Person {
    id: u32,
    login: String,
    /// Office held, as printed.
    position: String,
    unit: Option<u32>,
    /// Null when there is none, or when it was destroyed.
    name: Option<String>,
    phone: Option<String>,
    active: bool,
    admin: bool,
    desk_officer: bool,
    officer_of: Vec<u32>,
    seq: u64,
}

impl Person {
    pub(super) fn new(app: &App, person: &DomainPerson) -> Self {
        Self {
            id: person.id.0,
            login: person.login.clone(),
            position: person.position.clone(),
            unit: person.unit.map(|unit| unit.0),
            name: app.auth.unseal(&person.name),
            phone: app.auth.unseal(&person.phone),
            active: person.active,
            admin: person.admin,
            desk_officer: person.desk_officer,
            officer_of: person.officer_of.iter().map(|unit| unit.0).collect(),
            seq: person.changed_seq,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct People {
    items: Vec<Person>,
    next: Option<u32>,
    total: u32,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PeopleQuery {
    #[serde(default)]
    after: Option<u32>,
    #[schema(minimum = 1, maximum = 200)]
    #[serde(default)]
    limit: Option<u32>,
}

async fn list_people(caller: Caller, Query(query): Query<PeopleQuery>) -> Result<Json<People>> {
    caller.need_role(None, &[Role::Admin])?;
    let paging = Paging { after: query.after, limit: query.limit };
    let people = caller.state.organisation().people();
    let part =
        paging.cut(people, |person| person.id.0, |person| Person::new(&caller.app, person))?;
    Ok(Json(People { items: part.items, next: part.next, total: part.total }))
}

async fn get_person(caller: Caller, Ids(person): Ids<PersonId>) -> Result<Json<Person>> {
    let is_self = caller.actor == domain::Actor::Person(person);
    if !is_self {
        caller.need_role(None, &[Role::Admin])?;
    }
    let found = caller.state.organisation().person(person).ok_or_else(Problem::not_found)?;
    Ok(Json(Person::new(&caller.app, found)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    /// Lower case letters without marks, digits, full stops, hyphens.
    #[schema(min_length = 1, max_length = 40)]
    login: String,
    #[schema(min_length = 1, max_length = 300)]
    position: String,
    #[serde(default)]
    unit: Option<u32>,
    /// Kept sealed under a key of the person; may be empty.
    #[schema(max_length = 300)]
    name: String,
    #[schema(max_length = 40)]
    phone: String,
}

async fn add_person(
    caller: Caller,
    Sent(new): Sent<NewPerson>,
) -> Result<(StatusCode, Json<Made>)> {
    // Before anything is sealed: a key must not be made for whoever may not add people.
    caller.need_role(None, &[Role::Admin])?;
    let [name, phone] = sealed(&caller, None, &new.name, &new.phone).await?;
    let command = C::AddPerson {
        login: new.login,
        position: new.position,
        unit: new.unit.map(UnitId),
        name,
        phone,
    };
    caller
        .create(command, |event| match event {
            Event::Organisation(OrganisationEvent::PersonAdded { person, .. }) => Some(person.0),
            _ => None,
        })
        .await
}

fn too_long(field: &str, max: usize) -> Problem {
    Problem::field(field, "too_long").with_arg("max", max.to_string())
}

async fn sealed(
    caller: &Caller,
    previous: Option<&DomainPerson>,
    name: &str,
    phone: &str,
) -> Result<[domain::organisation::Sealed; 2]> {
    let (name, phone) = (domain::text::line(name), domain::text::line(phone));
    if name.chars().count() > domain::text::LINE_MAX {
        return Err(too_long("name", domain::text::LINE_MAX));
    }
    if phone.chars().count() > domain::text::CODE_MAX {
        return Err(too_long("phone", domain::text::CODE_MAX));
    }
    let under =
        previous.map(|person| if person.name.0.is_empty() { &person.phone } else { &person.name });
    Ok(caller.app.auth.seal(under, [name.as_str(), phone.as_str()]).await?)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonEdit {
    #[schema(min_length = 1, max_length = 300)]
    position: String,
    #[serde(default)]
    unit: Option<u32>,
    #[schema(max_length = 300)]
    name: String,
    #[schema(max_length = 40)]
    phone: String,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn edit_person(
    caller: Caller,
    Ids(person): Ids<PersonId>,
    Sent(edit): Sent<PersonEdit>,
) -> Result<Json<Accepted>> {
    caller.need_role(None, &[Role::Admin])?;
    let previous = caller.state.organisation().person(person).ok_or_else(Problem::not_found)?;
    let [name, phone] = sealed(&caller, Some(previous), &edit.name, &edit.phone).await?;
    let command =
        C::EditPerson { person, position: edit.position, unit: edit.unit.map(UnitId), name, phone };
    caller.accept(command, edit.expected_seq).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rights {
    admin: bool,
    desk_officer: bool,
    /// Units whose tasks the person answers for.
    #[schema(max_items = 1000)]
    officer_of: Vec<u32>,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn set_rights(
    caller: Caller,
    Ids(person): Ids<PersonId>,
    Sent(rights): Sent<Rights>,
) -> Result<Json<Accepted>> {
    let command = C::SetRights {
        person,
        admin: rights.admin,
        desk_officer: rights.desk_officer,
        officer_of: rights.officer_of.into_iter().map(UnitId).collect(),
    };
    caller.accept(command, rights.expected_seq).await
}

async fn deactivate(caller: Caller, Ids(person): Ids<PersonId>) -> Result<Json<Accepted>> {
    let accepted = caller.accept(C::DeactivatePerson { person }, None).await?;
    caller.app.auth.end_sessions_of(person, true).await?;
    Ok(accepted)
}

async fn reactivate(caller: Caller, Ids(person): Ids<PersonId>) -> Result<Json<Accepted>> {
    caller.accept(C::ReactivatePerson { person }, None).await
}

#[derive(Debug, Serialize, ToSchema)]
struct StaffLink {
    /// Path on this server; opens once.
    path: String,
    /// Does the same, typed at `/signin/code`: twelve signs without look-alikes in three groups.
    code: String,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLinks {
    /// Each active and once.
    #[schema(min_items = 1, max_items = 1000)]
    people: Vec<u32>,
    /// How long they open; as configured when not said.
    #[schema(minimum = 1, maximum = 336)]
    #[serde(default)]
    hours: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct StaffLinks {
    items: Vec<PersonLink>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonLink {
    person: u32,
    /// Path on this server; opens once.
    path: String,
    /// Does the same, typed at `/signin/code`.
    code: String,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// When the link was made that this one makes void; null when none was open.
    #[schema(value_type = Option<String>, format = DateTime)]
    replaces: Option<Timestamp>,
}

async fn make_link(
    caller: Caller,
    Ids(person): Ids<PersonId>,
) -> Result<(StatusCode, Json<StaffLink>)> {
    caller.need_role(None, &[Role::Admin])?;
    let found = caller.state.organisation().person(person).ok_or_else(Problem::not_found)?;
    if !found.active {
        return Err(Problem::conflict("person_inactive").with_arg("login", &found.login));
    }
    let link = caller.app.auth.make_staff_link(person).await?;
    let (path, code, until) = (link.path(), link.code.printed(), link.until);
    Ok((StatusCode::CREATED, Json(StaffLink { path, code, until })))
}

async fn make_links(
    caller: Caller,
    Sent(new): Sent<NewLinks>,
) -> Result<(StatusCode, Json<StaffLinks>)> {
    caller.need_role(None, &[Role::Admin])?;
    let organisation = caller.state.organisation();
    let mut people: Vec<PersonId> = Vec::new();
    for id in new.people.into_iter().map(PersonId) {
        let found = organisation.person(id).ok_or_else(Problem::not_found)?;
        if !found.active {
            return Err(Problem::conflict("person_inactive").with_arg("login", &found.login));
        }
        if !people.contains(&id) {
            people.push(id);
        }
    }
    if people.len() > SHEETS_MAX {
        return Err(Problem::field("people", "too_many").with_arg("max", SHEETS_MAX.to_string()));
    }
    let life = new.hours.map_or(caller.app.auth.link_life, link_hours);
    let made = caller.app.auth.make_staff_links(&people, life).await?;
    let items = made.iter().map(|link| PersonLink {
        person: link.person.0,
        path: link.path(),
        code: link.code.printed(),
        until: link.until,
        replaces: link.replaces,
    });
    Ok((StatusCode::CREATED, Json(StaffLinks { items: items.collect() })))
}

pub(super) fn need_person(caller: &Caller) -> Result<()> {
    match caller.actor {
        domain::Actor::Person(_) => Ok(()),
        _ => Err(Problem::forbidden()),
    }
}

/// The years whose working days are known.
#[derive(Debug, Serialize, ToSchema)]
struct CalendarYears {
    years: Vec<CalendarYear>,
}

/// Days of a year that differ from "Monday to Friday".
#[derive(Debug, Serialize, ToSchema)]
struct CalendarYear {
    year: i16,
    /// The law or notice that says so.
    source: String,
    /// How sure a table is that the program brings; empty when it was adopted.
    certainty: String,
    days: Vec<SpecialDay>,
    /// `seq` of the record that adopted it, to be sent as `expected_seq`; 0 for what the program brings.
    seq: u64,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SpecialDay {
    day: Day,
    /// A Saturday or Sunday that is worked in exchange; otherwise a day off.
    worked: bool,
    #[schema(max_length = 300)]
    name: String,
}

async fn get_calendar(caller: Caller) -> Result<Json<CalendarYears>> {
    need_person(&caller)?;
    let years = caller.state.organisation().calendar().years().map(|year| CalendarYear {
        year: year.year,
        source: year.source.clone(),
        certainty: year.certainty.clone(),
        days: year
            .days
            .iter()
            .map(|each| SpecialDay {
                day: Day(each.day),
                worked: each.worked,
                name: each.name.clone(),
            })
            .collect(),
        seq: year.adopted_seq.unwrap_or(0),
    });
    Ok(Json(CalendarYears { years: years.collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewYear {
    #[schema(minimum = 2020, maximum = 2100)]
    year: i16,
    #[schema(min_length = 1, max_length = 300)]
    source: String,
    #[schema(max_items = 120)]
    days: Vec<SpecialDay>,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn adopt_calendar(caller: Caller, Sent(new): Sent<NewYear>) -> Result<Json<Accepted>> {
    let days = new.days.into_iter().map(|each| domain::calendar::SpecialDay {
        day: each.day.0,
        worked: each.worked,
        name: each.name,
    });
    let command = C::AdoptCalendar { year: new.year, source: new.source, days: days.collect() };
    caller.accept(command, new.expected_seq).await
}
