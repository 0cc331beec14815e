// Builds static/dist/: our sheets and what we use of the packages of package-lock.json, as browsers
// get them. Run by `npm run build`. Our own scripts (static/js) need no build.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { tabler } from "./tabler.js";

const OUT = "static/dist";
const BROWSERS = ["chrome123", "firefox121", "safari17.5"]; // the first with light-dark()

// Code in attributes (hx-on) is refused by the policy. Looking for it would read every attribute of a
// page, which on a large map takes as long as the rest of what htmx does.
const CODE_IN_ATTRIBUTES = /createExpression\('\.\/\/\*\[@\*\[.*?"data-hx-on-"\) \]\]'\)/;

async function htmx() {
  const script = await readFile("node_modules/htmx.org/dist/htmx.min.js", "utf8");
  if (!CODE_IN_ATTRIBUTES.test(script)) throw new Error("htmx.js looks for hx-on in another way than it did.");
  await writeFile(`${OUT}/htmx.js`, script.replace(CODE_IN_ATTRIBUTES, 'createExpression("self::*[false()]")'));
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });

await Promise.all([
  // One sheet for every page, since each is waited for, with the typeface's files beside it.
  build({
    entryPoints: { valueboard: "frontend/valueboard.css" },
    plugins: [tabler],
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
  htmx(),
]);
