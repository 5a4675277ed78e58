"""Five nights over the local portal: a quiet one, a drift, a revision, an outage, a return.

Everything is real but some figures of the demonstration: whole nights, in child processes, on a copy of the code
that keeps six indicators. Cerema's year 2022 is raised and its year 2024 kept back at first; it is published, then
the last three years are corrected; the publisher stops answering; it answers again, and the steward confirms the
return that he had been asked about.
Not here: the page that shows them side by side (`page`).
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from flows.portal import Portal
from tests.campaign.small import freeze_small
from tests.nights import Small

SLUG = "consommation_enaf"
INDICATORS = (
    SLUG,
    "consommation_energie_finale",
    "points_recharge_irve",
    "population",
    "revenu_median_uc",
    "taux_pauvrete",
)
FIRST = dt.date(2026, 11, 20)
HOST = "www.data.gouv.fr"
ROLES = ("referent_e2", "referent_e3", "role_2p2t", "role_services_donnees")
Row = dict[str, str]


@dataclass(frozen=True)
class Act:
    """One night as it was lived. `messages`: `.eml` files it wrote; `log`: rows of the alert log it added."""

    title: str
    what: str
    nuit: dt.date
    record: dict[str, Any]
    release: str
    state: dict[str, Any]
    messages: tuple[Path, ...]
    log: tuple[dict[str, Any], ...]


def play(folder: Path) -> Iterator[Act]:
    """Live the opening and the five nights in `folder`, one after the other."""
    code = freeze_small(folder / "code", INDICATORS)
    small = Small(code, folder / "entrepot")
    (folder / "contacts.csv").write_text(
        "role;theme;adresse\n" + "".join(f"{r};;{r.replace('_', '-')}@exemple.fr\n" for r in ROLES), encoding="utf-8"
    )
    figures = code / "warehouse" / "demonstration" / "cerema__consommation_enaf.csv"
    known: set[Path] = set()
    logged = 0
    for number, (title, what, change, down) in enumerate(_acts(small)):
        change(figures)
        nuit = FIRST + dt.timedelta(days=number)
        with Portal(code / "warehouse" / "demonstration", nuit) as portal:
            if down:
                portal.faults.add(HOST, "/", "server_error")
            record = small.night(
                "nightly", "--nuit", nuit.isoformat(), portal=portal.url, contacts=folder / "contacts.csv",
                now=f"{nuit.isoformat()}T04:30:00+01:00",
                sources_off="atmo",  # the only source that answers differently every night
            )  # fmt: skip
        release = small.warehouse / "current"
        messages = set((small.warehouse / "state" / "outbox").glob("*.eml"))
        log = _read(release / "etat" / "alertes_journal.parquet")
        yield Act(
            title, what, nuit, record, small.current, _state(release),
            tuple(sorted(messages - known)), tuple(log[logged:]),
        )  # fmt: skip
        known, logged = messages, len(log)


def _acts(small: Small) -> list[tuple[str, str, Callable[[Path], None], bool]]:
    kept: list[Row] = []

    def nothing(figures: Path) -> None:
        pass

    def confirm(figures: Path) -> None:
        _accept_checks(small)
        inbox = small.warehouse / "inbox"
        inbox.mkdir(exist_ok=True)
        answer = f"{SLUG}-001;confirmer;Correction du producteur, vérifiée;;;Service de la donnée;{FIRST.isoformat()}"
        head = "alerte;geste;cause;action;echeance;repondu_par;date_reponse"
        (inbox / "reponse.csv").write_text(f"{head}\n{answer}\n", encoding="utf-8")

    return [
        (
            "La première publication",
            "L’observatoire ouvre. Chacun reçoit un message d’ouverture. (Pour l’histoire, 2024 n’est pas encore "
            "parue et la consommation de 2022 est augmentée.)",
            lambda figures: _write(figures, _before_the_story(figures, kept)),
            False,
        ),
        (
            "Une nuit calme",
            "Aucune source ne répond autrement. Rien n’est publié, rien n’est envoyé.",
            nothing,
            False,
        ),
        (
            "Une dérive",
            "Le Cerema publie 2024 : 2023 devient définitive, et c’est la deuxième année définitive de suite "
            "au-dessus du plafond.",
            lambda figures: _write(figures, _rows(figures) + kept),
            False,
        ),
        (
            "Une révision",
            "Le Cerema corrige à la baisse ses trois dernières années (correction inventée). Aucune année nouvelle : "
            "l’intendant de la donnée regarde d’abord.",
            lambda figures: _write(figures, _rewritten(figures)),
            False,
        ),
        (
            "Une panne",
            "data.gouv.fr ne répond plus. Les chiffres restent, et le disent ; aucun référent n’est alerté.",
            nothing,
            True,
        ),
        (
            "Un retour",
            "data.gouv.fr répond de nouveau ; l’intendant a accepté la correction et confirmé le retour.",
            confirm,
            False,
        ),
    ]


def _accept_checks(small: Small) -> None:
    """The steward's dated decisions: what the revision made worth a look is accepted, as the report proposes."""
    record = small.record
    seed = small.code / "dbt_project" / "seeds" / "decisions.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        columns = list(csv.DictReader(file).fieldnames or [])
    with seed.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        for check in record["checks"]:
            if check["resultat"] == "a_revoir" and check["jeu"] == "cerema/consommation_enaf":
                told = {name: check[name] for name in ("portee", "jeu", "partition", "regle")}
                mark = record["context"]["fingerprints"][check["edition"]][:16]
                signed = {"motif": "Correction du producteur, vérifiée", "auteur": "Service de la donnée"}
                writer.writerow(
                    told | signed | {"empreinte": mark, "decision": "accepter", "date": FIRST.isoformat()}
                )


def _rows(figures: Path) -> list[Row]:
    with figures.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _before_the_story(figures: Path, kept: list[Row]) -> list[Row]:
    """The rows before 2024, 2022 raised by 60 %; those of 2024 go to `kept`."""
    rows = _rows(figures)
    for row in rows:
        if row["annee"] == "2022":
            row["naf_m2"] = str(round(float(row["naf_m2"]) * 1.6))
    kept += [row for row in rows if row["annee"] == "2024"]
    return [row for row in rows if row["annee"] != "2024"]


def _rewritten(figures: Path) -> list[Row]:
    """The last three years, cut by a factor."""
    rows = _rows(figures)
    for row in rows:
        if row["annee"] in ("2022", "2023", "2024"):
            row["naf_m2"] = str(round(float(row["naf_m2"]) * 0.45))
    return rows


def _write(figures: Path, rows: list[Row]) -> None:
    with figures.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _read(path: Path) -> list[dict[str, Any]]:
    with closing(duckdb.connect(":memory:")) as connection:
        table = connection.execute("select * from read_parquet(?) order by nuit, rang", [str(path)]).to_arrow_table()
    return table.to_pylist()


def _state(release: Path) -> dict[str, Any]:
    """The row of `fct_status` of the indicator that the story is about."""
    with closing(duckdb.connect(":memory:")) as connection:
        rows = connection.execute(
            "select * from read_parquet(?) where indicateur = ?", [str(release / "etat" / "statuts.parquet"), SLUG]
        ).to_arrow_table()
    return rows.to_pylist()[0]


def fresh(folder: Path) -> Path:
    """An empty folder for a story; an older one is thrown away."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
