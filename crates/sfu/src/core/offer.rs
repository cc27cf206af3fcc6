//! What a client offers, read line by line as RFC 8866 has it, judged, and written anew in the one form that the
//! protocol stack beneath reads: that stack wants browsers' order, their names and their completeness.
//!
//! The answer is given back in the client's own words: its names for m-lines, its transport, its profiles.

use std::fmt::Write as _;

use super::{
    h264::{self, Fmtp},
    stun::Side,
};
use crate::{JoinError, JoinKind};

/// A room client's offer in Chromium is about 30 KB.
const OFFER_BYTES_MAX: usize = 128 * 1024;
/// A room client offers 14.
const LINES_MAX: usize = 24;
/// What the stack beneath, and a header's short extension, can hold of an m-line's name.
const MID_BYTES: usize = 16;
/// And of a layer's.
const RID_BYTES: usize = 8;
/// As many layers as a camera has here.
const RIDS_MAX: usize = super::track::LAYERS_MAX;

/// Attributes of an m-line that mean something here. The client's candidates do not: its checks tell us where it is,
/// what an offer merely claims would make us send to addresses of its choosing, and browsers hide theirs behind names
/// that nobody resolves.
const MEDIA_ATTRIBUTES: [&str; 12] = [
    "extmap",
    "rtcp-mux",
    "rtcp-mux-only",
    "rtcp-rsize",
    "rtcp-fb",
    "rid",
    "simulcast",
    "ssrc-group",
    "ssrc",
    "msid",
    "sctp-port",
    "max-message-size",
];
/// And of its transport.
const SESSION_ATTRIBUTES: [&str; 6] =
    ["ice-ufrag", "ice-pwd", "ice-options", "ice-lite", "fingerprint", "setup"];

#[derive(Debug)]
pub(super) struct Offer<'a> {
    session: Vec<Attribute<'a>>,
    lines: Vec<Line<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Attribute<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    Video,
    Audio,
    /// A data channel.
    Data,
    Unknown,
}

/// One m-line.
#[derive(Debug)]
struct Line<'a> {
    media: Media,
    /// `m=` without its formats: what, port, transport.
    words: [&'a str; 3],
    formats: Vec<&'a str>,
    attributes: Vec<Attribute<'a>>,
    /// As the client has it, if it has one.
    mid: Option<&'a str>,
    /// As the stack is told.
    name: String,
    /// Refused by who offers it.
    is_off: bool,
    sends: bool,
    receives: bool,
}

/// One codec of an m-line.
struct Codec<'a> {
    format: &'a str,
    /// As the stack reads it; nothing when it is not carried here.
    plain: Option<Plain<'a>>,
}

