//! Conferences: what is set up before, and what the room does. The floor has its own file.

use axum::{Json, http::StatusCode};
use domain::{
    Actor, CommandKind as K, ConferenceId, Event, ItemId, PersonId, Role as DomainRole, SiteId,
    UnitId,
    conference::{
        Conference as DomainConference, ConferenceCommand as C, ConferenceEvent,
        LineCheck as DomainLineCheck, Outline as DomainOutline, Seat, Site as DomainSite,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Accepted, Caller, Ids, Made, Paging, Query, Sent},
    floor::Floor,
    table::{Access, Op, Table},
    written::{Day, TimeOfDay},
};
use crate::{
    app::App,
    problem::{Problem, Result},
    room::Connection,
    sight,
};

const INSIDE: &[DomainRole] = &[
    DomainRole::Chair,
    DomainRole::Operator,
    DomainRole::Clerk,
    DomainRole::Observer,
    DomainRole::Site,
    DomainRole::UnitOfficer,
    DomainRole::DeskOfficer,
    DomainRole::Admin,
];
const RUNNING: &[DomainRole] = &[DomainRole::Operator, DomainRole::Admin];

fn op(id: &'static str, summary: &'static str) -> Op {
    Op::new("conferences", id, summary)
}

pub(super) fn operations(table: Table) -> Table {
    let outline = json!({
        "title": "Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024", "subject": "tại Hội nghị tổng kết công tác ngành Nội vụ năm 2024",
        "date": "2025-01-07", "starts": "08:00", "place": "Trụ sở UBND Thành phố", "main_site": "Hội trường UBND Thành phố",
        "chair_position": "Chủ tịch UBND Thành phố", "issuer": 1,
    });
    let item = json!({ "title": "Khai mạc, giới thiệu đại biểu", "planned_minutes": 10 });
    let site = json!({
        "slug": "cau-giay", "name": "Quận Cầu Giấy", "units": [], "chair_position": "Chủ tịch UBND quận", "telephone": "024 0000 0000",
    });
    let check = json!({
        "camera": "good", "microphone": "good", "loudspeaker": "good", "echo": "poor", "line": "good",
        "up_kbps": 6200, "loss_permille": 1, "rtt_ms": 12,
    });
    let accepted =
        |id, summary, kind| op(id, summary).command(kind).gives::<Accepted>(StatusCode::OK);
    table
        .get("/conferences", list, op("listConferences", "Conferences that the caller may see")
            .access(Access::Sight(INSIDE)).query::<ConferenceQuery>().gives::<Conferences>(StatusCode::OK))
        .post("/conferences", create, op("createConference", "Make a conference, as a draft")
            .command(K::Create).takes::<Outline>(outline.clone()).gives::<Made>(StatusCode::CREATED))
        .get("/conferences/{conference}", get, op("getConference", "One conference with its programme, sites and floor")
            .access(Access::Sight(INSIDE)).gives::<Conference>(StatusCode::OK))
        .put("/conferences/{conference}", edit, accepted("editConference", "Change the outline", K::Edit).takes::<OutlineEdit>(outline))
        .post("/conferences/{conference}/open", open, accepted("openRoom", "Open the room: sites may join and check their lines", K::Open))
        .post("/conferences/{conference}/start", start, accepted("startSession", "Begin the session", K::StartSession))
        .post("/conferences/{conference}/close", close, accepted("closeRoom", "End the session and shut the room", K::Close))
        .post("/conferences/{conference}/items", add_item, op("addItem", "Add a point to the programme")
            .command(K::AddItem).takes::<NewItem>(item.clone()).gives::<Made>(StatusCode::CREATED))
        .put("/conferences/{conference}/items/{item}", edit_item, accepted("editItem", "Change a point", K::EditItem).takes::<ItemEdit>(item))
        .delete("/conferences/{conference}/items/{item}", remove_item, accepted("removeItem", "Remove a point", K::RemoveItem).query::<ExpectingQuery>())
        .post("/conferences/{conference}/items/{item}/move", move_item, accepted("moveItem", "Move a point to a place, from 0", K::MoveItem)
            .takes::<Position>(json!({ "position": 0 })))
        .post("/conferences/{conference}/items/{item}/start", start_item, accepted("startItem", "This point is dealt with now", K::StartItem))
        .post("/conferences/{conference}/sites", add_site, op("addSite", "Add a site")
            .command(K::AddSite).takes::<NewSite>(site).gives::<Made>(StatusCode::CREATED))
        .put("/conferences/{conference}/sites/{site}", edit_site, accepted("editSite", "Change a site's entry", K::EditSite)
            .takes::<SiteEdit>(json!({ "name": "Quận Hoàng Mai", "units": [], "chair_position": "Chủ tịch UBND quận", "telephone": "" })))
        .delete("/conferences/{conference}/sites/{site}", remove_site, accepted("removeSite", "Remove a site; its seat is void", K::RemoveSite).query::<ExpectingQuery>())
        .post("/conferences/{conference}/sites/{site}/lock", lock_site, accepted("lockSite", "The seat takes no other machine", K::LockSite))
        .post("/conferences/{conference}/sites/{site}/unlock", unlock_site, accepted("unlockSite", "The seat takes the newest machine again", K::UnlockSite))
        .post("/conferences/{conference}/sites/{site}/rotate-code", rotate_code, accepted("rotateCode", "A new code and link; the old ones and the seat are void", K::RotateCode))
        .put("/conferences/{conference}/sites/{site}/roll", mark_roll, accepted("markRoll", "Roll call of a site", K::MarkRoll)
            .takes::<RollCall>(json!({ "roll": "present", "head_count": 12 })))
        .put("/conferences/{conference}/sites/{site}/check", record_check, accepted("recordCheck", "What the site's own line check found", K::RecordCheck)
            .takes::<LineCheck>(check))
        .put("/conferences/{conference}/sites/{site}/stage", put_on_stage, accepted("putOnStage", "Put a site on the stage", K::PutOnStage))
        .delete("/conferences/{conference}/sites/{site}/stage", take_off_stage, accepted("takeOffStage", "Take a site off the stage", K::TakeOffStage))
        .get("/conferences/{conference}/codes", codes, op("listCodes", "Join codes and links of the sites")
            .access(Access::Sight(RUNNING)).gives::<Codes>(StatusCode::OK))
        .put("/conferences/{conference}/staff/{role}/{person}", assign_staff, accepted("assignStaff", "Give a role in the conference", K::AssignStaff))
        .delete("/conferences/{conference}/staff/{role}/{person}", remove_staff, accepted("removeStaff", "Take a role in the conference", K::RemoveStaff))
}

