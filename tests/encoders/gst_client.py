"""GStreamer's webrtcbin as a WHIP publisher or a WHEP player: gst_client.py publish|watch URL TOKEN FORMAT.

Run by the system's Python, which has the bindings of the system's GStreamer.
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

import whip  # noqa: E402

ENCODER = (
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=700 {more} "
    "! video/x-h264,profile={profile} ! h264parse ! rtph264pay pt=96 config-interval=-1 {pay}"
)
CAPS = "application/x-rtp,media=video,payload=96,clock-rate=90000,encoding-name="


def h264(profile, said, more="", pay="aggregate-mode=zero-latency"):
    """The payloader always says the same of itself; what is to be offered is put in its place."""
    caps = CAPS + "H264" + said
    encode = ENCODER.format(more=more, profile=profile, pay=pay)
    return f'{encode} ! capssetter join=false replace=true caps="{caps}"', caps


# One unit a packet: slices that fit.
SINGLE = {"more": "option-string=slice-max-size=1100", "pay": "aggregate-mode=none mtu=1300"}
FORMATS = {
    "vp8": (
        "vp8enc deadline=1 keyframe-max-dist=30 target-bitrate=700000 ! rtpvp8pay pt=96 picture-id-mode=15-bit",
        CAPS + "VP8",
    ),
    "h264": h264(
        "constrained-baseline", ",packetization-mode=(string)1,profile-level-id=(string)42c01f"
    ),
    "h264-high": h264("high", ",packetization-mode=(string)1,profile-level-id=(string)64001f"),
    "h264-single": h264(
        "constrained-baseline",
        ",packetization-mode=(string)0,profile-level-id=(string)42c01f",
        **SINGLE,
    ),
    "h264-bare": h264("constrained-baseline", "", **SINGLE),
    "vp9": ("vp9enc deadline=1 ! rtpvp9pay pt=96", CAPS + "VP9"),
}
SOUND = "application/x-rtp,media=audio,payload=97,clock-rate=48000,encoding-name=OPUS"


def main():
    role, url, token, wanted = sys.argv[1:5]
    Gst.init(None)
    loop = GLib.MainLoop()
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    session = None

    if role == "publish":
        encode, caps = FORMATS[wanted]
        pipeline = Gst.parse_launch(
            "webrtcbin name=peer bundle-policy=max-bundle "
            "videotestsrc is-live=true pattern=ball ! video/x-raw,width=480,height=270,framerate=30/1 "
            f"! videoconvert ! queue ! {encode} ! {caps} ! peer. "
            f"audiotestsrc is-live=true wave=ticks ! audioconvert ! queue ! opusenc ! rtpopuspay pt=97 ! {SOUND} ! peer."
        )
        direction = GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY
        peer = pipeline.get_by_name("peer")
    else:
        pipeline = Gst.Pipeline.new()
        peer = Gst.ElementFactory.make("webrtcbin", "peer")
        peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        pipeline.add(peer)
        direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        video = CAPS + "H264,packetization-mode=(string)1,profile-level-id=(string)42e01f"
        for caps in (video if wanted == "h264" else CAPS + "VP8", SOUND):
            peer.emit("add-transceiver", direction, Gst.Caps.from_string(caps))

    def posted(local):
        nonlocal session
        answer, session = whip.offer(url, token, local.sdp.as_text())
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        described = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        peer.emit("set-remote-description", described, Gst.Promise.new())
        whip.say(answered=True)

    def gathered(*_):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            posted(peer.get_property("local-description"))

    def offered(promise, *_):
        # What a reply holds lives as long as the reply.
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        peer.emit("set-local-description", offer, Gst.Promise.new())

    def needed(*_):
        for index in range(2):
            transceiver = peer.emit("get-transceiver", index)
            if transceiver:
                transceiver.set_property("direction", direction)
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(offered, None, None))

    frames = {"video": 0, "audio": 0}

    def decoded(bin_, pad):
        kind = "video" if pad.get_current_caps().to_string().startswith("video") else "audio"
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

        def count(*_):
            frames[kind] += 1
            if frames[kind] % 25 == 0:
                whip.say(**frames)
            return Gst.PadProbeReturn.OK

        pad.add_probe(Gst.PadProbeType.BUFFER, count)

    def arrived(_, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", decoded)
        pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    peer.connect("on-negotiation-needed", needed)
    peer.connect("notify::ice-gathering-state", gathered)
    peer.connect("notify::connection-state", lambda *_: whip.say(state=peer.get_property("connection-state").value_nick))
    peer.connect("pad-added", arrived)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    if session:
        whip.goodbye(session, token)
    pipeline.set_state(Gst.State.NULL)


main()