#[derive(PartialEq)]
enum Plain<'a> {
    Vp8,
    H264(Fmtp<'a>),
    Opus,
    /// Repetitions of another.
    Rtx(&'a str),
}

/// Refuses an offer that is larger than any real one, before anybody parses it.
pub(super) fn check_limits(offer: &str) -> Result<(), JoinError> {
    if offer.len() > OFFER_BYTES_MAX {
        return Err(JoinError::OfferTooLarge { bytes: offer.len(), max: OFFER_BYTES_MAX });
    }
    let lines = offer.lines().filter(|line| line.starts_with("m=")).count();
    if lines > LINES_MAX {
        return Err(JoinError::TooManyLines { lines, max: LINES_MAX });
    }
    Ok(())
}

impl<'a> Offer<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, JoinError> {
        let malformed = |what: String| JoinError::OfferMalformed(what);
        let (mut session, mut lines) = (Vec::new(), Vec::<Line<'a>>::new());
        let all = text.lines().map(str::trim_end).enumerate();
        for (count, (number, line)) in all.filter(|(_, line)| !line.is_empty()).enumerate() {
            let number = number + 1;
            let (key, value) = match line.split_once('=') {
                Some((key, value)) if key.len() == 1 => (key, value),
                _ => {
                    return Err(malformed(format!("line {number} is not a letter, = and a value")));
                }
            };
            if count == 0 && (key, value) != ("v", "0") {
                return Err(malformed("it does not begin with v=0".to_owned()));
            }
            match key {
                "m" => lines.push(Line::begin(value).ok_or_else(|| {
                    malformed(format!("the m-line in line {number} has no port or transport"))
                })?),
                "a" => {
                    let (name, value) = match value.split_once(':') {
                        Some((name, value)) => (name, Some(value.trim())),
                        None => (value.trim(), None),
                    };
                    let of = lines.last_mut().map_or(&mut session, |line| &mut line.attributes);
                    of.push(Attribute { name, value });
                }
                _ => {}
            }
        }
        if lines.is_empty() {
            return Err(malformed("it has no m-line, so nothing is offered".to_owned()));
        }
        let mut offer = Self { session, lines };
        offer.settle()?;
        Ok(offer)
    }

    /// What a line does not say itself follows from the session, or from the rule.
    fn settle(&mut self) -> Result<(), JoinError> {
        let malformed = |what: String| Err(JoinError::OfferMalformed(what));
        let bundled = self.bundled();
        let default = direction(&self.session).unwrap_or((true, true));
        let mut names: Vec<String> = Vec::new();
        for (index, line) in self.lines.iter_mut().enumerate() {
            (line.sends, line.receives) = direction(&line.attributes).unwrap_or(default);
            line.mid = value(&line.attributes, "mid").filter(|mid| !mid.is_empty());
            let in_bundle = line.mid.is_some_and(|mid| bundled.contains(&mid));
            line.is_off = line.words[1] == "0" && !in_bundle || line.media == Media::Unknown;
            let folded = line.mid.map(fold);
            line.name = match folded {
                Some(name) if !names.contains(&name) => name,
                _ => format!("{index}of{LINES_MAX}"),
            };
            names.push(line.name.clone());
        }
        let mids: Vec<_> = self.lines.iter().filter_map(|line| line.mid).collect();
        if let Some(twice) = mids.iter().enumerate().find(|(at, mid)| mids[..*at].contains(mid)) {
            return malformed(format!("two m-lines have a=mid:{}", short(twice.1)));
        }
        for (needed, what) in [("ice-ufrag", "a=ice-ufrag"), ("ice-pwd", "a=ice-pwd")] {
            if self.first(needed).is_none_or(str::is_empty) {
                return malformed(format!("{what} is missing"));
            }
        }
        if self.first("fingerprint").is_none() {
            return malformed("a=fingerprint is missing; one by sha-256 is needed".to_owned());
        }
        for (at, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_off) {
            if line.is_media() && line.formats.is_empty() {
                return malformed(format!("m-line {} has no formats", at + 1));
            }
        }
        let active = self.lines.iter().filter(|line| !line.is_off);
        let in_bundle = |line: &Line<'_>| line.mid.is_some_and(|mid| bundled.contains(&mid));
        if active.clone().count() > 1 && !active.clone().all(in_bundle) {
            return Err(JoinError::NotBundled);
        }
        Ok(())
    }

    /// The client's credentials for connection checks.
    pub(super) fn ice(&self) -> Side {
        let of = |name| self.first(name).unwrap_or_default().to_owned();
        Side { ufrag: of("ice-ufrag"), password: of("ice-pwd") }
    }

    /// Of the session, else of the first m-line that has it.
    fn first(&self, name: &str) -> Option<&'a str> {
        let lines = self.lines.iter().find_map(|line| value(&line.attributes, name));
        value(&self.session, name).or(lines)
    }

    /// There is one transport, whoever says of it what.
    fn transport(&self) -> Vec<Attribute<'a>> {
        let of_lines = || self.lines.iter().map(|line| &line.attributes);
        let all = SESSION_ATTRIBUTES.iter().flat_map(|name| {
            let mut places = std::iter::once(&self.session).chain(of_lines());
            let place = places.find(|place| place.iter().any(|a| a.name == *name));
            place.into_iter().flatten().filter(|a| a.name == *name).copied()
        });
        all.collect()
    }

    fn bundled(&self) -> Vec<&'a str> {
        let groups = self.session.iter().filter(|attribute| attribute.name == "group");
        let mut words = groups.filter_map(|group| group.value).map(str::split_ascii_whitespace);
        let bundle = words.find_map(|mut words| (words.next() == Some("BUNDLE")).then_some(words));
        bundle.map(Iterator::collect).unwrap_or_default()
    }

    /// Whether all that an encoder sends can be taken, and all that a player wants to see can be sent. A picture that
    /// is refused while its sound goes on would be half a success, told as a whole one.
    pub(super) fn judge(&self, kind: JoinKind) -> Result<(), JoinError> {
        let wanted = |line: &&Line<'_>| {
            let used = match kind {
                JoinKind::Whip => line.sends,
                JoinKind::Whep => line.receives,
                JoinKind::Room => false,
            };
            used && line.is_media() && !line.is_off
        };
        let mut meant: Vec<(&str, Plain<'_>)> = Vec::new();
        for line in self.lines.iter().filter(|line| line.is_media() && !line.is_off) {
            for codec in line.codecs(kind) {
                let Some(meaning) = codec.plain else { continue };
                match meant.iter().find(|(format, _)| *format == codec.format) {
                    Some((_, known)) if *known != meaning => {
                        let what =
                            format!("payload type {} stands for two codecs", short(codec.format));
                        return Err(JoinError::OfferMalformed(what));
                    }
                    Some(_) => {}
                    None => meant.push((codec.format, meaning)),
                }
            }
        }
        if kind == JoinKind::Room {
            return Ok(());
        }
        let used: Vec<_> = self.lines.iter().filter(wanted).collect();
        if used.is_empty() {
            return Err(JoinError::NothingOffered { sends: kind == JoinKind::Whip });
        }
        for media in [Media::Video, Media::Audio] {
            let lines = used.iter().filter(|line| line.media == media).count();
            if lines > 1 && kind == JoinKind::Whip {
                return Err(JoinError::TooManyTracks { video: media == Media::Video, lines });
            }
        }
        let carries = |line: &&&Line<'_>| line.codecs(kind).iter().any(Codec::is_carried);
        for line in &used {
            // A player may offer more than it is sent.
            let more = used.iter().filter(|other| other.media == line.media).any(|o| carries(&o));
            if kind == JoinKind::Whep && more {
                continue;
            }
            if !line.codecs(kind).iter().any(|codec| codec.is_carried()) {
                return Err(JoinError::CodecNotTaken {
                    video: line.media == Media::Video,
                    sends: kind == JoinKind::Whip,
                    offered: line.offered(),
                });
            }
            line.check_layers()?;
        }
        Ok(())
    }

    /// The same offer as the stack reads it.
    pub(super) fn plain(&self, kind: JoinKind) -> String {
        let mut text = String::with_capacity(8 * 1024);
        text.push_str("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
        for line in self.lines.iter().filter(|line| !line.is_off) {
            let _ = write!(text, " {}", line.name);
        }
        text.push_str("\r\n");
        if self.first("setup").is_none() {
            // RFC 4145, 4.1.
            text.push_str("a=setup:active\r\n");
        }
        write_attributes(&mut text, &self.transport(), &SESSION_ATTRIBUTES);
        let of_all: Vec<_> = self.session.iter().filter(|a| a.name == "extmap").copied().collect();
        for line in &self.lines {
            line.write(&mut text, kind, &of_all);
        }
        text
    }

    /// The answer in the client's words.
    pub(super) fn in_its_words(&self, answer: &str) -> String {
        let mut text = String::with_capacity(answer.len());
        let mut at: Option<usize> = None;
        for line in answer.lines() {
            if line.starts_with("m=") {
                at = Some(at.map_or(0, |at| at + 1));
            }
            let of = at.and_then(|at| self.lines.get(at));
            match of {
                None => match line.strip_prefix("a=group:BUNDLE") {
                    Some(names) => {
                        let names: Vec<_> = names.split_ascii_whitespace().collect();
                        let mut mids = self.bundled();
                        mids.retain(|mid| {
                            let mut lines = self.lines.iter().filter(|l| l.mid == Some(*mid));
                            lines.any(|line| names.contains(&&*line.name))
                        });
                        if mids.is_empty() {
                            continue;
                        }
                        let _ = write!(text, "a=group:BUNDLE {}", mids.join(" "));
                    }
                    None => text.push_str(line),
                },
                Some(of) => match of.in_its_words(line) {
                    Some(line) => text.push_str(&line),
                    None => continue,
                },
            }
            text.push_str("\r\n");
        }
        text
    }

    /// The client's name for an m-line, where a packet's header can hold it.
    pub(super) fn mid(&self, name: &str) -> Option<&'a str> {
        let line = self.lines.iter().find(|line| line.name == name)?;
        line.mid.filter(|mid| mid.len() <= MID_BYTES)
    }

    /// Whether packets of this m-line can be told by nothing but their payload type: it names no stream, and its
    /// packets do not name it (RFC 9143, 9.2).
    pub(super) fn is_told_by_payload(&self, name: &str) -> bool {
        self.lines.iter().find(|line| line.name == name).is_some_and(|line| {
            let names_itself = line.extension("urn:ietf:params:rtp-hdrext:sdes:mid");
            let is_found = line.mid.map(fold).as_deref() == Some(name);
            let of_session = self.session.iter().any(|a| a.name == "extmap" && is_mid(a));
            let has_stream = line.attributes.iter().any(|a| a.name == "ssrc");
            let has_layers = line.attributes.iter().any(|a| a.name == "simulcast");
            !has_stream && !has_layers && !((names_itself || of_session) && is_found)
        })
    }

    /// Payload types of this m-line that no other one sends under.
    pub(super) fn payload_types(&self, name: &str) -> Vec<u8> {
        let Some(line) = self.lines.iter().find(|line| line.name == name) else {
            return Vec::new();
        };
        let others = self.lines.iter().filter(|other| other.name != name && !other.is_off);
        let others: Vec<_> = others.flat_map(|other| &other.formats).collect();
        let own = line.formats.iter().filter(|format| !others.contains(format));
        own.filter_map(|format| format.parse().ok()).collect()
    }

    /// Whether the client reports per packet what it received on this m-line, so that our estimate has ears. That it
    /// does so on another line does not help: only a line's own packets are numbered.
    pub(super) fn has_transport_feedback(&self, name: &str) -> bool {
        self.lines.iter().find(|line| line.name == name).is_some_and(|line| {
            let reports = line.values("rtcp-fb").any(|value| value.ends_with(" transport-cc"));
            reports && line.values("extmap").any(|v| v.ends_with("transport-wide-cc-extensions-01"))
        })
    }

    /// Under which ids of a header's extensions the client numbers the packets of its transport.
    pub(super) fn transport_number_ids(&self) -> Vec<u8> {
        let lines = self.lines.iter().map(|line| &line.attributes).chain([&self.session]);
        let all = lines.flatten().filter(|attribute| attribute.name == "extmap");
        let mut ids = Vec::new();
        for value in all.filter_map(|attribute| attribute.value) {
            let id = value.split([' ', '/']).next().and_then(|id| id.trim().parse().ok());
            let id = id.filter(|id| !ids.contains(id));
            ids.extend(id.filter(|_| value.contains("transport-wide-cc")));
        }
        ids
    }
}

