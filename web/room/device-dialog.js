// Choice of camera, microphone and loudspeaker, with a level to see and a bell to hear; and how the page is looked at.

import { chime } from "./chime.js";
import { steps } from "./devices.js";
import { attribute, make, need, show } from "./dom.js";
import { say } from "./words.js";

/** @import { Devices, Kind } from "./devices.js" */
/** @import { Slots } from "./slots.js" */

const TELEVISION = "television";

/**
 * @param {Devices} devices
 * @param {Slots} slots
 */
export function deviceDialog(devices, slots) {
  const dialog = /** @type {HTMLDialogElement} */ (need("#devices"));
  const selects = {
    camera: /** @type {HTMLSelectElement} */ (need("#device-camera")),
    microphone: /** @type {HTMLSelectElement} */ (need("#device-microphone")),
    loudspeaker: /** @type {HTMLSelectElement} */ (need("#device-loudspeaker")),
  };
  const level = need("#device-level");

  async function fill() {
    const list = await devices.list();
    for (const kind of /** @type {const} */ (["camera", "microphone", "loudspeaker"])) {
      const select = selects[kind];
      const used = kind === "loudspeaker" ? devices.loudspeaker : devices.track[kind]?.getSettings().deviceId;
      select.replaceChildren(
        ...list[kind].map(({ id, label }, i) => {
          const option = make("option", { value: id }, label || say("device-unnamed", { n: i + 1 }));
          if (id === used) option.setAttribute("selected", "");
          return option;
        }),
      );
      if (kind === "loudspeaker") select.prepend(make("option", { value: "" }, say("device-of-system")));
      if (used !== undefined) select.value = used;
      attribute(select, "disabled", list[kind].length ? null : "");
      if (!list[kind].length && kind !== "loudspeaker") select.append(make("option", {}, say("device-none")));
    }
    // Firefox 115 follows the system's loudspeaker.
    const field = selects.loudspeaker.closest(".field");
    if (field instanceof HTMLElement) show(field, "setSinkId" in HTMLMediaElement.prototype);
  }

  need("#devices-open").addEventListener("click", () => {
    fill();
    dialog.showModal();
  });
  navigator.mediaDevices?.addEventListener("devicechange", () => dialog.open && fill());
  for (const kind of /** @type {Kind[]} */ (["camera", "microphone"])) {
    selects[kind].addEventListener("change", async () => {
      await devices.choose(kind, selects[kind].value);
      fill();
    });
  }
  selects.loudspeaker.addEventListener("change", () => {
    devices.chooseLoudspeaker(selects.loudspeaker.value);
    slots.loudspeaker(selects.loudspeaker.value);
  });
  if (devices.loudspeaker) slots.loudspeaker(devices.loudspeaker);
  need("#device-bell").addEventListener("click", () => chime(devices.audio));
  setInterval(() => {
    if (dialog.open) attribute(level, "data-level", String(steps(devices.levelDb)));
  }, 100);

  const television = document.querySelector("#device-television");
  if (television instanceof HTMLInputElement) {
    const stored = localStorage.getItem(TELEVISION);
    const on = stored ? stored === "1" : document.documentElement.classList.contains("tv");
    document.documentElement.classList.toggle("tv", on);
    television.checked = on;
    television.addEventListener("change", () => {
      document.documentElement.classList.toggle("tv", television.checked);
      localStorage.setItem(TELEVISION, television.checked ? "1" : "0");
    });
  }
  return dialog;
}
