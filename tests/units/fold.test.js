// The browser's search key is the server's: both are held against one list.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { find, findable, fold } from "../../web/fold.js";

const list = readFileSync(new URL("../../crates/letters/tests/keys.txt", import.meta.url), "utf8");

test("keys are those of the common list", () => {
  let seen = 0;
  for (const line of list.split("\n")) {
    const [text, wanted] = line.split("\t");
    if (text === undefined || wanted === undefined || line.startsWith("#")) continue;
    const spelled = text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    );
    assert.equal(fold(spelled), wanted, text);
    assert.equal(fold(wanted), wanted);
    seen += 1;
  }
  assert.ok(seen > 40, `${seen}`);
});

test("a name written with a look-alike letter is found", () => {
  const names = ["Quận \u00d0ống \u00d0a", "Quận Đông Anh"];
  const all = names.map((name, n) => findable({ key: `${n}`, name, short: "", also: [] }));
  assert.deepEqual(
    find(all, "đống đa", 5).map((one) => one.key),
    ["0"],
  );
});
