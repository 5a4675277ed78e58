"""The page of the story: nights, e-mails with their charts inside, log; without living any night."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from flows.alerts.mime import PNG, build
from tests.nights import ROOT
from tests.story.nights import Act, _before_the_story, _rewritten, _rows
from tests.story.page import write


def act(folder: Path, *messages: Path) -> Act:
    line = {"evenement": "entree_derive", "destinataires": "referents", "raison": ""}
    return Act(
        title="Une dérive", what="Le Cerema publie <2024>.", nuit=dt.date(2026, 11, 22),
        record={"release": {"published": True, "reason": "nouvelles données"}, "exit_code": 0}, release="r2",
        state={"etat": "derive", "raison_texte": "Deux années définitives."}, messages=messages, log=(line,),
    )  # fmt: skip


def test_the_page_holds_its_e_mails_and_links_to_the_sites(tmp_path: Path) -> None:
    raw = build(
        message_id="<a@exemple.fr>", subject="Écart", sender="a@exemple.fr", sender_name="Observatoire",
        recipient="", recipient_name="référent", text="t", html='<p><img src="cid:enaf"> "gros"</p>',
        nuit="2026-11-22", charts={"enaf": PNG},
    )  # fmt: skip
    (tmp_path / "a.eml").write_bytes(raw)
    page = write([act(tmp_path, tmp_path / "a.eml"), act(tmp_path)], tmp_path, ROOT / "site" / "words.yml", 90)
    text = page.read_text(encoding="utf-8")
    for words in (
        "En dérive",
        "dit aux référents",
        "data:image/png;base64,",
        "Personne ne reçoit rien",
        "&lt;2024&gt;",
    ):
        assert words in text, words
    assert "cid:" not in text and "entrepot/releases/r2/site/alertes/index.html" in text and "http" not in text


def test_the_figures_of_the_story_are_those_it_tells(tmp_path: Path) -> None:
    figures = ROOT / "warehouse" / "demonstration" / "cerema__consommation_enaf.csv"
    kept: list[dict[str, str]] = []
    rows = _before_the_story(figures, kept)
    assert {row["annee"] for row in kept} == {"2024"} and "2024" not in {row["annee"] for row in rows}

    def total(rows: list[dict[str, str]], year: str) -> float:
        return sum(float(row["naf_m2"] or 0) for row in rows if row["annee"] == year)

    assert round(total(rows, "2022") / total(_rows(figures), "2022"), 2) == 1.6
    assert round(total(_rewritten(figures), "2023") / total(_rows(figures), "2023"), 2) == 0.45
