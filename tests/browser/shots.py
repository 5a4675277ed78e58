"""Chromium for the tests and the contact sheets: one browser, one local server, a page in a given dress.

Not here: what is checked (`test_pages`) or assembled (`planches`).
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-dev-shm-usage"]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Unknown addresses get the site's own 404 page, as a real server would be told to do."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.exists():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder over HTTP on a free port of this machine; yields its address, without final slash."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Debian's Chromium through Playwright, headless, without background traffic."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield chrome
        finally:
            chrome.close()


DRESSES: dict[str, dict[str, Any]] = {
    "1280": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "1280 sombre": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "390": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 1},
    "390 sombre": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "320 sans JavaScript": {
        "viewport": {"width": 320, "height": 700},
        "color_scheme": "light",
        "java_script_enabled": False,
    },
    "600 courriel": {"viewport": {"width": 600, "height": 800}, "color_scheme": "light"},
    "320 courriel": {"viewport": {"width": 320, "height": 700}, "color_scheme": "light"},
    "impression": {"viewport": {"width": 794, "height": 1123}, "color_scheme": "light"},
    "mur": {"viewport": {"width": 2560, "height": 1440}, "color_scheme": "light"},
}


def shoot(chrome: Any, url: str, dress: str, path: Path, *, full: bool = True) -> None:
    """One screenshot of an address in one dress (`impression` emulates print media)."""
    context = chrome.new_context(reduced_motion="reduce", **DRESSES[dress])
    try:
        page = context.new_page()
        if dress == "impression":
            page.emulate_media(media="print")
        page.goto(url, wait_until="load")
        page.screenshot(path=str(path), full_page=full)
    finally:
        context.close()
