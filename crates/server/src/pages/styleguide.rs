//! The component sheet: every piece in every state, where pieces are designed first. Its examples are of the demo's conference and stay
//! Vietnamese in both languages, as the names and sentences in it are data; its headings are in the catalogue.

use maud::{Markup, html};

use crate::{
    assets,
    kit::{Ctx, Weight, button, chip, chip_gap, chip_lead, empty, icon, mark, plate, state, table},
    lang::Lang,
    t,
};

const ICONS: [&str; 29] = [
    "mic",
    "mic-off",
    "hand",
    "camera",
    "camera-off",
    "signal-0",
    "signal-1",
    "signal-2",
    "signal-3",
    "signal-4",
    "clock",
    "flag",
    "document",
    "check",
    "warning",
    "people",
    "building",
    "arrow",
    "search",
    "print",
    "download",
    "full-screen",
    "sound",
    "chat",
    "close",
    "plus",
    "play",
    "calendar",
    "phone",
];

/// `GET /styleguide`
pub(crate) async fn page(ctx: Ctx) -> Markup {
    let lang = ctx.lang;
    let title = t!(lang, "room-guide-title");
    let body = html! {
        div.stack.loose {
            h1 { (title) }
            (section(t!(lang, "room-guide-colour"), colours(lang)))
            (section(t!(lang, "room-guide-type"), letters()))
            (section(t!(lang, "room-guide-states"), states(lang)))
            (section(t!(lang, "room-guide-icons"), icons()))
            (section(t!(lang, "room-guide-buttons"), buttons(lang)))
            (section(t!(lang, "room-guide-chips"), chips()))
            (section(t!(lang, "room-guide-tiles"), tiles()))
            (section(t!(lang, "room-guide-stage"), stages()))
            (section(t!(lang, "room-guide-queue"), queue_and_trouble()))
            (section(t!(lang, "room-guide-banners"), banners()))
            (section(t!(lang, "room-guide-fields"), fields()))
            (section(t!(lang, "room-guide-tasks"), tasks()))
            (section(t!(lang, "room-guide-story"), story()))
            (section(t!(lang, "room-guide-dialogs"), dialogs()))
            (section(t!(lang, "room-guide-levels"), levels()))
            (section(t!(lang, "room-guide-tables"), tables()))
        }
    };
    ctx.page(title).style("styles/extra/styleguide.css").render(body)
}

fn section(heading: String, inside: Markup) -> Markup {
    html! { section.stack.rule { h2 { (heading) } (inside) } }
}

fn still(name: &str) -> Markup {
    html! { img src=(assets::url(&format!("styleguide/{name}.svg"))) alt=""; }
}

fn colours(lang: Lang) -> Markup {
    let swatches = [
        ("", "paper"),
        ("c-sheet", "sheet"),
        ("c-well", "well"),
        ("c-ink", "ink"),
        ("c-ink2", "ink-2"),
        ("c-ink3", "ink-3"),
        ("c-air", "air"),
        ("c-ok", "ok"),
        ("c-look", "look"),
    ];
    html! {
        p.soft { (t!(lang, "room-guide-colour-rule")) }
        ul.swatches { @for (class, name) in swatches { li class=(class) { (name) } } }
    }
}

fn letters() -> Markup {
    html! {
        div.stack {
            p { span.clock.big { "07:49:11" } }
            p.h1 { "Điểm cầu Hoàng Mai, ngữ ỮẪỘ Ấ Ỹ" }
            p.lead { "Sở Nông nghiệp và Phát triển nông thôn" }
            p { "Giải quyết hài hòa, thấu đáo lợi ích, quyền lợi của cán bộ, công chức, viên chức." }
            p.small.soft { "07/01/2025, 1.284 vị trí, mất gói 0,1 %" }
        }
    }
}

