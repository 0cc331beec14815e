// The map: one tab stop, arrow keys by geometry, and a card on hover and focus. The card shows the
// cells of the workload's row in the table below, so that map and table cannot differ.

const OFFSET = 14;
let card;
let shown;

function cardOf(tile) {
  const row = document.getElementById(`row-${tile.dataset.key}`);
  if (!row) return null;
  const heading = document.createElement("h3");
  const list = document.createElement("dl");
  heading.textContent = row.dataset.name;
  for (const mark of row.querySelectorAll("th .badge-mark")) heading.append(" ", mark.cloneNode(true));
  for (const cell of row.querySelectorAll("[data-card]")) {
    const label = document.createElement("dt");
    const value = document.createElement("dd");
    label.textContent = cell.dataset.label;
    value.append(...cell.cloneNode(true).childNodes);
    if (value.textContent.trim()) list.append(label, value);
  }
  return [heading, list];
}

function show(tile, x, y) {
  card ??= document.body.appendChild(
    Object.assign(document.createElement("div"), { className: "map-card", hidden: true }),
  );
  if (tile !== shown) {
    const content = cardOf(tile);
    if (!content) return;
    shown = tile;
    card.replaceChildren(...content);
    card.setAttribute("aria-hidden", "true"); // the tile's own name says it already
    card.hidden = false;
  }
  const { offsetWidth, offsetHeight } = card;
  const left = x + OFFSET + offsetWidth > innerWidth ? x - OFFSET - offsetWidth : x + OFFSET;
  const top = y + OFFSET + offsetHeight > innerHeight ? y - OFFSET - offsetHeight : y + OFFSET;
  card.style.left = `${Math.max(8, left)}px`;
  card.style.top = `${Math.max(8, top)}px`;
}

function hide() {
  if (card) card.hidden = true;
  shown = undefined;
}

const tileOf = (event) => event.target.closest?.(".treemap a");

function middle(tile) {
  const { x, y, width, height } = tile.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}

function neighbour(tile, [stepX, stepY]) {
  const [x, y] = middle(tile);
  let nearest;
  let least = Infinity;
  for (const other of tile.closest("svg").querySelectorAll("a")) {
    const [otherX, otherY] = middle(other);
    const along = (otherX - x) * stepX + (otherY - y) * stepY;
    const aside = Math.abs((otherX - x) * stepY + (otherY - y) * stepX);
    if (other === tile || along <= 4) continue;
    if (along + 2 * aside < least) {
      least = along + 2 * aside;
      nearest = other;
    }
  }
  return nearest;
}

const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function oneTabStop(scope) {
  for (const map of scope.querySelectorAll("svg.treemap")) {
    map.querySelectorAll("a").forEach((tile, index) => {
      tile.setAttribute("tabindex", index ? "-1" : "0");
    });
  }
}

document.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch") return;
  const tile = tileOf(event);
  if (tile) show(tile, event.clientX, event.clientY);
  else if (shown) hide();
});

// Touch: the first tap shows the card, a second tap on the same tile follows the link.
let touched;
document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch" ? (tileOf(event) ?? null) : undefined;
});
document.addEventListener("click", (event) => {
  const tile = tileOf(event);
  if (touched && tile && tile === touched && tile !== shown) {
    event.preventDefault();
    show(tile, event.clientX, event.clientY);
  } else if (!tile) {
    hide();
  }
});

document.addEventListener("focusin", (event) => {
  const tile = tileOf(event);
  if (!tile) return hide();
  for (const other of tile.closest("svg").querySelectorAll("a")) {
    other.setAttribute("tabindex", other === tile ? "0" : "-1");
  }
  if (tile.matches(":focus-visible")) {
    const box = tile.getBoundingClientRect();
    show(tile, box.left + 8, box.bottom);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return hide();
  const tile = tileOf(event);
  if (!tile || !STEPS[event.key]) return;
  event.preventDefault();
  neighbour(tile, STEPS[event.key])?.focus();
});

document.addEventListener("htmx:afterSettle", (event) => {
  hide();
  oneTabStop(event.detail.elt);
});
for (const moved of ["wheel", "touchmove"]) addEventListener(moved, hide, { passive: true });

oneTabStop(document);
