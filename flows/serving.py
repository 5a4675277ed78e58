"""`observatoire serve`: read the published site on this machine. Not a public web server."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from flows.core.errors import ReleaseError


class _Handler(SimpleHTTPRequestHandler):
    """Files of the published release; follows `current` at each request, so that a new release shows at once."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.exists():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the person reads the site, not its log."""


def serve_site(site: Path, port: int) -> None:
    """Serve the site on 127.0.0.1 until interrupted.

    Raises:
        ReleaseError: nothing is published yet.
    """
    if not (site / "index.html").exists():
        raise ReleaseError(
            "Aucun site n'est encore publié.", where=str(site), todo="lancer « make run » (observatoire nightly)."
        )
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site))) as server:
        click.echo(f"Le site se lit à http://127.0.0.1:{server.server_address[1]}/ (Ctrl-C pour arrêter)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("")
