// How a figure is made, in a dialog beside it: every figure that is a link opens its panel here.
// Without this script, and with a modified click, the link opens the page of the same panel.

const FIGURE = ':is(a.figure, a.figure-note)[href^="/figures/"]';
let asker; // the figure that was asked about, which gets the focus back

const dialog = document.createElement("dialog");
dialog.className = "made-dialog";
dialog.setAttribute("aria-labelledby", "made-title");
const close = document.createElement("button");
close.type = "button";
close.className = "btn made-close";
close.textContent = "Close";
const panel = document.createElement("div");
panel.id = "figure-panel";
dialog.append(panel, close);
document.body.append(dialog);

close.addEventListener("click", () => dialog.close());
// A click beside the panel closes it, as Escape does.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("close", () => {
  panel.replaceChildren();
  const again = asker?.isConnected ? asker : asker && document.getElementById(asker.id);
  again?.focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(FIGURE);
  if (!link || event.defaultPrevented || event.button) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!dialog.open) asker = link;
  window.htmx.ajax("GET", link.getAttribute("href"), { target: panel, swap: "innerHTML" });
});

// Shown once it is there: a failure is said on the page, where it can be read.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== panel) return;
  if (!dialog.open) dialog.showModal();
});

// --- a row of figures is one stop of the Tab key; arrows lead from figure to figure ------------
function stops(scope) {
  for (const row of scope.querySelectorAll("table tr")) {
    row.querySelectorAll(FIGURE).forEach((figure, n) => (figure.tabIndex = n ? -1 : 0));
  }
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const figure = step && event.target.closest?.(FIGURE);
  const row = figure?.closest("table tr");
  if (!row) return;
  const [down, right] = step;
  const figures = [...row.querySelectorAll(FIGURE)];
  const at = figures.indexOf(figure);
  let next = figures[at + right];
  if (down) {
    const rows = [...row.closest("table").rows].filter((each) => each.querySelector(FIGURE));
    const other = rows[rows.indexOf(row) + down];
    const there = other ? [...other.querySelectorAll(FIGURE)] : [];
    next = there[Math.min(at, there.length - 1)];
  }
  if (!next) return;
  event.preventDefault();
  for (const each of next.closest("tr").querySelectorAll(FIGURE)) each.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

document.addEventListener("htmx:afterSettle", (event) => {
  stops(event.detail.elt);
  if (event.detail.target === panel) panel.querySelector("#made-title")?.focus();
});
stops(document);
