//! `/handbook/…`: the handbook as pages, from `docs/handbook`; and `/privacy`, the notice shown at the camera.
//!
//! The texts are built into the program. A page that has no English yet is shown in Vietnamese, and says so.

mod markdown;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use maud::html;

use crate::{
    kit::Ctx,
    lang::Lang,
    problem::{Problem, Result},
    t,
};

/// Name in addresses, Vietnamese, English.
type Text = (&'static str, &'static str, Option<&'static str>);

macro_rules! vi {
    ($name:literal) => {
        include_str!(concat!("../../../../../docs/handbook/vi/", $name, ".md"))
    };
}

const CONTENTS: &str = "README";
const PRIVACY: &str = "du-lieu-ca-nhan";

const TEXTS: &[Text] = &[
    (CONTENTS, vi!("README"), None),
    ("chu-tri", vi!("chu-tri"), None),
    ("don-vi", vi!("don-vi"), None),
    ("theo-doi", vi!("theo-doi"), None),
    ("may-chu", vi!("may-chu"), None),
    ("chuan-bi", vi!("chuan-bi"), None),
    ("tap-duot", vi!("tap-duot"), None),
    ("trong-gio-hop", vi!("trong-gio-hop"), None),
    ("thoi-han", vi!("thoi-han"), None),
    ("sau-hoi-nghi", vi!("sau-hoi-nghi"), None),
    ("tuong-lua", vi!("tuong-lua"), None),
    ("proxy", vi!("proxy"), None),
    ("diem-cau", vi!("diem-cau"), None),
    (PRIVACY, vi!("du-lieu-ca-nhan"), None),
];

pub(crate) async fn contents(ctx: Ctx) -> Result<Response> {
    page(&ctx, CONTENTS, true)
}

pub(crate) async fn handbook(ctx: Ctx, Path(name): Path<String>) -> Result<Response> {
    page(&ctx, &name, true)
}

/// Without the handbook around it: it hangs beside the camera.
pub(crate) async fn privacy(ctx: Ctx) -> Result<Response> {
    page(&ctx, PRIVACY, false)
}

fn page(ctx: &Ctx, name: &str, in_handbook: bool) -> Result<Response> {
    let lang = ctx.lang;
    let (_, vi, en) =
        TEXTS.iter().find(|(known, ..)| *known == name).ok_or_else(Problem::not_found)?;
    let (text, is_foreign) = match (lang, en) {
        (Lang::En, Some(en)) => (*en, false),
        (Lang::En, None) => (*vi, true),
        (Lang::Vi, _) => (*vi, false),
    };
    let title = text.lines().next().unwrap_or_default().trim_start_matches('#').trim().to_owned();
    let body = html! {
        div.stack.loose.handbook {
            @if in_handbook && name != CONTENTS { p { a href="/handbook" { (t!(lang, "nav-handbook")) } } }
            @if is_foreign { p.soft { (t!(lang, "handbook-vi-only")) } }
            article.prose lang=(if is_foreign { "vi" } else { lang.tag() }) { (markdown::render(text, &address)) }
        }
    };
    Ok(ctx.page(title).style("office/office.css").render(body).into_response())
}

/// `chuan-bi.md#mo-cua` → `/handbook/chuan-bi#mo-cua`; other addresses stay.
fn address(written: &str) -> String {
    let (file, anchor) =
        written.split_once('#').map_or((written, ""), |(file, anchor)| (file, anchor));
    let Some(name) = file.strip_suffix(".md") else { return written.to_owned() };
    let name = name.trim_start_matches("./");
    let path = if name == CONTENTS { "/handbook".to_owned() } else { format!("/handbook/{name}") };
    if anchor.is_empty() { path } else { format!("{path}#{anchor}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_pages_lead_to_pages_that_are_there() {
        for (name, vi, en) in TEXTS {
            for text in std::iter::once(vi).chain(en) {
                assert!(text.starts_with("# "), "{name} has no title");
                let _ = markdown::render(text, &|written| {
                    let to = address(written);
                    if let Some(page) = to.strip_prefix("/handbook/") {
                        let page = page.split('#').next().unwrap_or(page);
                        assert!(
                            TEXTS.iter().any(|(known, ..)| *known == page),
                            "{name} leads to {written}"
                        );
                    }
                    to
                });
            }
        }
    }
}
