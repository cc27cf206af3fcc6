// The wall: every site as a tile, trouble first. Size follows need: a site in trouble, with its hand up or on air keeps a full tile
// with words; calm sites shrink until all fit. 600 tiles change several hundred times a second, so everything that arrives is only
// noted, and drawn together once a frame; nothing listens on a tile.

import { findable, isFound } from "../fold.js";
import { steps } from "./devices.js";
import { attribute, icon, make, oncePerFrame, redraw, show, text } from "./dom.js";
import { say } from "./words.js";

/** @import { Floor, SiteRow, StageRow, WallRow } from "./protocol" */

/** Up to here every site has a tile with its name; beyond, calm sites have a small one. */
const NAMED_MAX = 150;
/** Pictures being decoded at once. */
const DECODING_MAX = 8;
/** Pixels across of a picture on a tile with a name, and on a small one. */
const NAMED_PX = 320;
const SMALL_PX = 112;
/** @typedef {"air" | "lost" | "look" | "doing" | "away" | "here"} Look */

/**
 * @typedef {object} Tile
 * @property {SiteRow} site
 * @property {number} order place in the conference's list
 * @property {HTMLLIElement} li
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} picture
 * @property {HTMLElement} level
 * @property {SVGSVGElement} mark
 * @property {HTMLElement} name
 * @property {HTMLElement} why
 * @property {HTMLElement} plate
 * @property {Look} look
 * @property {boolean} wrong somebody should look at it, also while it is on the air
 * @property {number} hand place in the queue, 0 without
 * @property {boolean} staged
 * @property {string | null} trouble
 * @property {number} troubleSince
 * @property {number} figure of the trouble: per mille, or milliseconds
 * @property {number} lossUp
 * @property {number} lossDown
 * @property {number} rtt
 * @property {number} db
 * @property {Blob | null} still the newest
 * @property {boolean} isSmall
 * @property {boolean} isColoured on air or chosen; quiet pictures lose most of their colour
 * @property {number} stillAt
 */

/** @type {Record<Look, string>} */
export const MARKS = {
  air: "m-air",
  lost: "m-lost",
  look: "m-look",
  doing: "m-doing",
  away: "m-away",
  here: "m-here",
};
/** Who needs a look, then who is here, then who is not. @type {Record<Look, number>} */
const RANKS = { air: 0, lost: 1, look: 2, doing: 5, here: 6, away: 7 };

/** A name longer than this is abbreviated the way the Office does it. */
const NAME_CHARS_MAX = 17;
/** The word a body is called by, which stays. */
const HEADS = /^(Sở|Ban|Cục|Chi cục|Hội(?! trường)|Viện|Trường|Văn phòng|Thanh tra|Đài|Trung tâm) /u;

/**
 * As it is said on a tile: "Quận Hoàng Mai" is Hoàng Mai, "Sở Nông nghiệp và Phát triển nông thôn" is Sở NN&PTNT. The full name is in
 * the label and the title.
 * @param {string} name
 */
export function shortName(name) {
  const place = name
    .replace(/ \(.*\)$/u, "")
    .replace(/ Thành phố$/u, " TP")
    .replace(/^(UBND )?(quận|huyện|thị xã|thành phố|phường|xã|thị trấn|đặc khu) (?=\p{Lu})/iu, "");
  const head = HEADS.exec(place)?.[0];
  if (!head || place.length <= NAME_CHARS_MAX) return place;
  const initials = place
    .slice(head.length)
    .replace(/^Quản lý (các )?/u, "QL ")
    .split(" ")
    .filter((word) => word !== "QL")
    .map((word) => (word === "và" ? "&" : word === "-" ? "-" : word.charAt(0).toUpperCase()))
    .join("");
  const managed = place.startsWith("Ban Quản lý ");
  return managed ? `BQL ${initials}` : `${head}${initials}`;
}

export class Wall {
  /** @type {Map<number, Tile>} */
  tiles = new Map();
  /** @type {number | null} */
  selected = null;
  /** @type {(site: number | null) => void} */
  onselect = () => {};
  onchange = () => {};
  /** @type {(tile: Tile, now: number) => string} */
  words = () => "";

