//! From an offer to a transport, its tracks and its slots. The only place that reads m-lines.
//!
//! Reading an offer and making a transport takes some milliseconds, a hundred packets' time. So it
//! happens at the [`Door`], on whatever thread the offer arrived, and the core only takes the result.

use std::{
    net::SocketAddr,
    panic::catch_unwind,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Rtc, RtcConfig,
    change::SdpOffer,
    config::DtlsCert,
    format::{Codec as Format, FormatParams},
    media::{Frequency, Media, Mid},
};
use tracing::{debug, error};

use super::{
    leap::LeapGuard,
    offer::{self, Offer},
    sdp,
    slot::{VideoSlot, VoiceSlot},
    stun::{Credentials, Side},
    track::{Track, TrackKind},
};
use crate::{
    Advertise, JoinError, JoinKind, SLOT_LOOK, SLOT_SHARE, VIDEO_SLOTS, VOICE_SLOTS,
    send::{
        Codec, Extensions, KeySlot, PayloadTypes, Rewriter, Sender, Stream, provider,
        slot_of_last_transport,
    },
};

/// What every line is asked for, whether or not anything is on stage at the moment: so that the first
/// picture finds room made.
pub(super) const DESIRED_MIN_BPS: u64 = 2_500_000;
/// How often the line is measured for the operator.
const MEASURE_EVERY: Duration = Duration::from_secs(2);
/// Our own connection checks come at least this often, so that every live peer is heard of within it.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// H264: payload type, its repetition's, packetization mode and profile-level-id, most compatible first. Room clients
/// get the first alone, and decode the others with it; players those of the first mode, and encoders may send all, for
/// what is one unit a packet is also right where there could be more.
const H264: [(u8, u8, bool, u32); 10] = [
    (108, 109, true, 0x42e01f),
    (127, 121, true, 0x42001f),
    (123, 119, true, 0x4d001f),
    (114, 115, true, 0x640c1f),
    (112, 113, true, 0x64001f),
    (106, 107, false, 0x42e01f),
    (104, 105, false, 0x42001f),
    (102, 103, false, 0x4d001f),
    (116, 117, false, 0x640c1f),
    (118, 120, false, 0x64001f),
];

/// Answers offers, beside the core and on any thread. It has what all transports have in common.
#[derive(Debug)]
pub struct Door {
    certificate: DtlsCert,
    candidates: Vec<Candidate>,
}

/// An offer that can be answered: the transport, and what it sends and receives.
#[derive(Debug)]
pub struct Negotiated {
    pub(super) kind: JoinKind,
    pub(super) rtc: Rtc,
    pub(super) answer: String,
    /// By which connection checks name this transport and its client.
    pub(super) ice: Credentials,
    /// Everything it is sent beside the handshake.
    pub(super) sender: Sender,
    pub(super) leap: LeapGuard,
    pub(super) tracks: [Option<Track>; 3],
    pub(super) video: Vec<VideoSlot>,
    pub(super) voices: Vec<VoiceSlot>,
    /// M-lines whose packets name neither themselves nor a stream that was offered: told by payload type.
    pub(super) by_payload: Vec<(u8, Mid)>,
    #[cfg(any(test, feature = "fuzz"))]
    plain: String,
}

#[cfg(any(test, feature = "fuzz"))]
impl Negotiated {
    /// What the client would be told, if it used the stack's words.
    pub(crate) fn plain_answer(&self) -> &str {
        &self.plain
    }
}

impl Door {
    /// Makes the certificate that all transports of this process share: clients pin its fingerprint,
    /// which each answer carries.
    pub fn new(bound: &[SocketAddr], advertise: &[Advertise]) -> Self {
        let certificate = provider()
            .dtls_provider
            .generate_certificate()
            .expect("the crypto library makes certificates");
        let hosts = bound.iter().filter_map(|&address| Candidate::host(address, "udp").ok());
        let translated = advertise
            .iter()
            .filter_map(|at| Candidate::server_reflexive(at.public, at.bound, "udp").ok());
        Self { certificate, candidates: hosts.chain(translated).collect() }
    }

    /// Reads an offer and makes its transport. Nobody has joined yet: that is the core's to say.
    pub fn negotiate(
        &self,
        kind: JoinKind,
        offer: &str,
        now: Instant,
    ) -> Result<Box<Negotiated>, JoinError> {
        offer::check_limits(offer)?;
        // str0m panics on its own bugs, and an offer comes from anybody.
        catch_unwind(|| self.read(kind, offer, now)).unwrap_or_else(|_| {
            error!("an offer made the protocol stack fail and is refused");
            Err(JoinError::Internal)
        })
    }

