"""aiortc as a WHIP publisher or a WHEP player: aiortc_client.py publish|watch URL TOKEN FORMAT."""

import asyncio
import fractions
import signal
import sys

import whip
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from aiortc.rtcrtpsender import RTCRtpSender
from av import VideoFrame


class Picture(VideoStreamTrack):
    """A bar that wanders, in a size that no other client sends."""

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(480, 270, "yuv420p")
        at = (pts // 3000 * 4) % 480
        for number, plane in enumerate(frame.planes):
            row = bytearray([90 if number == 0 else 128] * plane.line_size)
            if number == 0:
                row[at : at + 16] = bytes([230] * len(row[at : at + 16]))
            plane.update(bytes(row) * plane.height)
        frame.pts, frame.time_base = pts, fractions.Fraction(time_base)
        return frame


async def count(track, frames):
    try:
        while True:
            await track.recv()
            frames[track.kind] += 1
            if frames[track.kind] % 25 == 0:
                whip.say(**frames)
    except MediaStreamError:
        pass


async def main():
    role, url, token, wanted = sys.argv[1:5]
    # Asks nobody outside where it is.
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    peer.on("connectionstatechange", lambda: whip.say(state=peer.connectionState))
    tasks = []
    if role == "publish":
        peer.addTransceiver(AudioStreamTrack(), direction="sendonly")
        video = peer.addTransceiver(Picture(), direction="sendonly")
    else:
        frames = {"video": 0, "audio": 0}
        peer.on("track", lambda track: tasks.append(asyncio.ensure_future(count(track, frames))))
        peer.addTransceiver("audio", direction="recvonly")
        video = peer.addTransceiver("video", direction="recvonly")
    all_codecs = RTCRtpSender.getCapabilities("video").codecs
    kept = [c for c in all_codecs if c.mimeType.lower() in (f"video/{wanted}", "video/rtx")]
    video.setCodecPreferences(kept)
    await peer.setLocalDescription(await peer.createOffer())
    answer, session = whip.offer(url, token, peer.localDescription.sdp)
    whip.say(answered=True)
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await over.wait()
    whip.goodbye(session, token)
    await peer.close()


asyncio.run(main())