api_enum! {
    /// `draft → open → in_session → closed → concluded`.
    Phase = domain::conference::Phase { Draft, Open, InSession, Closed, Concluded }
}
api_enum! {
    /// Roll call, not connection.
    Roll = domain::conference::Roll { Unmarked, Present, Excused, Absent }
}
api_enum! {
    Finding = domain::conference::Finding { Good, Poor, Failed, NotTested }
}
api_enum! {
    /// Connection of a site: `live` has fresh media consent and an open room socket.
    SiteState = Connection { Away, Joining, Live, Lost }
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
struct Item {
    id: u32,
    title: String,
    planned_minutes: u32,
    presenter: Option<u32>,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Staff {
    role: StaffRole,
    person: u32,
}

/// Line check: `ready`, `not_ready`, or `unseen` while there was none.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Readiness {
    Ready,
    NotReady,
    Unseen,
}

/// One remote site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Site {
    id: u32,
    slug: String,
    name: String,
    units: Vec<u32>,
    chair_position: String,
    /// For those who run the conference; null for others.
    telephone: Option<String>,
    state: SiteState,
    locked: bool,
    roll: Roll,
    head_count: Option<u32>,
    ready: Readiness,
    check: Option<LineCheck>,
    spoken_ms: u64,
    turns: u32,
    seq: u64,
}

/// What a site's own line check found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LineCheck {
    camera: Finding,
    microphone: Finding,
    loudspeaker: Finding,
    echo: Finding,
    line: Finding,
    up_kbps: u32,
    loss_permille: u32,
    rtt_ms: u32,
}

impl From<&DomainLineCheck> for LineCheck {
    fn from(check: &DomainLineCheck) -> Self {
        Self {
            camera: check.camera.into(),
            microphone: check.microphone.into(),
            loudspeaker: check.loudspeaker.into(),
            echo: check.echo.into(),
            line: check.line.into(),
            up_kbps: check.up_kbps,
            loss_permille: check.loss_permille,
            rtt_ms: check.rtt_ms,
        }
    }
}