    fn read(
        &self,
        kind: JoinKind,
        offer: &str,
        now: Instant,
    ) -> Result<Box<Negotiated>, JoinError> {
        let read = Offer::read(offer)?;
        read.judge(kind)?;
        // What the stack says of what it does not understand is for whoever mends this, and for nobody else.
        let malformed = |error: &dyn std::fmt::Display| {
            debug!("an offer is refused: {error}");
            JoinError::OfferMalformed("one of its attributes has a value that is none".to_owned())
        };
        let plain = read.plain(kind);
        let offer = SdpOffer::from_sdp_string(&plain).map_err(|error| malformed(&error))?;

        let mut rtc = self.config(kind).build(now);
        let keys = slot_of_last_transport();
        for candidate in &self.candidates {
            rtc.add_local_candidate(candidate.clone());
        }
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| malformed(&error))?;
        let answer = answer.to_sdp_string();
        let ours = rtc.direct_api().local_ice_credentials();
        let ours = Side { ufrag: ours.ufrag, password: ours.pass };
        let ice = Credentials { ours, theirs: read.ice() };

        let places = Places::of(kind, &sdp::lines(&answer));
        let answer = sdp::with_stream_names(&answer, |mid| places.stream_name(mid));
        let (tracks, video, voices) = places.build(&mut rtc, &read, now);
        // Layers are chosen by what pictures report; an estimate from voices alone would never rise.
        let picture = places.video.first();
        let feedback = picture.is_some_and(|mid| read.has_transport_feedback(mid));
        let sender = places.sender(&rtc, keys, feedback, now);
        let sends = video.iter().map(|slot| slot.stream.payload_types);
        let sends = sends.chain(voices.iter().map(|slot| slot.stream.payload_types));
        if tracks.iter().all(Option::is_none) && sends.into_iter().all(|types| types.is_empty()) {
            return Err(JoinError::NothingUsable);
        }
        let leap = LeapGuard::new(read.transport_number_ids());
        let unnamed = places.tracks.iter().filter(|(_, mid, _)| read.is_told_by_payload(mid));
        let by_payload = unnamed.flat_map(|(_, mid, _)| {
            let types = read.payload_types(mid).into_iter();
            types.map(|payload_type| (payload_type, Mid::from(mid.as_str())))
        });
        let by_payload = by_payload.collect();
        Ok(Box::new(Negotiated {
            kind,
            rtc,
            answer: read.in_its_words(&answer),
            ice,
            sender,
            leap,
            tracks,
            video,
            voices,
            by_payload,
            #[cfg(any(test, feature = "fuzz"))]
            plain: answer,
        }))
    }

    fn config(&self, kind: JoinKind) -> RtcConfig {
        let mut config = RtcConfig::new()
            .set_crypto_provider(provider())
            .set_rtp_mode(true)
            .set_dtls_cert(self.certificate.clone())
            .set_stats_interval(Some(MEASURE_EVERY))
            .clear_codecs()
            .enable_vp8(true);
        config.set_max_stun_rto(CHECK_EVERY);
        let codecs = config.codec_config();
        codecs.add_config(
            111.into(),
            None,
            Format::Opus,
            Frequency::FORTY_EIGHT_KHZ,
            Some(2),
            FormatParams {
                min_p_time: Some(10),
                use_inband_fec: Some(true),
                use_dtx: Some(true),
                ..FormatParams::default()
            },
        );
        let formats = match kind {
            JoinKind::Room => &H264[..1],
            JoinKind::Whep => &H264[..5],
            JoinKind::Whip => &H264[..],
        };
        for &(payload_type, repeat, fragments, profile_level_id) in formats {
            codecs.add_h264(payload_type.into(), Some(repeat.into()), fragments, profile_level_id);
        }
        config
    }
}

/// Which m-line is which, by kind, direction and order.
#[derive(Debug, Default)]
struct Places {
    /// Track, mid and the layers from low to high.
    tracks: Vec<(TrackKind, String, Vec<String>)>,
    /// Mids by slot.
    video: Vec<String>,
    voices: Vec<String>,
}

