"""Contact sheets of the site: each key page in each dress, side by side, to be looked at by a person.

    python -m tests.browser.planches FOLDER_OF_A_SITE [FOLDER_OF_SHEETS]

Writes one PNG a page (`planches/<page>.png`) and one PDF as printed (`planches/<page>.pdf`). Not here: any check.
"""

from __future__ import annotations

import base64
import html
import sys
import tempfile
from pathlib import Path

from tests.browser.shots import CHROMIUM, DRESSES, browser, served, shoot

PAGES = [
    "/",
    "/indicateurs/",
    "/indicateurs/revenu-median-uc/",
    "/indicateurs/consommation-enaf/",
    "/indicateurs/taux-pauvrete/",
    "/indicateurs/jours-air-degrade/",
    "/communes/",
    "/communes/59172/",
    "/epci/200042190/",
    "/engagements/e1/",
    "/qualite/",
    "/sources/",
    "/brut/",
    "/journal/",
    "/telechargements/",
    "/methodes/",
    "/404.html",
]
SHEET = ["1280", "1280 sombre", "390", "390 sombre", "320 sans JavaScript", "impression"]


def sheets(site: Path, out: Path) -> list[Path]:
    """One sheet a page, six dresses on each; returns the files written."""
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with served(site) as address, browser() as chrome, tempfile.TemporaryDirectory() as scratch:
        for page in PAGES:
            file = site / page.lstrip("/") / "index.html" if page.endswith("/") else site / page.lstrip("/")
            if not file.exists():
                continue
            name = page.strip("/").replace("/", "-").removesuffix(".html") or "accueil"
            shots = []
            for dress in SHEET:
                shot = Path(scratch) / f"{dress}.png"
                shoot(chrome, address + page, dress, shot)
                shots.append((dress, shot))
            written.append(_assemble(chrome, page, shots, out / f"{name}.png"))
            written.append(_pdf(chrome, address + page, out / f"{name}.pdf"))
    return written


def _assemble(chrome, title: str, shots: list[tuple[str, Path]], path: Path) -> Path:
    """Shots side by side, each at a third of its size, under its name."""
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


def _pdf(chrome, url: str, path: Path) -> Path:
    context = chrome.new_context()
    try:
        page = context.new_page()
        page.goto(url)
        page.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    finally:
        context.close()
    return path


def main() -> None:
    """Command line: the folder of a site, then where the sheets go (`planches` by default)."""
    if not CHROMIUM:
        raise SystemExit("Chromium n'est pas installé : apt install chromium.")
    if len(sys.argv) < 2:
        raise SystemExit("Usage : python -m tests.browser.planches DOSSIER_DU_SITE [DOSSIER_DES_PLANCHES]")
    for path in sheets(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "planches")):
        print(path)


if __name__ == "__main__":
    main()
