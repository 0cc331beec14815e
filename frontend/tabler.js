// Of Tabler's 3,800 classes we use some forty: the rules of the others would be fetched, parsed and
// held against every element before anything is painted. A class that a template begins to use is
// added here; tests/test_look.py fails until it is.

import { readFile, readdir } from "node:fs/promises";
import postcss from "postcss";

const USED = new Set(
  `btn btn-danger btn-primary btn-sm card card-body card-note card-title chart d-block empty figure
  form-check form-check-input form-check-label form-control form-label form-select h3 input-group
  input-group-text legend mark mb-0 mb-2 mb-3 mt-3 page position-absolute prose small
  table timeline visually-hidden`.split(/\s+/),
);
// Tabler's own choice of themes, by attributes that no page of ours has.
const THEMES = /\[data-bs-theme-/;
const OURS = "static/css";

const CLASS = /\.(-?[a-z_][\w-]*)/gi;
const WITHOUT = /:not\([^()]*\)/g; // what an element must not have, it may well lack

const applies = (selector) =>
  !THEMES.test(selector) && [...selector.replaceAll(WITHOUT, "").matchAll(CLASS)].every(([, name]) => USED.has(name));

function keepUsed(sheet) {
  sheet.walkRules((rule) => {
    if (rule.parent.name === "keyframes") return;
    rule.selectors = rule.selectors.filter(applies);
    if (!rule.selector) rule.remove();
  });
}

// A property that nothing reads may have been all that read another.
function keepRead(sheet, ours) {
  for (let before = Infinity, now = sheet.toString().length; now < before; ) {
    const text = sheet.toString() + ours;
    const read = new Set(Array.from(text.matchAll(/var\(\s*(--[\w-]+)/g), ([, name]) => name));
    sheet.walkDecls(/^--/, (declaration) => {
      if (!read.has(declaration.prop)) declaration.remove();
    });
    [before, now] = [now, sheet.toString().length];
  }
  const moves = new Set();
  sheet.walkDecls(/^animation/, ({ value }) => value.split(/[\s,]+/).forEach((word) => moves.add(word)));
  sheet.walkAtRules("keyframes", (rule) => {
    if (!moves.has(rule.params)) rule.remove();
  });
}

/** Returns what of Tabler's sheet applies to a page of ours. */
async function reduced(path) {
  const sheet = postcss.parse(await readFile(path, "utf8"), { from: path });
  const names = (await readdir(OURS)).filter((name) => name.endsWith(".css"));
  const ours = await Promise.all(names.map((name) => readFile(`${OURS}/${name}`, "utf8")));
  keepUsed(sheet);
  keepRead(sheet, ours.join(""));
  return sheet.toString();
}

/** Has esbuild bundle that instead of the whole sheet. */
export const tabler = {
  name: "tabler",
  setup: ({ onLoad }) =>
    onLoad({ filter: /@tabler.core.*\.css$/ }, async ({ path }) => ({ contents: await reduced(path), loader: "css" })),
};
