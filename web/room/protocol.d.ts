// The room socket, protocol 1, as types. ARCHITECTURE.md says what each means.

export type SeatName = "hall" | "chair" | "operator" | "clerk" | "observer";
export type SeatRef = "main" | { site: number };

export interface You {
  seat: SeatName | { site: number };
  name: string;
  /** Whether this seat sends camera and microphone. */
  sends: boolean;
  /** Whether the server forwards this seat's voice now. The only truth about mute. */
  audible: boolean;
  /** Everybody sees this seat on the stage, or will as soon as it knows. */
  on_stage: boolean;
}

export interface Item {
  id: number;
  title: string;
  planned_minutes: number;
  presenter: string | null;
  state: "past" | "now" | "next";
  /** Start as it was, or as the programme predicts it (ms). */
  starts_at: number | null;
  ended_at?: number | null;
}

export interface Conference {
  id: number;
  title: string;
  phase: "draft" | "open" | "in_session" | "closed" | "concluded";
  /** "2025-01-07" */
  date: string;
  /** "08:00" */
  starts: string;
  items: Item[];
  current_item: number | null;
  main_site: string;
  chair_position: string;
  site_count: number;
}

export interface Turn {
  site: number;
  name: string;
  /** Office held by who speaks. */
  caption: string;
  granted_at: number;
  ends_at: number;
}

export interface Waiting {
  site: number;
  name: string;
  caption: string;
  asked_at: number;
  spoken_ms: number;
}

export interface Floor {
  mode: "one" | "several";
  speaking: Turn[];
  queue: Waiting[];
}

export interface Counts {
  sites: number;
  live: number;
  lost: number;
  /** By roll call. */
  present: number;
  hall: "away" | "joining" | "live" | "lost";
}

export interface StageRow {
  slot: number;
  seat: SeatRef;
  /** Whether there is anything to be seen and heard of it. */
  state: SiteRow["state"];
  name: string;
  caption: string;
}

/** What is known of a sound or a picture that should be on the air. */
export type Leg = "starting" | "good" | "silent" | "missing" | "unwatched";

export interface SiteRow {
  id: number;
  slug: string;
  name: string;
  state: "away" | "joining" | "live" | "lost";
  /** Its page is open. That alone says nothing of picture and sound. */
  page: boolean;
  media: "none" | "joining" | "flowing" | "blocked";
  /** With the floor or on the stage: how it stands with its sound (floor only) and picture there. */
  air?: { sound?: Leg; picture: Leg };
  /** Since when it has been in that state (ms). */
  since: number;
  roll: "unmarked" | "present" | "excused" | "absent";
  locked: boolean;
  /** The operator put it on the stage, where every place is taken. */
  stage_waits?: boolean;
  removed?: boolean;
  /** It sends by WHIP, without a page. */
  encoder?: boolean;
  /** Another machine took the seat then (ms). */
  taken_at?: number;
  /** A second machine was refused at the locked seat then (ms). */
  refused_at?: number;
  head_count?: number;
  telephone?: string;
  /** Office held by its local chair. */
  chair_position?: string;
  /** District or kind under which a wall of hundreds groups it. */
  group?: string;
  ready?: "ready" | "not_ready" | "unseen";
  /** What its own check found wrong. */
  failed?: ("camera" | "microphone" | "loudspeaker" | "echo" | "line")[];
  spoken_ms: number;
  turns: number;
}

/** `[site, level_db, loss_up, loss_down, rtt_ms, trouble, since, figure]`; site 0 is the hall. */
export type WallRow = [
  number,
  number | null,
  number,
  number,
  number,
  string | null,
  number | null,
  number | null,
];

export type Told =
  | "seat_taken"
  | "removed"
  | "locked"
  | "server_stopping"
  | "not_open"
  | "closed"
  | "signed_out"
  | "no_seat"
  | "unruly"
  | "unreadable"
  | "too_slow"
  | "message";

export interface Parts {
  you?: You;
  conference?: Conference;
  floor?: Floor;
  stage?: StageRow[];
  counts?: Counts;
  sites?: SiteRow[];
}

export type FromServer =
  | ({ t: "snapshot"; v: number; build: string; now: number } & Required<Parts>)
  | ({ t: "delta"; v: number; now?: number } & Parts)
  | { t: "answer"; n: number; sdp: string; peer?: string }
  | { t: "no_media"; n: number; code: string; text: string }
  | { t: "done"; id: string; seq: number }
  | { t: "refused"; id: string; code: string; field?: string | null; text: string }
  | { t: "layers"; active: boolean[] }
  | { t: "wall"; rows: WallRow[] }
  | { t: "tick"; v: number; now: number }
  | { t: "told"; code: Told; text: string; until?: number }
  | { t: "reload"; build: string };

export interface Stats {
  rtt_ms: number;
  loss_up: number;
  loss_down: number;
  freezes: number;
  fps_in: number;
  up_kbps: number;
  down_kbps: number;
  mic: "ok" | "silent" | "gone";
  camera: "ok" | "gone";
}

export type ToServer =
  | { t: "hello"; protocol: 1; build: string; peer?: string }
  | { t: "offer"; n: number; sdp: string }
  | { t: "do"; id: string; command: Command }
  | ({ t: "stats" } & Stats)
  | { t: "look"; site: number | null }
  | { t: "mirror"; on: boolean }
  | { t: "talk"; to: null | "all" | number }
  | { t: "bye" };

/** A domain command as JSON: `{"floor":{"grant":{"conference":1,"site":3,"minutes":5}}}`. */
export type Command = Record<string, Record<string, Record<string, unknown>>>;

export type Outcome = { ok: true; seq: number } | { ok: false; code: string; text: string };
