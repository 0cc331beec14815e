"""How gunicorn serves ValueBoard, in `make run` and in the image; the rest is gunicorn's defaults.

WEB_CONCURRENCY sets the number of processes, as gunicorn does by itself.
"""

import os
from pathlib import Path

wsgi_app = "valueboard.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# Heartbeats go to memory where that is a file system: on a slow disk they would block a worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes its files safely
loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()
# Nobody steers it from a shell: signals are enough, and the image has no home folder for a socket.
control_socket_disable = True
