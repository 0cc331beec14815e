"""Whether the web process in this container is alive; the image's HEALTHCHECK."""

import http
import http.client
import os

# Django answers only to its own names.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*") or "localhost"
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
connection.request("GET", "/livez", headers={"Host": host})
raise SystemExit(0 if connection.getresponse().status == http.HTTPStatus.OK else 1)
