"""Whether the web process in this container is alive; the image's HEALTHCHECK."""

import os
import urllib.request

# Django answers only to its own names.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*") or "localhost"
request = urllib.request.Request("http://127.0.0.1:8000/livez", headers={"Host": host})  # noqa: S310 - http, ours
urllib.request.urlopen(request, timeout=4).close()
