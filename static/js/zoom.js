// The zooming view of the map: plotly's treemap of the same rows, in the same colours and words.
// Loaded when somebody asks for it: the map itself needs no script, and plotly is a large one.

(() => {
  let loading;

  function loaded({ plotly, sheet }) {
    loading ??= new Promise((resolve, reject) => {
      // By this id and class plotly.js knows that it needs no styles of its own, which the policy refuses.
      const link = Object.assign(document.createElement("link"), {
        rel: "stylesheet", id: "plotly.js-style-global", className: "no-inline-styles", href: sheet,
      });
      const script = Object.assign(document.createElement("script"), { src: plotly, onload: resolve, onerror: reject });
      document.head.append(link, script);
    });
    return loading;
  }

  // Without <b>: plotly.js writes an attribute of style for it, which the policy refuses.
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

  function coloursOf(bands) {
    const probe = document.body.appendChild(document.createElement("span"));
    probe.hidden = true;
    const of = (css, name) => {
      probe.className = css;
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    const found = Object.fromEntries(
      bands.map((band) => [band, { fill: of(`band-${band}`, "--fill"), text: of(`band-${band}`, "--text"), ink: of(`band-${band}`, "--ink") }]),
    );
    found.page = { fill: of("", "--vb-raised"), text: of("", "--vb-strong-text"), ink: of("", "--vb-line") };
    probe.remove();
    return found;
  }

  function hover({ name, marks, facts }) {
    const lines = facts.map(([label, text, note]) => `${label}: ${escaped(text)}${note ? `<br>   ${escaped(note)}` : ""}`);
    return [escaped([name, ...marks].join(" · ")), ...lines].join("<br>");
  }

  // Labels by the rules of the map (valueboard/lib/tiles.py): whole words on as many lines as fit,
  // without the figure where that is too much, the glyph alone on what is smaller still. plotly.js
  // breaks no lines, and leaves out whatever is too wide.
  const LINE = 15;
  const ROOM = 8;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = '12px "Inter Variable", system-ui, sans-serif';
  const fits = (text, width) => pen.measureText(text).width <= width;

  function wrapped(text, width) {
    const lines = [];
    for (const word of text.split(" ")) {
      if (!fits(word, width)) return null;
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      if (lines.length && fits(longer, width)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function labelled({ label, figure, band }, tile) {
    if (!band || !tile) return [label, figure];
    const width = tile.x1 - tile.x0 - ROOM;
    const most = Math.floor((tile.y1 - tile.y0 - ROOM) / LINE);
    const glyph = figure.split(" ")[0];
    const named = wrapped(label, width);
    for (const lines of [
      named && fits(figure, width) && [...named, figure],
      named && wrapped(`${glyph} ${label}`, width),
      fits(glyph, width) && [glyph],
    ]) {
      if (lines && lines.length <= most) return lines;
    }
    return [];
  }

  // Says on each tile what there is room for, as large as it is drawn at the moment.
  function relabel(place, nodes) {
    const tiles = new Map();
    for (const slice of place.querySelectorAll("g.treemap g.slice")) {
      const found = slice.__data__;
      if (found?.data?.data?.id) tiles.set(found.data.data.id, found);
    }
    const text = nodes.map((node) => labelled(node, tiles.get(node.id)).map(escaped).join("<br>"));
    if (text.join("|") === place.data[0].text.join("|")) return;
    window.Plotly.restyle(place, { text: [text] });
  }

  const MOST_AT_ONCE = 300;
  const SHAPES = { hatch: "/", diagonal: "\\", dotted: "." };

  function draw(place, { nodes, top }) {
    const colours = coloursOf([...new Set(nodes.map(({ band }) => band).filter(Boolean))]);
    const of = ({ band }) => colours[band] ?? colours.page;
    const data = {
      type: "treemap",
      ids: nodes.map(({ id }) => id),
      labels: nodes.map(({ label }) => escaped(label)),
      parents: nodes.map(({ parent }) => parent),
      values: nodes.map(({ value }) => Number(value)), // for geometry only
      text: nodes.map((node) => labelled(node).map(escaped).join("<br>")),
      customdata: nodes.map((node) => ({ url: node.url, hover: hover(node.card) })),
      branchvalues: "remainder",
      level: top,
      maxdepth: nodes.length > MOST_AT_ONCE ? 3 : -1,
      sort: true,
      texttemplate: "%{text}",
      hovertemplate: "%{customdata.hover}<extra></extra>",
      textfont: { color: nodes.map((node) => of(node).text) },
      outsidetextfont: { color: colours.page.text },
      marker: {
        colors: nodes.map((node) => of(node).fill),
        line: { width: 1, color: colours.page.fill },
        pattern: {
          shape: nodes.map(({ pattern }) => SHAPES[pattern] ?? ""),
          fgcolor: nodes.map((node) => of(node).ink),
          bgcolor: nodes.map((node) => of(node).fill),
          size: 8,
          solidity: nodes.map(({ pattern }) => (pattern === "dotted" ? 0.03 : 0.2)), // dots lie below words
        },
      },
      pathbar: { visible: true, textfont: { color: colours.page.text } },
      tiling: { pad: 2 },
    };
    const layout = {
      paper_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 0, r: 0, t: 24, b: 0 },
      font: { family: '"Inter Variable", system-ui, sans-serif', size: 12 },
      uniformtext: { minsize: 11, mode: "hide" },
      hoverlabel: { align: "left", bgcolor: "#0d2136", bordercolor: "#0d2136", font: { color: "#fff", size: 12 } },
    };
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still) layout.transition = { duration: 0 };
    const drawn = window.Plotly.react(place, [data], layout, { displayModeBar: false, responsive: true });
    drawn.then(() => relabel(place, nodes));
    // After a step down or up the tree the same tiles are of other sizes.
    place.removeAllListeners?.("plotly_afterplot");
    place.removeAllListeners?.("plotly_animated");
    for (const each of ["plotly_afterplot", "plotly_animated"]) place.on(each, () => relabel(place, nodes));
    place.removeAllListeners?.("plotly_treemapclick");
    place.on("plotly_treemapclick", ({ points: [point] }) => {
      if (!point.customdata.url) return true;
      location.href = point.customdata.url;
      return false; // a workload is opened, not zoomed into
    });
  }

  async function open(button, view, box) {
    button.setAttribute("aria-busy", "true");
    try {
      const [answer] = await Promise.all([fetch(button.dataset.rows), loaded(button.dataset)]);
      if (!answer.ok) throw new Error(answer.statusText);
      const rows = await answer.json();
      view.hidden = false;
      box.classList.add("is-zoomed");
      button.setAttribute("aria-pressed", "true");
      draw(view, rows);
      view.redraw = () => draw(view, rows);
    } catch {
      loading = undefined;
      view.hidden = false;
      view.textContent = "The zooming view could not be loaded. The map and the table have the same figures.";
    }
    button.removeAttribute("aria-busy");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-zoom]");
    if (!button) return;
    const view = document.getElementById("zoom-view");
    const box = document.getElementById("map-box");
    if (button.getAttribute("aria-pressed") !== "true") return open(button, view, box);
    view.hidden = true;
    box.classList.remove("is-zoomed");
    button.setAttribute("aria-pressed", "false");
  });

  function again() {
    const view = document.getElementById("zoom-view");
    if (view && !view.hidden) view.redraw?.();
  }

  const reveal = () => {
    for (const button of document.querySelectorAll("[data-zoom]")) button.hidden = false;
  };
  document.addEventListener("htmx:afterSettle", reveal);
  document.addEventListener("theme", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  reveal();
})();
