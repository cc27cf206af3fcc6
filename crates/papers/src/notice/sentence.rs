//! A directive as a sentence of the notice: who, with whom, what, until when. What the clerk's text already says is not said again.
//!
//! text, units, due words → one sentence, and a gap for each thing that is missing

use unicode_normalization::UnicodeNormalization;

/// A point of the notice: one directive, its parts as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticePoint {
    /// The sentence as the clerk wrote it; it may or may not name the units and the date.
    pub text: String,
    /// "Sở Nội vụ"; usually one.
    pub lead: Vec<String>,
    pub coordinating: Vec<String>,
    /// "trước ngày 31/3/2025", "trong quý I/2025", "thường xuyên"; empty when none.
    pub due: String,
    /// Words for what is missing: "thiếu thời hạn". Each is printed as a marked gap.
    pub missing: Vec<String>,
}

/// A stretch of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Words(String),
    /// Printed in brackets, dashed around.
    Gap(String),
}

/// Verbs that give a task and may stand before the unit.
const GIVING: [&str; 7] =
    ["Giao", "Yêu cầu", "Đề nghị", "Chỉ đạo", "Phân công", "Thống nhất giao", "Đồng ý giao"];

impl NoticePoint {
    /// The sentence, its gaps marked. Joined, the words of the parts are the sentence as read.
    pub fn parts(&self) -> Vec<Part> {
        let text = one_line(&self.text);
        let mut sentence = text.trim_end_matches(['.', ';', ',', ' ']).to_owned();
        let said = Said::of(&text);
        let lead = said.lacks(&self.lead);
        let coordinating = said.lacks(&self.coordinating);

        if !self.lead.is_empty() && lead.len() == self.lead.len() {
            sentence = with_lead(&lead, &coordinating, &sentence);
        } else if !coordinating.is_empty() {
            sentence = with_coordinating(&self.lead, &coordinating, &sentence);
        }
        let due = one_line(&self.due);
        if !due.is_empty() && !said.has(&due) {
            sentence = joined(&sentence, &due_clause(due.trim_end_matches(['.', ';', ' '])));
        }

        let gaps: Vec<String> =
            self.missing.iter().map(|g| one_line(g)).filter(|g| !g.is_empty()).collect();
        if gaps.is_empty() {
            if !sentence.is_empty() && !sentence.ends_with(['.', ':', '?', '!', '…']) {
                sentence.push('.');
            }
            return vec![Part::Words(sentence)];
        }
        let mut parts = Vec::new();
        if !sentence.is_empty() {
            parts.push(Part::Words(format!("{sentence}; ")));
        }
        for (n, gap) in gaps.into_iter().enumerate() {
            if n > 0 {
                parts.push(Part::Words(", ".to_owned()));
            }
            parts.push(Part::Gap(format!("[{gap}]")));
        }
        parts.push(Part::Words(".".to_owned()));
        parts
    }

    /// The sentence as plain text, gaps in brackets.
    pub fn sentence(&self) -> String {
        self.parts()
            .into_iter()
            .map(|part| match part {
                Part::Words(words) | Part::Gap(words) => words,
            })
            .collect()
    }
}

/// "Sở Nội vụ chủ trì, phối hợp với Sở Tư pháp tham mưu …": the text names no lead, so they go in front.
fn with_lead(lead: &[String], coordinating: &[String], text: &str) -> String {
    let who = capitalised(&listed(lead));
    let rest = uncapitalised(text);
    match (coordinating.is_empty(), rest.starts_with("chủ trì")) {
        (true, _) if rest.is_empty() => who,
        (true, _) => format!("{who} {rest}"),
        (false, true) => joined(&format!("{who} {rest}"), &assisting(coordinating)),
        (false, false) => format!("{who} chủ trì, phối hợp với {} {rest}", listed(coordinating))
            .trim_end()
            .to_owned(),
    }
}

/// The text names the lead but not these: they go behind the lead when it stands at the start, else to the end.
fn with_coordinating(lead: &[String], coordinating: &[String], text: &str) -> String {
    let at_end = || joined(text, &assisting(coordinating));
    let [lead] = lead else { return at_end() };
    let lead = one_line(lead);
    let Some(after) = after_lead(text, &lead) else { return at_end() };
    let (head, rest) = text.split_at(after);
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with([',', ':', ';']) || rest.starts_with("và ") {
        return at_end();
    }
    let rest = match rest.strip_prefix("chủ trì") {
        // "chủ trì, phối hợp với …" already names others.
        Some(more) if more.trim_start().starts_with(',') => return at_end(),
        Some(more) => more.trim_start(),
        None => rest,
    };
    format!("{head} chủ trì, phối hợp với {} {rest}", listed(coordinating))
}

