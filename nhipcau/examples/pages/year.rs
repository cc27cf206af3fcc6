//! A year and a half of conferences, and what becomes of their tasks: every step a command of whoever may give it, on the day it falls due.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use axum::body::Bytes;
use domain::{
    Actor, Command, ConferenceId, DirectiveId, Event, PersonId, Role, TaskId, UnitId,
    conference::{ConferenceCommand, ConferenceEvent, Outline},
    directive::{Addressee, DirectiveCommand, DirectiveEvent, Draft, Group, NoticeForm},
    due::Due,
    task::{FileRef, TaskCommand, TaskStatus},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Span, civil::Date};
use server::{
    App,
    engine::{Envelope, Outcome, SubmitError},
    files::Stored,
};

/// Commands on their way at once: the writer joins what waits into one commit.
const AT_ONCE: usize = 256;
/// Days from one conference to the next.
const DAYS_APART: i64 = 4;
/// Sites of an ordinary conference.
const SITES: usize = 30;
/// Directives of an ordinary conference.
const DIRECTIVES: usize = 24;
/// Directives of the one that addresses everybody again and again.
const DIRECTIVES_OF_LARGE: usize = 90;

/// A file with a report.
const FILE_BYTES: usize = 180_000;

/// What loading took.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) commands: u64,
    pub(crate) refused: u64,
    /// Time from giving a command to its being durable, with `AT_ONCE` on their way: while no snapshot was being written, and while one was.
    pub(crate) quiet: Vec<Duration>,
    pub(crate) snapshotting: Vec<Duration>,
}

/// Numbers that look drawn and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn under(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.under(100) < chance
    }

    fn days(&mut self, from: i64, to: i64) -> Span {
        let width = u64::try_from(to - from + 1).unwrap_or(1);
        Span::new().days(from + i64::try_from(self.under(width)).unwrap_or(0))
    }
}

/// What is done to a task on a day.
#[derive(Clone, Copy)]
enum Act {
    Acknowledge,
    Ask,
    Decide,
    Report,
    Judge,
}

struct Year<'a> {
    app: &'a App,
    staff: HashMap<&'static str, PersonId>,
    officer_of: HashMap<UnitId, PersonId>,
    diary: BTreeMap<Date, Vec<(TaskId, Act)>>,
    stored: Stored,
    dice: Dice,
    loaded: Loaded,
}

/// Loads `tasks` tasks; then three conferences that are not over: in session with a site for every unit, closed with its notice to
/// write, and one being prepared.
pub(crate) async fn pass(app: &App, tasks: usize) -> Result<Loaded> {
    let state = app.engine.state();
    let organisation = state.organisation();
    let login = |login| organisation.person_by_login(login).map(|person| (login, person.id));
    let staff: Option<HashMap<_, _>> = ["chair", "operator", "clerk", "observer", "desk", "admin"]
        .map(login)
        .into_iter()
        .collect();
    let officers = organisation.people().filter_map(|person| match person.officer_of[..] {
        [unit] => Some((unit, person.id)),
        _ => None,
    });
    let file = Bytes::from_static(&[b'%'; FILE_BYTES]);
    let stored = app.files.store(stream::iter([Ok::<_, Infallible>(file)])).await;
    let mut year = Year {
        app,
        staff: staff.context("the staff is there")?,
        officer_of: officers.collect(),
        diary: BTreeMap::new(),
        stored: stored.map_err(|_| anyhow!("the file was not stored"))?,
        dice: Dice::new(50_000),
        loaded: Loaded::default(),
    };
    let mut number = 1;
    // The large one stands in the middle, so that its tasks have come a long way.
    let mut large = false;
    while year.app.engine.state().tasks().count() < tasks {
        let count = year.app.engine.state().tasks().count();
        let is_large = !large && count >= tasks / 2;
        large |= is_large;
        let directives = if is_large { DIRECTIVES_OF_LARGE } else { DIRECTIVES };
        let conference = year.meet(number, SITES, directives, tasks - count).await?;
        year.conclude(conference, number).await?;
        number += 1;
        year.pass_days(DAYS_APART).await?;
        eprint!(
            "\r  {} tasks, {} conferences, {}   ",
            year.app.engine.state().tasks().count(),
            number - 1,
            year.app.clock.today()
        );
    }
    // A month in which only work goes on.
    for _ in 0..8 {
        year.pass_days(DAYS_APART).await?;
    }
    eprintln!();
    let closed = year.meet(number, SITES, 60, usize::MAX).await?;
    year.confer(ConferenceCommand::Close { conference: closed }).await?;
    year.meet(number + 1, usize::MAX, 60, usize::MAX).await?;
    year.create(number + 2, 54).await?;
    if year.loaded.refused * 100 > year.loaded.commands {
        bail!("{} of {} commands were refused", year.loaded.refused, year.loaded.commands);
    }
    Ok(year.loaded)
}