impl<'a> Line<'a> {
    fn begin(value: &'a str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let [kind, port, transport] = [words.next()?, words.next()?, words.next()?];
        // RFC 8829, 5.1.2: all of these mean the same.
        let rtp = [
            "UDP/TLS/RTP/SAVPF",
            "UDP/TLS/RTP/SAVP",
            "TCP/DTLS/RTP/SAVPF",
            "RTP/SAVPF",
            "RTP/SAVP",
        ];
        let data = ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"];
        let media = match kind {
            "video" if rtp.contains(&transport) => Media::Video,
            "audio" if rtp.contains(&transport) => Media::Audio,
            "application" if data.contains(&transport) => Media::Data,
            _ => Media::Unknown,
        };
        Some(Self {
            media,
            words: [kind, port, transport],
            formats: words.collect(),
            attributes: Vec::new(),
            mid: None,
            name: String::new(),
            is_off: false,
            sends: false,
            receives: false,
        })
    }

    fn is_media(&self) -> bool {
        matches!(self.media, Media::Video | Media::Audio)
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().filter(move |a| a.name == name).filter_map(|a| a.value)
    }

    fn extension(&self, uri: &str) -> bool {
        self.values("extmap").any(|value| value.split_ascii_whitespace().nth(1) == Some(uri))
    }

