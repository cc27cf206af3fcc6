//! Directives as they are captured and agreed, and the notice that issues them.

use axum::{Json, http::StatusCode};
use domain::{
    CommandKind as K, ConferenceId, DirectiveId, Event, NoticeId, Role, State, UnitId,
    directive::{
        Addressee as DomainAddressee, Directive as DomainDirective, DirectiveCommand as C,
        DirectiveEvent, Draft as DomainDraft, Notice as DomainNotice, NoticeForm as DomainForm,
    },
    due::{Asked, Concern as DomainConcern, Due as DomainDue, DueDate as DomainDueDate, Every},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Accepted, Caller, Expecting, Ids, Made, Position, Sent},
    conference::{INSIDE, seen},
    receivers::UnreachedUnit,
    table::{Access, Op, Table},
    written::{Day, Line, Moment, TimeOfDay},
};
use crate::{
    problem::{Problem, Result},
    receivers::Receivers,
    sight,
};

const DRAFTING: &[Role] = &[Role::Chair, Role::Operator, Role::Clerk, Role::DeskOfficer];

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("directives", id, summary);
    let accepted =
        |id, summary, kind| op(id, summary).command(kind).gives::<Accepted>(StatusCode::OK);
    let draft = json!({
        "text": "Rà soát khối lượng công việc, vị trí việc làm của từng phòng.", "lead": [{ "group": "districts" }],
        "coordinating": [{ "unit": 1 }], "due_words": "trước 07/02/2025",
    });
    let notice = json!({
        "number": 5, "symbol": "TB-VP", "date": "2025-01-08",
        "form": { "authority": ["TL. CHỦ TỊCH"], "signer": "", "opening": "", "assessment": "", "recipients": [] },
    });
    table
        .get(
            "/conferences/{conference}/directives",
            list,
            op("listDirectives", "Directives of a conference, in the order of the list")
                .access(Access::Sight(DRAFTING))
                .gives::<DirectiveList>(StatusCode::OK),
        )
        .post(
            "/conferences/{conference}/directives",
            capture,
            op("captureDirective", "Keep a directive at the second it is spoken")
                .command(K::Capture)
                .takes::<Captured>(json!({ "draft": draft }))
                .gives::<Made>(StatusCode::CREATED),
        )
        .put(
            "/conferences/{conference}/directives/{directive}",
            edit,
            accepted("editDirective", "Change what was written", K::EditDirective)
                .takes::<DraftEdit>(json!({ "draft": draft })),
        )
        .post(
            "/conferences/{conference}/directives/{directive}/take-back",
            take_back,
            accepted("takeBackDirective", "Take a directive back", K::TakeBack)
                .takes::<Expecting>(json!({})),
        )
        .post(
            "/conferences/{conference}/directives/{directive}/restore",
            restore,
            accepted("restoreDirective", "Undo a take-back", K::Restore),
        )
        .post(
            "/conferences/{conference}/directives/{directive}/move",
            move_to,
            accepted("moveDirective", "Move a directive to a place, from 0", K::MoveDirective)
                .takes::<Position>(json!({ "position": 0 })),
        )
        .post(
            "/conferences/{conference}/directives/{directive}/agree",
            agree,
            accepted("agreeDirective", "Agree to the wording", K::Agree)
                .takes::<Expecting>(json!({})),
        )
        .post(
            "/conferences/{conference}/notice",
            issue,
            op("issueNotice", "Issue the agreed directives: each lead unit has its task")
                .command(K::Issue)
                .takes::<Issuing>(notice)
                .gives::<Issued>(StatusCode::CREATED),
        )
        .get(
            "/notices/{notice}",
            get_notice,
            Op::new("notices", "getNotice", "A notice of conclusions")
                .access(Access::Sight(INSIDE))
                .gives::<Notice>(StatusCode::OK),
        )
}

api_enum! {
    /// Resolved to units on the day of issue.
    Group = domain::directive::Group { Departments, Districts, Communes }
}
api_enum! {
    DirectiveStatus = domain::directive::DirectiveStatus { Captured, Agreed, Issued, TakenBack }
}
api_enum! {
    /// What is missing before it can be issued.
    Gap = domain::directive::Gap { Text, LeadUnit, DueDate, DueDateUnclear, DueDateDiffers, UnitGone, GroupGone }
}

