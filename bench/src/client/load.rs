//! All machines of the load in one thread, and the time they run.

use std::{
    io,
    net::{IpAddr, UdpSocket},
    os::fd::AsRawFd,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use sfu::bench::{Keys, keys_of_last_transport, listening_provider};
use str0m::{Candidate, Input, Rtc, RtcConfig};

use super::{
    COUNTED_FROM, FRAME_EVERY, FRAME_PACKETS, LOOK_EVERY, REPORT_EVERY,
    peer::{Peer, Picture},
};
use crate::namespace::LOAD_ADDRESS;

pub(crate) struct Load {
    pub(super) poll: Poll,
    pub(super) peers: Vec<Peer>,
    pub(super) start: Instant,
    pub(super) report_due: Instant,
    pub(super) look_due: Instant,
    pub(super) talk: bool,
    /// Packets of a picture.
    pub(super) parts: usize,
    /// Places of those who have gone.
    free: Vec<usize>,
}

impl Load {
    pub(crate) fn new(talk: bool) -> Result<Self> {
        let now = Instant::now();
        let poll = Poll::new()?;
        Ok(Self {
            poll,
            peers: Vec::new(),
            start: now,
            report_due: now,
            look_due: now,
            talk,
            parts: FRAME_PACKETS,
            free: Vec::new(),
        })
    }

    pub(super) fn add(
        &mut self,
        server: usize,
        rtc: Option<Rtc>,
        keys: Option<Keys>,
    ) -> Result<usize> {
        let ip: IpAddr = LOAD_ADDRESS.parse()?;
        let socket = UdpSocket::bind((ip, 0))?;
        socket.set_nonblocking(true)?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 20)?;
        let token = Token(self.free.pop().unwrap_or(self.peers.len()));
        self.poll.registry().register(
            &mut SourceFd(&socket.as_raw_fd()),
            token,
            Interest::READABLE,
        )?;
        let local = socket.local_addr()?;
        let peer = Peer {
            server,
            socket,
            local,
            remote: None,
            rtc,
            connected: false,
            deadline: Instant::now(),
            keys,
            reports: None,
            transport_sequence: 0,
            arrived: Vec::new(),
            ssrc: 0,
            feedback: 0,
            packets: 0,
            sounds: 0,
            since: Instant::now(),
            publishing: None,
            counted_from: COUNTED_FROM[usize::from(self.talk)],
            picture: Picture::NotAwaited,
            speaker: 0,
        };
        let index = token.0;
        match self.peers.get_mut(index) {
            Some(free) => *free = peer,
            None => self.peers.push(peer),
        }
        if let Some(rtc) = &mut self.peers[index].rtc {
            rtc.add_local_candidate(Candidate::host(local, "udp")?);
        }
        Ok(index)
    }

    pub(crate) fn transport(&mut self, server: usize) -> Result<usize> {
        let rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .set_crypto_provider(listening_provider())
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        let keys = keys_of_last_transport();
        self.add(server, Some(rtc), Some(keys))
    }

    pub(crate) fn rtc(&mut self, peer: usize) -> &mut Rtc {
        self.peers[peer].rtc.as_mut().expect("only the null forwarder's have none")
    }

    /// Runs for so long.
    pub(crate) fn run(&mut self, duration: Duration) -> Result<()> {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.turn(end)?;
        }
        Ok(())
    }

    /// Runs until something holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        while !holds(self) {
            if Instant::now() > end {
                bail!("waited a minute until {what}");
            }
            self.turn(end)?;
        }
        Ok(())
    }

    fn turn(&mut self, end: Instant) -> Result<()> {
        let mut events = Events::with_capacity(1_024);
        let publishing = self.peers.iter().filter_map(|peer| peer.publishing.as_ref());
        let due =
            publishing.filter(|publishing| publishing.on).map(|publishing| publishing.due).min();
        let due = due.unwrap_or(end).min(end).min(self.look_due);
        let wait = due.saturating_duration_since(Instant::now());
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        let now = Instant::now();
        let quarters = (now - self.start).as_micros() as i64 / 250;
        for event in &events {
            self.peers[event.token().0].read(now, quarters);
        }
        for peer in &mut self.peers {
            if peer.publishing.as_ref().is_some_and(|p| p.on && p.due <= now) {
                peer.publish(now);
            }
        }
        if now >= self.look_due {
            self.look_due = now + LOOK_EVERY;
            let report = now >= self.report_due;
            if report {
                self.report_due = now + REPORT_EVERY;
            }
            for peer in &mut self.peers {
                if peer.deadline <= now {
                    peer.drive(Input::Timeout(now), now);
                }
                if report {
                    peer.report();
                }
            }
        }
        Ok(())
    }

    pub(crate) fn all_connected(&self) -> bool {
        self.peers.iter().all(|peer| peer.connected || peer.rtc.is_none())
    }

    /// From now on this subscriber waits for a whole picture.
    pub(crate) fn await_picture(&mut self, peer: usize) {
        self.peers[peer].picture = Picture::Awaited { parts: self.parts, time: 0, there: 0 };
    }

    /// Only pictures of this publisher end the waiting.
    pub(crate) fn expect_speaker(&mut self, speaker: usize) {
        self.peers.iter_mut().for_each(|peer| peer.speaker = speaker);
    }

    pub(crate) fn awaiting(&self) -> usize {
        let awaits = |peer: &&Peer| matches!(peer.picture, Picture::Awaited { .. });
        self.peers.iter().filter(awaits).count()
    }

    /// When the awaited picture was whole.
    pub(crate) fn picture_at(&self, peer: usize) -> Option<Instant> {
        match self.peers[peer].picture {
            Picture::There(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn packets(&self, server: usize) -> u64 {
        let subscribers = self.peers.iter().filter(|peer| peer.server == server);
        subscribers.map(|peer| peer.packets).sum()
    }

    /// From now on, or no longer, it sends what it offered.
    pub(crate) fn speak(&mut self, peer: usize, on: bool) {
        if let Some(publishing) = &mut self.peers[peer].publishing {
            publishing.on = on;
            publishing.due = Instant::now();
            publishing.keyframe = true;
        }
    }

    /// Nobody sends any more.
    pub(crate) fn hush(&mut self) {
        (0..self.peers.len()).for_each(|peer| self.speak(peer, false));
    }

    /// It is gone, without a word: its socket is closed and its place free.
    pub(crate) fn forget(&mut self, peer: usize) -> Result<()> {
        let gone = &mut self.peers[peer];
        // Nothing is ever sent to this one; the old one closes here.
        gone.socket = UdpSocket::bind((gone.local.ip(), 0))?;
        (gone.rtc, gone.keys, gone.reports, gone.publishing) = (None, None, None, None);
        gone.connected = false;
        self.free.push(peer);
        Ok(())
    }

    /// Packets of pictures that have reached it.
    pub(crate) fn pictures(&self, peer: usize) -> u64 {
        self.peers[peer].packets
    }

    /// Packets of pictures and sounds that have reached it.
    pub(crate) fn arrived(&self, peer: usize) -> u64 {
        self.peers[peer].packets + self.peers[peer].sounds
    }

    /// Whether it has been there for so long.
    pub(crate) fn settled(&self, peer: usize, long: Duration) -> bool {
        self.peers[peer].connected && self.peers[peer].since.elapsed() >= long
    }

    pub(crate) fn publish(&mut self, server: usize, on: bool) {
        let peers = self.peers.iter_mut().filter(|peer| peer.server == server);
        let mut publishing: Vec<_> = peers.filter_map(|peer| peer.publishing.as_mut()).collect();
        let apart = FRAME_EVERY / publishing.len().max(1) as u32;
        // Cameras do not keep step with each other.
        for (number, publishing) in (0..).zip(&mut publishing) {
            publishing.on = on;
            publishing.due = Instant::now() + apart * number;
            publishing.keyframe = true;
        }
    }
}
