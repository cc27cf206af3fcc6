// @ts-check
// What every office page gets on top of its forms: text that is kept while it is typed, one sending per press, printing.
// Nothing here is needed to do anything.

document.documentElement.classList.add("with-script");

const PREFIX = "nhipcau.form.";
/** Drafts that nobody came back to. */
const KEPT_DAYS = 14;

/** @param {string} name */
function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string | null} value */
function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Storage full or forbidden: the form works, only the copy is missing.
  }
}

/** @param {HTMLFormElement} form @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
const typedInto = (form) =>
  Array.from(form.elements).filter(
    /** @returns {element is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */
    (element) =>
      element instanceof HTMLTextAreaElement ||
      element instanceof HTMLSelectElement ||
      (element instanceof HTMLInputElement && ["text", "search", "tel"].includes(element.type)),
  );

/** Keeps what is typed under a name that changes when the thing it is about does. @param {HTMLFormElement} form */
function keepTyped(form) {
  const name = `${PREFIX}${form.dataset.keep}`;
  const refused = document.querySelector('[role="alert"]') !== null;
  const stored = recall(name);
  if (stored !== null && !refused) {
    try {
      /** @type {{ fields: Record<string, string> }} */
      const { fields } = JSON.parse(stored);
      for (const element of typedInto(form)) {
        const value = fields[element.name];
        if (value !== undefined && value !== element.value) {
          element.value = value;
          element.dispatchEvent(new Event("input", { bubbles: true }));
        }
      }
    } catch {
      keep(name, null);
    }
  }
  form.addEventListener("input", () => {
    const fields = Object.fromEntries(typedInto(form).map((element) => [element.name, element.value]));
    keep(name, JSON.stringify({ at: Date.now(), fields }));
  });
  // A draft lives until its form was taken; a page that comes back with errors keeps it.
  form.addEventListener("submit", (event) => {
    const opensElsewhere = event.submitter?.getAttribute("formtarget") === "_blank";
    if (!opensElsewhere) sessionStorage.setItem(`${PREFIX}sent`, name);
  });
}

/** After a form was sent: on a page without errors its draft has served. */
function forgetSent() {
  try {
    const sent = sessionStorage.getItem(`${PREFIX}sent`);
    if (sent === null) return;
    sessionStorage.removeItem(`${PREFIX}sent`);
    if (document.querySelector('[role="alert"]') === null) keep(sent, null);
  } catch {
    // No session storage, no draft to forget.
  }
}

function forgetOld() {
  try {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
      const { at } = JSON.parse(localStorage.getItem(name) ?? "{}");
      if (!(Date.now() - at < KEPT_DAYS * 86_400_000)) localStorage.removeItem(name);
    }
  } catch {
    // Somebody else's value under our name; it will be overwritten.
  }
}

/** One press sends once; the button says so. @param {HTMLFormElement} form */
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.getAttribute("formtarget") === "_blank") return;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    event.submitter?.setAttribute("aria-busy", "true");
  });
}

forgetSent();
forgetOld();
if (document.querySelector("form[data-upload]")) void import("./upload.js");
for (const form of document.querySelectorAll("form")) {
  if (form.dataset.keep !== undefined) keepTyped(form);
  if (form.method === "post") sendOnce(form);
}
// A page taken from the browser's cache must not stay "sent".
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});
for (const button of document.querySelectorAll("[data-print]")) {
  if (!(button instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => print());
}
