//! The hub's rules without sockets or media: what the sfu is told, and what a slow reader is told.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use domain::{
    Actor, Command, ConferenceId, Context, Meta, PersonId, Role, SiteId, State, UnitId,
    conference::ConferenceCommand,
    floor::{FloorCommand, FloorMode},
};
use jiff::{Timestamp, civil::date};
use sfu::{PeerId, Program, SLOT_LOOK, Talkback};
use tokio::sync::{mpsc, watch};

use super::{core::Core, *};
use crate::{
    furnish,
    room::{
        program::{hall_peer, site_peer},
        view::Teller,
    },
};

const CONFERENCE: ConferenceId = ConferenceId(1);
const A: SiteId = SiteId(1);
const B: SiteId = SiteId(2);
const OPERATOR: PersonId = PersonId(1);

struct Scene {
    state: State,
    core: Core,
    commands: Vec<MediaCommand>,
}

impl Scene {
    fn new() -> Self {
        let mut state = State::default();
        for command in setting() {
            apply(&mut state, command);
        }
        let core = Core::new(CONFERENCE, Arc::new(state.clone()), now());
        let mut scene = Self { state, core, commands: Vec::new() };
        scene.show();
        scene
    }

    fn show(&mut self) {
        self.core.on_state(Arc::new(self.state.clone()), now());
        self.collect();
    }

    fn collect(&mut self) {
        self.commands = self.core.take_media_commands();
    }

    fn give(&mut self, command: FloorCommand) {
        apply(&mut self.state, Command::Floor(command));
        self.show();
    }

    fn confer(&mut self, command: ConferenceCommand) {
        apply(&mut self.state, Command::Conference(command));
        self.show();
    }

    fn program(&self) -> Program {
        let programs = self.commands.iter().rev();
        programs
            .filter_map(|command| match command {
                MediaCommand::Program(program) => Some(program.clone()),
                _ => None,
            })
            .next()
            .expect("the program was sent")
    }

    fn enter(&mut self, audience: Audience) -> (SocketId, PeerId) {
        let (post, _) = mpsc::channel(4);
        let (end, _) = watch::channel(None);
        let entrance = Entrance {
            audience,
            machine: TokenHash([7; 32]),
            person: Some(OPERATOR),
            generation: None,
            peer: None,
        };
        let socket = self.core.enter(entrance, post, end, now()).unwrap();
        let peer = self.core.peer_of(socket).unwrap();
        assert!(self.core.media_offered(socket, peer, now()));
        self.collect();
        (socket, peer)
    }
}

fn now() -> Moment {
    Moment { mono: Instant::now(), ms: 0 }
}

fn apply(state: &mut State, command: Command) {
    let now = Timestamp::from_second(1_736_200_000).unwrap();
    let context =
        Context { actor: Actor::System, now, today: date(2025, 1, 7), expected_seq: None };
    for event in state.decide(&command, &context).unwrap() {
        let meta = Meta { seq: state.seq() + 1, at: now, actor: Actor::System };
        state.apply(&meta, &event);
    }
}

fn setting() -> Vec<Command> {
    let conference = CONFERENCE;
    let operator =
        ConferenceCommand::AssignStaff { conference, person: OPERATOR, role: Role::Operator };
    vec![
        furnish::city().into(),
        furnish::person("operator").into(),
        furnish::conference(UnitId(1)).into(),
        operator.into(),
        furnish::site(conference, 1, vec![UnitId(1)]).into(),
        furnish::site(conference, 2, vec![UnitId(1)]).into(),
        ConferenceCommand::Open { conference }.into(),
    ]
}

fn grant(site: SiteId) -> FloorCommand {
    FloorCommand::Grant { conference: CONFERENCE, site, minutes: 5 }
}

