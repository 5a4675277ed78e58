"""The last step of every run, failed ones too: record, stewards' report (rule 10), notice to them, metrics.

Not here: the report's content (flows.quality.report) and its page (flows.publishing.report).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import yaml

from flows.core import yamls
from flows.core.errors import ConfigurationError, ObservatoireError
from flows.files import write_bytes
from flows.metrics import write_metrics
from flows.observatory import Observatory
from flows.record import RunRecord
from flows.summary import sentence


def report(observatory: Observatory, record: RunRecord) -> None:
    """Close the record, then write the report; a report that cannot be made is an error of the record, no more."""
    paths = observatory.paths
    record.finish(sentence(record.value, record.exit_code), observatory.clock.now())
    try:
        current = observatory.releases.current_id()
        record.value["release"]["id"] = record.value["release"]["id"] or current
        if current is not None:
            record.value["site"] = str(paths.current / "site" / "index.html")
        _next_updates(observatory, record)
        from flows.publishing.report import render_report
        from flows.quality.natures import natures
        from flows.quality.report import run_report_data

        previous = record.value["previous"] or ""
        before = paths.runs / previous / "rapport.html" if previous else None
        data = run_report_data(
            record.value,
            words=_words(observatory),
            natures=natures(observatory.release(current)) if current else (),
            roles=_roles(record),
            previous=previous,
            previous_link=f"../{previous}/rapport.html" if before and before.exists() else "",
            site_link="../../current/site/index.html" if current else "",
            **{name: value for name, value in record.value["context"].items() if name != "periods"},
        )
        html = render_report(data, paths.site / "templates")
        write_bytes(record.folder / "rapport.html", html.encode())
        record.value["report"] = str(record.folder / "rapport.html")
    except ObservatoireError as error:
        record.error(error, "rapport")
    except Exception as error:  # whatever happened before must still be read in the record
        told = f"Le rapport n'a pas pu être écrit ({type(error).__name__} : {error})."
        record.error(ObservatoireError(told), "rapport")
    _tell(observatory, record)
    record.finish(sentence(record.value, record.exit_code), observatory.clock.now())
    write_metrics(paths.state, record.value)


def _tell(observatory: Observatory, record: RunRecord) -> None:
    """What a person must know now; a message that cannot be made is an error of the record, no more."""
    from flows.notices import tell_stewards

    try:
        tell_stewards(observatory, record)
    except Exception as error:
        told = f"Les intendants n'ont pas pu être prévenus ({type(error).__name__} : {error})."
        record.error(ObservatoireError(told), "prévenir")


def _next_updates(observatory: Observatory, record: RunRecord) -> None:
    """Newest period of each dataset, when its next one is due, and whether it is late tonight.

    A dataset is judged on what it holds itself: the state of an indicator that reads it may wait for another one.
    """
    from flows.quality.freshness import freshness

    nuit = dt.date.fromisoformat(record.value["nuit"])
    periods = record.value["context"].get("periods") or {}
    for entry in record.value["datasets"]:
        dataset, last = observatory.datasets[entry["id"]], periods.get(entry["id"]) or ""
        entry |= {"last_period": last or None, "expected_next": None, "late": False}
        if last and dataset.periode_mois > 0:  # 0: published once, no update is announced
            told = freshness(last, dataset.periode_mois, dataset.delai_mois, nuit)
            entry |= {"expected_next": told.expected.isoformat(), "late": told.late}


def _words(observatory: Observatory) -> dict[str, Any]:
    """The words of the site: the report names states and natures as pages do."""
    path = observatory.paths.site / "words.yml"
    try:
        return dict(yamls.load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError) as error:
        raise ConfigurationError(
            "Les mots du site ne peuvent pas être lus : le rapport n'a pas été écrit.",
            where="site/words.yml",
            todo="corriger ce fichier ; le compte rendu de l'exécution (run.json) reste complet.",
        ) from error


def _roles(record: RunRecord) -> dict[str, str]:
    """French names of the roles that the record names."""
    from flows.alerts.contacts import Recipient

    told = record.value["mail"].get("fallbacks") or []
    return {item["role"]: Recipient.parse(item["role"]).label for item in told}
