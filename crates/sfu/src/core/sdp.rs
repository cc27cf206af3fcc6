//! The little that must be read and written of SDP beside what the protocol stack does itself:
//! limits on an offer, the order of its m-lines, and the stream names in our answer.
//!
//! Works on lines of text and never fails on what it does not understand.

use crate::JoinError;

/// A room client's offer in Chromium is about 30 KB.
pub(super) const OFFER_BYTES_MAX: usize = 128 * 1024;
/// A room client offers 14.
pub(super) const LINES_MAX: usize = 24;

/// One m-line of an answer, in our direction.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub(super) is_video: bool,
    pub(super) is_audio: bool,
    pub(super) mid: String,
    /// We send on it.
    pub(super) sends: bool,
    /// We receive on it.
    pub(super) receives: bool,
    /// Simulcast layers that we receive, in the order offered.
    pub(super) rids: Vec<String>,
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

/// Drops the client's candidates. Its checks tell us where it is; what an offer merely claims would
/// make us send to addresses of its choosing, and browsers hide theirs behind names nobody resolves.
pub(super) fn without_candidates(offer: &str) -> String {
    let kept = offer.lines().filter(|line| {
        !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates")
    });
    kept.fold(String::with_capacity(offer.len()), |mut text, line| {
        text.push_str(line);
        text.push_str("\r\n");
        text
    })
}

/// Whether the client reports per packet what it received on this m-line, so that our estimate has
/// ears. That it does so on another line does not help: only a line's own packets are numbered.
pub(super) fn has_transport_feedback(offer: &str, mid: &str) -> bool {
    let mut media = offer.split("\nm=").skip(1);
    let of_mid = |text: &str| {
        text.lines().any(|line| line.strip_prefix("a=mid:").map(str::trim) == Some(mid))
    };
    media.find(|text| of_mid(text)).is_some_and(|text| {
        let says = |kind: &str, what: &str| {
            text.lines().any(|line| line.starts_with(kind) && line.trim_end().ends_with(what))
        };
        says("a=extmap:", "transport-wide-cc-extensions-01") && says("a=rtcp-fb:", " transport-cc")
    })
}

/// Under which ids of a header's extensions the client numbers the packets of its transport.
pub(super) fn transport_number_ids(offer: &str) -> Vec<u8> {
    let mut ids = Vec::new();
    for line in offer.lines().filter_map(|line| line.strip_prefix("a=extmap:")) {
        let id = line.split([' ', '/']).next().and_then(|id| id.trim().parse().ok());
        let id = id.filter(|id| !ids.contains(id));
        ids.extend(id.filter(|_| line.contains("transport-wide-cc")));
    }
    ids
}

/// The m-lines of an answer of ours.
pub(super) fn lines(answer: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for text in answer.lines() {
        if let Some(media) = text.strip_prefix("m=") {
            lines.push(Line {
                is_video: media.starts_with("video"),
                is_audio: media.starts_with("audio"),
                ..Line::default()
            });
            continue;
        }
        let Some(line) = lines.last_mut() else { continue };
        match text {
            "a=sendonly" => line.sends = true,
            "a=recvonly" => line.receives = true,
            "a=sendrecv" => (line.sends, line.receives) = (true, true),
            _ => {
                if let Some(mid) = text.strip_prefix("a=mid:") {
                    line.mid = mid.trim().to_owned();
                } else if let Some(simulcast) = text.strip_prefix("a=simulcast:") {
                    line.rids = received_rids(simulcast);
                }
            }
        }
    }
    lines
}

/// `recv q;h;f` of `send … recv …`; alternatives (`a,b`) keep their first, a pause mark is dropped.
fn received_rids(simulcast: &str) -> Vec<String> {
    let mut words = simulcast.split_ascii_whitespace();
    while let Some(direction) = words.next() {
        let layers = words.next().unwrap_or("");
        if direction == "recv" {
            let first = layers.split(';').filter_map(|layer| layer.split(',').next());
            return first
                .map(|rid| rid.trim_start_matches('~').to_owned())
                .filter(|rid| !rid.is_empty())
                .collect();
        }
    }
    Vec::new()
}