#[test]
fn a_hall_is_held_against_every_machine_but_the_one_in_it() {
    let mut scene = Scene::new();
    let (own, other) = (TokenHash([7; 32]), TokenHash([9; 32]));
    assert!(!scene.core.hall_is_held_against(other));
    let (socket, _) = scene.enter(Audience::Hall);
    assert!(scene.core.hall_is_held_against(other));
    assert!(!scene.core.hall_is_held_against(own), "a page that is opened again");
    scene.core.leave(socket, Leaving::OnPurpose, now());
    assert!(!scene.core.hall_is_held_against(other), "nobody is there any more");
}

#[test]
fn only_the_hall_and_turns_are_heard() {
    let mut scene = Scene::new();
    let hall = Some(hall_peer(CONFERENCE));
    scene.give(FloorCommand::SetMode { conference: CONFERENCE, mode: FloorMode::Several });
    scene.give(grant(A));
    let program = scene.program();
    assert_eq!(program.voices, [Some(site_peer(A)), hall, None]);
    assert_eq!(program.stage[..2], [Some(site_peer(A)), hall]);

    scene.give(grant(B));
    assert_eq!(scene.program().voices, [Some(site_peer(A)), hall, Some(site_peer(B))]);

    scene.give(FloorCommand::MuteAll { conference: CONFERENCE });
    assert_eq!(scene.program().voices, [hall, None, None]);
}

#[test]
fn what_is_so_already_is_not_sent_again() {
    let mut scene = Scene::new();
    scene.give(grant(A));
    scene.give(FloorCommand::Request { conference: CONFERENCE, site: B });
    assert_eq!(scene.commands, []);
}

#[test]
fn the_speaker_sees_the_hall_large_and_himself_nowhere() {
    let mut scene = Scene::new();
    let (_, speaker) = scene.enter(Audience::Site(A));
    scene.give(grant(A));
    scene.core.told_on_stage(A);
    scene.collect();

    // His own slots are taken before the program would show him himself, and given back after it no longer does: the hall's
    // picture stays through both.
    let own = |slot, source| MediaCommand::Override { peer: speaker, slot, source };
    let program = |scene: &Scene| MediaCommand::Program(scene.program());
    let hall = Some(hall_peer(CONFERENCE));
    assert_eq!(scene.commands, [own(0, hall), own(1, Some(speaker)), program(&scene)]);
    scene.give(FloorCommand::MuteAll { conference: CONFERENCE });
    assert_eq!(scene.commands, [program(&scene), own(0, None), own(1, None)]);
}

#[test]
fn whoever_comes_on_the_stage_is_told_before_anybody_sees_or_hears_him() {
    let mut scene = Scene::new();
    let hall = Some(hall_peer(CONFERENCE));
    let (_, speaker) = scene.enter(Audience::Site(A));
    scene.confer(ConferenceCommand::PutOnStage { conference: CONFERENCE, site: A });
    assert_eq!(scene.commands, [], "its page does not know it yet");
    assert_eq!(scene.core.seq_in_force(), None);
    let view = scene.core.view_if_changed().unwrap();
    assert!(view.is_on_stage(Audience::Site(A)));

    scene.core.told_on_stage(A);
    scene.collect();
    assert_eq!(scene.program().stage[..3], [hall, None, Some(speaker)]);
    assert_eq!(scene.core.seq_in_force(), Some(scene.state.seq()));

    // Taken off and called up: the voice waits too, and the large place stays with the hall for the moment.
    scene.confer(ConferenceCommand::TakeOffStage { conference: CONFERENCE, site: A });
    assert_eq!(scene.program().stage[2], None, "what ends, ends at once");
    scene.give(grant(A));
    assert!(
        scene.commands.is_empty() || scene.program().voices.iter().all(|v| *v != Some(speaker))
    );
    scene.core.told_on_stage(A);
    scene.collect();
    assert_eq!(scene.program().voices, [Some(speaker), hall, None]);
    assert_eq!(scene.program().stage[..2], [Some(speaker), hall]);

    // What was said when it was not so any more puts nobody on.
    scene.give(FloorCommand::MuteAll { conference: CONFERENCE });
    scene.core.told_on_stage(A);
    scene.collect();
    assert_eq!(scene.commands, []);
}

