// Draws the figures of the page: every [data-figure] names a <script type="application/json">
// with plotly's data and layout. Colours are names of tokens, resolved for the theme in use.

const TOKEN = /^var\((--[\w-]+)\)$/;
const CONFIG = { displayModeBar: false, responsive: true };

// getPropertyValue() would give "light-dark(…)": only a computed colour is one colour.
const probe = document.body.appendChild(document.createElement("span"));
probe.hidden = true;
probe.style.forcedColorAdjust = "none"; // where colours are forced, all tokens would be one

function colour(token) {
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
}

function resolved(value) {
  if (typeof value === "string") {
    const token = TOKEN.exec(value)?.[1];
    return token ? colour(token) : value;
  }
  if (Array.isArray(value)) return value.map(resolved);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part)]));
  }
  return value;
}

function axis(own = {}) {
  return {
    gridcolor: "var(--vb-line-soft)",
    linecolor: "var(--vb-line)",
    zerolinecolor: "var(--vb-line)",
    tickcolor: "var(--vb-line)",
    automargin: true,
    fixedrange: true,
    ...own,
  };
}

// Narrower than this every other month is named, or the names would be turned.
const NARROW = 480;

function themed(layout, width) {
  return resolved({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    separators: document.documentElement.dataset.separators,
    margin: { l: 8, r: 8, t: 8, b: 8 },
    hovermode: "x unified",
    hoverlabel: { bgcolor: "var(--vb-surface)", bordercolor: "var(--vb-line)" },
    legend: { orientation: "h", x: 0, y: 1.09, xanchor: "left", yanchor: "bottom" },
    ...layout,
    font: { family: '"Inter Variable", system-ui, sans-serif', size: 12, color: "var(--vb-muted)", ...layout.font },
    xaxis: axis({ showgrid: false, ticklabelstep: width < NARROW ? 2 : 1, ...layout.xaxis }),
    yaxis: axis(layout.yaxis),
  });
}

function draw() {
  for (const place of document.querySelectorAll("[data-figure]")) {
    const { data, layout } = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    window.Plotly.react(place, resolved(data), themed(layout, place.clientWidth), CONFIG);
  }
}

document.addEventListener("theme", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
matchMedia("(forced-colors: active)").addEventListener("change", draw);
matchMedia("print").addEventListener("change", draw); // paper is always light
draw();
