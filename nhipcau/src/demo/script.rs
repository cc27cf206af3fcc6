//! What happens in the demo by itself: slowly, for ever, and giving way. The programme moves on, sites raise their hands and speak,
//! lines stumble, directives are captured. It acts as the program itself; whatever a person does takes precedence.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Actor, Command, ConferenceId, Event, SiteId, State,
    conference::{Conference, ConferenceCommand, ConferenceEvent, Phase, Roll},
    directive::{Addressee, DirectiveCommand, Draft},
    floor::FloorCommand,
};
use server::{App, engine::SubmitError};
use sites::{netem::Impairment, site::Act};
use tokio::sync::broadcast;

use super::{
    cast::Cast,
    example::{DirectiveRow, Example, group},
};

/// How often the script looks what is to be done.
const STEP: Duration = Duration::from_millis(500);
/// Real seconds of each programme item; the last one lasts for ever. The demo's clock is not hurried.
const ITEM_SECONDS: [u64; 5] = [40, 70, 45, 240, 460];
/// Items at which whoever presents has the floor, and the one at which the chair concludes.
const REPORTS: [usize; 2] = [1, 2];
const CONCLUSION: usize = 4;
const PRESENTER: &str = "so-noi-vu";
/// How long a site speaks.
const TURN: Duration = Duration::from_secs(22);
/// Hands in the air at once.
const HANDS_MAX: usize = 4;
/// After a person touched the floor or the stage the script leaves both alone for this long.
const GIVE_WAY: Duration = Duration::from_secs(180);
/// Nothing stumbles before everybody is there and has been seen.
const CALM: Duration = Duration::from_secs(60);
/// Sites that the script puts on the stage, beside the hall and the speaker.
const ON_STAGE: [&str; 4] = ["hoang-mai", "ba-dinh", "so-tai-chinh", "long-bien"];

/// Begins the session, before anybody is told that the demo is ready: what can be done in it hangs on nobody's arrival.
pub(crate) async fn begin(app: &App, conference: ConferenceId) {
    let is_open = app.engine.state().conference(conference).is_some_and(|c| c.phase == Phase::Open);
    if is_open {
        let start = Command::Conference(ConferenceCommand::StartSession { conference });
        if let Err(error) = app.engine.act(Actor::System, start).await {
            tracing::warn!("the session does not begin: {error}");
        }
    }
}

/// The script's memory.
pub(crate) struct Script {
    app: App,
    conference: ConferenceId,
    directives: Vec<DirectiveRow>,
    tail: broadcast::Receiver<server::engine::Batch>,
    started: Instant,
    /// When a person last touched floor or stage.
    floor_touched: Option<Instant>,
    /// A person captures directives and leads through the programme.
    has_clerk: bool,
    item_since: Instant,
    /// The turn that the script gave, and since when.
    turn: Option<(SiteId, Instant)>,
    hand_at: Instant,
    stumble_at: Instant,
    welcomed: BTreeSet<SiteId>,
    is_stage_set: bool,
    /// Site whose line is bad, and until when.
    bad_line: Option<(SiteId, Instant)>,
    /// Sites that left and when they come back.
    out: Vec<(SiteId, Instant)>,
    random: u64,
}

impl Script {
    pub(crate) fn new(app: App, conference: ConferenceId, example: &Example) -> Self {
        let now = Instant::now();
        let captured: BTreeSet<String> = {
            let state = app.engine.state();
            state.directives_of(conference).map(|directive| directive.draft.text.clone()).collect()
        };
        // What a run before this one captured is not captured twice.
        let left = example.directives.iter().filter(|row| !captured.contains(&row.text));
        Self {
            tail: app.engine.tail(),
            app,
            conference,
            directives: left.cloned().collect(),
            started: now,
            floor_touched: None,
            has_clerk: false,
            item_since: now,
            turn: None,
            hand_at: now + Duration::from_secs(12),
            stumble_at: now + CALM,
            welcomed: BTreeSet::new(),
            is_stage_set: false,
            bad_line: None,
            out: Vec::new(),
            random: now.elapsed().as_nanos() as u64 ^ 0x5eed,
        }
    }

    /// Plays until the conference is closed. A quiet script only marks who is there.
    pub(crate) async fn play(mut self, cast: &mut Cast, quiet: bool) {
        let mut looked = Instant::now();
        loop {
            tokio::time::sleep(STEP).await;
            self.listen();
            if looked.elapsed() > Duration::from_secs(5) {
                looked = Instant::now();
                cast.look_around();
            }
            let state = self.app.engine.state();
            let Some(conference) = state.conference(self.conference) else { return };
            match conference.phase {
                Phase::InSession => {
                    self.welcome(&state, cast).await;
                    if !quiet {
                        self.step(&state, conference, cast).await;
                    }
                }
                // Seats stay as they are; whoever wants to play on makes a new conference.
                Phase::Draft | Phase::Open | Phase::Closed | Phase::Concluded => {}
            }
        }
    }

