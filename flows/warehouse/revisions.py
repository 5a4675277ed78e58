"""What a release must leave to its successor for it to say what was revised, and why.

Three tables of `etat/`: the figures of the EPCI and of the territories they are compared with, the digests of what
they were made by (method of each indicator, members of each EPCI, corrections of each dataset), and the sums of the
revisions seen so far. Not here: the comparison itself (dbt, `fct_revision`), and the figures of communes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.core.datasets import GROUPE, digest
from flows.core.tables import TABLES, Release, conform
from flows.warehouse.catalogue import Indicator

_COMPARED = (
    *("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation"),
    *("annee", "valeur", "jeux", "editions", "jusqu_au"),
)
COMPARED = pa.schema([TABLES["fct_observation"].field(name) for name in _COMPARED])
# `genre`: methode (of an indicator), perimetre (of an EPCI, or of the similar EPCI), correction (of a dataset).
CONTEXT = pa.schema([(name, pa.string()) for name in ("genre", "cle", "empreinte")])
FIGURES_FILE, CONTEXT_FILE, SUMS_FILE = "comparees.parquet", "contexte.parquet", "revisions.parquet"
Code = tuple[str, frozenset[str]]  # SQL of a model, names of the models it reads
_REF = re.compile(r"ref\(\s*'([^']+)'\s*\)")
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def context_table(
    models: Path,
    indicators: Iterable[Indicator],
    decoders: Mapping[str, int],
    communes: Mapping[str, str],
    similar: Iterable[str],
    corrections: pa.Table,
) -> pa.Table:
    """What tonight's figures are made by, as digests (`CONTEXT`, in key order).

    Args:
        models: folder of the dbt models. decoders: dataset → version of its decoder. communes: commune → EPCI.
        similar: SIREN of the similar EPCI. corrections: `dim_correction`; only those applied count.
    """
    sources = {path.stem: path for path in sorted(models.rglob("*.sql")) if path.parent.name != "marts"}
    code: dict[str, Code] = {}
    rows = []
    for indicator in indicators:
        if not indicator.calcule:
            continue
        made_by = [(name, _read(name, sources, code)[0]) for name in sorted(_above(indicator.model, sources, code))]
        versions = [(jeu, decoders.get(jeu, 0)) for jeu in sorted(indicator.words.jeux)]
        rows.append(("methode", indicator.indicateur, digest([made_by, versions])))
    members: dict[str, list[str]] = {}
    for commune, epci in communes.items():
        members.setdefault(epci, []).append(commune)
    rows += [("perimetre", epci, digest(sorted(found))) for epci, found in members.items()]
    rows.append(("perimetre", GROUPE[0], digest(sorted(similar))))
    applied: dict[str, list[list[str]]] = {}
    for row in corrections.to_pylist():
        if row["etat"] == "appliquee":
            applied.setdefault(row["jeu"], []).append([row["cle"], row["colonne"], row["valeur_corrigee"] or ""])
    rows += [("correction", jeu, digest(sorted(found))) for jeu, found in applied.items()]
    return pa.Table.from_pylist([dict(zip(CONTEXT.names, row, strict=True)) for row in sorted(rows)], schema=CONTEXT)


def _read(name: str, sources: Mapping[str, Path], code: dict[str, Code]) -> Code:
    """SQL of a model without its comments and blanks, and the models it reads."""
    if name not in code:
        text = _COMMENT.sub("", sources[name].read_text(encoding="utf-8"))
        code[name] = (" ".join(text.split()), frozenset(_REF.findall(text)) & sources.keys())
    return code[name]


def _above(model: str, sources: Mapping[str, Path], code: dict[str, Code]) -> set[str]:
    """A model and every model it reads, directly or not."""
    found: set[str] = set()
    waiting = [model]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _read(name, sources, code)[1]
    return found


def write_revisions(folder: Path, release: Release, context: pa.Table) -> None:
    """Write the three tables into `etat/` of a release (the folder exists)."""
    figures = release.table("fct_observation")
    above = pc.invert(pc.is_in(figures["territoire_niveau"], pa.array(["commune", "bassin_de_vie"])))
    pq.write_table(figures.filter(above).select(_COMPARED), folder / FIGURES_FILE, compression="zstd")
    pq.write_table(context, folder / CONTEXT_FILE, compression="zstd")
    pq.write_table(release.table("fct_revision_mean"), folder / SUMS_FILE, compression="zstd")


def predecessor_revisions(folder: Path | None) -> dict[str, pa.Table]:
    """The three tables as inputs of a build; empty for the first release, or after one that did not keep them."""
    wanted = {
        "predecessor_compared": (FIGURES_FILE, COMPARED),
        "predecessor_context": (CONTEXT_FILE, CONTEXT),
        "predecessor_revisions": (SUMS_FILE, TABLES["fct_revision_mean"]),
    }
    known = folder is not None and all((folder / name).exists() for name, _ in wanted.values())
    return {
        key: conform(pq.read_table(folder / name), schema) if folder is not None and known else schema.empty_table()
        for key, (name, schema) in wanted.items()
    }