impl Places {
    fn of(kind: JoinKind, lines: &[sdp::Line]) -> Self {
        let (video_max, voices_max) = match kind {
            JoinKind::Room => (VIDEO_SLOTS, VOICE_SLOTS),
            JoinKind::Whip => (0, 0),
            JoinKind::Whep => (1, 1),
        };
        let tracks_of_video: &[_] = match kind {
            JoinKind::Room => &[TrackKind::Camera, TrackKind::Share],
            JoinKind::Whip => &[TrackKind::Camera],
            JoinKind::Whep => &[],
        };
        let tracks_of_audio: &[_] =
            if kind == JoinKind::Whep { &[] } else { &[TrackKind::Microphone] };

        let mut places = Self::default();
        let (mut videos, mut audios) = (tracks_of_video.iter(), tracks_of_audio.iter());
        for line in lines {
            let (tracks, slots, max) = if line.is_video {
                (&mut videos, &mut places.video, video_max)
            } else if line.is_audio {
                (&mut audios, &mut places.voices, voices_max)
            } else {
                continue;
            };
            if line.sends {
                if slots.len() < max {
                    slots.push(line.mid.clone());
                }
                if !line.receives {
                    continue;
                }
            } else if !line.receives && !slots.is_empty() {
                // An inactive line among the slots keeps nobody's place.
                continue;
            }
            // An inactive line before the slots keeps the place of what it would have sent.
            if let Some(&track) = tracks.next()
                && line.receives
            {
                places.tracks.push((track, line.mid.clone(), line.rids.clone()));
            }
        }
        places
    }

    /// The names that the crate's documentation promises.
    fn stream_name(&self, mid: &str) -> Option<(String, String)> {
        if let Some(slot) = self.video.iter().position(|slot| slot == mid) {
            let stream = match slot {
                SLOT_SHARE => "share".to_owned(),
                SLOT_LOOK => "look".to_owned(),
                _ => format!("stage-{slot}"),
            };
            return Some((stream, format!("video-{slot}")));
        }
        let voice = self.voices.iter().position(|slot| slot == mid)?;
        let track = format!("voice-{voice}");
        // One stream with the speaker's picture: browsers keep what shares a stream in step.
        let stream = if voice == 0 { "stage-0".to_owned() } else { track.clone() };
        Some((stream, track))
    }

    fn build(
        &self,
        rtc: &mut Rtc,
        offer: &Offer<'_>,
        now: Instant,
    ) -> ([Option<Track>; 3], Vec<VideoSlot>, Vec<VoiceSlot>) {
        let mut tracks = [None, None, None];
        for (kind, mid, rids) in &self.tracks {
            let mid = Mid::from(mid.as_str());
            if has_codec(rtc, mid) {
                tracks[*kind as usize] = Some(Track::new(mid, rids));
            }
        }
        let video = self.video.iter().map(|mid| VideoSlot {
            stream: take_over(rtc, mid, offer, |start| Rewriter::video(start, now)),
            source: None,
            ideal: None,
            lowered_at: None,
            taking: None,
            former_until: None,
        });
        let video = video.collect();
        let voices = self.voices.iter().map(|mid| VoiceSlot {
            stream: take_over(rtc, mid, offer, |start| Rewriter::audio(start, now)),
            source: None,
        });
        let voices = voices.collect();
        (tracks, video, voices)
    }

    fn sender(&self, rtc: &Rtc, keys: KeySlot, feedback: bool, now: Instant) -> Sender {
        let media = |mids: &[String]| mids.first().and_then(|mid| rtc.media(mid.as_str().into()));
        let (video, audio) = (media(&self.video), media(&self.voices));
        let cname = video.or(audio).map_or("", |media| media.cname());
        let extensions = |media: Option<&Media>| media.map(Extensions::of).unwrap_or_default();
        let (video, audio) = (extensions(video), extensions(audio));
        let feedback = feedback && video.transport_sequence > 0;
        let mut sender = Sender::new(keys, video, audio, cname, feedback, now);
        sender.want(DESIRED_MIN_BPS);
        sender
    }
}

/// Takes an outgoing stream out of the protocol stack's hands. It has told the client the SSRCs, and
/// forgets them here: it must not report on them, for that is ours, under the same key.
fn take_over(
    rtc: &mut Rtc,
    name: &str,
    offer: &Offer<'_>,
    rewriter: impl FnOnce(u16) -> Rewriter,
) -> Stream {
    let mid = Mid::from(name);
    let payload_types = payload_types(rtc, mid);
    let mut direct = rtc.direct_api();
    // A slot that cannot be sent on keeps its number, and carries nothing.
    let theirs = direct.stream_tx_by_mid(mid, None).map(|stream| (stream.ssrc(), stream.rtx()));
    if let Some((ssrc, _)) = theirs {
        direct.remove_stream_tx(ssrc);
    }
    let ssrc = theirs.map_or(0, |(ssrc, _)| *ssrc);
    let repeat = theirs.and_then(|(_, repeat)| repeat).map(|ssrc| *ssrc);
    let said = offer.mid(name).unwrap_or_default();
    Stream::new(ssrc, repeat, said, payload_types, rewriter(ssrc as u16))
}

