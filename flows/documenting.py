"""`observatoire document`: the parts of docs/ that follow from declarations, and the JSON Schemas of the YAML files.

A generated part stands between two marks; the rest of a page is written by hand. A test compares what is written with
what this module gives, so that docs never drift. Not here: pages of the site (flows.publishing).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, Territory
from flows.core.errors import ConfigurationError
from flows.portal.figures import specs
from flows.quality.suites import Suite
from flows.settings import Paths
from flows.sources import registry
from flows.warehouse.catalogue import Indicator, read_indicators
from flows.warehouse.words import Words

BEGIN, END = "<!-- generated: {} -->", "<!-- end: {} -->"
REAL, SIMULATED, DEPOSIT, CONFIRM, DECLARED = "real", "simulated", "deposit", "to confirm", "declared"
_KINDS = {pa.string(): "", pa.int64(): " int", pa.float64(): " double", pa.date32(): " date", pa.bool_(): " bool"}


def documents(paths: Paths, territory: Territory) -> dict[Path, str]:
    """Every generated file with its whole text: docs/indicators.md, docs/sources.md, docs/schemas/*.json.

    Raises:
        ConfigurationError: a declaration cannot be read, or a page lost one of its marks.
    """
    indicators = read_indicators(paths.dbt_project / "models" / "indicators")
    datasets = list(registry(territory).values())
    simulated = {
        dataset.id for dataset in datasets if (spec := specs().get(dataset.table_name)) and spec.simulate is not None
    } | {"atmo/indices"}  # drawn by the portal itself (flows.portal.air)
    docs = paths.root / "docs"
    return {
        docs / "indicators.md": _with(docs / "indicators.md", "indicators", _indicators(indicators, simulated)),
        docs / "sources.md": _with(docs / "sources.md", "datasets", _datasets(datasets, simulated)),
        docs / "schemas" / "indicateur.schema.json": _schema(
            Words.model_json_schema(), "Indicator (meta of its yml)"
        ),
        docs / "schemas" / "suite.schema.json": _schema(Suite.model_json_schema(), "Suite of expectations/"),
    }


def state_of(indicator: Indicator, simulated: set[str]) -> str:
    """How an indicator stands in the demonstration: real, simulated, deposit, to confirm or declared."""
    words = indicator.words
    if words.attente == "source":
        return CONFIRM
    if not indicator.calcule:
        return DEPOSIT if words.attente == "saisie" else DECLARED
    outside = [jeu for jeu in words.jeux if not jeu.startswith(("referentiel/", "saisies/"))]
    if words.saisie == "oui" or not outside:
        return DEPOSIT
    # Denominators are real nearly everywhere: one simulated numerator makes a simulated figure.
    return SIMULATED if set(outside) & simulated else REAL


def _with(path: Path, name: str, text: str) -> str:
    page = path.read_text(encoding="utf-8")
    begin, end = BEGIN.format(name), END.format(name)
    if begin not in page or end not in page:
        raise ConfigurationError(
            f"La page a perdu ses repères « {begin} » et « {end} ».",
            where=path.name,
            todo="les remettre, sur deux lignes, puis relancer « observatoire document ».",
        )
    before, rest = page.split(begin, 1)
    return f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end, 1)[1]}"


def _indicators(indicators: list[Indicator], simulated: set[str]) -> str:
    states = {indicator.indicateur: state_of(indicator, simulated) for indicator in indicators}
    counts = Counter(states.values())
    lines = [
        "Counted in the demonstration; in real mode nothing is simulated.",
        "",
        "| state | indicators | meaning |",
        "| --- | ---: | --- |",
        f"| {REAL} | {counts[REAL]} | official figures of our communes or EPCI |",
        f"| {SIMULATED} | {counts[SIMULATED]} | whole path on simulated figures in the real wire format |",
        f"| {DEPOSIT} | {counts[DEPOSIT]} | fed by deposits of the services: « saisie attendue » until one is made |",
        f"| {CONFIRM} | {counts[CONFIRM]} | source to confirm: declared with what is missing |",
        f"| {DECLARED} | {counts[DECLARED]} | declared with the reason why nothing can be shown |",
        f"| | {sum(counts.values())} | |",
        "",
        "| indicator | state | deposits | datasets | serves |",
        "| --- | --- | --- | --- | --- |",
    ]
    for indicator in indicators:
        words = indicator.words
        deposits = "" if words.saisie == "non" else f"{words.saisie} ({words.service})"
        jeux = ", ".join(f"`{jeu}`" for jeu in words.jeux)
        serves = ", ".join(words.sert)
        lines.append(
            f"| `{indicator.indicateur}` | {states[indicator.indicateur]} | {deposits} | {jeux} | {serves} |"
        )
    return "\n".join(lines)


def _datasets(datasets: list[Dataset], simulated: set[str]) -> str:
    lines = [
        "| dataset | publisher | licence | cycle | demonstration | to confirm |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    listed = sorted(datasets, key=lambda d: (d.steward, d.id))
    for d in listed:
        figures = "steward's table" if d.steward else SIMULATED if d.id in simulated else REAL
        if d.id.startswith("saisies/"):
            figures = DEPOSIT
        doubt = " ".join(part for part in (d.switched_off and f"**Off.** {d.switched_off}", d.reserve) if part)
        lines.append(f"| `{d.id}` | {d.editeur} | {d.licence} | {d.cycle} | {figures} | {doubt} |")
    lines += ["", "Columns as landed (text unless said), then `_edition`, `_partition`, `_nuit`, `_sequence`:", ""]
    lines += ["| dataset | columns |", "| --- | --- |"]
    for d in listed:
        columns = ", ".join(f"{field.name}{_KINDS.get(field.type, f' {field.type}')}" for field in d.schema)
        key = f" (cumulative by {', '.join(d.key)})" if d.accumulation == "cumulatif" else ""
        lines.append(f"| `{d.id}`{key} | {columns} |")
    return "\n".join(lines)


def _schema(schema: dict[str, Any], title: str) -> str:
    told = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
