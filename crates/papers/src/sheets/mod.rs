//! Sign-in sheets: a list to hand them out by, then a card for each person with a one-time link as QR, a code that can be read aloud, and
//! until when both open.
//!
//! Whoever has a card can become its person, and it says so.

use std::sync::LazyLock;

use jiff::civil::Date;
use typst::foundations::{Array, Bytes, Dict, IntoValue, dict};

use crate::{
    Language,
    codes::{fingerprint, qr},
    press::{self, PaperError, Pdf, Template, text},
};

static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::new("sheets.typ", include_str!("sheets.typ")));

/// What is printed for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigninSheets {
    pub language: Language,
    /// Name of the Office.
    pub office: String,
    /// Where the code is typed: "https://hop.hanoi.example/signin/code".
    pub address: String,
    /// SHA-256 of the server's certificate authority; empty when browsers trust it anyway.
    pub fingerprint: String,
    /// Whom to call; empty when nobody is named.
    pub help: String,
    /// "08:00 ngày 07/01/2027": until when the codes open.
    pub until: String,
    /// "08:00 ngày 01/01/2027": when these were made. Any sheet of the same person made before is void.
    pub made: String,
    pub made_on: Date,
    /// In the order in which they are handed out.
    pub people: Vec<SigninSheet>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigninSheet {
    /// Empty when the book does not have it.
    pub name: String,
    pub position: String,
    pub unit: String,
    pub login: String,
    /// As it is read aloud: "K7QM 4XRA 9TWC".
    pub code: String,
    /// What the QR code opens.
    pub link: String,
    /// When the sheet that this one makes void was made; empty when there was none that still opened.
    pub replaces: String,
}

/// Prints the list and the cards.
pub fn signin_sheets(s: &SigninSheets) -> Result<Pdf, PaperError> {
    let people = s
        .people
        .iter()
        .map(|person| {
            let qr = qr::svg(&person.link).ok_or_else(|| PaperError::LinkTooLong {
                site: person.login.clone(),
                size: person.link.len(),
            })?;
            let head = if person.name.is_empty() { &person.position } else { &person.name };
            let below = if person.name.is_empty() { "" } else { &person.position };
            Ok(dict! {
                "head" => text::line(head),
                "below" => text::line(below),
                "unit" => text::line(&person.unit),
                "login" => text::line(&person.login),
                "code" => text::line(&person.code),
                "replaces" => text::line(&person.replaces),
                "qr" => Bytes::from_string(qr),
            }
            .into_value())
        })
        .collect::<Result<Array, PaperError>>()?;
    let values = dict! {
        "office" => text::line(&s.office),
        "address" => text::line(&s.address),
        "fingerprint" => fingerprint(&s.fingerprint),
        "help" => text::line(&s.help),
        "until" => text::line(&s.until),
        "made" => text::line(&s.made),
        "date" => dict! {
            "year" => i64::from(s.made_on.year()),
            "month" => i64::from(s.made_on.month()),
            "day" => i64::from(s.made_on.day()),
        },
        "people" => people,
        "words" => words(s),
    };
    let single = [&s.office, &s.address, &s.fingerprint, &s.help, &s.until, &s.made];
    let size = |p: &SigninSheet| {
        [&p.name, &p.position, &p.unit, &p.login, &p.code, &p.replaces]
            .map(String::len)
            .iter()
            .sum::<usize>()
    };
    let characters = single.into_iter().map(String::len).sum::<usize>()
        + s.people.iter().map(size).sum::<usize>();
    press::print(&TEMPLATE, dict! { "sheets" => values }, characters)
}

fn words(s: &SigninSheets) -> Dict {
    let count = s.people.len();
    let replaced = s.people.iter().filter(|person| !person.replaces.is_empty()).count();
    match s.language {
        Language::Vi => dict! {
            "lang" => "vi",
            "title" => "TỜ ĐĂNG NHẬP",
            "how" => "Cách đăng nhập lần đầu",
            "steps" => Array::from_iter([
                "Quét mã QR trên tờ của mình; hoặc mở Chrome, Edge, vào địa chỉ ".into_value(),
                "Nhập mã đăng nhập in trên tờ. Không có các chữ O, I, B, S, Z và các số 0, 1, 5 trong mã; hoa thường như nhau.".into_value(),
                "Xem có đúng tên, chức vụ mình không, rồi đặt mật khẩu. Những lần sau đăng nhập bằng tên đăng nhập và mật khẩu ấy.".into_value(),
            ]),
            "certificate" => "Trước khi tin cậy chứng chỉ của máy chủ, đối chiếu dấu vân tay SHA-256:",
            "secret" => "Ai có tờ này là đặt được mật khẩu của người ghi trên tờ: đưa tận tay, không chụp, không gửi qua nhóm chung. Mất tờ: báo quản trị lập tờ mới, tờ cũ hết hiệu lực ngay.",
            "void" => if replaced == 0 { String::new() } else {
                format!("{replaced} người dưới đây có tờ lập trước còn hạn: tờ cũ nay hết hiệu lực, thu lại và hủy.")
            },
            "people" => format!("Danh sách giao tờ: {count} người"),
            "number" => "STT", "who" => "Họ tên, chức vụ", "unit" => "Đơn vị", "login" => "Tên đăng nhập", "received" => "Ký nhận",
            "replaces" => "thay tờ lập ",
            "help" => "Cần giúp: ",
            "made" => "Lập ",
            "page" => "trang ",
            "code" => "Mã đăng nhập",
            "until" => "Dùng một lần, đến ",
            "card" => "Không đưa tờ này cho ai khác.",
            "qr" => "Mã QR của ",
        },
        Language::En => dict! {
            "lang" => "en",
            "title" => "SIGN-IN SHEETS",
            "how" => "How to sign in the first time",
            "steps" => Array::from_iter([
                "Scan the QR code on your sheet; or open Chrome or Edge and go to ".into_value(),
                "Type the code printed on it. There is no O, I, B, S, Z, 0, 1 or 5 in it; capital and small letters are the same.".into_value(),
                "See that the name and the office are yours, then choose a password. From then on sign in with your sign-in name and that password.".into_value(),
            ]),
            "certificate" => "Before you trust the server's certificate, compare its SHA-256 fingerprint:",
            "secret" => "Whoever has a sheet can set the password of the person on it: hand it over in person, take no picture of it, post it nowhere. A sheet got lost: have the administrator make a new one, and the old one is void at once.",
            "void" => if replaced == 0 { String::new() } else {
                format!("{replaced} of the people below have a sheet from before that still opened: it is void now. Collect and destroy it.")
            },
            "people" => format!("To hand out: {count} people"),
            "number" => "No.", "who" => "Name, position", "unit" => "Unit", "login" => "Sign-in name", "received" => "Received",
            "replaces" => "replaces the sheet of ",
            "help" => "Help: ",
            "made" => "Made ",
            "page" => "page ",
            "code" => "Sign-in code",
            "until" => "Once, until ",
            "card" => "Give this sheet to nobody else.",
            "qr" => "QR code of ",
        },
    }
}