impl Year<'_> {
    /// From the first invitation to the last word; what is said makes no more than `left` tasks.
    async fn meet(
        &mut self,
        number: u32,
        sites: usize,
        directives: usize,
        left: usize,
    ) -> Result<ConferenceId> {
        let conference = self.create(number, sites).await?;
        self.confer(ConferenceCommand::Open { conference }).await?;
        self.confer(ConferenceCommand::StartSession { conference }).await?;
        let clerk = self.staff["clerk"];
        let drafts = self.drafts(number, directives, left);
        self.give(drafts.into_iter().map(|draft| {
            (clerk, DirectiveCommand::Capture { conference, spoken_at: None, draft }.into())
        }))
        .await?;
        Ok(conference)
    }

    async fn create(&mut self, number: u32, sites: usize) -> Result<ConferenceId> {
        let state = self.app.engine.state();
        let organisation = state.organisation();
        let issuer = organisation.unit_by_code("UBNDTP").context("the city is there")?.id;
        let outline = Outline {
            title: format!(
                "Hội nghị trực tuyến lần {number} về cải cách hành chính, chuyển đổi số và đầu tư công của Thành phố"
            ),
            subject: format!(
                "tại Hội nghị trực tuyến lần {number} về cải cách hành chính và đầu tư công"
            ),
            date: self.app.clock.today(),
            starts: "08:00".into(),
            place: "Trụ sở UBND Thành phố Hà Nội".into(),
            main_site: "Hội trường UBND Thành phố".into(),
            chair_position: "Chủ tịch UBND Thành phố".into(),
            issuer,
        };
        let made = self.confer(ConferenceCommand::Create { outline }).await?;
        let Some(Event::Conference(ConferenceEvent::Created { conference, .. })) =
            made.events.first()
        else {
            bail!("no conference was made");
        };
        let conference = *conference;
        for role in [Role::Chair, Role::Operator, Role::Clerk, Role::Observer] {
            let person = self.staff[role.as_str()];
            self.confer(ConferenceCommand::AssignStaff { conference, person, role }).await?;
        }
        for (title, planned_minutes) in [
            ("Khai mạc", 10),
            ("Báo cáo", 25),
            ("Thảo luận tại các điểm cầu", 60),
            ("Kết luận", 20),
        ] {
            let title = title.to_owned();
            self.confer(ConferenceCommand::AddItem {
                conference,
                title,
                planned_minutes,
                presenter: None,
            })
            .await?;
        }
        let operator = self.staff["operator"];
        // From the second district on: departments sit in the hall.
        let units = organisation.units().filter(|unit| unit.id != issuer).skip(25).take(sites);
        self.give(units.map(|unit| {
            (
                operator,
                ConferenceCommand::AddSite {
                    conference,
                    slug: format!("u{}", unit.code.to_lowercase()),
                    name: unit.aliases.first().unwrap_or(&unit.name).clone(),
                    units: vec![unit.id],
                    chair_position: format!("Chủ tịch {}", unit.name),
                    telephone: format!("024 3000 {:04}", unit.id.0),
                }
                .into(),
            )
        }))
        .await?;
        Ok(conference)
    }

    /// What the chair says; two of three conferences address every commune once, the large one again and again.
    fn drafts(&mut self, number: u32, directives: usize, mut left: usize) -> Vec<Draft> {
        let state = self.app.engine.state();
        let organisation = state.organisation();
        let today = self.app.clock.today();
        let units: Vec<UnitId> = organisation.units().map(|unit| unit.id).collect();
        let is_large = directives == DIRECTIVES_OF_LARGE;
        let mut drafts = Vec::new();
        for place in 0..directives {
            let group = match place {
                _ if is_large && place % 5 == 0 => Some(Group::Communes),
                0 if !number.is_multiple_of(3) => Some(Group::Communes),
                1 | 2 => Some(Group::Districts),
                3 => Some(Group::Departments),
                _ if is_large && place % 5 == 1 => Some(Group::Districts),
                _ => None,
            };
            let count = group.map_or(1, |group| organisation.resolve_group(group, today).len());
            if left == 0 {
                break;
            }
            // The last conference fills up to the very number.
            let (group, count) = if count > left { (None, 1) } else { (group, count) };
            left -= count;
            let mut any =
                || units[usize::try_from(self.dice.under(units.len() as u64)).unwrap_or(0)];
            let lead = vec![group.map_or_else(|| Addressee::Unit(any()), Addressee::Group)];
            let mut coordinating: Vec<Addressee> =
                (0..place % 4).map(|_| Addressee::Unit(any())).collect();
            if place % 6 == 5 {
                coordinating.push(Addressee::Group(Group::Departments));
            }
            drafts.push(Draft {
                text: SAID[place % SAID.len()].to_owned(),
                lead,
                coordinating,
                due_words: self.due_words(place),
            });
        }
        drafts
    }

    fn due_words(&mut self, place: usize) -> String {
        match place % 12 {
            7 => "thường xuyên".into(),
            8 => "ngày 25 hằng tháng".into(),
            9 => "ngay sau khi có hướng dẫn".into(),
            10 => "trong quý III/2026".into(),
            _ => {
                let day = self.app.clock.today() + self.dice.days(7, 120);
                format!("trước {:02}/{:02}/{}", day.day(), day.month(), day.year())
            }
        }
    }

    /// Closed, agreed, issued; then the diary says what becomes of each task.
    async fn conclude(&mut self, conference: ConferenceId, number: u32) -> Result<()> {
        self.confer(ConferenceCommand::Close { conference }).await?;
        let state = self.app.engine.state();
        let (chair, clerk) = (self.staff["chair"], self.staff["clerk"]);
        let agreed: Vec<DirectiveId> =
            state.directives_of(conference).map(|directive| directive.id).collect();
        self.give(
            agreed
                .into_iter()
                .map(|directive| (chair, DirectiveCommand::Agree { conference, directive }.into())),
        )
        .await?;
        let form = NoticeForm {
            authority: vec!["TL. CHỦ TỊCH".into(), "CHÁNH VĂN PHÒNG".into()],
            signer: String::new(),
            opening: "Chủ tịch UBND Thành phố chủ trì hội nghị trực tuyến tới các điểm cầu. Sau khi nghe báo cáo và ý kiến của các đại biểu, Chủ tịch UBND Thành phố kết luận, chỉ đạo như sau:".into(),
            assessment: String::new(),
            recipients: vec!["Các sở, ban, ngành".into(), "UBND các quận, huyện, thị xã".into()],
        };
        let today = self.app.clock.today();
        let issue = DirectiveCommand::Issue {
            conference,
            number,
            symbol: "TB-UBND".into(),
            date: today,
            form,
        };
        let outcome = self.app.engine.act(Actor::Person(clerk), Command::Directive(issue)).await?;
        self.loaded.commands += 1;
        for event in outcome.events.iter() {
            let Event::Directive(DirectiveEvent::TasksMade { tasks, .. }) = event else { continue };
            for made in tasks {
                self.note_within(today, 0, 6, made.task, Act::Acknowledge);
            }
        }
        Ok(())
    }

    /// On a day from `from` to `to` days after today.
    fn note_within(&mut self, today: Date, from: i64, to: i64, task: TaskId, act: Act) {
        let day = today + self.dice.days(from, to);
        self.note(day, task, act);
    }

    fn note(&mut self, day: Date, task: TaskId, act: Act) {
        self.diary.entry(day).or_default().push((task, act));
    }

    async fn pass_days(&mut self, days: i64) -> Result<()> {
        self.app.clock.advance(SignedDuration::from_hours(24 * days))?;
        let today = self.app.clock.today();
        // What is done today may put something else into today's page.
        while let Some(entry) = self.diary.first_entry()
            && *entry.key() <= today
        {
            let acts = entry.remove();
            let commands: Vec<_> =
                acts.into_iter().filter_map(|(task, act)| self.act(today, task, act)).collect();
            self.give(commands).await?;
        }
        Ok(())
    }

    /// The command of one act, and the next act in the diary.
    fn act(&mut self, today: Date, id: TaskId, act: Act) -> Option<(PersonId, Command)> {
        let state = self.app.engine.state();
        let task = state.tasks().task(id)?;
        let (officer, desk) = (*self.officer_of.get(&task.lead_unit)?, self.staff["desk"]);
        let due = match task.due.due {
            Due::On(due) => Some(due),
            _ => None,
        };
        let around_due = match due {
            Some(due) => due + self.dice.days(-25, 12),
            None => today + self.dice.days(20, 200),
        };
        let tomorrow = today + Span::new().days(1);
        match act {
            Act::Acknowledge => {
                let next = around_due.max(tomorrow);
                // One in twelve forgets, and is overdue one day.
                if !self.dice.percent(8) {
                    self.note(next, id, Act::Report);
                }
                if due.is_some() && self.dice.percent(10) {
                    self.note_within(today, 2, 20, id, Act::Ask);
                }
                // One in thirty is never acknowledged.
                (task.status == TaskStatus::Assigned && !self.dice.percent(3))
                    .then(|| (officer, TaskCommand::Acknowledge { task: id }.into()))
            }
            Act::Ask => {
                let due = due.filter(|due| {
                    *due >= today
                        && task.status != TaskStatus::Reported
                        && task.is_open()
                        && task.waiting_extension().is_none()
                })?;
                let to = due + self.dice.days(10, 45);
                self.note_within(today, 1, 40, id, Act::Decide);
                Some((officer, TaskCommand::AskExtension { task: id, to, reason: "Chờ hướng dẫn của Bộ về mẫu biểu và phân cấp; đã rà soát xong phần thuộc thẩm quyền của đơn vị.".into() }.into()))
            }
            Act::Decide => {
                let asked = task
                    .waiting_extension()
                    .filter(|asked| task.is_open() && due.is_some_and(|due| asked.to > due))?;
                let (extension, to) = (asked.id, asked.to);
                Some((
                    desk,
                    if self.dice.percent(80) {
                        TaskCommand::GrantExtension {
                            task: id,
                            extension,
                            to,
                            reason: String::new(),
                        }
                        .into()
                    } else {
                        TaskCommand::RefuseExtension {
                            task: id,
                            extension,
                            reason: "Mẫu biểu đã có từ tháng trước.".into(),
                        }
                        .into()
                    },
                ))
            }
            Act::Report => {
                if task.status == TaskStatus::Reported || !task.is_open() {
                    return None;
                }
                self.note_within(today, 1, 90, id, Act::Judge);
                // One file is really there; the others are known by name alone.
                let stored = &self.stored;
                let evidence = (0..self.dice.under(3)).map(|file| FileRef {
                    hash: match id.0 % 50 {
                        0 => stored.hash.as_str().to_owned(),
                        _ => format!("{:032x}{:032x}", id.0, file),
                    },
                    name: format!("bao-cao-{id}-{file}.pdf"),
                    bytes: stored.bytes,
                });
                Some((
                    officer,
                    TaskCommand::Report {
                        task: id,
                        text: DONE.to_owned(),
                        evidence: evidence.collect(),
                    }
                    .into(),
                ))
            }
            Act::Judge => {
                if task.status != TaskStatus::Reported {
                    return None;
                }
                Some((
                    desk,
                    if self.dice.percent(12) {
                        self.note_within(today, 2, 15, id, Act::Report);
                        TaskCommand::Return {
                            task: id,
                            reason: "Thiếu bảng số liệu kèm theo và thời hạn của hai phòng.".into(),
                        }
                        .into()
                    } else {
                        TaskCommand::Complete { task: id, note: String::new() }.into()
                    },
                ))
            }
        }
    }

    async fn confer(&mut self, command: ConferenceCommand) -> Result<Outcome> {
        self.loaded.commands += 1;
        Ok(self.app.engine.act(Actor::System, Command::Conference(command)).await?)
    }

    /// Gives commands in this order, many on their way at once.
    async fn give(
        &mut self,
        commands: impl IntoIterator<Item = (PersonId, Command)>,
    ) -> Result<()> {
        let engine = &self.app.engine;
        let snapshotting =
            || engine.stats().is_snapshotting.load(std::sync::atomic::Ordering::Relaxed);
        let took: Vec<Option<(bool, Duration)>> =
            stream::iter(commands.into_iter().collect::<Vec<_>>())
                .map(|(person, command)| async move {
                    let (begun, was) = (Instant::now(), snapshotting());
                    match engine.submit(Envelope::new(Actor::Person(person), command)).await {
                        Ok(_) => Ok(Some((was || snapshotting(), begun.elapsed()))),
                        // Two acts of one day that do not go together.
                        Err(SubmitError::Refused(_)) => Ok(None),
                        Err(error) => Err(error),
                    }
                })
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
        for each in took {
            self.loaded.commands += 1;
            match each {
                Some((true, took)) => self.loaded.snapshotting.push(took),
                Some((false, took)) => self.loaded.quiet.push(took),
                None => self.loaded.refused += 1,
            }
        }
        Ok(())
    }
}

