//! The course of a rehearsal: who sits down when, who gets the floor, what is measured.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::json;
use tokio::{sync::mpsc, time::timeout_at};

use super::{
    Plan, Progress, RehearsalError,
    machine::Lookout,
    report::{Report, SiteResult},
};
use crate::{
    door::{Door, DoorError},
    picture::{Look, Place},
    site::{Act, Entry, News, SeatHandle, SeatPlan, Simulation, Standing},
};

/// Sites that sit down in one second; a morning is not faster.
const ARRIVALS_PER_SECOND: u64 = 20;
/// After the last arrival, this long for who is late.
const LATECOMERS: Duration = Duration::from_secs(20);
const HALL_WITHIN: Duration = Duration::from_secs(20);
/// From one change of the floor to the next.
const TURN: Duration = Duration::from_secs(4);
/// Sites on the stage beside the hall and the speaker.
const PINNED: usize = 4;
/// Nobody of the house: their numbers among the news.
const OPERATOR: usize = usize::MAX;
const HALL: usize = usize::MAX - 1;

/// What the server gives for a rehearsal.
#[derive(Debug, Deserialize)]
struct Copy {
    id: u32,
    /// Where the copy is served.
    path: String,
    conference: u32,
    title: String,
    /// Of an operator of the copy.
    token: String,
    sites: Vec<CopiedSite>,
}

#[derive(Debug, Deserialize)]
struct CopiedSite {
    id: u32,
    slug: String,
    name: String,
    code: String,
}

/// Takes the copy down when it goes out of sight in any other way than its end: a caller that waits no longer, a panic.
struct Guard {
    door: Door,
    token: String,
    path: String,
    is_armed: bool,
}

impl Guard {
    async fn take_down(mut self) -> Result<(), DoorError> {
        self.is_armed = false;
        end(&self.door, &self.path, &self.token).await
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_armed {
            let (door, path, token) =
                (self.door.clone(), self.path.clone(), std::mem::take(&mut self.token));
            runtime.spawn(async move { end(&door, &path, &token).await });
        }
    }
}

async fn end(door: &Door, path: &str, token: &str) -> Result<(), DoorError> {
    let nothing = serde_json::Value::Null;
    door.call(reqwest::Method::DELETE, path, Some(token), &nothing).await
}

/// Rehearses and reports. `progress` is called now and then; it ends early, and takes the copy down, when `stop` is ready.
pub async fn run(
    plan: Plan,
    mut progress: impl FnMut(Progress),
    stop: impl Future<Output = ()>,
) -> Result<Report, RehearsalError> {
    let mut stop = pin!(stop);
    let wanted = json!({ "conference": plan.conference, "sites": plan.sites });
    let begin =
        plan.door.call(reqwest::Method::POST, "/api/v1/rehearsals", Some(&plan.token), &wanted);
    let copy: Copy = tokio::select! {
        begun = begin => begun?,
        () = &mut stop => return Err(RehearsalError::Stopped),
    };
    // Whatever happens, the copy goes; the server also lets it go by itself when nobody is left in it.
    let guard = Guard {
        door: plan.door.clone(),
        token: plan.token.clone(),
        path: format!("/api/v1/rehearsals/{}", copy.id),
        is_armed: true,
    };
    progress(Progress::Copied { title: copy.title.clone(), sites: copy.sites.len() });
    let outcome = tokio::select! {
        outcome = rehearse(&plan, &copy, &mut progress) => outcome,
        () = stop => Err(RehearsalError::Stopped),
    };
    match guard.take_down().await {
        Ok(()) => outcome,
        // It went before its end: what was measured is of sites that were sent away.
        Err(DoorError::Refused { status: 404, .. }) if outcome.is_ok() => {
            Err(RehearsalError::Ended)
        }
        Err(error) => {
            tracing::warn!("the rehearsal was not taken down: {error}");
            outcome
        }
    }
}