/// Where `text` goes on after "[Giao ]<lead>" at its start.
fn after_lead(text: &str, lead: &str) -> Option<usize> {
    let bare = GIVING
        .iter()
        .filter_map(|verb| text.strip_prefix(verb)?.strip_prefix(' '))
        .next()
        .unwrap_or(text);
    let skipped = text.len() - bare.len();
    let mut letters = bare.char_indices();
    for expected in lead.chars() {
        let (_, found) = letters.next()?;
        if !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    match letters.next() {
        Some((_, next)) if next.is_alphanumeric() => None,
        Some((at, _)) => Some(skipped + at),
        None => Some(text.len()),
    }
}

fn assisting(units: &[String]) -> String {
    format!("{} phối hợp thực hiện", listed(units))
}

/// The due words with the verb they need: a date completes, a habit is carried out.
fn due_clause(words: &str) -> String {
    let words = uncapitalised(words);
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| words.starts_with(p));
    if starts(&["hoàn thành", "xong", "báo cáo", "thực hiện", "thời hạn"]) {
        words
    } else if ["hằng ", "hàng ngày", "hàng tuần", "hàng tháng", "hàng quý", "hàng năm"]
        .iter()
        .any(|w| words.contains(w))
        || starts(&["thường xuyên", "định kỳ", "khẩn trương", "ngay", "khi ", "sớm", "liên tục"])
    {
        format!("thực hiện {words}")
    } else if starts(&["quý ", "tháng ", "năm ", "tuần "]) && !words.ends_with(" lần") {
        format!("hoàn thành trong {words}")
    } else if starts(&[
        "trước",
        "trong",
        "chậm nhất",
        "muộn nhất",
        "đến hết",
        "hết",
        "cuối",
        "ngày",
        "vào",
    ]) {
        format!("hoàn thành {words}")
    } else {
        format!("thời hạn: {words}")
    }
}

fn joined(sentence: &str, clause: &str) -> String {
    if sentence.is_empty() { capitalised(clause) } else { format!("{sentence}; {clause}") }
}

/// "A", "A và B", "A, B và C"; when a name has a comma of its own, semicolons part them.
fn listed(units: &[String]) -> String {
    let Some((last, others)) = units.split_last() else { return String::new() };
    if others.is_empty() {
        return last.clone();
    }
    let parted_by = if units.iter().any(|u| u.contains(',')) { "; " } else { ", " };
    let and = if parted_by == "; " { "; " } else { " và " };
    format!("{}{and}{last}", others.join(parted_by))
}

/// What a text says, however its marks and capitals were typed. Made once a text: a notice asks for every unit of every point.
struct Said(String);

impl Said {
    fn of(text: &str) -> Self {
        Self(format!(" {} ", key(text)))
    }

    fn has(&self, words: &str) -> bool {
        self.0.contains(&format!(" {} ", key(words)))
    }

    /// The units that it does not name.
    fn lacks(&self, units: &[String]) -> Vec<String> {
        units
            .iter()
            .map(|unit| one_line(unit))
            .filter(|unit| !unit.is_empty() && !self.has(unit))
            .collect()
    }
}

/// As words are compared; "Ủy ban nhân dân" is "UBND".
fn key(words: &str) -> String {
    letters::key(words).replace("uy ban nhan dan", "ubnd")
}