#[test]
fn a_room_hears_itself_while_it_tries_its_line_and_nobody_else_does() {
    let mut scene = Scene::new();
    let (socket, own) = scene.enter(Audience::Site(A));
    let (desk, _) = scene.enter(Audience::Operator);
    scene.core.mirror(desk, true, now());
    scene.core.mirror(socket, true, now());
    scene.collect();
    assert_eq!(scene.program().talkback, [Talkback { target: own, source: own }]);
    let later = Moment { mono: Instant::now() + Duration::from_secs(60), ms: 0 };
    scene.core.tick(&Stats::default(), later);
    scene.collect();
    assert_eq!(scene.program().talkback, [], "it is not forgotten in that state");
}

#[test]
fn an_operator_looks_and_talks_and_nobody_else_does() {
    let mut scene = Scene::new();
    let (operator, desk) = scene.enter(Audience::Operator);
    let (site, _) = scene.enter(Audience::Site(A));

    scene.core.look(operator, Some(B));
    scene.collect();
    let look = MediaCommand::Override { peer: desk, slot: SLOT_LOOK, source: Some(site_peer(B)) };
    assert_eq!(scene.commands, [look]);

    scene.core.talk(operator, Some(TalkTo::Site(B)));
    scene.collect();
    let talkback = Talkback { target: site_peer(B), source: desk };
    assert_eq!(scene.program().talkback, [talkback]);

    scene.core.look(site, Some(B));
    scene.core.talk(site, Some(TalkTo::All));
    scene.collect();
    assert_eq!(scene.commands, []);

    // Whoever leaves while talking is not on the air any more.
    scene.core.leave(operator, Leaving::Lost, now());
    scene.collect();
    assert_eq!(scene.program().talkback, []);
}

#[test]
fn a_removed_site_is_cut() {
    let mut scene = Scene::new();
    scene.enter(Audience::Site(A));
    scene.give(grant(A));
    scene.confer(ConferenceCommand::RemoveSite { conference: CONFERENCE, site: A });

    assert_eq!(scene.program().voices[0], Some(hall_peer(CONFERENCE)));
    assert!(scene.commands.contains(&MediaCommand::Leave(site_peer(A))));
}

#[test]
fn a_slow_reader_is_told_the_newest_and_nothing_between() {
    let mut scene = Scene::new();
    let before = scene.core.view_if_changed().unwrap();
    let mut teller = Teller::new(Audience::Chair, String::new());
    teller.snapshot(&before, "build", 0);
    for _ in 0..50 {
        scene.give(grant(A));
        scene.core.view_if_changed();
        scene.give(FloorCommand::MuteAll { conference: CONFERENCE });
        scene.core.view_if_changed();
    }
    scene.give(grant(B));
    let newest = scene.core.view_if_changed().unwrap();

    let delta: serde_json::Value = serde_json::from_str(&teller.delta(&newest).unwrap()).unwrap();

    assert_eq!(delta["v"], 2);
    assert_eq!(delta["floor"]["speaking"][0]["site"], 2);
    assert_eq!(teller.delta(&newest), None);
    let rows: BTreeSet<u64> =
        delta["sites"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert!(rows.contains(&1), "its turns have changed");
}

#[test]
fn a_session_without_its_hall_is_a_trouble_even_if_whoever_sat_there_said_goodbye() {
    let mut scene = Scene::new();
    scene.enter(Audience::Operator);
    let start = now();
    let trouble = |scene: &mut Scene, second: u64| {
        let mono = start.mono + Duration::from_secs(second);
        let (_, wall) = scene.core.tick(&Stats::default(), Moment { mono, ms: 0 });
        wall.expect("an operator watches")[0].trouble.map(|trouble| trouble.code)
    };
    assert_eq!(trouble(&mut scene, 10), None, "before it begins nobody is missed");
    scene.confer(ConferenceCommand::StartSession { conference: CONFERENCE });
    assert_eq!(trouble(&mut scene, 20), Some(TroubleCode::Lost));
    scene.confer(ConferenceCommand::Close { conference: CONFERENCE });
    assert_eq!(trouble(&mut scene, 30), None);
}
