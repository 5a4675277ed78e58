"""Logs of a command: warnings for a person on standard error, or one JSON object a line (`OBSERVATOIRE_LOG_JSON`).

Not here: the run record and the report, which say what a run did; a log is for what happened on the way (a request
tried again, a library's warning). No secret is ever logged: addresses are shown without their secret values.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, from, message."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(as_json: bool) -> None:
    """Send the logs of this process to standard error; our own from INFO in JSON, from WARNING for a person."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(levelname)s %(name)s : %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it sets itself to INFO
    if as_json:
        logging.getLogger("flows").setLevel(logging.INFO)
