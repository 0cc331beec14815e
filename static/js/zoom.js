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
      text: nodes.map(({ figure }) => figure),
      customdata: nodes.map((node) => ({ url: node.url, hover: hover(node.card) })),
      branchvalues: "remainder",
      level: top,
      maxdepth: nodes.length > MOST_AT_ONCE ? 3 : -1,
      sort: true,
      texttemplate: "%{label}<br>%{text}",
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
          solidity: 0.2,
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
    window.Plotly.react(place, [data], layout, { displayModeBar: false, responsive: true });
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
