//! How the domain's things are said on a page: a due date, how a task stands, a gap, a phase, a role. Sentences come from the catalogue;
//! which one is chosen here, so that a task is called the same on every page.

use domain::{
    Actor, Role, State,
    conference::{Finding, LineCheck, Phase, Roll, Site},
    directive::{Gap, Group},
    due::{Asked, Concern, Due, DueDate, Reading, Unclear},
    organisation::{UnitKind, tiers},
    task::{Standing, Task, TaskLine, TaskStatus},
};
use jiff::civil::Date;
use maud::Markup;

use crate::{
    kit,
    lang::{self, Lang},
    t,
};

/// What a task's mark says, in one look: `data-state` and the mark's name in `icons.svg`. From what needs most to what needs least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mark {
    Over,
    Back,
    Soon,
    Wait,
    Open,
    Doing,
    Steady,
    Late,
    Done,
}

impl Mark {
    pub(crate) const ALL: [Self; 9] = [
        Self::Over,
        Self::Back,
        Self::Soon,
        Self::Wait,
        Self::Open,
        Self::Doing,
        Self::Steady,
        Self::Late,
        Self::Done,
    ];

    pub(crate) fn of(task: &Task, today: Date) -> Self {
        Self::from(task.status, task.standing(today), task.due.due)
    }

    pub(crate) fn of_line(task: &TaskLine, today: Date) -> Self {
        Self::from(task.status, task.standing(today), task.due)
    }

    fn from(status: TaskStatus, standing: Standing, due: Due) -> Self {
        match (status, standing) {
            (TaskStatus::Completed, Standing::DoneLate) => Self::Late,
            (TaskStatus::Completed, _) => Self::Done,
            (TaskStatus::Reported, _) => Self::Wait,
            (_, Standing::Overdue) => Self::Over,
            (TaskStatus::Returned, _) => Self::Back,
            (_, Standing::DueSoon) => Self::Soon,
            (_, Standing::NoDate) if due != Due::Undated => Self::Steady,
            (TaskStatus::Acknowledged, _) => Self::Doing,
            (TaskStatus::Assigned, _) => Self::Open,
        }
    }

    /// `over`: `data-state`, the end of the mark's id, and the filter in an address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Back => "back",
            Self::Soon => "soon",
            Self::Wait => "wait",
            Self::Open => "open",
            Self::Doing => "doing",
            Self::Steady => "steady",
            Self::Late => "late",
            Self::Done => "done",
        }
    }

    pub(crate) fn from_str(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.as_str() == word)
    }

    pub(crate) fn words(self, lang: Lang) -> String {
        match self {
            Self::Over => t!(lang, "mark-over"),
            Self::Back => t!(lang, "mark-back"),
            Self::Soon => t!(lang, "mark-soon"),
            Self::Wait => t!(lang, "mark-wait"),
            Self::Open => t!(lang, "mark-open"),
            Self::Doing => t!(lang, "mark-doing"),
            Self::Steady => t!(lang, "mark-steady"),
            Self::Late => t!(lang, "mark-late"),
            Self::Done => t!(lang, "mark-done"),
        }
    }
}

