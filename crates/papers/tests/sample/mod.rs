//! The notice of the Hà Nội conference of 7 January 2025 as an Office would issue it; people are named by the office they hold.

#![allow(dead_code, reason = "each test takes what it needs")]

use jiff::civil::date;
use papers::{
    ConclusionNotice, JournalHead, Language, NoticeDate, NoticePoint, NoticeSection, Signature,
    SiteCode, SiteCodes,
};

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|t| (*t).to_owned()).collect()
}

pub(crate) fn point(text: &str, lead: &[&str], coordinating: &[&str], due: &str) -> NoticePoint {
    NoticePoint {
        text: text.to_owned(),
        lead: owned(lead),
        coordinating: owned(coordinating),
        due: due.to_owned(),
        missing: Vec::new(),
    }
}

/// Issued by the Office, twelve points, all complete.
pub(crate) fn notice() -> ConclusionNotice {
    let districts = "UBND các quận, huyện, thị xã";
    ConclusionNotice {
        superior_body: Some("Ủy ban nhân dân\nthành phố Hà Nội".to_owned()),
        issuing_body: "Văn phòng".to_owned(),
        number: Some(5),
        symbol: "TB-VP".to_owned(),
        place: "Hà Nội".to_owned(),
        date: NoticeDate::Day(date(2025, 1, 9)),
        subject: "Kết luận của Chủ tịch UBND Thành phố tại Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024, triển khai nhiệm vụ năm 2025".to_owned(),
        opening: owned(&[
            "Ngày 07 tháng 01 năm 2025, tại trụ sở UBND Thành phố, Chủ tịch UBND Thành phố chủ trì Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024 và triển khai nhiệm vụ năm 2025, kết nối tới 54 điểm cầu tại các sở, ban, ngành, quận, huyện, thị xã.",
            "Sau khi nghe báo cáo của Sở Nội vụ và ý kiến của các đại biểu dự họp, Chủ tịch UBND Thành phố kết luận, chỉ đạo như sau:",
        ]),
        sections: vec![
            NoticeSection {
                title: Some("Đánh giá chung".to_owned()),
                paragraphs: owned(&[
                    "Năm 2024, ngành Nội vụ đã triển khai nghiêm túc, có trách nhiệm và hoàn thành nhiều công việc quan trọng, kết quả rõ nét; tham mưu trình HĐND Thành phố ban hành 08 nghị quyết thi hành Luật Thủ đô, có hiệu lực từ ngày 01/01/2025.",
                    "Thống nhất với 9 nhóm nhiệm vụ trọng tâm đề ra trong kế hoạch công tác năm 2025 của Sở Nội vụ.",
                ]),
                points: Vec::new(),
            },
            NoticeSection {
                title: Some("Nhiệm vụ năm 2025".to_owned()),
                paragraphs: Vec::new(),
                points: vec![
                    point("Sở Nội vụ bám sát chương trình công tác của UBND Thành phố, chủ động nghiên cứu, tham mưu xây dựng cơ chế, chính sách trong lĩnh vực Nội vụ.", &["Sở Nội vụ"], &[], "thường xuyên"),
                    point("Tham mưu xây dựng các nghị quyết mới để thi hành Luật Thủ đô.", &["Sở Nội vụ"], &["Sở Tư pháp"], "trước ngày 31/3/2025"),
                    point("Sở Nội vụ tham mưu chính sách về sắp xếp, tinh gọn tổ chức bộ máy; giải quyết hài hòa, thấu đáo quyền lợi của cán bộ, công chức, viên chức.", &["Sở Nội vụ"], &["Sở Tài chính"], "trước ngày 14/02/2025"),
                    point("Các sở, ban, ngành xây dựng đề án sắp xếp tổ chức của cơ quan mình, gửi Sở Nội vụ.", &["các sở, ban, ngành"], &[], "trước ngày 24/01/2025"),
                    point("Rà soát khối lượng công việc, vị trí việc làm của từng phòng, gửi Sở Nội vụ tổng hợp.", &[districts], &[], "trước ngày 07/02/2025"),
                    point("Sở Nội vụ tham mưu giải pháp để cán bộ, công chức, viên chức không bị quá tải theo hướng tăng cường kỹ năng, áp dụng chuyển đổi số, tăng cường đổi mới, sáng tạo.", &["Sở Nội vụ"], &["Sở Thông tin và Truyền thông"], "trong quý I/2025"),
                    point("Nghiên cứu, đề xuất cách quản trị phù hợp với đô thị có hơn 10 triệu dân, khoảng 400.000 doanh nghiệp, hướng tới hiệu suất và mức tăng trưởng cao nhất có thể trong năm 2025.", &["Sở Kế hoạch và Đầu tư"], &["Sở Nội vụ", "Sở Tài chính"], "trước ngày 30/6/2025"),
                    point("Tham mưu triển khai các phong trào thi đua theo hướng thực chất, có chiều sâu.", &["Ban Thi đua - Khen thưởng"], &[], "trong năm 2025"),
                    point("Giao Sở Văn hóa và Thể thao chủ trì, cùng UBND các quận, huyện, thị xã tổ chức tuyên truyền, giáo dục truyền thống nhân các sự kiện trọng đại của đất nước năm 2025; hoàn thành trước ngày 20/02/2025.", &["Sở Văn hóa và Thể thao"], &[districts], "trước ngày 20/02/2025"),
                    point("Giao Sở Tài chính bố trí kinh phí thực hiện chính sách đối với người nghỉ hưu trước tuổi, nghỉ thôi việc.", &["Sở Tài chính"], &["Sở Nội vụ"], "trước ngày 28/02/2025"),
                    point("Đề nghị Ủy ban Mặt trận Tổ quốc Việt Nam Thành phố giám sát việc sắp xếp tổ chức bộ máy tại cơ sở.", &["Ủy ban MTTQ Việt Nam Thành phố", "Ủy ban Mặt trận Tổ quốc Việt Nam Thành phố"], &[], ""),
                    point("Giao Văn phòng UBND Thành phố theo dõi, đôn đốc, tổng hợp, báo cáo Chủ tịch UBND Thành phố kết quả thực hiện Thông báo này vào ngày 25 hằng tháng.", &["Văn phòng UBND Thành phố"], &[], "ngày 25 hằng tháng"),
                ],
            },
        ],
        closing: "Văn phòng UBND Thành phố thông báo để các cơ quan, đơn vị biết, thực hiện".to_owned(),
        signature: Signature { authority: owned(&["Chánh Văn phòng"]), signer: None },
        recipients: owned(&[
            "Chủ tịch, các Phó Chủ tịch UBND Thành phố",
            "Các sở, ban, ngành Thành phố",
            districts,
            "Ủy ban MTTQ Việt Nam Thành phố",
            "Ban Thi đua - Khen thưởng Thành phố",
            "Chánh Văn phòng, các Phó Chánh Văn phòng",
        ]),
        archive: "VT, TH".to_owned(),
        journal_head: Some(JournalHead {
            seq: 1284,
            hash: "9f3c1b7ad2e84f60a1c5be7738d90e2f4b6a8c1d3e5f70921436587a9bcdef01".to_owned(),
        }),
        draft: false,
    }
}

