"""A real SMTP server (aiosmtpd) and a webhook receiver for tests, that keep what they take and misbehave as told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


class Post:
    """Takes messages; `moods` are what it does with the first recipients or bodies: refuse, grey, drop, abort."""

    def __init__(self, *moods: str) -> None:
        self.moods, self.bodies = list(moods), []

    @property
    def identifiers(self) -> list[str]:
        """Message-ID of every message taken, in order."""
        return [message_from_bytes(body)["Message-ID"] for body in self.bodies]

    async def handle_RCPT(self, server, session, envelope, address, options):
        mood = self.moods[0] if self.moods and self.moods[0] in ("refuse", "grey", "drop") else ""
        if mood:
            self.moods.pop(0)
        if mood == "drop":
            server.transport.abort()
        if mood in ("refuse", "grey"):
            return "550 inconnu" if mood == "refuse" else "450 liste grise"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.bodies.append(envelope.content)
        if self.moods and self.moods[0] == "abort":  # taken, and the answer never arrives
            self.moods.pop(0)
            server.transport.abort()
        return "250 OK"


@contextmanager
def serving(post: Post) -> Iterator[int]:
    """The port of a server that hands its messages to `post`."""
    with socket.socket() as probe:  # the controller connects to its own port to start: it needs a number
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


class Receiver:
    """A webhook: keeps (headers, body) of each call; answers the codes given, then 204."""

    def __init__(self, *codes: int) -> None:
        self.calls, codes_left = [], list(codes)
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                calls.append((dict(self.headers), body))
                code = codes_left.pop(0) if codes_left else 204
                self.send_response(code)
                if code in (301, 302, 307):
                    self.send_header("Location", "http://127.0.0.1:9/ailleurs")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/alertes"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
