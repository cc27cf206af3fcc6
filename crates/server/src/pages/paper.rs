//! Papers as pages: the words of a notice gathered once, drawn as a sheet on the screen and printed as PDF. How a sentence is put
//! together from text, units and date is `papers`' business, so that screen and paper read the same.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    UnitId,
    conference::{Conference, Phase},
    directive::{Addressee, Directive, Notice, NoticeForm, RECIPIENTS_MAX},
    due,
    organisation::{Organisation, Unit, UnitKind},
};
use jiff::civil::Date;
use maud::{Markup, html};
use papers::{
    ConclusionNotice, JournalHead, NoticeDate, NoticePoint, NoticeSection, Part, Signature,
    SiteCode, SiteCodes,
};

use super::{Cx, words};
use crate::{
    lang::Lang,
    problem::{Problem, Result},
    t,
};

/// What stands after "Lưu:".
const ARCHIVE: &str = "VT";
const DUTIES: &str = "Nhiệm vụ";
const ASSESSMENT: &str = "Đánh giá chung";

/// A notice as it would be printed now, or as it was issued.
pub(crate) struct Paper {
    notice: ConclusionNotice,
    /// seq of the issuing record, for the head in the foot.
    issued_seq: Option<u64>,
    /// Directives in the order of the points, for links to them.
    numbers: Vec<u32>,
}

/// Symbol of the issuer's notices, to begin with.
pub(crate) fn first_symbol(cx: &Cx, issuer: UnitId) -> String {
    match cx.state.organisation().unit(issuer).map(|unit| unit.kind) {
        Some(UnitKind::Office) => "TB-VP".to_owned(),
        Some(UnitKind::Department) => "TB".to_owned(),
        _ => "TB-UBND".to_owned(),
    }
}

/// What the form holds before anybody typed into it: the wording that the Office uses, made from what is known.
pub(crate) fn first_form(cx: &Cx, conference: &Conference) -> NoticeForm {
    let outline = &conference.outline;
    let date = outline.date;
    let chair = &outline.chair_position;
    let place =
        if outline.place.is_empty() { String::new() } else { format!(", tại {}", outline.place) };
    let title = lower_first(&outline.title);
    // Only who was there is counted; of whom nothing is known no number is written.
    let attendance = cx.state.attendance(conference);
    let sites = match attendance.came() {
        Some(came) if came > 0 => format!(" tới {came} điểm cầu"),
        None if attendance.listed > 0 => " tới các điểm cầu".to_owned(),
        _ => String::new(),
    };
    let opening = format!(
        "Ngày {:02} tháng {} năm {}{place}, {chair} chủ trì {title}{sites}. Sau khi nghe báo cáo và ý kiến của các đại biểu, {chair} kết luận, chỉ đạo như sau:",
        date.day(),
        month(date),
        date.year(),
    );
    let is_office = cx
        .state
        .organisation()
        .unit(outline.issuer)
        .is_some_and(|unit| unit.kind == UnitKind::Office);
    let authority = if is_office {
        vec!["CHÁNH VĂN PHÒNG".to_owned()]
    } else {
        vec!["TL. CHỦ TỊCH".to_owned(), "CHÁNH VĂN PHÒNG".to_owned()]
    };
    NoticeForm {
        authority,
        signer: String::new(),
        opening,
        assessment: String::new(),
        recipients: recipients(cx, conference),
    }
}

