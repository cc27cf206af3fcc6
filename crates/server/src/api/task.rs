//! Tasks: what a unit owes, its reports, extensions, and what the Office decides.

use axum::{Json, http::StatusCode};
use domain::{
    CommandKind as K, ConferenceId, Event, ExtensionId, Role, TaskId, UnitId,
    task::{
        Extension as DomainExtension, FileRef as DomainFile, Step as DomainStep,
        Task as DomainTask, TaskCommand as C, TaskEvent, TaskLine,
    },
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Accepted, Caller, Expecting, Ids, Made, Paging, Query, Sent},
    directive::DueDate,
    table::{Access, Op, Table},
    written::Day,
};
use crate::{
    files::FileHash,
    problem::{Problem, Result},
    sight,
};

/// Who may see a task, and with it the files that it names.
pub(super) const SEEN: &[Role] =
    &[Role::UnitOfficer, Role::DeskOfficer, Role::Chair, Role::Clerk, Role::Operator];

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("tasks", id, summary);
    let accepted =
        |id, summary, kind| op(id, summary).command(kind).gives::<Accepted>(StatusCode::OK);
    table
        .get(
            "/tasks",
            list,
            op("listTasks", "Tasks that the caller may see")
                .access(Access::Person)
                .query::<TaskQuery>()
                .gives::<TaskPart>(StatusCode::OK),
        )
        .get(
            "/tasks/{task}",
            get,
            op("getTask", "One task with its story")
                .access(Access::Sight(SEEN))
                .gives::<TaskStory>(StatusCode::OK),
        )
        .post(
            "/tasks/{task}/acknowledge",
            acknowledge,
            accepted("acknowledgeTask", "The unit has it", K::Acknowledge)
                .takes::<Expecting>(json!({})),
        )
        .post(
            "/tasks/{task}/report",
            report,
            accepted("reportTask", "Report the result, with evidence", K::Report)
                .takes::<Report>(json!({ "text": "Đã rà soát 12/12 phòng.", "evidence": [] })),
        )
        .post(
            "/tasks/{task}/withdraw",
            withdraw,
            accepted(
                "withdrawTask",
                "Withdraw the report, which waits for the Office",
                K::Withdraw,
            )
            .takes::<Expecting>(json!({})),
        )
        .post(
            "/tasks/{task}/extensions",
            ask,
            op("askExtension", "Ask for another due date")
                .command(K::AskExtension)
                .takes::<Asked>(json!({ "to": "2025-02-14", "reason": "Chờ hướng dẫn mẫu biểu." }))
                .gives::<Made>(StatusCode::CREATED),
        )
        .post(
            "/tasks/{task}/extensions/{extension}/grant",
            grant,
            accepted(
                "grantExtension",
                "Grant it, to the day asked for or another",
                K::GrantExtension,
            )
            .takes::<Granted>(json!({ "to": "2025-02-14", "reason": "" })),
        )
        .post(
            "/tasks/{task}/extensions/{extension}/refuse",
            refuse,
            accepted("refuseExtension", "Refuse it", K::RefuseExtension)
                .takes::<Reason>(json!({ "reason": "Đã có mẫu biểu từ 10/01." })),
        )
        .post(
            "/tasks/{task}/complete",
            complete,
            accepted("completeTask", "Accept the result", K::Complete)
                .takes::<Note>(json!({ "note": "" })),
        )
        .post(
            "/tasks/{task}/return",
            send_back,
            accepted("returnTask", "Send the result back", K::Return)
                .takes::<Reason>(json!({ "reason": "Thiếu bảng rà soát của 2 phòng." })),
        )
}

api_enum! {
    TaskStatus = domain::task::TaskStatus { Assigned, Acknowledged, Reported, Returned, Completed }
}
api_enum! {
    /// How a task stands today.
    Standing = domain::task::Standing { Overdue, DueSoon, WithinTerm, NoDate, DoneOnTime, DoneLate }
}

/// A file in the store.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileRef {
    /// BLAKE3 of the contents.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(super) hash: String,
    #[schema(min_length = 1, max_length = 150)]
    pub(super) name: String,
    pub(super) bytes: u64,
}

impl From<&DomainFile> for FileRef {
    fn from(file: &DomainFile) -> Self {
        Self { hash: file.hash.clone(), name: file.name.clone(), bytes: file.bytes }
    }
}

/// One lead unit, what it owes and by when, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
struct Task {
    id: u32,
    conference: u32,
    notice: u32,
    directive: u32,
    text: String,
    /// Office held by who gave it.
    given_by: String,
    lead_unit: u32,
    coordinating_units: Vec<u32>,
    assigned_on: Day,
    due_original: DueDate,
    /// In force.
    due: DueDate,
    status: TaskStatus,
    standing: Standing,
    days_late: i32,
    reported_on: Option<Day>,
    /// The one that waits for a decision.
    waiting_extension: Option<u32>,
    seq: u64,
}

