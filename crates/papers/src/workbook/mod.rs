//! The one workbook by which a conference is set up: what its sheets are called, what its columns mean, what a row holds.
//!
//! Written and read with the same columns, so a workbook that was given out can be given back. Whether a unit exists or a person
//! may hold a role is decided elsewhere; here a row is only well-formed or not.

mod cells;
mod guard;
mod look;
mod problem;
mod read;
mod remark;
mod table;
mod when;
mod write;

use jiff::civil::{Date, Time};

use letters::key;
use when::When;

pub use problem::{Problem, RowError};
pub use read::{Reading, read_conference_rows, read_conference_workbook};
pub use remark::{Remark, Remarked};
pub use write::{conference_template, conference_workbook};

/// A conference as set up by workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConferenceSheet {
    pub title: String,
    /// Trích yếu of the notice, after "Kết luận của …": "tại Hội nghị …".
    pub subject: String,
    pub date: Date,
    pub starts: Time,
    pub place: String,
    /// Name of the hall's site.
    pub main_site: String,
    /// Office held by the chair.
    pub chair_position: String,
    /// Code of the unit that issues the notice.
    pub issuer: Cell,
    pub programme: Vec<ProgrammeRow>,
    pub sites: Vec<SiteRow>,
    pub people: Vec<PersonRow>,
    /// Units to be made first, parents before their own. Those that exist already may stand here too.
    pub units: Vec<UnitRow>,
}

/// A text and the row it was read from, so that whoever finds fault with it later can name the row. 0: not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub row: u32,
    pub text: String,
}

/// A point of the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeRow {
    pub row: u32,
    pub order: u32,
    pub title: String,
    pub minutes: u32,
    /// Code of the unit that presents it.
    pub presenter: Option<String>,
}

/// A remote site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRow {
    pub row: u32,
    /// Small letters, digits, hyphens: "hoang-mai".
    pub slug: String,
    pub name: String,
    /// Codes of the units that sit there.
    pub units: Vec<String>,
    pub chair_position: String,
    pub telephone: String,
}

/// A person and one role; several roles are several rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    pub row: u32,
    /// Small letters, digits, `.`, `_`, `-`.
    pub login: String,
    /// Office held.
    pub position: String,
    pub unit: Option<String>,
    pub role: SheetRole,
    /// Name and telephone; empty when not said. Whoever keeps them seals them.
    pub name: String,
    pub telephone: String,
}

/// A unit of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    pub row: u32,
    pub code: String,
    /// Of the body: "UBND quận Hoàng Mai".
    pub name: String,
    pub short: String,
    pub kind: SheetKind,
    /// Code of the unit above.
    pub parent: Option<String>,
    /// Other names by which people look for it.
    pub aliases: Vec<String>,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SheetKind {
    City,
    Office,
    Department,
    District,
    Commune,
    SpecialZone,
    Other,
}

impl SheetKind {
    pub const ALL: [Self; 7] = [
        Self::City,
        Self::Office,
        Self::Department,
        Self::District,
        Self::Commune,
        Self::SpecialZone,
        Self::Other,
    ];

    /// As it stands in the sheet.
    pub fn words(self) -> &'static str {
        match self {
            Self::City => "Thành phố",
            Self::Office => "Văn phòng",
            Self::Department => "Sở, ban, ngành",
            Self::District => "Quận, huyện, thị xã",
            Self::Commune => "Xã, phường",
            Self::SpecialZone => "Đặc khu",
            Self::Other => "Cơ quan khác",
        }
    }

    fn read(text: &str) -> Option<Self> {
        // As sheets of before 1 July 2025 say it.
        const WITH_TOWNS: &str = "Xã, phường, thị trấn";
        let read = key(text);
        let kind = Self::ALL.into_iter().find(|kind| key(kind.words()) == read);
        kind.or_else(|| (read == key(WITH_TOWNS)).then_some(Self::Commune))
    }
}

/// The roles that a workbook may give. An administrator is not made by workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SheetRole {
    Chair,
    Operator,
    Clerk,
    Observer,
    UnitOfficer,
    DeskOfficer,
}

impl SheetRole {
    pub const ALL: [Self; 6] = [
        Self::Chair,
        Self::Operator,
        Self::Clerk,
        Self::Observer,
        Self::UnitOfficer,
        Self::DeskOfficer,
    ];

    /// As it stands in the sheet.
    pub fn words(self) -> &'static str {
        match self {
            Self::Chair => "Chủ trì",
            Self::Operator => "Điều hành kỹ thuật",
            Self::Clerk => "Thư ký",
            Self::Observer => "Theo dõi",
            Self::UnitOfficer => "Cán bộ đơn vị",
            Self::DeskOfficer => "Chuyên viên Văn phòng",
        }
    }

    /// The stable name, accepted in the sheet too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chair => "chair",
            Self::Operator => "operator",
            Self::Clerk => "clerk",
            Self::Observer => "observer",
            Self::UnitOfficer => "unit_officer",
            Self::DeskOfficer => "desk_officer",
        }
    }

    fn read(text: &str) -> Option<Self> {
        let read = key(text);
        Self::ALL.into_iter().find(|r| key(r.words()) == read || key(r.name()) == read)
    }
}

/// A row may hold as much as the program takes from a form.
const LINE_MAX: usize = 300;
const CODE_MAX: usize = 40;
const MINUTES_MAX: u32 = 600;
const UNITS_MAX: usize = 50;
const ALIASES_MAX: usize = 20;

