//! Our own connection checks that have not been answered: the only proof of who is at an address.
//!
//! **Invariant:** an answer counts once, from the address that was asked, and under a number that nobody else can
//! guess. A check that somebody sends us proves that he knows a password, and nothing about where it comes from.

use std::{collections::VecDeque, net::SocketAddr};

use ring::rand::{SecureRandom, SystemRandom};

use super::{
    peers::PeerKey,
    stun::{Class, Message, TransactionId},
};

/// Several seconds of checks of every pair of addresses that a client can have.
const UNANSWERED_MAX: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Checks(VecDeque<Check>);

#[derive(Clone, Copy, Debug)]
struct Check {
    id: TransactionId,
    /// Under which the stack beneath knows it.
    of_stack: TransactionId,
    from: SocketAddr,
    to: SocketAddr,
}

impl Checks {
    /// Whose check this answers, if anybody's.
    pub(super) fn owner(answer: &Message<'_>) -> PeerKey {
        let [a, b, c, d, ..] = answer.id;
        PeerKey::from_bytes([a, b, c, d])
    }

    /// A message of the stack's is on its way; a check leaves under a number of ours.
    pub(super) fn ask(
        &mut self,
        key: PeerKey,
        from: SocketAddr,
        to: SocketAddr,
        contents: Vec<u8>,
        password: &str,
    ) -> Vec<u8> {
        let request = Message::parse(&contents).filter(|seen| seen.class == Class::Request);
        let Some(request) = request else { return contents };
        let mut id = [0; 12];
        id[..4].copy_from_slice(&key.to_bytes());
        // Without chance it leaves under the stack's own number, and no answer to it counts.
        if SystemRandom::new().fill(&mut id[4..]).is_err() {
            return contents;
        }
        if self.0.len() == UNANSWERED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Check { id, of_stack: request.id, from, to });
        request.under(id, password)
    }

    /// The stack's number of the check that this answers.
    pub(super) fn answered(
        &mut self,
        answer: &Message<'_>,
        from: SocketAddr,
        to: SocketAddr,
    ) -> Option<TransactionId> {
        let asked = |check: &Check| check.id == answer.id && (check.to, check.from) == (from, to);
        let at = self.0.iter().rposition(asked)?;
        self.0.remove(at).map(|check| check.of_stack)
    }
}
