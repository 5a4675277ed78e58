"""ORE and ADEME over data-fair: recorded values re-shaped into the wire form that the server's source documents."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.core.errors import DecodeError, SourceContentError, SourceWithdrawn
from flows.sources import ademe_dpe, datafair, ore
from tests.sources_b.conftest import FakeHttp, context, fetched, make_territory, page

LINES = f"{datafair.base(ore.HOST, ore.SLUG)}/lines"
AGG = f"{datafair.base(ore.HOST, ore.SLUG)}/values_agg"
EPCIS = ("200042190", "245901160")


def lines_server(rows: dict[tuple[str, str], list[dict[str, Any]]], size: int = 3) -> Callable[..., Any]:
    """A `/lines` that pages like the real one: `next` on every full page, the last full one included."""

    def answer(params: dict[str, str]) -> Any:
        found = rows[(params["code_epci_eq"], params["annee_eq"])]
        start = int(params.get("after", "0"))
        chosen = found[start : start + size]
        value: dict[str, Any] = {"total": len(found), "results": chosen}
        if len(chosen) == size:
            query = "&".join(f"{k}={v}" for k, v in params.items() if k not in ("after", "page"))
            value["next"] = f"https://ailleurs.example/lines?{query}&after={start + size}"
        return value

    return answer


def consumption(epci: str, annee: str, number: int) -> dict[str, Any]:
    """One row as `/lines` gives it: the year is text, null fields are absent."""
    return {
        "annee": annee,
        "code_commune": "59172",
        "nom_commune": "Denain",
        "code_epci": epci,
        "operateur": "Enedis",
        "filiere": "Electricité",
        "code_grand_secteur": "RESIDENTIEL",
        "code_categorie_consommation": "RES",
        "nb_sites": 10 + number,
        "conso_totale_mwh": 100.5 + number,
        "nombre_de_mailles_secretisees": 0,
        "_score": None,
    }


def server(count: int = 7, size: int = 3) -> FakeHttp:
    rows = {(e, "2024"): [consumption(e, "2024", i) for i in range(count)] for e in EPCIS}
    years = {"total": 40, "total_values": 4, "total_other": 0}
    years["aggs"] = [{"total": 10, "value": year, "results": []} for year in ("2024", "2011", "2023", "2022")]
    return FakeHttp(
        {
            LINES: lines_server(rows, size),
            AGG: lambda params: years,
            datafair.base(ore.HOST, ore.SLUG): lambda params: {"dataUpdatedAt": "2025-10-14T06:12:31.000Z"},
        }
    )


def test_years_are_discovered_and_all_but_two_closed() -> None:
    ctx = context(server(), make_territory())
    parts = ore.years(ctx)
    assert [(p.key, p.closed) for p in parts] == [("2011", True), ("2022", True), ("2023", False), ("2024", False)]
    (dataset,) = ore.datasets(make_territory())
    assert dataset.probe is not None and dataset.probe(ctx, parts[-1]) == "2025-10-14T06:12:31.000Z"


@pytest.mark.parametrize("count", [1, 3, 6, 7])
def test_paging_reads_every_row_to_the_end(count: int) -> None:
    http = server(count)
    ctx = context(http, make_territory())
    pages = list(ore.fetch(ctx, ore.years(ctx)[-1]))
    table = ore.decode(pages, make_territory())
    assert table.num_rows == 2 * count and table.schema == ore.SCHEMA
    assert {url for url, _ in http.asked} == {AGG, LINES}, "an answer never sends us to another host"
    first = next(params for url, params in http.asked if url == LINES)
    assert first["size"] == "10000" and first["code_epci_eq"] == EPCIS[0] and first["annee_eq"] == "2024"


def test_the_order_of_pages_and_rows_changes_nothing() -> None:
    ctx = context(server(), make_territory())
    pages = list(ore.fetch(ctx, ore.years(ctx)[-1]))
    assert ore.decode(pages, make_territory()).equals(ore.decode(pages[::-1], make_territory()))


def test_a_short_or_moving_answer_is_refused() -> None:
    def short(params: dict[str, str]) -> Any:
        return {"total": 5, "results": [consumption(EPCIS[0], "2024", 0)]}

    with pytest.raises(SourceContentError, match="1 lignes reçues au lieu des 5"):
        list(datafair.lines(FakeHttp({LINES: short}), ore.HOST, ore.SLUG, [], "lines"))

    def moving(params: dict[str, str]) -> Any:
        seen = int(params.get("after", "0"))
        return {"total": 5 + seen, "results": [{}], "next": f"https://x/?after={seen + 1}"}

    with pytest.raises(SourceContentError, match="est passé de 5 à 6"):
        list(datafair.lines(FakeHttp({LINES: moving}), ore.HOST, ore.SLUG, [], "lines"))

    def stuck(params: dict[str, str]) -> Any:
        return {"total": 5, "results": [{}], "next": "https://x/?after=1"}

    with pytest.raises(SourceContentError, match="n'avance pas"):
        list(datafair.lines(FakeHttp({LINES: stuck}), ore.HOST, ore.SLUG, [], "lines"))


def test_no_row_for_an_epci_is_not_a_small_epci() -> None:
    rows = {(EPCIS[0], "2024"): [], (EPCIS[1], "2024"): []}
    ctx = context(FakeHttp({LINES: lines_server(rows)}), make_territory())
    with pytest.raises(SourceContentError, match="Aucune ligne pour l'EPCI 200042190"):
        list(ore.fetch(ctx, ore.Partition("2024", {"annee": "2024"})))


def test_a_filter_that_was_not_honoured_is_seen() -> None:
    stranger = consumption("200069193", "2024", 0)
    with pytest.raises(DecodeError, match="200069193"):
        ore.decode([page({"total": 1, "results": [stranger]}, "lines-200042190-1")], make_territory())
    mixed = [consumption(EPCIS[0], year, 0) for year in ("2023", "2024")]
    with pytest.raises(DecodeError, match="plusieurs années : 2023, 2024"):
        ore.decode([page({"total": 2, "results": mixed}, "lines-200042190-1")], make_territory())


def test_a_suppressed_value_is_null_and_zero_stays_zero() -> None:
    secret = {k: v for k, v in consumption(EPCIS[0], "2024", 0).items() if k not in ("conso_totale_mwh", "nb_sites")}
    secret["nombre_de_mailles_secretisees"] = 2
    zero = consumption(EPCIS[0], "2024", 1) | {"conso_totale_mwh": 0}
    rows = ore.decode([page({"total": 2, "results": [secret, zero]}, "lines-x-1")], make_territory()).to_pylist()
    assert {(r["conso_totale_mwh"], r["nb_sites"], r["nombre_de_mailles_secretisees"]) for r in rows} == {
        (None, None, 2),
        (0.0, 11, 0),
    }


@pytest.mark.shared
def test_recorded_rows_add_up_to_the_server_s_own_totals(shared: Path) -> None:
    """Recorded values (Paris 2024, Ambérieu 2018 and 2024) in the wire form; totals recorded from `values_agg`."""
    with (shared / "data" / "energy" / "ore_lines_sample_paris_amberieu.csv").open(encoding="utf-8", newline="") as f:
        recorded = list(csv.DictReader(f))
    paris = make_territory(epci="200054781", voisins=())
    sums: dict[tuple[str, str, str], float] = {}
    secret = 0
    for annee in ("2018", "2024"):
        results = []
        for row in (r for r in recorded if r["annee"] == annee):
            value: dict[str, Any] = {k: v for k, v in row.items() if v != ""} | {"code_epci": "200054781"}
            for key in ("nb_sites", "conso_totale_mwh", "nombre_de_mailles_secretisees"):
                if key in value:
                    value[key] = json.loads(value[key])
            results.append(value)
        wire = page({"total": len(results), "results": results}, "lines-200054781-1")
        for row in ore.decode([wire], paris).to_pylist():
            secret += row["conso_totale_mwh"] is None
            key = (row["code_commune"], row["filiere"], str(row["annee"]))
            sums[key] = sums.get(key, 0.0) + (row["conso_totale_mwh"] or 0.0)
    assert secret == 4
    due = {
        ("01004", "Electricité", "2018"): 91251.909,
        ("01004", "Electricité", "2024"): 78768.595,
        ("01004", "Gaz", "2018"): 77307.369,
        ("01004", "Gaz", "2024"): 62008.728,
        ("75056", "Electricité", "2024"): 12146787.009,
        ("75056", "Gaz", "2024"): 8182579.494,
    }
    assert sums == {key: pytest.approx(value, abs=0.001) for key, value in due.items()}


@pytest.mark.shared
def test_a_recorded_page_of_lines_is_read(shared: Path) -> None:
    body = (shared / "data" / "api" / "ademe_dpe_datafair_lines_excerpt.json").read_bytes()
    rows = datafair.results_of(page(body))
    assert len(rows) == 2 and "annee_construction" not in rows[0], "a null field is absent"


# --- ADEME -------------------------------------------------------------------------------------------------------

DPE = datafair.base(ademe_dpe.HOST, ademe_dpe.SLUG)


def labels(counts: dict[str, dict[str, int]], **root: Any) -> dict[str, Any]:
    """A nested `values_agg` answer (reconstructed from the server's source)."""
    aggs = [
        {
            "total": sum(by.values()),
            "value": code,
            "total_values": len(by),
            "total_other": 0,
            "results": [],
            "aggs": [{"total": n, "value": label, "results": []} for label, n in by.items()],
        }
        for code, by in counts.items()
    ]
    total = sum(a["total"] for a in aggs)
    return {"total": total, "total_values": len(aggs), "total_other": 0, "aggs": aggs} | root


def dpe_server(answer: dict[str, Any]) -> FakeHttp:
    return FakeHttp(
        {DPE: lambda p: {"dataUpdatedAt": "2026-06-30T04:05:06Z"}, f"{DPE}/values_agg": lambda params: answer}
    )


def test_labels_are_counted_by_commune_with_their_date() -> None:
    (dataset,) = ademe_dpe.datasets(make_territory())
    http = dpe_server(labels({"59172": {"F": 12, "A": 1}, "59014": {"D": 7}}, total=25))
    pages = fetched(dataset, context(http, make_territory()))
    assert dict(http.asked)[f"{DPE}/values_agg"] == {
        "field": "code_insee_ban;etiquette_dpe",
        "agg_size": "1000;10",
        "qs": 'code_departement_ban:"59"',
    }
    rows = [(r["code_insee_ban"], r["etiquette_dpe"], r["nombre"]) for r in dataset.decode(pages).to_pylist()]
    assert rows == [("59014", "D", 7), ("59172", "A", 1), ("59172", "F", 12)]
    assert {str(r["date_etat"]) for r in dataset.decode(pages).to_pylist()} == {"2026-06-30"}
    assert all(b"adresse" not in p.body for p in pages)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (labels({"59172": {"F": 1}}, total_other=4), "tronquée : 4"),
        (labels({"59172": {"F": 9}}, total=3), "dépassent"),
        (labels({}), "Aucun diagnostic"),
        ({"total": 1, "total_other": 0}, "liste « aggs »"),
        ({"total": 1, "aggs": [{"total": 1, "value": "59172"}]}, "tronquée"),
    ],
)
def test_an_aggregation_that_is_not_whole_is_refused(answer: dict[str, Any], words: str) -> None:
    (dataset,) = ademe_dpe.datasets(make_territory())
    with pytest.raises(SourceContentError, match=words):
        fetched(dataset, context(dpe_server(answer), make_territory()))


def test_an_inner_level_may_be_truncated_too() -> None:
    answer = labels({"59172": {"F": 1}})
    answer["aggs"][0]["total_other"] = 2
    with pytest.raises(SourceContentError, match="tronquée : 2") as caught:
        list(datafair.groups(page(answer), 2))
    assert "59172" in caught.value.where


def test_a_withdrawn_dataset_says_so() -> None:
    (dataset,) = ademe_dpe.datasets(make_territory())
    with pytest.raises(SourceWithdrawn):
        fetched(dataset, context(FakeHttp(), make_territory()))