/// Signed by order of the Chairman, number and day open, two gaps.
pub(crate) fn draft() -> ConclusionNotice {
    let mut n = notice();
    n.superior_body = None;
    n.issuing_body = "Ủy ban nhân dân\nthành phố Hà Nội".to_owned();
    n.symbol = "TB-UBND".to_owned();
    n.number = None;
    n.date = NoticeDate::Month { year: 2025, month: 1 };
    n.signature.authority = owned(&["TL. Chủ tịch", "Chánh Văn phòng"]);
    n.draft = true;
    n.journal_head = None;
    let points = &mut n.sections[1].points;
    points[5].lead.clear();
    points[5].text = "Tăng cường kỹ năng, áp dụng chuyển đổi số để cán bộ, công chức, viên chức không bị quá tải.".to_owned();
    points[5].missing = owned(&["thiếu đơn vị chủ trì"]);
    points[7].due.clear();
    points[7].missing = owned(&["thiếu thời hạn"]);
    n
}

/// As many sites as asked for, with the names of Hà Nội's districts and departments.
pub(crate) fn codes(count: usize) -> SiteCodes {
    let names = [
        "Sở Nội vụ",
        "Quận Hoàng Mai",
        "Quận Ba Đình",
        "Huyện Thanh Trì",
        "Thị xã Sơn Tây",
        "Sở Nông nghiệp và Phát triển nông thôn",
        "Ban Quản lý dự án đầu tư xây dựng công trình giao thông Thành phố",
    ];
    let sites = (0..count).map(|n| {
        let code: String = format!("{:08}", 47_117_319 * (n + 1) % 100_000_000)
            .bytes()
            .map(|b| char::from(b"ACDEFGHJKM"[usize::from(b - b'0')]))
            .collect();
        SiteCode {
            name: names[n % names.len()].to_owned(),
            link: format!("https://hop.hanoi.example:8443/join/{code}"),
            code,
            telephone: format!("024 3825 {:04}", 1000 + n),
        }
    });
    SiteCodes {
        language: Language::Vi,
        conference: "Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024, triển khai nhiệm vụ năm 2025".to_owned(),
        starts: "08:00 ngày 07/01/2025".to_owned(),
        address: "https://hop.hanoi.example:8443/join".to_owned(),
        fingerprint: "9F:3C:1B:7A:D2:E8:4F:60:A1:C5:BE:77:38:D9:0E:2F:4B:6A:8C:1D:3E:5F:70:92:14:36:58:7A:9B:CD:EF:01".to_owned(),
        help: "Tổ kỹ thuật, máy lẻ 8054".to_owned(),
        printed_on: date(2025, 1, 6),
        sites: sites.collect(),
    }
}
