//! The room socket's messages, protocol 1, as `ARCHITECTURE.md` describes them: what is read from a client and what is written to it.
//!
//! Nothing here decides anything. Unknown fields of a message are ignored, so that a newer page can talk to an older
//! program for the moment until it is told to reload; commands are strict.

use domain::{
    Command, SiteId,
    conference::{Conference, Phase},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hub::{CameraState, MicState};

/// The protocol spoken here.
pub const PROTOCOL: u32 = 1;
/// The largest frame taken at all: an offer of a browser with every codec has about 60 KiB.
pub(crate) const FRAME_BYTES_MAX: usize = 256 * 1024;
/// The largest text that is not an offer.
pub(crate) const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ClientMessage {
    Hello(Hello),
    Offer { n: u32, sdp: String },
    Do(Do),
    Stats(LineStats),
    Look { site: Option<SiteId> },
    Talk { to: Option<TalkTo> },
    Mirror { on: bool },
    Bye,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    pub(crate) build: Option<String>,
    /// From the `answer` of a connection that the page still has: the new socket takes it over. Needed only by staff with
    /// several pages; a site's media stays its own as long as the machine does.
    pub(crate) peer: Option<u64>,
}

/// A command to be carried out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Do {
    /// Echoed as it came.
    pub(crate) id: Value,
    /// The command, or why it is none.
    pub(crate) command: Result<Command, String>,
    pub(crate) expected_seq: Option<u64>,
}

impl Do {
    /// The id as the journal's key of a command sent twice: long enough that two pages do not meet by chance.
    pub(crate) fn command_id(&self) -> Option<&str> {
        self.id.as_str().filter(|id| (16..=64).contains(&id.len()))
    }
}

/// How the client's own line is, every five seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct LineStats {
    pub(crate) rtt_ms: u32,
    /// Per mille.
    pub(crate) loss_up: u16,
    pub(crate) loss_down: u16,
    pub(crate) freezes: u32,
    pub(crate) fps_in: u16,
    pub(crate) up_kbps: u32,
    pub(crate) down_kbps: u32,
    pub(crate) mic: MicState,
    pub(crate) camera: CameraState,
}

/// Whom an operator speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TalkTo {
    /// Every site; not the hall, whose loudspeakers the conference hears.
    All,
    Site(SiteId),
}

/// Why a frame is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Not JSON, or not an object with a text `t`.
    NotAMessage,
    /// A `t` that this protocol does not have.
    UnknownKind(String),
    /// Known, but its fields are wrong.
    WrongFields { kind: &'static str, reason: String },
    /// Longer than its kind may be.
    TooLong,
}

impl ClientMessage {
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        let value: Value = serde_json::from_str(text).map_err(|_| Unreadable::NotAMessage)?;
        let Some(kind) = value.get("t").and_then(Value::as_str) else {
            return Err(Unreadable::NotAMessage);
        };
        if kind != "offer" && text.len() > TEXT_BYTES_MAX {
            return Err(Unreadable::TooLong);
        }
        match kind {
            "hello" => fields("hello", value).map(Self::Hello),
            "offer" => {
                #[derive(Deserialize)]
                struct Offer {
                    n: u32,
                    sdp: String,
                }
                fields("offer", value).map(|Offer { n, sdp }| Self::Offer { n, sdp })
            }
            "do" => {
                #[derive(Deserialize)]
                struct Raw {
                    #[serde(default)]
                    id: Value,
                    #[serde(default)]
                    command: Value,
                    expected_seq: Option<u64>,
                }
                let raw: Raw = fields("do", value)?;
                let usable = raw.id.as_str().is_some_and(|id| id.len() <= 64) || raw.id.is_u64();
                if !usable {
                    let reason = "id must be a number or a text of at most 64 characters";
                    return Err(Unreadable::WrongFields { kind: "do", reason: reason.to_owned() });
                }
                let command =
                    serde_json::from_value(raw.command).map_err(|error| error.to_string());
                Ok(Self::Do(Do { id: raw.id, command, expected_seq: raw.expected_seq }))
            }
            "stats" => fields("stats", value).map(Self::Stats),
            "look" => {
                #[derive(Deserialize)]
                struct Look {
                    site: Option<SiteId>,
                }
                fields("look", value).map(|Look { site }| Self::Look { site })
            }
            "talk" => {
                #[derive(Deserialize)]
                struct Talk {
                    to: Value,
                }
                let Talk { to } = fields("talk", value)?;
                let to = match &to {
                    Value::Null => None,
                    Value::String(all) if all == "all" => Some(TalkTo::All),
                    Value::Number(_) => {
                        let site = serde_json::from_value(to).map_err(|error| {
                            Unreadable::WrongFields { kind: "talk", reason: error.to_string() }
                        })?;
                        Some(TalkTo::Site(site))
                    }
                    _ => {
                        let reason = "to must be null, \"all\" or the id of a site".to_owned();
                        return Err(Unreadable::WrongFields { kind: "talk", reason });
                    }
                };
                Ok(Self::Talk { to })
            }
            "mirror" => {
                #[derive(Deserialize)]
                struct Mirror {
                    on: bool,
                }
                fields("mirror", value).map(|Mirror { on }| Self::Mirror { on })
            }
            "bye" => Ok(Self::Bye),
            other => Err(Unreadable::UnknownKind(other.chars().take(40).collect())),
        }
    }
}

