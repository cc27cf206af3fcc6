//! Just enough of HTML to find the forms and links of our own pages.

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) is_multipart: bool,
    /// Name, value as shown, and whether a person types it.
    pub(crate) fields: Vec<(String, String, bool)>,
}

/// Value of the first hidden field of that name.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let all = tags(page, "input");
    let found = all.iter().find(|tag| attribute(tag, "name").as_deref() == Some(name));
    found.and_then(|tag| attribute(tag, "value")).unwrap_or_default()
}

/// Forms that post.
pub(crate) fn forms(page: &str, path: &str) -> Vec<Form> {
    let mut found = Vec::new();
    for part in page.split("<form").skip(1) {
        let form = part.split("</form>").next().unwrap();
        let (head, inner) = form.split_once('>').unwrap();
        if attribute(head, "method").as_deref() != Some("post") {
            continue;
        }
        let mut fields = Vec::new();
        for tag in tags(inner, "input") {
            let Some(name) = attribute(&tag, "name") else { continue };
            let kind = attribute(&tag, "type").unwrap_or_else(|| "text".to_owned());
            let value = attribute(&tag, "value").unwrap_or_default();
            match kind.as_str() {
                "text" | "search" | "tel" | "email" | "password" => {
                    fields.push((name, value, true))
                }
                "file" => {}
                "checkbox" | "radio" if !tag.contains(" checked") => {}
                _ => fields.push((name, value, false)),
            }
        }
        for part in inner.split("<textarea").skip(1) {
            let (head, rest) = part.split_once('>').unwrap();
            let Some(name) = attribute(head, "name") else { continue };
            let value = rest.split("</textarea>").next().unwrap();
            fields.push((name, plain(value.trim_start_matches('\n')), true));
        }
        for part in inner.split("<select").skip(1) {
            let (head, rest) = part.split_once('>').unwrap();
            let Some(name) = attribute(head, "name") else { continue };
            let options = tags(rest.split("</select>").next().unwrap(), "option");
            let chosen = options.iter().find(|tag| tag.contains(" selected")).or(options.first());
            let value = chosen.and_then(|tag| attribute(tag, "value")).unwrap_or_default();
            fields.push((name, value, false));
        }
        let action = attribute(head, "action").unwrap_or_else(|| path.to_owned());
        let is_multipart = head.contains("multipart/form-data");
        found.push(Form { action, is_multipart, fields });
    }
    found
}

/// Paths of this server that the page leads to.
pub(crate) fn links(page: &str) -> Vec<String> {
    let all = tags(page, "a").into_iter().filter_map(|tag| attribute(&tag, "href"));
    all.filter(|href| href.starts_with('/'))
        .map(|href| href.split('#').next().unwrap().to_owned())
        .collect()
}

fn tags(html: &str, name: &str) -> Vec<String> {
    html.split(&format!("<{name} "))
        .skip(1)
        .map(|part| format!(" {}", part.split('>').next().unwrap()))
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(rest.split('"').next().unwrap()))
}

fn plain(escaped: &str) -> String {
    escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn a_form_is_found_with_what_it_shows() {
    let page = r#"<a href="/a?b=1&amp;c=2#d">x</a><form class="stack" method="post" action="/x">
        <input type="hidden" name="csrf" value="t"><input id="n" name="n" type="text" value="&lt;b&gt;">
        <select name="s"><option value="1">a</option><option value="2" selected>b</option></select>
        <input type="checkbox" name="off" value="1"><textarea name="m">
m&amp;n</textarea></form>"#;
    let field = |name: &str, value: &str, typed| (name.to_owned(), value.to_owned(), typed);
    let fields = vec![
        field("csrf", "t", false),
        field("n", "<b>", true),
        field("m", "m&n", true),
        field("s", "2", false),
    ];
    assert_eq!(forms(page, "/"), [Form { action: "/x".into(), is_multipart: false, fields }]);
    assert_eq!(links(page), ["/a?b=1&c=2"]);
    assert_eq!(hidden(page, "csrf"), "t");
}
