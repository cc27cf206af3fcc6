"""What WHIP and WHEP clients have in common: the offer is posted, the answer comes back, the session is deleted."""

import json
import os
import ssl
import urllib.error
import urllib.request


def _ask(url, token, method, body=None):
    # The program under test signs its own certificate.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    head = {"authorization": f"Bearer {token}"}
    if body is not None:
        head["content-type"] = "application/sdp"
    request = urllib.request.Request(url, data=body, headers=head, method=method)
    return urllib.request.urlopen(request, context=context)


def offer(url, token, sdp):
    """The answer, and where the session is. A refusal ends the program with its words."""
    try:
        with _ask(url, token, "POST", sdp.encode()) as response:
            base = "/".join(url.split("/")[:3])
            return response.read().decode(), base + response.headers["location"]
    except urllib.error.HTTPError as refused:
        say(refused=refused.code, detail=json.loads(refused.read()).get("detail", ""))
        # From whatever thread.
        os._exit(3)


def goodbye(session, token):
    try:
        _ask(session, token, "DELETE").close()
    except urllib.error.HTTPError:
        pass


def say(**news):
    """One line of JSON for the scenario that started this program."""
    print(json.dumps(news), flush=True)
