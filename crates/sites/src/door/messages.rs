//! What the server says over the room's socket, as far as a simulated seat needs it. What it does not know it leaves aside.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One message.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// The whole state, or what changed of it.
    View(Box<Changes>),
    Answer {
        n: u32,
        sdp: String,
    },
    NoMedia {
        n: u32,
        code: String,
        text: String,
    },
    Done {
        id: Value,
        seq: u64,
    },
    Refused {
        id: Value,
        code: String,
        text: String,
    },
    Layers([bool; 3]),
    Told {
        code: String,
        text: String,
    },
    Reload,
    /// Everything else, the tick among it.
    Other,
}

/// A snapshot or a delta.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Changes {
    is_whole: bool,
    v: u64,
    you: Option<You>,
    conference: Option<Conference>,
    floor: Option<Floor>,
    stage: Option<Vec<StagePlace>>,
    sites: Option<Vec<Row>>,
}

/// Who the seat is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct You {
    pub name: String,
    pub sends: bool,
    pub audible: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Conference {
    id: u32,
    phase: String,
}

/// Who has the floor and who waits for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Floor {
    pub speaking: Vec<OnFloor>,
    pub queue: Vec<OnFloor>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OnFloor {
    pub site: u32,
}

/// What a slot of the stage carries.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StagePlace {
    pub slot: usize,
    pub seat: Seat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    Main,
    Site(u32),
}

/// A site as its row shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Row {
    pub id: u32,
    pub slug: String,
    pub name: String,
    pub state: String,
    pub removed: bool,
}

impl Incoming {
    /// Reads one text frame. Never fails: what cannot be read is `Other`.
    pub(super) fn read(text: &str) -> Self {
        #[derive(Deserialize)]
        struct Fields {
            t: String,
            #[serde(default)]
            n: u32,
            #[serde(default)]
            sdp: String,
            #[serde(default)]
            code: String,
            #[serde(default)]
            text: String,
            #[serde(default)]
            id: Value,
            #[serde(default)]
            seq: u64,
            #[serde(default)]
            active: [bool; 3],
        }
        let Ok(Fields { t, n, sdp, code, text: words, id, seq, active }) =
            serde_json::from_str(text)
        else {
            return Self::Other;
        };
        match t.as_str() {
            "snapshot" | "delta" => {
                let Ok(changes) = serde_json::from_str::<Changes>(text) else {
                    tracing::warn!("a view of the room cannot be read");
                    return Self::Other;
                };
                Self::View(Box::new(Changes { is_whole: t == "snapshot", ..changes }))
            }
            "answer" => Self::Answer { n, sdp },
            "no_media" => Self::NoMedia { n, code, text: words },
            "done" => Self::Done { id, seq },
            "refused" => Self::Refused { id, code, text: words },
            "layers" => Self::Layers(active),
            "told" => Self::Told { code, text: words },
            "reload" => Self::Reload,
            _ => Self::Other,
        }
    }
}

/// What a seat knows of the room, kept up to date.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub v: u64,
    pub you: You,
    pub conference: u32,
    pub phase: String,
    pub floor: Floor,
    pub stage: Vec<StagePlace>,
    pub sites: BTreeMap<u32, Row>,
    /// A delta was missed: say hello again.
    pub has_gap: bool,
}

impl View {
    /// Takes a snapshot or a delta.
    pub fn apply(&mut self, changes: Changes) {
        if changes.is_whole {
            *self = Self::default();
        } else if changes.v > self.v + 1 {
            self.has_gap = true;
        }
        self.v = changes.v;
        if let Some(you) = changes.you {
            self.you = you;
        }
        if let Some(conference) = changes.conference {
            self.conference = conference.id;
            self.phase = conference.phase;
        }
        if let Some(floor) = changes.floor {
            self.floor = floor;
        }
        if let Some(stage) = changes.stage {
            self.stage = stage;
        }
        for row in changes.sites.into_iter().flatten() {
            if row.removed {
                self.sites.remove(&row.id);
            } else {
                self.sites.insert(row.id, row);
            }
        }
    }

    /// What the slot of the stage carries, or nothing.
    pub fn on_stage(&self, slot: usize) -> Option<Seat> {
        self.stage.iter().find(|place| place.slot == slot).map(|place| place.seat)
    }

    pub fn is_speaking(&self, site: u32) -> bool {
        self.floor.speaking.iter().any(|turn| turn.site == site)
    }

    pub fn is_waiting(&self, site: u32) -> bool {
        self.floor.queue.iter().any(|turn| turn.site == site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(view: &mut View, text: &str) {
        let Incoming::View(changes) = Incoming::read(text) else { panic!("{text} is no view") };
        view.apply(*changes);
    }

    #[test]
    fn a_view_follows_snapshot_and_deltas_and_sees_a_gap() {
        let mut view = View::default();
        apply(
            &mut view,
            r#"{"t":"snapshot","v":3,"seq":9,"build":"b","now":1,"you":{"seat":{"site":2},"name":"Quận Hoàng Mai","sends":true,"audible":false},
                "conference":{"id":1,"phase":"in_session","title":"x","items":[]},"floor":{"mode":"one","speaking":[],"queue":[{"site":2,"name":"x","asked_at":1}]},
                "stage":[{"slot":0,"seat":"main","name":"Hội trường","caption":""}],"sites":[{"id":2,"slug":"hoang-mai","name":"Quận Hoàng Mai","state":"live"}]}"#,
        );
        assert_eq!((view.on_stage(0), view.on_stage(1)), (Some(Seat::Main), None));
        assert!(view.is_waiting(2) && !view.is_speaking(2));

        apply(
            &mut view,
            r#"{"t":"delta","v":4,"floor":{"speaking":[{"site":2,"granted_at":1}],"queue":[]},"stage":[{"slot":0,"seat":{"site":2}}]}"#,
        );
        assert!(view.is_speaking(2) && !view.has_gap);
        assert_eq!((view.on_stage(0), view.phase.as_str()), (Some(Seat::Site(2)), "in_session"));
        apply(&mut view, r#"{"t":"delta","v":6}"#);
        assert!(view.has_gap);
    }

    #[test]
    fn what_is_not_known_is_left_aside() {
        for text in ["", "[]", r#"{"t":"tick","v":1}"#, r#"{"t":7}"#, r#"{"t":"wall","rows":[]}"#] {
            assert!(matches!(Incoming::read(text), Incoming::Other), "{text}");
        }
        assert!(matches!(
            Incoming::read(r#"{"t":"layers","active":[true,false,false]}"#),
            Incoming::Layers([true, false, false])
        ));
    }
}
