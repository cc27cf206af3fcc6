//! Janus with its VideoRoom, set up for its best, and as much of its HTTP interface as publishing and subscribing
//! take.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use crate::namespace::{SERVER, SERVER_ADDRESS, command};

const PORT: u16 = 8088;
const ROOM: u64 = 1234;

/// Starts it in the servers' namespace. Its files lie in `directory`.
pub(crate) fn start(directory: &Path, core: &str) -> Result<Child> {
    fs::create_dir_all(directory)?;
    // One event loop is its best on one core; nothing is logged, nothing is watched.
    let main = format!(
        "general: {{ configs_folder = \"{0}\"; debug_level = 1; log_to_stdout = false; event_loops = 1; \
         session_timeout = 600; }}\n\
         media: {{ rtp_port_range = \"20000-40000\"; no_media_timer = 0; }}\n\
         nat: {{ nice_debug = false; \
         ice_enforce_list = \"{SERVER_ADDRESS}\"; }}\n\
         plugins: {{ disable = \"libjanus_audiobridge.so,libjanus_echotest.so,libjanus_nosip.so,libjanus_recordplay.so,\
         libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so,\
         libjanus_duktape.so,libjanus_lua.so\"; }}\n\
         transports: {{ disable = \"libjanus_websockets.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_mqtt.so,\
         libjanus_nanomsg.so\"; }}\n",
        directory.display()
    );
    fs::write(directory.join("janus.jcfg"), main)?;
    let http = format!(
        "general: {{ json = \"compact\"; base_path = \"/janus\"; http = true; port = {PORT}; https = false; }}\n\
         admin: {{ admin_http = false; }}\n"
    );
    fs::write(directory.join("janus.transport.http.jcfg"), http)?;
    let room = format!(
        "general: {{ }}\nroom-{ROOM}: {{ description = \"bench\"; publishers = 50; bitrate = 0; fir_freq = 0; \
         videocodec = \"vp8\"; audiocodec = \"opus\"; record = false; }}\n"
    );
    fs::write(directory.join("janus.plugin.videoroom.jcfg"), room)?;
    command(SERVER, core, "janus")
        .arg("-C")
        .arg(directory.join("janus.jcfg"))
        // Or the room and the rest are those that the package brings.
        .arg("-F")
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("janus does not start; is the package installed?")
}

/// One handle of one session per transport, as a browser would have.
pub(crate) struct Handle {
    session: u64,
    handle: u64,
}

fn text(length: usize) -> String {
    // Names a transaction, which nobody here needs to tell apart.
    "x".repeat(length)
}

fn http(method: &str, path: &str, body: &str) -> Result<Value> {
    let mut stream = TcpStream::connect((SERVER_ADDRESS, PORT))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(
        stream,
        "{method} /janus{path} HTTP/1.0\r\nhost: janus\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let (_, body) = reply.split_once("\r\n\r\n").ok_or_else(|| anyhow!("no HTTP: {reply}"))?;
    serde_json::from_str(body).with_context(|| format!("no JSON: {body}"))
}

fn post(path: &str, mut body: Value) -> Result<Value> {
    body["transaction"] = text(8).into();
    let reply = http("POST", path, &body.to_string())?;
    if reply["janus"] == "error" {
        bail!("janus refused {body}: {reply}");
    }
    Ok(reply)
}

/// Waits until it answers.
pub(crate) fn wait() -> Result<()> {
    for _ in 0..200 {
        if http("GET", "/info", "").is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("janus does not answer")
}

impl Handle {
    pub(crate) fn new() -> Result<Self> {
        let id = |reply: &Value| reply["data"]["id"].as_u64().ok_or_else(|| anyhow!("{reply}"));
        let session = id(&post("", json!({ "janus": "create" }))?)?;
        let attach = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" });
        let handle = id(&post(&format!("/{session}"), attach)?)?;
        Ok(Self { session, handle })
    }

    fn message(&self, body: Value, jsep: Option<Value>) -> Result<()> {
        let mut message = json!({ "janus": "message", "body": body });
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        post(&format!("/{}/{}", self.session, self.handle), message).map(|_| ())
    }

    /// The next event of the plugin; others are passed over.
    fn event(&self) -> Result<Value> {
        for _ in 0..20 {
            let event = http("GET", &format!("/{}?maxev=1", self.session), "")?;
            let data = &event["plugindata"]["data"];
            if !data["error"].is_null() {
                bail!("janus refused: {data}");
            }
            if event["janus"] == "event" {
                return Ok(event);
            }
        }
        bail!("janus says nothing")
    }

    /// Publishes; its answer and the feed's number are returned.
    pub(crate) fn publish(&self, offer: &str) -> Result<(String, u64)> {
        self.message(json!({ "request": "join", "ptype": "publisher", "room": ROOM }), None)?;
        let joined = self.event()?;
        let feed = joined["plugindata"]["data"]["id"].as_u64();
        let feed = feed.ok_or_else(|| anyhow!("not joined: {joined}"))?;
        let jsep = json!({ "type": "offer", "sdp": offer });
        self.message(json!({ "request": "publish" }), Some(jsep))?;
        Ok((sdp(&self.event()?)?, feed))
    }

    /// Subscribes to feeds; its offer is returned.
    pub(crate) fn subscribe(&self, feeds: &[u64]) -> Result<String> {
        let streams: Value = feeds.iter().map(|feed| json!({ "feed": feed })).collect();
        let body =
            json!({ "request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams });
        self.message(body, None)?;
        sdp(&self.event()?)
    }

    pub(crate) fn answer(&self, answer: &str) -> Result<()> {
        let jsep = json!({ "type": "answer", "sdp": answer });
        self.message(json!({ "request": "start" }), Some(jsep))?;
        self.event().map(|_| ())
    }
}

fn sdp(event: &Value) -> Result<String> {
    let sdp = event["jsep"]["sdp"].as_str();
    Ok(sdp.ok_or_else(|| anyhow!("no description in {event}"))?.to_owned())
}