/// Who is named in the text gets the paper, each once: a unit of a group that is named gets it with its group.
fn recipients(cx: &Cx, conference: &Conference) -> Vec<String> {
    let named = cx
        .state
        .directives_of(conference.id)
        .flat_map(|directive| directive.draft.lead.iter().chain(&directive.draft.coordinating));
    let (groups, units): (Vec<Addressee>, Vec<Addressee>) =
        named.copied().partition(|addressee| matches!(addressee, Addressee::Group(_)));
    let reached = cx.state.resolve(&groups, cx.today);
    let alone = units
        .iter()
        .filter(|each| !matches!(each, Addressee::Unit(unit) if reached.contains(unit)));
    let mut all = vec![conference.outline.chair_position.clone()];
    for addressee in groups.iter().chain(alone) {
        let name = words::upper_first(&cx.state.addressee_name(*addressee, cx.today));
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all.truncate(RECIPIENTS_MAX);
    all
}

/// Months one and two are written with a zero in front, the others without (Decree 30/2020, Appendix I).
fn month(date: Date) -> String {
    if date.month() < 3 { format!("{:02}", date.month()) } else { date.month().to_string() }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_lowercase);
    first.map_or_else(String::new, |first| first.chain(chars).collect())
}

/// "UBND Thành phố Hà Nội" as it stands in the head: "Ủy ban nhân dân\nThành phố Hà Nội".
fn in_head(name: &str) -> String {
    for (short, long) in [
        ("UBND ", "Ủy ban nhân dân\n"),
        ("HĐND ", "Hội đồng nhân dân\n"),
        ("Văn phòng UBND ", "Văn phòng\nỦy ban nhân dân "),
    ] {
        if let Some(rest) = name.strip_prefix(short) {
            return format!("{long}{rest}");
        }
    }
    name.to_owned()
}

/// Where papers are dated: the city's name without its kind, "Hà Nội" of "UBND Thành phố Hà Nội".
fn place(city: Option<&Unit>) -> String {
    let name = city.map(|unit| unit.name.as_str()).unwrap_or_default();
    ["Thành phố ", "thành phố ", "tỉnh ", "Tỉnh ", "TP. "]
        .iter()
        .find_map(|kind| name.split_once(kind).map(|(_, place)| place.to_owned()))
        .unwrap_or_else(|| name.to_owned())
}

/// The units that a paper names: as they are, or as they were when it was issued. What is issued never changes, whatever a unit is
/// called later.
#[derive(Clone, Copy)]
struct Named<'a> {
    organisation: &'a Organisation,
    issued: Option<&'a Notice>,
    /// In whose words groups are addressed: that of the notice, or today.
    day: Date,
}

impl<'a> Named<'a> {
    fn unit(self, id: UnitId) -> Option<&'a Unit> {
        match self.issued {
            Some(notice) => notice.units.iter().find(|unit| unit.id == id),
            None => self.organisation.unit(id),
        }
    }

    fn city(self, id: UnitId) -> Option<&'a Unit> {
        match self.issued {
            // The issuer's own stands before any that is addressed.
            Some(notice) => notice.units.iter().find(|unit| unit.kind == UnitKind::City),
            None => self.organisation.city(id),
        }
    }

    fn addressee(self, addressee: Addressee) -> String {
        match addressee {
            // What was issued keeps the name as it was called then.
            Addressee::Unit(id) => match self.issued {
                Some(_) => self.unit(id).map_or_else(|| format!("?{id}"), |unit| unit.name.clone()),
                None => self.organisation.unit_name(id),
            },
            Addressee::Group(group) => self.organisation.group_words(group, self.day).to_owned(),
        }
    }
}

impl Paper {
    pub(crate) fn draft(
        cx: &Cx,
        conference: &Conference,
        number: Option<u32>,
        symbol: &str,
        date: Option<Date>,
        form: NoticeForm,
    ) -> Self {
        let today = cx.today;
        let date = date.map_or(
            NoticeDate::Month { year: today.year(), month: today.month() },
            NoticeDate::Day,
        );
        Self::of(cx, conference, number, symbol, date, &form, None)
    }

    pub(crate) fn issued(cx: &Cx, conference: &Conference, notice: &Notice) -> Self {
        let date = NoticeDate::Day(notice.date);
        Self::of(
            cx,
            conference,
            Some(notice.number),
            &notice.symbol,
            date,
            &notice.form,
            Some(notice),
        )
    }

