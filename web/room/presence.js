// What a site is to the room: who is seen and heard when invited, and who is not although its page is open.

import { say } from "./words.js";

/** @import { SiteRow } from "./protocol" */

/**
 * Why nobody would see or hear a site now, whatever its page says; "" when its picture and sound get through.
 * @param {SiteRow | undefined} site
 * @returns {"" | "no-media" | "joining" | "lost" | "away"}
 */
export function unseenBecause(site) {
  if (!site || site.state === "live") return "";
  if (site.state !== "joining") return site.state;
  return site.media === "blocked" ? "no-media" : "joining";
}

/**
 * What is wrong with somebody who has the floor, in one sentence; "" while it is not known, and when all is well.
 * @param {SiteRow | undefined} site
 */
export function airTrouble(site) {
  if (!site?.air?.sound) return "";
  const { sound, picture } = site.air;
  const dark = picture === "missing";
  const which =
    sound === "missing"
      ? dark
        ? "nothing"
        : "no-sound"
      : sound === "silent"
        ? dark
          ? "no-picture-silent"
          : "silent"
        : dark
          ? "no-picture"
          : "";
  return which && say(`air-${which}`, { site: site.name });
}

/**
 * Sites by what they are to the room now: here is who is seen and heard when invited, and nobody else.
 * @param {Iterable<SiteRow>} sites
 */
export function presence(sites) {
  /** @type {{here: SiteRow[], joining: SiteRow[], blocked: SiteRow[], lost: SiteRow[], away: SiteRow[]}} */
  const found = { here: [], joining: [], blocked: [], lost: [], away: [] };
  for (const site of sites) {
    const unseen = unseenBecause(site);
    if (!unseen) found.here.push(site);
    else if (unseen === "no-media") found.blocked.push(site);
    else if (unseen === "joining") found.joining.push(site);
    else if (site.state === "lost") found.lost.push(site);
    else found.away.push(site);
  }
  return found;
}