fn states(lang: Lang) -> Markup {
    let room = [
        ("air", "đang phát biểu"),
        ("here", "nghe tốt"),
        ("ready", "sẵn sàng"),
        ("look", "cần xem"),
        ("lost", "mất kết nối"),
        ("away", "không có mặt"),
    ];
    let task = [
        ("done", "hoàn thành đúng hạn"),
        ("late", "hoàn thành quá hạn"),
        ("open", "trong hạn"),
        ("doing", "đang làm"),
        ("wait", "chờ xác nhận"),
        ("soon", "sắp đến hạn"),
        ("over", "quá hạn"),
        ("back", "bị trả lại"),
        ("steady", "thường xuyên"),
    ];
    html! {
        p.soft { (t!(lang, "room-guide-states-rule")) }
        @for row in [&room[..], &task[..]] { ul.legend { @for (name, words) in row { li { (state(name, words)) } } } }
    }
}

fn icons() -> Markup {
    html! { ul.legend { @for name in ICONS { li { (icon(&format!("i-{name}"))) (name) } } } }
}

fn buttons(lang: Lang) -> Markup {
    html! {
        p.row {
            (button(Weight::Main, "Mời Hoàng Mai phát biểu"))
            button.btn.main."is-focus" { "Đang có tiêu điểm" }
            (button(Weight::Usual, "Thêm 2 phút"))
            (button(Weight::Plain, "Nêu vướng mắc"))
            button.btn disabled { "Trình ký" }
            button.btn aria-busy="true" { "Đang gửi…" }
            button.btn { (icon("i-print")) "In" }
            button.btn.main { "Ghi câu này" kbd { "⏎" } }
            button.btn data-held { "Kết thúc lượt" kbd { "giữ OK" } }
        }
        p.small.soft { (t!(lang, "room-guide-buttons-rule")) }
    }
}

fn chips() -> Markup {
    html! {
        p.chips {
            (chip_lead("Sở Nội vụ")) (chip("Sở Tư pháp"))
            (chip(html! { (icon("i-calendar")) "31/03/2025" }))
            (chip_gap("thiếu thời hạn")) (chip_lead("Sở Nông nghiệp và Phát triển nông thôn"))
        }
    }
}

struct Tile {
    look: &'static str,
    still: &'static str,
    name: &'static str,
    why: &'static str,
    level: u8,
    hand: Option<u8>,
}

fn tiles() -> Markup {
    let tile = |look, still, name, why, level, hand| Tile { look, still, name, why, level, hand };
    let tiles = [
        tile("air", "hoang-mai", "Hoàng Mai", "đang phát biểu", 6, None),
        tile("lost", "r04", "Sở Du lịch", "mất kết nối 2 phút", 0, None),
        tile("look", "r07", "Sở NN&PTNT", "tiếng vọng từ loa", 2, None),
        tile("here", "r09", "Long Biên", "xin phát biểu, thứ 2", 3, Some(2)),
        tile("here", "r10", "Cầu Giấy", "nghe tốt", 1, None),
        tile("away", "r04", "Ba Vì", "không có mặt", 0, None),
    ];
    html! {
        ul.samples.tiles {
            @for tile in tiles {
                @let worded = matches!(tile.look, "look" | "lost");
                li {
                    button.tile data-state=(tile.look) aria-label={ (tile.name) ": " (tile.why) } {
                        (still(tile.still))
                        @if let Some(hand) = tile.hand { span.plate { (icon("i-hand")) (hand) } }
                        span.level data-level=(tile.level) {}
                        span.name { (mark(tile.look)) span."one-line" { (tile.name) } }
                        @if worded { span.why { (tile.why) } }
                    }
                }
            }
        }
    }
}