    fn of(
        cx: &Cx,
        conference: &Conference,
        number: Option<u32>,
        symbol: &str,
        date: NoticeDate,
        form: &NoticeForm,
        issued: Option<&Notice>,
    ) -> Self {
        let outline = &conference.outline;
        let day = issued.map_or(cx.today, |notice| notice.date);
        let named = Named { organisation: cx.state.organisation(), issued, day };
        let issuer = named.unit(outline.issuer);
        let is_office = issuer.is_some_and(|unit| unit.kind == UnitKind::Office);
        let superior = issuer.and_then(|unit| unit.parent).and_then(|parent| named.unit(parent));
        let issuing_body = match issuer {
            // The Office's own head says VĂN PHÒNG under the body it serves.
            Some(_) if is_office && superior.is_some() => "Văn phòng".to_owned(),
            Some(unit) => in_head(&unit.name),
            None => String::new(),
        };
        let directives: Vec<&Directive> = cx.state.directives_of(conference.id).collect();
        let duties = NoticeSection {
            title: (!form.assessment.is_empty()).then(|| DUTIES.to_owned()),
            paragraphs: Vec::new(),
            points: directives
                .iter()
                .map(|directive| point(cx, named, conference, directive))
                .collect(),
        };
        let mut sections = Vec::new();
        if !form.assessment.is_empty() {
            sections.push(NoticeSection {
                title: Some(ASSESSMENT.to_owned()),
                paragraphs: form
                    .assessment
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
                points: Vec::new(),
            });
        }
        sections.push(duties);
        let subject = if outline.subject.is_empty() {
            format!("tại {}", outline.title)
        } else {
            outline.subject.clone()
        };
        let issuer_name = issuer.map(|unit| unit.name.clone()).unwrap_or_default();
        let notice = ConclusionNotice {
            superior_body: superior
                .filter(|_| {
                    is_office || issuer.is_some_and(|unit| unit.kind == UnitKind::Department)
                })
                .map(|unit| in_head(&unit.name)),
            issuing_body,
            number,
            symbol: symbol.to_owned(),
            place: place(named.city(outline.issuer)),
            date,
            subject: if subject.starts_with("Kết luận") {
                subject
            } else {
                format!("Kết luận của {} {subject}", outline.chair_position)
            },
            opening: form
                .opening
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            sections,
            closing: format!("{issuer_name} thông báo để các cơ quan, đơn vị biết, thực hiện"),
            signature: Signature {
                authority: form.authority.clone(),
                signer: (!form.signer.is_empty()).then(|| form.signer.clone()),
            },
            recipients: form.recipients.clone(),
            archive: ARCHIVE.to_owned(),
            journal_head: None,
            draft: issued.is_none(),
        };
        Self {
            notice,
            issued_seq: issued.map(|notice| notice.issued_seq),
            numbers: directives.iter().map(|directive| directive.number).collect(),
        }
    }

    /// As PDF. An issued one carries the hash of the record that issued it: a journal rewritten later does not have it.
    pub(crate) async fn pdf(mut self, cx: &Cx) -> Result<Vec<u8>> {
        if let Some(seq) = self.issued_seq {
            let record = super::book::records(cx, seq, seq).await?.pop();
            self.notice.journal_head =
                record.map(|record| JournalHead { seq, hash: record.hash.to_string() });
        }
        let notice = self.notice;
        print(move || papers::conclusion_notice(&notice)).await
    }
}

