//! The harness of the scenarios: an Office with units, people and one conference, spoken to in its own words.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of the harness"
)]

use domain::{
    conference::{ConferenceCommand, Outline},
    directive::{Addressee, DirectiveCommand, Draft, NoticeForm},
    floor::FloorCommand,
    organisation::{OrganisationCommand, Sealed, UnitKind},
    refusal::Code,
    task::TaskCommand,
    *,
};
use jiff::{SignedDuration, Timestamp, civil::date};

pub const OFFICE: UnitId = UnitId(1);
pub const SNV: UnitId = UnitId(2);
pub const STC: UnitId = UnitId(3);
pub const HOANG_MAI_UNIT: UnitId = UnitId(4);
pub const BA_DINH_UNIT: UnitId = UnitId(5);

pub const ADMIN: Actor = Actor::Person(PersonId(1));
pub const CHAIR: Actor = Actor::Person(PersonId(2));
pub const OPERATOR: Actor = Actor::Person(PersonId(3));
pub const CLERK: Actor = Actor::Person(PersonId(4));
pub const OBSERVER: Actor = Actor::Person(PersonId(5));
pub const SNV_OFFICER: Actor = Actor::Person(PersonId(6));
pub const STC_OFFICER: Actor = Actor::Person(PersonId(7));
pub const DESK: Actor = Actor::Person(PersonId(8));

pub const CONFERENCE: ConferenceId = ConferenceId(1);
pub const HOANG_MAI: SiteId = SiteId(1);
pub const BA_DINH: SiteId = SiteId(2);

pub struct Office {
    pub state: State,
    pub now: Timestamp,
    pub log: Vec<(Meta, Event)>,
}

impl Office {
    /// Units, people with their rights, and a draft conference with two sites.
    pub fn new() -> Self {
        let mut office = Self {
            state: State::default(),
            now: "2025-01-07T01:00:00Z".parse().unwrap(),
            log: Vec::new(),
        };
        let units = [
            ("VPUB", "Văn phòng UBND Thành phố", "VP UBND", UnitKind::Office, "Văn phòng"),
            ("SNV", "Sở Nội vụ", "SNV", UnitKind::Department, "Giám đốc Sở Nội vụ"),
            ("STC", "Sở Tài chính", "STC", UnitKind::Department, "Giám đốc Sở Tài chính"),
            ("008", "UBND quận Hoàng Mai", "Hoàng Mai", UnitKind::District, "Quận Hoàng Mai"),
            ("001", "UBND quận Ba Đình", "Ba Đình", UnitKind::District, "Quận Ba Đình"),
        ];
        for (code, name, short, kind, alias) in units {
            office.organisation(OrganisationCommand::AddUnit {
                code: code.into(),
                name: name.into(),
                short: short.into(),
                kind,
                parent: None,
                aliases: vec![alias.into()],
                valid_from: date(2020, 1, 1),
            });
        }
        for login in ["admin", "chair", "operator", "clerk", "observer", "snv", "stc", "desk"] {
            office.organisation(OrganisationCommand::AddPerson {
                login: login.into(),
                position: format!("Chức vụ của {login}"),
                unit: Some(OFFICE),
                name: Sealed::default(),
                phone: Sealed::default(),
            });
        }
        office.rights(1, true, false, vec![]);
        office.rights(6, false, false, vec![SNV]);
        office.rights(7, false, false, vec![STC]);
        office.rights(8, false, true, vec![]);
        office.conference(ADMIN, ConferenceCommand::Create { outline: outline() });
        for (slug, name, unit) in [
            ("hoang-mai", "Quận Hoàng Mai", HOANG_MAI_UNIT),
            ("ba-dinh", "Quận Ba Đình", BA_DINH_UNIT),
        ] {
            office.conference(
                ADMIN,
                ConferenceCommand::AddSite {
                    conference: CONFERENCE,
                    slug: slug.into(),
                    name: name.into(),
                    units: vec![unit],
                    chair_position: format!("Chủ tịch UBND {name}"),
                    telephone: "024 3862 0000".into(),
                },
            );
        }
        for (person, role) in
            [(2, Role::Chair), (3, Role::Operator), (4, Role::Clerk), (5, Role::Observer)]
        {
            let person = PersonId(person);
            office.conference(
                ADMIN,
                ConferenceCommand::AssignStaff { conference: CONFERENCE, person, role },
            );
        }
        office
    }

    pub fn in_session() -> Self {
        let mut office = Self::new();
        office.conference(OPERATOR, ConferenceCommand::Open { conference: CONFERENCE });
        office.conference(CHAIR, ConferenceCommand::StartSession { conference: CONFERENCE });
        office
    }

    /// One agreed directive to `lead`, the room shut: ready to issue.
    pub fn ready_to_issue(lead: Vec<Addressee>, coordinating: Vec<Addressee>, due: &str) -> Self {
        let mut office = Self::in_session();
        let draft = Draft {
            text: "Rà soát vị trí việc làm.".into(),
            lead,
            coordinating,
            due_words: due.into(),
        };
        office.directive(
            CLERK,
            DirectiveCommand::Capture { conference: CONFERENCE, spoken_at: None, draft },
        );
        office.directive(
            CHAIR,
            DirectiveCommand::Agree { conference: CONFERENCE, directive: DirectiveId(1) },
        );
        office.conference(CHAIR, ConferenceCommand::Close { conference: CONFERENCE });
        office
    }

