// @ts-check
// The paper follows the form while it is typed. What is printed in the end is what the server makes of the form, not this.

const form = document.querySelector("#notice-form");

/** @param {string} name */
const place = (name) => document.querySelector(`[data-mirror="${name}"]`);

/** Text as lines under each other. @param {Element} into @param {string[]} lines @param {(line: string) => string} shown */
function asLines(into, lines, shown) {
  into.replaceChildren(
    ...lines.flatMap((line) => [document.createTextNode(shown(line)), document.createElement("br")]),
  );
}

/** @param {string} text */
const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** "07/01/2025" as the decree writes it; months one and two with a zero in front. No day that no calendar has. @param {string} typed */
function dateLine(typed) {
  const found = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(typed);
  if (!found) return null;
  const [, day = "", month = "", year = ""] = found;
  const number = Number(month);
  const meant = new Date(Number(year), number - 1, Number(day));
  if (meant.getMonth() !== number - 1 || meant.getDate() !== Number(day)) return null;
  return `ngày ${day.padStart(2, "0")} tháng ${number < 3 ? `0${number}` : number} năm ${year}`;
}

/** @type {Record<string, (into: Element, value: string) => void>} */
const drawn = {
  number: (into, value) => {
    into.textContent = /^\d+$/.test(value.trim()) ? value.trim().padStart(2, "0") : "\u2003\u2003";
  },
  symbol: (into, value) => {
    into.textContent = value.trim();
  },
  date: (into, value) => {
    into.textContent = dateLine(value) ?? into.textContent;
  },
  opening: (into, value) => {
    into.replaceChildren(
      ...lines(value).map((line) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = line;
        return paragraph;
      }),
    );
  },
  recipients: (into, value) => asLines(into, lines(value), (line) => `- ${line.replace(/[;.]+$/, "")};`),
  authority: (into, value) => asLines(into, lines(value), (line) => line.toLocaleUpperCase("vi")),
  signer: (into, value) => {
    into.textContent = value.trim();
  },
};

/** @param {unknown} field */
function draw(field) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  const into = place(field.name);
  if (into) drawn[field.name]?.(into, field.value);
}

form?.addEventListener("input", (event) => draw(event.target));
// What was typed before may have been put back into the form; the paper is the server's until then.
addEventListener("load", () => {
  for (const field of form instanceof HTMLFormElement ? form.elements : []) draw(field);
});
