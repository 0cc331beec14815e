// The map: one tab stop, arrow keys by geometry, and a card on hover, focus and touch. What a card
// says comes with the page, in the same words as the tile's own name; of a very large map, and of one
// that was swapped in, which HTMX strips of every script, it is asked for when the first card is due.

(() => {
  const OFFSET = 14;
  const tileOf = (event) => event.target.closest?.(".treemap a");
  let card;
  let shown;

  // --- cards ------------------------------------------------------------------------------------
  const known = new WeakMap();

  function cardsOf(box) {
    if (!known.has(box)) {
      const inline = document.getElementById("map-cards");
      const asked = async () => {
        if (inline) return JSON.parse(inline.textContent);
        const answer = await fetch(box.dataset.cards, { headers: { Accept: "application/json" } });
        return answer.ok ? answer.json() : {};
      };
      known.set(box, asked().catch(() => ({})));
    }
    return known.get(box);
  }

  const made = (name, text, css) => Object.assign(document.createElement(name), { textContent: text, className: css ?? "" });

  function drawn({ name, marks, facts }) {
    const heading = made("h3", name);
    for (const mark of marks) heading.append(" ", made("span", mark, "badge-mark"));
    const list = document.createElement("dl");
    for (const [label, text, note] of facts) {
      const value = made("dd", text);
      if (note) value.append(made("span", note, "sub"));
      list.append(made("dt", label), value);
    }
    return [heading, list];
  }

  function place(x, y) {
    const { offsetWidth, offsetHeight } = card;
    const left = x + OFFSET + offsetWidth > innerWidth ? x - OFFSET - offsetWidth : x + OFFSET;
    const top = y + OFFSET + offsetHeight > innerHeight ? y - OFFSET - offsetHeight : y + OFFSET;
    card.style.left = `${Math.max(8, left)}px`;
    card.style.top = `${Math.max(8, top)}px`;
  }

  async function show(tile, x, y) {
    if (tile === shown) return place(x, y);
    hide();
    shown = tile;
    const content = (await cardsOf(tile.closest("[data-map]")))[tile.dataset.key];
    if (!content || tile !== shown) return;
    card ??= document.body.appendChild(made("div", "", "map-card"));
    card.replaceChildren(...drawn(content));
    card.setAttribute("aria-hidden", "true"); // the tile's own name says it already
    card.hidden = false;
    place(x, y);
  }

  function hide() {
    if (card) card.hidden = true;
    shown = undefined;
  }

  // --- arrow keys -------------------------------------------------------------------------------
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const measured = new WeakMap();

  // The middles of all links of a map, read once from what was drawn.
  function middles(map) {
    if (!measured.has(map)) {
      const of = (link) => {
        const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(link.firstElementChild.getAttribute(name)));
        return { link, x: x + width / 2, y: y + height / 2 };
      };
      measured.set(map, Array.from(map.querySelectorAll("a"), of));
    }
    return measured.get(map);
  }

  function neighbour(tile, [stepX, stepY]) {
    const all = middles(tile.closest("svg"));
    const { x, y } = all.find(({ link }) => link === tile);
    let nearest;
    let least = Infinity;
    for (const other of all) {
      const along = (other.x - x) * stepX + (other.y - y) * stepY;
      const aside = Math.abs((other.x - x) * stepY + (other.y - y) * stepX);
      if (other.link === tile || along <= 4) continue;
      if (along + 2 * aside < least) {
        least = along + 2 * aside;
        nearest = other.link;
      }
    }
    return nearest;
  }

  function oneTabStop(map, stop) {
    for (const link of map.querySelectorAll("a")) link.setAttribute("tabindex", link === stop ? "0" : "-1");
  }

  // The largest workload is where one begins; the headings of Spaces are a key away.
  function begin(scope) {
    for (const map of scope.querySelectorAll("svg.treemap")) {
      oneTabStop(map, map.querySelector("a[data-key]") ?? map.querySelector("a"));
    }
  }

  // --- events -----------------------------------------------------------------------------------
  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const tile = tileOf(event);
    if (tile?.dataset.key) show(tile, event.clientX, event.clientY);
    else if (shown) hide();
  });

  // Touch: the first tap shows the card, a second tap on the same tile follows the link.
  let touched;
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch" ? (tileOf(event) ?? null) : undefined;
  });
  document.addEventListener("click", (event) => {
    const tile = tileOf(event);
    if (touched && tile?.dataset.key && tile === touched && tile !== shown) {
      event.preventDefault();
      show(tile, event.clientX, event.clientY);
    } else if (!tile) {
      hide();
    }
  });

  document.addEventListener("focusin", (event) => {
    const tile = tileOf(event);
    if (!tile) return hide();
    oneTabStop(tile.closest("svg"), tile);
    if (tile.dataset.key && tile.matches(":focus-visible")) {
      const box = tile.getBoundingClientRect();
      show(tile, box.left + 8, box.bottom);
    } else {
      hide();
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
    begin(event.detail.elt);
  });
  for (const moved of ["wheel", "touchmove"]) addEventListener(moved, hide, { passive: true });

  // An address may name a tile; of the two layouts the one that is shown has it.
  function named() {
    const key = location.hash.startsWith("#w-") ? location.hash.slice(3) : "";
    const tiles = key ? document.querySelectorAll(`.treemap [data-key="${CSS.escape(key)}"]`) : [];
    for (const tile of tiles) if (tile.checkVisibility()) tile.focus();
  }

  begin(document);
  named();
  // A browser that finds the address in the hidden layout takes the focus away once more.
  addEventListener("load", () => setTimeout(named));
  addEventListener("hashchange", named);
})();