/// The sheets, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    Conference,
    Programme,
    Sites,
    People,
    /// May be missing: most conferences are of units that are known.
    Units,
}

/// A column: its head, whether a row may leave it empty, its width in characters, and how it is filled in.
struct Column {
    head: &'static str,
    optional: bool,
    /// Came later: a workbook that was given out before does not have it.
    may_miss: bool,
    width: f64,
    help: &'static str,
}

const fn column(head: &'static str, width: f64, help: &'static str) -> Column {
    Column { head, optional: false, may_miss: false, width, help }
}

const fn optional(head: &'static str, width: f64, help: &'static str) -> Column {
    Column { head, optional: true, may_miss: false, width, help }
}

const fn newer(head: &'static str, width: f64, help: &'static str) -> Column {
    Column { head, optional: true, may_miss: true, width, help }
}

/// The sheet that explains; it is not read.
const GUIDE: &str = "Hướng dẫn";
/// The column that explains.
const HOW: &str = "Cách ghi";

impl Sheet {
    pub const ALL: [Self; 5] =
        [Self::Conference, Self::Programme, Self::Sites, Self::People, Self::Units];

    pub fn title(self) -> &'static str {
        match self {
            Self::Conference => "Hội nghị",
            Self::Programme => "Chương trình",
            Self::Sites => "Điểm cầu",
            Self::People => "Người",
            Self::Units => "Đơn vị",
        }
    }

    /// Rows under the head.
    pub fn rows_max(self) -> usize {
        match self {
            Self::Conference => 50,
            Self::Programme => 100,
            Self::Sites => 2000,
            Self::People => 5000,
            Self::Units => 2000,
        }
    }

    fn columns(self) -> &'static [Column] {
        match self {
            Self::Conference => &CONFERENCE,
            Self::Programme => &PROGRAMME,
            Self::Sites => &SITES,
            Self::People => &PEOPLE,
            Self::Units => &UNITS,
        }
    }
}

static CONFERENCE: [Column; 2] = [
    column("Mục", 34.0, "Giữ nguyên, không sửa"),
    column("Nội dung", 70.0, "Nội dung của mục bên trái"),
];
static PROGRAMME: [Column; 4] = [
    column("Thứ tự", 8.0, "Số nguyên từ 1, không trùng"),
    column("Nội dung", 70.0, "Tên nội dung"),
    column("Số phút", 10.0, "Thời lượng dự kiến, từ 0 đến 600"),
    optional("Đơn vị trình bày", 20.0, "Mã đơn vị, ví dụ SNV; có thể để trống"),
];
static SITES: [Column; 5] = [
    column("Tên ngắn", 22.0, "Chữ thường không dấu, chữ số, gạch nối: so-noi-vu"),
    column("Tên điểm cầu", 44.0, "Tên nơi họp: Sở Nội vụ"),
    column("Mã đơn vị", 20.0, "Một hoặc nhiều mã, cách nhau bằng dấu phẩy: SNV hoặc SNV, STP"),
    optional("Chủ trì tại điểm cầu", 40.0, "Chức vụ: Giám đốc Sở Nội vụ"),
    optional("Điện thoại", 18.0, "Số máy của phòng họp"),
];
static PEOPLE: [Column; 6] = [
    column("Tên đăng nhập", 22.0, "Chữ thường không dấu, chữ số, dấu . _ -"),
    column("Chức vụ", 44.0, "Chức vụ đang giữ"),
    optional("Mã đơn vị", 14.0, "Mã đơn vị công tác; cán bộ đơn vị phải có"),
    column("Vai trò", 26.0, "Chọn trong danh sách; một người nhiều vai trò thì ghi nhiều dòng"),
    newer("Họ và tên", 28.0, "Có thể để trống; chỉ quản trị xem được, xóa được khi có yêu cầu"),
    newer("Điện thoại", 18.0, "Số máy hoặc di động; có thể để trống"),
];

static UNITS: [Column; 6] = [
    column(
        "Mã đơn vị",
        14.0,
        "Chữ không dấu, chữ số: SNV hoặc 00331; mã đã có trong sổ thì bỏ qua dòng",
    ),
    column("Tên đơn vị", 44.0, "Tên của cơ quan: Sở Nội vụ"),
    optional("Tên ngắn", 24.0, "Tên gọi thường ngày: SNV"),
    column("Loại", 26.0, "Chọn trong danh sách"),
    optional("Mã đơn vị cấp trên", 20.0, "Mã của đơn vị cấp trên, ở trang này hoặc đã có trong sổ"),
    optional("Tên khác", 40.0, "Các tên người ta hay gõ, cách nhau bằng dấu chấm phẩy"),
];

/// The entries of the first sheet: what stands on the left, and how the right is filled in.
const ENTRIES: [(&str, &str); 8] = [
    ("Tên hội nghị", "Tên đầy đủ"),
    ("Trích yếu", "Phần sau \"Kết luận của …\": tại Hội nghị …"),
    ("Ngày họp", "dd/mm/yyyy"),
    ("Giờ bắt đầu", "08:00"),
    ("Nơi họp", "Trụ sở UBND Thành phố"),
    ("Điểm cầu trung tâm", "Tên hội trường"),
    ("Chức vụ người chủ trì", "Chủ tịch UBND Thành phố"),
    ("Đơn vị ban hành", "Mã đơn vị ban hành thông báo kết luận"),
];
