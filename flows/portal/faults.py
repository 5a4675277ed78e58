"""What can go wrong at a publisher, switched on per official host and path prefix.

Each kind is described in French and in English in docs/portal.md. Three families: faults of the figures (they act
in `flows.portal.figures`, before encoding, so that the mistake is consistent), faults of the content (they act in
`flows.portal.mutations`, on the payload), faults of the transport (they act in `flows.portal.server`).

Not here: how a fault is carried out; this module only says which faults are in force for a request.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flows.portal.answers import PortalError


class Kind(StrEnum):
    """Kinds of faults. The text of each is its name in `POST /__pannes`."""

    LATENCY = "latency"
    DRIP = "drip"
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    WRONG_SCHEMA = "wrong_schema"
    WRONG_ENCODING = "wrong_encoding"
    CHANGED = "changed"
    HTML = "html"
    DUPLICATES = "duplicates"
    MISSING_COMMUNES = "missing_communes"
    COUNT_MISMATCH = "count_mismatch"
    REDIRECT_LOOP = "redirect_loop"
    WITHDRAWN = "withdrawn"


# Options of each kind with their defaults; the type of the default is the type that is asked for.
OPTIONS: dict[Kind, dict[str, Any]] = {
    Kind.LATENCY: {"seconds": 1.0},
    Kind.DRIP: {"seconds": 0.5, "pieces": 20},
    Kind.RATE_LIMIT: {"retry_after": ""},
    Kind.SERVER_ERROR: {"status": 500},
    Kind.EMPTY: {},
    Kind.TRUNCATED: {"mode": "length", "keep": 0.5},
    Kind.WRONG_SCHEMA: {"column": "", "to": ""},
    Kind.WRONG_ENCODING: {},
    Kind.CHANGED: {"code": "", "column": "", "factor": 1.1},
    Kind.HTML: {"status": 200},
    Kind.DUPLICATES: {"rows": 5},
    Kind.MISSING_COMMUNES: {"codes": [], "count": 3},
    Kind.COUNT_MISMATCH: {"by": -1},
    Kind.REDIRECT_LOOP: {},
    Kind.WITHDRAWN: {"status": 410},
}
TRUNCATIONS = ("length", "chunked", "interrupted")
FIGURE_KINDS = frozenset({Kind.CHANGED, Kind.DUPLICATES, Kind.MISSING_COMMUNES})
CONTENT_KINDS = frozenset({Kind.WRONG_SCHEMA, Kind.WRONG_ENCODING, Kind.COUNT_MISMATCH})


@dataclass
class Fault:
    """One fault in force. `remaining` is the number of requests it still hits, None for ever."""

    host: str
    prefix: str
    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)
    remaining: int | None = None

    def matches(self, host: str, path: str) -> bool:
        return self.host == host and path.startswith(self.prefix)

    def as_dict(self) -> dict[str, Any]:
        """The fault as `GET /__pannes` shows it."""
        return {
            "host": self.host,
            "prefix": self.prefix,
            "kind": str(self.kind),
            **self.options,
            "times": self.remaining,
        }


class Faults:
    """The faults in force, in the order they were added. Safe between threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, host: str, prefix: str, kind: Kind | str, *, times: int | None = None, **options: Any) -> Fault:
        """Switch a fault on.

        Args:
            host: official host, such as `api.insee.fr`. prefix: path prefix, `/` for the whole host.
            kind: one of `Kind`. times: number of requests it hits before it stops by itself, None for ever.
            options: those of `OPTIONS[kind]`; the others are refused.

        Raises:
            PortalError: unknown kind or option, or an option of the wrong type or out of its values.
        """
        kind = _kind(kind)
        if not prefix.startswith("/"):
            raise PortalError(f"Le préfixe « {prefix} » doit commencer par « / ».", where=f"panne {kind}")
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise PortalError("« times » doit être un entier d'au moins 1.", where=f"panne {kind}")
        fault = Fault(host, prefix, kind, _options(kind, options), times)
        with self._lock:
            self._faults.append(fault)
        return fault

    def add_json(self, body: bytes) -> Fault:
        """Switch on the fault that a JSON object describes: host, prefix, kind, and its options.

        Raises:
            PortalError: not an object, a key missing, or anything `add` refuses.
        """
        try:
            value = json.loads(body.decode() or "null")
        except ValueError:
            value = None
        if not isinstance(value, dict) or not {"host", "prefix", "kind"} <= set(value):
            raise PortalError(
                "La panne n'est pas décrite.", todo='envoyer un objet JSON avec "host", "prefix" et "kind".'
            )
        if not all(isinstance(value[name], str) for name in ("host", "prefix", "kind")):
            raise PortalError("« host », « prefix » et « kind » doivent être des textes.", where="POST /__pannes")
        return self.add(**value)

    def remove(self, fault: Fault) -> None:
        """Switch one fault off; nothing happens when it is off already."""
        with self._lock:
            self._faults = [other for other in self._faults if other is not fault]

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._faults = []

    def peek(self, host: str, path: str) -> list[Fault]:
        """Faults that a request to this host and path would meet, without counting it."""
        with self._lock:
            return [fault for fault in self._faults if fault.matches(host, path)]

    def take(self, host: str, path: str) -> list[Fault]:
        """Faults that a request meets; those limited to a number of requests count it."""
        with self._lock:
            found = [fault for fault in self._faults if fault.matches(host, path)]
            for fault in found:
                if fault.remaining is not None:
                    fault.remaining -= 1
            self._faults = [fault for fault in self._faults if fault.remaining is None or fault.remaining > 0]
            return found

    def any_of(self, kinds: Collection[Kind]) -> bool:
        """Is a fault of one of these kinds in force anywhere?"""
        with self._lock:
            return any(fault.kind in kinds for fault in self._faults)

    def listed(self) -> list[dict[str, Any]]:
        """Every fault in force as a plain dictionary, in order."""
        with self._lock:
            return [fault.as_dict() for fault in self._faults]


