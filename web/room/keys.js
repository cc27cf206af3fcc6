// Keyboard and television remote. Single keys rest while somebody types or composes; what cannot be taken back wants OK held.

/** How long OK is held for what cannot be taken back. */
const HOLD_MS = 1000;
/** Some remotes send a held key as quick pairs of down and up; a gap this short is still the same press. */
const GAP_MS = 220;
const ARMED_MS = 5000;

const MUTED = "single-keys-off";

/** @param {KeyboardEvent} event */
export function composing(event) {
  // 229 is what an input method sends in place of the key.
  return event.isComposing || event.keyCode === 229;
}

/** @param {EventTarget | null} target */
export function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement &&
    !["button", "checkbox", "radio", "range", "submit"].includes(target.type)
  );
}

/**
 * Single-key commands of a desk. A key is "g", "Shift+M", "Escape", "?".
 * @param {Record<string, (event: KeyboardEvent) => void>} commands
 */
export function shortcuts(commands) {
  addEventListener("keydown", (event) => {
    if (composing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    // A dialog closes itself, and what lies under it stays.
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    if (typing(event.target)) {
      if (event.key === "Escape") commands.Escape?.(event);
      return;
    }
    const single = event.key.length === 1 && event.key !== "?";
    if (single && localStorage.getItem(MUTED)) return;
    const name =
      event.shiftKey && /^[A-Za-z]$/.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key;
    const command = commands[name] ?? commands[name.toLowerCase()];
    if (!command) return;
    if (event.repeat && !name.startsWith("Arrow")) return;
    command(event);
  });
}

export const singleKeys = {
  get off() {
    return Boolean(localStorage.getItem(MUTED));
  },
  /** @param {boolean} off */
  set(off) {
    if (off) localStorage.setItem(MUTED, "1");
    else localStorage.removeItem(MUTED);
  },
};

/**
 * A button that acts when held. A click that comes without a press (a screen reader, a switch) arms it, and a second one acts.
 * @param {HTMLElement} button
 * @param {() => void} act
 * @param {{armed: (on: boolean) => void}} say tells the person that a second press is needed
 */
export function hold(button, act, say) {
  let timer = 0;
  let release = 0;
  let armed = 0;
  let pressed = false;

  const end = () => {
    clearTimeout(timer);
    clearTimeout(release);
    timer = 0;
    release = 0;
    button.removeAttribute("data-held");
  };
  const begin = () => {
    clearTimeout(release);
    release = 0;
    if (timer || button.hasAttribute("disabled")) return;
    pressed = true;
    button.setAttribute("data-held", "");
    timer = setTimeout(() => {
      end();
      say.armed(false);
      act();
    }, HOLD_MS);
  };
  button.addEventListener("pointerdown", (event) => {
    if (event.button === 0) begin();
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"])
    button.addEventListener(name, end);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    begin();
  });
  button.addEventListener("keyup", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    clearTimeout(release);
    release = setTimeout(end, GAP_MS);
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const byHand = pressed;
    pressed = false;
    if (byHand) return;
    if (armed) {
      clearTimeout(armed);
      armed = 0;
      say.armed(false);
      act();
      return;
    }
    say.armed(true);
    armed = setTimeout(() => {
      armed = 0;
      say.armed(false);
    }, ARMED_MS);
  });
}

/**
 * Arrow keys of a remote: the nearest thing to operate in that direction takes the focus.
 * @param {ParentNode} [root]
 */
export function arrows(root = document) {
  addEventListener("keydown", (event) => {
    const direction = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[
      event.key
    ];
    if (!direction || composing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target;
    if (target instanceof HTMLSelectElement) return;
    if (typing(target) && direction[1] === 0) return;
    const open = document.querySelector("dialog[open]");
    const within = open ?? root;
    const from = document.activeElement;
    const origin = from && from !== document.body ? from.getBoundingClientRect() : null;
    let best = null;
    let distance = Number.POSITIVE_INFINITY;
    for (const element of within.querySelectorAll(
      "a[href], button:not(:disabled), input, select, textarea, summary",
    )) {
      if (!(element instanceof HTMLElement) || element === from || element.offsetParent === null) continue;
      const box = element.getBoundingClientRect();
      if (!origin) {
        best = element;
        break;
      }
      const dx = (box.left + box.right - origin.left - origin.right) / 2;
      const dy = (box.top + box.bottom - origin.top - origin.bottom) / 2;
      const along = dx * (direction[0] ?? 0) + dy * (direction[1] ?? 0);
      const across = Math.abs(dx * (direction[1] ?? 0)) + Math.abs(dy * (direction[0] ?? 0));
      if (along <= 2) continue;
      const d = along + 2 * across;
      if (d < distance) {
        distance = d;
        best = element;
      }
    }
    if (best) {
      event.preventDefault();
      best.focus();
    }
  });
}
