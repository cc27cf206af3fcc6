//! Several commands that are one act: a workbook makes a conference with its programme, sites and people, or nothing at all.
//!
//! Each command is built from the state that those before it lead to (ids are known only then), judged like any other, and recorded
//! with them in one batch.

use domain::{Actor, Command, Context, Event, Meta, Refusal, State};
use jiff::Timestamp;

use crate::lang;

/// Gives its commands one after the other; the first refusal undoes everything.
pub type Steps = Box<dyn FnOnce(&mut Trial<'_>) -> Result<(), Refusal> + Send>;

/// A state on which commands are tried.
pub struct Trial<'a> {
    state: &'a mut State,
    actor: Actor,
    at: Timestamp,
    made: Vec<(Meta, Event)>,
}

impl<'a> Trial<'a> {
    /// Nothing that is tried here is recorded by this alone: a preview may try on a clone.
    pub fn on(state: &'a mut State, actor: Actor, at: Timestamp) -> Self {
        Self { state, actor, at, made: Vec::new() }
    }

    /// What is true after the commands so far.
    pub fn state(&self) -> &State {
        self.state
    }

    /// Judges a command and, when it is accepted, lets the next one see what it led to.
    pub fn give(&mut self, command: &Command) -> Result<(), Refusal> {
        let context = Context {
            actor: self.actor,
            now: self.at,
            today: lang::day_of(self.at),
            expected_seq: None,
        };
        for event in self.state.decide(command, &context)? {
            let meta = Meta { seq: self.state.seq() + 1, at: self.at, actor: self.actor };
            self.state.apply(&meta, &event);
            self.made.push((meta, event));
        }
        Ok(())
    }

    pub(super) fn into_made(self) -> Vec<(Meta, Event)> {
        self.made
    }
}