/// "Quá hạn 3 ngày", "Còn 3 ngày", "Bị trả lại, còn 4 ngày", "Chờ Văn phòng nhận kết quả".
pub(crate) fn standing(lang: Lang, task: &Task, today: Date) -> String {
    let days = task.due.due.date().map(|due| days_between(today, due));
    match (Mark::of(task, today), days) {
        (Mark::Over, _) if task.status == TaskStatus::Returned => {
            t!(lang, "standing-back-over", days = task.days_late(today))
        }
        (Mark::Over, _) => t!(lang, "standing-over", days = task.days_late(today)),
        (Mark::Back, Some(days)) => t!(lang, "standing-back", days = days),
        (Mark::Soon, Some(0)) => t!(lang, "standing-today"),
        (Mark::Soon | Mark::Open | Mark::Doing, Some(days)) => {
            t!(lang, "standing-left", days = days)
        }
        (Mark::Late, _) => t!(lang, "standing-late", days = task.days_late(today)),
        (mark, _) => mark.words(lang),
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The button that takes a task one step further, as its lead unit sees it.
pub(crate) fn next_step(lang: Lang, task: &Task) -> Option<String> {
    match task.status {
        TaskStatus::Assigned => Some(t!(lang, "step-acknowledge")),
        TaskStatus::Acknowledged => Some(t!(lang, "step-report")),
        TaskStatus::Returned => Some(t!(lang, "step-report-again")),
        TaskStatus::Reported | TaskStatus::Completed => None,
    }
}

/// With its day of the week: "20/02/2025, thứ Năm".
pub(crate) fn date_and_weekday(lang: Lang, date: Date) -> String {
    format!("{}, {}", lang::date(date), lang::weekday(lang, date))
}

/// As the chip says it: "trước 20/02/2025, thứ Năm", "quý I/2025: 31/03/2025, thứ Hai", "ngày 25 hằng tháng", "thường xuyên".
pub(crate) fn due(lang: Lang, due: &DueDate) -> String {
    match due.due {
        Due::On(date) if due.is_only_a_date() => {
            t!(lang, "due-by", date = date_and_weekday(lang, date))
        }
        Due::On(date) => match due.hour {
            Some(hour) => format!(
                "{}: {}",
                due.words,
                t!(
                    lang,
                    "due-hour",
                    hour = hour.strftime("%H:%M").to_string(),
                    date = date_and_weekday(lang, date)
                )
            ),
            None => format!("{}: {}", due.words, date_and_weekday(lang, date)),
        },
        Due::Monthly { day } => t!(lang, "due-monthly", day = format!("{day:02}")),
        Due::Every(_) | Due::Ongoing | Due::Undated => due.words.clone(),
    }
}

/// Why words are no due date, with the words that are left over: "chưa hiểu “nếu kịp”".
pub(crate) fn unclear(lang: Lang, reading: &Reading) -> String {
    let Some(Unclear { left, asked }) = reading.unclear() else {
        return t!(lang, "due-nothing", words = reading.words.as_str());
    };
    let words = left.iter().map(|words| format!("“{words}”")).collect::<Vec<_>>().join(", ");
    match asked {
        Asked::Words => t!(lang, "due-asked-words", words = words),
        Asked::Several => t!(lang, "due-asked-several", words = words),
        Asked::NotInCalendar => t!(lang, "due-asked-calendar", words = words),
        Asked::NoHolidays(year) => {
            t!(lang, "due-asked-holidays", words = words, year = year.to_string())
        }
        Asked::TwoWays => t!(lang, "due-asked-two-ways", words = words),
        Asked::NoDay => t!(lang, "due-asked-no-day", words = words),
        Asked::PartOfPeriod => t!(lang, "due-asked-part", words = words),
        Asked::BeforeCount => t!(lang, "due-asked-before", words = words),
        Asked::After => t!(lang, "due-asked-after", words = words),
        Asked::Past => t!(lang, "due-asked-past", words = words),
        Asked::Lunar => t!(lang, "due-asked-lunar", words = words),
        Asked::Session => t!(lang, "due-asked-session", words = words),
    }
}

/// What should be asked about a due date that is understood.
pub(crate) fn concern(lang: Lang, concern: Concern) -> String {
    match concern {
        Concern::Past { days } => t!(lang, "due-past", days = days),
        Concern::Far { years } => t!(lang, "due-far", years = years),
        Concern::NextYear { passed } => t!(lang, "due-next-year", date = lang::date(passed)),
        Concern::OtherDay { date } => t!(lang, "due-other-day", date = lang::date(date)),
    }
}

/// In a column of dates: "20/02/2025", "ngày 25 hằng tháng", "Thường xuyên".
pub(crate) fn due_short(lang: Lang, due: &DueDate) -> String {
    match due.due {
        Due::On(date) => match due.hour {
            Some(hour) => format!("{}, {}", lang::date(date), hour.strftime("%H:%M")),
            None => lang::date(date),
        },
        Due::Monthly { day } => t!(lang, "due-monthly", day = format!("{day:02}")),
        Due::Every(_) | Due::Ongoing | Due::Undated => upper_first(&due.words),
    }
}

pub(crate) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// "có mặt"
pub(crate) fn roll(lang: Lang, roll: Roll) -> String {
    match roll {
        Roll::Unmarked => t!(lang, "room-roll-unmarked"),
        Roll::Present => t!(lang, "room-roll-present"),
        Roll::Excused => t!(lang, "room-roll-excused"),
        Roll::Absent => t!(lang, "room-roll-absent"),
    }
}

/// As it stands in addresses and forms.
pub(crate) fn roll_code(roll: Roll) -> &'static str {
    match roll {
        Roll::Unmarked => "unmarked",
        Roll::Present => "present",
        Roll::Excused => "excused",
        Roll::Absent => "absent",
    }
}

pub(crate) fn gap(lang: Lang, gap: Gap) -> String {
    match gap {
        Gap::Text => t!(lang, "gap-text"),
        Gap::LeadUnit => t!(lang, "gap-lead"),
        Gap::DueDate => t!(lang, "gap-due"),
        Gap::DueDateUnclear => t!(lang, "gap-due-unclear"),
        Gap::DueDateDiffers => t!(lang, "gap-due-differs"),
        Gap::UnitGone => t!(lang, "gap-unit-gone"),
        Gap::GroupGone => t!(lang, "gap-group-gone"),
    }
}

pub(crate) fn phase(lang: Lang, phase: Phase) -> String {
    match phase {
        Phase::Draft => t!(lang, "phase-draft"),
        Phase::Open => t!(lang, "phase-open"),
        Phase::InSession => t!(lang, "phase-in-session"),
        Phase::Closed => t!(lang, "phase-closed"),
        Phase::Concluded => t!(lang, "phase-concluded"),
    }
}

/// `data-state` of a phase, and its mark.
pub(crate) fn phase_state(phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => "open",
        Phase::Open => "doing",
        Phase::InSession => "air",
        Phase::Closed => "wait",
        Phase::Concluded => "done",
    }
}

