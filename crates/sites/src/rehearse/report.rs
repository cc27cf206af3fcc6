//! What a rehearsal found, in numbers and in words.

use std::{fmt::Write as _, time::Instant};

use serde::Serialize;

use super::Machine;

/// Limits given on the line; what is not given is only reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Limits {
    /// p99 over the sites.
    pub first_frame_ms: Option<u32>,
    /// p99 over all switches at all sites.
    pub floor_switch_ms: Option<u32>,
    /// p99 over the sites, packets that never came per thousand.
    pub loss_permille: Option<f64>,
    /// Over all sites together.
    pub freezes: Option<u32>,
}

/// Above these a site is named in the report although no limit was given.
const WORTH_NAMING: (u32, u32, f64) = (2_000, 500, 20.0);

/// Median and 99th percentile (nearest rank) of what was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    pub count: usize,
    pub median: f64,
    pub p99: f64,
    pub max: f64,
}

impl Spread {
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let rank = |share: f64| {
            let rank = (values.len() as f64 * share).ceil() as usize;
            values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: values.len(), median: rank(0.5), p99: rank(0.99), max: rank(1.0) }
    }
}

/// A site that was not as it should be, and why, in words of both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shortfall {
    pub slug: String,
    pub name: String,
    pub reasons: Vec<String>,
    pub reasons_en: Vec<String>,
}

/// One rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    pub conference: String,
    pub sites: usize,
    pub joined: usize,
    pub seconds: u64,
    pub floor_changes: u32,
    /// Join request to the last packet of the first complete keyframe.
    pub first_frame_ms: Spread,
    /// Grant acknowledged to the last packet of the new source's first complete keyframe.
    pub floor_switch_ms: Spread,
    /// Per site, after repetition.
    pub loss_permille: Spread,
    /// Per site.
    pub freezes: Spread,
    pub freezes_total: u32,
    /// Switches that a site never saw.
    pub switches_missed: u32,
    /// Of the simulated sites, not of the server.
    pub machine: Machine,
    pub limits: Limits,
    /// Names of the limits that were missed.
    pub missed: Vec<&'static str>,
    pub shortfalls: Vec<Shortfall>,
}

/// What was measured at one site.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteResult {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) asked_at: Option<Instant>,
    pub(super) is_live: bool,
    pub(super) first_frame_ms: Option<f64>,
    pub(super) switches_ms: Vec<f64>,
    pub(super) switches_missed: u32,
    pub(super) loss_permille: f64,
    pub(super) freezes: u32,
    pub(super) troubles: Vec<String>,
}

impl SiteResult {
    /// Was there and saw something.
    pub(super) fn has_joined(&self) -> bool {
        self.first_frame_ms.is_some()
    }

    fn shortfall(&self, limits: &Limits) -> Option<Shortfall> {
        let (first, switch, loss) = WORTH_NAMING;
        let (mut vi, mut en) = (Vec::new(), Vec::new());
        let mut say = |in_vi: String, in_en: String| {
            vi.push(in_vi);
            en.push(in_en);
        };
        if !self.is_live {
            say("không kết nối được".into(), "did not connect".into());
        }
        match self.first_frame_ms {
            None => say("không nhận được hình".into(), "never saw a picture".into()),
            Some(ms) if ms > f64::from(limits.first_frame_ms.unwrap_or(first)) => {
                say(
                    format!("hình đầu tiên sau {ms:.0} ms"),
                    format!("first picture after {ms:.0} ms"),
                );
            }
            Some(_) => {}
        }
        let slowest = self.switches_ms.iter().copied().fold(0.0, f64::max);
        if slowest > f64::from(limits.floor_switch_ms.unwrap_or(switch)) {
            say(
                format!("chuyển phát biểu chậm nhất {slowest:.0} ms"),
                format!("slowest change of speaker {slowest:.0} ms"),
            );
        }
        if self.switches_missed > 0 {
            let n = self.switches_missed;
            say(
                format!("{n} lần không thấy người phát biểu mới"),
                format!("missed {n} changes of speaker"),
            );
        }
        if self.loss_permille > limits.loss_permille.unwrap_or(loss) {
            let loss = self.loss_permille;
            say(format!("mất gói {loss:.1}‰"), format!("loss {loss:.1}‰"));
        }
        if self.freezes > 0 {
            let n = self.freezes;
            say(format!("hình đứng {n} lần"), format!("picture froze {n} times"));
        }
        // The last trouble is the one that stood at the end.
        if let (false, Some(last)) = (vi.is_empty(), self.troubles.last()) {
            vi.push(last.clone());
            en.push(last.clone());
        }
        (!vi.is_empty()).then(|| Shortfall {
            slug: self.slug.clone(),
            name: self.name.clone(),
            reasons: vi,
            reasons_en: en,
        })
    }
}