fn stages() -> Markup {
    html! {
        div.samples {
            figure.stage data-state="air" {
                div.view { (still("hoang-mai")) }
                figcaption { (mark("air")) span.grow { "Hoàng Mai · Chủ tịch UBND quận" } time.clock { "02:31" } }
            }
            figure.stage data-state="here" { div.view { (still("hall")) } figcaption { (mark("here")) "Hội trường UBND Thành phố" } }
            figure.stage data-state="lost" {
                div.view { (still("r07")) }
                figcaption { (mark("lost")) "Mỹ Đức · hình dừng lúc " time { "09:13:51" } }
            }
        }
        p.called { time.clock { "3" } span { b { "SẮP LÊN SÓNG" } br; "Sau tiếng chuông, cả hội nghị nghe phòng này." } }
    }
}

fn queue_and_trouble() -> Markup {
    let queue = [
        ("Sở Nội vụ", "Giám đốc Sở · chờ 3 phút · chưa nói"),
        ("Long Biên", "Chủ tịch UBND quận · chờ 2 phút · chưa nói"),
        ("Sở Thông tin và Truyền thông", "Phó Giám đốc Sở · chờ 1 phút · đã nói 3:10"),
    ];
    let trouble = [
        ("lost", "Sở Du lịch", "Mất kết nối 2 phút. Máy tại điểm cầu đang tự nối lại.", "Gọi điện"),
        (
            "look",
            "Sóc Sơn",
            "Mất gói 8 % chiều lên, 3 phút. Hình và tiếng của điểm cầu này có thể rè, giật.",
            "Xem",
        ),
    ];
    let programme = [
        ("past", 3, "Triển khai 9 nhóm nhiệm vụ trọng tâm năm 2025", "08:40"),
        ("now", 4, "Thảo luận, ý kiến các điểm cầu", "09:00"),
        ("next", 5, "Công bố quyết định khen thưởng", "09:40"),
    ];
    html! {
        div.samples {
            div.sheet { ol.queue { @for (place, (who, about)) in queue.iter().enumerate() {
                li {
                    (plate(place + 1, true)) span.who { (who) } span.about { (about) }
                    button.btn aria-label={ "Mời " (who) " phát biểu" } { "Mời" }
                }
            } } }
            div.sheet { ul.trouble { @for (look, who, why, act) in trouble {
                li data-state=(look) { (mark(look)) b { (who) } p { (why) } button.btn aria-label={ (act) ": " (who) } { (act) } }
            } } }
            div.sheet.stack {
                p { time.clock.big { "02:31" } " " span.soft { "trên 05:00" } }
                progress value="151" max="300" aria-label="Thời gian đã phát biểu" {}
                p { time.clock.big.over { "−0:42" } " " (state("over", "quá giờ")) }
                progress.look value="1" max="1" aria-label="Thời gian đã phát biểu" {}
                ol.programme { @for (when, number, title, time) in programme {
                    li data-past[when == "past"] data-now[when == "now"] aria-current=[(when == "now").then_some("step")] {
                        (plate(number, when != "now")) span { (title) } time { (time) }
                    }
                } }
            }
        }
    }
}

fn banners() -> Markup {
    html! {
        div.stack {
            div.banner role="status" {
                (icon("i-signal-0"))
                p { b { "Mất kết nối từ " time { "10:12:32" } "." } " Tự nối lại sau 4 giây. Những gì đã gõ vẫn còn trên máy này." }
                button.btn { "Nối lại ngay" }
            }
            div.banner data-state="done" { (mark("ready")) p { b { "Đã nối lại lúc " time { "10:12:41" } "." } " 2 câu gõ khi mất mạng đã được ghi." } }
            div.banner data-state="open" { (icon("i-clock")) p { "Trang này dừng ở " time { "08:00:12" } "." } }
        }
    }
}

