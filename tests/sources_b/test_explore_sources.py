"""ODRÉ and DREES over Explore v2.1: real field names and shapes, reconstructed groups and workbook."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from flows.core.errors import DecodeError, SourceContentError
from flows.sources import drees, explore, odre
from tests.sources_b.conftest import FakeHttp, context, fetched, make_territory, page

ODRE = explore.base(odre.HOST, odre.SLUG)
TITLE = "Registre national des installations de production et de stockage d'électricité (au 31/07/2026)"


def group(epci: str, **changes: Any) -> dict[str, Any]:
    return {
        "codeepci": epci,
        "codeinseecommune": "59172",
        "commune": "Denain",
        "filiere": "Solaire",
        "n_lignes": 3,
        "n_avec_energie": 2,
        "nb_installations": 41.0,
        "puissance_kw": 285.2,
        "energie_injectee_kwh": 84000.0,
    } | changes


def registry(title: str = TITLE, counted: int | None = None, **changes: Any) -> FakeHttp:
    def export(params: dict[str, str]) -> Any:
        epci = re.fullmatch(r'codeepci="(\d+)"', params["where"])[1]  # type: ignore[index]
        return [group(epci, **changes), group(epci, codeinseecommune="59014", n_lignes=1, n_avec_energie=1)]

    return FakeHttp(
        {
            ODRE: lambda p: {"metas": {"default": {"title": title, "modified": "2026-08-12T08:15:42+00:00"}}},
            f"{ODRE}/records": lambda p: {
                "total_count": sum(g["n_lignes"] for g in export(p)) if counted is None else counted,
                "results": [],
            },
            f"{ODRE}/exports/json": export,
        }
    )


def dataset_of(module: Any) -> Any:
    (dataset,) = module.datasets(make_territory())
    return dataset


def test_the_registry_is_read_by_epci_with_its_date_of_state() -> None:
    http = registry()
    dataset = dataset_of(odre)
    pages = fetched(dataset, context(http, make_territory()))
    rows = dataset.decode(pages).to_pylist()
    assert len(rows) == 4 and {str(r["date_etat"]) for r in rows} == {"2026-07-31"}
    asked = [params for url, params in http.asked if url.endswith("/exports/json")]
    assert [a["where"] for a in asked] == ['codeepci="200042190"', 'codeepci="245901160"']
    assert "count(energieannuelleglissanteinjectee) as n_avec_energie" in asked[0]["select"]
    assert [params["limit"] for url, params in http.asked if url.endswith("/records")] == ["0", "0"]
    assert dataset.probe(context(http, make_territory()), None) == "2026-08-12T08:15:42+00:00"


@pytest.mark.shared
def test_every_field_asked_exists_in_a_real_record(shared: Path) -> None:
    record = json.loads((shared / "data" / "api" / "odre_registre_export_json_excerpt.json").read_bytes())[0]
    asked = {re.sub(r"^\w+\((.*)\) as \w+$", r"\1", item) for item in odre.SELECT} - {"*"}
    assert asked <= set(record)


def test_without_one_known_energy_the_sum_is_unknown_not_zero() -> None:
    dataset = dataset_of(odre)
    pages = fetched(dataset, context(registry(n_avec_energie=0, energie_injectee_kwh=0.0), make_territory()))
    energies = {r["codeinseecommune"]: r["energie_injectee_kwh"] for r in dataset.decode(pages).to_pylist()}
    assert energies == {"59172": None, "59014": 84000.0}


@pytest.mark.parametrize(
    ("http", "error", "words"),
    [
        (registry(counted=9), SourceContentError, "4 lignes au lieu des 9"),
        (registry(title="Registre national"), DecodeError, "date d'état"),
        (registry(title="Registre (au 31/02/2026)"), DecodeError, "n'existe pas"),
        (registry(n_lignes="3", counted=1), DecodeError, "n_lignes"),
        (FakeHttp(registry().answers | {f"{ODRE}/exports/json": b"[]"}), SourceContentError, "0 lignes au lieu"),
        (
            FakeHttp(
                registry(counted=0).answers | {f"{ODRE}/exports/json": b"[]"},
            ),
            SourceContentError,
            "aucune ligne",
        ),
        (
            FakeHttp(
                registry().answers
                | {f"{ODRE}/exports/json": b'[{"a":1},\nStreaming interrupted due to the following error: x'}
            ),
            SourceContentError,
            "interrompu",
        ),
    ],
)
def test_an_export_is_believed_only_when_whole(http: FakeHttp, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        fetched(dataset_of(odre), context(http, make_territory()))


def test_a_filter_that_was_not_honoured_is_seen() -> None:
    dataset = dataset_of(odre)
    pages = fetched(dataset, context(registry(codeepci="200000000"), make_territory()))
    with pytest.raises(DecodeError, match="200000000"):
        dataset.decode(pages)
    pages = fetched(dataset, context(registry(n_avec_energie=5), make_territory()))
    with pytest.raises(DecodeError, match="5 énergies pour 3 lignes"):
        dataset.decode(pages)


@pytest.mark.shared
def test_a_recorded_answer_counts_its_rows(shared: Path) -> None:
    recorded = (shared / "data" / "api" / "ods_records_sample.json").read_bytes()
    rows = page([{"n": 300}, {"n": 97}])
    assert len(explore.export_rows(rows, page(recorded), "n")) == 2
    with pytest.raises(SourceContentError, match="397"):
        explore.export_rows(page([{"n": 300}]), page(recorded), "n")


# --- DREES -------------------------------------------------------------------------------------------------------

APL = explore.base(drees.HOST, drees.SLUG)
HEADER = [
    "Code commune INSEE",
    "Commune",
    "APL aux médecins généralistes ",
    "APL aux médecins généralistes de 65 ans et moins ",
    "APL aux médecins généralistes de 62 ans et moins",
    "Population standardisée 2022 pour la médecine générale",
    "Population totale 2022",
]


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A workbook of the publisher's shape: eight title rows, the header on row 9, a unit row (reconstructed)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Paramètres").write(0, 0, "Lisez-moi")
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    sheet.write(8 + i, j, cell)
            sheet.write(0, 0, "Accessibilité potentielle localisée (APL) aux médecins généralistes")
    return out.getvalue()


UNITS = ["", "", "consultations/an/hab. standardisé", "", "", "habitants", "habitants"]
DENAIN = ["59172", "Denain", 3.96, 3.1, 2.9, 20114.5, 20030]
PARIS = ["75101", "Paris 1er", 4.1, 3.2, 3.0, 15000.0, 16000]


def attachments(*titles: str) -> dict[str, Any]:
    return {
        "links": [],
        "attachments": [
            {"href": f"{APL}/attachments/id_{i}", "metas": {"mime-type": "x", "title": t, "id": f"id_{i}"}}
            for i, t in enumerate(titles)
        ],
    }


def apl_server(body: bytes, *titles: str) -> FakeHttp:
    titles = titles or ("Indicateur d'APL aux pédiatres.xlsx", "Indicateur d’APL aux Médecins généralistes.xlsx")
    return FakeHttp(
        {
            f"{APL}/attachments": lambda p: attachments(*titles),
            f"{APL}/attachments/id_1": body,
            APL: lambda p: {"metas": {"default": {"modified": "2026-02-17T10:24:05+00:00"}}},
        }
    )


def test_the_workbook_is_found_by_its_title_and_read_by_its_headers() -> None:
    other = [HEADER[1], HEADER[0], *HEADER[2:]]  # another year, another order of columns
    body = workbook(
        {
            "APL 2023": [HEADER, UNITS, DENAIN, PARIS],
            "APL 2024": [other, UNITS, ["Denain", "59172", "NA", "", 2.9, 20200.0, 20050]],
        }
    )
    dataset = dataset_of(drees)
    rows = dataset.decode(fetched(dataset, context(apl_server(body), make_territory()))).to_pylist()
    assert rows == [
        {
            "annee": 2023,
            "code_commune": "59172",
            "commune": "Denain",
            "apl": 3.96,
            "apl_65": 3.1,
            "population_standardisee": 20114.5,
            "population_totale": 20030.0,
        },
        {
            "annee": 2024,
            "code_commune": "59172",
            "commune": "Denain",
            "apl": None,
            "apl_65": None,
            "population_standardisee": 20200.0,
            "population_totale": 20050.0,
        },
    ]


@pytest.mark.parametrize("titles", [("APL aux sages-femmes",), ("APL aux médecins généralistes",) * 2])
def test_a_title_that_is_missing_or_doubled_lists_what_was_seen(titles: tuple[str, ...]) -> None:
    with pytest.raises(SourceContentError, match="titres vus : APL aux"):
        fetched(dataset_of(drees), context(apl_server(b"", *titles), make_territory()))


def test_an_attachment_cannot_lead_elsewhere() -> None:
    listed = attachments("APL aux médecins généralistes")
    listed["attachments"][0]["metas"]["id"] = "../../autre"
    with pytest.raises(DecodeError, match="n'en est pas un"):
        explore.attachment_address(page(listed), drees.HOST, drees.SLUG, drees.TITLE)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not a workbook", "ne peut pas être lu"),
        (workbook({"Feuille": [HEADER, UNITS, DENAIN]}), "APL AAAA"),
        (workbook({"APL 2023": [["Code", *HEADER[1:]], DENAIN]}), "Pas de ligne d'en-tête"),
        (workbook({"APL 2023": [[*HEADER[:2], "APL", *HEADER[3:]], DENAIN]}), "0 colonne « APL aux"),
        (workbook({"APL 2023": [HEADER, UNITS, PARIS]}), "Aucune commune du département 59"),
        (workbook({"APL 2023": [HEADER, UNITS, DENAIN, DENAIN]}), "deux fois"),
        (workbook({"APL 2023": [HEADER, UNITS, [*DENAIN[:2], "faible", *DENAIN[3:]]]}), "« faible » n'est pas"),
    ],
)
def test_a_workbook_that_changed_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        drees.decode([page(body)], "59")


@pytest.mark.shared
def test_published_values_survive_the_workbook(shared: Path) -> None:
    """The 82 communes' values of three years, put in a workbook of the publisher's shape, come back unchanged."""
    with (shared / "data" / "health" / "drees_apl_generalistes_2022_2024_rouages_derived.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        known = [r for r in csv.DictReader(file) if re.fullmatch(r"59\d{3}", r["code"])]
    sheets: dict[str, list[list[Any]]] = {}
    for row in known:
        sheet = sheets.setdefault(f"APL {row['annee']}", [HEADER, UNITS])
        figures = [float(row[k]) for k in ("apl_generalistes", "apl_generalistes_65_ans_et_moins")]
        sheet.append([row["code"], row["nom"], *figures, "", 1.0, 1.0])
    rows = drees.decode([page(workbook(sheets))], "59").to_pylist()
    assert {(str(r["annee"]), r["code_commune"], r["apl"]) for r in rows} == {
        (r["annee"], r["code"], float(r["apl_generalistes"])) for r in known
    }
    assert len(rows) == len(known) > 200