    /// What is said of one format: `96 nack pli` of `rtcp-fb`, say.
    fn of_format(&self, name: &'static str, format: &'a str) -> Option<&'a str> {
        self.values(name).find_map(|value| {
            let (of, said) = value.split_once(' ')?;
            (of == format).then_some(said.trim())
        })
    }

    fn codecs(&self, kind: JoinKind) -> Vec<Codec<'a>> {
        let receives = kind != JoinKind::Whip;
        let codecs = self.formats.iter().map(|&format| {
            let map = self.of_format("rtpmap", format).unwrap_or("");
            let mut parts = map.split('/');
            let (name, rate) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let is = |of: &str, at: &str| name.eq_ignore_ascii_case(of) && rate == at;
            let fmtp = self.of_format("fmtp", format);
            let plain = match self.media {
                Media::Video if is("VP8", "90000") => Some(Plain::Vp8),
                Media::Video if is("H264", "90000") => Fmtp::read(fmtp.unwrap_or(""))
                    // Units in several packets are not for whoever says that it cannot put them together.
                    .filter(|fmtp| !receives || fmtp.takes_fragments)
                    .map(Plain::H264),
                Media::Video if is("rtx", "90000") => {
                    let words = fmtp.unwrap_or("").split(';').map(str::trim);
                    let mut apt = words.filter_map(|word| word.strip_prefix("apt="));
                    apt.next().map(Plain::Rtx)
                }
                // Always said to have two channels (RFC 7587, 7), which some forget.
                Media::Audio if is("opus", "48000") => Some(Plain::Opus),
                _ => None,
            };
            Codec { format, plain }
        });
        let mut codecs: Vec<_> = codecs.collect();
        let carried: Vec<_> =
            codecs.iter().filter(|codec| codec.is_carried()).map(|codec| codec.format).collect();
        for codec in &mut codecs {
            if matches!(&codec.plain, Some(Plain::Rtx(of)) if !carried.contains(of)) {
                codec.plain = None;
            }
        }
        codecs
    }

    /// The codecs as the client names them, for whoever has to change them.
    fn offered(&self) -> String {
        let mut offered = Vec::new();
        for &format in &self.formats {
            let name = self.of_format("rtpmap", format).and_then(|map| map.split('/').next());
            let name = name.unwrap_or(if self.media == Media::Audio {
                static_name(format)
            } else {
                format
            });
            if ["rtx", "red", "ulpfec"].iter().any(|other| name.eq_ignore_ascii_case(other)) {
                continue;
            }
            let fmtp = self.of_format("fmtp", format).unwrap_or("");
            let name = match name.eq_ignore_ascii_case("H264") {
                true => h264::described(fmtp),
                false => short(name).to_owned(),
            };
            if !offered.contains(&name) && offered.len() < 8 {
                offered.push(name);
            }
        }
        offered.join(", ")
    }

    fn check_layers(&self) -> Result<(), JoinError> {
        let Some(simulcast) = value(&self.attributes, "simulcast") else { return Ok(()) };
        let rids = super::sdp::rids(simulcast, "send");
        if rids.len() > RIDS_MAX {
            return Err(JoinError::TooManyLayers { layers: rids.len(), max: RIDS_MAX });
        }
        let is_read =
            |rid: &String| rid.len() <= RID_BYTES && rid.chars().all(|c| c.is_ascii_alphanumeric());
        match rids.iter().find(|rid| !is_read(rid)) {
            Some(rid) => Err(JoinError::LayerName(short(rid).to_owned())),
            None => Ok(()),
        }
    }

    fn write(&self, text: &mut String, kind: JoinKind, of_all: &[Attribute<'_>]) {
        let [what, port, transport] = self.words;
        let codecs = if self.is_media() && !self.is_off { self.codecs(kind) } else { Vec::new() };
        let carried: Vec<_> = codecs.iter().filter(|codec| codec.plain.is_some()).collect();
        if self.is_off || self.is_media() && carried.is_empty() {
            // Nothing that the stack has; it refuses the line, and keeps its place.
            let what = if self.media == Media::Audio { "audio" } else { "video" };
            let port = if self.is_off { "0" } else { "9" };
            let _ = write!(text, "m={what} {port} UDP/TLS/RTP/SAVPF 127\r\nc=IN IP4 0.0.0.0\r\n");
            let _ =
                write!(text, "a=mid:{}\r\na=inactive\r\na=rtpmap:127 none/90000\r\n", self.name);
            return;
        }
        if self.media == Media::Data {
            let _ = write!(text, "m={what} 9 {transport}");
        } else {
            let _ = write!(text, "m={what} 9 UDP/TLS/RTP/SAVPF");
        }
        let _ = port;
        if self.is_media() {
            carried.iter().for_each(|codec| {
                let _ = write!(text, " {}", codec.format);
            });
        } else {
            self.formats.iter().for_each(|format| {
                let _ = write!(text, " {format}");
            });
        }
        let _ = write!(text, "\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\n", self.name);
        if self.is_media() {
            // An encoder only sends, and a player only receives, whatever else it would be ready for.
            let (sends, receives) = match kind {
                JoinKind::Whip => (self.sends, false),
                JoinKind::Whep => (false, self.receives),
                JoinKind::Room => (self.sends, self.receives),
            };
            text.push_str(match (sends, receives) {
                (true, true) => "a=sendrecv\r\n",
                (true, false) => "a=sendonly\r\n",
                (false, true) => "a=recvonly\r\n",
                (false, false) => "a=inactive\r\n",
            });
        }
        write_attributes(text, of_all, &["extmap"]);
        let is_of_carried = |attribute: &&Attribute<'_>| {
            let format = attribute.value.and_then(|value| value.split(' ').next());
            attribute.name != "rtcp-fb"
                || format == Some("*")
                || carried.iter().any(|codec| Some(codec.format) == format)
        };
        let attributes: Vec<_> = self.attributes.iter().filter(is_of_carried).copied().collect();
        write_attributes(text, &attributes, &MEDIA_ATTRIBUTES);
        for codec in carried {
            codec.write(text, self.of_format("fmtp", codec.format));
        }
    }

    /// One line of our answer, or nothing where the client has nothing to hold it against.
    fn in_its_words(&self, line: &str) -> Option<String> {
        if let Some(rest) = line.strip_prefix("m=") {
            let mut words = rest.split_ascii_whitespace();
            let (_, port, _) = (words.next()?, words.next()?, words.next()?);
            let [what, _, transport] = self.words;
            let formats: Vec<_> = match self.is_off || !self.is_media() && port == "0" {
                true => self.formats.clone(),
                false if port == "0" => self.formats.iter().take(1).copied().collect(),
                false => words.collect(),
            };
            return Some(format!("m={what} {port} {transport} {}", formats.join(" ")));
        }
        if line.starts_with("a=mid:") {
            return self.mid.map(|mid| format!("a=mid:{mid}"));
        }
        let fmtp = line.strip_prefix("a=fmtp:").and_then(|rest| rest.split_once(' '));
        if let Some((format, said)) = fmtp
            && let Some(map) = self.of_format("rtpmap", format)
            && map.to_ascii_lowercase().starts_with("h264/")
        {
            let theirs = self.of_format("fmtp", format)?;
            return Some(format!("a=fmtp:{format} {}", h264::in_their_words(said, theirs)));
        }
        Some(line.to_owned())
    }
}