    async fn step(&mut self, state: &Arc<State>, conference: &Conference, cast: &Cast) {
        if !self.has_clerk {
            self.lead_programme(conference).await;
            self.capture(state, conference).await;
        }
        if self.floor_touched.is_none_or(|at| at.elapsed() > GIVE_WAY) {
            self.set_stage(state, conference, cast).await;
            self.lead_floor(conference, cast).await;
        }
        self.raise_hands(conference, cast);
        self.stumble(conference, cast);
    }

    /// Sees what people did since the last step.
    fn listen(&mut self) {
        loop {
            match self.tail.try_recv() {
                Ok(batch) => {
                    for (meta, event) in batch.iter() {
                        if matches!(meta.actor, Actor::Person(_)) {
                            self.give_way(event);
                        }
                    }
                }
                Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(_) => return,
            }
        }
    }

    fn give_way(&mut self, event: &Event) {
        match event {
            Event::Floor(_)
            | Event::Conference(
                ConferenceEvent::PutOnStage { .. } | ConferenceEvent::TakenOffStage { .. },
            ) => {
                self.floor_touched = Some(Instant::now());
                // Whoever speaks now speaks by a person's leave.
                self.turn = None;
            }
            Event::Directive(_)
            | Event::Conference(
                ConferenceEvent::ItemStarted { .. } | ConferenceEvent::ItemMoved { .. },
            ) => self.has_clerk = true,
            _ => {}
        }
    }

    /// Marks the roll and reports the line check of whoever is new.
    async fn welcome(&mut self, state: &Arc<State>, cast: &Cast) {
        let mut newcomers = Vec::new();
        for player in cast.sites.iter().filter(|player| player.is_playing()) {
            if !self.welcomed.insert(player.site) {
                continue;
            }
            let Some(site) = state.site(player.site) else { continue };
            if site.check.is_none() {
                player.seat.act(Act::Check);
            }
            if site.roll == Roll::Unmarked {
                newcomers.push(player.site);
            }
        }
        for site in newcomers {
            let head_count = Some(6 + self.pick(20));
            let conference = self.conference;
            let roll = Roll::Present;
            self.give(Command::Conference(ConferenceCommand::MarkRoll {
                conference,
                site,
                roll,
                head_count,
            }))
            .await;
        }
    }

    /// Goes on to the next item when its time is over.
    async fn lead_programme(&mut self, conference: &Conference) {
        let now = conference
            .current_item
            .and_then(|id| conference.programme.iter().position(|item| item.id == id));
        let next = match now {
            None => 0,
            Some(index) if index < CONCLUSION => {
                let seconds = ITEM_SECONDS.get(index).copied().unwrap_or(u64::MAX);
                if self.item_since.elapsed() < Duration::from_secs(seconds) {
                    return;
                }
                index + 1
            }
            Some(_) => return,
        };
        let Some(item) = conference.programme.get(next) else { return };
        self.item_since = Instant::now();
        let start = ConferenceCommand::StartItem { conference: self.conference, item: item.id };
        self.give(Command::Conference(start)).await;
    }

    fn is_at(&self, conference: &Conference, index: usize) -> bool {
        let item = conference.programme.get(index).map(|item| item.id);
        item.is_some() && item == conference.current_item
    }

    /// Captures what the chair says, when it is said.
    async fn capture(&mut self, state: &Arc<State>, conference: &Conference) {
        if !self.is_at(conference, CONCLUSION) {
            return;
        }
        let due =
            |row: &DirectiveRow| Duration::from_secs(row.seconds) <= self.item_since.elapsed();
        if !self.directives.first().is_some_and(due) {
            return;
        }
        let row = self.directives.remove(0);
        let find = |words: &[String]| -> Vec<Addressee> {
            let unit = |code: &str| state.organisation().unit_by_code(code).map(|unit| unit.id);
            words
                .iter()
                .filter_map(|word| {
                    group(word).map(Addressee::Group).or_else(|| unit(word).map(Addressee::Unit))
                })
                .collect()
        };
        let draft = Draft {
            lead: find(&row.lead),
            coordinating: find(&row.coordinating),
            text: row.text,
            due_words: row.due,
        };
        let conference = self.conference;
        self.give(Command::Directive(DirectiveCommand::Capture {
            conference,
            spoken_at: None,
            draft,
        }))
        .await;
    }

    /// Puts some sites on the stage, once.
    async fn set_stage(&mut self, state: &Arc<State>, conference: &Conference, cast: &Cast) {
        let is_early = self.started.elapsed() < Duration::from_secs(8);
        if self.is_stage_set || is_early {
            return;
        }
        self.is_stage_set = true;
        if !conference.pinned.is_empty() {
            return;
        }
        for slug in ON_STAGE {
            let site = state.site_by_slug(self.conference, slug).map(|site| site.id);
            if let Some(site) = site.filter(|site| cast.player(*site).is_some()) {
                let conference = self.conference;
                self.give(Command::Conference(ConferenceCommand::PutOnStage { conference, site }))
                    .await;
            }
        }
    }