impl Site {
    fn new(app: &App, site: &DomainSite, with_telephone: bool) -> Self {
        let ready = match &site.check {
            None => Readiness::Unseen,
            Some(check) if check.is_ready() => Readiness::Ready,
            Some(_) => Readiness::NotReady,
        };
        Self {
            id: site.id.0,
            slug: site.slug.clone(),
            name: site.name.clone(),
            units: site.units.iter().map(|unit| unit.0).collect(),
            chair_position: site.chair_position.clone(),
            telephone: with_telephone.then(|| site.telephone.clone()),
            state: app.rooms.connection(site.id).into(),
            locked: site.locked,
            roll: site.roll.into(),
            head_count: site.head_count,
            ready,
            check: site.check.as_ref().map(LineCheck::from),
            spoken_ms: site.spoken_ms,
            turns: site.turns,
            seq: site.changed_seq,
        }
    }
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
            items: conference
                .programme
                .iter()
                .map(|item| Item {
                    id: item.id.0,
                    title: item.title.clone(),
                    planned_minutes: item.planned_minutes,
                    presenter: item.presenter.map(|unit| unit.0),
                    started_at: item.started_at,
                    ended_at: item.ended_at,
                })
                .collect(),
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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewItem {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(maximum = 600)]
    planned_minutes: u32,
    /// Unit that presents it.
    #[serde(default)]
    presenter: Option<u32>,
}

async fn add_item(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(new): Sent<NewItem>,
) -> Result<(StatusCode, Json<Made>)> {
    let command = C::AddItem {
        conference,
        title: new.title,
        planned_minutes: new.planned_minutes,
        presenter: new.presenter.map(UnitId),
    };
    caller
        .create(command, |event| match event {
            Event::Conference(ConferenceEvent::ItemAdded { item, .. }) => Some(item.0),
            _ => None,
        })
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemEdit {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(maximum = 600)]
    planned_minutes: u32,
    #[serde(default)]
    presenter: Option<u32>,
    /// `seq` of the conference as the caller saw it.
    #[serde(default)]
    expected_seq: Option<u64>,
}

type ItemIds = Ids<(ConferenceId, ItemId)>;
type SiteIds = Ids<(ConferenceId, SiteId)>;

