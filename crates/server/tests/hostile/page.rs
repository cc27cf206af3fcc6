//! Just enough of HTML to find the forms and links of our own pages.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sent {
    InTheAddress,
    AsForm,
    AsParts,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Filled {
    ByThePage,
    ByAPerson,
    /// By a person, and never shown again.
    Secretly,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// As shown.
    pub(crate) value: String,
    pub(crate) filled: Filled,
}

impl Field {
    pub(crate) fn is_typed(&self) -> bool {
        self.filled != Filled::ByThePage
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) sent: Sent,
    pub(crate) fields: Vec<Field>,
}

/// Value of the first hidden field of that name.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let all = tags(page, "input");
    let found = all.iter().find(|tag| attribute(tag, "name").as_deref() == Some(name));
    found.and_then(|tag| attribute(tag, "value")).unwrap_or_default()
}

/// Forms that ask the server for something: those that post, and those that search.
pub(crate) fn forms(page: &str, path: &str) -> Vec<Form> {
    let mut found = Vec::new();
    for part in page.split("<form").skip(1) {
        let form = part.split("</form>").next().unwrap();
        let (head, inner) = form.split_once('>').unwrap();
        let sent = match attribute(head, "method").as_deref() {
            Some("post") if head.contains("multipart/form-data") => Sent::AsParts,
            Some("post") => Sent::AsForm,
            Some("dialog") => continue,
            _ => Sent::InTheAddress,
        };
        let action = attribute(head, "action").unwrap_or_else(|| path.to_owned());
        found.push(Form { action, sent, fields: fields(inner) });
    }
    found
}

fn fields(form: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    for tag in tags(form, "input") {
        let Some(name) = attribute(&tag, "name") else { continue };
        let kind = attribute(&tag, "type").unwrap_or_else(|| "text".to_owned());
        let value = attribute(&tag, "value").unwrap_or_default();
        let filled = match kind.as_str() {
            "text" | "search" | "tel" | "email" => Filled::ByAPerson,
            "password" => Filled::Secretly,
            "file" => continue,
            "checkbox" | "radio" if !tag.contains(" checked") => continue,
            _ => Filled::ByThePage,
        };
        fields.push(Field { name, value, filled });
    }
    for part in form.split("<textarea").skip(1) {
        let (head, rest) = part.split_once('>').unwrap();
        let Some(name) = attribute(head, "name") else { continue };
        let value = plain(rest.split("</textarea>").next().unwrap().trim_start_matches('\n'));
        fields.push(Field { name, value, filled: Filled::ByAPerson });
    }
    for part in form.split("<select").skip(1) {
        let (head, rest) = part.split_once('>').unwrap();
        let Some(name) = attribute(head, "name") else { continue };
        let options = tags(rest.split("</select>").next().unwrap(), "option");
        let chosen = options.iter().find(|tag| tag.contains(" selected")).or(options.first());
        let value = chosen.and_then(|tag| attribute(tag, "value")).unwrap_or_default();
        fields.push(Field { name, value, filled: Filled::ByThePage });
    }
    fields
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

/// Text as our pages write it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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
m&amp;n</textarea><input name="p" type="password"></form><form method="get" role="search"><input name="q"></form>"#;
    let field = |name: &str, value: &str, filled| Field {
        name: name.to_owned(),
        value: value.to_owned(),
        filled,
    };
    let posted = vec![
        field("csrf", "t", Filled::ByThePage),
        field("n", "<b>", Filled::ByAPerson),
        field("p", "", Filled::Secretly),
        field("m", "m&n", Filled::ByAPerson),
        field("s", "2", Filled::ByThePage),
    ];
    let searched = vec![field("q", "", Filled::ByAPerson)];
    let form = |action: &str, sent, fields| Form { action: action.to_owned(), sent, fields };
    let expected = [form("/x", Sent::AsForm, posted), form("/", Sent::InTheAddress, searched)];
    assert_eq!(forms(page, "/"), expected);
    assert_eq!(links(page), ["/a?b=1&c=2"]);
    assert_eq!(hidden(page, "csrf"), "t");
}
