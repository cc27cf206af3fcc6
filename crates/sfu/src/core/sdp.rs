//! The little that must be read and written of the protocol stack's answer: which m-line is which, and the names of our
//! streams.
//!
//! Works on lines of text and never fails on what it does not understand.

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
                    line.rids = rids(simulcast, "recv");
                }
            }
        }
    }
    lines
}

/// `recv q;h;f` of `send … recv …`; alternatives (`a,b`) keep their first, a pause mark is dropped.
pub(super) fn rids(simulcast: &str, of: &str) -> Vec<String> {
    let mut words = simulcast.split_ascii_whitespace();
    while let Some(direction) = words.next() {
        let layers = words.next().unwrap_or("");
        if direction == of {
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

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(m=|a=mid:|a=simulcast:|a=ssrc:|recv |[;, ~0-9a-z\n]){0,60}") {
            let _ = lines(&text);
            let _ = with_stream_names(&text, |mid| Some((mid.to_owned(), mid.to_owned())));
        }
    }
}
