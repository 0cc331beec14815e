"""A small mail server that remembers what arrived, and can be told when to act in between."""

import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any


class Moment(StrEnum):
    """Where the sending of a mail is."""

    OFFERED = "offered, nothing of it arrived"
    ARRIVED = "arrived, the sender does not know"
    ACKNOWLEDGED = "arrived, the sender was told"


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail on a free port of this machine; `notice` is called at each moment."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.arrived: list[EmailMessage] = []
        self.notice: Callable[[Moment], None] = lambda _moment: None
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens, as EMAIL_URL says it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        """Say nothing of senders that are gone in the middle."""


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].strip().upper()
            if verb == b"MAIL":
                self.server.notice(Moment.OFFERED)
            if verb == b"DATA":
                self.take()
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return  # gone before the end: that is no mail
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        with self.server.lock:
            self.server.arrived.append(mail)
        self.server.notice(Moment.ARRIVED)
        self.say("250 taken")
        self.server.notice(Moment.ACKNOWLEDGED)