/// `{"unit": 3}` or `{"group": "districts"}`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Addressee {
    Unit(u32),
    Group(Group),
}

impl From<&DomainAddressee> for Addressee {
    fn from(addressee: &DomainAddressee) -> Self {
        match addressee {
            DomainAddressee::Unit(unit) => Self::Unit(unit.0),
            DomainAddressee::Group(group) => Self::Group((*group).into()),
        }
    }
}

impl From<Addressee> for DomainAddressee {
    fn from(addressee: Addressee) -> Self {
        match addressee {
            Addressee::Unit(unit) => Self::Unit(UnitId(unit)),
            Addressee::Group(group) => Self::Group(group.into()),
        }
    }
}

/// The words of a due date and what they mean.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DueDate {
    words: String,
    kind: DueKind,
    /// For `on`.
    date: Option<Day>,
    /// For `monthly`.
    day: Option<u32>,
    /// For `every`: every month 1, every quarter 3.
    months: Option<u32>,
    /// Local time on that date, where one was said.
    hour: Option<TimeOfDay>,
}

/// Words that are no due date: what is left over of them, and why.
#[derive(Debug, Serialize, ToSchema)]
struct Unclear {
    left: Vec<String>,
    /// `words`, `several`, `not_in_calendar`, `no_holidays`, `two_ways`, `no_day`, `part_of_period`, `before_count`, `after`, `past`, `lunar`, `session`.
    why: String,
    /// For `no_holidays`: the year whose working days are not known.
    year: Option<i16>,
}