async fn edit_item(
    caller: Caller,
    Ids((conference, item)): ItemIds,
    Sent(edit): Sent<ItemEdit>,
) -> Result<Json<Accepted>> {
    let command = C::EditItem {
        conference,
        item,
        title: edit.title,
        planned_minutes: edit.planned_minutes,
        presenter: edit.presenter.map(UnitId),
    };
    caller.accept(command, edit.expected_seq).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExpectingQuery {
    /// `seq` of the thing as the caller saw it.
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn remove_item(
    caller: Caller,
    Ids((conference, item)): ItemIds,
    Query(query): Query<ExpectingQuery>,
) -> Result<Json<Accepted>> {
    caller.accept(C::RemoveItem { conference, item }, query.expected_seq).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    /// From 0.
    pub(super) position: u32,
    #[serde(default)]
    pub(super) expected_seq: Option<u64>,
}

async fn move_item(
    caller: Caller,
    Ids((conference, item)): ItemIds,
    Sent(to): Sent<Position>,
) -> Result<Json<Accepted>> {
    caller.accept(C::MoveItem { conference, item, position: to.position }, to.expected_seq).await
}

async fn start_item(caller: Caller, Ids((conference, item)): ItemIds) -> Result<Json<Accepted>> {
    caller.accept(C::StartItem { conference, item }, None).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSite {
    /// Unique in the conference: `hoang-mai`.
    #[schema(min_length = 1, max_length = 40)]
    slug: String,
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    #[schema(max_items = 50)]
    units: Vec<u32>,
    #[schema(max_length = 300)]
    chair_position: String,
    /// Of the room, not of a person.
    #[schema(max_length = 300)]
    telephone: String,
}

async fn add_site(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(new): Sent<NewSite>,
) -> Result<(StatusCode, Json<Made>)> {
    let command = C::AddSite {
        conference,
        slug: new.slug,
        name: new.name,
        units: new.units.into_iter().map(UnitId).collect(),
        chair_position: new.chair_position,
        telephone: new.telephone,
    };
    caller
        .create(command, |event| match event {
            Event::Conference(ConferenceEvent::SiteAdded { site, .. }) => Some(site.0),
            _ => None,
        })
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteEdit {
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    #[schema(max_items = 50)]
    units: Vec<u32>,
    #[schema(max_length = 300)]
    chair_position: String,
    #[schema(max_length = 300)]
    telephone: String,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn edit_site(
    caller: Caller,
    Ids((conference, site)): SiteIds,
    Sent(edit): Sent<SiteEdit>,
) -> Result<Json<Accepted>> {
    let command = C::EditSite {
        conference,
        site,
        name: edit.name,
        units: edit.units.into_iter().map(UnitId).collect(),
        chair_position: edit.chair_position,
        telephone: edit.telephone,
    };
    caller.accept(command, edit.expected_seq).await
}

async fn remove_site(
    caller: Caller,
    Ids((conference, site)): SiteIds,
    Query(query): Query<ExpectingQuery>,
) -> Result<Json<Accepted>> {
    caller.accept(C::RemoveSite { conference, site }, query.expected_seq).await
}

async fn lock_site(caller: Caller, Ids((conference, site)): SiteIds) -> Result<Json<Accepted>> {
    caller.accept(C::LockSite { conference, site }, None).await
}

async fn unlock_site(caller: Caller, Ids((conference, site)): SiteIds) -> Result<Json<Accepted>> {
    caller.accept(C::UnlockSite { conference, site }, None).await
}

async fn rotate_code(caller: Caller, Ids((conference, site)): SiteIds) -> Result<Json<Accepted>> {
    caller.accept(C::RotateCode { conference, site }, None).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RollCall {
    roll: Roll,
    #[serde(default)]
    #[schema(maximum = 5000)]
    head_count: Option<u32>,
}

async fn mark_roll(
    caller: Caller,
    Ids((conference, site)): SiteIds,
    Sent(call): Sent<RollCall>,
) -> Result<Json<Accepted>> {
    let command =
        C::MarkRoll { conference, site, roll: call.roll.into(), head_count: call.head_count };
    caller.accept(command, None).await
}

async fn record_check(
    caller: Caller,
    Ids((conference, site)): SiteIds,
    Sent(check): Sent<LineCheck>,
) -> Result<Json<Accepted>> {
    let check = DomainLineCheck {
        camera: check.camera.into(),
        microphone: check.microphone.into(),
        loudspeaker: check.loudspeaker.into(),
        echo: check.echo.into(),
        line: check.line.into(),
        up_kbps: check.up_kbps,
        loss_permille: check.loss_permille,
        rtt_ms: check.rtt_ms,
    };
    caller.accept(C::RecordCheck { conference, site, check }, None).await
}

async fn put_on_stage(caller: Caller, Ids((conference, site)): SiteIds) -> Result<Json<Accepted>> {
    caller.accept(C::PutOnStage { conference, site }, None).await
}

async fn take_off_stage(
    caller: Caller,
    Ids((conference, site)): SiteIds,
) -> Result<Json<Accepted>> {
    caller.accept(C::TakeOffStage { conference, site }, None).await
}

#[derive(Debug, Serialize, ToSchema)]
struct Codes {
    items: Vec<SiteCode>,
}

/// How a site joins.
#[derive(Debug, Serialize, ToSchema)]
struct SiteCode {
    site: u32,
    slug: String,
    name: String,
    /// Without the space it is printed with.
    code: String,
    /// Path on this server.
    path: String,
}

async fn codes(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Codes>> {
    seen(&caller, conference)?;
    caller.need_role(Some(conference), RUNNING)?;
    let auth = &caller.app.auth;
    let items = caller
        .state
        .sites_of(conference)
        .map(|site| SiteCode {
            site: site.id.0,
            slug: site.slug.clone(),
            name: site.name.clone(),
            code: auth.site_code(site.id, site.code_generation).compact(),
            path: format!("/join/{}", auth.site_link(site.id, site.code_generation)),
        })
        .collect();
    Ok(Json(Codes { items }))
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

/// A site as it is now, for who met a newer version of it.
pub(super) fn site_now(app: &App, actor: Actor, site: SiteId) -> Value {
    let state = app.engine.state();
    state.site(site).map_or(Value::Null, |site| {
        let runs = sight::runs_conference(&state, actor, site.conference);
        super::ask::shown(&Site::new(app, site, runs))
    })
}