pub(crate) fn role(lang: Lang, role: Role) -> String {
    match role {
        Role::Chair => t!(lang, "role-chair"),
        Role::Operator => t!(lang, "role-operator"),
        Role::Clerk => t!(lang, "role-clerk"),
        Role::Site => t!(lang, "role-site"),
        Role::UnitOfficer => t!(lang, "role-unit-officer"),
        Role::DeskOfficer => t!(lang, "role-desk-officer"),
        Role::Observer => t!(lang, "role-observer"),
        Role::Admin => t!(lang, "role-admin"),
        Role::System => t!(lang, "role-system"),
    }
}

/// As it is said on `day`: there were thị trấn until 30 June 2025.
pub(crate) fn unit_kind(lang: Lang, kind: UnitKind, day: Date) -> String {
    match kind {
        UnitKind::City => t!(lang, "kind-city"),
        UnitKind::Office => t!(lang, "kind-office"),
        UnitKind::Department => t!(lang, "kind-department"),
        UnitKind::District => t!(lang, "kind-district"),
        UnitKind::Commune if tiers::has_districts(day) => t!(lang, "kind-commune-with-towns"),
        UnitKind::Commune => t!(lang, "kind-commune"),
        UnitKind::SpecialZone => t!(lang, "kind-special-zone"),
        UnitKind::Other => t!(lang, "kind-other"),
    }
}

pub(crate) const UNIT_KINDS: [UnitKind; 7] = [
    UnitKind::City,
    UnitKind::Office,
    UnitKind::Department,
    UnitKind::District,
    UnitKind::Commune,
    UnitKind::SpecialZone,
    UnitKind::Other,
];

