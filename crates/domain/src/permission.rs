//! One table: which role may give which command. Relations ("of its own site", "of its unit") are named by `Grant::Own`.

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Command, CommandKind, ConferenceId, Context, PersonId, State, TaskId,
    refusal::{Code, Refusal},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Chair,
    Operator,
    Clerk,
    Site,
    UnitOfficer,
    DeskOfficer,
    Observer,
    Admin,
    /// The program itself.
    System,
}

impl Role {
    pub const ALL: [Self; 9] = [
        Self::Chair,
        Self::Operator,
        Self::Clerk,
        Self::Site,
        Self::UnitOfficer,
        Self::DeskOfficer,
        Self::Observer,
        Self::Admin,
        Self::System,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chair => "chair",
            Self::Operator => "operator",
            Self::Clerk => "clerk",
            Self::Site => "site",
            Self::UnitOfficer => "unit_officer",
            Self::DeskOfficer => "desk_officer",
            Self::Observer => "observer",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    /// Roles that are given for one conference.
    pub fn is_of_a_conference(self) -> bool {
        matches!(self, Self::Chair | Self::Operator | Self::Clerk | Self::Observer)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    Never,
    /// Within the conference for which the role is held (chair, operator, clerk, observer), or everywhere (admin, desk officer).
    Always,
    /// Only what is its own: its site, a task that its unit leads.
    Own,
}

/// The table. A role that is not in a row may never; the program itself may always.
pub fn grant(role: Role, kind: CommandKind) -> Grant {
    use CommandKind as K;
    use Grant::{Always, Never, Own};
    use Role::{Admin, Chair, Clerk, DeskOfficer, Operator, Site, UnitOfficer};
    if role == Role::System {
        return Always;
    }
    let row: &[(Role, Grant)] = match kind {
        K::AddUnit | K::EditUnit | K::CloseUnit | K::AdoptCalendar => &[(Admin, Always)],
        K::AddPerson | K::EditPerson | K::SetRights | K::DeactivatePerson | K::ReactivatePerson => {
            &[(Admin, Always)]
        }

        K::Create | K::Edit | K::AssignStaff | K::RemoveStaff => &[(Admin, Always)],
        K::AddItem | K::EditItem | K::RemoveItem | K::MoveItem => {
            &[(Admin, Always), (Operator, Always), (Clerk, Always)]
        }
        K::StartItem => &[(Chair, Always), (Operator, Always), (Clerk, Always)],
        K::AddSite | K::EditSite | K::RemoveSite | K::LockSite | K::UnlockSite | K::RotateCode => {
            &[(Admin, Always), (Operator, Always)]
        }
        K::Open => &[(Admin, Always), (Operator, Always)],
        K::StartSession | K::Close => &[(Chair, Always), (Operator, Always)],
        K::MarkRoll => &[(Operator, Always), (Clerk, Always), (Site, Own)],
        K::RecordCheck => &[(Site, Own)],
        K::NoteJoined | K::NoteLeft => &[],
        K::PutOnStage | K::TakeOffStage => &[(Operator, Always), (Chair, Always)],

        K::RequestFloor => &[(Site, Own), (Operator, Always)],
        K::CancelRequest => &[(Site, Own), (Operator, Always), (Chair, Always)],
        K::GrantFloor | K::ExtendFloor => &[(Chair, Always), (Operator, Always)],
        K::WithdrawFloor => &[(Chair, Always), (Operator, Always), (Site, Own)],
        K::MuteAll | K::SetFloorMode => &[(Chair, Always), (Operator, Always)],

        K::Capture | K::EditDirective | K::TakeBack | K::Restore | K::MoveDirective => {
            &[(Clerk, Always)]
        }
        K::Agree | K::Issue => &[(Chair, Always), (Clerk, Always)],

        K::Acknowledge | K::Report | K::Withdraw | K::AskExtension => &[(UnitOfficer, Own)],
        K::GrantExtension | K::RefuseExtension | K::Complete | K::Return => {
            &[(DeskOfficer, Always)]
        }
    };
    row.iter().find(|(listed, _)| *listed == role).map_or(Never, |(_, grant)| *grant)
}

impl State {
    /// Roles that an actor has now, in a conference if one is given. Inactive people and removed sites have none.
    pub fn roles(&self, actor: Actor, conference: Option<ConferenceId>) -> Vec<Role> {
        match actor {
            Actor::System => vec![Role::System],
            Actor::Site(id) => {
                let site = self.site(id).filter(|site| !site.removed);
                let here = site.filter(|site| conference.is_none_or(|c| c == site.conference));
                here.map(|_| Role::Site).into_iter().collect()
            }
            Actor::Person(id) => self.roles_of_person(id, conference),
        }
    }

    fn roles_of_person(&self, id: PersonId, conference: Option<ConferenceId>) -> Vec<Role> {
        let Some(person) = self.organisation.person(id).filter(|person| person.active) else {
            return Vec::new();
        };
        let mut roles = Vec::new();
        if let Some(conference) = conference.and_then(|c| self.conferences.get(&c)) {
            let of_conference = Role::ALL.into_iter().filter(|role| role.is_of_a_conference());
            roles.extend(of_conference.filter(|role| conference.has_staff(id, *role)));
        }
        if !person.officer_of.is_empty() {
            roles.push(Role::UnitOfficer);
        }
        if person.desk_officer {
            roles.push(Role::DeskOfficer);
        }
        if person.admin {
            roles.push(Role::Admin);
        }
        roles
    }

    /// Whether `actor` answers for the task's lead unit.
    pub fn leads(&self, actor: Actor, task: TaskId) -> bool {
        let Actor::Person(person) = actor else { return false };
        match (self.organisation.person(person), self.tasks.task(task)) {
            (Some(person), Some(task)) => {
                person.active && person.officer_of.contains(&task.lead_unit)
            }
            _ => false,
        }
    }

    /// The answer that buttons and handlers share: may this actor give this command at all?
    pub fn may(&self, actor: Actor, command: &Command) -> bool {
        let kind = command.kind();
        self.roles(actor, command.conference()).into_iter().any(|role| match grant(role, kind) {
            Grant::Never => false,
            Grant::Always => true,
            Grant::Own => match command {
                Command::Task(task) => self.leads(actor, task.task()),
                Command::Conference(c) => {
                    matches!(actor, Actor::Site(own) if c.site() == Some(own))
                }
                Command::Floor(f) => matches!(actor, Actor::Site(own) if f.site() == Some(own)),
                Command::Organisation(_) | Command::Directive(_) => false,
            },
        })
    }

    pub(crate) fn permit(&self, command: &Command, context: &Context) -> Result<(), Refusal> {
        if self.may(context.actor, command) {
            return Ok(());
        }
        // A removed seat is told so; everyone else only that it may not.
        if let Actor::Site(id) = context.actor
            && let Some(site) = self.site(id).filter(|site| site.removed)
        {
            return Err(Refusal::new(Code::SiteRemoved).with("site", &site.name));
        }
        Err(Refusal::new(Code::NotAllowed))
    }
}
