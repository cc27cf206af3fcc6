//! Makes what the browser gets from `web/`: all of `styles/*.css` as one sheet, every sheet lowered for Chrome 109 and Firefox 115
//! (nesting, `light-dark()`), and a table of all files with a hash over them. No bundler: scripts are served as they are written.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use lightningcss::{
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions, StyleSheet},
    targets::{Browsers, Targets},
};

/// What is never served: types for the checker, notes, tools.
fn is_served(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let served = ["css", "js", "svg", "woff2", "png", "webp", "wav", "ogg", "txt", "webmanifest"];
    let kind = path.extension().is_some_and(|ext| served.iter().any(|s| ext == *s));
    kind && !name.ends_with(".test.js")
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                collect(root, &path, into);
            }
        } else if is_served(&path) {
            let relative = path.strip_prefix(root).expect("collected below the root");
            into.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

fn lower(name: &str, css: &str) -> String {
    let targets = Targets::from(Browsers {
        chrome: Some(109 << 16),
        edge: Some(109 << 16),
        firefox: Some(115 << 16),
        safari: Some(16 << 16),
        ..Browsers::default()
    });
    let options = ParserOptions { filename: name.to_owned(), ..ParserOptions::default() };
    let mut sheet = StyleSheet::parse(css, options)
        .unwrap_or_else(|error| panic!("web/{name} cannot be read as CSS: {error}"));
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .unwrap_or_else(|error| panic!("web/{name} cannot be lowered: {error}"));
    sheet
        .to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })
        .unwrap_or_else(|error| panic!("web/{name} cannot be printed: {error}"))
        .code
}

fn main() {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("../../web");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.display());

    let mut names = Vec::new();
    collect(&root, &root, &mut names);
    names.sort();

    let read = |name: &str| {
        fs::read(root.join(name)).unwrap_or_else(|error| panic!("web/{name}: {error}"))
    };
    let text = |name: &str| {
        String::from_utf8(read(name)).unwrap_or_else(|_| panic!("web/{name} is not UTF-8"))
    };
    let mut hasher = blake3::Hasher::new();
    let mut table = String::from("&[\n");
    let mut place = |name: &str, bytes: &[u8]| {
        hasher.update(name.as_bytes()).update(&[0]).update(bytes).update(&[0]);
        let path = out.join("web").join(name);
        fs::create_dir_all(path.parent().expect("below OUT_DIR")).expect("OUT_DIR can be written");
        fs::write(&path, bytes).expect("OUT_DIR can be written");
        table.push_str(&format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        ));
    };

    // `styles/NN-name.css` in order of their names are one sheet, `styles.css`, so that a page asks once.
    let (common, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| {
        name.strip_prefix("styles/")
            .is_some_and(|rest| !rest.contains('/') && rest.ends_with(".css"))
    });
    let joined: String = common.iter().map(|name| text(name) + "\n").collect();
    // The one sheet stands a folder higher than its parts.
    place("styles.css", lower("styles.css", &joined.replace("../fonts/", "fonts/")).as_bytes());
    for name in others {
        if name.ends_with(".css") {
            place(name, lower(name, &text(name)).as_bytes());
        } else {
            place(name, &read(name));
        }
    }
    table.push(']');
    let hash = hasher.finalize().to_hex();
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR can be written");
    println!("cargo::rustc-env=NHIPCAU_ASSETS_HASH={}", &hash[..16]);
}
