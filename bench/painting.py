"""From navigation to painted map in Chromium: the board, and the same tiles by the full plotly.js.

Django is set up, the database filled (`bench.boarding`), and the board served by gunicorn. Two
comparisons, each like with like:

- drawing: both pages are files with their rows in them, served by the same file server;
- whole: both read their rows from the same gunicorn, the other page while it fetches plotly.js.

Every navigation is a browser without a cache. Pages take turns, so that what else the machine does
is done to all of them; the processor's time of the page's main thread until then is printed too,
which other work on the machine changes least.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

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
ROWS = "rows.json"  # what the file server asks the board for, as whoever is signed in
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
<script>const rows = %s;</script>
<script src="plotly.min.js"></script></head><body><div id="map" style="height:500px"></div>
<script>
Promise.resolve(rows).then(({ nodes }) => Plotly.newPlot("map", [{
  type: "treemap", branchvalues: "remainder", maxdepth: -1, texttemplate: "%%{label}<br>%%{text}",
  ids: nodes.map(({ id }) => id), parents: nodes.map(({ parent }) => parent),
  labels: nodes.map(({ label }) => label), text: nodes.map(({ figure }) => figure),
  values: nodes.map(({ value }) => Number(value)),
}], { margin: { l: 0, r: 0, t: 24, b: 0 }, uniformtext: { minsize: 11, mode: "hide" } },
  { displayModeBar: false, responsive: true }));
</script></body></html>"""
ASKED = f'fetch("{ROWS}").then((answer) => answer.json())'


class Painted(NamedTuple):
    """Milliseconds from navigation to the painted map, to the page's first byte, and of work."""

    at: float
    first_byte: float
    busy: float


class Shown(NamedTuple):
    """A page and how its tiles are found."""

    address: str
    tiles: str
    cookies: list[Any]


def main() -> None:
    """Serve the pages, paint them in turn, print."""
    workloads, found, board = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    client = Client()
    client.force_login(User.objects.get(email="o0@example.com"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": board}
    rows = client.get(reverse("board-map")).json()
    tiles = sum(1 for node in rows["nodes"] if "url" in node)
    asked = f"/?top={workloads}"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "static").symlink_to(CLONE / "static")
        (folder / PLOTLY.name).symlink_to(PLOTLY)
        (folder / "board.html").write_bytes(client.get(asked).content)
        inline = json.dumps(rows).replace("<", "\\u003c")
        (folder / "plotly.html").write_text(PAGE % inline)
        (folder / "asking.html").write_text(PAGE % ASKED)
        ask = Request(  # noqa: S310 - our own server
            f"{board}{reverse('board-map')}",
            headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"},
        )
        with _served(folder, ask) as files, sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=found, args=chromium.options())
            pages = (
                Shown(f"{files}/board.html", BOARDS_TILES, []),
                Shown(f"{files}/plotly.html", PLOTLYS_TILES, []),
                Shown(f"{board}{asked}", BOARDS_TILES, [cookie]),
                Shown(f"{files}/asking.html", PLOTLYS_TILES, []),
            )
            ours, theirs, board_whole, plotly_whole = _medians(opened, pages, tiles)
            opened.close()
    line = (
        "{:>9,} {:,} tiles painted, {}: board {:,.0f} ms ({:,.0f} ms until its first byte, "
        "{:,.0f} ms of the processor), full plotly.js {:,.0f} ms ({:,.0f} ms, {:,.0f} ms), "
        "1/{:.1f}, of the processor 1/{:.1f}"
    )
    for name, us, them in (("drawing", ours, theirs), ("whole", board_whole, plotly_whole)):
        ratios = them.at / us.at, them.busy / us.busy
        print(line.format(workloads, tiles, name, *us, *them, *ratios), flush=True)
    print(f"{workloads:>9,} load of the machine {os.getloadavg()[0]:.1f}", flush=True)


class _Files(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes: without this the second waits 40 ms for the first one's receipt.
    disable_nagle_algorithm = True

    def __init__(self, *given: Any, ask: Request, **more: Any) -> None:
        self.ask = ask
        super().__init__(*given, **more)

    def do_GET(self) -> None:
        """Answer with a file, or with the rows as the board's server has them now."""
        if self.path != f"/{ROWS}":
            super().do_GET()
            return
        with urlopen(self.ask) as answer:  # noqa: S310 - our own server
            content = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _served(folder: Path, ask: Request) -> Iterator[str]:
    handler = partial(_Files, directory=str(folder), ask=ask)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _medians(browser: Browser, pages: tuple[Shown, ...], tiles: int) -> list[Painted]:
    rounds = [[_painted(browser, page, tiles) for page in pages] for _ in range(ROUNDS + 1)]
    _, *warm = rounds  # the first finds a browser that has only just started
    return [
        Painted(*(statistics.median(column) for column in zip(*each, strict=True)))
        for each in zip(*warm, strict=True)
    ]


def _painted(browser: Browser, shown: Shown, tiles: int) -> Painted:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(shown.cookies)
    context.add_init_script(LOOKING % (json.dumps(shown.tiles), tiles))
    page = context.new_page()
    counted = context.new_cdp_session(page)
    counted.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(shown.address, wait_until="commit")
    at = page.evaluate("window.painted")
    metrics = counted.send("Performance.getMetrics")["metrics"]
    (busy,) = (each["value"] for each in metrics if each["name"] == "TaskDuration")
    first = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
    context.close()
    return Painted(at, first, busy * 1_000)
