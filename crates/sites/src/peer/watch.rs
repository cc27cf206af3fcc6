//! What one slot carries, as far as its packets show: frames complete or broken, whose picture, what was lost, when it froze.
//! Decodes nothing: a frame counts as shown when every packet since the last keyframe is there.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::freeze::FreezeMeter;

/// Packets remembered behind the newest; a later repetition helps no player.
const WINDOW: u64 = 1024;
/// A player that cannot go on asks for a keyframe after this time; repetitions come sooner.
const STUCK: Duration = Duration::from_millis(400);
/// Requests for keyframes are this far apart.
const ASK_EVERY: Duration = Duration::from_millis(800);

/// What a packet says about itself.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    /// A frame surely begins here.
    pub(super) starts_frame: bool,
    /// Part of a picture that needs no other.
    pub(super) key: bool,
    pub(super) note: Option<String>,
    /// Padding: belongs to no frame.
    pub(super) empty: bool,
}

/// A frame that a player would have shown now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) key: bool,
    /// Whose picture, where the keyframe says so.
    pub(super) note: Option<String>,
}

/// One video slot.
#[derive(Debug, Default)]
pub(super) struct Watch {
    packets: BTreeMap<u64, Packet>,
    /// Sequence number of the packet that must come next for the player to go on; `None` until the first keyframe.
    next: Option<u64>,
    first: Option<u64>,
    highest: u64,
    received: u64,
    /// Since when packets arrive and nothing can be shown.
    stuck_since: Option<Instant>,
    asked: Option<Instant>,
    source: Option<String>,
    pub(super) freeze: FreezeMeter,
    pub(super) frames: u64,
    pub(super) bytes: u64,
}

impl Watch {
    /// Takes a packet and calls `shown` for each frame that becomes showable by it.
    pub(super) fn take(
        &mut self,
        sequence: u64,
        packet: Packet,
        now: Instant,
        mut shown: impl FnMut(Shown),
    ) {
        if self.first.is_some() && sequence + WINDOW < self.highest {
            return;
        }
        self.first.get_or_insert(sequence);
        self.first = self.first.map(|first| first.min(sequence));
        self.highest = self.highest.max(sequence);
        if self.packets.insert(sequence, packet).is_none() {
            self.received += 1;
        }
        let mut progress = false;
        while let Some(frame) = self.frame_in_order().or_else(|| self.keyframe_ahead()) {
            progress = true;
            self.frames += 1;
            let changed = frame.note.is_some() && frame.note != self.source;
            if changed {
                self.source.clone_from(&frame.note);
            }
            self.freeze.shown(now, changed, frame.key);
            shown(frame);
        }
        self.stuck_since = if progress { None } else { self.stuck_since.or(Some(now)) };
        let floor = self.highest.saturating_sub(WINDOW);
        while let Some(entry) = self.packets.first_entry()
            && *entry.key() < floor
        {
            entry.remove();
        }
    }

    /// Whose picture was shown last.
    pub(super) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Packets that should have come, and those of them that never did.
    pub(super) fn loss(&self) -> (u64, u64) {
        let expected = self.first.map_or(0, |first| self.highest - first + 1);
        (expected, expected.saturating_sub(self.received))
    }

    /// Whether a player would now ask for a keyframe. Asking is the sending.
    pub(super) fn ask_keyframe(&mut self, now: Instant) -> bool {
        let stuck = self.stuck_since.is_some_and(|since| now - since > STUCK);
        let due = self.asked.is_none_or(|asked| now - asked > ASK_EVERY);
        if stuck && due {
            self.asked = Some(now);
        }
        stuck && due
    }

    /// The frame that follows the last one shown, once it is complete.
    fn frame_in_order(&mut self) -> Option<Shown> {
        let start = self.next?;
        match self.frame_at(start) {
            Frame::Complete { end, shown } => {
                self.finish(end);
                // Padding alone moves the player on and shows nothing.
                shown.or_else(|| self.frame_in_order())
            }
            Frame::Cut { next } if self.packets.get(&next).is_some_and(|p| p.starts_frame) => {
                // The forwarder left this frame for a new source: it is nobody's loss.
                self.next = Some(next);
                self.frame_in_order()
            }
            Frame::Cut { .. } | Frame::Missing => None,
        }
    }

