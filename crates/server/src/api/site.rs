//! The remote sites of a conference: their entries, codes, roll call, line checks and places on the stage.

use axum::{Json, http::StatusCode};
use domain::{
    Actor, CommandKind as K, ConferenceId, Event, Role, SiteId, UnitId,
    conference::{
        ConferenceCommand as C, ConferenceEvent, LineCheck as DomainLineCheck, Site as DomainSite,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{self, Accepted, Caller, ExpectingQuery, Ids, Made, Query, Sent},
    conference::seen,
    table::{Access, Op, Table},
};
use crate::{
    app::App,
    problem::Result,
    room::{Connection, MediaState},
    sight,
};

const RUNNING: &[Role] = &[Role::Operator, Role::Admin];

pub(super) type SiteIds = Ids<(ConferenceId, SiteId)>;

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("conferences", id, summary);
    let accepted =
        |id, summary, kind| op(id, summary).command(kind).gives::<Accepted>(StatusCode::OK);
    let site = json!({
        "slug": "cau-giay", "name": "Quận Cầu Giấy", "units": [], "chair_position": "Chủ tịch UBND quận", "telephone": "024 0000 0000",
    });
    let edited = json!({
        "name": "Quận Hoàng Mai", "units": [], "chair_position": "Chủ tịch UBND quận", "telephone": "",
    });
    let check = json!({
        "camera": "good", "microphone": "good", "loudspeaker": "good", "echo": "poor", "line": "good",
        "up_kbps": 6200, "loss_permille": 1, "rtt_ms": 12,
    });
    table
        .post(
            "/conferences/{conference}/sites",
            add_site,
            op("addSite", "Add a site")
                .command(K::AddSite)
                .takes::<NewSite>(site)
                .gives::<Made>(StatusCode::CREATED),
        )
        .put(
            "/conferences/{conference}/sites/{site}",
            edit_site,
            accepted("editSite", "Change a site's entry", K::EditSite).takes::<SiteEdit>(edited),
        )
        .delete(
            "/conferences/{conference}/sites/{site}",
            remove_site,
            accepted("removeSite", "Remove a site; its seat is void", K::RemoveSite)
                .query::<ExpectingQuery>(),
        )
        .post(
            "/conferences/{conference}/sites/{site}/lock",
            lock_site,
            accepted("lockSite", "The seat takes no other machine", K::LockSite),
        )
        .post(
            "/conferences/{conference}/sites/{site}/unlock",
            unlock_site,
            accepted("unlockSite", "The seat takes the newest machine again", K::UnlockSite),
        )
        .post(
            "/conferences/{conference}/sites/{site}/rotate-code",
            rotate_code,
            accepted(
                "rotateCode",
                "A new code and link; the old ones and the seat are void",
                K::RotateCode,
            ),
        )
        .put(
            "/conferences/{conference}/sites/{site}/roll",
            mark_roll,
            accepted("markRoll", "Roll call of a site", K::MarkRoll)
                .takes::<RollCall>(json!({ "roll": "present", "head_count": 12 })),
        )
        .put(
            "/conferences/{conference}/sites/{site}/check",
            record_check,
            accepted("recordCheck", "What the site's own line check found", K::RecordCheck)
                .takes::<LineCheck>(check),
        )
        .put(
            "/conferences/{conference}/sites/{site}/stage",
            put_on_stage,
            accepted("putOnStage", "Put a site on the stage", K::PutOnStage),
        )
        .delete(
            "/conferences/{conference}/sites/{site}/stage",
            take_off_stage,
            accepted("takeOffStage", "Take a site off the stage", K::TakeOffStage),
        )
        .get(
            "/conferences/{conference}/codes",
            codes,
            op("listCodes", "Join codes and links of the sites")
                .access(Access::Sight(RUNNING))
                .gives::<Codes>(StatusCode::OK),
        )
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
api_enum! {
    /// Picture and sound of a site, whatever its page does: `blocked` when somebody is there and they do not get through.
    SiteMedia = MediaState { None, Joining, Flowing, Blocked }
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
    /// Its page is open. That alone says nothing of picture and sound.
    page: bool,
    media: SiteMedia,
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
    /// On the way up; the way down beside it where it was measured.
    #[schema(maximum = 10_000_000)]
    up_kbps: u32,
    #[schema(maximum = 1000)]
    loss_permille: u32,
    #[schema(maximum = 60_000)]
    rtt_ms: u32,
    #[serde(default)]
    #[schema(maximum = 10_000_000)]
    down_kbps: Option<u32>,
    #[serde(default)]
    #[schema(maximum = 1000)]
    loss_down_permille: Option<u32>,
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
            down_kbps: check.down_kbps,
            loss_down_permille: check.loss_down_permille,
        }
    }
}

impl From<LineCheck> for DomainLineCheck {
    fn from(check: LineCheck) -> Self {
        Self {
            camera: check.camera.into(),
            microphone: check.microphone.into(),
            loudspeaker: check.loudspeaker.into(),
            echo: check.echo.into(),
            line: check.line.into(),
            up_kbps: check.up_kbps,
            loss_permille: check.loss_permille,
            rtt_ms: check.rtt_ms,
            down_kbps: check.down_kbps,
            loss_down_permille: check.loss_down_permille,
        }
    }
}

impl Site {
    pub(super) fn new(app: &App, site: &DomainSite, with_telephone: bool) -> Self {
        let ready = match &site.check {
            None => Readiness::Unseen,
            Some(check) if check.is_ready() => Readiness::Ready,
            Some(_) => Readiness::NotReady,
        };
        let legs = app.rooms.legs(site.id);
        Self {
            id: site.id.0,
            slug: site.slug.clone(),
            name: site.name.clone(),
            units: site.units.iter().map(|unit| unit.0).collect(),
            chair_position: site.chair_position.clone(),
            telephone: with_telephone.then(|| site.telephone.clone()),
            state: legs.connection.into(),
            page: legs.page,
            media: legs.media.into(),
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

/// A site as it is now, for who met a newer version of it.
pub(super) fn site_now(app: &App, actor: Actor, site: SiteId) -> Value {
    let state = app.engine.state();
    state.site(site).map_or(Value::Null, |site| {
        let runs = sight::runs_conference(&state, actor, site.conference);
        ask::shown(&Site::new(app, site, runs))
    })
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
    caller.accept(C::RecordCheck { conference, site, check: check.into() }, None).await
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
