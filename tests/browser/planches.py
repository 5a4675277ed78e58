"""Contact sheets: pages, e-mails and run report, each in every dress, side by side, to be looked at by a person.

    python -m tests.browser.planches                     a demonstration night in a throw-away folder, then sheets
    python -m tests.browser.planches --entrepot DOSSIER  the sheets of a warehouse that has its release
    python -m tests.browser.planches --vers DOSSIER      elsewhere than in planches/
    python -m tests.browser.planches --pages MOT         only the sheets whose name holds this word, and no picture

Writes one PNG a sheet, one PDF a page as it prints, and docs/images/accueil.png for the README. Not here: any check
(`test_pages`), the browser itself (`shots`).
"""

from __future__ import annotations

import argparse
import base64
import email
import email.policy
import html
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.shots import CHROMIUM, DRESSES, browser, served, shoot

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "accueil.png"
# What each kind of page must be looked at for; « {epci} », « {secret} » are read in the release.
PAGES = {
    "accueil": "/",
    "engagements": "/engagements/",
    "engagement": "/engagements/e2/",
    "projet": "/projets/p1-reconstruire-ville/",
    "critere": "/criteres/env-amenagement-climat/",
    "indicateurs": "/indicateurs/",
    "indicateur-serie-annuelle": "/indicateurs/revenu-median-uc/",
    "indicateur-trimestriel": "/indicateurs/taux-chomage-zone-emploi/",
    "indicateur-trajectoire": "/indicateurs/consommation-enaf/",
    "indicateur-secret": "/indicateurs/taux-pauvrete/",
    "indicateur-simule": "/indicateurs/jours-air-degrade/",
    "indicateur-parts": "/indicateurs/emissions-ges/",
    "indicateur-estime": "/indicateurs/autonomie-energetique/",
    "calcul": "/indicateurs/revenu-median-uc/calcul/",
    "communes": "/communes/",
    "commune-secrets": "/communes/{secret}/",
    "epci": "/epci/{epci}/",
    "qualite": "/qualite/",
    "sources": "/sources/",
    "brut": "/brut/",
    "journal": "/journal/",
    "alertes": "/alertes/",
    "telechargements": "/telechargements/",
    "methodes": "/methodes/",
    "introuvable": "/404.html",
}
MAIL = ("600 courriel", "320 courriel", "1280", "1280 sombre", "390 sombre")
SHEET = ("1280", "1280 sombre", "390", "390 sombre", "320 sans JavaScript", "impression")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, what is shown, the dresses worn. `paged`: also printed as a PDF."""

    name: str
    url: str
    dresses: tuple[str, ...] = SHEET
    paged: bool = False


def sheets(warehouse: Path, out: Path, only: str = "") -> list[Path]:
    """Write the sheets of a warehouse's current release; returns the files written.

    Args:
        only: a word that the names of the wanted sheets hold; all of them when empty.
    """
    site = warehouse / "current" / "site"
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch, served(site) as address, browser() as chrome:
        extra = Path(scratch) / "autres"
        extra.mkdir()
        with served(extra) as beside:
            due = [
                *_pages(warehouse, address),
                *_mails(warehouse, extra, beside),
                *_reports(warehouse, extra, beside),
            ]
            due = [sheet for sheet in due if only in sheet.name]
            for n, sheet in enumerate(due, start=1):
                print(f"[{n}/{len(due)}] {sheet.name}", file=sys.stderr)
                shots = []
                for dress in sheet.dresses:
                    shot = Path(scratch) / f"{dress}.png"
                    shoot(chrome, sheet.url, dress, shot)
                    shots.append((dress, shot))
                written.append(_assemble(chrome, sheet.name, shots, out / f"{sheet.name}.png"))
                if sheet.paged:
                    written.append(_pdf(chrome, sheet.url, out / f"{sheet.name}.pdf"))
        if not only:
            written.append(_picture(chrome, address))
    return written


def _pages(warehouse: Path, address: str) -> list[Sheet]:
    from tests.nights import observatory

    built = observatory(warehouse)
    current = built.releases.current_id()
    if current is None:
        raise SystemExit(f"Aucune version publiée dans {warehouse} : lancer d'abord une nuit.")
    release = built.release(current)
    own = next(r["code"] for r in release.table("dim_territory").to_pylist() if r["role"] == "territoire")
    members = {r["code"] for r in release.table("dim_territory").to_pylist() if r["role"] == "membre"}
    hidden: dict[str, int] = {}
    for row in release.table("fct_observation").to_pylist():
        if row["statut"] == "secret" and row["territoire_code"] in members:
            hidden[row["territoire_code"]] = hidden.get(row["territoire_code"], 0) + 1
    secret = max(sorted(hidden), key=lambda code: hidden[code])
    site = warehouse / "current" / "site"
    found = []
    for name, path in PAGES.items():
        path = path.format(epci=own, secret=secret)
        file = site / path.lstrip("/") / "index.html" if path.endswith("/") else site / path.lstrip("/")
        if not file.is_file():
            raise SystemExit(f"La page {path} n'existe pas : corriger PAGES dans {Path(__file__).name}.")
        found.append(Sheet(name, address + path, paged=True))
    return found


def _mails(warehouse: Path, folder: Path, address: str) -> list[Sheet]:
    """The longest and the shortest message written by the night, then the models of the others."""
    found: list[Sheet] = []

    def add(name: str, page: str, plain: str) -> None:
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        style = "white-space:pre-wrap;overflow-wrap:anywhere;font:15px monospace"
        text = f'<!doctype html><meta charset="utf-8"><pre style="{style}">{html.escape(plain)}</pre>'
        (folder / f"{name}-texte.html").write_text(text, encoding="utf-8")
        found.append(Sheet(name, f"{address}/{name}.html", MAIL))
        found.append(Sheet(f"{name}-texte", f"{address}/{name}-texte.html", ("390",)))

    messages = []
    for path in sorted((warehouse / "state" / "outbox").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        page, plain = message.get_body(("html",)), message.get_body(("plain",))
        if page is None or plain is None:
            raise SystemExit(f"{path.name} n'a pas ses deux parties, texte et HTML.")
        head = "".join(f"{key} : {message[key] or ''}\n" for key in ("From", "To", "Cc", "Subject"))
        messages.append((page.get_content(), f"{head}\n{plain.get_content()}"))
    messages.sort(key=lambda parts: (len(parts[0]), parts))
    if messages:
        add("courriel-long", *messages[-1])
        add("courriel-court", *messages[0])
    model = ROOT / "tests" / "alerts" / "golden"
    for name in ("changement", "confirmer", "point"):
        page, plain = ((model / f"{name}.{suffix}").read_text(encoding="utf-8") for suffix in ("html", "txt"))
        add(f"courriel-{name}", page, plain)
    return found


def _reports(warehouse: Path, folder: Path, address: str) -> list[Sheet]:
    """The steward's report of the newest run."""
    newest = sorted(warehouse.glob("runs/*/rapport.html"))[-1:]
    for path in newest:
        (folder / "rapport.html").write_bytes(path.read_bytes())
    return [Sheet("rapport", f"{address}/rapport.html", paged=True) for _ in newest]


