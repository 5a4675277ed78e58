"""CNAF, SSMSI, LOVAC, RNA, RPLS: what each decoder keeps, and what it refuses with where and what to do.

Not here: the publishers' own bytes and the portal (test_sources_social.py).
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError
from flows.sources import caf, lovac, rna, rpls, ssmsi


def page(body: bytes, name: str = "data") -> Page:
    return Page("https://editeur.example/fichier", body, name=name)


HEADER = (
    "CODGEO_2026;annee;indicateur;unite_de_compte;nombre;taux_pour_mille;est_diffuse;insee_pop;insee_pop_millesime"
)
VIF = "Violences physiques intrafamiliales"


def communal(*lines: str) -> list[Page]:
    return [page(gzip.compress("\n".join([HEADER, *lines]).encode(), mtime=0))]


def test_what_is_not_published_is_absent_not_zero(territory):
    rows = ssmsi.decode(
        communal(
            f"59002;2025;{VIF};Victime;NA;NA;ndiff;4106;2023",
            f"59172;2025;{VIF};Victime;0;0;diff;20000;2023",
            f"62001;2025;{VIF};Victime;9;1,2;diff;8000;2023",
            "59172;2025;Vols avec armes;Infraction;12;0,6;diff;20000;2023",
        ),
        territory,
    ).to_pylist()
    assert [(row["code"], row["nombre"], row["est_diffuse"]) for row in rows] == [
        ("59002", None, "ndiff"),
        ("59172", 0.0, "diff"),
    ]


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        ((f"59002;2025;{VIF};Victime;1;1;;4106;2023",), "diffusé"),
        ((f"59002;deux;{VIF};Victime;1;1;diff;4106;2023",), "année"),
        ((f"59002;2025;{VIF};Victime;beaucoup;1;diff;4106;2023",), "nombre"),
        ((f"59002;2025;{VIF};Victime;1;1;diff;4106",), "cellules"),
        ((f"59002;2025;{VIF};Victime;1;1;diff;4106;2023",) * 2, "deux fois"),
        ((f"62002;2025;{VIF};Victime;1;1;diff;4106;2023",), "Aucune ligne"),
    ],
)
def test_the_ministry_s_file_is_refused_when_it_is_wrong(territory, lines, match):
    with pytest.raises(DecodeError, match=match) as raised:
        ssmsi.decode(communal(*lines), territory)
    assert raised.value.where and raised.value.todo


def test_a_cut_archive_is_refused(territory):
    body = communal(f"59002;2025;{VIF};Victime;1;1;diff;4106;2023")[0].body
    with pytest.raises(DecodeError, match="abîmé ou coupé"):
        ssmsi.decode([page(body[: len(body) // 2])], territory)


def register(rows: list[str], name: str = "rna_waldec_20260901_dpt_59.csv", header: str = "") -> list[Page]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "\n".join([header or '"id";"date_creat";"adrs_codeinsee";"titre"', *rows]))
    return [page(out.getvalue())]


def test_associations_are_counted_by_commune_and_year_and_nothing_else_is_kept():
    found = rna.decode(
        register(
            [
                '"W1";"2024-03-01";"59172";"À;B"',
                '"W2";"2024-12-31";"59172";"C"',
                '"W3";"0001-01-01";"59172";"D"',
                '"W4";"2009-05-05";"59172";"E"',
                '"W5";"2025-01-01";"";"F"',
            ]
        ),
        "59",
    ).to_pylist()
    assert found == [
        {"code_commune": "59172", "annee": 2024, "creations": 2, "date_etat": dt.date(2026, 9, 1)},
    ]


@pytest.mark.parametrize(
    ("pages", "match"),
    [
        (register(['"W1";"2024-03-01";"59172";"A"'], name="rna_waldec_20260901_dpt_62.csv"), "0 fichier"),
        (register(['"W1";"2024-03-01";"59172"'], header='"id";"date_creat";"commune"'), "adrs_codeinsee"),
        (register(['"W1";"2024-03-01";"59172"']), "cellules"),
        (register(['"W1";"2024-03-01";"59172";"A"'] * 2), "deux fois"),
        (register(['"W1";"1999-03-01";"59172";"A"']), "Aucune création"),
        (register(['"W1";"2024-03-01";"59172";"A"'], name="rna_waldec_20261301_dpt_59.csv"), "pas une date"),
        ([page(b"PK\x03\x04 coupe")], "archive"),
    ],
)
def test_the_register_is_refused_when_it_is_wrong(pages, match):
    with pytest.raises(DecodeError, match=match) as raised:
        rna.decode(pages, "59")
    assert raised.value.where and raised.value.todo


def exported(records: list[dict[str, Any]], suffix: str = "") -> list[Page]:
    count = page(json.dumps({"total_count": len(records), "results": []}).encode(), f"count{suffix}")
    return [count, page(json.dumps(records).encode(), f"export{suffix}")]


def test_benefits_are_photographs_of_december():
    record = {"dtreffre": "2024-12", "numcomdo": "59172", "nomcom": "DENAIN", "indfoy_rsa": 1500, "indnbp_rsa": 3000}
    (row,) = caf.decode_benefits(exported([record, {**record, "numcomdo": ""}])).to_pylist()
    assert (row["annee"], row["indfoy_rsa"], row["indnbp_rsa"]) == (2024, 1500.0, 3000.0)
    with pytest.raises(DecodeError, match="décembre"):
        caf.decode_benefits(exported([{**record, "dtreffre": "2024-06"}]))
    with pytest.raises(DecodeError, match="deux fois"):
        caf.decode_benefits(exported([record, record]))
    with pytest.raises(SourceContentError, match="au lieu des 1"):
        caf.decode_benefits([exported([record])[0], exported([record, record])[1]])


def test_a_vacancy_marker_that_nobody_announced_is_refused():
    good = "CODGEO_26;LIBGEO_26;pp_vacant_plus_2ans_25;ff_pp_total_25\n59002;Abscon;s;1 400\n"
    departement = "DEP;LIB_DEP;pp_total_25\n59;Nord;1000\n"
    pages = [page(departement.encode(), "data-departements"), page(good.encode(), "data-communes")]
    found = {(row["code"], row["mesure"]): row["valeur_brute"] for row in lovac.decode(pages, "59").to_pylist()}
    assert found["59002", "pp_vacant_plus_2ans"] == "s" and found["59002", "pp_total"] == "1400"
    pages[1] = page(good.replace(";s;", ";nc;").encode(), "data-communes")
    with pytest.raises(DecodeError, match="pas un nombre"):
        lovac.decode(pages, "59")


def test_a_region_has_all_its_departements_or_is_refused():
    lines = "DEP;LIB_DEP;pp_total_25\n59;Nord;1000\n62;Pas-de-Calais;800\n75;Paris;900\n"
    pages = [page(lines.encode(), "data-departements")]
    assert {row["code"] for row in lovac.decode(pages, "59", ("59", "62")).to_pylist()} == {"59", "62"}
    with pytest.raises(DecodeError, match="département 02, 80 n'est pas"):
        lovac.decode(pages, "59", ("80", "59", "02"))


def test_dwellings_are_counted_by_year_of_first_letting():
    def archive(name: str, *lines: str) -> list[Page]:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr(name, "\n".join(["DEPCOM;LOCAT", *lines]))
        return [page(out.getvalue())]

    rows = rpls.decode(archive("RPLS2025.csv", "59172;2024", "59172;2024", "59172;2025", "62001;2024"), "59")
    assert rows.to_pylist() == [{"code_commune": "59172", "annee": 2024, "logements": 2, "millesime": 2025}]
    with pytest.raises(DecodeError, match="ne dit pas une année"):
        rpls.decode(archive("logements.csv", "59172;2024"), "59")
