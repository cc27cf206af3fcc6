//! A small reader of Markdown, for texts of our own: headings, paragraphs, lists, tables, code, bold, links. Everything is escaped.

use maud::{Markup, PreEscaped, html};

/// The text as elements; `link` turns an address as written into the one that is served.
pub(super) fn render(text: &str, link: &dyn Fn(&str) -> String) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < lines.len() {
        let (block, next) = block(&lines, at, link);
        out.push_str(&block.into_string());
        at = next;
    }
    PreEscaped(out)
}

fn block(lines: &[&str], at: usize, link: &dyn Fn(&str) -> String) -> (Markup, usize) {
    let line = lines[at];
    let inline = |text: &str| inline(text, link);
    if line.trim().is_empty() {
        return (html! {}, at + 1);
    }
    if line.starts_with("```") {
        let end =
            (at + 1..lines.len()).find(|n| lines[*n].starts_with("```")).unwrap_or(lines.len());
        return (html! { pre tabindex="0" { code { (lines[at + 1..end].join("\n")) } } }, end + 1);
    }
    if let Some(text) = line.strip_prefix("    ") {
        let end = (at..lines.len()).find(|n| !lines[*n].starts_with("    ")).unwrap_or(lines.len());
        let code: Vec<&str> =
            lines[at..end].iter().map(|line| line.get(4..).unwrap_or(text)).collect();
        return (html! { pre tabindex="0" { code { (code.join("\n")) } } }, end);
    }
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=4).contains(&hashes) && line.as_bytes().get(hashes) == Some(&b' ') {
        let text = inline(line[hashes..].trim());
        let heading = match hashes {
            1 => html! { h1 { (text) } },
            2 => html! { h2 { (text) } },
            _ => html! { h3 { (text) } },
        };
        return (heading, at + 1);
    }
    if line.starts_with('|') {
        return table(lines, at, &inline);
    }
    if item(line).is_some() {
        return list(lines, at, &inline);
    }
    let end =
        (at..lines.len()).find(|n| begins_another(lines[*n]) && *n > at).unwrap_or(lines.len());
    (html! { p { (inline(&lines[at..end].join(" "))) } }, end)
}

fn begins_another(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with(['#', '|'])
        || line.starts_with("```")
        || item(line).is_some()
}

/// A list's item: its number, in a numbered list, and its text.
fn item(line: &str) -> Option<(Option<u32>, &str)> {
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((None, text));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let text = line[digits..].strip_prefix(". ")?;
    Some((Some(line[..digits].parse().ok()?), text))
}

fn list(lines: &[&str], at: usize, inline: &dyn Fn(&str) -> Markup) -> (Markup, usize) {
    let first = item(lines[at]).and_then(|(number, _)| number);
    let mut items: Vec<String> = Vec::new();
    let mut n = at;
    while n < lines.len() {
        match item(lines[n]) {
            Some((number, text)) if number.is_some() == first.is_some() => {
                items.push(text.to_owned());
            }
            Some(_) => break,
            // Indented lines belong to the item above.
            None if lines[n].starts_with(' ') && !lines[n].trim().is_empty() => {
                if let Some(last) = items.last_mut() {
                    last.push(' ');
                    last.push_str(lines[n].trim());
                }
            }
            None => break,
        }
        n += 1;
    }
    let items = html! { @for item in &items { li { (inline(item)) } } };
    let list = match first {
        None => html! { ul { (items) } },
        Some(1) => html! { ol { (items) } },
        // A list that something interrupted goes on counting.
        Some(start) => html! { ol start=(start) { (items) } },
    };
    (list, n)
}

fn table(lines: &[&str], at: usize, inline: &dyn Fn(&str) -> Markup) -> (Markup, usize) {
    let end = (at..lines.len()).find(|n| !lines[*n].starts_with('|')).unwrap_or(lines.len());
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let is_rule = |line: &str| line.bytes().all(|byte| b"|-: ".contains(&byte));
    let head = cells(lines[at]);
    let rows = lines[at + 1..end].iter().filter(|line| !is_rule(line));
    let table = html! {
        div.table-box tabindex="0" role="region" aria-label=(head.join(", ")) {
            table {
                thead { tr { @for cell in &head { th scope="col" { (inline(cell)) } } } }
                tbody { @for row in rows { tr { @for cell in cells(row) { td { (inline(&cell)) } } } } }
            }
        }
    };
    (table, end)
}

/// `code`, **bold**, [link](address), in that order of precedence.
fn inline(text: &str, link: &dyn Fn(&str) -> String) -> Markup {
    let mut out = html! {};
    let mut rest = text;
    loop {
        let next =
            ["`", "**", "["].iter().filter_map(|sign| rest.find(sign).map(|at| (at, *sign))).min();
        let Some((at, sign)) = next else {
            return html! { (out) (rest) };
        };
        let (before, after) = (&rest[..at], &rest[at + sign.len()..]);
        let done = match sign {
            "`" => after.split_once('`').map(|(code, rest)| (html! { code { (code) } }, rest)),
            "**" => after
                .split_once("**")
                .map(|(bold, rest)| (html! { b { (inline(bold, link)) } }, rest)),
            _ => after.split_once("](").and_then(|(words, after)| {
                let (address, rest) = after.split_once(')')?;
                Some((html! { a href=(link(address)) { (inline(words, link)) } }, rest))
            }),
        };
        match done {
            Some((element, after)) => {
                out = html! { (out) (before) (element) };
                rest = after;
            }
            // A sign that opens nothing is a sign.
            None => {
                out = html! { (out) (before) (sign) };
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        render(text, &|address| address.replace(".md", "")).into_string()
    }

    #[test]
    fn our_texts_become_elements_and_nothing_in_them_becomes_markup() {
        assert_eq!(rendered("# Một <b>"), "<h1>Một &lt;b&gt;</h1>");
        assert_eq!(
            rendered("Câu **đậm** với [liên kết](a.md).\ndòng hai"),
            "<p>Câu <b>đậm</b> với <a href=\"a\">liên kết</a>. dòng hai</p>"
        );
        assert_eq!(rendered("- một\n- hai\n  tiếp"), "<ul><li>một</li><li>hai tiếp</li></ul>");
        assert_eq!(rendered("1. a\n2. b"), "<ol><li>a</li><li>b</li></ol>");
        // What stands between two halves of a list does not begin it anew.
        assert_eq!(
            rendered("1. a\n\n```\nx\n```\n\n2. b\n3. c").rsplit("</pre>").next(),
            Some("<ol start=\"2\"><li>b</li><li>c</li></ol>")
        );
        assert!(rendered("| A | B |\n|---|---|\n| 1 | `x` |").contains("<td><code>x</code></td>"));
        assert_eq!(rendered("```\n<x>\n```"), "<pre tabindex=\"0\"><code>&lt;x&gt;</code></pre>");
        assert_eq!(rendered("a [b và ** c"), "<p>a [b và ** c</p>");
    }
}