fn fields<T: serde::de::DeserializeOwned>(
    kind: &'static str,
    value: Value,
) -> Result<T, Unreadable> {
    serde_json::from_value(value)
        .map_err(|error| Unreadable::WrongFields { kind, reason: error.to_string() })
}

/// Why a seat is told something, and with it often closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// Another machine took the seat.
    SeatTaken,
    /// The site was removed from the conference, or the person has no role in it any more.
    Removed,
    /// The seat is locked and another machine sits in it.
    Locked,
    /// The program stops; it will be back.
    ServerStopping,
    /// The conference is not open yet.
    NotOpen,
    /// The conference is over.
    Closed,
    /// The sign-in is over.
    SignedOut,
    /// The person has no such role in this conference.
    NoSeat,
    /// Too many messages, or frames that are none.
    Unruly,
    /// Something could not be read; the connection stays.
    Unreadable,
    /// The client reads slower than anything can be sent to it.
    TooSlow,
}

impl Told {
    /// Why nobody sits in the room of this conference, which is not live.
    pub(crate) fn shut(conference: Option<&Conference>) -> Self {
        match conference.map(|conference| conference.phase) {
            Some(Phase::Closed | Phase::Concluded) => Self::Closed,
            _ => Self::NotOpen,
        }
    }

    pub const ALL: [Self; 11] = [
        Self::SeatTaken,
        Self::Removed,
        Self::Locked,
        Self::ServerStopping,
        Self::NotOpen,
        Self::Closed,
        Self::SignedOut,
        Self::NoSeat,
        Self::Unruly,
        Self::Unreadable,
        Self::TooSlow,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::SeatTaken => "seat_taken",
            Self::Removed => "removed",
            Self::Locked => "locked",
            Self::ServerStopping => "server_stopping",
            Self::NotOpen => "not_open",
            Self::Closed => "closed",
            Self::SignedOut => "signed_out",
            Self::NoSeat => "no_seat",
            Self::Unruly => "unruly",
            Self::Unreadable => "unreadable",
            Self::TooSlow => "too_slow",
        }
    }

    /// The close code of the socket. From 4000 on they are ours; a client comes back by itself after any other.
    pub(crate) fn close_code(self) -> u16 {
        match self {
            Self::SeatTaken => 4001,
            Self::Removed => 4002,
            Self::Locked => 4003,
            Self::NotOpen => 4004,
            Self::SignedOut => 4005,
            Self::NoSeat => 4006,
            Self::Closed => 4007,
            Self::ServerStopping => 1012,
            Self::TooSlow => 1013,
            Self::Unruly | Self::Unreadable => 1008,
        }
    }
}

/// What the server says of itself and in answer; the views are written by `view`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum ServerMessage<'a> {
    Answer {
        n: u32,
        sdp: &'a str,
        /// Names this connection in a later `hello`.
        peer: u64,
    },
    NoMedia {
        n: u32,
        code: &'a str,
        text: &'a str,
    },
    Done {
        id: &'a Value,
        seq: u64,
    },
    Refused {
        id: &'a Value,
        code: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<&'a str>,
        text: &'a str,
    },
    Layers {
        active: [bool; 3],
    },
    Told {
        code: &'a str,
        text: &'a str,
    },
    Tick {
        v: u64,
        now: i64,
    },
    Reload {
        build: &'a str,
    },
}

impl ServerMessage<'_> {
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).expect("these messages hold no map with keys other than text")
    }
}

#[cfg(test)]
mod tests {
    use domain::{ConferenceId, floor::FloorCommand};

    use super::*;