impl Codec<'_> {
    fn is_carried(&self) -> bool {
        matches!(self.plain, Some(Plain::Vp8 | Plain::H264(_) | Plain::Opus))
    }

    fn write(&self, text: &mut String, fmtp: Option<&str>) {
        let Self { format, plain } = self;
        let _ = match plain {
            Some(Plain::Vp8) => write!(text, "a=rtpmap:{format} VP8/90000\r\n"),
            Some(Plain::H264(fmtp)) => {
                write!(text, "a=rtpmap:{format} H264/90000\r\na=fmtp:{format} {}\r\n", fmtp.plain())
            }
            Some(Plain::Rtx(of)) => {
                write!(text, "a=rtpmap:{format} rtx/90000\r\na=fmtp:{format} apt={of}\r\n")
            }
            Some(Plain::Opus) => {
                let said =
                    fmtp.map(|said| format!("a=fmtp:{format} {said}\r\n")).unwrap_or_default();
                write!(text, "a=rtpmap:{format} opus/48000/2\r\n{said}")
            }
            None => Ok(()),
        };
    }
}

fn value<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.name == name).and_then(|a| a.value)
}

fn is_mid(attribute: &Attribute<'_>) -> bool {
    attribute.value.is_some_and(|value| value.ends_with("sdes:mid"))
}

