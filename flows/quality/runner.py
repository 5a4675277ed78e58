"""One rule through Great Expectations: the only module that imports the library, when the first rule asks for it.

Not here: suites, filters, views and outcomes (flows.quality.gate). The library is handed a pandas frame and one rule;
an exception it hides in its result is raised here, so that it can never be read as a pass or as a data failure.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class RuleError(Exception):
    """A rule cannot be evaluated as written."""


class Runner:
    """One ephemeral context; imported and opened at the first rule that needs it."""

    def __init__(self) -> None:
        self._batch: Any = None
        self._types: Any = None
        self._validator: Any = None

    def run(self, kind: str, kwargs: Mapping[str, Any], data: pd.DataFrame) -> tuple[bool, dict[str, Any]]:
        """Success and raw result of one rule.

        Raises:
            RuleError: the library refused the rule or raised while it evaluated it.
        """
        if self._batch is None:
            self._open()
        name = "".join(word.capitalize() for word in kind.split("_"))
        try:
            expectation = getattr(self._types, name)(**kwargs)
        except Exception as error:
            raise RuleError(f"paramètres refusés par « {kind} » : {str(error)[:300]}") from error
        # What `batch.validate` makes; asked for directly, a batch would read and digest the frame a second time.
        validator = self._validator(
            self._batch, batch_parameters={"dataframe": data}, result_format={"result_format": "COMPLETE"}
        )
        outcome = validator.validate_expectation(expectation)
        if reason := raised(outcome.exception_info):
            raise RuleError(reason)
        result = dict(outcome.result or {})
        if not result:
            raise RuleError("l'évaluation n'a rien renvoyé")
        return bool(outcome.success), result

    def _open(self) -> None:
        os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
        os.environ.setdefault("DO_NOT_TRACK", "1")
        import great_expectations as gx
        import great_expectations.expectations as types
        from great_expectations.validator.v1_validator import Validator

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        source = context.data_sources.add_pandas("editions")
        self._batch = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
        self._types, self._validator = types, Validator


@cache
def shared_runner() -> Runner:
    """One context a process: each one makes a temporary folder that lives as long as it does."""
    return Runner()


def raised(info: Any) -> str:
    """The message of an exception hidden in `exception_info`, "" when none: it comes flat or keyed by metric."""
    if not isinstance(info, Mapping) or not info:
        return ""
    entries = [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, Mapping)]
    for entry in entries:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "exception sans message")[:300]
    return ""