  #named;
  #rest;
  #box;
  #now;
  /** @type {Set<Tile>} */
  #dirty = new Set();
  /** Short names that several sites would have: those are called in full. @type {Set<string>} */
  #shared = new Set();
  /** Whose newest picture is not drawn yet. @type {Set<Tile>} */
  #stills = new Set();
  #decoding = 0;
  #worker = new Worker(new URL("./stills.worker.js", import.meta.url));
  #moved = true;
  /** The pointer is over a tile. */
  #pointed = false;
  /** Whose words wait for the hand to go, because they take a line and move what is below. @type {Set<Tile>} */
  #reworded = new Set();
  #filter = "";
  /** The session has not begun. */
  before = false;
  #columns = 1;
  #shape = "";
  #draw;

  /**
   * @param {HTMLElement} box holds both lists and scrolls
   * @param {() => number} now the conference's clock
   */
  constructor(box, now) {
    this.#box = box;
    this.#now = now;
    this.#named = /** @type {HTMLElement} */ (box.querySelector(".wall"));
    this.#rest = /** @type {HTMLElement} */ (box.querySelector(".rest"));
    this.#draw = oncePerFrame(() => this.#flush());
    this.#worker.onmessage = (event) => this.#decoded(event.data);
    box.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest(".tile") : null;
      if (button instanceof HTMLElement) this.select(Number(button.dataset.site));
    });
    box.addEventListener("pointerover", (event) => {
      this.#point(event.target instanceof Element && event.target.closest(".tile") !== null);
    });
    for (const name of ["pointerleave", "pointercancel"])
      box.addEventListener(name, () => this.#point(false));
    box.addEventListener("focusout", () => this.#draw());
    box.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => {
      this.#moved = true;
      this.#draw();
    }).observe(box);
  }

  /**
   * All sites, or those that changed.
   * @param {SiteRow[]} rows
   * @param {boolean} all
   */
  sites(rows, all) {
    if (all) {
      const there = new Set(rows.map((row) => row.id));
      for (const [id, tile] of this.tiles) if (!there.has(id)) this.#remove(tile);
    }
    let isNamedAnew = all;
    for (const row of rows) {
      const tile = this.tiles.get(row.id);
      isNamedAnew ||= row.name !== tile?.site.name;
      if (row.removed) {
        if (tile) this.#remove(tile);
      } else if (tile) {
        tile.site = row;
        this.#note(tile);
      } else this.#add(row);
    }
    if (isNamedAnew) this.#tellApart();
    this.#moved = true;
    this.#draw();
  }

  /** "Xã Tân Lập" and "Phường Tân Lập" are both Tân Lập: a name is short only where one site has it. */
  #tellApart() {
    /** @type {Set<string>} */
    const seen = new Set();
    /** @type {Set<string>} */
    const shared = new Set();
    for (const { site } of this.tiles.values()) {
      const short = shortName(site.name);
      (seen.has(short) ? shared : seen).add(short);
    }
    const changed = [...shared, ...this.#shared].filter((one) => !shared.has(one) || !this.#shared.has(one));
    this.#shared = shared;
    if (changed.length === 0) return;
    for (const tile of this.tiles.values()) if (changed.includes(shortName(tile.site.name))) this.#note(tile);
  }

  /** As short as tells it apart. @param {string} name */
  called(name) {
    const short = shortName(name);
    return this.#shared.has(short) ? name : short;
  }

  /**
   * @param {Floor} floor
   * @param {StageRow[]} stage
   */
  floor(floor, stage) {
    const hands = new Map(floor.queue.map((w, i) => [w.site, i + 1]));
    const speaking = new Set(floor.speaking.map((t) => t.site));
    const staged = new Set(stage.flatMap((row) => (row.seat === "main" ? [] : [row.seat.site])));
    for (const tile of this.tiles.values()) {
      const id = tile.site.id;
      const hand = hands.get(id) ?? 0;
      const on = staged.has(id);
      const air = speaking.has(id);
      if (tile.hand !== hand || tile.staged !== on || (tile.look === "air") !== air) {
        tile.hand = hand;
        tile.staged = on;
        tile.look = air ? "air" : "here";
        this.#note(tile);
      }
    }
  }

  /** @param {WallRow[]} rows */
  lines(rows) {
    for (const [id, db, lossUp, lossDown, rtt, trouble, since, figure] of rows) {
      const tile = this.tiles.get(id);
      if (!tile) continue;
      tile.db = db ?? -100;
      tile.lossUp = lossUp;
      tile.lossDown = lossDown;
      tile.rtt = rtt;
      tile.trouble = trouble;
      tile.troubleSince = since ?? 0;
      tile.figure = figure ?? 0;
      this.#note(tile);
    }
  }

  /**
   * @param {number} id
   * @param {Blob} jpeg
   */
  still(id, jpeg) {
    const tile = this.tiles.get(id);
    if (!tile) return;
    tile.still = jpeg;
    tile.stillAt = this.#now();
    this.#stills.add(tile);
    this.#decode();
  }

  /** Words with a "since" in them grow older: once a second is often enough. */
  age() {
    for (const tile of this.tiles.values()) {
      if (tile.wrong) this.#note(tile);
    }
  }

  /** @param {string} typed */
  find(typed) {
    this.#filter = typed;
    for (const tile of this.tiles.values()) {
      attribute(tile.button, "data-dim", isNamed(tile.site, typed) ? null : "");
    }
  }

  /** The first site that is found, in the order seen. */
  get found() {
    return this.#order().find((tile) => isNamed(tile.site, this.#filter)) ?? null;
  }

  /**
   * @param {number | null} id
   * @param {boolean} [focus]
   */
  select(id, focus = false) {
    if (this.selected !== id) {
      const before = this.selected === null ? undefined : this.tiles.get(this.selected);
      this.selected = id;
      if (before) this.#note(before);
      const tile = id === null ? undefined : this.tiles.get(id);
      if (tile) {
        this.#note(tile);
        tile.isColoured = true;
        if (tile.still) this.#stills.add(tile);
        this.#decode();
        requestAnimationFrame(() => tile.button.scrollIntoView({ block: "nearest" }));
      }
      this.#moved = true;
      this.onselect(id);
    }
    if (focus && id !== null) this.tiles.get(id)?.button.focus();
    this.#draw();
  }

  /** Sites in trouble, the worst first. */
  troubles() {
    return [...this.tiles.values()]
      .filter((tile) => tile.wrong)
      .sort((a, b) => gravity(a) - gravity(b) || this.#since(a) - this.#since(b));
  }

  nextTrouble() {
    const troubles = this.troubles();
    const at = troubles.findIndex((tile) => tile.site.id === this.selected);
    const next = troubles[(at + 1) % troubles.length];
    if (next) this.select(next.site.id, true);
  }

  counts() {
    const counts = { good: 0, joining: 0, look: 0, lost: 0, away: 0 };
    for (const tile of this.tiles.values()) {
      if (tile.site.state === "lost") counts.lost++;
      else if (tile.site.state === "away") counts.away++;
      else if (tile.wrong) counts.look++;
      else if (tile.site.state === "joining") counts.joining++;
      else counts.good++;
    }
    return counts;
  }

  /** @param {Tile} tile */
  #since(tile) {
    return tile.site.state === "lost" ? tile.site.since : tile.troubleSince;
  }

  /** @param {SiteRow} row */
  #add(row) {
    const picture = document.createElement("canvas");
    picture.dataset.blank = "";
    const mark = icon("m-away");
    const name = make("span", { class: "one-line" });
    const level = make("span", { class: "level" });
    const why = make("span", { class: "why" });
    const plate = make("span", { class: "plate" }, icon("i-hand"), make("span"));
    const button = /** @type {HTMLButtonElement} */ (
      make(
        "button",
        { class: "tile", type: "button", "data-site": String(row.id), tabindex: "-1" },
        picture,
        plate,
        level,
        make("span", { class: "name" }, mark, name),
        why,
      )
    );
    /** @type {Tile} */
    const tile = {
      site: row,
      order: this.tiles.size,
      li: /** @type {HTMLLIElement} */ (make("li", {}, button)),
      button,
      picture,
      level,
      mark,
      name,
      why,
      plate,
      look: "away",
      wrong: false,
      hand: 0,
      staged: false,
      trouble: null,
      troubleSince: 0,
      figure: 0,
      lossUp: 0,
      lossDown: 0,
      rtt: 0,
      db: -100,
      still: null,
      isSmall: false,
      isColoured: false,
      stillAt: 0,
    };
    this.tiles.set(row.id, tile);
    this.#note(tile);
  }

  /** @param {Tile} tile */
  #remove(tile) {
    this.tiles.delete(tile.site.id);
    this.#dirty.delete(tile);
    this.#stills.delete(tile);
    this.#reworded.delete(tile);
    tile.li.remove();
    if (this.selected === tile.site.id) this.select(null);
    this.#moved = true;
  }

  /** @param {Tile} tile */
  #note(tile) {
    this.#dirty.add(tile);
    this.#draw();
  }

  /** An address for each of 150 pictures a second would cost ten times as much as handing over its pixels. */
  #decode() {
    while (this.#decoding < DECODING_MAX) {
      const [tile] = this.#stills;
      if (!tile?.still) return;
      this.#stills.delete(tile);
      this.#decoding++;
      this.#worker.postMessage({
        id: tile.site.id,
        jpeg: tile.still,
        width: tile.isSmall ? SMALL_PX : NAMED_PX,
        quiet: !tile.isColoured,
      });
    }
  }

  /** @param {{id: number, bitmap: ImageBitmap | null}} decoded */
  #decoded({ id, bitmap }) {
    this.#decoding--;
    const picture = this.tiles.get(id)?.picture;
    if (picture && bitmap) {
      picture.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
      picture.removeAttribute("data-blank");
    }
    this.#decode();
  }

  /** @param {boolean} on */
  #point(on) {
    if (this.#pointed === on) return;
    this.#pointed = on;
    if (!on) this.#draw();
  }

  /** Somebody aims at a tile, with the pointer or the keys: nothing moves until the hand is away, however long that is. */
  get #aimed() {
    return this.#pointed || Boolean(document.activeElement?.matches(".tile:focus-visible"));
  }

  #flush() {
    for (const tile of this.#dirty) this.#update(tile);
    this.#dirty.clear();
    if (this.#moved && this.#arrange()) this.#moved = false;
    this.onchange();
  }

  /** @param {Tile} tile */
  #update(tile) {
    const { site } = tile;
    const before = tile.look;
    const absent = site.state === "away";
    // What a check found is of use while there is time to mend it, and as long as the site is here.
    const checked = Boolean(site.failed?.length) && (!absent || this.before);
    tile.wrong = site.state === "lost" || isTrouble(tile) || checked || (tile.look === "air" && absent);
    if (tile.look !== "air") {
      tile.look =
        site.state === "lost"
          ? "lost"
          : absent
            ? "away"
            : tile.wrong
              ? "look"
              : site.state === "joining"
                ? "doing"
                : "here";
    }
    const why = this.words(tile, this.#now());
    const worded = tile.wrong;
    attribute(tile.button, "data-state", tile.look);
    attribute(tile.button, "data-wrong", tile.wrong ? "" : null);
    redraw(tile.mark, tile.look === "air" && tile.wrong ? "m-look" : MARKS[tile.look]);
    text(tile.name, this.called(site.name));
    attribute(tile.button, "title", site.name);
    attribute(tile.button, "aria-label", `${site.name}: ${why}`);
    if (worded) text(tile.why, why);
    if (tile.why.hidden === worded) {
      this.#reworded.add(tile);
      this.#moved = true;
    }
    show(tile.plate, tile.hand > 0);
    if (tile.hand) text(/** @type {Element} */ (tile.plate.lastElementChild), String(tile.hand));
    attribute(tile.level, "data-level", String(site.state === "live" ? steps(tile.db) : 0));
    attribute(tile.button, "aria-pressed", site.id === this.selected ? "true" : "false");
    attribute(tile.button, "tabindex", this.#tabbable(tile) ? "0" : "-1");
    attribute(tile.button, "data-locked", site.locked ? "" : null);
    attribute(tile.button, "data-staged", tile.staged ? "" : null);
    if (before !== tile.look || this.#rank(tile) !== Number(tile.li.dataset.rank)) this.#moved = true;
  }

  /** @param {Tile} tile */
  #tabbable(tile) {
    if (this.selected !== null) return tile.site.id === this.selected;
    return tile === this.tiles.values().next().value;
  }

  /** @param {Tile} tile */
  #rank(tile) {
    const rank = RANKS[tile.look];
    if (tile.look === "here" || tile.look === "doing" || tile.look === "away") {
      if (tile.wrong) return 2.5;
      if (tile.hand) return 3 + tile.hand / 1000;
      if (tile.staged) return 4;
    }
    return rank;
  }

  #order() {
    return [...this.tiles.values()].sort((a, b) => this.#rank(a) - this.#rank(b) || a.order - b.order);
  }

  /** Puts tiles where they belong; false when a hand is on the wall, and then only new ones are put behind the others. */
  #arrange() {
    if (this.#aimed) {
      for (const { li } of this.tiles.values()) if (!li.parentElement) this.#named.append(li);
      return false;
    }
    for (const tile of this.#reworded) show(tile.why, tile.wrong);
    this.#reworded.clear();
    const order = this.#order();
    const many = order.length > NAMED_MAX;
    /** @param {Tile} tile */
    const needy = (tile) => !many || this.#rank(tile) < 5 || tile.site.id === this.selected;
    const named = order.filter(needy);
    for (const tile of order) {
      const isSmall = !needy(tile);
      const isColoured = tile.look === "air" || tile.site.id === this.selected;
      if (tile.isSmall === isSmall && tile.isColoured === isColoured) continue;
      tile.isSmall = isSmall;
      tile.isColoured = isColoured;
      if (tile.still) this.#stills.add(tile);
    }
    this.#decode();
    const calm = order.filter((tile) => !needy(tile)).sort((a, b) => a.order - b.order);
    this.#place(
      this.#named,
      named.map((tile) => tile.li),
    );
    /** @type {HTMLElement[]} */
    const rest = [];
    let group = "";
    for (const tile of calm) {
      if (tile.site.group && tile.site.group !== group) {
        group = tile.site.group;
        const n = calm.filter((t) => t.site.group === group).length;
        rest.push(make("li", { class: "place" }, group, make("span", { class: "num" }, String(n))));
      }
      rest.push(tile.li);
    }
    for (const label of this.#rest.querySelectorAll(".place")) label.remove();
    this.#place(this.#rest, rest);
    show(this.#rest, rest.length > 0);
    for (const tile of order) tile.li.dataset.rank = String(this.#rank(tile));
    this.#fit(named.length, rest.length);
    // Who is chosen stays in sight when the order changes, which it does not under a hand.
    if (this.selected !== null) this.tiles.get(this.selected)?.button.scrollIntoView({ block: "nearest" });
    return true;
  }

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement[]} items
   */
  #place(list, items) {
    const focused = document.activeElement;
    let at = list.firstElementChild;
    for (const item of items) {
      if (item === at) at = at.nextElementSibling;
      else list.insertBefore(item, at);
    }
    if (focused instanceof HTMLElement && focused !== document.activeElement && list.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  /**
   * The widest tiles with which everything is seen at once. Measured, not reckoned: captions, reasons and group names take what they take.
   * @param {number} named
   * @param {number} rest
   */
  #fit(named, rest) {
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (!width || !height) return;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const gap = 0.375 * rem;
    const shape = `${named} ${rest} ${width} ${height} ${this.#named.querySelectorAll(".why:not([hidden])").length}`;
    // An open tray takes height from the wall; tiles that shrank for it would move under the hand.
    if (shape === this.#shape || (this.selected !== null && this.#shape)) return;
    this.#shape = shape;
    const columnsOf = (/** @type {number} */ tile) => Math.max(1, Math.floor((width - gap) / (tile + gap)));
    const set = (/** @type {string} */ name, /** @type {number} */ px) =>
      this.#box.style.setProperty(name, `${px}px`);
    const overflows = () => this.#box.scrollHeight > this.#box.clientHeight + 1;

    // Calm sites first at their smallest, so that the needy ones get what is left; then the calm ones grow into the remainder.
    const smallest = 1.75 * rem;
    if (rest) set("--small", smallest);
    const least = columnsOf((rest ? 8 : 15) * rem);
    const most = columnsOf(5.75 * rem);
    let columns = least;
    for (; columns <= most; columns++) {
      set("--tile", Math.floor((width - gap * (columns + 1)) / columns));
      if (!overflows()) break;
    }
    this.#columns = Math.min(columns, most);
    if (!rest) return;
    let low = smallest;
    let high = 6 * rem;
    for (let i = 0; i < 6; i++) {
      const middle = (low + high) / 2;
      set("--small", middle);
      if (overflows()) high = middle;
      else low = middle;
    }
    set("--small", Math.floor(low * 4) / 4);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!event.key.startsWith("Arrow") || event.ctrlKey || event.altKey || event.metaKey) return;
    const buttons = /** @type {HTMLElement[]} */ ([...this.#box.querySelectorAll(".tile")]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0) return;
    event.preventDefault();
    let next = at;
    if (event.key === "ArrowRight") next = at + 1;
    else if (event.key === "ArrowLeft") next = at - 1;
    else next = this.#vertical(buttons, at, event.key === "ArrowDown" ? 1 : -1);
    const button = buttons[Math.max(0, Math.min(buttons.length - 1, next))];
    if (button) this.select(Number(button.dataset.site), true);
  }

  /**
   * @param {HTMLElement[]} buttons
   * @param {number} at
   * @param {number} step
   */
  #vertical(buttons, at, step) {
    const here = buttons[at]?.getBoundingClientRect();
    if (!here) return at;
    const x = here.left + here.width / 2;
    let row = null;
    let best = at;
    let distance = Number.POSITIVE_INFINITY;
    for (let i = at + step; i >= 0 && i < buttons.length; i += step) {
      const box = /** @type {HTMLElement} */ (buttons[i]).getBoundingClientRect();
      if (Math.abs(box.top - here.top) < 4) continue;
      row ??= box.top;
      if (Math.abs(box.top - row) > 4) break;
      const d = Math.abs(box.left + box.width / 2 - x);
      if (d < distance) {
        distance = d;
        best = i;
      }
    }
    return best === at ? at + step * this.#columns : best;
  }
}

/**
 * What is said of a site on its tile and in its label.
 * @param {Tile} tile
 * @param {string} lasted how long it has been so, in words
 */
export function tileWords(tile, lasted) {
  switch (tile.look) {
    case "air":
      return tile.wrong ? `${say("tile-air")} · ${wrongOnAir(tile, lasted)}` : say("tile-air");
    case "lost":
      return say("tile-lost", { time: lasted });
    case "away":
      return tile.wrong ? `${say("tile-away")} · ${troubleWords(tile)}` : say("tile-away");
    case "look":
      return troubleWords(tile);
    case "doing":
      return say("tile-joining");
    case "here":
      return tile.hand ? say("tile-hand", { n: tile.hand }) : say("tile-here");
  }
}

/** @param {Tile} tile @param {string} lasted */
function wrongOnAir(tile, lasted) {
  if (tile.site.state === "lost") return say("tile-lost", { time: lasted });
  if (tile.site.state === "away") return say("tile-away");
  return troubleWords(tile);
}

/** @param {{trouble: string | null, figure: number, site?: SiteRow}} tile */
export function troubleWords(tile) {
  if (!isTrouble(tile) && tile.site?.failed?.length) {
    const what = tile.site.failed.map((test) => say(`check-${test}-name`)).join(", ");
    return say("trouble-check", { what });
  }
  const percent = (/** @type {number} */ permille) => String(Math.round(permille / 10));
  switch (tile.trouble) {
    case "loss_up":
      return say("trouble-loss-up", { n: percent(tile.figure) });
    case "loss_down":
      return say("trouble-loss-down", { n: percent(tile.figure) });
    case "slow_line":
      return say("trouble-slow-line", { n: tile.figure });
    default:
      return say(`trouble-${(tile.trouble ?? "").replace(/_/g, "-")}`);
  }
}

/** That a line is lost is told by the state of its site, sooner than by its figures. @param {{trouble: string | null}} tile */
export const isTrouble = ({ trouble }) => trouble !== null && trouble !== "lost";

/** The floor first, then lost lines, then what stands in the way now, then what a check found. @param {Tile} tile */
function gravity(tile) {
  if (tile.look === "air") return 0;
  if (tile.look === "lost") return 1;
  return isTrouble(tile) ? 2 : 3;
}

/** @param {SiteRow} site @param {string} typed */
function isNamed({ name, slug }, typed) {
  return isFound(findable({ key: slug, name, short: "", also: [slug] }), typed);
}
