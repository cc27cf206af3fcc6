//! What goes in (batches of new events) and what comes out (records). Limits stand here.

use jiff::Timestamp;

use crate::Hash;

/// Longest body. Events are of human size; what is larger (documents, pictures) is a file whose hash the event names.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest actor.
pub const ACTOR_BYTES_MAX: usize = 256;
/// Longest command id.
pub const COMMAND_ID_BYTES_MAX: usize = 128;
/// Longest kind.
pub const KIND_BYTES_MAX: usize = 64;

/// An event on its way into the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened, in the writer's words ("floor.granted").
    pub kind: String,
    /// Version of the body's form.
    pub v: u16,
    /// JSON text, at most `BODY_BYTES_MAX`; kept byte for byte.
    pub body: String,
}

/// One accepted command: its events are recorded all or none, under consecutive numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// When it was accepted; kept to the microsecond, what is finer is cut off.
    pub at: Timestamp,
    /// Who gave the command, in the writer's words.
    pub actor: String,
    /// The sender's own id of the command. Recorded once: look it up before accepting.
    pub command_id: Option<String>,
    /// The conference it concerns, if any.
    pub conference: Option<u32>,
    /// None is allowed and records nothing, not even the command id.
    pub events: Vec<NewEvent>,
}

/// Why a batch cannot be recorded. The writer's mistake, never the disk's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Larger than `BODY_BYTES_MAX`.
    #[error(
        "the body of event {event} ({kind}) has {found} bytes; the limit is {BODY_BYTES_MAX}: \
         put the large part into a file and its hash into the event"
    )]
    BodyTooLarge {
        /// Position in the batch, from 0.
        event: usize,
        /// Its kind.
        kind: String,
        /// Its size in bytes.
        found: usize,
    },
    /// Not one JSON value.
    #[error("the body of event {event} ({kind}) is not JSON: {reason}")]
    BodyNotJson {
        /// Position in the batch, from 0.
        event: usize,
        /// Its kind.
        kind: String,
        /// Where it stops being JSON.
        reason: String,
    },
    /// An actor, kind or command id that is empty, too long or holds control characters.
    #[error("{field} must be 1 to {limit} bytes without control characters; this is {found:?}")]
    Text {
        /// Which field.
        field: &'static str,
        /// Its limit in bytes.
        limit: usize,
        /// What it was, cut to a readable length.
        found: String,
    },
    /// The command is in the journal already; `find_command` would have said so.
    #[error("command {command_id} is recorded already; look it up and give its first answer again")]
    KnownCommand {
        /// The id.
        command_id: String,
    },
}

impl Batch {
    /// Whether it can be recorded, as far as that shows without the journal. `commit` asks the same
    /// and refuses the whole group, so a writer that groups asks first.
    pub fn check(&self) -> Result<(), BatchError> {
        text("actor", &self.actor, ACTOR_BYTES_MAX)?;
        if let Some(id) = &self.command_id {
            text("command_id", id, COMMAND_ID_BYTES_MAX)?;
        }
        for (event, new) in self.events.iter().enumerate() {
            text("kind", &new.kind, KIND_BYTES_MAX)?;
            let (kind, found) = (&new.kind, new.body.len());
            if found > BODY_BYTES_MAX {
                return Err(BatchError::BodyTooLarge { event, kind: kind.clone(), found });
            }
            if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&new.body) {
                let reason = error.to_string();
                return Err(BatchError::BodyNotJson { event, kind: kind.clone(), reason });
            }
        }
        Ok(())
    }
}

fn text(field: &'static str, text: &str, limit: usize) -> Result<(), BatchError> {
    // Control characters would make the hashed text unprintable, and NUL would cut it in other people's tools.
    if text.is_empty() || text.len() > limit || text.chars().any(char::is_control) {
        let found = text.chars().take(80).collect();
        return Err(BatchError::Text { field, limit, found });
    }
    Ok(())
}

/// One event as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, counted from 1 without gaps.
    pub seq: u64,
    /// When its command was accepted, to the microsecond.
    pub at: Timestamp,
    /// Who gave the command.
    pub actor: String,
    /// The sender's id of the command; the same for all events of one batch.
    pub command_id: Option<String>,
    /// The conference it concerns, if any.
    pub conference: Option<u32>,
    /// What happened.
    pub kind: String,
    /// Version of the body's form.
    pub v: u16,
    /// JSON text, byte for byte as it came.
    pub body: String,
    /// Hash of the record before; the genesis hash for the first.
    pub prev: Hash,
    /// Hash of this record and through `prev` of all before it.
    pub hash: Hash,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(body: &str) -> Batch {
        Batch {
            at: Timestamp::UNIX_EPOCH,
            actor: "person:1".into(),
            command_id: None,
            conference: None,
            events: vec![NewEvent { kind: "task.reported".into(), v: 1, body: body.into() }],
        }
    }

    #[test]
    fn a_body_is_one_json_value_of_limited_size() {
        let largest = format!("\"{}\"", "a".repeat(BODY_BYTES_MAX - 2));
        let too_large = format!("\"{}\"", "a".repeat(BODY_BYTES_MAX - 1));

        assert_eq!(batch(&largest).check(), Ok(()));
        assert!(matches!(batch(&too_large).check(), Err(BatchError::BodyTooLarge { .. })));
        for body in ["", "{", "{} {}", "site 3", "\"\u{0}\""] {
            assert!(matches!(batch(body).check(), Err(BatchError::BodyNotJson { .. })), "{body}");
        }
    }

    #[test]
    fn names_are_short_and_printable() {
        for actor in ["", "a\nb", "a\u{0}", "a\u{85}", &"x".repeat(ACTOR_BYTES_MAX + 1)] {
            let wrong = Batch { actor: actor.into(), ..batch("{}") };
            assert!(matches!(wrong.check(), Err(BatchError::Text { field: "actor", .. })));
        }
        let named =
            Batch { actor: "Văn phòng".into(), command_id: Some("k-1".into()), ..batch("1") };
        assert_eq!(named.check(), Ok(()));
    }
}
