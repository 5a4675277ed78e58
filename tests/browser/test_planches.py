"""The contact sheets: their list matches a real site, and a machine without Chromium is told what to do."""

from __future__ import annotations

from pathlib import Path

from tests.browser import planches


def test_without_chromium_it_says_so_and_fails(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(planches, "CHROMIUM", "")
    assert planches.main(["--vers", str(tmp_path / "planches")]) == 1
    assert "apt-get install chromium" in capsys.readouterr().err
    assert not (tmp_path / "planches").exists()


def test_every_page_to_look_at_exists_in_a_night(night_folder: Path, tmp_path: Path):
    """Pages, messages and report of the reference night: nothing of the list is missing or silently left out."""
    pages = planches._pages(night_folder, "")
    assert [sheet.name for sheet in pages] == list(planches.PAGES)
    secret = next(sheet.url for sheet in pages if sheet.name == "commune-secrets")
    page = (night_folder / "current" / "site" / secret.strip("/") / "index.html").read_text(encoding="utf-8")
    assert "secret statistique" in page.replace("\u00a0", " ")
    mails = [sheet.name for sheet in planches._mails(night_folder, tmp_path, "")]
    assert {
        "courriel-long",
        "courriel-long-texte",
        "courriel-changement",
        "courriel-changement-texte",
        "courriel-point",
    } <= set(mails)
    assert all((tmp_path / f"{name}.html").stat().st_size for name in mails)
    assert [sheet.name for sheet in planches._reports(night_folder, tmp_path, "")] == ["rapport"]
