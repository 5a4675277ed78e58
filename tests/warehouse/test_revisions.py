"""Revisions against the predecessor's etat/: every cause, the sums over two predecessors, and who keeps what.

The SQL of the two marts is rendered with the few macros they use and run over small states written here.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pytest

from flows.core.tables import TABLES
from flows.warehouse.catalogue import read_indicators
from flows.warehouse.etat import write_etat
from flows.warehouse.revisions import CONTEXT, context_table, predecessor_revisions
from tests.tiny_release import TinyRelease, build, tiny_release
from tests.warehouse.kit import PROJECT

MARTS = PROJECT / "models" / "marts"
EPCI = ("epci", "200042190")
KEY = ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation")


def figure(indicateur: str, periode: str, valeur: float | None, **more: Any) -> dict[str, Any]:
    row = {"indicateur": indicateur, "territoire_niveau": EPCI[0], "territoire_code": EPCI[1], "periode": periode}
    row |= {"annee": float(periode[:4]), "valeur": valeur, "statut": "definitif", "nature": "publie"}
    return row | {"jeux": ["x/y"], "editions": ["e1"]} | more


def context(**digests: str) -> pa.Table:
    """`methode__population="a"` → one row of CONTEXT each; every figure of the tests is made by something."""
    rows = [dict(zip(CONTEXT.names, (*name.split("__", 1), value), strict=True)) for name, value in digests.items()]
    return pa.Table.from_pylist(sorted(rows, key=lambda r: (r["genre"], r["cle"])), schema=CONTEXT)


def next_release(before: Path | None, made_by: pa.Table, figures: list[dict[str, Any]], etat: Path) -> TinyRelease:
    """The release that follows the etat/ `before`: its two marts computed by their SQL, its own etat/ written."""
    tables = {name: table for name, table in predecessor_revisions(before).items()} | {"context": made_by}
    base = tiny_release(fct_observation=figures)
    names = ("fct_observation", "dim_indicator")
    with duckdb.connect() as connection:
        for name in names:
            connection.register(name, base.table(name))
        places = [
            {"niveau": r["niveau"], "code": r["code"], "nom": r["nom"]}
            for r in base.table("dim_territory").to_pylist()
        ]
        connection.register("int_territoires", pa.Table.from_pylist(places))
        for name, table in tables.items():
            connection.register(f"input_{name}", table)
        found = {}
        for mart in ("fct_revision", "fct_revision_mean"):
            sql = jinja2.Template((MARTS / f"{mart}.sql").read_text(encoding="utf-8")).render(
                ref=lambda name: name,
                input=lambda name: f"input_{name}",
                somme=lambda x: f"cast(sum(cast({x} as decimal(38, 6))) as double)",
            )
            rows = connection.execute(sql).to_arrow_table().to_pylist()
            found[mart] = rows
            connection.register(mart, build(mart, rows))
    release = tiny_release(fct_observation=figures, **found)
    write_etat(etat, release, {}, made_by)
    return release


def causes(release: TinyRelease) -> dict[tuple[str, str], str]:
    return {(r["indicateur"], r["periode"]): r["cause"] for r in release.table("fct_revision").to_pylist()}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    figures = [figure("population", "2020", 100.0), figure("population", "2021", 110.0)]
    figures += [figure("taux_pauvrete", "2020", 20.0), figure("revenu_median_uc", "2020", 19000.0)]
    made_by = context(methode__population="a", methode__taux_pauvrete="a", methode__revenu_median_uc="a")
    release = next_release(None, made_by, figures, tmp_path / "1")
    assert release.table("fct_revision").num_rows == 0
    assert release.table("fct_revision_mean").num_rows == 0
    return tmp_path / "1"


METHODS = {"methode__population": "a", "methode__taux_pauvrete": "a", "methode__revenu_median_uc": "a"}


@pytest.mark.parametrize(
    ("changed", "made_by", "row", "cause"),
    [
        ("2020", {}, {"valeur": 101.0, "editions": ["e2"]}, "revision"),
        ("2020", {"methode__population": "b"}, {"valeur": 101.0, "editions": ["e2"]}, "methode"),
        ("2020", {"methode__taux_pauvrete": "b"}, {"valeur": 101.0, "editions": ["e2"]}, "revision"),
        ("2020", {}, {"valeur": 101.0}, "methode"),  # the same editions: only we can have changed it
        ("2020", {"perimetre__200042190": "b"}, {"valeur": 101.0, "editions": ["e2"]}, "perimetre"),
        ("2020", {"perimetre__245901160": "b"}, {"valeur": 101.0, "editions": ["e2"]}, "revision"),
        ("2020", {"correction__x/y": "b"}, {"valeur": 101.0, "editions": ["e2"]}, "correction"),
        ("2020", {"correction__u/v": "b"}, {"valeur": 101.0, "editions": ["e2"]}, "revision"),
        ("2022", {}, {"valeur": 120.0, "editions": ["e2"]}, "nouvelle_periode"),
        ("2019", {}, {"valeur": 90.0, "editions": ["e2"]}, "revision"),  # an older year that was not there
    ],
)
def test_one_cause_a_revision(
    first: Path, tmp_path: Path, changed: str, made_by: dict[str, str], row: dict[str, Any], cause: str
) -> None:
    figures = [figure("population", "2020", 100.0), figure("population", "2021", 110.0)]
    figures = [f for f in figures if f["periode"] != changed] + [figure("population", changed, 0) | row]
    figures += [figure("taux_pauvrete", "2020", 20.0), figure("revenu_median_uc", "2020", 19000.0)]
    release = next_release(first, context(**METHODS | made_by), figures, tmp_path / "2")
    assert causes(release) == {("population", changed): cause}
    told = release.table("fct_revision").to_pylist()[0]
    before = {"2020": 100.0, "2021": 110.0}.get(changed)
    assert told["valeur_avant"] == before and told["valeur_apres"] == row["valeur"]
    assert told["ecart"] == (None if before is None else row["valeur"] - before)
    assert told["territoire"] == "La Porte du Hainaut"


def test_a_figure_that_goes_and_an_indicator_that_comes(first: Path, tmp_path: Path) -> None:
    """A figure lost is a revision without difference; an indicator not computed before has nothing to revise."""
    figures = [figure("population", "2021", 110.0), figure("revenu_median_uc", "2020", 19000.0)]
    figures += [figure("taux_pauvrete", "2020", None, statut="secret", editions=["e2"])]
    figures += [figure("consommation_enaf", "2020", 5.0)]
    made_by = context(**METHODS, methode__consommation_enaf="a")
    release = next_release(first, made_by, figures, tmp_path / "2")
    assert causes(release) == {("population", "2020"): "revision", ("taux_pauvrete", "2020"): "revision"}
    assert all(r["ecart"] is None for r in release.table("fct_revision").to_pylist())


def test_more_of_an_unfinished_year_is_no_revision(tmp_path: Path) -> None:
    import datetime as dt

    until = [dt.date(2026, 6, 30), dt.date(2026, 9, 30)]
    made_by = context(methode__population="a")
    next_release(None, made_by, [figure("population", "2026", 10.0, jusqu_au=until[0])], tmp_path / "1")
    figures = [figure("population", "2026", 15.0, jusqu_au=until[1], editions=["e2"])]
    assert causes(next_release(tmp_path / "1", made_by, figures, tmp_path / "2")) == {
        ("population", "2026"): "nouvelle_periode"
    }


def test_communes_are_not_compared_and_a_quiet_night_says_nothing(first: Path, tmp_path: Path) -> None:
    figures = [figure("population", "2020", 100.0), figure("population", "2021", 110.0)]
    figures += [figure("taux_pauvrete", "2020", 20.0), figure("revenu_median_uc", "2020", 19000.0)]
    figures += [figure("population", "2020", 5.0, territoire_niveau="commune", territoire_code="59172")]
    release = next_release(first, context(**METHODS), figures, tmp_path / "2")
    assert causes(release) == {}
    means = release.table("fct_revision_mean").to_pylist()
    assert all((r["comparaisons"], r["revisions"], r["revision_moyenne"]) == (1, 0, None) for r in means) and means


def test_means_are_over_every_release_and_over_publishers_revisions_only(first: Path, tmp_path: Path) -> None:
    """+2 and -1 one night, +5 the next, then a change of method: MR = 2, MAR = 8/3, three releases compared."""
    two = [figure("population", "2020", 102.0, editions=["e2"]), figure("population", "2021", 109.0, editions=["e2"])]
    three = [
        figure("population", "2020", 107.0, editions=["e3"]),
        figure("population", "2021", 109.0, editions=["e2"]),
    ]
    four = [
        figure("population", "2020", 207.0, editions=["e4"]),
        figure("population", "2021", 109.0, editions=["e2"]),
    ]
    made_by = context(**METHODS)
    next_release(first, made_by, two, tmp_path / "2")
    # Only etat/ of the predecessor is read: the first may be gone.
    shutil.rmtree(first)
    next_release(tmp_path / "2", made_by, three, tmp_path / "3")
    release = next_release(tmp_path / "3", context(**METHODS | {"methode__population": "b"}), four, tmp_path / "4")
    (mean,) = [r for r in release.table("fct_revision_mean").to_pylist() if r["indicateur"] == "population"]
    assert (mean["comparaisons"], mean["revisions"], mean["somme"], mean["somme_absolue"]) == (3, 3, 6.0, 8.0)
    assert mean["revision_moyenne"] == 2.0 and mean["revision_absolue_moyenne"] == round(8 / 3, 6)


def test_a_predecessor_that_kept_nothing_is_like_none(tmp_path: Path) -> None:
    """A release made before revisions were known: nothing is called a change of method by mistake."""
    tables = predecessor_revisions(tmp_path)
    assert all(table.num_rows == 0 for table in tables.values())
    assert tables["predecessor_revisions"].schema == TABLES["fct_revision_mean"]


def context_of(models: Path, **changes: Any) -> dict[tuple[str, str], str]:
    given: dict[str, Any] = {
        "decoders": {"insee/filosofi": 1},
        "communes": {"59172": "200042190", "59192": "200042190", "59014": "245901160"},
        "similar": ["200044618"],
        "corrections": TABLES["dim_correction"].empty_table(),
    }
    table = context_table(models, read_indicators(models / "indicators"), **(given | changes))
    return {(r["genre"], r["cle"]): r["empreinte"] for r in table.to_pylist()}


def moved(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_what_figures_are_made_by(tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(PROJECT / "models", models)
    was = context_of(models)
    assert not moved(was, context_of(models))
    # Another member of one EPCI, another similar EPCI, another decoder: each says what it is.
    without = {"59172": "200042190", "59014": "245901160"}
    assert moved(was, context_of(models, communes=without)) == {("perimetre", "200042190")}
    assert moved(was, context_of(models, similar=[])) == {("perimetre", "comparables")}
    decoded = moved(was, context_of(models, decoders={"insee/filosofi": 2}))
    assert ("methode", "taux_pauvrete") in decoded and ("methode", "consommation_enaf") not in decoded
    # A model that indicators read moves theirs and no other; a comment moves nothing.
    file = models / "intermediate" / "int_filosofi.sql"
    file.write_text("-- a remark\n" + file.read_text("utf-8"), "utf-8")
    assert not moved(was, context_of(models))
    file.write_text(file.read_text("utf-8").replace("rang, edition", "edition, rang"), "utf-8")
    touched = moved(was, context_of(models))
    assert ("methode", "revenu_median_uc") in touched and ("methode", "consommation_enaf") not in touched


def test_only_applied_corrections_count() -> None:
    row = {"jeu": "x/y", "cle": "k", "colonne": "c", "valeur_corrigee": "2", "etat": "appliquee"}
    one, expired = build("dim_correction", [row]), build("dim_correction", [row | {"etat": "perimee"}])
    models = PROJECT / "models"
    assert moved(context_of(models), context_of(models, corrections=one)) == {("correction", "x/y")}
    assert not moved(context_of(models), context_of(models, corrections=expired))