/// Kinds that a unit may be of when it begins on `day`.
pub(crate) fn unit_kinds_on(day: Date) -> impl Iterator<Item = UnitKind> {
    let of_the_other_time =
        if tiers::has_districts(day) { UnitKind::SpecialZone } else { UnitKind::District };
    UNIT_KINDS.into_iter().filter(move |kind| *kind != of_the_other_time)
}

/// A place and its body as an example in a hint: one that there is on `day`.
pub(crate) fn example_place(day: Date) -> (&'static str, &'static str) {
    if tiers::has_districts(day) {
        ("Quận Hoàng Mai", "UBND quận Hoàng Mai")
    } else {
        ("Phường Hoàng Mai", "UBND phường Hoàng Mai")
    }
}

/// Since when a group is no more and what is addressed instead: "từ 01/7/2025 không còn cấp huyện; dùng “UBND các xã, phường”".
pub(crate) fn group_ended(lang: Lang, state: &State, group: Group, day: Date) -> Option<String> {
    let ended = group.ended(day)?;
    let instead = state.organisation().group_words(ended.instead, day);
    Some(t!(lang, "group-ended", date = lang::date(ended.since), instead = instead))
}

pub(crate) fn unit_kind_code(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::City => "city",
        UnitKind::Office => "office",
        UnitKind::Department => "department",
        UnitKind::District => "district",
        UnitKind::Commune => "commune",
        UnitKind::SpecialZone => "special_zone",
        UnitKind::Other => "other",
    }
}

/// Cuts at a word; the whole is shown elsewhere on the page.
pub(crate) fn shorten(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(chars_max).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ';', '.', ' ']))
}

/// Everything was tested, nothing failed.
pub(crate) fn is_ready(site: &Site) -> bool {
    site.check.as_ref().is_some_and(LineCheck::is_ready)
}

/// Trouble first, then the unseen, then the ready; by the order of display among equals (sorts are stable).
pub(crate) fn readiness_rank(site: &Site) -> u8 {
    match &site.check {
        Some(check) if !check.is_ready() => 0,
        None => 1,
        Some(_) => 2,
    }
}

pub(crate) fn readiness(lang: Lang, site: &Site) -> Markup {
    match readiness_rank(site) {
        0 => kit::state("look", t!(lang, "site-look")),
        1 => kit::state("away", t!(lang, "site-unseen")),
        _ => kit::state("ready", t!(lang, "site-ready")),
    }
}

/// What the line check found wrong: "tiếng vọng, mất gói 3,1 %".
pub(crate) fn check_trouble(lang: Lang, site: &Site) -> Option<String> {
    let check = site.check.as_ref()?;
    let mut wrong = Vec::new();
    let bad = |finding: Finding| matches!(finding, Finding::Failed | Finding::NotTested);
    if bad(check.camera) {
        wrong.push(t!(lang, "check-camera"));
    }
    if bad(check.microphone) {
        wrong.push(t!(lang, "check-microphone"));
    }
    if bad(check.loudspeaker) {
        wrong.push(t!(lang, "check-loudspeaker"));
    }
    if check.echo != Finding::Good && check.echo != Finding::NotTested {
        wrong.push(t!(lang, "check-echo"));
    }
    if check.line != Finding::Good {
        wrong.push(t!(
            lang,
            "check-line",
            loss = lang::decimal(lang, f64::from(check.loss_permille) / 10.0, 1),
            rtt = lang::number(lang, check.rtt_ms)
        ));
    }
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

/// Who did it: the office held, the site, or the program itself.
pub(crate) fn actor(lang: Lang, state: &State, actor: Actor) -> String {
    match actor {
        Actor::System => t!(lang, "actor-system"),
        Actor::Person(id) => state
            .organisation()
            .person(id)
            .map_or_else(|| t!(lang, "actor-gone"), |person| person.position.clone()),
        Actor::Site(id) => {
            state.site(id).map_or_else(|| t!(lang, "actor-gone"), |site| site.name.clone())
        }
    }
}
