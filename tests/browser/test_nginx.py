"""The nginx configuration of deploy/, run by the distribution's nginx over a site: headers, compression, caching."""

from __future__ import annotations

import contextlib
import gzip
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from tests.browser.shots import CHROMIUM, browser
from tests.nights import ROOT
from tests.publishing.site_kit import built

NGINX = shutil.which("nginx") or next((p for p in ("/usr/sbin/nginx",) if Path(p).exists()), "")
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed (Debian: apt install nginx-light)")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = folder / "site"
    shutil.copytree(built(), site)
    (site / "brut").mkdir(exist_ok=True)
    (site / "brut" / ("a" * 64)).write_text("<script>alert(1)</script>", encoding="utf-8")
    (site / ".secret").write_text("x", encoding="utf-8")
    text = (ROOT / "deploy" / "nginx" / "observatoire.conf").read_text(encoding="utf-8")
    for was, now in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("root /srv/observatoire/warehouse/current/site;", f"root {site};"),
    ):
        assert was in text
        text = text.replace(was, now)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    (folder / "nginx.conf").write_text(
        f"daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/erreurs.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{text}\n}}\n",
        encoding="utf-8",
    )
    tested = subprocess.run(
        [NGINX, "-t", "-c", str(folder / "nginx.conf")], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stderr
    # Its workers would otherwise be another user, who may not read a test's folder.
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-g", "master_process off;"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(100):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                time.sleep(0.05)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def ask(address: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, headers=told, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_every_answer_carries_the_strict_headers(served: str) -> None:
    for path in ("/", "/assets/style.css", "/indicateurs/revenu-median-uc.csv", "/une/adresse/inconnue/"):
        code, headers, body = ask(served + path)
        assert code == (404 if "inconnue" in path else 200), path
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors" in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert "/" not in (headers["Server"] or ""), "the version is nobody's business"
        assert body


def test_unknown_addresses_get_the_site_s_own_page(served: str) -> None:
    code, headers, body = ask(f"{served}/rien/du/tout")
    assert code == 404 and headers.get_content_type() == "text/html" and body == (built() / "404.html").read_bytes()
    assert ask(f"{served}/.secret")[0] == 404
    assert ask(served, method="POST")[0] == 405


def test_text_is_compressed_and_has_its_type(served: str) -> None:
    code, headers, body = ask(f"{served}/indicateurs/revenu-median-uc.csv", Accept_Encoding="gzip")
    assert code == 200 and headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in headers["Vary"]
    assert headers.get_content_type() == "text/csv" and headers.get_content_charset() == "utf-8"
    assert gzip.decompress(body) == (built() / "indicateurs" / "revenu-median-uc.csv").read_bytes()
    assert ask(f"{served}/journal/flux.xml")[1].get_content_type() == "application/xml"
    assert ask(f"{served}/indicateurs/revenu-median-uc.parquet")[1].get_content_type().endswith("parquet")


def test_what_may_be_kept_is_said(served: str) -> None:
    _, headers, _ = ask(f"{served}/")
    assert headers["Cache-Control"] == "no-cache" and headers["ETag"]
    assert ask(f"{served}/", If_None_Match=headers["ETag"])[0] == 304
    _, headers, _ = ask(f"{served}/assets/style.css?v=0123")
    assert "immutable" in headers["Cache-Control"]


def test_received_bytes_never_run(served: str) -> None:
    code, headers, body = ask(f"{served}/brut/{'a' * 64}")
    assert code == 200 and b"script" in body
    assert headers.get_content_type() == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed (Debian: apt install chromium)")
def test_pages_live_under_these_headers(served: str) -> None:
    problems: list[str] = []
    with browser() as chrome:
        page = chrome.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda request: problems.append(request.url) if not request.url.startswith(served) else None
        )
        for path in ("/", "/indicateurs/revenu-median-uc/", "/recherche/?q=pauvres", "/communes/59172/"):
            page.goto(served + path, wait_until="load")
        assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Atkinson')
    assert not [p for p in problems if not p.startswith("data:")], problems