async fn rehearse(
    plan: &Plan,
    copy: &Copy,
    progress: &mut impl FnMut(Progress),
) -> Result<Report, RehearsalError> {
    let simulation = Simulation::start(plan.threads)?;
    let lookout = Lookout::start()?;
    let door = plan.door.under(&copy.path);
    let (sender, news) = mpsc::unbounded_channel();
    let mut house = House { news, results: Vec::new(), switch: None };
    for site in &copy.sites {
        house.results.push(SiteResult {
            slug: site.slug.clone(),
            name: site.name.clone(),
            ..SiteResult::default()
        });
    }
    let seat = |number: usize, entry: Entry, look: Look, media: bool| {
        simulation.seat(SeatPlan {
            door: door.clone(),
            entry,
            look: Arc::new(look),
            seed: number as u64,
            media,
            news: Some((number, sender.clone())),
        })
    };
    let staff = |number: usize, role: &str, media: bool| {
        let socket = format!("/room/{}/socket?seat={role}", copy.conference);
        let entry = Entry::Token { socket, token: copy.token.clone() };
        let look =
            Look { slug: role.to_owned(), name: "Hội trường".to_owned(), place: Place::Hall };
        seat(number, entry, look, media)
    };

    let operator = staff(OPERATOR, "operator", false);
    let hall = staff(HALL, "hall", true);
    operator.act(Act::Enter);
    hall.act(Act::Enter);
    house.until(Instant::now() + HALL_WITHIN, |_| is_up(&hall) && is_up(&operator)).await;
    if !is_up(&hall) || !is_up(&operator) {
        return Err(RehearsalError::Hall(format!("{:?}", hall.status().standing)));
    }

    let seats: Vec<SeatHandle> = copy
        .sites
        .iter()
        .enumerate()
        .map(|(number, site)| {
            let look =
                Look { slug: site.slug.clone(), name: site.name.clone(), place: Place::Site };
            seat(number, Entry::Code(site.code.clone()), look, true)
        })
        .collect();
    let live = |seats: &[SeatHandle]| seats.iter().filter(|seat| is_up(seat)).count();
    for (number, seat) in seats.iter().enumerate() {
        seat.act(Act::Impair(plan.impairment));
        seat.act(Act::Enter);
        let pause = Duration::from_millis(1000 / ARRIVALS_PER_SECOND);
        house.until(Instant::now() + pause, |_| false).await;
        if number % 10 == 9 {
            progress(Progress::Joined { live: live(&seats), sites: seats.len() });
        }
    }
    let everybody = |house: &House| {
        live(&seats) == seats.len()
            && house.results.iter().all(|site| site.first_frame_ms.is_some())
    };
    house.until(Instant::now() + LATECOMERS, everybody).await;
    progress(Progress::Joined { live: live(&seats), sites: seats.len() });

    let turns = go_round(plan, copy, &operator, &mut house, progress).await;
    let machine = lookout.seen();

    for (seat, result) in seats.iter().zip(&mut house.results) {
        let figures = seat.measure().await;
        result.is_live = is_up(seat);
        result.loss_permille = figures.loss_permille();
        result.freezes += figures.freezes();
        if let Standing::Refused(why) = seat.status().standing {
            result.troubles.push(why);
        }
        seat.act(Act::Leave);
    }
    Ok(Report::of(copy.title.clone(), (plan.seconds, turns), plan.limits, machine, &house.results))
}

/// Gives the floor to one site after the other, with others on the stage. Gives back how often.
async fn go_round(
    plan: &Plan,
    copy: &Copy,
    operator: &SeatHandle,
    house: &mut House,
    progress: &mut impl FnMut(Progress),
) -> u32 {
    let conference = copy.conference;
    let end = Instant::now() + Duration::from_secs(plan.seconds);
    for site in copy.sites.iter().rev().take(PINNED) {
        let command = json!({ "conference": { "put_on_stage": { "conference": conference, "site": site.id } } });
        operator.act(Act::Do(command));
    }
    let (mut turns, mut before): (u32, Option<u32>) = (0, None);
    // The first answers are those of the stage.
    let mut commands = copy.sites.len().min(PINNED) as u64;
    for (number, site) in copy.sites.iter().enumerate().cycle() {
        let now = Instant::now();
        if now + TURN > end || copy.sites.is_empty() {
            break;
        }
        if !house.results[number].has_joined() {
            // Nobody to give the floor to.
            if house.results.iter().all(|result| !result.has_joined()) {
                break;
            }
            continue;
        }
        if let Some(before) = before.replace(site.id) {
            commands += 1;
            let command =
                json!({ "floor": { "withdraw": { "conference": conference, "site": before } } });
            operator.act(Act::Do(command));
        }
        commands += 1;
        let command = json!({ "floor": { "grant":
            { "conference": conference, "site": site.id, "minutes": 5 } } });
        operator.act(Act::Do(command));
        house.begin_switch(number, commands);
        progress(Progress::FloorTo { name: site.name.clone(), turn: turns + 1 });
        house.until(now + TURN, |_| false).await;
        house.end_switch();
        turns += 1;
    }
    turns
}