fn fields() -> Markup {
    html! {
        div.samples {
            div.field {
                label for="f1" { "Thời hạn" } span.hint id="f1-hint" { "Ngày/tháng/năm, ví dụ 14/02/2025" }
                input id="f1" value="14/02/2025" aria-describedby="f1-hint";
            }
            div.field {
                label for="f2" { "Thời hạn" }
                p.error id="f2-error" { (mark("look")) span { "30/02/2025 không có trong lịch. Tháng 02/2025 có 28 ngày." } }
                input id="f2" value="30/02/2025" aria-invalid="true" aria-describedby="f2-error";
            }
            div.field { label for="f3" { "Đơn vị chủ trì" } span.hint { "Đúng một đơn vị" } select id="f3" { option { "Sở Nội vụ" } } }
        }
    }
}

fn tasks() -> Markup {
    let tasks = [
        (
            "over",
            "Quá hạn 3 ngày",
            "hạn 14/02/2025",
            "UBND các quận, huyện, thị xã rà soát khối lượng công việc, vị trí việc làm của từng phòng.",
            "Chủ tịch UBND Thành phố, 07/01/2025",
            "Báo cáo kết quả",
        ),
        (
            "wait",
            "Chờ Sở Nội vụ xác nhận",
            "hạn 24/01/2025",
            "Đề án sắp xếp của từng cơ quan.",
            "gửi 22/01/2025",
            "Xem kết quả đã gửi",
        ),
        (
            "done",
            "Hoàn thành đúng hạn",
            "hạn 28/02/2025",
            "Đăng ký chỉ tiêu bồi dưỡng kỹ năng số.",
            "xong 25/02/2025",
            "Xem",
        ),
    ];
    html! {
        ul.tasks { @for (look, words, due, said, who, act) in tasks {
            li.task data-state=(look) {
                (mark(look))
                p.row.close.small { span.state data-state=(look) { (words) } span.soft { (due) } }
                p.said { a href="#tasks" { (said) } }
                div.foot { span.small.soft { (who) } button.btn.main[look == "over"] { (act) } }
            }
        } }
    }
}

fn story() -> Markup {
    html! {
        ol.story {
            li.ahead { (mark("open")) div { p.when { "21/02/2025" } p { "Hạn báo cáo." } } }
            li data-state="done" { (mark("done")) div { p.when { time { "25/01/2025 16:02" } } p { "Sở Nội vụ xác nhận hoàn thành." } } }
            li { (icon("i-mic")) div { p.when { time { "07/01/2025 10:11:37" } } p { "Được nói tại hội nghị." } } }
        }
    }
}

fn dialogs() -> Markup {
    html! {
        div.samples {
            dialog.shown.stack open aria-labelledby="guide-question" {
                h3 id="guide-question" { "Tắt micro của 54 điểm cầu?" }
                p { "Lượt của Hoàng Mai kết thúc ngay. Hội trường vẫn được nghe." }
                p.row { (button(Weight::Main, "Tắt micro tất cả")) (button(Weight::Usual, "Để nguyên")) }
            }
            div.stack {
                p.toast role="status" { (mark("ready")) "Đã mời Sở Nội vụ phát biểu" button.btn.plain { "Rút lại" } }
                (empty("i-hand", "Chưa có ai xin phát biểu", "Khi một điểm cầu xin, tên hiện ở đây theo thứ tự."))
            }
        }
    }
}

fn levels() -> Markup {
    let levels = [("im lặng", 0), ("nhỏ", 2), ("vừa", 5), ("quá to", 8)];
    html! { div.samples.tiles { @for (words, level) in levels { p.small { (words) span.level data-level=(level) {} } } } }
}

fn tables() -> Markup {
    let heads = [("Đơn vị", false), ("Giao", true), ("Xong", true), ("Quá hạn", true)]
        .map(|(words, figure)| (words.to_owned(), figure));
    let rows = [
        ("Sở Nông nghiệp và Phát triển nông thôn", ["11", "7", "1"]),
        ("UBND quận Hoàng Mai", ["1.284", "971", "0"]),
    ];
    let inside = html! { @for (unit, figures) in rows { tr { th scope="row" { (unit) } @for figure in figures { td.n { (figure) } } } } };
    table("Nhiệm vụ theo đơn vị", &heads, inside)
}
