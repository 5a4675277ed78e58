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
    record.finish(sentence(record.value, record.exit_code), observatory.clock.now())
    try:
        from flows.publishing.report import render_report
        from flows.quality.report import run_report_data

        data = run_report_data(record.value)
        html = render_report(data, paths.site / "templates" / "rapport")
        write_bytes(record.folder / "rapport.html", html.encode())
        record.value["report"] = str(record.folder / "rapport.html")
    except ObservatoireError as error:
        record.error(error, "rapport")
    record.write()
