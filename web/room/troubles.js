// What is wrong, with whom, since when and what to do: the list at the side of the control desk. The hall, which has no tile, comes first.

import { attribute, follow, icon, make, need, redraw, show, text } from "./dom.js";
import { isTrouble, troubleWords } from "./wall.js";
import { lasted, say } from "./words.js";

/** @import { WallRow } from "./protocol" */
/** @import { Tile } from "./wall.js" */

/** Lines that are shown; the rest is a number. */
const TROUBLES_MAX = 12;

export class Troubles {
  /** The hall's line. @type {WallRow | null} */
  hall = null;
  /** @type {(site: number, act: "look" | "call") => void} */
  onact = () => {};

  #sites;
  #list = need("#trouble");
  #hallLine = need("#hall-trouble");

  /** @param {() => Tile[]} sites those in trouble, the worst first */
  constructor(sites) {
    this.#sites = sites;
    this.#list.addEventListener("click", (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("button") : null;
      if (!(pressed instanceof HTMLElement)) return;
      this.onact(Number(pressed.dataset.site), pressed.dataset.act === "look" ? "look" : "call");
    });
  }

  /**
   * @param {string} mainSite
   * @param {number} now
   */
  draw(mainSite, now) {
    const sites = this.#sites();
    const count = sites.length + (this.#drawHall(mainSite, now) ? 1 : 0);
    text(need("#trouble-count"), String(count));
    show(need("#trouble-empty"), count === 0);
    follow(
      this.#list,
      sites.slice(0, TROUBLES_MAX),
      (tile) => tile.site.id,
      (tile) =>
        make(
          "li",
          {},
          icon("m-look"),
          make("b"),
          make("p"),
          make("button", { class: "btn", type: "button", "data-site": String(tile.site.id) }),
        ),
      (li, tile) => {
        const lost = tile.site.state === "lost";
        // Who cannot be seen is called; so is who is not here to be looked at.
        const calls = tile.site.state !== "live";
        const [mark, name, why, act] = /** @type {Element[]} */ ([...li.children]);
        if (!mark || !name || !why || !act) return;
        attribute(li, "data-state", lost ? "lost" : "look");
        redraw(mark, lost ? "m-lost" : "m-look");
        text(name, tile.site.name);
        text(why, sentence(tile, now));
        const label = calls ? say("act-call") : say("act-look");
        text(act, label);
        attribute(act, "aria-label", `${label}: ${tile.site.name}`);
        attribute(act, "data-act", calls ? "call" : "look");
      },
    );
    const more = sites.length - TROUBLES_MAX;
    const rest = need("#trouble-more");
    show(rest, more > 0);
    if (more > 0) text(rest, say("trouble-rest", { n: more }));
  }

  /**
   * Without the hall there is no conference. Says whether there is trouble.
   * @param {string} name
   * @param {number} now
   * @returns {boolean}
   */
  #drawHall(name, now) {
    const trouble = this.hall?.[5] ?? null;
    show(this.#hallLine, trouble !== null);
    if (!this.hall || trouble === null) return false;
    const time = lasted(now - (this.hall[6] ?? now));
    const what = begun({ trouble, figure: this.hall[7] ?? 0 });
    attribute(this.#hallLine, "data-state", trouble === "lost" ? "lost" : "look");
    redraw(need(".mark", this.#hallLine), trouble === "lost" ? "m-lost" : "m-look");
    text(need("b", this.#hallLine), name);
    text(
      need("p", this.#hallLine),
      trouble === "lost" ? say("trouble-hall-lost", { time }) : say("trouble-since", { what, time }),
    );
    return true;
  }
}

/**
 * What, since when, what we do.
 * @param {Tile} tile
 * @param {number} now
 */
export function sentence(tile, now) {
  if (tile.site.state === "lost") return say("trouble-lost", { time: lasted(now - tile.site.since) });
  if (!isTrouble(tile)) {
    if (!tile.site.failed?.length) return say("tile-away");
    const words = troubleWords(tile);
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}. ${say("hint-check")}`;
  }
  const port = need("#announce").dataset.udp ?? "";
  const hint = say(`hint-${(tile.trouble ?? "").replace(/_/g, "-")}`, { port });
  return `${say("trouble-since", { what: begun(tile), time: lasted(now - tile.troubleSince) })} ${hint}`;
}

/** As a sentence begins. @param {{trouble: string | null, figure: number}} tile */
function begun(tile) {
  const words = troubleWords(tile);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
