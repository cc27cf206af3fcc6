//! The permission table, whole: every role against every command, written out by hand beside the code's own.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    Actor, CommandKind, Grant, PersonId, Role, conference::ConferenceCommand,
    organisation::OrganisationCommand, permission::grant, refusal::Code,
};
use office::*;

/// C chair, O operator, K clerk, S site (its own), U unit officer (tasks its unit leads), D desk officer, V observer, A admin.
const TABLE: &str = "
organisation.add_unit            A
organisation.edit_unit           A
organisation.close_unit          A
organisation.add_person          A
organisation.edit_person         A
organisation.set_rights          A
organisation.deactivate_person   A
organisation.reactivate_person   A
organisation.adopt_calendar      A
conference.create                A
conference.edit                  A
conference.add_item              OKA
conference.edit_item             OKA
conference.remove_item           OKA
conference.move_item             OKA
conference.start_item            COK
conference.add_site              OA
conference.edit_site             OA
conference.remove_site           OA
conference.lock_site             OA
conference.unlock_site           OA
conference.rotate_code           OA
conference.assign_staff          A
conference.remove_staff          A
conference.open                  OA
conference.start_session         CO
conference.close                 CO
conference.mark_roll             OKS
conference.record_check          S
conference.note_joined           -
conference.note_left             -
conference.put_on_stage          CO
conference.take_off_stage        CO
floor.request                    OS
floor.cancel_request             COS
floor.grant                      CO
floor.extend                     CO
floor.withdraw                   COS
floor.mute_all                   CO
floor.set_mode                   CO
directive.capture                K
directive.edit                   K
directive.take_back              K
directive.restore                K
directive.move                   K
directive.agree                  CK
directive.issue                  CK
task.acknowledge                 U
task.report                      U
task.withdraw                    U
task.ask_extension               U
task.grant_extension             D
task.refuse_extension            D
task.complete                    D
task.return                      D
";

#[test]
fn the_table_is_what_the_office_agreed() {
    let letters = [
        ('C', Role::Chair),
        ('O', Role::Operator),
        ('K', Role::Clerk),
        ('S', Role::Site),
        ('U', Role::UnitOfficer),
        ('D', Role::DeskOfficer),
        ('V', Role::Observer),
        ('A', Role::Admin),
    ];
    let rows: Vec<(&str, &str)> =
        TABLE.trim().lines().map(|l| l.split_once(' ').unwrap()).collect();
    assert_eq!(rows.len(), CommandKind::ALL.len(), "a command has no row, or a row no command");
    for (kind, (name, may)) in CommandKind::ALL.iter().zip(rows) {
        assert_eq!(kind.as_str(), name);
        for (letter, role) in letters {
            let expected = match (may.contains(letter), role) {
                (false, _) => Grant::Never,
                (true, Role::Site | Role::UnitOfficer) => Grant::Own,
                (true, _) => Grant::Always,
            };
            assert_eq!(grant(role, *kind), expected, "{role:?} and {name}");
        }
        assert_eq!(grant(Role::System, *kind), Grant::Always);
    }
}

#[test]
fn a_role_in_one_conference_is_no_role_in_another() {
    let mut office = Office::in_session();
    office.conference(ADMIN, ConferenceCommand::Create { outline: outline() });
    let open = ConferenceCommand::Open { conference: domain::ConferenceId(2) };
    assert_eq!(office.refused(OPERATOR, open), Code::NotAllowed);
}

#[test]
fn who_was_deactivated_may_nothing_and_the_last_administrator_stays() {
    let mut office = Office::in_session();
    office.organisation(OrganisationCommand::DeactivatePerson { person: PersonId(2) });
    assert_eq!(office.refused(CHAIR, give(HOANG_MAI)), Code::NotAllowed);
    assert_eq!(
        office.refused(ADMIN, OrganisationCommand::DeactivatePerson { person: PersonId(1) }),
        Code::LastAdmin
    );
    assert_eq!(office.refused(Actor::Person(PersonId(99)), give(HOANG_MAI)), Code::NotAllowed);
}

#[test]
fn an_administrator_has_neither_floor_nor_directives() {
    let mut office = Office::in_session();
    assert_eq!(office.refused(ADMIN, give(HOANG_MAI)), Code::NotAllowed);
    assert_eq!(office.refused(ADMIN, issue(1)), Code::NotAllowed);
}
