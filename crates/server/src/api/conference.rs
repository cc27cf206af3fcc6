//! Conferences: their outline, phase and staff. The programme, the sites and the floor have files of their own.

use axum::{Json, http::StatusCode};
use domain::{
    Actor, CommandKind as K, ConferenceId, Event, PersonId, Role as DomainRole, UnitId,
    conference::{
        Conference as DomainConference, ConferenceCommand as C, ConferenceEvent,
        Outline as DomainOutline, Seat,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Accepted, Caller, Ids, Made, Paging, Query, Sent},
    floor::Floor,
    programme::Item,
    site::Site,
    table::{Access, Op, Table},
    written::{Day, TimeOfDay},
};
use crate::{
    app::App,
    problem::{Problem, Result},
    sight,
};

/// Who may see a conference, each their own.
pub(super) const INSIDE: &[DomainRole] = &[
    DomainRole::Chair,
    DomainRole::Operator,
    DomainRole::Clerk,
    DomainRole::Observer,
    DomainRole::Site,
    DomainRole::UnitOfficer,
    DomainRole::DeskOfficer,
    DomainRole::Admin,
];

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("conferences", id, summary);
    let accepted =
        |id, summary, kind| op(id, summary).command(kind).gives::<Accepted>(StatusCode::OK);
    let outline = json!({
        "title": "Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024", "subject": "tại Hội nghị tổng kết công tác ngành Nội vụ năm 2024",
        "date": "2025-01-07", "starts": "08:00", "place": "Trụ sở UBND Thành phố", "main_site": "Hội trường UBND Thành phố",
        "chair_position": "Chủ tịch UBND Thành phố", "issuer": 1,
    });
    table
        .get(
            "/conferences",
            list,
            op("listConferences", "Conferences that the caller may see")
                .access(Access::Sight(INSIDE))
                .query::<ConferenceQuery>()
                .gives::<Conferences>(StatusCode::OK),
        )
        .post(
            "/conferences",
            create,
            op("createConference", "Make a conference, as a draft")
                .command(K::Create)
                .takes::<Outline>(outline.clone())
                .gives::<Made>(StatusCode::CREATED),
        )
        .get(
            "/conferences/{conference}",
            get,
            op("getConference", "One conference with its programme, sites and floor")
                .access(Access::Sight(INSIDE))
                .gives::<Conference>(StatusCode::OK),
        )
        .put(
            "/conferences/{conference}",
            edit,
            accepted("editConference", "Change the outline", K::Edit).takes::<OutlineEdit>(outline),
        )
        .post(
            "/conferences/{conference}/open",
            open,
            accepted("openRoom", "Open the room: sites may join and check their lines", K::Open),
        )
        .post(
            "/conferences/{conference}/start",
            start,
            accepted("startSession", "Begin the session", K::StartSession),
        )
        .post(
            "/conferences/{conference}/close",
            close,
            accepted("closeRoom", "End the session and shut the room", K::Close),
        )
        .put(
            "/conferences/{conference}/staff/{role}/{person}",
            assign_staff,
            accepted("assignStaff", "Give a role in the conference", K::AssignStaff),
        )
        .delete(
            "/conferences/{conference}/staff/{role}/{person}",
            remove_staff,
            accepted("removeStaff", "Take a role in the conference", K::RemoveStaff),
        )
}

api_enum! {
    /// `draft → open → in_session → closed → concluded`.
    Phase = domain::conference::Phase { Draft, Open, InSession, Closed, Concluded }
}
/// Roles that are given for one conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StaffRole {
    Chair,
    Operator,
    Clerk,
    Observer,
}

impl StaffRole {
    fn of(role: DomainRole) -> Option<Self> {
        match role {
            DomainRole::Chair => Some(Self::Chair),
            DomainRole::Operator => Some(Self::Operator),
            DomainRole::Clerk => Some(Self::Clerk),
            DomainRole::Observer => Some(Self::Observer),
            _ => None,
        }
    }
}