impl Report {
    pub(super) fn of(
        conference: String,
        (seconds, floor_changes): (u64, u32),
        limits: Limits,
        machine: Machine,
        results: &[SiteResult],
    ) -> Self {
        let first_frame_ms = Spread::of(results.iter().filter_map(|site| site.first_frame_ms));
        let floor_switch_ms =
            Spread::of(results.iter().flat_map(|site| site.switches_ms.iter().copied()));
        let loss_permille = Spread::of(results.iter().map(|site| site.loss_permille));
        let freezes = Spread::of(results.iter().map(|site| f64::from(site.freezes)));
        let freezes_total = results.iter().map(|site| site.freezes).sum();
        let joined = results.iter().filter(|site| site.is_live).count();
        let seen = results.iter().filter(|site| site.first_frame_ms.is_some()).count();
        let switches_missed = results.iter().map(|site| site.switches_missed).sum();
        let over = |limit: Option<u32>, value: f64| limit.is_some_and(|limit| value > limit.into());
        let mut missed = Vec::new();
        // Who is not there at all cannot be within a limit.
        if joined < results.len() {
            missed.push("joined");
        }
        if over(limits.first_frame_ms, first_frame_ms.p99)
            || (limits.first_frame_ms.is_some() && seen < results.len())
        {
            missed.push("first_frame_ms");
        }
        if over(limits.floor_switch_ms, floor_switch_ms.p99)
            // What was never measured was not within the limit either.
            || (limits.floor_switch_ms.is_some() && (switches_missed > 0 || floor_switch_ms.count == 0))
        {
            missed.push("floor_switch_ms");
        }
        if limits.loss_permille.is_some_and(|limit| loss_permille.p99 > limit) {
            missed.push("loss_permille");
        }
        if limits.freezes.is_some_and(|limit| freezes_total > limit) {
            missed.push("freezes");
        }
        Self {
            conference,
            sites: results.len(),
            joined,
            seconds,
            floor_changes,
            first_frame_ms,
            floor_switch_ms,
            loss_permille,
            freezes,
            freezes_total,
            switches_missed,
            machine,
            limits,
            missed,
            shortfalls: results.iter().filter_map(|site| site.shortfall(&limits)).collect(),
        }
    }

    /// Whether the figures can be held against the server at all.
    fn machine_words(&self, english: bool) -> String {
        let Machine { seconds, full_seconds, busy, waiting } = self.machine;
        let (busy, waiting) = (busy * 100.0, waiting * 100.0);
        match (seconds, self.machine.was_full(), english) {
            (0, _, false) => "không đo được: không rõ máy này có theo kịp không".to_owned(),
            (0, _, true) => "not known here: it may or may not have kept up".to_owned(),
            (_, false, false) => {
                format!("theo kịp (dùng {busy:.0} % một nhân, chờ {waiting:.0} %)")
            }
            (_, false, true) => format!("kept up ({busy:.0} % of a core, waited {waiting:.0} %)"),
            (_, true, false) => format!(
                "QUÁ TẢI {full_seconds}/{seconds} giây (dùng {busy:.0} % một nhân, chờ {waiting:.0} %): số liệu trên không nói gì về máy chủ; bớt điểm cầu, thêm --threads, hoặc chạy từ máy khác"
            ),
            (_, true, true) => format!(
                "FULL for {full_seconds} of {seconds} s ({busy:.0} % of a core, waited {waiting:.0} %): the figures above say nothing of the server; fewer sites, more --threads, or another machine"
            ),
        }
    }