/// Whether it sends and whether it receives, if it says so.
fn direction(attributes: &[Attribute<'_>]) -> Option<(bool, bool)> {
    attributes.iter().find_map(|attribute| match attribute.name {
        "sendrecv" => Some((true, true)),
        "sendonly" => Some((true, false)),
        "recvonly" => Some((false, true)),
        "inactive" => Some((false, false)),
        _ => None,
    })
}

/// A name as the stack beneath keeps it.
fn fold(mid: &str) -> String {
    let folded = mid.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    folded.take(MID_BYTES).collect()
}

fn write_attributes(text: &mut String, attributes: &[Attribute<'_>], kept: &[&str]) {
    // Of several fingerprints one is held against the certificate: the one that everybody can make.
    let sha_256 = |a: &Attribute<'_>| {
        a.name == "fingerprint"
            && a.value.is_some_and(|value| value.to_ascii_lowercase().starts_with("sha-256 "))
    };
    let fingerprint = attributes.iter().position(sha_256);
    let fingerprint =
        fingerprint.or_else(|| attributes.iter().position(|a| a.name == "fingerprint"));
    let mut setup = false;
    for (at, Attribute { name, value }) in attributes.iter().enumerate() {
        if !kept.contains(name)
            || *name == "fingerprint" && Some(at) != fingerprint
            || *name == "setup" && std::mem::replace(&mut setup, true)
        {
            continue;
        }
        let _ = match value {
            Some(value) if *name == "fingerprint" => match value.split_once(' ') {
                Some((hash, digest)) => {
                    write!(text, "a={name}:{} {digest}\r\n", hash.to_ascii_lowercase())
                }
                None => Ok(()),
            },
            Some(value) => write!(text, "a={name}:{value}\r\n"),
            None => write!(text, "a={name}\r\n"),
        };
    }
}

/// Names of the payload types that need no `a=rtpmap` (RFC 3551, 6).
fn static_name(format: &str) -> &str {
    match format {
        "0" => "PCMU",
        "3" => "GSM",
        "8" => "PCMA",
        "9" => "G722",
        "13" => "CN",
        other => other,
    }
}

/// What is shown of a client's text in a refusal.
fn short(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    &text[..end]
}