def _kind(kind: Kind | str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise PortalError(f"La panne « {kind} » n'existe pas.", todo=f"choisir parmi : {', '.join(Kind)}.") from None


def _options(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    known = OPTIONS[kind]
    for name, value in given.items():
        if name not in known:
            raise PortalError(
                f"La panne « {kind} » n'a pas d'option « {name} ».",
                todo=f"options possibles : {', '.join(known) or 'aucune'}, et times.",
            )
        _check(kind, name, known[name], value)
    options = {**known, **given}
    if kind is Kind.TRUNCATED and options["mode"] not in TRUNCATIONS:
        raise PortalError(
            f"Le mode « {options['mode']} » n'existe pas.",
            where=f"panne {kind}",
            todo=f"choisir parmi : {', '.join(TRUNCATIONS)}.",
        )
    if kind is Kind.TRUNCATED and not 0 <= options["keep"] < 1:
        raise PortalError("« keep » doit être au moins 0 et moins que 1.", where=f"panne {kind}")
    if kind is Kind.CHANGED and options["factor"] == 1:
        raise PortalError("Un facteur de 1 ne change rien.", where=f"panne {kind}")
    if kind is Kind.COUNT_MISMATCH and options["by"] == 0:
        raise PortalError("Un écart de 0 ne change rien.", where=f"panne {kind}")
    return options


def _check(kind: Kind, name: str, default: Any, value: Any) -> None:
    wanted: tuple[type, ...] = (int, float) if isinstance(default, float) else (type(default),)
    if name == "retry_after":
        wanted = (str, int)  # seconds, or an HTTP date
    if isinstance(default, list):
        wanted = (list, tuple)
    if isinstance(value, bool) or not isinstance(value, wanted):
        raise PortalError(f"L'option « {name} » de la panne « {kind} » n'a pas le bon type.", where=repr(value))