fn is_up(seat: &SeatHandle) -> bool {
    seat.status().standing == Standing::Live
}

/// Everything that is being measured.
struct House {
    news: mpsc::UnboundedReceiver<(usize, News)>,
    results: Vec<SiteResult>,
    switch: Option<Switch>,
}

/// A change of the floor that is being watched.
struct Switch {
    to: usize,
    command: u64,
    given_at: Instant,
    acknowledged_at: Option<Instant>,
    seen_at: Vec<Option<Instant>>,
}

impl House {
    /// Takes news until `done` or the instant.
    async fn until(&mut self, end: Instant, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            // A while without news must not hide that it is done.
            let look = end.min(Instant::now() + Duration::from_millis(100));
            match timeout_at(look.into(), self.news.recv()).await {
                Ok(Some((number, news))) => self.note(number, news),
                Ok(None) => return,
                Err(_) if Instant::now() >= end => return,
                Err(_) => {}
            }
        }
    }

    fn note(&mut self, number: usize, news: News) {
        match news {
            News::Answered { id, refusal, at } if number == OPERATOR => {
                if let Some(switch) = self.switch.as_mut().filter(|switch| switch.command == id) {
                    switch.acknowledged_at = refusal.is_none().then_some(at);
                }
                if let Some(code) = refusal {
                    tracing::warn!(code, "a command of the rehearsal was refused");
                }
            }
            News::Keyframe { slot, source, at } => self.note_keyframe(number, slot, source, at),
            News::Asked(at) => {
                if let Some(result) = self.results.get_mut(number) {
                    result.asked_at.get_or_insert(at);
                }
            }
            News::Trouble(why) => {
                if let Some(result) = self.results.get_mut(number) {
                    result.troubles.push(why);
                }
            }
            _ => {}
        }
    }

    fn note_keyframe(&mut self, number: usize, slot: usize, source: Option<String>, at: Instant) {
        let Some(result) = self.results.get_mut(number) else { return };
        if let (None, Some(asked)) = (result.first_frame_ms, result.asked_at) {
            result.first_frame_ms = Some((at - asked).as_secs_f64() * 1000.0);
        }
        let Some(switch) = &mut self.switch else { return };
        let is_new = slot == 0 && source.as_deref() == Some(&self.results[switch.to].slug);
        if is_new && at >= switch.given_at {
            switch.seen_at[number].get_or_insert(at);
        }
    }

    fn begin_switch(&mut self, to: usize, command: u64) {
        self.switch = Some(Switch {
            to,
            command,
            given_at: Instant::now(),
            acknowledged_at: None,
            seen_at: vec![None; self.results.len()],
        });
    }

    /// Whoever did not see the new speaker by now has missed him.
    fn end_switch(&mut self) {
        let Some(switch) = self.switch.take() else { return };
        let Some(acknowledged) = switch.acknowledged_at else { return };
        let last = switch.seen_at.iter().flatten().max();
        tracing::debug!(
            to = self.results[switch.to].slug,
            acknowledged_ms = (acknowledged - switch.given_at).as_millis() as u64,
            last_ms = last.map(|at| at.saturating_duration_since(acknowledged).as_millis() as u64),
            "a change of speaker"
        );
        for (number, (result, seen)) in self.results.iter_mut().zip(switch.seen_at).enumerate() {
            if number == switch.to || !result.has_joined() {
                continue;
            }
            match seen {
                // Media follow before the answer is out: that is a switch in no time.
                Some(at) => {
                    let took = at.saturating_duration_since(acknowledged);
                    result.switches_ms.push(took.as_secs_f64() * 1000.0);
                }
                None => result.switches_missed += 1,
            }
        }
    }
}
