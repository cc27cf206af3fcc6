//! What is wrong, hostile or sent twice, through real HTTPS: every answer is a problem document or a page that says what is wrong, nothing
//! is lost, nothing crashes, and the log holds no secret.
//!
//! Each house reads the log of the whole run when it closes, so that every test here is also a test of the log.
#![allow(clippy::unwrap_used)]

mod api;
mod doors;
mod forms;
#[path = "../furnish/mod.rs"]
mod furnish;
mod house;
mod line;
mod log;
mod page;

/// For SQL, HTML, a shell and a template; nothing in it is taken away when it is kept.
const HOSTILE: &str = r#"Robert'); DROP TABLE event;-- <script>alert(1)</script><img src=x onerror="alert(2)"> {{7*7}} $(id)"#;
/// What of it would be markup if it came out as it went in.
const MARKUP: [&str; 2] = ["<script>alert(1)", "<img src=x"];
/// As a page shows it.
const ESCAPED: &str = "&lt;script&gt;alert(1)&lt;/script&gt;";
