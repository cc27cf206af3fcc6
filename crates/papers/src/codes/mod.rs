//! The join codes of a conference's sites, to be printed and handed out: how to join, a list for the operator, a card for each site.
//!
//! Whoever has this paper can take any seat, and it says so.

pub(crate) mod qr;

use std::sync::LazyLock;

use jiff::civil::Date;
use typst::foundations::{Array, Bytes, Dict, IntoValue, dict};

use crate::{
    Language,
    press::{self, PaperError, Pdf, Template, text},
};

static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::new("codes.typ", include_str!("codes.typ")));

/// What is printed about the whole conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteCodes {
    pub language: Language,
    /// Title of the conference.
    pub conference: String,
    /// "08:00 ngày 07/01/2025".
    pub starts: String,
    /// Where a code is typed: "https://hop.hanoi.example/join".
    pub address: String,
    /// SHA-256 of the server's certificate authority, as browsers show it; empty when browsers trust it anyway.
    pub fingerprint: String,
    /// Whom to call: "Tổ kỹ thuật, máy lẻ 8054"; empty when nobody is named.
    pub help: String,
    pub printed_on: Date,
    /// In the order of the list.
    pub sites: Vec<SiteCode>,
}

/// One site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteCode {
    /// "Quận Hoàng Mai".
    pub name: String,
    /// Eight characters; printed in two groups of four.
    pub code: String,
    /// What the QR code opens.
    pub link: String,
    /// Of the room, for the operator's list.
    pub telephone: String,
}

/// Prints the list and the cards.
pub fn site_codes(s: &SiteCodes) -> Result<Pdf, PaperError> {
    let sites = s
        .sites
        .iter()
        .map(|site| {
            let qr = qr::svg(&site.link).ok_or_else(|| PaperError::LinkTooLong {
                site: site.name.clone(),
                size: site.link.len(),
            })?;
            Ok(dict! {
                "name" => text::line(&site.name),
                "code" => text::line(&in_fours(&site.code)),
                "telephone" => text::line(&site.telephone),
                "qr" => Bytes::from_string(qr),
            }
            .into_value())
        })
        .collect::<Result<Array, PaperError>>()?;
    let values = dict! {
        "conference" => text::line(&s.conference),
        "starts" => text::line(&s.starts),
        "address" => text::line(&s.address),
        "fingerprint" => fingerprint(&s.fingerprint),
        "help" => text::line(&s.help),
        "date" => dict! {
            "year" => i64::from(s.printed_on.year()),
            "month" => i64::from(s.printed_on.month()),
            "day" => i64::from(s.printed_on.day()),
        },
        "sites" => sites,
        "words" => words(s),
    };
    let single = [&s.conference, &s.starts, &s.address, &s.fingerprint, &s.help];
    let characters = single.into_iter().map(String::len).sum::<usize>()
        + s.sites.iter().map(|x| x.name.len() + x.code.len() + x.telephone.len()).sum::<usize>();
    press::print(&TEMPLATE, dict! { "codes" => values }, characters)
}

/// "K7QM4XRA" is read out and typed as "K7QM 4XRA".
fn in_fours(code: &str) -> String {
    let bare: Vec<char> = code.chars().filter(|c| !c.is_whitespace()).collect();
    bare.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Sixteen bytes on a line, the way certificate windows show them.
pub(crate) fn fingerprint(fingerprint: &str) -> Array {
    let bytes: Vec<&str> = fingerprint.split([':', ' ']).filter(|b| !b.is_empty()).collect();
    bytes.chunks(16).map(|row| text::line(&row.join(" ")).into_value()).collect()
}

fn words(s: &SiteCodes) -> Dict {
    let day = s.printed_on.strftime("%d/%m/%Y").to_string();
    let count = s.sites.len();
    match s.language {
        Language::Vi => dict! {
            "lang" => "vi",
            "title" => "MÃ ĐIỂM CẦU",
            "how" => "Cách vào họp",
            "steps" => Array::from_iter([
                "Trên máy của phòng họp, mở Chrome hoặc Edge, vào địa chỉ ".into_value(),
                "Nhập mã điểm cầu in trong danh sách này hoặc trên tờ mã của từng điểm cầu; quét mã QR trên tờ mã thì không phải nhập.".into_value(),
                "Cho phép dùng camera và micro, chạy kiểm tra đường truyền trước giờ họp.".into_value(),
            ]),
            "certificate" => "Trước khi tin cậy chứng chỉ của máy chủ, đối chiếu dấu vân tay SHA-256:",
            "secret" => "Ai có mã là vào được chỗ của điểm cầu đó: không chụp, không gửi giấy này qua mạng xã hội. Lộ mã: báo người điều hành để đổi.",
            "sites" => format!("Danh sách {count} điểm cầu"),
            "number" => "STT", "site" => "Điểm cầu", "code" => "Mã điểm cầu", "telephone" => "Điện thoại",
            "help" => "Cần giúp: ",
            "printed" => format!("In ngày {day}"),
            "page" => "trang ",
            "card" => "Giữ kín mã này.",
            "qr" => "Mã QR của ",
        },
        Language::En => dict! {
            "lang" => "en",
            "title" => "JOIN CODES",
            "how" => "How to join",
            "steps" => Array::from_iter([
                "On the meeting room's computer, open Chrome or Edge and go to ".into_value(),
                "Type the site's code from this list or from its card; the QR code on the card saves the typing.".into_value(),
                "Allow the camera and the microphone, and run the line check before the conference.".into_value(),
            ]),
            "certificate" => "Before you trust the server's certificate, compare its SHA-256 fingerprint:",
            "secret" => "Whoever has a code can take that site's seat: take no picture of this paper and post it nowhere. A code got out: tell the operator, who replaces it.",
            "sites" => format!("{count} sites"),
            "number" => "No.", "site" => "Site", "code" => "Code", "telephone" => "Telephone",
            "help" => "Help: ",
            "printed" => format!("Printed on {day}"),
            "page" => "page ",
            "card" => "Keep this code private.",
            "qr" => "QR code of ",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_printed_in_groups_of_four_however_it_comes() {
        assert_eq!(in_fours("K7QM4XRA"), "K7QM 4XRA");
        assert_eq!(in_fours("K7QM 4XRA"), "K7QM 4XRA");
        assert_eq!(in_fours(""), "");
    }

    #[test]
    fn a_fingerprint_stands_on_two_lines() {
        let rows = fingerprint(&vec!["AB"; 32].join(":"));
        assert_eq!(rows.len(), 2);
    }
}
