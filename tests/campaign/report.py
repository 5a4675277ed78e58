"""docs/campaigns.md from the results of the campaigns. Pure functions of the results; not here: running anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Results = Mapping[str, Mapping[str, Any]]
PARTS = ("kills", "faults", "properties", "oracle", "replay", "parsers")
HEAD = """# Campaigns

Written by `make campaign`; do not edit by hand. `make test` runs a sample of them (tests/test_campaign_samples.py).
Each part says on which day and on which code it was run last: a campaign takes hours, its parts may be run apart."""


@dataclass(frozen=True)
class Run:
    """What one campaign found so far: ISO instant (UTC), fingerprint of its frozen code, results by unit of work."""

    at: str
    fingerprint: str
    results: Results


STARTS = {
    "vide": "an empty warehouse, any moment of the night",
    "vide-commande": "the same, as the command line, imports included",
    "recu": "everything received and judged: while building",
    "construit": "the release complete: while publishing and alerting",
}


def page(runs: Sequence[Run]) -> str:
    """The page, whatever part of the campaigns was run so far: of each part, the newest run that has any of it."""
    runs = sorted(runs, key=lambda run: run.at)
    newest = {part: next((run for run in reversed(runs) if _of(run.results, part)), None) for part in PARTS}
    written = {
        "kills": _kills,
        "faults": _faults,
        "properties": lambda units: _tests("Properties", "Each property is drawn 2,000 times, anew.", units, "file"),
        "oracle": _oracle,
        "replay": _replay,
        "parsers": _parsers,
    }
    parts = [HEAD]
    for part in PARTS:
        run = newest[part]
        parts.append(written[part](_of(run.results, part) if run else {}))
        if run is not None:
            parts.append(_made(run, _of(run.results, part)))
    results = {
        name: told
        for part, run in newest.items()
        if run
        for name, told in run.results.items()
        if name.startswith(part + "/")
    }
    return "\n\n".join([*parts, _found(results)]) + "\n"


def _of(results: Results, part: str) -> dict[str, Mapping[str, Any]]:
    return {name.split("/", 1)[1]: told for name, told in results.items() if name.startswith(part + "/")}


def _made(run: Run, units: Mapping[str, Mapping[str, Any]]) -> str:
    found = sum(bool(told["problem"]) for told in units.values())
    hours = sum(told["seconds"] for told in units.values()) / 3600
    return (
        f"Run on {run.at[:10]}, code `{run.fingerprint[:12]}`: {len(units)} units of work in {hours:.1f} hours of "
        f"one process; units that found something: {found}."
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    marks = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, marks, *rows])


def _kills(units: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for start, words in STARTS.items():
        mine = [told for name, told in units.items() if name.rsplit("-", 1)[0] == start]
        kills, published = (sum(told.get(key, 0) for told in mine) for key in ("kills", "published"))
        broken = sum(bool(told["problem"]) for told in mine)
        rows.append([words, str(kills), str(published), str(broken)])
    total = sum(told.get("kills", 0) for told in units.values())
    return f"""## SIGKILL at random moments: {total}

A reader reads the published site all the while and never meets half a page, a missing site or a release without its
manifest; after each kill every byte of the published site is compared with the manifest, and no child of the killed
run is left. Once something is published, the next night gives the manifest, the editions and the messages of an
undisturbed night, byte for byte.

{_table(["killed from", "kills", "published by then", "batches with a problem"], rows)}"""


def _faults(units: Mapping[str, Mapping[str, Any]]) -> str:
    kinds = sorted({told["panne"] for told in units.values() if "panne" in told})
    outcomes = Counter((told["panne"], told["outcome"]) for told in units.values() if "panne" in told)
    words = sorted({outcome for _, outcome in outcomes})
    rows = [[kind, *(str(outcomes[kind, word]) for word in words)] for kind in kinds]
    sources = len({told["jeu"] for told in units.values() if "jeu" in told})
    table = _table(["fault", *words], rows) if rows else "Not run yet."
    return f"""## Each portal fault on each source: {len(units)} nights, {sources} sources

The night after a good one, with one source broken in one way: the other sources are refreshed, the last accepted
edition of the broken one stays, marked `périmé depuis`, and the error names the request and what to do. `refusée`:
the answer was refused or the source failed; `sans effet`: the fault did not change a figure (a delay within the
deadline); `acceptée, nouvelles figures`: a plausible change of figures, which is a new edition.

{table}"""


def _tests(title: str, words: str, units: Mapping[str, Mapping[str, Any]], what: str) -> str:
    rows = [[f"`{name}`", str(told.get("tests", 0)), f"{told['seconds']:.0f}"] for name, told in units.items()]
    table = _table([what, "properties held", "seconds"], rows) if rows else "Not run yet."
    return f"## {title}\n\n{words}\n\n{table}"


def _replay(units: Mapping[str, Mapping[str, Any]]) -> str:
    tests = sum(told.get("tests", 0) for told in units.values())
    return f"""## Replay: ten years of alerts

Every night on which a source answers differently, and every deadline between them, through the status models and the
alerts; what each person would receive is the golden text tests/replay/dix_ans.txt, and ordinary nights drawn in
between say nothing (docs/alerts.md).

{tests} tests passed over {10 if units else 0} years."""


def _oracle(units: Mapping[str, Mapping[str, Any]]) -> str:
    series = sum(told.get("series", 0) for told in units.values())
    return f"""## Status oracle: {series:,} series

Random series and trajectories, judged by the warehouse and by an independent oracle written from the method
(tests/warehouse/oracle.py): state, reason, gap, margin, years behind and expected arrival agree; each draw reaches
every branch. Draws: {len(units)}."""


def _parsers(units: Mapping[str, Mapping[str, Any]]) -> str:
    outcomes: dict[str, Counter[str]] = {}
    for told in units.values():
        outcomes.setdefault(told.get("jeu", "stopped"), Counter()).update(told.get("outcomes", {}))
    words = sorted({word for counts in outcomes.values() for word in counts})
    rows = [[name, *(str(counts[word]) for word in words)] for name, counts in sorted(outcomes.items())]
    total = sum(counts.total() for counts in outcomes.values())
    table = _table(["source", *words], rows) if rows else "Not run yet."
    return f"""## Mutated answers: {total:,}

Each source's answer, changed in a way whose outcome is known (a column dropped, renamed or moved; another separator,
decimal sign or encoding; cut, shifted or repeated lines; a unit in a cell; an HTML page; flipped bytes; a digit), is
refused with a typed error that helps (`refused`), gives the table that was due (`same`), or the figure arrives as it
was changed (`as mutated`) and moves only what its record says (`its record moved`). `left to the gate`: a key that
its suite holds unique comes twice, or the first or last period is gone. `status left out`: a word that the publisher
may omit. `two alike`: a file without a number for each line. `any`: flipped bytes that still make a table.

{table}"""


def _found(results: Results) -> str:
    problems = [f"- `{name}`: {_last_word(told['problem'])}" for name, told in results.items() if told["problem"]]
    return "## What was found\n\n" + ("\n".join(problems) if problems else "Nothing.")


def _last_word(problem: str) -> str:
    """The line that names the failed test, else the last one."""
    lines = problem.splitlines()
    return next((line for line in lines if line.startswith("FAILED")), lines[-1])
