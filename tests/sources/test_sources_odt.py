"""Observatoire des territoires: the original bytes, what is refused, and the whole way through the portal."""

from __future__ import annotations

import csv
import datetime as dt
from urllib.parse import urlencode

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError
from flows.portal import Portal
from flows.sources import odt
from flows.sources.http import HttpClient
from tests.sources.conftest import ROOT, FakeHttp, context

DEMONSTRATION = ROOT / "warehouse/demonstration"
HEADER = "codgeo;libgeo;an;part_non_inseres\r\n"


def page(text: str | bytes, level: str = "com2025") -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    return Page(f"{odt.ADDRESS}?{urlencode({'type': 'stat', 'nivgeo': level})}", body, name="donnees")


@pytest.mark.parametrize(
    ("file", "level", "rows", "example"),
    [
        ("communes_2008_2013_2018", "com2025", 246, ("COM", "59172", 2018, "36,60")),
        ("epci_2008_2013_2018", "epci2025", 6, ("EPCI", "200042190", 2018, "25,00")),
        ("departement", "dep", 30, ("DEP", "59", 2018, "18,90")),
        ("region", "reg", 6, ("REG", "32", 2018, "20,20")),
    ],
)
def test_the_original_files(shared, territory, file, level, rows, example):
    body = (shared / f"data/social/neet/odt_neet_15_24_{file}.csv").read_bytes()
    table = odt.decode([page(body, level)], territory).to_pylist()
    assert len(table) == rows
    assert example in {(r["niveau"], r["codgeo"], r["an"], r["valeur_brute"]) for r in table}


def test_other_places_are_left_out_and_markers_kept(territory):
    text = HEADER + "59172;Denain;2018;N/A - secret statistique\r\n62041;Arras;2018;20,1\r\n"
    rows = odt.decode([page("﻿" + text)], territory).to_pylist()
    assert [(r["codgeo"], r["valeur_brute"]) for r in rows] == [("59172", "N/A - secret statistique")]


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("codgeo;libgeo;an\r\n59172;Denain;2018\r\n", "com2025", "part_non_inseres"),
        (HEADER + "59172;Denain;18;20,1\r\n", "com2025", "L'année « 18 »"),
        (HEADER + "62041;Arras;2018;20,1\r\n", "com2025", "Aucun de nos territoires au niveau COM"),
        (HEADER + "59172;Denain;2018\r\n", "com2025", "3 cellules au lieu de 4"),
        (HEADER + "59172;Denain;2018;20,1\r\n", "iris", "quel niveau"),
        ((HEADER + "59172;Déchy;2018;20,1\r\n").encode("cp1252"), "com2025", "UTF-8"),
    ],
)
def test_what_is_refused_says_where(territory, text, level, words):
    with pytest.raises(DecodeError, match=words) as caught:
        odt.decode([page(text, level)], territory)
    assert odt.ADDRESS in caught.value.where and caught.value.todo


def test_another_indicator_is_refused_at_once(territory):
    dataset = odt.datasets(territory)[0]
    http = FakeHttp(lambda url, params: page("codgeo;libgeo;an;autre\r\n59172;Denain;2018;3\r\n"))
    with pytest.raises(SourceContentError, match="ne rend pas l'indicateur"):
        list(dataset.fetch(context(http, territory), next(iter(dataset.partitions(context(http, territory))))))


def test_the_table_comes_back_through_the_portal(territory):
    dataset = odt.datasets(territory)[0]
    assert dataset.switched_off
    agent = "Observatoire-2044/test"
    with (
        Portal(DEMONSTRATION, dt.date(2026, 11, 20)) as portal,
        HttpClient(portal=portal.url, user_agent=agent, tries=1) as client,
    ):
        ctx = context(client, territory)
        pages = [page for p in dataset.partitions(ctx) for page in dataset.fetch(ctx, p)]
    assert not any(page.simulated for page in pages)
    found = [{k: str(v) for k, v in row.items()} for row in dataset.decode(pages).to_pylist()]
    with (DEMONSTRATION / "odt__non_inseres.csv").open(encoding="utf-8", newline="") as stream:
        assert found == list(csv.DictReader(stream))
