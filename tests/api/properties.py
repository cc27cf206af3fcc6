"""Asks whether the JSON API is what its OpenAPI document says.

Starts a demo in a directory of its own, reads `/api/v1/openapi.json`, and lets schemathesis make requests from it, right ones and wrong
ones: first as a person who has every role, then as a site in its seat. Any status, content type, header or body outside the document, any
5xx, anything wrong that is accepted and any door without its lock is a finding, and the run ends with 1. The questions follow from a seed,
which is printed; NHIPCAU_SEED gives another one.

    cargo xtask test --only api
"""

import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = os.environ.get("NHIPCAU", str(ROOT / "target/debug/nhipcau"))
SEED = int(os.environ.get("NHIPCAU_SEED", "20250107"))
EXAMPLES = int(os.environ.get("NHIPCAU_EXAMPLES", "20"))
READY_WITHIN_S = 120

# What a site may do; everything else is refused to it in the same way, which the first run and the Rust tests see already.
OF_A_SITE = [
    "whoAmI", "getHead", "listConferences", "getConference", "getFloor", "markRoll", "recordCheck", "requestFloor", "cancelRequest",
    "withdrawFloor", "listTasks", "listUnits", "storeFile", "endSession", "makeToken",
]


class Demo:
    """The program as a person would start it; ended when the block ends."""

    def __init__(self, directory):
        self.directory = directory

    def __enter__(self):
        command = [
            PROGRAM, "demo", "--json", "--quiet-script", "--sites", "6",
            "--data", self.directory, "--port", str(free_port()),
        ]
        self.log = open(pathlib.Path(self.directory) / "demo.log", "wb")
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        watchdog = threading.Timer(READY_WITHIN_S, self.child.kill)
        watchdog.start()
        line = self.child.stdout.readline()
        watchdog.cancel()
        if not line:
            self.__exit__()
            raise SystemExit(f"the demo ended early:\n{self.tail()}")
        self.ready = json.loads(line)
        self.authority = str(pathlib.Path(self.directory) / "tls/authority.pem")
        self.tls = ssl.create_default_context(cafile=self.authority)
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()

    def tail(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")[-4000:]

    def call(self, method, path, body=None, kind="application/json", token=None):
        """One call that must succeed."""
        data = json.dumps(body).encode() if kind == "application/json" and body is not None else body
        headers = {"Authorization": f"Bearer {token or self.ready['api_token']}"}
        if data is not None:
            headers["Content-Type"] = kind
        url = f"{self.ready['url'].rstrip('/')}/api/v1{path}"
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            raise SystemExit(f"{method} {path}: {refused.code} {refused.read().decode()}") from None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare(demo):
    """Gives the caller every role, the store a file to name, and the caller's units a task each."""
    conference = demo.ready["conference"]
    me = demo.call("GET", "/me")["person"]
    for role in ["chair", "operator", "clerk", "observer"]:
        demo.call("PUT", f"/conferences/{conference}/staff/{role}/{me}")
    units = [unit["id"] for unit in demo.call("GET", "/units?limit=8")["items"]]
    demo.call("PUT", f"/people/{me}/rights", {"admin": True, "desk_officer": True, "officer_of": units})
    issue(demo, me, units)
    file = demo.call("POST", "/files?name=ket-qua.pdf", b"%PDF-1.7 12/12", kind="application/octet-stream")
    sessions = [session["id"] for session in demo.call("GET", "/sessions")["items"]]
    own = {"person": [[me], me + 1]}
    avoided = {
        # These would end the client's own sign-in, and every later answer would be 401 or 403.
        "deactivatePerson": own,
        "setRights": own,
        "removeStaff": own,
        "endSession": {"session": [sessions, 4_000_000]},
        # These would end the only conference that has a room; there are others to end.
        "closeRoom": {"conference": [[conference], conference + 1]},
        # The seats of which the second run needs one.
        "removeSite": {"site": [[1, 2, 3], 6]},
    }
    return file, avoided


def issue(demo, me, units):
    """A conference that is over, with a notice: without it there would be no task to ask about."""
    outline = {
        "title": "Hội nghị giao ban", "subject": "tại Hội nghị giao ban", "date": "2025-01-06", "starts": "08:00",
        "place": "Hà Nội", "main_site": "Hội trường", "chair_position": "Chủ tịch UBND Thành phố", "issuer": units[0],
    }
    over = f"/conferences/{demo.call('POST', '/conferences', outline)['id']}"
    for role in ["chair", "clerk"]:
        demo.call("PUT", f"{over}/staff/{role}/{me}")
    draft = {
        "text": "Rà soát khối lượng công việc.", "lead": [{"unit": unit} for unit in units], "coordinating": [],
        "due_words": "trước 07/02/2025",
    }
    site = {"slug": "diem-cau", "name": "Điểm cầu", "units": [units[0]], "chair_position": "", "telephone": ""}
    demo.call("POST", f"{over}/sites", site)
    directive = demo.call("POST", f"{over}/directives", {"draft": draft})["id"]
    for step in ["open", "start", "close"]:
        demo.call("POST", f"{over}/{step}")
    demo.call("POST", f"{over}/directives/{directive}/agree", {})
    form = {"authority": ["TL. CHỦ TỊCH"], "signer": "", "opening": "", "assessment": "", "recipients": []}
    demo.call("POST", f"{over}/notice", {"number": 5, "symbol": "TB-VP", "date": "2025-01-08", "form": form})


def run(demo, title, token, file, avoided, examples, only=None):
    """One run of the client; its own report goes to the screen."""
    print(f"\n── {title}: seed {SEED}, {examples} examples an operation and phase", flush=True)
    environment = os.environ | {
        "NHIPCAU_TOKEN": token,
        "NHIPCAU_HOOKS": str(HERE / "aim.py"),
        "NHIPCAU_FILE_HASH": file["hash"],
        "NHIPCAU_FILE_BYTES": str(file["bytes"]),
        "NHIPCAU_AVOIDED": json.dumps(avoided),
        "REQUESTS_CA_BUNDLE": demo.authority,
    }
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"),
        "run", f"{demo.ready['url'].rstrip('/')}/api/v1/openapi.json",
        "--tls-verify", demo.authority, "--seed", str(SEED), "--max-examples", str(examples),
    ]
    if only:
        command += ["--include-operation-id-regex", f"^({'|'.join(only)})$"]
    return subprocess.run(command, env=environment, cwd=demo.directory).returncode


def main():
    # Whoever stops this stops the demo too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="nhipcau-properties-") as directory, Demo(directory) as demo:
        file, avoided = prepare(demo)
        as_person = run(demo, "a person with every role", demo.ready["api_token"], file, avoided, EXAMPLES)
        conference = f"/conferences/{demo.ready['conference']}"
        code = demo.call("GET", f"{conference}/codes")["items"][0]
        # The first run may have locked it to the machine that sat there.
        demo.call("POST", f"{conference}/sites/{code['site']}/unlock")
        seat = demo.call("POST", "/join", {"code": code["code"]})
        as_site = run(demo, "a site in its seat", seat["token"], file, avoided, max(EXAMPLES // 2, 1), OF_A_SITE)
        if demo.child.poll() is not None:
            print(f"the demo ended by itself:\n{demo.tail()}")
            return 1
        return 1 if as_person or as_site else 0


if __name__ == "__main__":
    sys.exit(main())