/// The join codes of a conference, to print and hand out. They are derived anew each time: nothing of them is stored.
pub(crate) async fn site_codes(cx: &Cx, conference: &Conference, origin: &str) -> Result<Vec<u8>> {
    let outline = &conference.outline;
    let sites = cx.state.sites_of(conference.id).map(|site| SiteCode {
        name: site.name.clone(),
        code: cx.app.auth.site_code(site.id, site.code_generation).compact(),
        link: format!("{origin}/join/{}", cx.app.auth.site_link(site.id, site.code_generation)),
        telephone: site.telephone.clone(),
    });
    let telephone = &cx.app.config.office.technical_telephone;
    // Its fingerprint goes out on paper.
    cx.app.identity.authority_was_seen();
    let codes = SiteCodes {
        language: language(cx.lang),
        conference: outline.title.clone(),
        starts: format!("{}, {}", outline.starts, words::date_and_weekday(cx.lang, outline.date)),
        address: format!("{origin}/join"),
        fingerprint: cx
            .app
            .identity
            .authority_der()
            .and_then(|_| cx.app.identity.fingerprint())
            .unwrap_or_default(),
        help: if telephone.is_empty() {
            String::new()
        } else {
            t!(cx.lang, "codes-help", telephone = telephone.as_str())
        },
        printed_on: cx.today,
        sites: sites.collect(),
    };
    print(move || papers::site_codes(&codes)).await
}

/// Sign-in sheets, whose codes are known only now.
pub(crate) async fn signin_sheets(sheets: papers::SigninSheets) -> Result<Vec<u8>> {
    print(move || papers::signin_sheets(&sheets)).await
}

/// Language of the words that a paper adds.
pub(crate) fn language(lang: Lang) -> papers::Language {
    match lang {
        Lang::Vi => papers::Language::Vi,
        Lang::En => papers::Language::En,
    }
}

/// Off the async threads: typesetting takes milliseconds of one core.
async fn print<F>(press: F) -> Result<Vec<u8>>
where
    F: FnOnce() -> std::result::Result<papers::Pdf, papers::PaperError> + Send + 'static,
{
    let pdf = tokio::task::spawn_blocking(press).await.map_err(Problem::internal)?;
    Ok(pdf.map_err(Problem::internal)?.bytes)
}

fn point(cx: &Cx, named: Named<'_>, conference: &Conference, directive: &Directive) -> NoticePoint {
    let names =
        |addressees: &[Addressee]| addressees.iter().map(|each| named.addressee(*each)).collect();
    // Once it is issued, what was missing can no longer be: units that went since are history, not a gap.
    let missing = if conference.phase == Phase::Concluded {
        Vec::new()
    } else {
        cx.state
            .gaps(directive, cx.today)
            .into_iter()
            .map(|gap| words::gap(Lang::Vi, gap))
            .collect()
    };
    let draft = &directive.draft;
    let (text, due) = due::on_paper(
        &draft.text,
        &draft.due_words,
        directive.due.as_ref(),
        conference.outline.date,
        cx.state.organisation().calendar(),
    );
    NoticePoint {
        text,
        lead: names(&directive.draft.lead),
        coordinating: names(&directive.draft.coordinating),
        due,
        missing,
    }
}

/// The paper on the screen: one long sheet, as it reads; its pages are the PDF's.
pub(crate) fn sheet(_cx: &Cx, paper: &Paper) -> Markup {
    let notice = &paper.notice;
    let lines = |text: &str| html! { @for (n, line) in text.lines().enumerate() { @if n > 0 { br; } (line.to_uppercase()) } };
    let mut titled = 0;
    html! {
        article.a4 lang="vi" {
            div.top {
                div {
                    @if let Some(superior) = &notice.superior_body { p.org { (lines(superior)) } }
                    b.org.short-rule { (lines(&notice.issuing_body)) }
                }
                div { p.nation { "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" } span.motto { "Độc lập - Tự do - Hạnh phúc" } }
                p.sym { "Số: " span data-mirror="number" { (notice.number.map_or_else(|| "\u{2003}\u{2003}".to_owned(), |number| format!("{number:02}"))) } "/" span data-mirror="symbol" { (notice.symbol) } }
                p.sym { i { (notice.place) ", " span data-mirror="date" { (date_line(notice.date)) } } }
            }
            h2.type { "THÔNG BÁO" }
            p.about.short-rule { (notice.subject) }
            div.body {
                div data-mirror="opening" { @for paragraph in &notice.opening { p { (paragraph) } } }
                @for section in &notice.sections {
                    @if let Some(title) = &section.title { ({ titled += 1; html! { h3 { (if titled == 1 { "I" } else { "II" }) ". " (title.to_uppercase()) } } }) }
                    @for paragraph in &section.paragraphs { p { (paragraph) } }
                }
                (points(paper))
                p { (notice.closing) "./." }
            }
            div.close {
                div.to { b { "Nơi nhận:" } br; div data-mirror="recipients" { @for recipient in &notice.recipients { "- " (recipient.trim_end_matches([';', '.'])) ";" br; } } "- Lưu: " (notice.archive) "." }
                div.sign {
                    div data-mirror="authority" { @for line in &notice.signature.authority { (line.to_uppercase()) br; } }
                    p.signer data-mirror="signer" { (notice.signature.signer.as_deref().unwrap_or_default()) }
                }
            }
        }
    }
}