    #[test]
    fn every_message_of_the_document_is_read() {
        let read = |text| ClientMessage::read(text).unwrap();
        assert_eq!(
            read(r#"{"t":"hello","protocol":1,"build":"b","last_v":7}"#),
            ClientMessage::Hello(Hello { protocol: 1, build: Some("b".into()), peer: None })
        );
        assert_eq!(
            read(r#"{"t":"offer","n":1,"sdp":"v=0"}"#),
            ClientMessage::Offer { n: 1, sdp: "v=0".into() }
        );
        let command =
            Command::Floor(FloorCommand::Request { conference: ConferenceId(1), site: SiteId(3) });
        assert_eq!(
            read(r#"{"t":"do","id":4,"command":{"floor":{"request":{"conference":1,"site":3}}}}"#),
            ClientMessage::Do(Do { id: 4.into(), command: Ok(command), expected_seq: None })
        );
        assert_eq!(
            read(r#"{"t":"stats","rtt_ms":12,"mic":"gone"}"#),
            ClientMessage::Stats(LineStats {
                rtt_ms: 12,
                mic: MicState::Gone,
                ..LineStats::default()
            })
        );
        assert_eq!(read(r#"{"t":"look","site":null}"#), ClientMessage::Look { site: None });
        assert_eq!(
            read(r#"{"t":"talk","to":3}"#),
            ClientMessage::Talk { to: Some(TalkTo::Site(SiteId(3))) }
        );
        assert_eq!(
            read(r#"{"t":"talk","to":"all"}"#),
            ClientMessage::Talk { to: Some(TalkTo::All) }
        );
        assert_eq!(read(r#"{"t":"mirror","on":true}"#), ClientMessage::Mirror { on: true });
        assert_eq!(read(r#"{"t":"bye"}"#), ClientMessage::Bye);
    }

    #[test]
    fn what_is_no_message_is_named() {
        let read = |text| ClientMessage::read(text).unwrap_err();
        assert_eq!(read("["), Unreadable::NotAMessage);
        assert_eq!(read("[]"), Unreadable::NotAMessage);
        assert_eq!(read(r#"{"t":7}"#), Unreadable::NotAMessage);
        assert_eq!(read(r#"{"t":"shout"}"#), Unreadable::UnknownKind("shout".into()));
        assert!(matches!(
            read(r#"{"t":"talk","to":-1}"#),
            Unreadable::WrongFields { kind: "talk", .. }
        ));
        assert!(matches!(read(r#"{"t":"do"}"#), Unreadable::WrongFields { kind: "do", .. }));
        let deep = format!(r#"{{"t":"bye","x":{}{}}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(read(&deep), Unreadable::NotAMessage);
    }

    #[test]
    fn a_command_that_is_none_keeps_its_id_for_the_answer() {
        let message =
            ClientMessage::read(r#"{"t":"do","id":"a","command":{"floor":{"shout":{}}}}"#);
        let ClientMessage::Do(request) = message.unwrap() else { panic!("not a command") };
        assert_eq!(request.id, Value::from("a"));
        assert!(request.command.unwrap_err().contains("shout"));
    }

    #[test]
    fn only_a_long_id_is_a_key_of_the_journal() {
        let request =
            |id: &str| Do { id: id.into(), command: Err(String::new()), expected_seq: None };
        assert_eq!(request("0123456789abcdef").command_id(), Some("0123456789abcdef"));
        assert_eq!(request("1").command_id(), None);
    }

    #[test]
    fn everything_that_is_told_has_its_words_in_both_languages() {
        use crate::lang::{Lang, find};
        let told = Told::ALL.map(|told| format!("told-{}", told.code()));
        let media = [
            "offer_too_large",
            "offer_malformed",
            "offer_too_many_lines",
            "offer_nothing_usable",
            "offer_not_bundled",
            "peers_full",
            "rooms_full",
            "sfu_stopped",
            "sfu_internal",
        ]
        .map(|code| format!("nomedia-{code}"));
        for key in told.into_iter().chain(media) {
            let key = key.replace('_', "-");
            for lang in Lang::ALL {
                assert!(find(lang, &key, &[]).is_some(), "{key} in {}", lang.tag());
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_fail(text in "\\PC*") {
            let _ = ClientMessage::read(&text);
        }

        #[test]
        fn no_object_makes_the_reader_fail(kind in "hello|offer|do|stats|look|talk|bye", value in "[-0-9\"a-z\\[\\]{}:,. ]*") {
            let _ = ClientMessage::read(&format!("{{\"t\":\"{kind}\",\"site\":{value},\"to\":{value}}}"));
        }
    }
}