    /// Task 1: Sở Nội vụ leads, Sở Tài chính coordinates, due 31/03/2025.
    pub fn with_task() -> Self {
        let mut office = Self::ready_to_issue(
            vec![Addressee::Unit(SNV)],
            vec![Addressee::Unit(STC)],
            "quý I/2025",
        );
        office.directive(CLERK, issue(1));
        office
    }

    pub fn try_do(&mut self, actor: Actor, command: Command) -> Result<Vec<Event>, Refusal> {
        self.try_expecting(actor, command, None)
    }

    pub fn try_expecting(
        &mut self,
        actor: Actor,
        command: Command,
        expected_seq: Option<u64>,
    ) -> Result<Vec<Event>, Refusal> {
        let hanoi = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let today = self.now.to_zoned_datetime(hanoi).date();
        let events =
            self.state.decide(&command, &Context { actor, now: self.now, today, expected_seq })?;
        for event in &events {
            let meta = Meta { seq: self.state.seq() + 1, at: self.now, actor };
            self.state.apply(&meta, event);
            self.log.push((meta, event.clone()));
        }
        Ok(events)
    }

    pub fn refused(&mut self, actor: Actor, command: impl Into<Said>) -> Code {
        self.try_do(actor, command.into().0).expect_err("this should be refused").code
    }

    pub fn organisation(&mut self, command: OrganisationCommand) {
        self.try_do(Actor::System, Command::Organisation(command)).unwrap();
    }

    pub fn conference(&mut self, actor: Actor, command: ConferenceCommand) {
        self.try_do(actor, Command::Conference(command)).unwrap();
    }

    pub fn floor(&mut self, actor: Actor, command: FloorCommand) {
        self.try_do(actor, Command::Floor(command)).unwrap();
    }

    pub fn directive(&mut self, actor: Actor, command: DirectiveCommand) {
        self.try_do(actor, Command::Directive(command)).unwrap();
    }

    pub fn task(&mut self, actor: Actor, command: TaskCommand) {
        self.try_do(actor, Command::Task(command)).unwrap();
    }

    pub fn rights(
        &mut self,
        person: u32,
        admin: bool,
        desk_officer: bool,
        officer_of: Vec<UnitId>,
    ) {
        self.organisation(OrganisationCommand::SetRights {
            person: PersonId(person),
            admin,
            desk_officer,
            officer_of,
        });
    }

    pub fn wait_minutes(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    pub fn on_day(&mut self, year: i16, month: i8, day: i8) {
        let noon = date(year, month, day).at(12, 0, 0, 0);
        self.now = noon.in_tz("Asia/Ho_Chi_Minh").unwrap().timestamp();
    }
}

/// Any command, for `refused`.
pub struct Said(pub Command);

macro_rules! said {
    ($($command:ident => $subject:ident),+) => {$(
        impl From<$command> for Said {
            fn from(command: $command) -> Self {
                Self(Command::$subject(command))
            }
        }
    )+};
}
said!(OrganisationCommand => Organisation, ConferenceCommand => Conference, FloorCommand => Floor, DirectiveCommand => Directive, TaskCommand => Task);

pub fn outline() -> Outline {
    Outline {
        title: "Hội nghị tổng kết công tác ngành Nội vụ năm 2024".into(),
        subject: "tại Hội nghị tổng kết công tác ngành Nội vụ".into(),
        date: date(2025, 1, 7),
        starts: "08:00".into(),
        place: "Trụ sở UBND Thành phố".into(),
        main_site: "Hội trường UBND Thành phố".into(),
        chair_position: "Chủ tịch UBND Thành phố".into(),
        issuer: OFFICE,
    }
}

pub fn form() -> NoticeForm {
    NoticeForm {
        authority: vec!["TL. CHỦ TỊCH".into(), "CHÁNH VĂN PHÒNG".into()],
        signer: String::new(),
        opening: "Ngày 07/01/2025, Chủ tịch UBND Thành phố chủ trì hội nghị.".into(),
        assessment: String::new(),
        recipients: vec!["Sở Nội vụ".into()],
    }
}

pub fn issue(number: u32) -> DirectiveCommand {
    DirectiveCommand::Issue {
        conference: CONFERENCE,
        number,
        symbol: "TB-VP".into(),
        date: date(2025, 1, 8),
        form: form(),
    }
}

pub fn ask(site: SiteId) -> FloorCommand {
    FloorCommand::Request { conference: CONFERENCE, site }
}

pub fn give(site: SiteId) -> FloorCommand {
    FloorCommand::Grant { conference: CONFERENCE, site, minutes: 5 }
}

pub fn end(site: SiteId) -> FloorCommand {
    FloorCommand::Withdraw { conference: CONFERENCE, site }
}
