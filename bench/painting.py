"""From navigation to painted map in Chromium: the board, and the same tiles by the full plotly.js.

Django is set up, the database filled (`bench.boarding`), and the board served by gunicorn. Each
round is a browser without a cache. The other page is a file with its rows in it: it waits for no
server and no database, as the board does.
"""

import json
import statistics
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfile
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, sync_playwright

from accounts.models import User
from devtools import chromium
from devtools.postgres import CLONE

ROUNDS = 5
PLOTLY = CLONE / "node_modules/plotly.js/dist/plotly.min.js"
BOARDS_TILES, PLOTLYS_TILES = "svg.treemap.is-wide a[data-key]", "g.slice"
# Two frames after the last tile is there, it has been painted.
LOOKING = """
  window.painted = new Promise((resolve) => {
    const painted = () => resolve(performance.now());
    const look = () => document.querySelectorAll(%s).length >= %d
      ? requestAnimationFrame(() => requestAnimationFrame(painted)) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  });
"""
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Map</title>
<script src="plotly.min.js"></script></head><body><div id="map" style="height:500px"></div>
<script>
const nodes = %s;
Plotly.newPlot("map", [{
  type: "treemap", branchvalues: "remainder", maxdepth: -1, texttemplate: "%%{label}<br>%%{text}",
  ids: nodes.map(({ id }) => id), parents: nodes.map(({ parent }) => parent),
  labels: nodes.map(({ label }) => label), text: nodes.map(({ figure }) => figure),
  values: nodes.map(({ value }) => Number(value)),
}], { margin: { l: 0, r: 0, t: 24, b: 0 }, uniformtext: { minsize: 11, mode: "hide" } },
  { displayModeBar: false, responsive: true });
</script></body></html>"""


def main() -> None:
    """Serve the other page, paint both, print."""
    workloads, browser, board = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    client = Client()
    client.force_login(User.objects.get(email="o0@example.com"))
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": board,
    }
    nodes = client.get(reverse("board-map")).json()["nodes"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        copyfile(PLOTLY, folder / PLOTLY.name)
        (folder / "index.html").write_text(PAGE % json.dumps(nodes).replace("<", "\\u003c"))
        handler = partial(_Quiet, directory=place)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=browser, args=chromium.options())
            address = f"{board}/?top={workloads}"
            tiles = sum(1 for node in nodes if "url" in node)
            ours, answered = _painted(opened, address, BOARDS_TILES, tiles, [cookie])
            theirs, waited = _painted(
                opened, f"http://127.0.0.1:{server.server_port}/", PLOTLYS_TILES, tiles, []
            )
            opened.close()
        server.shutdown()
    print(
        f"{workloads:>9,} {tiles:,} tiles painted: board {ours:,.0f} ms ({answered:,.0f} ms until "
        f"its first byte), full plotly.js {theirs:,.0f} ms ({waited:,.0f} ms), "
        f"1/{theirs / ours:.1f}, from the first byte 1/{(theirs - waited) / (ours - answered):.1f}",
        flush=True,
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _painted(
    browser: Browser, address: str, css: str, tiles: int, cookies: list[Any]
) -> tuple[float, float]:
    """Return the milliseconds to the painted map and to the first byte, medians."""
    times = []
    for _ in range(ROUNDS + 1):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies(cookies)
        context.add_init_script(LOOKING % (json.dumps(css), tiles))
        page = context.new_page()
        page.goto(address, wait_until="commit")
        painted = page.evaluate("window.painted")
        first = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
        times.append((painted, first))
        context.close()
    _, *warm = times  # the first finds a browser that has only just started
    return statistics.median(t for t, _ in warm), statistics.median(f for _, f in warm)