/// A task, and what happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskStory {
    task: Task,
    extensions: Vec<Extension>,
    story: Vec<StoryLine>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Extension {
    id: u32,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    to: Day,
    reason: String,
    state: ExtensionState,
    granted_to: Option<Day>,
    decision_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExtensionState {
    Waiting,
    Granted,
    Refused,
}

impl From<&DomainExtension> for Extension {
    fn from(extension: &DomainExtension) -> Self {
        let state = match &extension.decision {
            None => ExtensionState::Waiting,
            Some(decision) if decision.granted_to.is_some() => ExtensionState::Granted,
            Some(_) => ExtensionState::Refused,
        };
        Self {
            id: extension.id.0,
            asked_at: extension.asked_at,
            to: Day(extension.to),
            reason: extension.reason.clone(),
            state,
            granted_to: extension
                .decision
                .as_ref()
                .and_then(|decision| decision.granted_to)
                .map(Day),
            decision_reason: extension.decision.as_ref().map(|decision| decision.reason.clone()),
        }
    }
}

/// One step of the story.
#[derive(Debug, Serialize, ToSchema)]
struct StoryLine {
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `person:3`, `site:12`, `system`.
    actor: String,
    step: Step,
    /// What was reported, or the reason given.
    text: Option<String>,
    evidence: Vec<FileRef>,
    extension: Option<u32>,
    to: Option<Day>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Step {
    Assigned,
    Acknowledged,
    Reported,
    Withdrawn,
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    Completed,
    Returned,
}

impl From<&domain::task::StoryLine> for StoryLine {
    fn from(line: &domain::task::StoryLine) -> Self {
        let mut evidence_of = Vec::new();
        let (step, text, extension, to) = match &line.what {
            DomainStep::Assigned => (Step::Assigned, None, None, None),
            DomainStep::Acknowledged => (Step::Acknowledged, None, None, None),
            DomainStep::Reported { text, evidence } => {
                evidence_of = evidence.iter().map(FileRef::from).collect();
                (Step::Reported, Some(text), None, None)
            }
            DomainStep::Withdrawn => (Step::Withdrawn, None, None, None),
            DomainStep::ExtensionAsked { extension, to, reason } => {
                (Step::ExtensionAsked, Some(reason), Some(extension), Some(to))
            }
            DomainStep::ExtensionGranted { extension, to, reason } => {
                (Step::ExtensionGranted, Some(reason), Some(extension), Some(to))
            }
            DomainStep::ExtensionRefused { extension, reason } => {
                (Step::ExtensionRefused, Some(reason), Some(extension), None)
            }
            DomainStep::Completed { note } => (Step::Completed, Some(note), None, None),
            DomainStep::Returned { reason } => (Step::Returned, Some(reason), None, None),
        };
        Self {
            seq: line.seq,
            at: line.at,
            actor: line.actor.to_string(),
            step,
            text: text.cloned(),
            evidence: evidence_of,
            extension: extension.map(|id| id.0),
            to: to.copied().map(Day),
        }
    }
}

impl Task {
    fn new(task: &DomainTask, today: Date) -> Self {
        Self {
            id: task.id.0,
            conference: task.conference.0,
            notice: task.notice.0,
            directive: task.directive.0,
            text: task.text.clone(),
            given_by: task.given_by.clone(),
            lead_unit: task.lead_unit.0,
            coordinating_units: task.coordinating_units.iter().map(|unit| unit.0).collect(),
            assigned_on: Day(task.assigned_on),
            due_original: (&task.due_original).into(),
            due: (&task.due).into(),
            status: task.status.into(),
            standing: task.standing(today).into(),
            days_late: task.days_late(today),
            reported_on: task.reported_on.map(Day),
            waiting_extension: task.waiting_extension().map(|extension| extension.id.0),
            seq: task.changed_seq,
        }
    }
}

impl TaskStory {
    pub(super) fn new(task: &DomainTask, today: Date) -> Self {
        Self {
            task: Task::new(task, today),
            extensions: task.extensions.iter().map(Extension::from).collect(),
            story: task.story.iter().map(StoryLine::from).collect(),
        }
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskQuery {
    /// Led or coordinated by this unit.
    #[serde(default)]
    unit: Option<u32>,
    #[serde(default)]
    conference: Option<u32>,
    #[serde(default)]
    status: Option<TaskStatus>,
    #[serde(default)]
    standing: Option<Standing>,
    #[serde(default)]
    after: Option<u32>,
    #[schema(minimum = 1, maximum = 200)]
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TaskPart {
    items: Vec<Task>,
    next: Option<u32>,
    total: u32,
}

async fn list(caller: Caller, Query(query): Query<TaskQuery>) -> Result<Json<TaskPart>> {
    caller.person()?;
    let (state, today) = (&caller.state, caller.app.clock.today());
    let tasks = state.tasks();
    let sight = sight::TaskSight::of(state, caller.actor);
    let fits = |task: &&TaskLine| {
        query.conference.is_none_or(|conference| task.conference.0 == conference)
            && query.status.is_none_or(|status| task.status == status.into())
            && query.standing.is_none_or(|standing| task.standing(today) == standing.into())
    };
    let mut found: Vec<TaskId> = Vec::new();
    let mut look = |among: &mut dyn Iterator<Item = &TaskLine>| {
        found.extend(among.filter(fits).map(|task| task.id));
    };
    // The shortest list that holds all that may be shown, and nothing else.
    match (query.unit.map(UnitId), query.conference.map(ConferenceId)) {
        (Some(unit), _) => {
            let of_unit = tasks.lines_led_by(unit).chain(tasks.lines_coordinated_by(unit));
            look(&mut of_unit.filter(|task| sight.sees(task)));
        }
        (None, Some(conference)) if sight.follows(conference) => {
            look(&mut tasks.lines_of(conference));
        }
        (None, None) if sight.everything => look(&mut tasks.lines()),
        (None, conference) => {
            let of =
                |unit: &UnitId| tasks.lines_led_by(*unit).chain(tasks.lines_coordinated_by(*unit));
            look(&mut sight.units.iter().flat_map(of));
            if conference.is_none() {
                look(&mut sight.conferences.iter().flat_map(|id| tasks.lines_of(*id)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let paging = Paging { after: query.after, limit: query.limit };
    let show = |id: TaskId| tasks.task(id).map(|task| Task::new(task, today));
    let part = paging.cut(found.into_iter(), |id| id.0, show)?;
    let items = part.items.into_iter().flatten().collect();
    Ok(Json(TaskPart { items, next: part.next, total: part.total }))
}

async fn get(caller: Caller, Ids(task): Ids<TaskId>) -> Result<Json<TaskStory>> {
    let found = caller.state.tasks().task(task).ok_or_else(Problem::not_found)?;
    if !sight::sees_task(&caller.state, caller.actor, found) {
        return Err(Problem::forbidden());
    }
    Ok(Json(TaskStory::new(found, caller.app.clock.today())))
}

async fn acknowledge(
    caller: Caller,
    Ids(task): Ids<TaskId>,
    Sent(sent): Sent<Expecting>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Acknowledge { task }, sent.expected_seq).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Files that were uploaded before.
    #[serde(default)]
    #[schema(max_items = 20)]
    evidence: Vec<FileRef>,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn report(
    caller: Caller,
    Ids(task): Ids<TaskId>,
    Sent(report): Sent<Report>,
) -> Result<Json<Accepted>> {
    let mut evidence = Vec::with_capacity(report.evidence.len());
    for file in report.evidence {
        // The journal must not name a file that the store does not have.
        let hash = FileHash::parse(&file.hash);
        let size = match &hash {
            Some(hash) => caller.app.files.size(hash).await,
            None => None,
        };
        if size != Some(file.bytes) {
            return Err(Problem::field("evidence", "file_unknown").with_arg("name", file.name));
        }
        evidence.push(DomainFile { hash: file.hash, name: file.name, bytes: file.bytes });
    }
    caller.accept(C::Report { task, text: report.text, evidence }, report.expected_seq).await
}

async fn withdraw(
    caller: Caller,
    Ids(task): Ids<TaskId>,
    Sent(sent): Sent<Expecting>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Withdraw { task }, sent.expected_seq).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    to: Day,
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn ask(
    caller: Caller,
    Ids(task): Ids<TaskId>,
    Sent(asked): Sent<Asked>,
) -> Result<(StatusCode, Json<Made>)> {
    let outcome = caller
        .act(C::AskExtension { task, to: asked.to.0, reason: asked.reason }, asked.expected_seq)
        .await?;
    let id = outcome.events.iter().find_map(|event| match event {
        Event::Task(TaskEvent::ExtensionAsked { extension, .. }) => Some(extension.0),
        _ => None,
    });
    let id = id.ok_or_else(|| Problem::internal("asking for an extension asked for none"))?;
    Ok((StatusCode::CREATED, Json(Made { id, seq: outcome.seq })))
}

type ExtensionIds = Ids<(TaskId, ExtensionId)>;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Granted {
    to: Day,
    #[schema(max_length = 4000)]
    reason: String,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn grant(
    caller: Caller,
    Ids((task, extension)): ExtensionIds,
    Sent(granted): Sent<Granted>,
) -> Result<Json<Accepted>> {
    let command = C::GrantExtension { task, extension, to: granted.to.0, reason: granted.reason };
    caller.accept(command, granted.expected_seq).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn refuse(
    caller: Caller,
    Ids((task, extension)): ExtensionIds,
    Sent(refused): Sent<Reason>,
) -> Result<Json<Accepted>> {
    caller
        .accept(
            C::RefuseExtension { task, extension, reason: refused.reason },
            refused.expected_seq,
        )
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    /// May be empty.
    #[schema(max_length = 4000)]
    note: String,
    #[serde(default)]
    expected_seq: Option<u64>,
}

async fn complete(
    caller: Caller,
    Ids(task): Ids<TaskId>,
    Sent(note): Sent<Note>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Complete { task, note: note.note }, note.expected_seq).await
}

async fn send_back(
    caller: Caller,
    Ids(task): Ids<TaskId>,
    Sent(returned): Sent<Reason>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Return { task, reason: returned.reason }, returned.expected_seq).await
}