fn one_line(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Small first letter, unless the first word is a name (the next one is in capitals too) or an abbreviation.
fn uncapitalised(text: &str) -> String {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let is_abbreviation = first.chars().nth(1).is_some_and(char::is_uppercase);
    let is_name = words.next().and_then(|w| w.chars().next()).is_some_and(char::is_uppercase);
    if is_abbreviation || is_name {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(text: &str, lead: &[&str], coordinating: &[&str], due: &str) -> NoticePoint {
        let owned = |units: &[&str]| units.iter().map(|u| (*u).to_owned()).collect();
        NoticePoint {
            text: text.to_owned(),
            lead: owned(lead),
            coordinating: owned(coordinating),
            due: due.to_owned(),
            missing: Vec::new(),
        }
    }

    #[track_caller]
    fn check(text: &str, lead: &[&str], coordinating: &[&str], due: &str, sentence: &str) {
        assert_eq!(point(text, lead, coordinating, due).sentence(), sentence);
    }

    #[test]
    fn a_text_without_units_gets_them_in_front() {
        check(
            "Tham mưu xây dựng các nghị quyết mới để thi hành Luật Thủ đô.",
            &["Sở Nội vụ"],
            &["Sở Tư pháp"],
            "trước ngày 31/3/2025",
            "Sở Nội vụ chủ trì, phối hợp với Sở Tư pháp tham mưu xây dựng các nghị quyết mới để thi hành Luật Thủ đô; hoàn thành trước ngày 31/3/2025.",
        );
        check(
            "rà soát biên chế",
            &["các sở, ban, ngành"],
            &[],
            "quý I/2025",
            "Các sở, ban, ngành rà soát biên chế; hoàn thành trong quý I/2025.",
        );
    }

    #[test]
    fn what_the_text_says_is_not_said_again() {
        let text = "Giao Sở Văn hóa và Thể thao chủ trì, cùng Ủy ban nhân dân các quận, huyện, thị xã tổ chức tuyên truyền, xong trước 20/2";
        check(
            text,
            &["Sở Văn hoá và Thể thao"],
            &["UBND các quận, huyện, thị xã"],
            "trước 20/2",
            &format!("{text}."),
        );
    }

    #[test]
    fn coordinating_units_follow_a_lead_at_the_start() {
        check(
            "Giao Sở Nội vụ tham mưu chính sách về sắp xếp tổ chức bộ máy.",
            &["Sở Nội vụ"],
            &["Sở Tài chính", "Sở Tư pháp"],
            "",
            "Giao Sở Nội vụ chủ trì, phối hợp với Sở Tài chính và Sở Tư pháp tham mưu chính sách về sắp xếp tổ chức bộ máy.",
        );
        check(
            "Sở Nội vụ chủ trì tham mưu đề án",
            &["Sở Nội vụ"],
            &["Sở Y tế"],
            "",
            "Sở Nội vụ chủ trì, phối hợp với Sở Y tế tham mưu đề án.",
        );
    }

    #[test]
    fn coordinating_units_go_to_the_end_when_the_text_has_its_own_order() {
        check(
            "Sở Nội vụ chủ trì, phối hợp Sở Tư pháp tham mưu nghị quyết",
            &["Sở Nội vụ"],
            &["Sở Tư pháp", "Sở Tài chính"],
            "",
            "Sở Nội vụ chủ trì, phối hợp Sở Tư pháp tham mưu nghị quyết; Sở Tài chính phối hợp thực hiện.",
        );
        check(
            "Việc di dời do Sở Xây dựng chủ trì",
            &["Sở Xây dựng"],
            &["Sở Y tế"],
            "",
            "Việc di dời do Sở Xây dựng chủ trì; Sở Y tế phối hợp thực hiện.",
        );
    }

    #[test]
    fn units_are_recognised_by_whole_words() {
        assert!(Said::of("Giao Sở Y tế báo cáo").has("Sở Y tế"));
        assert!(!Said::of("Sở Y tế").has("Sở Y t"));
    }

    #[test]
    fn a_habit_is_carried_out_and_a_date_is_met() {
        for (words, clause) in [
            ("thường xuyên", "thực hiện thường xuyên"),
            ("ngày 25 hằng tháng", "thực hiện ngày 25 hằng tháng"),
            ("Trước 30/6", "hoàn thành trước 30/6"),
            ("xong trước 20/3", "xong trước 20/3"),
            ("trong năm 2025", "hoàn thành trong năm 2025"),
            ("30/6/2025", "thời hạn: 30/6/2025"),
        ] {
            assert_eq!(due_clause(words), clause);
        }
    }

    #[test]
    fn a_name_keeps_its_capital() {
        check(
            "Hà Nội cần cách quản trị khác",
            &["Sở Nội vụ"],
            &[],
            "",
            "Sở Nội vụ Hà Nội cần cách quản trị khác.",
        );
        check("UBND cấp xã kiện toàn", &["các xã"], &[], "", "Các xã UBND cấp xã kiện toàn.");
    }

    #[test]
    fn each_gap_is_a_part_of_its_own() {
        let point = NoticePoint {
            missing: vec!["thiếu đơn vị chủ trì".to_owned(), "thiếu thời hạn".to_owned()],
            ..point("Tăng cường kỹ năng.", &[], &[], "")
        };
        assert_eq!(
            point.parts(),
            [
                Part::Words("Tăng cường kỹ năng; ".to_owned()),
                Part::Gap("[thiếu đơn vị chủ trì]".to_owned()),
                Part::Words(", ".to_owned()),
                Part::Gap("[thiếu thời hạn]".to_owned()),
                Part::Words(".".to_owned()),
            ]
        );
    }

    #[test]
    fn a_point_with_nothing_but_units_is_still_a_sentence() {
        check(
            "",
            &["Sở Y tế"],
            &["Sở Nội vụ"],
            "trước 30/6",
            "Sở Y tế chủ trì, phối hợp với Sở Nội vụ; hoàn thành trước 30/6.",
        );
        check("", &[], &[], "", "");
    }
}
