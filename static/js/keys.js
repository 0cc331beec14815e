// Single keys, for those who switched them on in their settings (WCAG 2.1.4). Never while a field or
// a dialog has the focus, and never together with Ctrl, Alt or Meta: those are the browser's.

const help = document.getElementById("keys");
const WITHIN = 1500; // milliseconds between g and the letter after it

let went = -Infinity; // when g was pressed

function search() {
  const field = document.querySelector("main input[type=search], main [data-search]");
  field?.focus();
  field?.select?.();
}

function go(letter) {
  document.querySelector(`[data-go="${letter}"]`)?.click();
}

// From row to row of the page's tables, by what each row links to.
function step(by) {
  const linkOf = (row) => row.querySelector("th a[href]") ?? row.querySelector("a[href]");
  const rows = [...document.querySelectorAll("main tbody tr")].filter(linkOf);
  const here = rows.indexOf(document.activeElement.closest("main tbody tr"));
  const next = here < 0 ? rows.at(by > 0 ? 0 : -1) : rows[here + by];
  if (next) linkOf(next).focus();
}

const KEYS = {
  "?": () => help.showModal(),
  "/": search,
  j: () => step(1),
  k: () => step(-1),
  g: () => (went = performance.now()),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
  const after = performance.now() - went < WITHIN;
  went = -Infinity;
  if (after && /^[a-z]$/.test(event.key)) {
    event.preventDefault();
    return go(event.key);
  }
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) help.showModal();
});