const DONE: &str = "Đơn vị đã rà soát 12/12 phòng, ban; ban hành kế hoạch kèm phân công từng nhóm việc, thời hạn và người chịu trách nhiệm. \
    Kết quả: 9 nhóm việc hoàn thành, 3 nhóm đang thực hiện theo tiến độ. Báo cáo, biểu số liệu và danh mục văn bản gửi kèm.";

const SAID: [&str; 8] = [
    "Rà soát khối lượng công việc, vị trí việc làm của từng phòng, ban, đơn vị; đề xuất phương án sắp xếp tinh gọn, báo cáo UBND Thành phố.",
    "Đẩy nhanh tiến độ giải ngân vốn đầu tư công; từng dự án có người chịu trách nhiệm, mốc thời gian hoàn thành, định kỳ báo cáo kết quả.",
    "Hoàn thành số hóa hồ sơ, kết quả giải quyết thủ tục hành chính còn hiệu lực; không yêu cầu người dân nộp lại giấy tờ đã có trong dữ liệu.",
    "Kiểm tra, xử lý dứt điểm các điểm tồn đọng rác thải, vi phạm trật tự xây dựng trên địa bàn; công khai kết quả xử lý.",
    "Tham mưu cơ chế, chính sách đặc thù của Thành phố theo thẩm quyền; trình danh mục văn bản và tiến độ xây dựng trong năm.",
    "Tổ chức trực ban, bảo đảm an toàn phòng cháy, chữa cháy tại các khu dân cư, nhà trọ, chung cư nhỏ; báo cáo kết quả kiểm tra.",
    "Rà soát, cập nhật quy hoạch sử dụng đất; tháo gỡ vướng mắc về giải phóng mặt bằng của các dự án trọng điểm.",
    "Nâng tỷ lệ dịch vụ công trực tuyến toàn trình; hướng dẫn người dân thực hiện tại bộ phận một cửa và nhà văn hóa.",
];
