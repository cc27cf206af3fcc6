//! One machine of the load: a subscriber that counts and reports, or a publisher.

use std::{
    collections::HashMap,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use sfu::bench::{Keys, Reports};
use str0m::{
    Event, Input, Output, Rtc,
    media::Mid,
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use super::{FRAME_EVERY, PAYLOAD_BYTES, REPORTS_A_SECOND, SOUND_BYTES, SOUND_EVERY, SOUNDS};

pub(super) struct Peer {
    pub(super) server: usize,
    pub(super) socket: UdpSocket,
    pub(super) local: SocketAddr,
    pub(super) remote: Option<SocketAddr>,
    pub(super) rtc: Option<Rtc>,
    pub(super) connected: bool,
    pub(super) deadline: Instant,
    pub(super) keys: Option<Keys>,
    pub(super) reports: Option<Reports>,
    pub(super) transport_sequence: u8,
    /// Number and arrival in quarters of a millisecond, since the last report.
    pub(super) arrived: Vec<(u16, i64)>,
    pub(super) ssrc: u32,
    pub(super) feedback: u8,
    pub(super) packets: u64,
    /// Voices beside the pictures.
    pub(super) sounds: u64,
    pub(super) since: Instant,
    pub(super) publishing: Option<Publishing>,
    pub(super) counted_from: usize,
    pub(super) picture: Picture,
    /// Number of the publisher whose picture is awaited.
    pub(super) speaker: usize,
}

/// What a subscriber of the storm waits for.
#[derive(Clone, Copy)]
pub(super) enum Picture {
    NotAwaited,
    /// A whole picture: the timestamp of the one that comes, and how many of its packets are there.
    Awaited {
        parts: usize,
        time: u32,
        there: usize,
    },
    There(Instant),
}

/// Neighbours among publishers send payloads that differ by a byte, so that whose picture a packet belongs to is seen without
/// decrypting it: a load that decrypts is busier than the server that it measures.
fn payload_bytes(publisher: usize) -> usize {
    PAYLOAD_BYTES - publisher % 2
}

pub(super) struct Publishing {
    pub(super) mid: Mid,
    /// See `payload_bytes`.
    pub(super) number: usize,
    pub(super) audio: bool,
    /// Packets of a picture.
    pub(super) parts: usize,
    pub(super) seq: u64,
    pub(super) frame: u32,
    pub(super) keyframe: bool,
    pub(super) on: bool,
    pub(super) due: Instant,
}

impl Peer {
    pub(super) fn read(&mut self, now: Instant, quarters: i64) {
        let mut buffer = [0; 2_048];
        while let Ok((len, source)) = self.socket.recv_from(&mut buffer) {
            let datagram = &buffer[..len];
            let is_media = matches!(datagram, [128..=191, 0..=191 | 224..=255, ..]);
            if is_media {
                self.remote = Some(source);
                self.packets += u64::from(len >= self.counted_from);
                self.sounds += u64::from(SOUNDS.contains(&len));
                self.count(datagram, quarters);
                self.look(datagram, now);
                continue;
            }
            let is_report = matches!(datagram, [128..=191, ..]);
            if is_report && self.publishing.is_none() {
                continue;
            }
            if let Ok(received) = Receive::new(Protocol::Udp, source, self.local, datagram) {
                self.drive(Input::Receive(now, received), now);
            }
        }
    }

    /// What comes first of a publisher after a change begins with a keyframe (the forwarder's own tests show that): its first
    /// whole picture is the one awaited.
    fn look(&mut self, packet: &[u8], now: Instant) {
        let Picture::Awaited { parts, time, there } = &mut self.picture else { return };
        // All that stands around a payload has an even length.
        let is_speakers = packet.len() % 2 == payload_bytes(self.speaker) % 2;
        if packet.len() < self.counted_from || !is_speakers {
            return;
        }
        let its = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        *there = if its == *time { *there + 1 } else { 1 };
        *time = its;
        if *there >= *parts {
            self.picture = Picture::There(now);
        }
    }

    pub(super) fn count(&mut self, packet: &[u8], quarters: i64) {
        if packet.len() < 16 || packet[0] & 0x10 == 0 || self.transport_sequence == 0 {
            return;
        }
        self.ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        let words = usize::from(u16::from_be_bytes([packet[14], packet[15]]));
        let Some(mut rest) = packet.get(16..16 + words * 4) else { return };
        while let [head, tail @ ..] = rest {
            let (id, len) = (head >> 4, usize::from(head & 15) + 1);
            if id == 0 {
                rest = tail;
                continue;
            }
            if id == self.transport_sequence && tail.len() >= 2 {
                self.arrived.push((u16::from_be_bytes([tail[0], tail[1]]), quarters));
                return;
            }
            rest = tail.get(len..).unwrap_or(&[]);
        }
    }

    /// What has arrived since the last report, as a browser says it.
    pub(super) fn report(&mut self) {
        if self.reports.is_none() && self.connected {
            self.reports = self.keys.as_ref().and_then(Keys::reports);
        }
        let (Some(reports), Some(remote)) = (&mut self.reports, self.remote) else { return };
        self.arrived.sort_unstable();
        self.arrived.dedup_by_key(|arrived| arrived.0);
        // A rollover is reported next time.
        let ahead = |pair: &[(u16, i64)]| pair[1].0 - pair[0].0 > 1_000;
        let len = self.arrived.windows(2).position(ahead).map_or(self.arrived.len(), |at| at + 1);
        let taken: Vec<_> = self.arrived.drain(..len).collect();
        let (Some(&(base, first)), Some(&(last, _))) = (taken.first(), taken.last()) else {
            return;
        };
        let by_seq: HashMap<u16, i64> = taken.iter().copied().collect();
        let reference = first.div_euclid(256);
        let seqs: Vec<Option<i64>> = (base..=last).map(|seq| by_seq.get(&seq).copied()).collect();
        let mut report = vec![0x8f, 205, 0, 0, 0, 0, 0, 1];
        report.extend(self.ssrc.to_be_bytes());
        report.extend(base.to_be_bytes());
        report.extend((seqs.len() as u16).to_be_bytes());
        report.extend(&((reference as u32) << 8 | u32::from(self.feedback)).to_be_bytes());
        self.feedback = self.feedback.wrapping_add(1);
        for chunk in seqs.chunks(7) {
            let mut word = 3u16 << 14;
            for (at, arrived) in chunk.iter().enumerate() {
                word |= u16::from(arrived.is_some()) << 1 << (12 - 2 * at);
            }
            report.extend(word.to_be_bytes());
        }
        let mut before = reference * 256;
        for at in seqs.iter().flatten() {
            report.extend(((at - before) as i16).to_be_bytes());
            before = *at;
        }
        report.resize(report.len().next_multiple_of(4), 0);
        let words = (report.len() / 4 - 1) as u16;
        report[2..4].copy_from_slice(&words.to_be_bytes());
        if self.feedback.is_multiple_of(REPORTS_A_SECOND) {
            // And once a second that nothing of the stream is lost.
            let mut whole = vec![0x81, 201, 0, 7, 0, 0, 0, 1];
            whole.extend(self.ssrc.to_be_bytes());
            whole.resize(32, 0);
            report.splice(0..0, whole);
        }
        if reports.seal(&mut report) {
            // The wire is the test's own: what it does not take now comes with the next report.
            let _ = self.socket.send_to(&report, remote);
        }
    }

    pub(super) fn drive(&mut self, input: Input<'_>, now: Instant) {
        let Some(rtc) = &mut self.rtc else {
            self.deadline = now + Duration::from_secs(3_600);
            return;
        };
        if rtc.handle_input(input).is_err() {
            return;
        }
        loop {
            match rtc.poll_output() {
                Ok(Output::Transmit(datagram)) => {
                    let _ = self.socket.send_to(&datagram.contents, datagram.destination);
                }
                Ok(Output::Event(Event::Connected)) => self.connected = true,
                Ok(Output::Event(Event::KeyframeRequest(_))) => {
                    if let Some(publishing) = &mut self.publishing {
                        publishing.keyframe = true;
                    }
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(due)) => {
                    if due > now {
                        self.deadline = due;
                        return;
                    }
                    if rtc.handle_input(Input::Timeout(now)).is_err() {
                        return;
                    }
                    self.deadline = now + Duration::from_millis(1);
                    return;
                }
                Err(_) => return,
            }
        }
    }

    pub(super) fn publish(&mut self, now: Instant) {
        let (Some(rtc), Some(publishing)) = (&mut self.rtc, &mut self.publishing) else { return };
        let every = if publishing.audio { SOUND_EVERY } else { FRAME_EVERY };
        publishing.due += every;
        if publishing.due < now {
            publishing.due = now + every;
        }
        let Some(payload_type) =
            rtc.media(publishing.mid).and_then(|m| m.remote_pts().first().copied())
        else {
            return;
        };
        let keyframe = std::mem::take(&mut publishing.keyframe);
        let (parts, bytes, ticks) = if publishing.audio {
            (1, SOUND_BYTES, 960)
        } else {
            (publishing.parts, payload_bytes(publishing.number), 3_000)
        };
        let time = publishing.frame.wrapping_mul(ticks);
        for part in 0..parts {
            let mut payload = vec![0x55; bytes];
            let [high, low] = (publishing.frame as u16 & 0x7fff | 0x8000).to_be_bytes();
            if !publishing.audio {
                payload[0] = if part == 0 { 0x90 } else { 0x80 };
                payload[1..5].copy_from_slice(&[0x80, high, low, u8::from(!keyframe)]);
            }
            let write = RtpWrite::new(payload_type, publishing.seq.into(), time, now, payload)
                .marker(!publishing.audio && part + 1 == parts)
                .nackable(!publishing.audio);
            publishing.seq += 1;
            if let Some(stream) = rtc.direct_api().stream_tx_by_mid(publishing.mid, None) {
                stream.write_rtp(write);
            }
            // The stack keeps one packet at a time ready.
            self.deadline = now;
        }
        publishing.frame += 1;
        self.drive(Input::Timeout(now), now);
    }
}