    /// Gives the floor to whoever is first, and takes it back after a while.
    async fn lead_floor(&mut self, conference: &Conference, cast: &Cast) {
        let floor = conference.floor();
        if let Some((site, since)) = self.turn {
            // Whoever presents speaks as long as the item lasts.
            let presents = self.presenter(conference, cast) == Some(site);
            let is_over = since.elapsed() > TURN && !presents;
            let concludes = self.is_at(conference, CONCLUSION) && since.elapsed() > TURN / 2;
            let is_gone = !cast.player(site).is_some_and(super::cast::Player::is_playing);
            if !floor.is_speaking(site) {
                self.turn = None;
            } else if is_over || is_gone || concludes {
                self.turn = None;
                let conference = self.conference;
                self.give(Command::Floor(FloorCommand::Withdraw { conference, site })).await;
            }
            return;
        }
        if !floor.turns().is_empty() {
            // Left over from before a restart, or given by a person long ago.
            if let Some(turn) = floor.turns().first()
                && turn.ends_at < self.app.clock.now()
            {
                let (conference, site) = (self.conference, turn.site);
                self.give(Command::Floor(FloorCommand::Withdraw { conference, site })).await;
            }
            return;
        }
        if self.is_at(conference, CONCLUSION) && !self.directives.is_empty() && !self.has_clerk {
            // The chair is speaking.
            return;
        }
        let first = floor.queue().first().map(|waiting| waiting.site);
        let Some(site) = self.presenter(conference, cast).or(first) else { return };
        let conference = self.conference;
        if self.give(Command::Floor(FloorCommand::Grant { conference, site, minutes: 5 })).await {
            self.turn = Some((site, Instant::now()));
        }
    }

    /// Who presents the current item from a site.
    fn presenter(&self, conference: &Conference, cast: &Cast) -> Option<SiteId> {
        let presents = REPORTS.iter().any(|&report| self.is_at(conference, report));
        let player = cast.by_slug(PRESENTER).filter(|player| presents && player.is_playing())?;
        Some(player.site)
    }

    /// Somebody wants to speak now and then.
    fn raise_hands(&mut self, conference: &Conference, cast: &Cast) {
        if Instant::now() < self.hand_at {
            return;
        }
        self.hand_at = Instant::now() + Duration::from_secs(7 + u64::from(self.pick(9)));
        let floor = conference.floor();
        let free: Vec<_> = cast
            .sites
            .iter()
            .filter(|player| player.is_playing())
            .filter(|player| !floor.is_speaking(player.site) && floor.place(player.site).is_none())
            .collect();
        if floor.queue().len() < HANDS_MAX && !free.is_empty() {
            let choice = self.pick(free.len() as u32) as usize;
            free[choice].seat.act(Act::RaiseHand);
        }
    }

    /// Lines are not always good.
    fn stumble(&mut self, conference: &Conference, cast: &Cast) {
        let now = Instant::now();
        if let Some((site, _)) = self.bad_line.take_if(|(_, until)| now >= *until)
            && let Some(player) = cast.player(site)
        {
            player.seat.act(Act::Impair(Impairment::default()));
        }
        self.out.retain(|(site, until)| {
            let is_back = now >= *until;
            if let Some(player) = cast.player(*site).filter(|_| is_back) {
                player.seat.act(Act::Enter);
            }
            !is_back
        });
        if now < self.stumble_at {
            return;
        }
        self.stumble_at = now + Duration::from_secs(14 + u64::from(self.pick(16)));
        let floor = conference.floor();
        let victims: Vec<_> = cast
            .sites
            .iter()
            .filter(|player| player.is_playing() && !floor.is_speaking(player.site))
            .collect();
        if victims.is_empty() {
            return;
        }
        let victim = victims[self.pick(victims.len() as u32) as usize];
        match self.pick(5) {
            0 => victim.seat.act(Act::Darken(Duration::from_secs(5))),
            1 => victim.seat.act(Act::CutSocket),
            2 => {
                victim.seat.act(Act::Leave);
                self.out.push((victim.site, now + Duration::from_secs(12)));
            }
            _ if self.bad_line.is_none() => {
                let impairment = Impairment {
                    loss_permille: 40,
                    delay: Duration::from_millis(60),
                    jitter: Duration::from_millis(20),
                    rate_bps: None,
                };
                victim.seat.act(Act::Impair(impairment));
                self.bad_line = Some((victim.site, now + Duration::from_secs(40)));
            }
            _ => {}
        }
    }

    /// Gives a command as the program itself. A refusal is no error: a person was first.
    async fn give(&self, command: Command) -> bool {
        match self.app.engine.act(Actor::System, command).await {
            Ok(_) => true,
            Err(SubmitError::Refused(refusal)) => {
                tracing::debug!("the script was refused: {refusal}");
                false
            }
            Err(error) => {
                tracing::warn!("the script cannot act: {error}");
                false
            }
        }
    }

    /// One of `0..choices`.
    fn pick(&mut self, choices: u32) -> u32 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(choices.max(1))) as u32
    }
}