/// Gives our streams the names a client can rely on: `name(mid)` is the stream and the track.
pub(super) fn with_stream_names(
    answer: &str,
    name: impl Fn(&str) -> Option<(String, String)>,
) -> String {
    let mids = lines(answer).into_iter().map(|line| name(&line.mid));
    let names: Vec<_> = mids.collect();
    let mut streams: Vec<&str> = Vec::new();
    for (stream, _) in names.iter().flatten() {
        if !streams.contains(&stream.as_str()) {
            streams.push(stream);
        }
    }
    let mut text = String::with_capacity(answer.len());
    let mut index = None;
    for line in answer.lines() {
        if line.starts_with("m=") {
            index = Some(index.map_or(0, |index: usize| index + 1));
        }
        let named = index.and_then(|index| names.get(index)).and_then(Option::as_ref);
        match named {
            None if line.starts_with("a=msid-semantic:") => {
                text.push_str("a=msid-semantic: WMS");
                for stream in &streams {
                    text.push(' ');
                    text.push_str(stream);
                }
            }
            // A line that only receives has no stream of ours to name.
            None if index.is_some() && line.starts_with("a=msid:") => continue,
            Some((stream, track)) if line.starts_with("a=msid:") => {
                text.push_str(&format!("a=msid:{stream} {track}"));
            }
            Some((stream, track)) if line.starts_with("a=ssrc:") && line.contains(" msid:") => {
                let ssrc = line.split(" msid:").next().unwrap_or(line);
                text.push_str(&format!("{ssrc} msid:{stream} {track}"));
            }
            _ => text.push_str(line),
        }
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\na=msid-semantic: WMS x y\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=recvonly\r\na=msid:x t\r\na=simulcast:recv q;h;~f\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:3\r\na=sendonly\r\na=msid:y u\r\n\
        a=ssrc:7 cname:c\r\na=ssrc:7 msid:y u\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:12\r\na=inactive\r\n";

    #[test]
    fn an_answer_is_read_by_kind_direction_and_layers() {
        let lines = lines(ANSWER);
        assert_eq!(lines.len(), 3);
        assert!(lines[0].is_video && lines[0].receives && !lines[0].sends);
        assert_eq!(lines[0].rids, ["q", "h", "f"]);
        assert!(lines[1].sends && lines[1].mid == "3" && lines[1].rids.is_empty());
        assert!(lines[2].is_audio && !lines[2].sends && !lines[2].receives);
    }

    #[test]
    fn our_streams_are_named_and_nothing_else_is_touched() {
        let named = with_stream_names(ANSWER, |mid| {
            (mid == "3").then(|| ("stage-0".to_owned(), "video-0".to_owned()))
        });
        let expected = ANSWER
            .replace("WMS x y", "WMS stage-0")
            .replace("a=msid:x t\r\n", "")
            .replace("y u", "stage-0 video-0");
        assert_eq!(named, expected);
    }

    #[test]
    fn arrivals_are_reported_on_the_lines_that_say_so_and_on_no_other() {
        let offer = "v=0\r\n\
            m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-fb:111 transport-cc\r\n\
            a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtcp-fb:96 goog-remb\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:10\r\na=rtcp-fb:96 transport-cc\r\n";
        assert!(has_transport_feedback(offer, "0"));
        assert!(!has_transport_feedback(offer, "1"));
        assert!(!has_transport_feedback(offer, "10"), "packets without numbers");
        assert!(!has_transport_feedback(offer, "2"));
        let more =
            "a=extmap:12/sendonly http://x/transport-wide-cc-extensions-01\r\na=extmap:7 y\r\n";
        assert_eq!(transport_number_ids(&format!("{offer}{more}")), [3, 12]);
    }

    #[test]
    fn candidates_of_the_client_are_dropped() {
        let offer = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\na=mid:0\na=end-of-candidates\n";
        assert_eq!(without_candidates(offer), "a=mid:0\r\n");
    }

    #[test]
    fn offers_beyond_any_real_one_are_refused_unparsed() {
        let large = "x".repeat(OFFER_BYTES_MAX + 1);
        assert_eq!(check_limits(&large).unwrap_err().code(), "offer_too_large");
        let many = "m=video 9\n".repeat(LINES_MAX + 1);
        assert_eq!(check_limits(&many).unwrap_err().code(), "offer_too_many_lines");
        assert_eq!(check_limits(""), Ok(()));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(m=|a=mid:|a=simulcast:|a=ssrc:|recv |[;, ~0-9a-z\n]){0,60}") {
            let _ = lines(&text);
            let _ = with_stream_names(&text, |mid| Some((mid.to_owned(), mid.to_owned())));
        }
    }
}
