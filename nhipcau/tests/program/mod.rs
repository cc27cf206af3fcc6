//! The real program as a child: run to its end, or serving until it is stopped. Every wait has an end.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use reqwest::StatusCode;

const PROGRAM: &str = env!("CARGO_BIN_EXE_nhipcau");
pub(crate) const PASSWORD: &str = "mưa rào tháng sáu";
/// Far more than anything here takes; a test that waits for so long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program with these words and then these paths.
pub(crate) fn run(words: &[&str], paths: &[&Path]) -> Ended {
    let mut command = Command::new(PROGRAM);
    command.args(words).args(paths.iter().map(|path| path.as_os_str()));
    command.env("NHIPCAU_PASSWORD", PASSWORD).env_remove("RUST_LOG");
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// As `run`, of a command that ends with this code.
pub(crate) fn ended(words: &[&str], paths: &[&Path], code: i32) -> Ended {
    let ended = run(words, paths);
    assert_eq!(ended.code, code, "{words:?}: {ended:?}");
    ended
}

/// `nhipcau serve` on a directory, as behind a proxy and at a port of the system's choice. Killed when dropped.
pub(crate) struct Serving {
    child: Child,
    url: String,
    lines: mpsc::Receiver<String>,
}

impl Serving {
    pub(crate) fn start(dir: &Path) -> Self {
        let config = r#"
            listen = "127.0.0.1:0"
            tls.mode = "proxy"
            proxy.trusted = ["127.0.0.2"]
            media.addresses = ["127.0.0.1"]
        "#;
        fs::write(dir.join("config.toml"), config).unwrap();
        let mut command = Command::new(PROGRAM);
        command.args([OsStr::new("serve"), OsStr::new("--data"), dir.as_os_str()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut server = Self { child, url: String::new(), lines };
        server.url = server.line();
        assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
        server
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the server said nothing")
    }

    /// Stops it as a service manager does; gives what it printed and nobody read.
    pub(crate) fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut rest = String::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            rest.push_str(&line);
        }
        assert!(self.child.wait().unwrap().success(), "it did not stop in order");
        rest
    }

    /// A staff link shows whose it is, takes a password once, and is used up by that.
    pub(crate) async fn link_works_once(&self, token: &str) {
        let path = format!("/staff/{token}");
        let page = client().get(format!("{}{path}", self.url)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let form = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
        assert_eq!(self.post(&path, &form).await, StatusCode::SEE_OTHER);
        assert_eq!(self.post(&path, &form).await, StatusCode::GONE);
    }

    pub(crate) async fn signs_in(&self, login: &str, password: &str) -> bool {
        let form = [("login", login), ("password", password)];
        match self.post("/signin", &form).await {
            StatusCode::SEE_OTHER => true,
            StatusCode::UNAUTHORIZED => false,
            other => panic!("{other}"),
        }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> StatusCode {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = client().post(format!("{}{path}", self.url)).header("origin", &self.url);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(body.join("&")).send().await.unwrap().status()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After `stop` it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Follows no redirects: where one leads is not asked here.
fn client() -> reqwest::Client {
    // The second time it is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let redirects = reqwest::redirect::Policy::none();
    reqwest::Client::builder().redirect(redirects).timeout(PATIENCE).build().unwrap()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
