// The line itself, whatever camera and microphone give: a burst each way over the page's own line, and a tone without sound that goes to
// the server by UDP and comes back, for some seconds. What is measured is what the words say.

/** @import { Room } from "./room.js" */

/** How long a burst lasts, and how long one piece of it should take. */
const BURST_MS = 3000;
const PIECE_MS = 700;
const PIECE_FIRST = 32 * 1024;
const PIECE_MAX = 512 * 1024;
/** A piece that is not there by then has measured the line. */
const PIECE_WAIT_MS = 12_000;
/** Losses are counted for so long: fifty packets a second each way. */
const TONE_MS = 5000;
/** The way back opens, and the first reports come. */
const TONE_LEAD_MS = 1500;

/** @param {number} ms */
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * How wide the line is in one direction, in kbit/s. The first piece opens the line and is not counted, unless it is all that gets through.
 * @param {(bytes: number, signal: AbortSignal) => Promise<void>} carry
 */
async function width(carry) {
  let bytes = PIECE_FIRST;
  let carried = 0;
  let took = 0;
  let opening = true;
  const until = performance.now() + BURST_MS;
  while (performance.now() < until) {
    const from = performance.now();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PIECE_WAIT_MS);
    try {
      await carry(bytes, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      // Less than a piece in this time: that is what it is at most.
      return Math.round((bytes * 8) / PIECE_WAIT_MS);
    } finally {
      clearTimeout(timer);
    }
    const ms = Math.max(1, performance.now() - from);
    if (!opening || ms > BURST_MS / 2) {
      carried += bytes;
      took += ms;
    }
    opening = false;
    bytes = Math.max(PIECE_FIRST / 4, Math.min(PIECE_MAX, Math.round((bytes * PIECE_MS) / ms)));
  }
  return took ? Math.round((carried * 8) / took) : 0;
}

/** @param {number} conference */
export async function widths(conference) {
  const url = `/room/${conference}/burst`;
  const noise = new Uint8Array(PIECE_MAX);
  for (let at = 0; at < noise.length; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
  /** @param {Response} answer */
  const good = (answer) => {
    if (!answer.ok) throw new Error(`burst ${answer.status}`);
    return answer;
  };
  const up = await width(async (bytes, signal) => {
    const body = noise.subarray(0, bytes);
    good(await fetch(url, { method: "POST", body, signal, cache: "no-store", redirect: "error" }));
  });
  const down = await width(async (bytes, signal) => {
    const answer = good(
      await fetch(`${url}?bytes=${bytes}`, { signal, cache: "no-store", redirect: "error" }),
    );
    await answer.arrayBuffer();
  });
  return { up, down };
}

/**
 * @typedef {object} Losses
 * @property {number} up per mille
 * @property {number | null} down per mille; null when nothing came back to be counted
 * @property {number} rtt ms
 */

/**
 * What UDP loses each way. Our microphone gives way to silence meanwhile, so that nothing is heard when it comes back.
 * @param {Room} room
 * @param {AudioContext} audio
 * @param {MediaStreamTrack | null} microphone what is sent otherwise
 * @returns {Promise<Losses | null>} null when nothing could be counted at all
 */
export async function losses(room, audio, microphone) {
  const { media, socket } = room;
  if (!media) return null;
  const source = new ConstantSourceNode(audio, { offset: 0 });
  const out = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 });
  source.connect(out);
  source.start();
  const track = out.stream.getAudioTracks()[0] ?? null;
  try {
    await media.send("microphone", track);
    socket.mirror(true);
    await wait(TONE_LEAD_MS);
    const before = await counted(media);
    let rtt = Number.POSITIVE_INFINITY;
    const until = performance.now() + TONE_MS;
    while (performance.now() < until) {
      await wait(500);
      rtt = Math.min(rtt, (await counted(media)).rtt);
    }
    // What was sent last is reported a second later.
    await wait(1200);
    const after = await counted(media);
    const sent = after.sent - before.sent;
    if (sent < 50) return null;
    const lost = Math.max(0, after.lost - before.lost);
    const back = after.received - before.received;
    const missed = Math.max(0, after.missed - before.missed);
    const whole = back + missed;
    // Silence on the way back is a loss of all, when the server has heard us and what it hears comes back.
    const upShare = Math.min(1, lost / sent);
    const round = whole > 0 ? missed / whole : 1;
    const down = after.mirrors ? Math.max(0, 1 - (1 - round) / Math.max(0.001, 1 - upShare)) : null;
    return {
      up: Math.round(1000 * upShare),
      down: down === null ? null : Math.round(1000 * Math.min(1, down)),
      rtt: Number.isFinite(rtt) ? Math.round(rtt) : 0,
    };
  } finally {
    socket.mirror(false);
    source.stop();
    await media.send("microphone", microphone);
  }
}

/** @param {NonNullable<Room["media"]>} media */
async function counted(media) {
  const report = await media.report();
  const sum = { sent: 0, lost: 0, received: 0, missed: 0, rtt: Number.POSITIVE_INFINITY, mirrors: false };
  for (const s of report?.values() ?? []) {
    if (s.type === "outbound-rtp" && s.kind === "audio") sum.sent += s.packetsSent ?? 0;
    else if (s.type === "remote-inbound-rtp" && s.kind === "audio") sum.lost += s.packetsLost ?? 0;
    else if (s.type === "inbound-rtp" && s.kind === "audio") {
      sum.received += s.packetsReceived ?? 0;
      sum.missed += s.packetsLost ?? 0;
      sum.mirrors ||= (s.packetsReceived ?? 0) > 0;
    } else if (s.type === "candidate-pair" && s.nominated && s.state === "succeeded")
      sum.rtt = (s.currentRoundTripTime ?? Number.POSITIVE_INFINITY) * 1000;
  }
  return sum;
}
