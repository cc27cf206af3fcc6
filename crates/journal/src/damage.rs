//! How damage to a journal is named: which file, which record, what is wrong with it.

/// The sort of damage, for whoever words it in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The head file states records which the journal no longer holds.
    Missing,
    /// The database cannot read a record.
    Unreadable,
    /// A record can be read and is not what was recorded.
    Altered,
    /// The head file is missing or cannot be read, so that a cut tail would not show.
    Head,
    /// The database around the records is not as this program makes it.
    Structure,
}

/// One damage, the first that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What sort.
    pub harm: Harm,
    /// Name of the file within the journal's directory.
    pub file: &'static str,
    /// The first record that is missing, unreadable or altered; none when no record is concerned.
    pub seq: Option<u64>,
    /// What was found, for a technician.
    pub detail: String,
}

impl std::error::Error for Damage {}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { harm, file, seq, detail } = self;
        let state = match harm {
            Harm::Missing => "missing",
            Harm::Unreadable => "unreadable",
            Harm::Altered => "altered",
            Harm::Head | Harm::Structure => "damaged",
        };
        match seq {
            Some(seq) => write!(f, "{file}: record {seq} is {state}: {detail}"),
            None => write!(f, "{file} is {state}: {detail}"),
        }
    }
}