    /// A complete keyframe beyond what blocks the player: players skip to it.
    fn keyframe_ahead(&mut self) -> Option<Shown> {
        let from = self.next.unwrap_or(0);
        let starts: Vec<u64> = self
            .packets
            .range(from..)
            .filter(|(_, packet)| packet.starts_frame && packet.key)
            .map(|(sequence, _)| *sequence)
            .collect();
        // The newest: what lies between would only be late.
        starts.into_iter().rev().find_map(|start| match self.frame_at(start) {
            Frame::Complete { end, shown: Some(shown) } => {
                self.finish(end);
                Some(shown)
            }
            _ => None,
        })
    }

    fn finish(&mut self, end: u64) {
        self.next = Some(end + 1);
        // Kept in the map they would be walked again; their number is enough.
        self.packets = self.packets.split_off(&(end + 1));
    }

    fn frame_at(&self, start: u64) -> Frame {
        let Some(first) = self.packets.get(&start) else { return Frame::Missing };
        if first.empty {
            return Frame::Complete { end: start, shown: None };
        }
        let mut note = None;
        for sequence in start.. {
            let Some(packet) = self.packets.get(&sequence) else { return Frame::Missing };
            if packet.empty {
                continue;
            }
            if packet.timestamp != first.timestamp {
                return Frame::Cut { next: sequence };
            }
            note = note.or_else(|| packet.note.clone());
            if packet.marker {
                let shown = Some(Shown { key: first.key, note });
                return Frame::Complete { end: sequence, shown };
            }
        }
        Frame::Missing
    }
}

enum Frame {
    Complete {
        end: u64,
        shown: Option<Shown>,
    },
    /// Another frame begins before this one ended.
    Cut {
        next: u64,
    },
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `K` starts a keyframe of `site`, `k` goes on with it, `p` is part of another frame, upper case `P` ends a frame like `E` ends a keyframe.
    fn packet(timestamp: u32, what: char, site: &str) -> Packet {
        Packet {
            timestamp,
            marker: matches!(what, 'E' | 'P'),
            starts_frame: what == 'K',
            key: matches!(what, 'K' | 'k' | 'E'),
            note: (what == 'K').then(|| site.to_owned()),
            empty: what == '.',
        }
    }

    fn feed(watch: &mut Watch, packets: &[(u64, u32, char)], site: &str) -> Vec<Shown> {
        let now = Instant::now();
        let mut shown = Vec::new();
        for (sequence, timestamp, what) in packets {
            watch.take(*sequence, packet(*timestamp, *what, site), now, |frame| shown.push(frame));
        }
        shown
    }

    #[test]
    fn nothing_is_shown_before_a_complete_keyframe() {
        let mut watch = Watch::default();
        assert_eq!(feed(&mut watch, &[(10, 1, 'P'), (11, 2, 'K'), (13, 2, 'E')], "a"), []);
        let shown = feed(&mut watch, &[(12, 2, 'k'), (14, 3, 'P')], "a");
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[0], Shown { key: true, note: Some("a".into()) });
        assert_eq!(watch.loss(), (5, 0));
    }

    #[test]
    fn a_gap_stops_the_picture_until_it_is_filled_or_a_keyframe_comes() {
        let mut watch = Watch::default();
        feed(&mut watch, &[(1, 1, 'K'), (2, 1, 'E')], "a");
        assert_eq!(feed(&mut watch, &[(4, 3, 'P'), (5, 4, 'P')], "a").len(), 0);
        assert_eq!(feed(&mut watch, &[(3, 2, 'P')], "a").len(), 3);
        assert_eq!(feed(&mut watch, &[(7, 6, 'P'), (8, 7, 'K'), (9, 7, 'E')], "b").len(), 1);
        assert_eq!(watch.source(), Some("b"));
        assert_eq!(watch.loss(), (9, 1));
    }

    #[test]
    fn a_frame_cut_off_by_a_new_source_is_left_behind() {
        let mut watch = Watch::default();
        feed(&mut watch, &[(1, 1, 'K'), (2, 1, 'E'), (3, 2, 'p')], "a");
        let shown = feed(&mut watch, &[(4, 9, 'K'), (5, 9, 'E'), (6, 0, '.'), (7, 10, 'P')], "b");
        assert_eq!(shown.len(), 2);
        assert_eq!(watch.source(), Some("b"));
    }
}
