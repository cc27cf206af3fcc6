//! What subscribers report of the packets they were sent: arrivals, losses, keyframes they need.

use std::{net::SocketAddr, time::Instant};

use super::{Core, peers::PeerKey};
use crate::send::rtcp::{self, Said};

/// Requests for repetition read from one report; a larger one is no receiver's.
const MISSING_MAX: usize = 512;

impl Core {
    /// Reads a sealed report. `true` when the protocol stack need not see it: it says nothing about
    /// what the peer itself sends.
    pub(super) fn on_report(
        &mut self,
        key: PeerKey,
        source: SocketAddr,
        destination: SocketAddr,
        sealed: &[u8],
        now: Instant,
    ) -> bool {
        let Some(peer) = self.peers.get_mut(key) else { return false };
        if !peer.connected {
            return false;
        }
        let mut plain = std::mem::take(&mut self.report);
        let Some(opened) = peer.sender.open(sealed, source, destination, &mut plain) else {
            self.report = plain;
            // Forged, or doubled by the network. The stack judges by itself what is meant for it.
            return false;
        };
        // Of one that never sends, the stack has no stream to learn about.
        let listens = peer.tracks.iter().all(Option::is_none);
        let mut ours = true;
        let (mut missing, mut pictureless) = (Vec::new(), Vec::new());
        rtcp::read(opened, |said| match said {
            Said::Block(block) => {
                if let Some(stream) = peer.stream_mut(block.ssrc) {
                    stream.heard_of(block.fraction_lost);
                }
            }
            Said::Arrivals(arrivals) => peer.sender.learn(&arrivals, now),
            Said::Estimate { bps } => peer.sender.be_told(bps),
            Said::Missing { ssrc, seq } if missing.len() < MISSING_MAX => missing.push((ssrc, seq)),
            Said::Missing { .. } => {}
            Said::KeyframeWanted { ssrc } if !pictureless.contains(&ssrc) => pictureless.push(ssrc),
            Said::KeyframeWanted { .. } => {}
            Said::Other => ours = listens,
        });
        peer.note_estimate(now);
        self.report = plain;
        for (ssrc, seq) in missing {
            self.repeat(key, ssrc, seq, now);
        }
        for ssrc in pictureless {
            self.on_keyframe_request(key, ssrc, now);
        }
        ours
    }
}
