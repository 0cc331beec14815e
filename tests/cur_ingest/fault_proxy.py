"""A proxy between the product and a real S3 server, on loopback, that breaks answers on purpose."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

FOREVER = 1_000_000
DAY = timedelta(days=1)
# Which parts of an answer the sender doesn't pass on.
HOPS = {"connection", "transfer-encoding", "content-length", "last-modified", "keep-alive"}


class Kind(StrEnum):
    """What goes wrong."""

    BUSY = "503"
    RESET = "reset mid-body"
    TRUNCATED = "truncated body"
    WRONG_ETAG = "wrong ETag"
    SWAPPED = "object swapped mid-read"
    ERROR_IN_200 = "200 with an error body"
    SLOW = "slow"
    MISSING = "missing"
    DENIED = "access denied"
    EXPIRED = "expired token"


# Status and code of those that S3 itself answers.
ERRORS = {
    Kind.BUSY: (503, "SlowDown"),
    Kind.ERROR_IN_200: (200, "InternalError"),
    Kind.MISSING: (404, "NoSuchKey"),
    Kind.DENIED: (403, "AccessDenied"),
    Kind.EXPIRED: (400, "ExpiredToken"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what it is for decides what can go wrong with it."""

    method: str
    path: str

    @property
    def has_body(self) -> bool:
        """Whether the answer has one."""
        return self.method == "GET"

    @property
    def is_listing(self) -> bool:
        """Whether it is for a list of objects."""
        return "list-type=2" in self.path

    @property
    def is_data(self) -> bool:
        """Whether it is for the content of a data file."""
        return self.has_body and not self.is_listing and self.path.endswith(".parquet")


STRIKES: dict[Kind, Callable[[Asked], bool]] = {
    Kind.RESET: lambda asked: asked.has_body,
    Kind.TRUNCATED: lambda asked: asked.has_body,
    Kind.ERROR_IN_200: lambda asked: asked.has_body,
    Kind.WRONG_ETAG: lambda asked: not asked.is_listing,
    Kind.SWAPPED: lambda asked: asked.is_data,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault, from the `at`th request that it can strike on, `times` in a row.

    `where` is the part of a body before it is cut; `other` chooses the other way to do it, if the
    kind has two.
    """

    kind: Kind
    at: int
    times: int
    where: float
    other: bool


class FaultProxy(ThreadingHTTPServer):
    """Passes everything on to an S3 server, but for what its fault strikes.

    What lies there is a day old, as last month's delivery is; what is put there during a fault is
    new.
    """

    daemon_threads = True

    def __init__(self, upstream: str, swap: Callable[[], set[str]]) -> None:
        """Stand before the server; `swap` puts other objects there and returns their paths."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urlsplit(upstream).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self.swap = swap
        self.new: set[str] = set()
        self.fault: Fault | None = None
        self.could = self.struck = 0
        self.lock, self.ending = threading.Lock(), threading.Event()

    @contextmanager
    def broken_by(self, fault: Fault) -> Iterator[None]:
        """Have a fault strike, as long as this lasts; end what hangs then."""
        self.could = self.struck = 0
        self.ending.clear()
        self.fault = fault
        try:
            yield
        finally:
            self.fault = None
            self.ending.set()
            self.new.clear()

    def next_fault(self, asked: Asked) -> Fault | None:
        """Return the fault if it strikes this request."""
        with self.lock:
            fault = self.fault
            can_strike = STRIKES.get(fault.kind) if fault else None
            if fault is None or (can_strike and not can_strike(asked)):
                return None
            self.could += 1
            if not fault.at <= self.could < fault.at + fault.times:
                return None
            self.struck += 1
            return fault


class Handler(BaseHTTPRequestHandler):
    """One connection of the product."""

    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Pass a HEAD on."""
        self.answer()

    def do_GET(self) -> None:
        """Pass a GET on."""
        self.answer()

    def answer(self) -> None:
        """Pass the request on, and its answer back; or what the fault makes of it."""
        asked = Asked(self.command, self.path)
        fault = self.server.next_fault(asked)
        with suppress(ConnectionError):  # whoever asked has hung up
            if fault and fault.kind in ERRORS:
                self.send_error_of(*ERRORS[fault.kind])
                return
            if fault and fault.kind is Kind.SWAPPED and fault.other:
                self.server.new |= self.server.swap()
            status, headers, body = self.ask()
            if fault is None:
                self.send(status, headers, body)
            else:
                self.send_broken(fault, status, headers, body)

    def ask(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the server itself."""
        upstream = HTTPConnection(self.server.upstream, timeout=60)
        try:
            upstream.request(self.command, self.path, headers=dict(self.headers))
            answer = upstream.getresponse()
            body = answer.read()
        finally:
            upstream.close()
        headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in HOPS]
        if modified := answer.getheader("Last-Modified"):
            moment = parsedate_to_datetime(modified)
            if unquote(urlsplit(self.path).path) not in self.server.new:
                moment -= DAY
            headers.append(("Last-Modified", format_datetime(moment, usegmt=True)))
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        headers.append(("Content-Length", length or str(len(body))))
        return answer.status, headers, body

    def send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send an answer."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error_of(self, status: int, code: str) -> None:
        """Send an error as S3 does: without a word about it to a HEAD."""
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No.</Message></Error>"
        content = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        self.send(status, content, b"" if self.command == "HEAD" else body.encode())

    def send_broken(
        self, fault: Fault, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        """Send the server's answer as the fault changes it."""
        cut = int(len(body) * fault.where)
        if fault.kind is Kind.WRONG_ETAG:
            right = [(n, v) for n, v in headers if n.lower() != "etag"]
            self.send(status, [*right, ("ETag", '"00000000000000000000000000000000"')], body)
        elif fault.kind is Kind.SWAPPED:
            self.send(status, headers, body[:cut])
            if not fault.other:
                self.server.new |= self.server.swap()
            self.wfile.write(body[cut:])
        elif fault.kind is Kind.SLOW:
            self.send_slowly(fault, status, headers, body)
        else:
            if fault.kind is Kind.TRUNCATED and fault.other:
                short = [(n, v) for n, v in headers if n != "Content-Length"]
                headers = [*short, ("Content-Length", str(cut))]
            self.send(status, headers, body[:cut])
            if fault.kind is Kind.RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            self.close_connection = True

    def send_slowly(
        self, fault: Fault, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        """Say nothing for long; or, of a file, send a byte now and then."""
        if not fault.other or not Asked(self.command, self.path).is_data:
            self.server.ending.wait(20)
            self.close_connection = True
            return
        self.send(status, headers, b"")
        for at in range(len(body)):
            if self.server.ending.wait(0.05):
                break
            self.wfile.write(body[at : at + 1])
        self.close_connection = True