def _picture(chrome: Any, address: str) -> Path:
    """The top of the home page, for the README."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    context = chrome.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 1240})
    try:
        page = context.new_page()
        page.goto(f"{address}/", wait_until="load")
        page.screenshot(path=str(PICTURE))
    finally:
        context.close()
    return PICTURE


def _assemble(chrome: Any, title: str, shots: list[tuple[str, Path]], path: Path) -> Path:
    """Shots side by side, each under its name, wide ones at half their size."""
    cells = []
    for dress, shot in shots:
        data = base64.b64encode(shot.read_bytes()).decode()
        width = int(DRESSES[dress]["viewport"]["width"] * (0.5 if "1280" in dress or dress == "impression" else 0.8))
        cells.append(
            f"<figure><figcaption>{html.escape(dress)}</figcaption>"
            f'<img width="{width}" src="data:image/png;base64,{data}"></figure>'
        )
    style = (
        "body{margin:0;padding:24px;background:#8d8d8d;font:16px sans-serif}h1{margin:0 0 16px;font-size:20px}"
        "div{display:flex;gap:24px;align-items:flex-start;width:max-content}figure{margin:0}img{display:block}"
    )
    context = chrome.new_context(viewport={"width": 2600, "height": 900})
    try:
        page = context.new_page()
        page.set_content(f"<style>{style}</style><h1>{html.escape(title)}</h1><div>{''.join(cells)}</div>")
        page.screenshot(path=str(path), full_page=True)
    finally:
        context.close()
    return path


def _pdf(chrome: Any, url: str, path: Path) -> Path:
    context = chrome.new_context()
    try:
        page = context.new_page()
        page.goto(url)
        page.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    finally:
        context.close()
    return path


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code (1 without Chromium or when the night failed)."""
    parser = argparse.ArgumentParser(prog="planches", description="Planches contact du site.")
    parser.add_argument("--entrepot", type=Path, help="entrepôt qui a sa version ; sans lui, une nuit à part")
    parser.add_argument("--vers", type=Path, default=ROOT / "planches", help="où écrire les planches")
    parser.add_argument("--pages", default="", help="seulement les planches dont le nom contient ce mot")
    asked = parser.parse_args(arguments)
    if not CHROMIUM:
        print("Chromium n'est pas installé : apt-get install chromium, puis recommencer.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="planches-") as folder:
        warehouse = asked.entrepot or Path(folder)
        if asked.entrepot is None:
            from tests.nights import run_night

            print("Une nuit de démonstration…", file=sys.stderr)
            record = run_night(warehouse)
            if record["exit_code"] != 0:
                print(f"La nuit de démonstration a échoué : {record['errors'] or record['summary']}", file=sys.stderr)
                return 1
        for path in sheets(warehouse, asked.vers, asked.pages):
            print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
