"""The errors of the observatory: what happened, where, and what to do next.

Not here: retries and exit codes (the flows decide those). Every error that a person may read carries its three
parts, so that the run report, the command line and the e-mails say the same thing.
"""

from __future__ import annotations


class ObservatoireError(Exception):
    """Base of every error this project raises on purpose.

    Args:
        what: one French sentence saying what happened.
        where: dataset, file, line, column or request, as precise as known; may be empty.
        todo: one French sentence saying what to do next; may be empty.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(what)

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"Où : {self.where}.")
        if self.todo:
            parts.append(f"Que faire : {self.todo}")
        return " ".join(parts)


class ConfigurationError(ObservatoireError):
    """A setting, a YAML key or a steward's file is wrong before any work started."""


class SourceError(ObservatoireError):
    """A source could not be fetched or its answer is not what the contract says.

    Attributes:
        status: HTTP status of the answer, None when there was none (connection, deadline) or when it was a 200.
    """

    status: int | None = None


class SourceUnavailable(SourceError):
    """The publisher did not answer (deadline, 5xx, 429, connection): the same request may work later."""


class SourceContentError(SourceError):
    """The publisher answered, but not with what was due (empty, truncated, HTML, error object, wrong schema)."""


class SourceWithdrawn(SourceError):
    """The publisher withdrew the dataset (404 or 410): a state, not an outage."""


class ErasedBytes(SourceError):
    """The answer holds bytes that were purged on request: a state, not an outage; they are not stored again."""


class SourceDisabled(SourceError):
    """A source is switched off by a missing credential or by a setting; the run goes on."""


class DecodeError(SourceContentError):
    """Bytes were landed but cannot be decoded into the dataset's typed table."""


class StewardTableError(ObservatoireError):
    """A steward's table is refused: `where` gives file, line and column."""


class GateError(ObservatoireError):
    """A gate could not be evaluated (an expectation raised, a suite is malformed). Never a pass."""


class WarehouseError(ObservatoireError):
    """dbt or DuckDB failed while a candidate was being built or a release was being read."""


class ReleaseError(ObservatoireError):
    """A release is missing, incomplete or cannot be published."""


class RunLocked(ObservatoireError):
    """Another run holds the lock."""


class WrongMode(ObservatoireError):
    """A run in one mode (demonstration, reel) was asked of a warehouse of the other."""


class StorageFull(ObservatoireError):
    """The disk is full; what was published still stands."""
