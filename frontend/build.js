// Builds static/dist/ from the packages of package-lock.json: what browsers get that is not ours.
// Run by `npm run build`. Our own sheets and scripts (static/css, static/js) need no build.

import { copyFile, mkdir, rm } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "static/dist";
const BROWSERS = ["chrome123", "firefox121", "safari17.5"]; // the first with light-dark()

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });

await Promise.all([
  // Tabler's components and the Inter typeface, with its font files beside the sheet.
  build({
    entryPoints: { vendor: "frontend/vendor.css" },
    outdir: OUT,
    bundle: true,
    minify: true,
    target: BROWSERS,
    loader: { ".woff2": "file" },
    assetNames: "[name]",
    legalComments: "none",
    logLevel: "warning",
  }),
  // Only the chart types in use: a quarter of the full plotly.js, and ten times faster to load.
  build({
    entryPoints: { plotly: "frontend/plotly.js" },
    outdir: OUT,
    bundle: true,
    minify: true,
    format: "iife",
    target: BROWSERS,
    define: { global: "window" },
    loader: { ".css": "empty" }, // a map style sheet that no chart of ours needs
    legalComments: "none",
    logLevel: "error",
  }),
  copyFile("node_modules/htmx.org/dist/htmx.min.js", `${OUT}/htmx.js`),
]);