    /// The report for people.
    pub fn text(&self, english: bool) -> String {
        let pick = |vi: &'static str, en: &'static str| if english { en } else { vi };
        let mut out = String::new();
        // Writing into a String does not fail.
        let mut line = |label: &str, value: String| {
            // A long name keeps its distance from what is said of it.
            let pad = 30usize.saturating_sub(label.chars().count()).max(2);
            let _ = writeln!(out, "{label}{}{value}", " ".repeat(pad));
        };
        line(pick("Hội nghị", "Conference"), self.conference.clone());
        line(
            pick("Điểm cầu đã kết nối", "Sites joined"),
            format!("{} / {}", self.joined, self.sites),
        );
        let median = pick("trung vị", "median");
        let spread = |s: &Spread, unit: &str| {
            format!("{median} {:.0}{unit}, p99 {:.0}{unit} ({})", s.median, s.p99, s.count)
        };
        line(pick("Hình đầu tiên", "First picture"), spread(&self.first_frame_ms, " ms"));
        line(pick("Chuyển phát biểu", "Change of speaker"), spread(&self.floor_switch_ms, " ms"));
        let loss = &self.loss_permille;
        line(
            pick("Mất gói", "Loss"),
            format!("{median} {:.1}‰, p99 {:.1}‰", loss.median, loss.p99),
        );
        line(
            pick("Hình đứng", "Freezes"),
            format!(
                "{} ({median} {:.0}, p99 {:.0})",
                self.freezes_total, self.freezes.median, self.freezes.p99
            ),
        );
        line(
            pick("Thời gian, số lần chuyển", "Duration, changes"),
            format!("{} s, {}", self.seconds, self.floor_changes),
        );
        line(
            pick("Máy chạy điểm cầu giả lập", "Machine of the sites"),
            self.machine_words(english),
        );
        if self.shortfalls.is_empty() {
            line(
                pick("Điểm cầu chưa đạt", "Sites that fell short"),
                pick("không có", "none").into(),
            );
        }
        for site in &self.shortfalls {
            let reasons = if english { &site.reasons_en } else { &site.reasons };
            line(&format!("  {}", site.name), reasons.join("; "));
        }
        if !self.missed.is_empty() {
            line(pick("Giới hạn không đạt", "Limits missed"), self.missed.join(", "));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(slug: &str) -> SiteResult {
        SiteResult {
            slug: slug.into(),
            name: slug.into(),
            is_live: true,
            first_frame_ms: Some(300.0),
            switches_ms: vec![100.0, 120.0],
            ..SiteResult::default()
        }
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let spread = Spread::of((1..=200).rev().map(f64::from));
        assert_eq!((spread.median, spread.p99, spread.max), (100.0, 198.0, 200.0));
        assert_eq!(Spread::of([]), Spread::default());
    }

    #[test]
    fn a_limit_is_missed_by_the_tail_and_by_who_is_not_there() {
        let limits = Limits {
            first_frame_ms: Some(2000),
            floor_switch_ms: Some(500),
            freezes: Some(0),
            ..Limits::default()
        };
        let report = |results: &[SiteResult]| {
            Report::of("x".into(), (30, 2), limits, Machine::default(), results)
        };
        assert!(report(&[good("a"), good("b")]).missed.is_empty());

        let slow = SiteResult { first_frame_ms: Some(2500.0), freezes: 1, ..good("b") };
        let missed = report(&[good("a"), slow]);
        assert_eq!(missed.missed, ["first_frame_ms", "freezes"]);
        assert_eq!(missed.shortfalls.len(), 1);
        assert_eq!(missed.shortfalls[0].reasons, ["hình đầu tiên sau 2500 ms", "hình đứng 1 lần"]);

        let absent = SiteResult { is_live: false, first_frame_ms: None, ..good("b") };
        assert_eq!(report(&[good("a"), absent]).missed, ["joined", "first_frame_ms"]);

        let unmeasured = SiteResult { switches_ms: Vec::new(), ..good("a") };
        assert_eq!(report(&[unmeasured]).missed, ["floor_switch_ms"]);
    }

    #[test]
    fn the_report_names_who_fell_short_in_both_languages() {
        let loss = SiteResult { loss_permille: 35.0, ..good("Huyện Ba Vì") };
        let report = Report::of(
            "x".into(),
            (30, 2),
            Limits::default(),
            Machine::default(),
            &[good("a"), loss],
        );
        assert!(report.text(false).contains("Huyện Ba Vì"));
        assert!(report.text(false).contains("mất gói 35.0‰"));
        assert!(report.text(true).contains("loss 35.0‰"));
    }

    #[test]
    fn a_machine_that_was_full_is_named_before_anybody_blames_the_server() {
        let of = |full_seconds| Machine { seconds: 60, full_seconds, busy: 0.7, waiting: 0.02 };
        let text = |machine| {
            Report::of("x".into(), (30, 2), Limits::default(), machine, &[good("a")]).text(false)
        };
        assert!(text(of(0)).contains("theo kịp (dùng 70 % một nhân"));
        assert!(text(of(3)).contains("QUÁ TẢI 3/60 giây"));
        assert!(text(of(3)).contains("không nói gì về máy chủ"));
        assert!(text(Machine::default()).contains("không đo được"));
    }

    #[test]
    fn a_long_name_does_not_touch_what_is_said_of_it() {
        let long = SiteResult {
            name: "Sở Nông nghiệp và Môi trường thành phố".into(),
            freezes: 26,
            ..good("a")
        };
        let report =
            Report::of("x".into(), (30, 2), Limits::default(), Machine::default(), &[long]);
        assert!(report.text(false).contains("thành phố  hình đứng 26 lần"));
    }
}
