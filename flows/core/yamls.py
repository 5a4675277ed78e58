"""YAML as this project reads it: safe, and by libyaml where the wheel has it (ten times the pure reader).

A night reads some three hundred declarations. Not here: what they mean, and the French refusals of their readers.
"""

from __future__ import annotations

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:
    """The value of a YAML text.

    Raises:
        yaml.YAMLError: the text is not YAML; `problem_mark` says where.
    """
    return yaml.load(text, Loader=LOADER)


def compose(text: str) -> yaml.Node | None:
    """The tree of a YAML text, each node with its line.

    Raises:
        yaml.YAMLError: as `load`.
    """
    return yaml.compose(text, Loader=LOADER)
