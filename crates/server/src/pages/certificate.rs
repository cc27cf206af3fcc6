//! `/ca`: the certificate that people compare and install, and how. Open to everybody: it is needed before anybody can sign in.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use maud::{Markup, html};

use super::attachment;
use crate::{
    config::TlsMode,
    kit::Ctx,
    problem::{Problem, Result},
    t,
};

/// Where people keep certificates differs; in the order of what stands at sites.
const SYSTEMS: [&str; 5] = ["windows", "firefox", "linux", "android", "ios"];

pub(crate) async fn page(ctx: Ctx) -> Response {
    let lang = ctx.lang;
    let identity = &ctx.app.identity;
    let says = match ctx.app.config.tls.mode {
        TlsMode::Own => t!(lang, "ca-own"),
        TlsMode::Files => t!(lang, "ca-files"),
        TlsMode::Proxy => t!(lang, "ca-proxy"),
    };
    let body = html! {
        div.stack.loose.handbook { article.prose {
            h1 { (t!(lang, "ca-title")) }
            p { (says) }
            // Only a root that is to be installed is compared: one that the machines know already is not on any paper.
            @if identity.authority_der().is_some() {
                @if let Some(fingerprint) = identity.fingerprint() {
                    h2 { (t!(lang, "ca-fingerprint")) }
                    p { (t!(lang, "ca-compare")) }
                    pre tabindex="0" { code { (in_lines(&fingerprint)) } }
                }
                p { a.btn.main href="/ca.crt" { (t!(lang, "ca-download")) } }
                h2 { (t!(lang, "ca-install")) }
                @for system in SYSTEMS { (steps(&ctx, system)) }
            }
        } }
    };
    ctx.page(t!(lang, "ca-title")).style("office/office.css").render(body).into_response()
}

fn steps(ctx: &Ctx, system: &str) -> Markup {
    html! {
        h3 { (t!(ctx.lang, &format!("ca-on-{system}"))) }
        p { (t!(ctx.lang, &format!("ca-steps-{system}"))) }
        @if system == "linux" {
            pre tabindex="0" { code {
                "sudo cp nhip-cau.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates\n"
                "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n nhip-cau -i nhip-cau.crt"
            } }
        }
    }
}

/// As PEM, which every system above takes under this name.
pub(crate) async fn download(ctx: Ctx) -> Result<Response> {
    let der = ctx.app.identity.authority_der().ok_or_else(Problem::not_found)?;
    ctx.app.identity.authority_was_seen();
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in BASE64_STANDARD.encode(der).as_bytes().chunks(64) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    let kind = HeaderValue::from_static("application/x-x509-ca-cert");
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, attachment("nhip-cau.crt"))];
    Ok((headers, pem).into_response())
}

/// Eight bytes in a line, as on the paper with the join codes: a person compares line by line.
fn in_lines(fingerprint: &str) -> String {
    let pairs: Vec<&str> = fingerprint.split(':').collect();
    pairs.chunks(8).map(|line| line.join(":")).collect::<Vec<_>>().join("\n")
}