/// The points, which end the last section. By themselves too: they follow what others change while the paper is written.
pub(crate) fn points(paper: &Paper) -> Markup {
    let of = paper.notice.sections.iter().flat_map(|section| &section.points);
    html! {
        div #paper-points {
            @for (n, (point, number)) in of.zip(&paper.numbers).enumerate() {
                p id={ "point-" (number) } {
                    (n + 1) ". "
                    @for part in point.parts() { @match part { Part::Words(words) => { (words) } Part::Gap(words) => { span.gap { (words) } } } }
                }
            }
        }
    }
}

fn date_line(date: NoticeDate) -> String {
    match date {
        NoticeDate::Day(date) => {
            format!("ngày {:02} tháng {} năm {}", date.day(), month(date), date.year())
        }
        NoticeDate::Month { year, month } => format!(
            "ngày \u{2003} tháng {} năm {year}",
            if month < 3 { format!("{month:02}") } else { month.to_string() }
        ),
        NoticeDate::Year(year) => format!("ngày \u{2003} tháng \u{2003} năm {year}"),
    }
}

/// A paper that the browser may show itself.
pub(crate) fn pdf_response(pdf: Vec<u8>, name: &str) -> Response {
    response("application/pdf", super::inline(name), pdf)
}

/// A workbook to keep.
pub(crate) fn xlsx_response(workbook: Vec<u8>, name: &str) -> Response {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    response(kind, super::attachment(name), workbook)
}

/// Made for this reader: nothing on the way keeps it.
fn response(kind: &'static str, disposition: HeaderValue, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use domain::{calendar::Calendar, due};
    use jiff::civil::{Date, date};
    use papers::NoticePoint;

    /// The phrases of the domain's own list; what they mean is judged there.
    const PHRASES: &str = include_str!("../../../domain/tests/due_phrases.tsv");

    #[test]
    fn the_clause_on_paper_reads_back_as_the_day_that_was_kept() {
        let calendar = Calendar::default();
        let mut printed = 0;
        for row in PHRASES.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut cells = row.split('\t');
            let (on, said) = (cells.next().unwrap(), cells.next().unwrap());
            let on: Date = on.parse().unwrap();
            let Some(kept) = due::parse(said, on, &calendar) else { continue };
            let (text, due) = due::on_paper("Rà soát", said, Some(&kept), on, &calendar);
            let point = NoticePoint { text, due, ..NoticePoint::default() };
            let sentence = point.sentence();
            let clause = sentence.strip_prefix("Rà soát; ").unwrap().trim_end_matches('.');
            // Whoever reads the paper does not know the day of the conference.
            let read_on = [on, date(2025, 11, 3)];
            for day in if kept.due.date().is_some() { &read_on[..] } else { &read_on[..1] } {
                let read = due::parse(clause, *day, &calendar);
                let same = read.as_ref().map(|read| (read.due, read.hour));
                assert_eq!(
                    same,
                    Some((kept.due, kept.hour)),
                    "{said:?} on {on} is printed {clause:?}"
                );
            }
            printed += 1;
        }
        assert!(printed > 150, "{printed}");
    }
}