fn has_codec(rtc: &Rtc, mid: Mid) -> bool {
    rtc.media(mid).is_some_and(|media| !media.remote_pts().is_empty())
}

fn payload_types(rtc: &Rtc, mid: Mid) -> PayloadTypes {
    let mut types = PayloadTypes::default();
    let Some(media) = rtc.media(mid) else {
        return types;
    };
    for params in rtc.codec_config().params() {
        if !media.remote_pts().contains(&params.pt()) {
            continue;
        }
        let entry = match Codec::of(params.spec().codec) {
            Some(Codec::Vp8) => &mut types.vp8,
            Some(Codec::H264) => &mut types.h264,
            Some(Codec::Opus) => &mut types.opus,
            None => continue,
        };
        entry.get_or_insert((params.pt(), params.resend()));
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `V` and `A` are received here, `v` and `a` sent, `i` and `j` inactive video and audio.
    fn places(kind: JoinKind, lines: &str) -> Places {
        let lines: Vec<_> = lines
            .chars()
            .enumerate()
            .map(|(index, line)| sdp::Line {
                is_video: "Vvi".contains(line),
                is_audio: "Aaj".contains(line),
                mid: index.to_string(),
                sends: "va".contains(line),
                receives: "VA".contains(line),
                rids: Vec::new(),
            })
            .collect();
        Places::of(kind, &lines)
    }

    fn tracks(places: &Places) -> Vec<(TrackKind, &str)> {
        places.tracks.iter().map(|(kind, mid, _)| (*kind, mid.as_str())).collect()
    }

    #[test]
    fn a_room_client_is_read_by_kind_direction_and_order() {
        let room = places(JoinKind::Room, "VAVvvvvvvvvaaa");
        assert_eq!(
            tracks(&room),
            [(TrackKind::Camera, "0"), (TrackKind::Microphone, "1"), (TrackKind::Share, "2")]
        );
        assert_eq!(room.video, ["3", "4", "5", "6", "7", "8", "9", "10"]);
        assert_eq!(room.voices, ["11", "12", "13"]);
        assert_eq!(room.stream_name("3"), Some(("stage-0".into(), "video-0".into())));
        assert_eq!(room.stream_name("11"), Some(("stage-0".into(), "voice-0".into())));
        assert_eq!(room.stream_name("9"), Some(("share".into(), "video-6".into())));
        assert_eq!(room.stream_name("10"), Some(("look".into(), "video-7".into())));
        assert_eq!(room.stream_name("13"), Some(("voice-2".into(), "voice-2".into())));
        assert_eq!(room.stream_name("0"), None);
    }

    #[test]
    fn a_viewer_may_leave_out_what_it_does_not_send_or_leave_it_inactive() {
        let without = places(JoinKind::Room, "vvvvvvvvaaa");
        let inactive = places(JoinKind::Room, "ijivvvvvvvvaaa");
        assert!(without.tracks.is_empty() && inactive.tracks.is_empty());
        assert_eq!((without.video.len(), without.voices.len()), (8, 3));
        assert_eq!((inactive.video.len(), inactive.voices.len()), (8, 3));
        let share_alone = places(JoinKind::Room, "iAVvvvvvvvvaaa");
        assert_eq!(tracks(&share_alone), [(TrackKind::Microphone, "1"), (TrackKind::Share, "2")]);
    }

    #[test]
    fn more_lines_than_slots_carry_nothing() {
        let many = places(JoinKind::Room, "VVVVvvvvvvvvvvvvaaaaaaAA");
        assert_eq!(tracks(&many).len(), 3);
        assert_eq!((many.video.len(), many.voices.len()), (VIDEO_SLOTS, VOICE_SLOTS));
    }

    #[test]
    fn encoders_only_send_and_players_only_receive() {
        let whip = places(JoinKind::Whip, "AVvv");
        assert_eq!(tracks(&whip), [(TrackKind::Microphone, "0"), (TrackKind::Camera, "1")]);
        assert!(whip.video.is_empty());
        let whep = places(JoinKind::Whep, "vavaVA");
        assert!(whep.tracks.is_empty());
        assert_eq!((whep.video.len(), whep.voices.len()), (1, 1));
    }
}