impl From<StaffRole> for DomainRole {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Chair => Self::Chair,
            StaffRole::Operator => Self::Operator,
            StaffRole::Clerk => Self::Clerk,
            StaffRole::Observer => Self::Observer,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct ConferenceSummary {
    id: u32,
    title: String,
    date: Day,
    starts: String,
    place: String,
    phase: Phase,
    site_count: u32,
    seq: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct Conferences {
    items: Vec<ConferenceSummary>,
    next: Option<u32>,
    total: u32,
}

/// One conference.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conference {
    id: u32,
    title: String,
    /// Subject of the notice.
    subject: String,
    date: Day,
    /// Local time, `08:00`.
    starts: String,
    place: String,
    /// Name of the hall; it is not among `sites`.
    main_site: String,
    chair_position: String,
    /// Unit that issues the notice.
    issuer: u32,
    phase: Phase,
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    session_started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    items: Vec<Item>,
    current_item: Option<u32>,
    staff: Vec<Staff>,
    floor: Floor,
    /// The large place first; null is the hall.
    stage: Vec<Option<u32>>,
    /// The remote sites. A site sees itself only.
    sites: Vec<Site>,
    notice: Option<u32>,
    seq: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct Staff {
    role: StaffRole,
    person: u32,
}

impl Conference {
    pub(super) fn new(
        app: &App,
        state: &domain::State,
        actor: Actor,
        conference: &DomainConference,
    ) -> Self {
        let outline = &conference.outline;
        let runs = sight::runs_conference(state, actor, conference.id);
        let sites = state
            .sites_of(conference.id)
            .filter(|site| !matches!(actor, Actor::Site(own) if own != site.id))
            .map(|site| Site::new(app, site, runs))
            .collect();
        Self {
            id: conference.id.0,
            title: outline.title.clone(),
            subject: outline.subject.clone(),
            date: Day(outline.date),
            starts: outline.starts.clone(),
            place: outline.place.clone(),
            main_site: outline.main_site.clone(),
            chair_position: outline.chair_position.clone(),
            issuer: outline.issuer.0,
            phase: conference.phase.into(),
            opened_at: conference.opened_at,
            session_started_at: conference.session_started_at,
            closed_at: conference.closed_at,
            items: conference.programme.iter().map(Item::from).collect(),
            current_item: conference.current_item.map(|item| item.0),
            staff: conference
                .staff
                .iter()
                .filter_map(|(role, person)| {
                    Some(Staff { role: StaffRole::of(*role)?, person: person.0 })
                })
                .collect(),
            floor: Floor::new(conference.floor()),
            stage: conference
                .stage()
                .into_iter()
                .map(|seat| match seat {
                    Seat::Main => None,
                    Seat::Site(site) => Some(site.0),
                })
                .collect(),
            sites,
            notice: conference.notice.map(|notice| notice.0),
            seq: conference.changed_seq,
        }
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConferenceQuery {
    #[serde(default)]
    after: Option<u32>,
    #[schema(minimum = 1, maximum = 200)]
    #[serde(default)]
    limit: Option<u32>,
}

async fn list(caller: Caller, Query(query): Query<ConferenceQuery>) -> Result<Json<Conferences>> {
    let paging = Paging { after: query.after, limit: query.limit };
    let visible = caller
        .state
        .conferences()
        .filter(|conference| sight::sees_conference(&caller.state, caller.actor, conference.id));
    let part = paging.cut(
        visible,
        |conference| conference.id.0,
        |conference| ConferenceSummary {
            id: conference.id.0,
            title: conference.outline.title.clone(),
            date: Day(conference.outline.date),
            starts: conference.outline.starts.clone(),
            place: conference.outline.place.clone(),
            phase: conference.phase.into(),
            site_count: u32::try_from(caller.state.sites_of(conference.id).count())
                .unwrap_or(u32::MAX),
            seq: conference.changed_seq,
        },
    )?;
    Ok(Json(Conferences { items: part.items, next: part.next, total: part.total }))
}

pub(super) fn seen(caller: &Caller, conference: ConferenceId) -> Result<&DomainConference> {
    let found = caller.state.conference(conference).ok_or_else(Problem::not_found)?;
    if sight::sees_conference(&caller.state, caller.actor, conference) {
        Ok(found)
    } else {
        Err(Problem::forbidden())
    }
}

async fn get(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Conference>> {
    let found = seen(&caller, conference)?;
    Ok(Json(Conference::new(&caller.app, &caller.state, caller.actor, found)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Outline {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(max_length = 300)]
    subject: String,
    date: Day,
    starts: TimeOfDay,
    #[schema(max_length = 300)]
    place: String,
    #[schema(min_length = 1, max_length = 300)]
    main_site: String,
    #[schema(min_length = 1, max_length = 300)]
    chair_position: String,
    issuer: u32,
}

impl From<Outline> for DomainOutline {
    fn from(outline: Outline) -> Self {
        Self {
            title: outline.title,
            subject: outline.subject,
            date: outline.date.0,
            starts: outline.starts.0,
            place: outline.place,
            main_site: outline.main_site,
            chair_position: outline.chair_position,
            issuer: UnitId(outline.issuer),
        }
    }
}

async fn create(caller: Caller, Sent(outline): Sent<Outline>) -> Result<(StatusCode, Json<Made>)> {
    caller
        .create(C::Create { outline: outline.into() }, |event| match event {
            Event::Conference(ConferenceEvent::Created { conference, .. }) => Some(conference.0),
            _ => None,
        })
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OutlineEdit {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(max_length = 300)]
    subject: String,
    date: Day,
    starts: TimeOfDay,
    #[schema(max_length = 300)]
    place: String,
    #[schema(min_length = 1, max_length = 300)]
    main_site: String,
    #[schema(min_length = 1, max_length = 300)]
    chair_position: String,
    issuer: u32,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn edit(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(edit): Sent<OutlineEdit>,
) -> Result<Json<Accepted>> {
    let expected_seq = edit.expected_seq;
    let outline = DomainOutline {
        title: edit.title,
        subject: edit.subject,
        date: edit.date.0,
        starts: edit.starts.0,
        place: edit.place,
        main_site: edit.main_site,
        chair_position: edit.chair_position,
        issuer: UnitId(edit.issuer),
    };
    caller.accept(C::Edit { conference, outline }, expected_seq).await
}

async fn open(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Accepted>> {
    caller.accept(C::Open { conference }, None).await
}

async fn start(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Accepted>> {
    caller.accept(C::StartSession { conference }, None).await
}

async fn close(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Accepted>> {
    caller.accept(C::Close { conference }, None).await
}

type StaffIds = Ids<(ConferenceId, StaffRole, PersonId)>;

async fn assign_staff(
    caller: Caller,
    Ids((conference, role, person)): StaffIds,
) -> Result<Json<Accepted>> {
    caller.accept(C::AssignStaff { conference, person, role: role.into() }, None).await
}

async fn remove_staff(
    caller: Caller,
    Ids((conference, role, person)): StaffIds,
) -> Result<Json<Accepted>> {
    caller.accept(C::RemoveStaff { conference, person, role: role.into() }, None).await
}