/// What should be asked about a due date before it is issued; it is no obstacle.
#[derive(Debug, Serialize, ToSchema)]
struct Concern {
    kind: ConcernKind,
    /// For `past`.
    days: Option<i32>,
    /// For `far`.
    years: Option<i16>,
    /// For `next_year`: the same day of this year, which is over; for `other_day`: the day that the sentence names.
    date: Option<Day>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConcernKind {
    Past,
    Far,
    NextYear,
    OtherDay,
}

impl From<DomainConcern> for Concern {
    fn from(concern: DomainConcern) -> Self {
        let nothing = Self { kind: ConcernKind::Past, days: None, years: None, date: None };
        match concern {
            DomainConcern::Past { days } => Self { days: Some(days), ..nothing },
            DomainConcern::Far { years } => {
                Self { kind: ConcernKind::Far, years: Some(years), ..nothing }
            }
            DomainConcern::NextYear { passed } => {
                Self { kind: ConcernKind::NextYear, date: Some(Day(passed)), ..nothing }
            }
            DomainConcern::OtherDay { date } => {
                Self { kind: ConcernKind::OtherDay, date: Some(Day(date)), ..nothing }
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DueKind {
    On,
    Monthly,
    Every,
    Ongoing,
    Undated,
}

impl From<&DomainDueDate> for DueDate {
    fn from(due: &DomainDueDate) -> Self {
        let (kind, day, months) = match due.due {
            DomainDue::On(_) => (DueKind::On, None, None),
            DomainDue::Monthly { day } => (DueKind::Monthly, Some(u32::from(day)), None),
            DomainDue::Every(Every::Month) => (DueKind::Every, None, Some(1)),
            DomainDue::Every(Every::Quarter) => (DueKind::Every, None, Some(3)),
            DomainDue::Every(Every::Months(months)) => {
                (DueKind::Every, None, Some(u32::from(months)))
            }
            DomainDue::Ongoing => (DueKind::Ongoing, None, None),
            DomainDue::Undated => (DueKind::Undated, None, None),
        };
        let hour = due.hour.map(|hour| TimeOfDay(hour.strftime("%H:%M").to_string()));
        Self { words: due.words.clone(), kind, date: due.due.date().map(Day), day, months, hour }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct DirectiveList {
    items: Vec<Directive>,
}

/// A directive, as far as it is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Directive {
    id: u32,
    /// Its place in the list, from 1.
    number: u32,
    item: Option<u32>,
    #[schema(value_type = String, format = DateTime)]
    spoken_at: Timestamp,
    text: String,
    lead: Vec<Addressee>,
    coordinating: Vec<Addressee>,
    due_words: String,
    /// Null while there are no words, or none that are understood.
    due: Option<DueDate>,
    /// Why the words are not understood; null when they are, or when there are none.
    due_unclear: Option<Unclear>,
    concerns: Vec<Concern>,
    status: DirectiveStatus,
    gaps: Vec<Gap>,
    notice: Option<u32>,
    tasks: Vec<u32>,
    seq: u64,
}

impl Directive {
    pub(super) fn new(state: &State, directive: &DomainDirective, today: Date) -> Self {
        Self {
            id: directive.id.0,
            number: directive.number,
            item: directive.item.map(|item| item.0),
            spoken_at: directive.spoken_at,
            text: directive.draft.text.clone(),
            lead: directive.draft.lead.iter().map(Addressee::from).collect(),
            coordinating: directive.draft.coordinating.iter().map(Addressee::from).collect(),
            due_words: directive.draft.due_words.clone(),
            due: directive.due.as_ref().map(DueDate::from),
            due_unclear: unclear(state, directive),
            concerns: state.concerns(directive, today).into_iter().map(Concern::from).collect(),
            status: directive.status.into(),
            gaps: state.gaps(directive, today).into_iter().map(Gap::from).collect(),
            notice: directive.notice.map(|notice| notice.0),
            tasks: directive.tasks.iter().map(|task| task.0).collect(),
            seq: directive.changed_seq,
        }
    }
}

fn unclear(state: &State, directive: &DomainDirective) -> Option<Unclear> {
    if directive.status == domain::directive::DirectiveStatus::Issued {
        return None;
    }
    let reading = state.reading(directive)?;
    let unclear = reading.unclear()?;
    let year = match unclear.asked {
        Asked::NoHolidays(year) => Some(year),
        _ => None,
    };
    Some(Unclear { left: unclear.left.clone(), why: unclear.asked.as_str().to_owned(), year })
}

async fn list(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<DirectiveList>> {
    seen(&caller, conference)?;
    if !sight::sees_drafts(&caller.state, caller.actor, conference) {
        return Err(Problem::forbidden());
    }
    let today = caller.app.clock.today();
    let items = caller
        .state
        .directives_of(conference)
        .map(|directive| Directive::new(&caller.state, directive, today))
        .collect();
    Ok(Json(DirectiveList { items }))
}

/// What the clerk writes; each part may be missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    #[schema(max_length = 4000)]
    text: String,
    #[serde(default)]
    #[schema(max_items = 100)]
    lead: Vec<Addressee>,
    #[serde(default)]
    #[schema(max_items = 100)]
    coordinating: Vec<Addressee>,
    /// As spoken: "trước 30/6", "quý I/2025", "thường xuyên".
    #[schema(max_length = 300)]
    #[serde(default)]
    due_words: String,
}

impl From<Draft> for DomainDraft {
    fn from(draft: Draft) -> Self {
        Self {
            text: draft.text,
            lead: draft.lead.into_iter().map(DomainAddressee::from).collect(),
            coordinating: draft.coordinating.into_iter().map(DomainAddressee::from).collect(),
            due_words: draft.due_words,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Captured {
    /// When it was spoken; now, when not said.
    #[serde(default)]
    spoken_at: Option<Moment>,
    draft: Draft,
}

async fn capture(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(captured): Sent<Captured>,
) -> Result<(StatusCode, Json<Made>)> {
    let spoken_at = captured.spoken_at.map(|moment| moment.0);
    let command = C::Capture { conference, spoken_at, draft: captured.draft.into() };
    caller
        .create(command, |event| match event {
            Event::Directive(DirectiveEvent::Captured { directive, .. }) => Some(directive.0),
            _ => None,
        })
        .await
}

type DirectiveIds = Ids<(ConferenceId, DirectiveId)>;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftEdit {
    draft: Draft,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn edit(
    caller: Caller,
    Ids((conference, directive)): DirectiveIds,
    Sent(edit): Sent<DraftEdit>,
) -> Result<Json<Accepted>> {
    caller
        .accept(C::Edit { conference, directive, draft: edit.draft.into() }, edit.expected_seq)
        .await
}

async fn take_back(
    caller: Caller,
    Ids((conference, directive)): DirectiveIds,
    Sent(sent): Sent<Expecting>,
) -> Result<Json<Accepted>> {
    caller.accept(C::TakeBack { conference, directive }, sent.expected_seq).await
}

async fn restore(
    caller: Caller,
    Ids((conference, directive)): DirectiveIds,
) -> Result<Json<Accepted>> {
    caller.accept(C::Restore { conference, directive }, None).await
}

async fn move_to(
    caller: Caller,
    Ids((conference, directive)): DirectiveIds,
    Sent(to): Sent<Position>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Move { conference, directive, position: to.position }, to.expected_seq).await
}

async fn agree(
    caller: Caller,
    Ids((conference, directive)): DirectiveIds,
    Sent(sent): Sent<Expecting>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Agree { conference, directive }, sent.expected_seq).await
}

/// What is written on the notice beside the directives.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoticeForm {
    /// Lines above the signature.
    #[schema(value_type = Vec<Line>, min_items = 1, max_items = 4)]
    authority: Vec<String>,
    /// Printed name; may be empty, it is signed on paper.
    #[schema(max_length = 300)]
    signer: String,
    #[schema(max_length = 4000)]
    opening: String,
    #[schema(max_length = 4000)]
    assessment: String,
    #[schema(value_type = Vec<Line>, max_items = 300)]
    recipients: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Issuing {
    #[schema(minimum = 1, maximum = 99999)]
    number: u32,
    /// `TB-VP`, `TB-UBND`.
    #[schema(min_length = 1, max_length = 40)]
    symbol: String,
    date: Day,
    form: NoticeForm,
}

/// The notice is issued and its tasks are given.
#[derive(Debug, Serialize, ToSchema)]
struct Issued {
    id: u32,
    seq: u64,
    /// Units with a task from it that nobody sees: for them it must go another way. `GET /units/unreached` says them before.
    unreached: Vec<UnreachedUnit>,
}

async fn issue(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(issuing): Sent<Issuing>,
) -> Result<(StatusCode, Json<Issued>)> {
    let date = issuing.date.0;
    let command = C::Issue {
        conference,
        number: issuing.number,
        symbol: issuing.symbol,
        date: issuing.date.0,
        form: DomainForm {
            authority: issuing.form.authority,
            signer: issuing.form.signer,
            opening: issuing.form.opening,
            assessment: issuing.form.assessment,
            recipients: issuing.form.recipients,
        },
    };
    let (status, Json(Made { id, seq })) = caller
        .create(command, |event| match event {
            Event::Directive(DirectiveEvent::NoticeIssued { notice, .. }) => Some(notice.0),
            _ => None,
        })
        .await?;
    let state = caller.app.engine.state();
    let reach = Receivers::read(&caller.app, &state).await?;
    let unreached = reach.unreached_leads(&state, conference, date).into_iter();
    let unreached = unreached.map(|(unit, why)| UnreachedUnit::new(&state, unit, why)).collect();
    Ok((status, Json(Issued { id, seq, unreached })))
}

/// A notice of conclusions, issued.
#[derive(Debug, Serialize, ToSchema)]
struct Notice {
    id: u32,
    conference: u32,
    issuer: u32,
    number: u32,
    symbol: String,
    date: Day,
    form: NoticeForm,
    directives: Vec<Directive>,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    seq: u64,
}

async fn get_notice(caller: Caller, Ids(notice): Ids<NoticeId>) -> Result<Json<Notice>> {
    let found: &DomainNotice = caller.state.notice(notice).ok_or_else(Problem::not_found)?;
    seen(&caller, found.conference)?;
    let today = caller.app.clock.today();
    let directives = found
        .directives
        .iter()
        .filter_map(|id| caller.state.directive(*id))
        .map(|directive| Directive::new(&caller.state, directive, today))
        .collect();
    let form = NoticeForm {
        authority: found.form.authority.clone(),
        signer: found.form.signer.clone(),
        opening: found.form.opening.clone(),
        assessment: found.form.assessment.clone(),
        recipients: found.form.recipients.clone(),
    };
    Ok(Json(Notice {
        id: found.id.0,
        conference: found.conference.0,
        issuer: found.issuer.0,
        number: found.number,
        symbol: found.symbol.clone(),
        date: Day(found.date),
        form,
        directives,
        issued_at: found.issued_at,
        seq: found.issued_seq,
    }))
}
