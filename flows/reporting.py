"""The last step of every run, failed ones too: the record and the stewards' report (rule 10).

Not here: the report's content (flows.quality.report) and its page (flows.publishing.report).
"""

from __future__ import annotations

from flows.core.errors import ObservatoireError
from flows.files import write_bytes
from flows.observatory import Observatory
from flows.record import RunRecord
from flows.summary import sentence


def report(observatory: Observatory, record: RunRecord) -> None:
    """Close the record, then write the report; a report that cannot be made is an error of the record, no more."""
    paths = observatory.paths
    current = observatory.releases.current_id()
    record.value["release"]["id"] = record.value["release"]["id"] or current
    if current is not None:
        record.value["site"] = str(paths.current / "site" / "index.html")
        _next_updates(observatory, record, current)
    record.finish(sentence(record.value, record.exit_code), observatory.clock.now())
    try:
        from flows.publishing.report import render_report
        from flows.quality.report import run_report_data

        previous = record.value["previous"] or ""
        before = paths.runs / previous / "rapport.html" if previous else None
        data = run_report_data(
            record.value,
            previous=previous,
            previous_link=f"../{previous}/rapport.html" if before and before.exists() else "",
            site_link="../../current/site/index.html" if current else "",
            **record.value["context"],
        )
        html = render_report(data, paths.site / "templates")
        write_bytes(record.folder / "rapport.html", html.encode())
        record.value["report"] = str(record.folder / "rapport.html")
    except ObservatoireError as error:
        record.error(error, "rapport")
    record.write()


def _next_updates(observatory: Observatory, record: RunRecord, current: str) -> None:
    """Next update expected of each dataset: the earliest among the indicators that the published release reads."""
    release = observatory.release(current)
    due: dict[str, tuple[str, bool]] = {}
    readers = {row["indicateur"]: row["jeux"] or [] for row in release.table("dim_indicator").to_pylist()}
    for row in release.table("fct_status").to_pylist():
        if row["prochaine_attendue"] is None:
            continue
        for jeu in readers.get(row["indicateur"], ()):
            told = (row["prochaine_attendue"].isoformat(), bool(row["a_actualiser"]))
            due[jeu] = min(due.get(jeu, told), told)
    for entry in record.value["datasets"]:
        entry["expected_next"], entry["late"] = due.get(entry["id"], (None, False))
