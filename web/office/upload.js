// @ts-check
// Evidence: what cannot be taken is said when it is chosen; while files are on their way the page shows how far they are, and then sends
// the report as any form. The server judges again; without this module the form works all the same.

for (const form of document.querySelectorAll("form[data-upload]")) {
  if (form instanceof HTMLFormElement) prepare(form);
}

/** @typedef {{ kept: { value: string, name: string, size: string }[], wrong: string[] }} Ahead */

/** @param {HTMLFormElement} form */
function prepare(form) {
  const input = form.querySelector("input[type='file']");
  const told = form.querySelector("[data-upload-told]");
  const box = form.querySelector("[data-upload-bar]");
  const bar = form.querySelector("progress");
  const said = form.querySelector("[data-upload-said]");
  if (!(input instanceof HTMLInputElement && told instanceof HTMLElement && box instanceof HTMLElement))
    return;
  if (!(bar instanceof HTMLProgressElement && said instanceof HTMLElement)) return;
  const { upload, bytes, files, kinds } = form.dataset;
  const words = told.dataset;

  input.addEventListener("change", () => {
    const good = new DataTransfer();
    const wrong = [];
    const before = form.querySelectorAll("input[name='kept']:checked").length;
    for (const file of Array.from(input.files ?? [])) {
      const why = refused(file, good.files.length + before);
      if (why) wrong.push(why.replace("{name}", file.name));
      else good.items.add(file);
    }
    // What is good stays chosen.
    if (wrong.length > 0) input.files = good.files;
    tell(wrong);
  });

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || (input.files ?? []).length === 0) return;
    event.preventDefault();
    sendAhead(event.submitter);
  });

  /** @param {File} file @param {number} before @returns {string | undefined} */
  function refused(file, before) {
    const ending = /\.([^.]+)$/.exec(file.name.normalize("NFC"))?.[1]?.toLowerCase() ?? "";
    if (before >= Number(files)) return words.many;
    if (file.size === 0) return words.empty;
    if (file.size > Number(bytes)) return words.large;
    return (kinds ?? "").split(" ").includes(ending) ? undefined : words.kind;
  }

  /** @param {string[]} sentences */
  function tell(sentences) {
    if (!(told instanceof HTMLElement)) return;
    told.hidden = sentences.length === 0;
    told.textContent = Array.from(new Set(sentences)).join(" ");
    input?.toggleAttribute("aria-invalid", sentences.length > 0);
  }

  /** @param {number | null} share of all that is to be sent; `null` when nothing is on its way */
  function show(share) {
    if (!(box instanceof HTMLElement && bar instanceof HTMLProgressElement && said)) return;
    box.hidden = share === null;
    bar.value = share ?? 0;
    said.textContent = share === null ? "" : `${Math.floor(100 * share)} %`;
  }

  /** @param {HTMLElement | null} button */
  function sendAhead(button) {
    const again = (/** @type {string[]} */ sentences) => {
      show(null);
      delete form.dataset.sent;
      button?.removeAttribute("aria-busy");
      tell(sentences);
      told?.scrollIntoView({ block: "nearest" });
    };
    const parts = new FormData();
    const token = form.querySelector("input[name='csrf']");
    parts.append("csrf", token instanceof HTMLInputElement ? token.value : "");
    for (const file of Array.from(/** @type {HTMLInputElement} */ (input).files ?? []))
      parts.append("evidence", file);
    const request = new XMLHttpRequest();
    request.open("POST", upload ?? "");
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("accept-language", document.documentElement.lang);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) show(event.loaded / event.total);
    });
    request.addEventListener("error", () => again([words.broken ?? ""]));
    request.addEventListener("load", () => {
      // Every answer of the server has a policy; one without is of a proxy on the way.
      if (request.getResponseHeader("content-security-policy") === null)
        return again([(request.status === 413 ? words.proxy : words.broken) ?? ""]);
      if (request.status !== 200) return again([detail(request.responseText) ?? words.broken ?? ""]);
      /** @type {Ahead} */
      const answer = JSON.parse(request.responseText);
      keep(answer.kept);
      /** @type {HTMLInputElement} */ (input).value = "";
      if (answer.wrong.length > 0) return again(answer.wrong);
      // Past the listeners: it was pressed once, and is sent once.
      form.submit();
    });
    tell([]);
    show(0);
    request.send(parts);
  }

  /** Files that arrived stand in the form as after a refusal. @param {Ahead["kept"]} kept */
  function keep(kept) {
    let list = form.querySelector("[data-upload-kept]");
    if (!list) {
      list = document.createElement("ul");
      list.className = "stack tight";
      list.setAttribute("data-upload-kept", "");
      told?.after(list);
    }
    for (const file of kept) {
      const tick = document.createElement("input");
      Object.assign(tick, { type: "checkbox", name: "kept", value: file.value, checked: true });
      const label = document.createElement("label");
      label.className = "check";
      label.append(tick, file.name);
      const size = document.createElement("span");
      size.className = "small soft";
      size.textContent = file.size;
      const row = document.createElement("li");
      row.className = "row close";
      row.append(label, size);
      list.append(row);
    }
  }
}

/** The sentence of a problem document. @param {string} text */
function detail(text) {
  try {
    return /** @type {string | undefined} */ (JSON.parse(text).detail);
  } catch {
    return undefined;
  }
}

export {};
