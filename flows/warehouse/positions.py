"""Where a key of an indicator's yml stands: file and line, for messages a person can act on.

Not here: what is wrong with it (flows.warehouse.catalogue).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from flows.core import yamls


def where(path: Path, key: Sequence[str]) -> str:
    """File and line of a key of `meta` (or of the model), as far down as it exists."""
    node = yamls.compose(path.read_text(encoding="utf-8"))
    line = 0
    for part in ("models", "0", "config", "meta", *key):
        found = _child(node, part)
        if found is None:
            if part in ("config", "meta"):
                break
            continue
        line, node = found
    return f"{path.name}, ligne {line + 1}"


def _child(node: Any, part: str) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        value = node.value[int(part)]
        return value.start_mark.line, value
    return None
