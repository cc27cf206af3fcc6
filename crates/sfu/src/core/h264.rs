//! H.264 as an offer describes it (RFC 6184, 8.1).
//! What is taken is what browsers decode: everything up to the High profile in 4:2:0 and eight bits.

/// What one format says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fmtp<'a> {
    /// As the stack beneath names it: the profile, without the level.
    profile: &'static str,
    level: &'a str,
    /// A unit may come in several packets, and several in one.
    pub(super) takes_fragments: bool,
}

/// Baseline at its lowest level, and one unit a packet: what is meant when nothing is said.
const PROFILE_DEFAULT: &str = "42000a";

fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    fmtp.split(';').find_map(|word| {
        let (key, value) = word.trim().split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

impl<'a> Fmtp<'a> {
    /// `None` for what cannot be forwarded.
    pub(super) fn read(fmtp: &'a str) -> Option<Self> {
        let id = parameter(fmtp, "profile-level-id").unwrap_or(PROFILE_DEFAULT);
        if id.len() != 6 || !id.is_ascii() {
            return None;
        }
        let (profile, level) = id.split_at(4);
        let [idc, constraints] = u16::from_str_radix(profile, 16).ok()?.to_be_bytes();
        u8::from_str_radix(level, 16).ok()?;
        let set = |bit: u8| constraints & (0x80 >> bit) != 0;
        let profile = match idc {
            66 if set(1) => "42e0",
            66 => "4200",
            // What obeys the constraints of a smaller profile is of that one.
            77 if set(0) => "42e0",
            77 => "4d00",
            88 if set(0) && set(1) => "42e0",
            88 if set(0) => "4200",
            100 if set(4) && set(5) => "640c",
            100 => "6400",
            _ => return None,
        };
        let takes_fragments = match parameter(fmtp, "packetization-mode").unwrap_or("0") {
            "0" => false,
            "1" => true,
            _ => return None,
        };
        Some(Self { profile, level, takes_fragments })
    }

    pub(super) fn plain(&self) -> String {
        let mode = u8::from(self.takes_fragments);
        let Self { profile, level, .. } = self;
        format!(
            "level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}{level}"
        )
    }
}

/// For a refusal.
pub(super) fn described(fmtp: &str) -> String {
    let profile = parameter(fmtp, "profile-level-id").unwrap_or(PROFILE_DEFAULT);
    let mode = parameter(fmtp, "packetization-mode").unwrap_or("0");
    let clean = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
    };
    format!("H264 (profile-level-id={}, packetization-mode={})", clean(profile), clean(mode))
}

/// Our answer for a format, with the client's own name for its profile: one profile has several.
pub(super) fn in_their_words(ours: &str, theirs: &str) -> String {
    let profile = parameter(theirs, "profile-level-id");
    let words = ours.split(';').filter_map(|word| {
        if !word.trim().to_ascii_lowercase().starts_with("profile-level-id=") {
            return Some(word.to_owned());
        }
        profile.map(|profile| format!("profile-level-id={profile}"))
    });
    words.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_decode_is_taken_under_any_of_its_names() {
        for (id, plain) in [
            ("42e01f", "42e01f"),
            ("42C028", "42e028"),
            ("42001f", "42001f"),
            ("4de01f", "42e01f"),
            ("4d4028", "4d0028"),
            ("58c01f", "42e01f"),
            ("640c1f", "640c1f"),
            ("640028", "640028"),
            ("640832", "640032"),
        ] {
            let fmtp = format!("packetization-mode=1; Profile-Level-Id={id}");
            let read = Fmtp::read(&fmtp).unwrap();
            assert!(read.takes_fragments);
            assert!(read.plain().ends_with(&format!("profile-level-id={plain}")), "{id}");
            let answered = in_their_words("packetization-mode=1;profile-level-id=000000", &fmtp);
            assert_eq!(answered, format!("packetization-mode=1;profile-level-id={id}"));
        }
        for id in ["f4001f", "6e001f", "7a0028", "58001f", "2c001f", "42e0", "42e01g", "ửữ"] {
            assert_eq!(Fmtp::read(&format!("profile-level-id={id}")), None, "{id}");
        }
    }

    #[test]
    fn nothing_said_means_what_the_rfc_says() {
        let least = Fmtp::read("").unwrap();
        assert_eq!(
            least.plain(),
            "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42000a"
        );
        assert_eq!(
            in_their_words("packetization-mode=0;profile-level-id=42001f", ""),
            "packetization-mode=0"
        );
        assert_eq!(Fmtp::read("packetization-mode=2"), None, "interleaved");
        assert_eq!(
            described("profile-level-id=<b>;x"),
            "H264 (profile-level-id=b, packetization-mode=0)"
        );
    }
}
